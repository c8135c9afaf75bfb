package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"slipway/internal/connector/contract"
)

// collection is a path that lists resources, and what hangs on it.
type collection struct {
	noun                               string
	path                               string
	list, create, get, update, replace *operation
	remove                             *operation
	below                              []*operation // of one resource, deeper
	parameter                          string       // of the path of one resource
}

var (
	userNouns  = on("users people employees members accounts persons staff workers user")
	groupNouns = on("groups teams roles departments usergroups group team")
	roleNouns  = on("roles permissions licenses entitlements profiles")
)

// segments of a path. A parameter begins with a brace.
func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

func isParameter(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") && strings.Count(segment, "{") == 1
}

// collection finds the one that one of the nouns names, the first noun first; nil for none.
func (s *spec) collection(nouns []string, not string) *collection {
	var best *collection
	rank := len(nouns)
	for _, o := range s.operations {
		all := segments(o.path)
		i := slices.Index(nouns, plain(all[len(all)-1]))
		if i < 0 || i > rank || o.path == not || strings.Contains(o.path, "{") || o.Deprecated || o.method != "GET" && o.method != "POST" {
			continue
		}
		if i < rank || best == nil || len(o.path) < len(best.path) {
			best, rank = &collection{noun: all[len(all)-1], path: o.path}, i
		}
	}
	if best == nil {
		return nil
	}
	for _, o := range s.operations {
		best.put(o)
	}
	if best.list == nil && best.get == nil {
		return nil
	}
	return best
}

// put finds the place of an operation in the collection.
func (c *collection) put(o *operation) {
	rest, under := strings.CutPrefix(o.path, c.path)
	if !under || o.Deprecated || len(o.demands()) > 0 {
		return
	}
	rest = strings.TrimSuffix(rest, "/")
	all := segments(rest)
	switch {
	case rest == "" && o.method == "GET":
		c.list = o
	case rest == "" && o.method == "POST":
		c.create = o
	case rest == "" || !strings.HasPrefix(rest, "/") || !isParameter(all[0]):
		if len(all) == 2 && isParameter(all[1]) && strings.HasPrefix(rest, "/") {
			c.below = append(c.below, o) // as in /users/by-email/{email}
		}
	case len(all) == 1:
		c.parameter = strings.Trim(all[0], "{}")
		switch o.method {
		case "GET":
			c.get = o
		case "PATCH":
			c.update = o
		case "PUT":
			c.replace = o
		case "DELETE":
			c.remove = o
		}
	default:
		c.below = append(c.below, o)
	}
}

// change is the operation that changes a resource: in part where there is one.
func (c *collection) change() *operation {
	if c.update != nil {
		return c.update
	}
	return c.replace
}

// sub finds an operation of one resource by what stands behind its parameter: words in small letters, * for a parameter.
func (c *collection) sub(methods string, shapes ...string) *operation {
	for _, shape := range shapes {
		for _, method := range strings.Fields(methods) {
			for _, o := range c.below {
				all := segments(strings.TrimPrefix(o.path, c.path))
				if o.method == method && isParameter(all[0]) && shapeOf(all[1:]) == shape {
					return o
				}
			}
		}
	}
	return nil
}

func shapeOf(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		if out[i] = plain(s); isParameter(s) {
			out[i] = "*"
		}
	}
	return strings.Join(out, "/")
}

// pathOf writes the path of an operation, with an expression for each parameter, in their order.
func pathOf(path string, expressions ...string) string {
	var b strings.Builder
	for path != "" {
		at := variable.FindStringIndex(path)
		if at == nil || len(expressions) == 0 {
			break
		}
		b.WriteString(safePath(path[:at[0]]) + expr("%s", expressions[0]))
		path, expressions = path[at[1]:], expressions[1:]
	}
	return b.String() + safePath(path)
}

