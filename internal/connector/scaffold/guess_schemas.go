package scaffold

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// schemas are written down as the document has them: what a user consists of seldom changes.
func (g *guesser) schemas() {
	var s *openapi3.Schema
	if g.users.create != nil {
		if s, _ = g.users.create.body(); s != nil {
			if all := properties(s); len(all) == 1 && typeOf(all[0].schema) == "object" {
				s = all[0].schema
			}
		}
	}
	if s == nil {
		s, _ = g.users.schema("user", "employee", "account")
	}
	all := properties(s)
	if read, _ := g.users.schema("user", "employee", "account"); read != s {
		for _, p := range properties(read) {
			if named(all, plain(p.name)) == nil {
				p.required = false
				all = append(all, p)
			}
		}
	}
	var attributes, values list
	shown, left := listings(all, g.users.lookup())
	for _, l := range shown[:min(len(shown), 100)] {
		name := escaped(l.name)
		o := object{{key: "name", value: name}, {key: "title", value: labelOf(l.name)}, {key: "propertyType", value: l.kind}, {key: "required", value: l.required}}
		if l.scim != l.name {
			o = append(o, pair{key: "externalName", value: l.scim})
		}
		if l.namespace != "" {
			o = append(o, pair{key: "externalNamespace", value: l.namespace})
		}
		attributes = append(attributes, inline{o})
		if l.kind == "BOOLEAN" {
			continue
		}
		for _, text := range texts(l.schema) {
			if len(values) < 300 {
				values = append(values, inline{object{{key: "id", value: escaped(text)}, {key: "displayName", value: labelOf(text)}, {key: "schemaPropertyName", value: name}}})
			}
		}
	}
	if len(attributes) == 0 {
		return
	}
	note := []string{"To decide: this is what the document says. Ask the API instead where customers have attributes of their own."}
	more := note
	if len(left) > 0 {
		more = append(slices.Clone(note), "To decide: the map scimUser does not show "+strings.Join(left[:min(len(left), 10)], ", ")+". Add to both what customers shall map.")
	}
	g.give("provisioning.listUserSchema", list{returns(object{{key: "schemaProperties", value: attributes}})}, more)
	g.give("provisioning.listUserSchemaPropertyValues", list{returns(object{{key: "schemaPropertyValues", value: values}})}, note)
	g.entitlements(s)
}

func propertyType(s *openapi3.Schema) string {
	switch typeOf(s) {
	case "integer":
		return "INTEGER"
	case "number":
		return "NUMBER"
	case "boolean":
		return "BOOLEAN"
	case "array":
		return "ARRAY"
	case "object":
		return "OBJECT"
	}
	switch s.Format {
	case "email":
		return "EMAIL"
	case "uri", "url":
		return "URI"
	case "date", "date-time":
		return "DATE"
	}
	return "STRING"
}

// entitlements are roles and the like, where users have them and the API lists them.
func (g *guesser) entitlements(user *openapi3.Schema) {
	not := ""
	if c := g.collection(groupNouns, g.users.path); c != nil {
		not = c.path
	}
	c := g.collection(roleNouns, not)
	if c == nil || c.list == nil {
		return
	}
	p := named(properties(user), plain(c.noun))
	s, _ := c.list.answer()
	item, _, ok := listed(s, plain(c.noun))
	if p == nil || !ok || item == nil {
		return
	}
	all := properties(item)
	name := find(all, "displayname", "name", "title", "label")
	if find(all, "id", "uuid", "key") == nil || name == nil {
		return
	}
	items, note := listIn(c.list, plain(c.noun))
	g.give("entitlements.listSchema", list{returns(object{{key: "schemaProperties", value: list{inline{object{
		{key: "name", value: escaped(p.name)}, {key: "title", value: labelOf(p.name)}, {key: "propertyType", value: propertyType(p.schema)}, {key: "required", value: p.required}}}}}})}, nil)
	g.give("entitlements.listSchemaPropertyValues", list{
		step("page", request(c.list, pathOf(c.list.path))),
		returns(object{{key: "schemaPropertyValues", value: mapped("entitlement", "$each", expr("%s", items))}}),
	}, append(note, "To decide: whether one page holds them all, and what Create User and Update User send of them: nothing yet."), c.list)
	g.entitlementMap = object{identity(all, "role"), {key: "displayName", value: expr("%s", name.expr)}, {key: "schemaPropertyName", value: escaped(p.name)}}
}
