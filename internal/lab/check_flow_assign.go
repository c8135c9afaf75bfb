package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	testUsers = "okta.testcreds.users"
	assigned  = "okta.flow.assign"
)

// assignChecks are what a client sends when somebody gets an account, and when a profile changes.
var assignChecks = []Check{
	{
		ID: testUsers, Title: "The test of the connection reads two users", Family: flows, Severity: report.Network,
		Needs: []string{root, okta.asks, "page.count"}, Reference: "Network rule",
		Why:   "Clients written for Okta's API send this when an admin saves the credentials. Where it fails, nothing can be set up.",
		Fix:   "Answer GET /Users?startIndex=1&count=2 with at most two users, also where the request names a Content-Type. Read the parameters from the query, never from a body.",
		judge: (*run).judgeTestUsers,
	},
	{
		ID: assigned, Title: "Somebody is looked up, created, and then found", Family: flows, Severity: report.Network, Feature: "create_users",
		Needs:     []string{okta.asks, "users.create.okta-shape", "users.create.body", "users.create.echo", "users.get.200", "filter.eq.none", byName, "users.create.visible-now"},
		Reference: "Network rule",
		Why:       "An assignment is a chain: look up, create, remember the id, read. Where one link does not follow from the other, the assignment ends as an error, or a second account comes into being.",
		Fix:       "Let a filter find a user who was created a moment ago. If you cache answers to filters, clear that cache with every create.",
		judge:     (*run).judgeAssign,
	},
	{
		ID: "okta.flow.link-existing", Title: "Somebody who is there already is linked, not made a second time", Family: flows, Severity: report.Network, Feature: "update_users",
		Needs: []string{okta.asks, created, byName, "users.put.okta-roundtrip"}, Reference: "Network rule",
		Why:   "Most directories meet accounts that were made by hand. The client finds them by userName and updates them, with its own externalId.",
		Fix:   "Update the account whose id is in the path of the PUT, whatever externalId the body brings. A PUT never makes an account.",
		judge: (*run).judgeLink,
	},
	{
		ID: "okta.flow.username-not-email", Title: "userName and e-mail address stay apart", Family: flows, Severity: report.Network, Feature: "create_users",
		Needs: []string{okta.asks, "users.create.body", "users.create.echo", "users.get.200"}, Reference: "Network rule",
		Why:   "Many people sign in with another name than their address. Where one overwrites the other, mail goes astray or the sign-in fails.",
		Fix:   "Store userName and emails in columns of their own.",
		judge: (*run).judgeApart,
	},
	{
		ID: "okta.flow.update", Title: "A changed profile arrives as a whole", Family: flows, Severity: report.Network, Feature: "update_users",
		Needs: []string{okta.asks, created, "users.put.readback", "users.put.okta-roundtrip"}, takes: []string{assigned, full}, Reference: "Network rule",
		Why:   "Clients read the user, merge the change and send the whole back. A part that is only taken at creation stays old for ever.",
		Fix:   "Store from a PUT every attribute that you store from a POST.",
		judge: (*run).judgeProfile,
	},
	{
		ID: "okta.flow.clear-attributes", Title: "Emptied attributes are accepted, and the old value is gone", Family: flows, Severity: report.Network, Feature: "update_users",
		Needs: []string{"okta.flow.update"}, Reference: "Network rule",
		Why:   "Clients leave an emptied attribute out, or send an empty text. Where that is refused, every later change of that person is refused as well.",
		Fix:   `Clear what a PUT leaves out, and take "title": "" for no title.`,
		judge: (*run).judgeClear,
	},
}

func (r *run) judgeTestUsers() Finding {
	f := r.flow(okta, "When an admin saves the credentials, the connection is reported as broken.")
	f.get("the test of the connection", "/Users", []string{"startIndex", "1", "count", "2"}, func(a *answer) string {
		if wrong := saysList(a); wrong != "" {
			return wrong
		}
		if n := len(a.resources()); n > 2 {
			return "with count=2 it returns " + itoa(n) + " users."
		}
		return ""
	})
	return f.finding()
}

// judgeAssign leaves somebody for the flows that follow.
func (r *run) judgeAssign() Finding {
	f := r.flow(okta, "When an admin assigns somebody to the app, no account comes into being, or one that the client cannot find again.")
	sent := r.names.clientUser("eve", "Eve", "Ning")
	filter := "userName eq " + quote(sent.UserName())
	f.lookUp("the look-up before the create", "Users", filter, "")
	who := f.make("the create", "Users", sent)
	if who == nil {
		return f.orLost()
	}
	who.shown = f.read("the reading of the new user", "Users", who.id, like(sent, "userName", "name.givenName", "name.familyName", "active"))
	f.lookUp("the look-up after the create", "Users", filter, who.id)
	if f.broken == nil {
		r.hired = who
	}
	return f.finding()
}

// employee is whom a client assigned; where that did not come about, somebody else for the flows that follow.
func (r *run) employee() *account {
	if r.hired == nil {
		r.hired, _ = r.guest("eve-too")
	}
	return r.hired
}

// orLost is for an account that was made and has no id that we could use.
func (f *flow) orLost() Finding {
	if f.broken != nil {
		return f.finding()
	}
	return blockedBy(created)
}

