package scimtest

import (
	"maps"
	"net/http"
	"slices"

	"slipway/internal/scim"
)

// membersOf returns a group's members as they are stored.
func membersOf(r scim.Resource) []map[string]any {
	list, _ := r["members"].([]any)
	members := make([]map[string]any, 0, len(list))
	for _, element := range list {
		if member, ok := element.(map[string]any); ok {
			members = append(members, member)
		}
	}
	return members
}

func idOf(member map[string]any) string { return scim.Resource(member).String("value") }

// completeMembers fills in the type of each member and refuses those that do not exist (RFC 7643 §4.2). What a
// client sends as $ref is dropped: it follows from the id.
func (s *Server) completeMembers(k *kind, r scim.Resource) error {
	if k != groupKind {
		return nil
	}
	seen := map[string]bool{}
	var kept []any
	for _, member := range membersOf(r) {
		id := idOf(member)
		kindOfMember := s.kindOf(id)
		if kindOfMember == nil {
			return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "There is no user or group with the id %q.", id)
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		delete(member, "$ref")
		member["type"] = kindOfMember.name
		kept = append(kept, member)
	}
	if delete(r, "members"); kept != nil {
		r["members"] = kept
	}
	return nil
}

func (s *Server) kindOf(id string) *kind {
	for _, k := range kinds {
		if s.collection(k).byID[id] != nil {
			return k
		}
	}
	return nil
}

// rejoin keeps the way back, from members to their groups, in step with a group that was stored.
func (s *Server) rejoin(old, new scim.Resource) {
	before, after := memberSet(old), memberSet(new)
	for id := range before {
		if !after[id] {
			dropFrom(s.joined, id, old.ID())
		}
	}
	for _, member := range membersOf(new) { // in the group's order
		if id := idOf(member); !before[id] {
			before[id] = true
			s.joined[id] = append(s.joined[id], new.ID())
		}
	}
}

func memberSet(r scim.Resource) map[string]bool {
	set := map[string]bool{}
	for _, member := range membersOf(r) {
		set[idOf(member)] = true
	}
	return set
}

// leaveAll takes a resource that is about to go out of every group it is in.
func (s *Server) leaveAll(rec *record) {
	for _, id := range slices.Clone(s.joined[rec.id()]) {
		group := s.groups.byID[id]
		r := maps.Clone(group.resource)
		members := slices.DeleteFunc(slices.Clone(r["members"].([]any)), func(element any) bool {
			member, _ := element.(map[string]any)
			return idOf(member) == rec.id()
		})
		if r["members"] = members; len(members) == 0 {
			delete(r, "members")
		}
		meta := maps.Clone(r["meta"].(map[string]any))
		meta["lastModified"] = stamp(s.now())
		r["meta"] = meta
		old := group.resource
		s.groups.swap(group, r)
		s.rejoin(old, r)
	}
}
