package scaffold

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

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
