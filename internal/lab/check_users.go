package lab

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const created = "users.create.201"

var userChecks = []Check{
	{
		ID: "users.list.types", Title: "The counters of a list are JSON integers", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "Parsers of widespread clients stop at \"totalResults\": \"1\", without a word.",
		Fix:   `Write them without quotes, on every list: "totalResults": 1, "startIndex": 1, "itemsPerPage": 1.`,
		judge: (*run).judgeListTypes,
	},
	{
		ID: created, Title: "POST /Users answers 201", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{root}, Reference: "RFC 7644 §3.3",
		Why:   "A person who is assigned has to get an account; only 201 says that it was made now.",
		Fix:   "Accept schemas, userName, name, displayName, title, emails and active. Store the user, and answer 201 with it as the body.",
		judge: (*run).judgeCreate,
	},
	{
		ID: "users.create.body", Title: "A create is answered with the stored user and its id", Family: users, Severity: report.Network | report.Recommended, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.3",
		Why:   "Without the id a client cannot update what it has just made.",
		Fix:   `Answer with the whole stored user as JSON, with its id: {"schemas": […], "id": "2819c223", "userName": "…", …}.`,
		judge: (*run).judgeCreateBody,
	},
	{
		ID: "users.create.echo", Title: "A created user has the values that were sent, to the letter", Family: users, Severity: report.Network, Feature: "create_users",
		Needs: []string{created}, Reference: "Network rule; RFC 7644 §3.3",
		Why:   "A value that comes back changed is sent again with every synchronisation, or no longer found.",
		Fix:   "Store values as they were sent. Ignore case when you compare values, not when you store them.",
		judge: (*run).judgeEcho,
	},
	{
		ID: "users.get.200", Title: "GET /Users/{id} answers 200 with the user", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{created}, Reference: "RFC 7644 §3.4.1",
		Why:   "Every update begins with reading.",
		Fix:   "Answer GET /Users/{id} with the user itself, not with a list, and with exactly the id of the path.",
		judge: (*run).judgeGet,
	},
	{
		ID: "users.create.201-location", Title: "A created user's address is in Location", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.3",
		Why:   "Clients that get no body, or do not trust it, find the new user there.",
		Fix:   "Send the header Location with the absolute URL of the user, such as https://scim.example.com/Users/2819c223, and the same in meta.location. Build it from the public base URL.",
		judge: (*run).judgeLocation,
	},
	{
		ID: "users.create.readback", Title: "What GET shows is what create answered", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.3, §3.4.1",
		Why:   "An answer that promises what was not stored makes every later comparison wrong.",
		Fix:   "Answer with what was stored, after it was stored. If GET reads from a replica, wait for it before you answer.",
		judge: (*run).judgeReadback,
	},
	{
		ID: "users.get.okta-required", Title: "Listed users have userName, given and family name, an e-mail address and active", Family: users, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule",
		Why:   "An import matches people by these attributes; the published test suites stop where the first listed user lacks one.",
		Fix:   "Return these attributes for every user, or complete the records that lack them.",
		judge: (*run).judgeListedUser,
	},
	{
		ID: "users.get.404", Title: "GET of an unknown user answers 404", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{root}, Reference: "RFC 7644 §3.12",
		Why:   "A client learns by the 404 that an account is gone; by a 500 only that it has to try again.",
		Fix:   `Answer 404 to every id that is not there, also to one that does not look like yours. The body is a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "There is no such user."}.`,
		judge: func(r *run) Finding { return expect(r.user(r.names.unknown), http.StatusNotFound) },
	},
	{
		ID: "users.create.unique", Title: "No second user comes into being with the same userName", Family: users, Severity: report.RFC | report.Network, Safety: true, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §4.1.1; RFC 7644 §3.3",
		Why:   "Clients repeat creates whose answer was lost. One person then has two accounts, and only one of them is ever deactivated.",
		Fix:   "Put a unique index on userName, and refuse the second create with 409.",
		judge: (*run).judgeUnique,
	},
	{
		ID: "users.create.duplicate-409", Title: "A second user with the same userName is refused with 409", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{"users.create.unique"}, Reference: "RFC 7644 §3.3",
		Why:   "A client tells by the 409 that the account is there and looks it up; at any other refusal it gives up.",
		Fix:   "Catch the violation of the unique index, and answer it with 409.",
		judge: (*run).judgeDuplicate,
	},
	{
		ID: "users.create.duplicate-scimtype", Title: "The 409 says uniqueness", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"users.create.duplicate-409"}, Reference: "RFC 7644 §3.3, §3.12 table 9",
		Why:   "scimType tells a duplicate from other conflicts.",
		Fix:   `Add "scimType": "uniqueness" to the body of the 409, beside schemas, status and detail.`,
		judge: (*run).judgeDuplicateType,
	},
	{
		ID: "users.create.duplicate-case", Title: "userName is unique regardless of case", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §4.1.1",
		Why:   "ADA@ and ada@ are one person; two accounts for her drift apart.",
		Fix:   "Make the unique index ignore case, for example with lower(userName).",
		judge: (*run).judgeDuplicateCase,
	},
	{
		ID: "users.create.okta-shape", Title: "The document that provisioning clients send is accepted", Family: users, Severity: report.Network, Feature: "create_users",
		Needs: []string{created}, Reference: "Network rule",
		Why:   "Clients send password, externalId, locale and an empty groups list with every create.",
		Fix:   "Accept all of these attributes. Ignore those that you do not store and those that are read-only, such as groups; do not answer 400.",
		judge: (*run).judgeClientShape,
	},
	{
		ID: "users.create.externalid", Title: "externalId is stored as sent, and never made up", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{"users.create.okta-shape", "users.get.200"}, Reference: "RFC 7643 §3.1",
		Why:   "It is the client's own key: with it an account is found again after a rename.",
		Fix:   "Store externalId exactly as it was sent. Where the client sends none, show none.",
		judge: (*run).judgeExternalID,
	},
	{
		ID: "users.password.never-returned", Title: "The password is never returned", Family: users, Severity: report.RFC, Safety: true, Feature: "create_users",
		Needs: []string{"users.create.okta-shape"}, Reference: "RFC 7643 §4.1.1, §7",
		Why:   "Whoever can list users could read everybody's password; clients even send it back on the next update.",
		Fix:   `Leave password out of every answer, also where ?attributes=password asks for it. In /Schemas it has "returned": "never".`,
		judge: (*run).judgePassword,
	},
	{
		ID: "users.create.readonly-ignored", Title: "id, meta and groups from the client are ignored", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.3",
		Why:   "Clients send back what they have read. A server that takes an id from outside can be made to overwrite.",
		Fix:   "Ignore id, meta and groups in the body of a POST, without an error, and set your own values.",
		judge: (*run).judgeReadOnly,
	},
	{
		ID: "users.create.username-not-email", Title: "A userName need not be an e-mail address", Family: users, Severity: report.Network, Feature: "create_users",
		Needs: []string{created}, Reference: "Network rule; RFC 7643 §4.1.1",
		Why:   "Many organisations name accounts by a short login.",
		Fix:   "Do not validate userName as an e-mail address. If your product needs one, say so in the submission.",
		judge: (*run).judgeShortName,
	},
}