// guesser makes contracts of operations.
type guesser struct {
	*spec
	users, groups  *collection
	written        map[string]object // actions by the id of their contract
	stubbed        map[string]bool   // ids of contracts that nobody could guess
	names          keys              // of actions, in small letters
	entitlementMap object            // of a role to a value of the schema; nil for none
}

func request(o *operation, path string, more ...pair) object {
	return object{{key: "http", value: append(object{{key: "method", value: o.method}, {key: "path", value: path}}, more...)}}
}

func step(id string, s object) object { return append(object{{key: "id", value: id}}, s...) }

func returns(o object) object { return object{{key: "return", value: o}} }

func mapped(name, how, what string) inline {
	return inline{object{{key: "$map", value: name}, {key: how, value: what}}}
}

// give writes the action of a contract, made of the operations.
func (g *guesser) give(id string, steps list, note []string, of ...*operation) {
	c, _ := contract.Of(id)
	o := object{{key: "name", value: g.called(c)}, {key: "description", value: says[id]}, {key: "implements", value: id}}
	g.written[id] = append(o, pair{key: "steps", value: steps, above: note})
	for _, op := range of {
		op.taken = true
	}
}

// called is the name of a contract's action: that of the contract, if it starts with a verb.
func (*guesser) called(c contract.Contract) string {
	if c.ID == "logout.universal" {
		return "Log Out Everywhere"
	}
	return c.Name
}

// says is what each contract's action does, in a sentence.
var says = map[string]string{
	"provisioning.createUser":                   "Makes a user.",
	"provisioning.updateUser":                   "Changes a user.",
	"provisioning.updateUserPassword":           "Gives a user another password.",
	"provisioning.activateUser":                 "Lets a user sign in again.",
	"provisioning.deactivateUser":               "Keeps a user from signing in.",
	"provisioning.getUserById":                  "Reads the user with the ID.",
	"provisioning.getUserByUserName":            "Reads the user with the user name.",
	"provisioning.listUsers":                    "Reads users, page by page.",
	"provisioning.listUserSchema":               "Lists the attributes that a user has.",
	"provisioning.listUserSchemaPropertyValues": "Lists the values that attributes of a user may have.",
	"provisioning.getGroupById":                 "Reads the group with the ID.",
	"provisioning.listGroups":                   "Reads groups, page by page.",
	"provisioning.listGroupsByDisplayName":      "Reads the groups of that name.",
	"provisioning.createGroup":                  "Makes a group.",
	"provisioning.updateGroup":                  "Changes a group.",
	"provisioning.removeGroup":                  "Removes a group.",
	"provisioning.listGroupMembers":             "Reads the members of a group, page by page.",
	"provisioning.addGroupMembers":              "Puts users into a group.",
	"provisioning.removeGroupMembers":           "Takes users out of a group.",
	"entitlements.listSchema":                   "Lists the kinds of entitlements.",
	"entitlements.listSchemaPropertyValues":     "Lists the entitlements that a user may have.",
	"logout.universal":                          "Ends every session of a user.",
}

// stub is the action of a contract that nobody could guess.
func (g *guesser) stub(c contract.Contract) {
	g.stubbed[c.ID] = true
	fill := fmt.Sprintf("%s is not written yet. Write its steps, or remove what belongs to it.", c.Name)
	g.written[c.ID] = object{{key: "name", value: g.called(c)}, {key: "description", value: says[c.ID]}, {key: "implements", value: c.ID},
		{key: "steps", value: list{object{
			{key: "note", value: "To decide: " + wants[c.Returns]},
			{key: "fail", value: inline{object{{key: "status", value: 501}, {key: "message", value: fill}}}},
		}}}}
}

