package scimtest

import (
	"bytes"
	"maps"

	"slipway/internal/scim"
)

const cutAt = 100 // members that a defect shows, or takes, at most

var groupLargeDefects = []Defect{
	{"groups.large.read", "Shows the members of a large group also where they are to be left out.",
		serving(on(groupKind, get), func(x *exchange, sound func() answer) answer {
			if rec := x.s.groups.byID[x.route.id]; rec != nil && len(membersOf(rec.resource)) > cutAt {
				x.query = maps.Clone(x.query)
				x.query.Del("excludedAttributes")
			}
			return sound()
		})},
	{"groups.large.members-paging", "Shows a hundred members of a group and no more.",
		showing(groupKind, func(_ *exchange, _ *record, r scim.Resource) {
			if list, isList := r["members"].([]any); isList && len(list) > cutAt {
				r["members"] = list[:cutAt]
			}
		})},
	{"groups.large.add-one", "Keeps a hundred of a large group's members when it changes the group.",
		patching(groupKind, func(r scim.Resource, ops []scim.PatchOp, sound patcher) (scim.Resource, error) {
			if list, _ := r["members"].([]any); len(list) > cutAt {
				r = r.Clone()
				r["members"] = list[:cutAt]
			}
			return sound(r, ops)
		})},
	{"groups.patch.add-many", "Adds the first hundred members of an operation, and drops the rest.",
		rewriting(groupKind, func(op *scim.PatchOp) {
			if list, isList := op.Value.([]any); isList && op.Op == "add" && len(list) > cutAt {
				op.Value = list[:cutAt]
			}
		})},
	{"groups.patch.no-lost-update", "Adds members to the group as it was when the request came in.", losesUpdates},
}

// losesUpdates reads the group before it is the request's turn, and writes back what it read then.
func losesUpdates(s *Server, st *steps) {
	m, next := newRendezvous(), st.arrive
	st.arrive = func(x *exchange) *answer {
		if x.route.is(groupKind, patch) && bytes.Contains(x.body, []byte(`"members"`)) {
			s.mu.RLock()
			if rec := s.groups.byID[x.route.id]; rec != nil {
				x.early = rec.resource
			}
			s.mu.RUnlock()
			m.meet(x, x.route.id)
		}
		return next(x)
	}
	apply := st.patch
	st.patch = func(x *exchange, r scim.Resource, ops []scim.PatchOp) (scim.Resource, error) {
		if x.early != nil {
			r = x.early.Clone()
		}
		return apply(x, r, ops)
	}
}
