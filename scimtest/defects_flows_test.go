package scimtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// flowIDs are the checks of client flows.
const flowIDs = `
okta.testcreds.users okta.testcreds.groups okta.flow.assign okta.flow.link-existing okta.flow.username-not-email okta.flow.update okta.flow.clear-attributes
okta.flow.deactivate okta.flow.unassign okta.flow.reactivate-same-id okta.password.sync okta.password.change okta.import.full okta.import.delta-new
okta.import.deactivated okta.import.groups okta.push.create okta.push.empty okta.push.add-member okta.push.remove-member okta.push.overwrite
okta.push.link-rename okta.push.link-norename okta.push.delete okta.attr.roundtrip-all okta.429.backoff
entra.flow.connect entra.flow.create entra.flow.match entra.flow.update entra.flow.add-missing entra.flow.dotted entra.flow.manager entra.flow.disable
entra.flow.restore entra.flow.group-create entra.flow.group-lookup entra.flow.group-members entra.flow.delete`

// changed patches Jane and shows an attribute of her.
func (w *wire) changed(id, ops, attribute string) string {
	r := w.call("PATCH", "/Users/"+id, patchBody(ops))
	return fmt.Sprint(r.status, " ", w.get("/Users/"+id).object.String(attribute), ";")
}

// groupNamed is how many groups a look-up by name finds.
func (w *wire) groupNamed(name string) int {
	return w.get("/Groups?filter=" + url.QueryEscape(`displayName eq "`+name+`"`)).total()
}

func (w *wire) members(group string) int { return len(membersOf(w.get("/Groups/" + group).object)) }

func (w *wire) patchGroup(id, ops string) int {
	return w.call("PATCH", "/Groups/"+id, patchBody(ops)).status
}

const (
	off  = `{"op":"replace","value":{"active":false}}`
	back = `{"op":"replace","value":{"active":true}}`
	pass = `{"op":"replace","value":{"password":"Secret-2"}}`
)