// wants is what the steps of a contract have to return.
var wants = map[contract.Shape]string{
	contract.Nothing:    "the request that does it. It returns nothing.",
	contract.User:       "the request, and a return of {user: …} by the map scimUser.",
	contract.UserList:   "the request, and a return of {resources: […], pagination: {nextCursor: …}}.",
	contract.Group:      "the request, and a return of {group: {id, displayName}}.",
	contract.GroupList:  "the request, and a return of {resources: [{id, displayName}], pagination: {nextCursor: …}}.",
	contract.Members:    "the request, and a return of {resources: [{value, display}], pagination: {nextCursor: …}}.",
	contract.Properties: "a return of {schemaProperties: [{name, title, propertyType, required}]}.",
	contract.Options:    "a return of {schemaPropertyValues: [{id, displayName, schemaPropertyName}]}.",
	contract.LogoutDone: "the request, and a return of {logoutStatus: SUCCESS}.",
}

// lookup is the parameter by which the API looks users up, "" for none.
func (c *collection) lookup() string {
	if c.list != nil {
		if p := c.list.query(lookups...); p != nil {
			return p.Name
		}
	}
	return ""
}

// userSchema is what the API calls a user: as one is read, else as one is listed, else as one is made.
func (c *collection) schema(names ...string) (s *openapi3.Schema, within string) {
	if c.get != nil {
		if s, _ := c.get.answer(); s != nil {
			return wrapped(s, names...)
		}
	}
	if c.list != nil {
		if s, _ := c.list.answer(); s != nil {
			if item, _, ok := listed(s); ok {
				return item, ""
			}
		}
	}
	if c.create != nil {
		if s, _ := c.create.answer(); s != nil {
			return wrapped(s, names...)
		}
	}
	return nil, ""
}

// bodyIn is where an operation's answer holds its one resource.
func bodyIn(o *operation, step string, names ...string) string {
	if s, _ := o.answer(); s != nil {
		if _, within := wrapped(s, names...); within != "" {
			return member("steps."+step+".body", within)
		}
	}
	return "steps." + step + ".body"
}

// listIn is where an operation's answer holds its list.
func listIn(o *operation, names ...string) (string, []string) {
	s, _ := o.answer()
	if s == nil {
		return "steps.page.body", []string{"To decide: where the answer holds its list."}
	}
	_, name, ok := listed(s, names...)
	switch {
	case !ok:
		return "steps.page.body.items", []string{"To decide: where the answer holds its list."}
	case name == "":
		return "steps.page.body", nil
	}
	return member("steps.page.body", name), nil
}

// pages are the steps of a contract that lists.
func (o *operation) pages(mapName, path string, names []string, filter ...pair) (list, []string) {
	s, _ := o.answer()
	p := pagingOf(o, s)
	items, note := listIn(o, names...)
	var more []pair
	if query := append(slices.Clone(object(filter)), p.query()...); len(query) > 0 {
		more = append(more, pair{key: "query", value: inline{query}})
	}
	next, doubt := p.following(items)
	return list{
		step("page", request(o, path, more...)),
		returns(object{{key: "resources", value: mapped(mapName, "$each", expr("%s", items))},
			{key: "pagination", value: inline{object{{key: "nextCursor", value: next}}}, above: doubt}}),
	}, note
}

// guess makes what contracts it can, and stubs of what belongs to them.
func (g *guesser) guess() (guessed, stubs []string) {
	g.users = g.collection(userNouns, "")
	not := ""
	if g.users != nil {
		not = g.users.path
	}
	g.groups = g.collection(groupNouns, not)
	if g.users != nil {
		g.readUsers()
		g.changeUsers()
		g.schemas()
		g.logout()
	}
	if g.groups != nil {
		g.readGroups()
		g.changeGroups()
		g.membership()
	}
	var has []string
	for _, c := range contract.All {
		if g.written[c.ID] != nil {
			has, guessed = append(has, c.ID), append(guessed, c.Name)
		}
	}
	for _, c := range contract.Missing(has) {
		g.stub(c)
		stubs = append(stubs, c.Name)
	}
	return guessed, stubs
}

var lookups = on("username login email emailaddress mail")

