package scaffold

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

func (g *guesser) readGroups() {
	c := g.groups
	names := on("group team role department")
	if c.get != nil {
		g.give("provisioning.getGroupById", list{
			step("got", request(c.get, pathOf(c.get.path, "input.groupId"))),
			returns(object{{key: "group", value: mapped("scimGroup", "$value", expr("%s", bodyIn(c.get, "got", names...)))}}),
		}, nil, c.get)
	}
	if c.list == nil {
		return
	}
	steps, note := c.list.pages("scimGroup", pathOf(c.list.path), on("groups teams roles departments"))
	g.give("provisioning.listGroups", steps, note, c.list)
	if by := c.list.query(on("displayname name title")...); by != nil {
		steps, note := c.list.pages("scimGroup", pathOf(c.list.path), on("groups teams roles departments"), pair{key: by.Name, value: expr("input.displayName")})
		g.give("provisioning.listGroupsByDisplayName", steps, note)
	}
}

func (g *guesser) changeGroups() {
	c := g.groups
	names := on("group team role department")
	if o := c.create; o != nil {
		content, note, ok := sent(o, func(s *openapi3.Schema) ([]given, []string) { return groupBody(s, true) })
		if ok && len(content) > 0 {
			g.give("provisioning.createGroup", list{
				step("created", request(o, pathOf(o.path), content...)),
				returns(object{{key: "group", value: mapped("scimGroup", "$value", expr("%s", bodyIn(o, "created", names...)))}}),
			}, note, o)
		}
	}
	if o := c.change(); o != nil {
		content, note, ok := sent(o, func(s *openapi3.Schema) ([]given, []string) { return groupBody(s, o == c.replace) })
		if ok && len(content) > 0 {
			steps := list{step("updated", request(o, pathOf(o.path, "input.group.id"), content...))}
			value := bodyIn(o, "updated", names...)
			if s, _ := o.answer(); s == nil && c.get != nil {
				steps = append(steps, step("got", request(c.get, pathOf(c.get.path, "input.group.id"))))
				value = bodyIn(c.get, "got", names...)
			}
			g.give("provisioning.updateGroup", append(steps, returns(object{{key: "group", value: mapped("scimGroup", "$value", expr("%s", value))}})), note, o)
		}
	}
	if o := c.remove; o != nil {
		g.give("provisioning.removeGroup", list{request(o, pathOf(o.path, "input.groupId"))}, nil, o)
	}
}

var memberShapes = on("members users memberships people employees")

// membership is who belongs to a group. APIs take one member at a time, by its path or by a body.
func (g *guesser) membership() {
	c := g.groups
	if o := c.sub("GET", memberShapes...); o != nil {
		steps, note := o.pages("scimMember", pathOf(o.path, "input.groupId"), on("members users people employees"))
		g.give("provisioning.listGroupMembers", steps, note, o)
	}
	each := func(o *operation, content ...pair) list {
		path := pathOf(o.path, "input.groupId", "member.value")
		return list{object{{key: "forEach", value: expr("input.groupMembers")}, {key: "as", value: "member"}, {key: "concurrency", value: 4},
			{key: "steps", value: list{request(o, path, content...)}}}}
	}
	var deep []string
	for _, shape := range memberShapes {
		deep = append(deep, shape+"/*")
	}
	if o := c.sub("PUT POST", deep...); o != nil {
		if s, _ := o.body(); s == nil || len(properties(s)) == 0 {
			g.give("provisioning.addGroupMembers", each(o), nil, o)
		}
	} else if o := c.sub("POST", memberShapes...); o != nil {
		if content, note, ok := sent(o, memberBody); ok && len(content) > 0 {
			g.give("provisioning.addGroupMembers", each(o, content...), note, o)
		}
	}
	if o := c.sub("DELETE", deep...); o != nil {
		g.give("provisioning.removeGroupMembers", each(o), nil, o)
	}
}

func memberBody(s *openapi3.Schema) (all []given, missing []string) {
	for _, p := range properties(s) {
		name := plain(p.name)
		switch {
		case len(all) == 0 && simple(p.schema) && slices.Contains(on("userid user memberid member id employeeid accountid personid person"), name):
			all = append(all, given{name: p.name, value: "member.value"})
		case len(all) == 0 && typeOf(p.schema) == "array" && simple(items(p.schema)) && slices.Contains(on("userids users memberids members ids personids people"), name):
			all = append(all, given{name: p.name, value: "[member.value]"})
		case p.required:
			missing = append(missing, p.name)
		}
	}
	return all, missing
}
