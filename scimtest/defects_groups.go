package scimtest

import (
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var groupDefects = []Defect{
	{"groups.list.200", "Lists its groups as a bare array instead of a ListResponse.", bareArray(groupKind)},
	{"groups.create.201", "Answers the create of a group with 200.",
		finishing(on(groupKind, create), func(_ *exchange, a *answer) { a.status = http.StatusOK })},
	{"groups.create.members", "Forgets the members with which a group is created.",
		forgetting(on(groupKind, create), func(_ *exchange, _, kept scim.Resource) { without(kept, "members") })},
	{"groups.get.404", "Answers the id of a group that never was with 400.", neverHeardOf(groupKind)},
	{"groups.patch.rename-pathless", "Refuses to rename a group when the group's id stands beside the new name.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				value, _ := op.Value.(map[string]any)
				if _, told := value["id"]; told && op.Path == "" {
					return nil, scim.Refuse(http.StatusBadRequest, scim.Mutability, "The attribute id is read-only.")
				}
			}
			return sound(r, ops)
		})},
	{"groups.patch.add-member", "Answers the adding of members with 200 and adds nobody.",
		skipping(groupKind, func(op scim.PatchOp) bool { return op.Op == "add" && op.Path == "members" })},
	{"groups.patch.add-existing", "Refuses to add somebody who is a member already.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			for _, op := range ops {
				if op.Op == "add" && op.Path == "members" && anyMember(r, op.Value) {
					return nil, scim.Refuse(http.StatusConflict, scim.Uniqueness, "Somebody is a member already.")
				}
			}
			return sound(r, ops)
		})},
	{"groups.patch.remove-valuepath", "Ignores the filter form of removing a member, and answers 200.",
		skipping(groupKind, func(op scim.PatchOp) bool { return op.Op == "remove" && strings.HasPrefix(op.Path, "members[") })},
	{"groups.patch.filter-honoured", "Removes every member, whomever the filter chooses.",
		rewriting(groupKind, func(op *scim.PatchOp) {
			if op.Op == "remove" && strings.HasPrefix(op.Path, "members[") {
				op.Path = "members"
			}
		})},
	{"groups.patch.replace-members", "Adds the members that should replace all others.",
		rewriting(groupKind, func(op *scim.PatchOp) {
			if op.Op == "replace" && op.Path == "members" {
				op.Op = "add"
			}
		})},
	{"groups.delete.204", "Answers the DELETE of a group with 200 and a body.",
		finishing(on(groupKind, remove), deletesLoudly)},
	{"groups.filter.displayname", "Finds no group by its name.",
		finding(groupKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if hasFold(filter, "displayName") {
				found = nil
			}
			return found, err
		})},
}

// anyMember reports whether one of the listed members is in the group.
func anyMember(group scim.Resource, listed any) bool {
	have := memberSet(group)
	for _, member := range membersOf(scim.Resource{"members": listed}) {
		if have[idOf(member)] {
			return true
		}
	}
	return false
}