func (r *run) judgeLink() Finding {
	f := r.flow(okta, "When an admin assigns somebody whose account is there already, that person has two accounts or the old profile.")
	sent := r.names.plainUser("lin", "Lin", "Kable")
	there := r.adopt("Users", sent, r.create("Users", sent))
	if there == nil {
		return blockedBy(created)
	}
	defer r.discardNamed(there)
	filter := "userName eq " + quote(sent.UserName())
	f.lookUp("the look-up that finds the account", "Users", filter, there.id)
	now := f.read("the reading of the account", "Users", there.id, anything)
	f.put("the update that links it", "Users", there.id, merged(now, scim.Resource{
		"name": map[string]any{"givenName": "Lin", "familyName": "Linked"}, "displayName": "Lin Linked", "externalId": "00u" + r.names.tag + "lin",
	}))
	f.read("the reading after the update", "Users", there.id, like(scim.Resource{"name": map[string]any{"familyName": "Linked"}}, "name.familyName"))
	f.lookUp("the look-up after the update", "Users", filter, there.id)
	return f.finding()
}

// discardNamed removes the account, and every other of ours that bears its name against all expectation.
func (r *run) discardNamed(who *account) {
	mark := len(r.evidence)
	r.discard("Users", who.id)
	for _, id := range namedIn(r.find("userName eq "+quote(who.name)), "userName", who.name) {
		r.discard("Users", id)
	}
	r.evidence = r.evidence[:mark]
}

// merged is the whole user as read, with changes, the way clients send it back: read-only attributes and all. A
// formatted name would contradict its new parts.
func merged(read, changes scim.Resource) scim.Resource {
	body := scim.Resource{}
	if read != nil { // else the flow has ended, and nothing is sent
		body = withoutPassword(read)
	}
	for name, value := range changes {
		body[name] = value
	}
	if body["groups"] == nil {
		body["groups"] = []any{}
	}
	return body
}

func (r *run) judgeApart() Finding {
	f := r.flow(okta, "When an admin assigns somebody whose userName is not the e-mail address, one of the two is lost.", "users.create.username-not-email")
	sent := r.names.plainUser("una", "Una", "Mail")
	sent["externalId"] = "00u" + r.names.tag + "una"
	sent["userName"] = r.names.userName("una-login")
	who := f.make("the create", "Users", sent)
	if who == nil {
		return f.orLost()
	}
	defer r.discard("Users", who.id)
	f.read("the reading of the new user", "Users", who.id, func(got scim.Resource) string {
		if same := r.dialect.sameValues(sent, got); same.Outcome == report.Fail {
			return same.Message
		}
		return ""
	})
	return f.finding()
}

// judgeProfile changes what every server keeps, and of the rest what a create has shown that this one keeps.
func (r *run) judgeProfile() Finding {
	f := r.flow(okta, "When a profile changes in the directory, the app goes on with the old values.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	now := f.read("the reading before the update", "Users", who.id, anything)
	changes := scim.Resource{"name": map[string]any{"givenName": "Evelyn", "familyName": "Changed"}, "displayName": "Evelyn Changed"}
	paths := []string{"name.givenName", "name.familyName"}
	if r.keepsOnCreate("phoneNumbers") {
		changes["phoneNumbers"] = []any{map[string]any{"value": "+46 8 555 0199", "type": "work", "primary": true}}
		paths = append(paths, "phoneNumbers.value")
	}
	if r.keepsOnCreate(scim.SchemaEnterpriseUser) {
		changes[scim.SchemaEnterpriseUser] = map[string]any{"department": "Changes"}
		changes["schemas"] = []any{scim.SchemaUser, scim.SchemaEnterpriseUser}
	}
	f.put("the update", "Users", who.id, merged(now, changes))
	f.read("the reading after the update", "Users", who.id, func(got scim.Resource) string {
		wrong := like(changes, paths...)(got)
		if extension, _ := got.Get(scim.SchemaEnterpriseUser).(map[string]any); wrong == "" && changes[scim.SchemaEnterpriseUser] != nil {
			wrong = like(scim.Resource{"department": "Changes"}, "department")(extension)
		}
		return wrong
	})
	return f.finding()
}

// keepsOnCreate reports whether the richest user of the run came back with the attribute.
func (r *run) keepsOnCreate(name string) bool {
	return r.rich != nil && r.rich.shown.Get(name) != nil
}

func (r *run) judgeClear() Finding {
	f := r.flow(okta, "When somebody's attribute is emptied in the directory, the update fails or the app keeps the old value.", "users.put.removes")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	now := f.read("the reading before the update", "Users", who.id, anything)
	f.put("an update that sets a title", "Users", who.id, merged(now, scim.Resource{"title": "Temporary " + r.names.tag}))
	without := merged(now, nil)
	delete(without, "title")
	f.put("the update without the title", "Users", who.id, without)
	if f.broken == nil {
		f.putEmpty(who.id, merged(now, scim.Resource{"title": ""}))
	}
	f.read("the reading after the updates", "Users", who.id, func(got scim.Resource) string {
		if got.String("title") != "" {
			return "the title is still " + shownJSON(got.Get("title")) + "."
		}
		return ""
	})
	return f.finding()
}

// putEmpty sends an empty text. The RFC knows no rule for it, so a clean refusal is allowed, and worth knowing.
func (f *flow) putEmpty(id string, body scim.Resource) {
	accepted := says(http.StatusOK, http.StatusNoContent)
	a := f.step("the update with an empty title", ask{method: http.MethodPut, path: scim.Path("Users", id), body: body}, func(a *answer) string {
		if refusedAs(a) {
			return ""
		}
		return accepted(a)
	})
	if refusedAs(a) {
		f.unusual = "A PUT with \"title\": \"\" is refused with " + a.shown() + ". The RFC allows that; a client that empties an attribute this way cannot change that person any more."
	}
}

// refusedAs tells a refusal of a form that the RFC does not know from a breakdown.
func refusedAs(a *answer) bool {
	return a.err == nil && (a.status == http.StatusBadRequest || a.status == http.StatusNotImplemented)
}