func (g *guesser) readUsers() {
	u := g.users
	names := on("user users employee account person member")
	if u.get != nil {
		g.give("provisioning.getUserById", list{
			step("got", request(u.get, pathOf(u.get.path, "input.userId"))),
			returns(object{{key: "user", value: mapped("scimUser", "$value", expr("%s", bodyIn(u.get, "got", names...)))}}),
		}, nil, u.get)
	}
	if u.list != nil {
		steps, note := u.list.pages("scimUser", pathOf(u.list.path), on("users people employees accounts members"))
		g.give("provisioning.listUsers", steps, note, u.list)
	}
	nobody := func(condition string) object {
		return object{{key: "if", value: condition}, {key: "then", value: list{object{{key: "fail", value: inline{object{
			{key: "status", value: 404}, {key: "type", value: "RESOURCE_NOT_FOUND"}, {key: "message", value: "Nobody has the user name " + expr("input.userName") + "."}}}}}}}}
	}
	if u.list != nil {
		if by := u.list.query(lookups...); by != nil {
			items, note := listIn(u.list, on("users people employees accounts members")...)
			items = strings.Replace(items, "steps.page", "steps.found", 1)
			g.give("provisioning.getUserByUserName", list{
				step("found", request(u.list, pathOf(u.list.path), pair{key: "query", value: inline{object{{key: by.Name, value: expr("input.userName")}}}})),
				nobody(expr("len(%s) == 0", items)),
				returns(object{{key: "user", value: mapped("scimUser", "$value", expr("first(%s)", items))}}),
			}, append(note, "To decide: whether the API compares the whole name. Where it looks for a part of it, compare here."))
			return
		}
	}
	for _, o := range u.below {
		all := segments(strings.TrimPrefix(o.path, u.path))
		if o.method == "GET" && len(all) == 2 && isParameter(all[1]) && !isParameter(all[0]) && slices.ContainsFunc(lookups, func(l string) bool { return strings.Contains(plain(all[0]), l) }) {
			g.give("provisioning.getUserByUserName", list{
				step("got", request(o, pathOf(o.path, "input.userName"))),
				returns(object{{key: "user", value: mapped("scimUser", "$value", expr("%s", bodyIn(o, "got", names...)))}}),
			}, nil, o)
			return
		}
	}
}

// sent is the content of a request, nil where it takes none that can be made of the members.
func sent(o *operation, body func(*openapi3.Schema) ([]given, []string)) (content []pair, note []string, ok bool) {
	s, form := o.body()
	if s == nil || form == "text" {
		return nil, nil, form == ""
	}
	inner, within := s, ""
	if all := properties(s); len(all) == 1 && typeOf(all[0].schema) == "object" && form == "json" {
		inner, within = all[0].schema, all[0].name
	}
	members, missing := body(inner)
	if len(members) == 0 {
		return nil, nil, false
	}
	if len(missing) > 0 {
		note = []string{"To decide: nothing is sent in " + strings.Join(missing[:min(len(missing), 10)], ", ") + ", which the API wants or uses."}
	}
	return []pair{{key: form, value: bodyOf(form, members, within, "")}}, note, true
}

