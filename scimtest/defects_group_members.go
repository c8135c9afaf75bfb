package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

var groupMemberDefects = []Defect{
	{"groups.create.unknown-member", "Does not say which member does not exist.",
		serving(on(groupKind, create), func(_ *exchange, sound func() answer) answer {
			a := sound()
			if e, ok := a.body.(*scim.Error); ok && strings.Contains(e.Detail, "with the id") {
				return refusal(scim.Refuse(e.Status, e.ScimType, "A member does not exist."))
			}
			return a
		})},
	{"groups.patch.remove-absent", "Refuses to remove somebody who is no member with 409.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if id, chosen := chosenMember(op); op.Op == "remove" && chosen && !memberSet(r)[id] {
					return nil, scim.Refuse(http.StatusConflict, "", "There is no such member.")
				}
			}
			return sound(r, ops)
		})},
	{"patch.remove.value-array", "Removes all members where some are listed.",
		rewriting(groupKind, func(op *scim.PatchOp) {
			if op.Op == "remove" && op.Path == "members" {
				op.Value = nil
			}
		})},
	{"groups.patch.combined", "Does the first operation of a PATCH of a group, and no other.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			return sound(r, ops[:min(1, len(ops))])
		})},
	{"groups.members.ref-type", "Lets a member be turned into another.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			return sound(r, slices.DeleteFunc(slices.Clone(ops), func(op scim.PatchOp) bool {
				id, chosen := chosenMember(op)
				inPlace := chosen && op.Op == "replace" && strings.HasSuffix(op.Path, "].value")
				for _, member := range membersOf(r) {
					if inPlace && idOf(member) == id {
						member["value"] = op.Value
						without(member, "display", "$ref", "type")
					}
				}
				return inPlace
			}))
		})},
	{"groups.members.nested", "Drops groups from the members of a new group.",
		dropping(func(x *exchange, id string) bool { return x.s.groups.byID[id] != nil })},
	{"groups.members.deactivated", "Drops members of a new group who are not active.",
		dropping(func(x *exchange, id string) bool {
			rec := x.s.users.byID[id]
			if rec == nil {
				return false
			}
			active, known := rec.resource.Active()
			return known && !active
		})},
	{"groups.members.user-view", "Does not show in which groups a user is.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) { without(r, "groups") })},
}

// chosenMember is the id in a path such as members[value eq "id"].
func chosenMember(op scim.PatchOp) (id string, chosen bool) {
	_, rest, chosen := strings.Cut(op.Path, `members[value eq "`)
	id, _, _ = strings.Cut(rest, `"`)
	return id, chosen
}

// dropping leaves some members out of a new group, and promises them all the same.
func dropping(drop func(x *exchange, id string) bool) func(*Server, *steps) {
	return forgetting(on(groupKind, create), func(x *exchange, _, kept scim.Resource) {
		list, _ := kept["members"].([]any)
		list = slices.DeleteFunc(slices.Clone(list), func(element any) bool {
			member, _ := element.(map[string]any)
			return drop(x, idOf(member))
		})
		if kept["members"] = list; len(list) == 0 {
			without(kept, "members")
		}
	})
}