// judgeListTypes asks the RFC's question, and the suites' question in addition: startIndex and itemsPerPage are
// required by the RFC on a partial list only.
func (r *run) judgeListTypes() Finding {
	r.cite(r.probe)
	list, _ := r.probe.list()
	for _, name := range []string{"totalResults", "startIndex", "itemsPerPage"} {
		value := r.probe.object.Get(name)
		switch {
		case isInteger(value):
		case value != nil:
			return fails("In the answer to GET /Users %s is %s, not an integer.", name, shownJSON(value))
		case r.subject.Version == SCIM11: // which requires none of them
			return fails("In the answer to GET /Users %s is missing. Clients want it on every list.", name).only(report.Network)
		case name == "totalResults" || list.TotalResults > len(list.Resources):
			return fails("In the answer to GET /Users %s is missing.", name)
		default:
			return fails("In the answer to GET /Users %s is missing. The RFC requires it on a partial list; clients want it on every list.", name).only(report.Network)
		}
	}
	return passes()
}

func (r *run) judgeListedUser() Finding {
	r.cite(r.probe)
	listed := r.probe.resources()
	if len(listed) == 0 { // nobody was there before the run
		listed = r.get("/Users", "startIndex", "1", "count", "2").resources()
	}
	if len(listed) == 0 {
		return notApplicable("No users are listed.")
	}
	var missing []string
	for _, path := range []string{"id", "userName", "name.givenName", "name.familyName", "emails.value", "active"} {
		if listed[0].String(path) == "" {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		return fails("The first listed user has no %s.", strings.Join(missing, ", no "))
	}
	return passes()
}

func (r *run) judgeCreate() Finding {
	sent := r.names.plainUser("ada", "Ada", "Lovelace")
	a := r.create("Users", sent)
	if f, bad := a.want(http.StatusCreated); bad && !a.is2xx() {
		return f
	}
	mark := len(r.evidence)
	r.ada = r.adopt("Users", sent, a)
	r.evidence = r.evidence[:mark]
	if r.ada == nil {
		return fails("POST /Users answered %s, but the new user is nowhere to be found: no id, no Location, no match by userName.", a.shown())
	}
	if a.status != http.StatusCreated {
		return fails("POST /Users answered %s instead of 201.", a.shown()).andStands()
	}
	return passes()
}

func (r *run) judgeLocation() Finding {
	r.cite(r.ada.created)
	location := r.ada.created.header.Get("Location")
	inBody := r.ada.created.object.String("meta.location")
	switch {
	case location == "":
		return fails("%s answered %s without a Location header.", r.ada.created.request(), r.ada.created.shown())
	case inBody != "" && inBody != location:
		return fails("Location is %q, and meta.location is %q; they must be the same.", excerpt(location), excerpt(inBody))
	}
	path, ours := r.below(location)
	if !ours {
		return fails("Location is %q, which is not below the base URL.", excerpt(location))
	}
	if f := r.outcomes["users.get.200"]; f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return passes() // where no user can be read, an address cannot be blamed
	}
	if a := r.get(path); !a.is2xx() || a.object.ID() != r.ada.id {
		return fails("GET of the address in Location (%q) answered %s, not the user.", excerpt(location), a.shown())
	}
	return passes()
}

