package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// putRuleChecks ask what PUT does with what is left out, read-only, or somebody else's.
var putRuleChecks = []Check{
	{
		ID: "users.put.rename", Title: "A new userName keeps the id", Family: users, Severity: report.RFC | report.Network, Feature: "update_users",
		Needs: []string{put}, Reference: "RFC 7643 §3.1",
		Why:   "People marry and change their names; a second account would be theirs, and the first nobody's.",
		Fix:   "Find the account by the id in the path, and store the new userName.",
		judge: (*run).judgePutRename,
	},
	{
		ID: "users.put.readonly-ignored", Title: "PUT ignores meta and groups in the body", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{"users.put.okta-roundtrip"}, Reference: "RFC 7644 §3.5.1",
		Why:   "Clients send back what they read, perhaps from another day.",
		Fix:   "Drop read-only attributes from the body before you merge.",
		judge: (*run).judgePutReadOnly,
	},
	{
		ID: "users.put.id-mismatch", Title: "The path decides whom a PUT changes, not the id in the body", Family: users, Severity: report.RFC, Safety: true, Feature: "update_users",
		Needs: []string{put}, Reference: "RFC 7644 §3.5.1",
		Why:   "Otherwise an update of one person overwrites another.",
		Fix:   "Take the id from the path only; ignore or refuse another one in the body.",
		judge: (*run).judgePutMismatch,
	},
	{
		ID: "users.put.required-missing", Title: "PUT without userName is refused with 400", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{put}, Reference: "RFC 7644 §3.5.1",
		Why:   "An account must not lose the name by which it is found.",
		Fix:   "Answer 400 where a PUT has no userName; do not fill it in from what is stored.",
		judge: (*run).judgePutNameless,
	},
	{
		ID: "users.put.conflict", Title: "PUT with somebody else's userName is refused with 409", Family: users, Severity: report.RFC, Safety: true, Feature: "update_users",
		Needs: []string{put, "users.create.unique"}, Reference: "RFC 7644 §3.12, table 8, table 9",
		Why:   "Two accounts with one name: the next look-up finds either of them.",
		Fix:   `Let the unique index guard updates too, and turn its violation into 409 with "scimType": "uniqueness".`,
		judge: (*run).judgePutConflict,
	},
	{
		ID: "users.put.removes", Title: "What a PUT leaves out is cleared", Family: users, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{"users.put.readback"}, Reference: "RFC 7644 §3.5.1 (MAY)",
		Why:   "Clients rely on PUT to replace; an old title that stays is never noticed.",
		Fix:   "Clear what the body leaves out, or set it to its default; where you keep it, say so in the submission.",
		judge: (*run).judgePutRemoves,
	},
	{
		ID: "users.put.nulls", Title: "null and an empty list clear an attribute", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{"users.put.readback"}, Reference: "RFC 7643 §2.5; RFC 7644 §3.5.1",
		Why:   "It is how clients take a value away; a refusal blocks every other change of that person.",
		Fix:   `Treat "title": null and "phoneNumbers": [] as an instruction to clear the attribute.`,
		judge: (*run).judgePutNulls,
	},
	{
		ID: "users.put.extension-omitted", Title: "A PUT without the enterprise extension clears it", Family: users, Severity: report.Recommended, Feature: "update_users",
		Needs: []string{put, "users.create.enterprise"}, Reference: "RFC 7644 §3.5.1 (MAY)",
		Why:   "Somebody who leaves a department must not keep the rights that come with it.",
		Fix:   "Clear the extension, and take its URN out of schemas.",
		judge: (*run).judgePutExtension,
	},
	{
		ID: "users.password.change", Title: "A password can be changed by PUT", Family: users, Severity: report.RFC | report.Network, Feature: "update_users", gate: offersPassword, Since: "2026.11.5",
		Needs: []string{put}, Reference: "RFC 7643 §4.1.1, §5; network rule where passwords are synchronised",
		Why:   "Somebody who forgot the password gets a new one from the directory.",
		Fix:   "Accept password in a PUT, or set changePassword.supported to false.",
		judge: (*run).judgePutPassword,
	},
	{
		ID: "users.groups-readonly", Title: "Writing a user's groups changes no membership", Family: users, Severity: report.RFC, Safety: true, Feature: "update_users",
		Needs: []string{put, groupCreated}, Reference: "RFC 7643 §4.1.2",
		Why:   "Whoever may edit a profile could make that person an administrator.",
		Fix:   "Ignore groups in a user's body; membership changes at the group only.",
		judge: (*run).judgeGroupsReadOnly,
	},
}

// guest is a user for one check, who may be left in any state.
func (r *run) guest(who string) (*account, Finding) {
	sent := r.names.plainUser(who, "Guest", "Of Slipway")
	a := r.create("Users", sent)
	if !a.is2xx() {
		return nil, expect(a, http.StatusCreated)
	}
	guest := r.adopt("Users", sent, a)
	if guest == nil {
		return nil, blockedBy(created)
	}
	return guest, Finding{}
}