func (g *guesser) changeUsers() {
	u := g.users
	names := on("user employee account person member")
	if o := u.create; o != nil {
		content, note, ok := sent(o, func(s *openapi3.Schema) ([]given, []string) { return userBody(s, true) })
		if ok && len(content) > 0 {
			g.give("provisioning.createUser", list{
				step("created", request(o, pathOf(o.path), content...)),
				returns(object{{key: "user", value: mapped("scimUser", "$value", expr("%s", bodyIn(o, "created", names...)))}}),
			}, note, o)
		}
	}
	if o := u.change(); o != nil {
		content, note, ok := sent(o, func(s *openapi3.Schema) ([]given, []string) { return userBody(s, o == u.replace) })
		if ok && len(content) > 0 {
			steps := list{step("updated", request(o, pathOf(o.path, "input.user.id"), content...))}
			value := bodyIn(o, "updated", names...)
			if s, _ := o.answer(); s == nil && u.get != nil { // it says nothing, so it is asked
				steps = append(steps, step("got", request(u.get, pathOf(u.get.path, "input.user.id"))))
				value = bodyIn(u.get, "got", names...)
			}
			g.give("provisioning.updateUser", append(steps, returns(object{{key: "user", value: mapped("scimUser", "$value", expr("%s", value))}})), note, o)
		}
	}
	if o := u.sub("POST PUT PATCH", "password", "setpassword", "changepassword", "resetpassword", "credentials/password"); o != nil {
		content, note, ok := sent(o, func(s *openapi3.Schema) (all []given, missing []string) {
			for _, p := range properties(s) {
				switch plain(p.name) {
				case "password", "newpassword", "value", "passwordconfirmation", "confirmpassword":
					all = append(all, given{name: p.name, value: "input.password"})
				default:
					if p.required {
						missing = append(missing, p.name)
					}
				}
			}
			return all, missing
		})
		if ok && len(content) > 0 {
			g.give("provisioning.updateUserPassword", list{request(o, pathOf(o.path, "input.userId"), content...)}, note, o)
		}
	}
	g.switched("provisioning.activateUser", true, "activate", "enable", "reactivate", "unsuspend", "lifecycle/activate")
	g.switched("provisioning.deactivateUser", false, "deactivate", "disable", "suspend", "lifecycle/deactivate", "block")
}

// switched is how somebody may sign in or may not: by an address of its own, else by a change of the user.
func (g *guesser) switched(id string, to bool, shapes ...string) {
	if o := g.users.sub("POST PUT PATCH", shapes...); o != nil {
		s, _ := o.body()
		if s == nil || !slices.ContainsFunc(properties(s), func(p property) bool { return p.required }) {
			g.give(id, list{request(o, pathOf(o.path, "input.userId"))}, nil, o)
			return
		}
	}
	o := g.users.update
	if o == nil {
		return
	}
	s, form := o.body()
	a := activity(properties(s))
	if form != "json" || a == nil || a.outer != "" || a.set(to) == "" {
		return
	}
	value := any(to != a.inverse)
	if a.yes != "" {
		value = escaped(map[bool]string{true: a.yes, false: a.no}[to])
	}
	g.give(id, list{request(o, pathOf(o.path, "input.userId"), pair{key: "json", value: inline{object{{key: a.property.name, value: value}}}})}, nil, o)
}

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

// logout ends sessions, where the API says how.
func (g *guesser) logout() {
	o := g.users.sub("POST DELETE", "logout", "sessions", "sessions/revoke", "revokesessions", "revoke", "signout")
	if o != nil && o.method == "POST" && strings.HasSuffix(o.path, "sessions") { // which makes one
		o = nil
	}
	for _, other := range g.operations {
		all := segments(other.path)
		n := len(all)
		if o == nil && other.method == "POST" && n >= 3 && strings.Count(other.path, "{") == 1 && isParameter(all[n-2]) && plain(all[n-3]) == "sessions" && plain(all[n-1]) == "revoke" && len(other.demands()) == 0 {
			o = other
		}
	}
	if o == nil {
		return
	}
	if s, _ := o.body(); s != nil && slices.ContainsFunc(properties(s), func(p property) bool { return p.required }) {
		return
	}
	g.give("logout.universal", list{
		object{{key: "if", value: expr("default(input.externalUserId, '') == ''")}, {key: "then", value: list{object{{key: "fail", value: inline{object{
			{key: "status", value: 400}, {key: "message", value: "No user to log out. Enter an ID."}}}}}}}},
		object{{key: "try", value: list{request(o, pathOf(o.path, "input.externalUserId"))}}, {key: "catch", value: list{
			object{{key: "if", value: expr("error.status == 404")}, {key: "then", value: list{returns(object{{key: "logoutStatus", value: "FAILURE"}})}},
				{key: "else", value: list{object{{key: "rethrow", value: true}}}}}}}},
		returns(object{{key: "logoutStatus", value: "SUCCESS"}}),
	}, nil, o)
}

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