// below returns the part of an address after the base URL. An address elsewhere is never followed (H-65); a
// relative one is what HTTP allows (RFC 9110 §10.2.2).
func (r *run) below(location string) (path string, ok bool) {
	u, err := r.client.Base.Parse(location)
	if err != nil || u.Host != r.client.Base.Host || u.RawQuery != "" {
		return "", false
	}
	path, ok = strings.CutPrefix(u.EscapedPath(), strings.TrimRight(r.client.Base.EscapedPath(), "/"))
	return path, ok && strings.HasPrefix(path, "/")
}

func (r *run) judgeCreateBody() Finding {
	r.cite(r.ada.created)
	switch {
	case r.ada.created.object == nil:
		return fails("%s answered %s, but the body is %s.", r.ada.created.request(), r.ada.created.shown(), r.ada.created.nature())
	case r.ada.created.object.ID() == "":
		return fails("%s answered %s with a user that has no id.", r.ada.created.request(), r.ada.created.shown())
	}
	return passes()
}

// echoed are the attributes that no service has a reason to change.
var echoed = []string{"userName", "name.givenName", "name.familyName", "emails.value", "active"}

// judgeEcho creates a user of its own, in whose values the case of every letter counts.
func (r *run) judgeEcho() Finding {
	sent := r.names.plainUser("Grace", "GraCe", "Lovelace")
	a := r.create("Users", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	defer r.undo("Users", a)
	stored := a.object
	if stored == nil { // users.create.body's finding; GET shows what was stored
		who := r.adopt("Users", sent, a)
		if who == nil {
			return blockedBy(created)
		}
		stored = r.user(who.id).object
	}
	if stored == nil {
		return blockedBy("users.get.200")
	}
	return r.dialect.sameValues(sent, stored)
}

// sameValues tolerates e-mail addresses in another case: both versions want them in a canonical form.
func (d dialect) sameValues(sent, stored scim.Resource) Finding {
	was, is := sent.String("emails.value"), stored.String("emails.value")
	folded := was != is && strings.EqualFold(was, is)
	paths := slices.DeleteFunc(slices.Clone(echoed), func(path string) bool { return folded && path == "emails.value" })
	if wrong := differences(sent, stored, paths); wrong != "" {
		return fails("The user differs from what was sent: %s", wrong)
	}
	if folded {
		return deviates("emails.value is %s instead of %s. %s allows that (%s); compare addresses without regard to case.", quote(excerpt(is)), quote(was), sentence(d.law), d.canonical)
	}
	return passes()
}

// differences names the attributes whose text is not the one expected.
func differences(want, got scim.Resource, paths []string) string {
	var wrong []string
	for _, path := range paths {
		if textOf(want, path) != textOf(got, path) {
			wrong = append(wrong, path+" is "+shownJSON(got.Get(path))+" instead of "+shownJSON(want.Get(path)))
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return strings.Join(wrong, "; ") + "."
}

// textOf reads active leniently: that it must be a boolean is repr.booleans' finding.
func textOf(r scim.Resource, path string) string {
	if active, known := r.Active(); path == "active" && known {
		return strconv.FormatBool(active)
	}
	return r.String(path)
}

func (r *run) judgeGet() Finding {
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f.Message
		}
		if a.object.ID() != r.ada.id {
			return "GET /Users/" + r.ada.id + " answered with an object whose id is " + shownJSON(a.object.Get("id")) + "."
		}
		return ""
	})
	if wrong != "" && a.status == http.StatusNotFound {
		wrong += " It was created just before (" + r.ada.created.shown() + "), and asked for again for " + r.subject.Settle.String() + ". Findings below may have the same reason: what is written cannot be read."
	}
	return settled(a, waited, wrong)
}