// puts sends the body to the guest's address and reads the guest.
func (r *run) puts(guest *account, body scim.Resource) (put, now *answer) {
	put = r.replace("Users", guest.id, body)
	return put, r.user(guest.id)
}

func (r *run) judgePutRename() Finding {
	guest, f := r.guest("mary")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["userName"] = r.names.userName("mary-married")
	if a := r.replace("Users", guest.id, body); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	return r.shows(guest.id, "userName", body.UserName())
}

func (r *run) judgePutReadOnly() Finding {
	guest, f := r.guest("relic")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	before := r.user(guest.id)
	body := guest.sent.Clone()
	body["meta"] = map[string]any{"resourceType": "Robot", "created": "1999-12-31T23:59:59Z"}
	body["groups"] = []any{map[string]any{"value": r.names.foreign, "display": "Administrators"}}
	a, now := r.puts(guest, body)
	if !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	for _, path := range []string{"meta.created", "meta.resourceType", "groups.value"} {
		if was, is := before.object.String(path), now.object.String(path); was != is && is == body.String(path) {
			return fails("PUT took %s from the body: it was %s, and is %s now.", path, shownJSON(before.object.Get(path)), quote(is))
		}
	}
	return passes()
}

func (r *run) judgePutMismatch() Finding {
	guest, f := r.guest("one")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	bystander, f := r.guest("two")
	if bystander == nil {
		return f
	}
	defer r.discard("Users", bystander.id)
	body := guest.sent.Clone()
	body["id"], body["displayName"], body["title"] = bystander.id, "Changed "+r.names.tag, "Changed "+r.names.tag
	a := r.replace("Users", guest.id, body)
	now := r.user(bystander.id)
	if wrong := differences(bystander.sent, now.object, []string{"userName", "name.givenName"}); !now.is2xx() || wrong != "" || now.object.String("title") == body.String("title") {
		return fails("PUT to the path of %s, with the id of %s in the body, changed the second user.", quote(guest.name), quote(bystander.name))
	}
	return expect(a, http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusConflict)
}

func (r *run) judgePutNameless() Finding {
	guest, f := r.guest("lost")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	delete(body, "userName")
	return expect(r.replace("Users", guest.id, body), http.StatusBadRequest).saying("The body had no userName.")
}

func (r *run) judgePutConflict() Finding {
	guest, f := r.guest("rival")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["userName"] = r.ada.name
	return expect(r.replace("Users", guest.id, body), http.StatusConflict).saying("The body had the userName of another user.")
}

func (r *run) judgePutRemoves() Finding {
	guest, f := r.guest("short")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	if r.user(guest.id).object.String("title") == "" {
		return notApplicable("The server keeps no title that could be cleared.")
	}
	body := guest.sent.Clone()
	delete(body, "title")
	a, now := r.puts(guest, body)
	if !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	if now.object.String("title") == guest.sent.String("title") {
		return deviates("A PUT without title keeps the old title. The RFC allows that; clients take PUT for a replacement.")
	}
	return passes()
}

func (r *run) judgePutNulls() Finding {
	guest, f := r.guest("void")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["title"], body["phoneNumbers"] = nil, []any{}
	a, now := r.puts(guest, body)
	if !a.is2xx() {
		return fails("PUT with title: null and phoneNumbers: [] answered %s instead of 200.%s", a.shown(), a.detail())
	}
	if now.object.String("title") == guest.sent.String("title") {
		return fails("PUT with title: null was answered %s; GET still shows the title.", a.shown())
	}
	return passes()
}

func (r *run) judgePutExtension() Finding {
	body := r.rich.sent.Clone()
	delete(body, scim.SchemaEnterpriseUser)
	delete(body, "x509Certificates")
	body["schemas"] = []any{scim.SchemaUser}
	a, now := r.puts(r.rich, body)
	if !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	extension, _ := now.object.Get(scim.SchemaEnterpriseUser).(map[string]any)
	if scim.Resource(extension).String("employeeNumber") != "" {
		return deviates("A PUT without the enterprise extension keeps it. The RFC allows that; clients take PUT for a replacement.")
	}
	return passes()
}

func (r *run) judgePutPassword() Finding {
	guest, f := r.guest("key")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["password"] = r.names.password + "2"
	return r.ofPasswords(expect(r.replace("Users", guest.id, body), http.StatusOK, http.StatusNoContent).saying("The body was the user as it was created, with a new password."))
}

func (r *run) judgeGroupsReadOnly() Finding {
	sent := r.names.group("lodge")
	lodge := r.adopt("Groups", sent, r.create("Groups", sent))
	if lodge == nil {
		return notApplicable("There are no groups to write.")
	}
	defer r.discard("Groups", lodge.id)
	guest, f := r.guest("climber")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	body := guest.sent.Clone()
	body["groups"] = []any{map[string]any{"value": lodge.id}}
	a := r.replace("Users", guest.id, body)
	if _, inside := r.members(lodge.id); slices.Contains(inside, guest.id) {
		return fails("PUT of a user with groups was answered %s and made the user a member of the group.", a.shown())
	}
	return expect(a, http.StatusOK, http.StatusNoContent, http.StatusBadRequest)
}
