package scaffold

import (
	"fmt"
	"slices"

	"slipway/internal/connector/contract"
)

var (
	userNouns  = on("users people employees members accounts persons staff workers user")
	groupNouns = on("groups teams roles departments usergroups group team")
	roleNouns  = on("roles permissions licenses entitlements profiles")
)

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
