package lab

import (
	"net/http"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// createChecks make users with less, with more, or with other spellings than a client usually sends.
var createChecks = []Check{
	{
		ID: "users.create.no-email", Title: "A user without an e-mail address is accepted", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §4.1.2",
		Why:   "Service accounts and shop-floor staff have no address.",
		Fix:   `Make emails optional, or mark it "required": true in /Schemas.`,
		judge: (*run).judgeNoEmail,
	},
	{
		ID: "users.create.minimal", Title: "schemas and userName are enough for a user", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.no-email"}, Reference: "RFC 7643 §4.1.1",
		Why:   "What you require beyond the RFC has to be mapped by every customer, and they learn of it by a failed create.",
		Fix:   `Accept such a user, or mark the attribute "required": true in /Schemas and say so in the submission.`,
		judge: (*run).judgeMinimal,
	},
	{
		ID: "users.create.active-default", Title: "A user who is created without active is active", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.create.no-email"}, Reference: "RFC 7643 §4.1.1",
		Why:   "Clients differ in whether they send active; a new person who cannot sign in calls the help desk.",
		Fix:   `Take a missing active for true, and show "active": true in the answer.`,
		judge: (*run).judgeActiveDefault,
	},
	{
		ID: "users.create.inactive", Title: "A user who is created with active: false is inactive", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §4.1.1",
		Why:   "Accounts are prepared before the first day; until then nobody may sign in.",
		Fix:   `Read active when you create, not only when you update: with "active": false the user exists and cannot sign in.`,
		judge: (*run).judgeCreateInactive,
	},
	{
		ID: "users.create.duplicate-email", Title: "Two users may share an e-mail address", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §4.1.2",
		Why:   "Shared mailboxes exist. A refusal is allowed, but then it has to be known before.",
		Fix:   "Identify users by userName and id, not by e-mail; or declare that addresses are unique.",
		judge: (*run).judgeSharedEmail,
	},
	{
		ID: "users.create.attributes-param", Title: "attributes limits the answer to a create", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.9",
		Why:   "A client that asks for less must not be sent what it is not meant to read.",
		Fix:   "Apply attributes and excludedAttributes to the answers of POST, PUT and PATCH as well.",
		judge: (*run).judgeCreateProjection,
	},
	{
		ID: "users.create.trailing-slash", Title: "POST /Users/ is answered, not with a server error", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{created}, Reference: "Experience",
		Why:   "Base URLs are typed with and without a slash at the end.",
		Fix:   "Treat both paths alike, or answer 404 or 308.",
		judge: (*run).judgeSlash,
	},
	{
		ID: "users.case.attr-names", Title: "Attribute names count in any case", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7643 §2.1",
		Why:   "A client that writes UserName would create somebody without a name.",
		Fix:   "Read the keys of a body without regard to case: USERNAME is userName.",
		judge: (*run).judgeAttributeCase,
	},
	{
		ID: "users.case.schemas-urn", Title: "URNs in schemas count in any case", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 2648 §2: the entire URN is case-insensitive",
		Why:   "Two spellings of one URN are the same schema.",
		Fix:   "Compare the URNs in schemas (the names that begin with urn:) without regard to case.",
		judge: (*run).judgeURNCase,
	},
	{
		ID: "users.get.id-case", Title: "An id in another case is another id", Family: users, Severity: report.RFC,
		Needs: []string{"users.get.404", created}, Reference: "RFC 7643 §3.1, §8.7.1",
		Why:   "Where ids are compared without case, two accounts can share one address.",
		Fix:   "Compare ids letter by letter; answer 404 where only the case is right.",
		judge: (*run).judgeIDCase,
	},
	{
		ID: "users.list.unknown-param", Title: "A query parameter that SCIM does not know is ignored", Family: users, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2",
		Why: "Gateways and clients add parameters of their own.",
		Fix: "Ignore parameters that you do not know.",
		judge: func(r *run) Finding {
			return expect(r.get("/Users", "startIndex", "1", "count", "1", "slipwayLab", r.names.tag), http.StatusOK)
		},
	},
	{
		ID: "users.password.not-filterable", Title: "A filter on password finds nobody", Family: users, Severity: report.Recommended,
		Needs: []string{"users.create.okta-shape", "filter.eq.really-filters"}, Reference: "RFC 7643 §7; RFC 7644 §7.5.2",
		Why:   "Whoever can filter on passwords can guess them one by one, without being locked out.",
		Fix:   `Leave password out of the attributes that a filter may name; answer 403, or 400 with "scimType": "invalidFilter".`,
		judge: (*run).judgePasswordFilter,
	},
}

// tries creates a user of the check's own, who is removed when the check is over. The finding is bad where the server
// refused, and then says what was special about the body.
func (r *run) tries(body scim.Resource, special string) (*answer, Finding, bool) {
	a := r.create("Users", body)
	if a.is2xx() {
		return a, Finding{}, false
	}
	f := expect(a, http.StatusCreated)
	f.Message += " " + special
	return a, f, true
}

func (r *run) judgeNoEmail() Finding {
	body := r.names.plainUser("mute", "No", "Mail")
	delete(body, "emails")
	a, f, bad := r.tries(body, "The body had no emails.")
	defer r.undo("Users", a)
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeMinimal() Finding {
	body := scim.Resource{"schemas": []any{r.dialect.user}, "userName": r.names.userName("minim")}
	a, f, bad := r.tries(body, "The body had schemas and userName only.")
	defer r.undo("Users", a)
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeActiveDefault() Finding {
	body := r.names.plainUser("unsaid", "Un", "Said")
	delete(body, "active")
	a, f, bad := r.tries(body, "The body had no active.")
	defer r.undo("Users", a)
	if bad {
		return f
	}
	active, known := a.object.Active()
	switch {
	case a.object != nil && !known:
		return deviates("The answer does not say whether the user is active.")
	case known && !active:
		return fails("A user who was created without active is inactive.")
	}
	return passes()
}

func (r *run) judgeCreateInactive() Finding {
	body := r.names.plainUser("early", "Early", "Bird")
	body["active"] = false
	a, f, bad := r.tries(body, "The body had active: false.")
	if bad {
		return f
	}
	defer r.undo("Users", a)
	if a.object.ID() == "" {
		return blockedBy("users.create.body")
	}
	return r.shows(a.object.ID(), "active", "false")
}

func (r *run) judgeSharedEmail() Finding {
	body := r.names.plainUser("shared", "Same", "Address")
	body["emails"] = r.ada.sent["emails"]
	a := r.create("Users", body)
	defer r.undo("Users", a)
	if a.is2xx() {
		return passes()
	}
	if a.status == http.StatusConflict || a.status == http.StatusBadRequest {
		return deviates("A second user with the same e-mail address is refused with %s. It is allowed, and has to be declared.", a.shown())
	}
	return expect(a, http.StatusCreated)
}

func (r *run) judgeCreateProjection() Finding {
	body := r.names.plainUser("terse", "Terse", "Reply")
	a := r.send(ask{method: http.MethodPost, path: "/Users", query: values([]string{"attributes", "userName"}), body: body,
		object: &report.Object{Resource: "Users", Name: body.UserName()}})
	defer r.undo("Users", a)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	for _, name := range []string{"name", "emails", "displayName", "title"} {
		if a.object.Get(name) != nil {
			return fails("POST /Users?attributes=userName was answered with %s as well.", name)
		}
	}
	return passes()
}

// judgeSlash asks aside: what a router says to a path that it does not know is nobody's concern.
func (r *run) judgeSlash() Finding {
	body := r.names.plainUser("slash", "Sla", "Sh")
	a := r.send(ask{method: http.MethodPost, path: "/Users/", body: body, aside: true, object: &report.Object{Resource: "Users", Name: body.UserName()}})
	defer r.undo("Users", a)
	if a.err == nil && a.status >= 500 && a.status != http.StatusNotImplemented {
		return fails("POST /Users/ answered %s.%s", a.shown(), a.detail())
	}
	return passes()
}

func (r *run) judgeAttributeCase() Finding {
	body := r.names.plainUser("caps", "Caps", "Lock")
	name := body.UserName()
	delete(body, "userName")
	body["USERNAME"] = name
	a := r.send(ask{method: http.MethodPost, path: "/Users", body: body, object: &report.Object{Resource: "Users", Name: name}})
	defer r.undo("Users", a)
	if !a.is2xx() {
		f := expect(a, http.StatusCreated)
		f.Message += " The body had USERNAME instead of userName."
		return f
	}
	if got := a.object.UserName(); a.object != nil && !strings.EqualFold(got, name) {
		return fails("USERNAME was sent; the user's userName is %s.", shownJSON(a.object.Get("userName")))
	}
	return passes()
}

func (r *run) judgeURNCase() Finding {
	body := r.names.plainUser("urn", "Ur", "Name")
	body["schemas"] = []any{strings.ToUpper(r.dialect.user)}
	a, f, bad := r.tries(body, "The body's schemas named the User schema in capitals.")
	defer r.undo("Users", a)
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeIDCase() Finding {
	other := strings.ToUpper(r.ada.id)
	if other == r.ada.id {
		other = strings.ToLower(r.ada.id)
	}
	if other == r.ada.id {
		return notApplicable("The ids have no letters.")
	}
	a := r.user(other)
	if a.is2xx() && a.object.ID() == r.ada.id {
		return deviates("GET of the id in another case answered with the user %s. Ids are compared letter by letter.", quote(r.ada.id))
	}
	return expect(a, http.StatusNotFound)
}

func (r *run) judgePasswordFilter() Finding {
	a := r.find("password eq " + quote(r.names.password))
	if a.err != nil {
		return a.trouble()
	}
	for _, user := range a.resources() {
		if user.ID() == r.bob.id {
			return fails("A filter with the password of %s finds that user.", quote(r.bob.name))
		}
	}
	return passes()
}