var flowRows = []row{
	{"okta.testcreds.users", func(w *wire) string {
		three(w)
		return fmt.Sprint(len(w.call("GET", "/Users?startIndex=1&count=2", "", "Content-Type", scim.MediaType).resources()), len(w.get("/Users?count=2").resources()))
	}, "2 2", "3 2"},
	{"okta.testcreds.groups", func(w *wire) string {
		return short(w.get("/Groups?count=100")) + short(w.get("/Groups?count=50"))
	}, "200 200 ", "400 400200 "},
	{"okta.flow.assign", func(w *wire) string {
		before := w.filter(`userName eq "jane"`).total()
		jane(w)
		return fmt.Sprint(before, w.filter(`userName eq "jane"`).total(), w.filter(`userName eq "JANE"`).total())
	}, "0 1 1", "0 0 1"},
	{"okta.flow.link-existing", func(w *wire) string {
		id := w.user("ann", "").ID()
		w.call("PUT", "/Users/"+id, userBody("ann", `"externalId":"e9"`))
		w.call("PUT", "/Users/"+id, userBody("ann", `"externalId":"e9"`))
		return fmt.Sprint(w.filter(`userName eq "ann"`).total())
	}, "1", "2"},
	{"okta.flow.username-not-email", func(w *wire) string {
		const mail = `"externalId":"e","emails":[{"value":"a@example.com"}]`
		return w.user("b@example.com", mail).String("emails.value")
	}, "a@example.com", "b@example.com"},
	{"okta.flow.update", func(w *wire) string {
		id := w.user("ann", `"phoneNumbers":[{"value":"1"}]`).ID()
		w.call("PUT", "/Users/"+id, userBody("ann", `"phoneNumbers":[{"value":"2"}]`))
		return w.get("/Users/" + id).object.String("phoneNumbers.value")
	}, "2", "1"},
	{"okta.flow.clear-attributes", func(w *wire) string {
		id := jane(w)
		return short(w.call("PUT", "/Users/"+id, userBody("jane", `"title":""`))) + short(w.call("PUT", "/Users/"+id, userBody("jane", `"title":null`)))
	}, "200 200 ", "400 400invalidValue200 "},
	{"okta.password.sync", func(w *wire) string { return w.changed(jane(w), pass, "active") }, "200 true;", "200 false;"},
	{"okta.password.change", func(w *wire) string {
		id := jane(w)
		return w.changed(id, pass, "active") + w.changed(id, pass, "active")
	}, "200 true;200 true;", "200 true;400 true;"},
	{"okta.flow.deactivate", func(w *wire) string {
		return w.changed(jane(w), off, "active") + w.filter(`userName eq "jane"`).resources()[0].String("active")
	}, "200 false;false", "200 false;true"},
	{"okta.flow.reactivate-same-id", func(w *wire) string {
		id := jane(w)
		return w.changed(id, off, "externalId") + w.changed(id, back, "externalId")
	}, "200 e1;200 e1;", "200 e1;200 ;"},
	{"okta.flow.unassign", func(w *wire) string {
		id := jane(w)
		whole := w.get("/Users/" + id)
		w.call("PUT", "/Users/"+id, strings.Replace(whole.text, `"active":true`, `"active":false`, 1))
		return w.get("/Users/" + id).object.String("active")
	}, "false", "true"},
	{"okta.import.full", func(w *wire) string {
		three(w)
		moreThree(w)
		return fmt.Sprint(len(w.get("/Users?count=100").resources()), len(w.get("/Users?count=99").resources()))
	}, "6 6", "3 6"},
	{"okta.import.delta-new", func(w *wire) string {
		before := w.get("/Users?startIndex=1&count=100").total()
		jane(w)
		return fmt.Sprint(before, w.get("/Users?startIndex=1&count=100").total(), w.get("/Users").total())
	}, "0 1 1", "0 0 1"},
	{"okta.import.deactivated", func(w *wire) string {
		return w.changed(jane(w), off, "active") + w.get("/Users?count=100").resources()[0].String("active") + w.get("/Users").resources()[0].String("active")
	}, "200 false;falsefalse", "200 false;truefalse"},
	{"okta.import.groups", func(w *wire) string {
		g := w.group("Crew", jane(w))
		return fmt.Sprint(w.get("/Groups").resources()[0]["members"] != nil, w.members(g.ID()))
	}, "true 1", "false 1"},
	{"okta.push.empty", func(w *wire) string {
		return fmt.Sprint(w.patchGroup(w.group("Crew").ID(), `{"op":"replace","path":"members","value":[]}`), w.patchGroup(w.group("Duo", jane(w)).ID(), `{"op":"replace","path":"members","value":[]}`))
	}, "200 200", "400 200"},
	{"okta.push.create", func(w *wire) string {
		before := w.groupNamed("Crew")
		w.group("Crew")
		return fmt.Sprint(before, w.groupNamed("Crew"), w.groupNamed("CREW"))
	}, "0 1 1", "0 0 1"},
	{"okta.push.add-member", func(w *wire) string {
		g := w.group("Crew", jane(w)).ID()
		status := w.patchGroup(g, `{"op":"replace","value":{"id":"`+g+`","displayName":"Crew"}}`)
		return fmt.Sprint(status, w.members(g))
	}, "200 1", "200 0"},
	{"okta.push.remove-member", func(w *wire) string {
		id := jane(w)
		g := w.group("Crew", id).ID()
		w.patchGroup(g, `{"op":"remove","path":"members[value eq \"`+id+`\"]"}`)
		return fmt.Sprint(w.get("/Groups/" + g).status)
	}, "200", "404"},
	{"okta.push.overwrite", func(w *wire) string {
		ids := three(w)
		g := w.group("Crew", ids[0]).ID()
		w.patchGroup(g, `{"op":"replace","path":"members","value":[{"value":"`+ids[1]+`","display":"B"}]}`)
		return fmt.Sprint(w.members(g))
	}, "1", "2"},
	{"okta.push.link-norename", func(w *wire) string {
		ids := three(w)
		g := w.group("Crew", ids[0]).ID()
		w.patchGroup(g, `{"op":"add","path":"members","value":[{"value":"`+ids[1]+`"}]}`)
		w.patchGroup(g, `{"op":"add","path":"members","value":[{"value":"`+ids[2]+`"}]}`)
		return fmt.Sprint(w.members(g))
	}, "3", "2"},
	{"okta.push.link-rename", func(w *wire) string {
		w.patchGroup(w.group("Crew").ID(), `{"op":"replace","path":"displayName","value":"Team"}`)
		return fmt.Sprint(w.groupNamed("Crew"), w.groupNamed("Team"))
	}, "0 1", "1 1"},
	{"okta.push.delete", func(w *wire) string {
		w.call("DELETE", "/Groups/"+w.group("Crew").ID(), "")
		return fmt.Sprint(w.groupNamed("Crew"), w.get("/Groups").total())
	}, "0 0", "1 0"},
	{"okta.attr.roundtrip-all", func(w *wire) string { return w.user("x", `"nickName":"Kate"`).String("nickName") }, "Kate", ""},
	{"okta.429.backoff", func(w *wire) string {
		var all []int
		for range 31 {
			if s := w.get("/Users").status; !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
		return fmt.Sprint(all)
	}, "[200]", "[200 429]"},

	{"entra.flow.connect", func(w *wire) string {
		return short(w.filter(`userName eq "x"`)) + short(w.get("/Users?count=1&filter="+url.QueryEscape(`userName eq "x"`)))
	}, "200 200 ", "400 400200 "},
	{"entra.flow.create", posted("/Users", `{"schemas":["`+scim.SchemaUser+`","`+scim.SchemaEnterpriseUser+`"],"userName":"x"}`), "201 ", "400 400invalidValue"},
	{"entra.flow.match", func(w *wire) string {
		id := jane(w)
		return w.changed(id, `{"op":"Replace","path":"externalId","value":"e2"}`, "externalId") +
			fmt.Sprint(w.filter(`externalId eq "e1"`).total(), w.filter(`externalId eq "e2"`).total())
	}, "200 e2;0 1", "200 e2;1 0"},
	{"entra.flow.update", func(w *wire) string {
		return w.changed(jane(w), `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@example.com"}`, "emails.value")
	}, "200 n@example.com;", "200 jane@example.com;"},
	{"entra.flow.add-missing", func(w *wire) string {
		id := jane(w)
		return w.changed(id, `{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"7"}`, "phoneNumbers.value") +
			w.changed(id, `{"op":"replace","path":"ims[type eq \"aim\"].value","value":"7"}`, "ims.value")
	}, "200 7;400 ;", "400 ;400 ;"},
	{"entra.flow.dotted", func(w *wire) string {
		return w.changed(jane(w), `{"op":"Add","value":{"name.givenName":"Ann"}}`, "name.givenName")
	}, "200 Ann;", "200 Jane;"},
	{"entra.flow.manager", func(w *wire) string {
		return short(w.call("PATCH", "/Users/"+jane(w), patchBody(`{"op":"Add","path":"`+scim.SchemaEnterpriseUser+`:manager","value":"7"}`)))
	}, "200 ", "400 400invalidValue"},
	{"entra.flow.disable", func(w *wire) string {
		return w.changed(jane(w), `{"op":"Replace","path":"active","value":false}`, "active")
	}, "200 false;", "200 true;"},
	{"entra.flow.restore", func(w *wire) string {
		return w.changed(jane(w), `{"op":"Replace","path":"active","value":"True"}`, "active")
	}, "200 true;", "200 false;"},
	{"entra.flow.group-lookup", func(w *wire) string {
		w.group("Crew")
		w.group("Team")
		return fmt.Sprint(w.get("/Groups?excludedAttributes=members&filter=" + url.QueryEscape(`displayName eq "Crew"`)).total())
	}, "1", "2"},
	{"entra.flow.group-create", posted("/Groups", `{"schemas":["`+scim.SchemaGroup+`","http://example.com/marker"],"displayName":"x"}`), "201 ", "400 400invalidValue"},
	{"entra.flow.group-members", crew(`{"op":"Remove","path":"members","value":[{"value":"ANN"},{"value":"BOB"}]}`), "200 Crew ", "200 Crew bob"},
	{"entra.flow.delete", func(w *wire) string {
		id := jane(w)
		return w.changed(id, off, "active") + fmt.Sprint(w.call("DELETE", "/Users/"+id, "").status)
	}, "200 false;204", "200 false;409"},
}

// moreThree makes three more users.
func moreThree(w *wire) {
	for _, name := range []string{"dot", "eva", "fay"} {
		w.user(name, "")
	}
}