func (r *run) judgeReadback() Finding {
	promised := r.ada.created.object
	if promised == nil {
		promised = r.ada.sent
	}
	r.cite(r.ada.created)
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		if a.object == nil {
			return "GET answered " + a.shown() + "."
		}
		var paths []string
		for _, path := range append([]string{"displayName", "title", "externalId"}, echoed...) {
			if promised.Get(path) != nil {
				paths = append(paths, path)
			}
		}
		if wrong := differences(promised, a.object, paths); wrong != "" {
			return "GET does not show what POST answered: " + wrong
		}
		return ""
	})
	return settled(a, waited, wrong)
}

func (r *run) judgeClientShape() Finding {
	sent := r.names.clientUser("bob", "Bob", "Builder")
	a := r.create("Users", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	mark := len(r.evidence)
	r.bob = r.adopt("Users", sent, a)
	r.evidence = r.evidence[:mark]
	if r.bob == nil {
		return fails("POST /Users answered %s, but the new user is nowhere to be found.", a.shown())
	}
	return passes()
}

func (r *run) judgeExternalID() Finding {
	r.cite(r.ada.created)
	if made := r.ada.created.object.ExternalID(); made != "" {
		return fails("A user that was created without externalId comes back with the externalId %q.", excerpt(made))
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(r.bob.id) }, func(a *answer) string {
		return differences(r.bob.sent, a.object, []string{"externalId"})
	})
	return settled(a, waited, wrong)
}

func (r *run) judgePassword() Finding {
	r.cite(r.bob.created)
	path := scim.Path("Users", r.bob.id)
	for _, a := range []*answer{r.bob.created, r.get(path), r.get(path, "attributes", "password,userName")} {
		if a.object.Get("password") != nil || strings.Contains(string(a.body), r.names.password) {
			return fails("%s shows the password.", a.request())
		}
	}
	return passes()
}

func (r *run) judgeReadOnly() Finding {
	sent := r.names.plainUser("carol", "Carol", "Shaw")
	sent["id"] = r.names.foreign
	sent["meta"] = map[string]any{"resourceType": "Robot", "created": "1999-12-31T23:59:59Z"}
	sent["groups"] = []any{map[string]any{"value": r.names.foreign, "display": "Administrators"}}
	a := r.create("Users", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	defer r.undo("Users", a)
	taken := a.object
	for path, value := range map[string]string{"id": r.names.foreign, "meta.resourceType": "Robot", "meta.created": "1999-12-31T23:59:59Z", "groups.value": r.names.foreign} {
		if taken.String(path) == value {
			return fails("The server took %s from the client: %s.", path, shownJSON(taken.Get(path)))
		}
	}
	return passes()
}

func (r *run) judgeShortName() Finding {
	if r.subject.UserNameIsEmail {
		return notApplicable("The manifest says that a userName is an e-mail address.")
	}
	sent := r.names.plainUser("dave", "Dave", "Null")
	sent["userName"] = r.names.prefix + "dave"
	a := r.create("Users", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	if got := a.object.UserName(); a.object != nil && got != sent.UserName() {
		return fails("The userName %q came back as %q.", sent.UserName(), excerpt(got))
	}
	return passes()
}
