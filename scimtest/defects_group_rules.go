package scimtest

import (
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var groupRuleDefects = []Defect{
	{"groups.create.empty-members", "Refuses a group with an empty list of members.",
		picky(on(groupKind, create), func(body scim.Resource) *scim.Error {
			if list, told := body["members"].([]any); told && len(list) == 0 {
				return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute members must not be empty.")
			}
			return nil
		})},
	{"groups.create.no-displayname", "Makes up a name for a group that has none.",
		func(_ *Server, st *steps) {
			next := st.accept
			st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
				if x.route.is(groupKind, create) && body.String("displayName") == "" {
					body["displayName"] = "group-" + newID()
				}
				return next(x, body)
			}
		}},
	{"groups.create.duplicate-name", "Refuses a second group of the same name with 400.",
		serving(on(groupKind, create), func(x *exchange, sound func() answer) answer {
			body, err := objectOf(x)
			if err == nil && len(x.s.groups.byName[scim.Fold(body.String("displayName"))]) > 0 {
				return *refused(http.StatusBadRequest, "The group cannot be created.")
			}
			return sound()
		})},
	{"groups.name.special", "Stores names of groups without what is not ASCII.",
		accepting(on(groupKind, create), func(_ *exchange, r scim.Resource) error {
			r["displayName"] = strings.Map(func(c rune) rune {
				if c > 0x7e {
					return '?'
				}
				return c
			}, r.String("displayName"))
			return nil
		})},
	{"groups.put.full", "Adds the members of a PUT to those who are there.",
		forgetting(on(groupKind, replace), func(_ *exchange, old, kept scim.Resource) {
			have := memberSet(kept)
			list, _ := kept["members"].([]any)
			for _, member := range membersOf(old) {
				if !have[idOf(member)] {
					list = append(list, member)
				}
			}
			kept["members"] = list
		})},
	{"groups.patch.rename-path", "Ignores a replace of a group's displayName.",
		skipping(groupKind, func(op scim.PatchOp) bool { return op.Op == "replace" && op.Path == "displayName" })},
	{"groups.patch.204", "Answers a PATCH of a group with 200 and no body.",
		finishing(on(groupKind, patch), func(_ *exchange, a *answer) { a.body = nil })},
	{"groups.id-reuse", "Derives the id of a group from its name.",
		func(_ *Server, st *steps) {
			next := st.newID
			st.newID = func(x *exchange) string {
				body, err := objectOf(x)
				id := fmt.Sprintf("%x", body.String("displayName"))
				if err != nil || x.route.kind != groupKind || x.s.groups.byID[id] != nil {
					return next(x)
				}
				return id
			}
		}},
	{"idem.delete", "Answers 204 to the DELETE of a group that is gone.",
		serving(on(groupKind, remove), func(_ *exchange, sound func() answer) answer {
			if a := sound(); a.status != http.StatusNotFound {
				return a
			}
			return answered(http.StatusNoContent, nil)
		})},
}
