package scimtest

import (
	"maps"

	"slipway/internal/scim"
)

// show returns what the client sees of a record: rendered, as the steps have it, and projected.
func (s *Server) show(x *exchange, rec *record) scim.Resource {
	whole := s.render(rec, x.base)
	if meta, ok := whole["meta"].(map[string]any); ok {
		meta["version"] = s.version(rec)
	}
	r := s.steps.show(x, rec, whole)
	attributes := names(x.query.Get("attributes"))
	if s.version11 && len(attributes) > 0 {
		attributes = append(attributes, "meta") // always shown (draft-scim-api-01 §3.2), and there is no excludedAttributes
	}
	if s.version11 {
		return project(r, attributes, nil)
	}
	return project(r, attributes, names(x.query.Get("excludedAttributes")))
}

// render adds what is not stored: locations, the references of members, and a user's groups. It copies what it
// changes and shares the rest with the store.
func (s *Server) render(rec *record, base string) scim.Resource {
	r := maps.Clone(rec.resource)
	k := userKind
	if r.HasSchema(scim.SchemaGroup) {
		k = groupKind
	}
	meta := maps.Clone(r["meta"].(map[string]any))
	meta["location"] = base + location(k, rec.id())
	r["meta"] = meta
	if members := membersOf(r); len(members) > 0 {
		list := make([]any, len(members))
		for i, member := range members {
			list[i] = s.reference(member, base)
		}
		r["members"] = list
	}
	if k == userKind {
		if groups := s.groupsOf(rec.id(), base); groups != nil {
			r["groups"] = groups
		}
	}
	return r
}

func (s *Server) reference(member map[string]any, base string) map[string]any {
	out := maps.Clone(member)
	id := idOf(member)
	if k := s.kindOf(id); k != nil {
		out["$ref"] = base + location(k, id)
		if _, told := out["display"]; !told {
			out["display"] = s.collection(k).byID[id].resource.String(k.unique)
		}
	}
	return out
}

func (s *Server) groupsOf(id, base string) []any {
	var groups []any
	for _, groupID := range s.joined[id] {
		groups = append(groups, map[string]any{
			"value": groupID, "$ref": base + location(groupKind, groupID), "type": "direct",
			"display": s.groups.byID[groupID].resource.String("displayName"),
		})
	}
	return groups
}
