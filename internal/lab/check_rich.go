package lab

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const full = "users.create.full"

// richChecks work with one user who has a value for nearly every attribute of RFC 7643 §4.
var richChecks = []Check{
	{
		ID: full, Title: "A user with every attribute of the core schema is accepted", Family: users, Severity: report.Recommended, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §4.1, §8.2; RFC 7644 §3.3",
		Why:   "Mappings grow: the day somebody maps the nickname, every create fails.",
		Fix:   "Store what you have a place for and ignore the rest; never refuse an attribute that the core schema defines.",
		judge: (*run).judgeFull,
	},
	{
		ID: "users.create.multi-emails", Title: "Several e-mail addresses keep their types and the primary one", Family: users, Severity: report.RFC, Feature: "create_users",
		Needs: []string{full}, Reference: "RFC 7643 §2.4, §4.1.2",
		Why:   "With one column for addresses, the second overwrites the first, and mail goes to the wrong place.",
		Fix:   "Keep every address with its type and its primary flag, for example in a table of its own.",
		judge: (*run).judgeManyEmails,
	},
	{
		ID: "users.create.enterprise", Title: "The enterprise extension comes back as it was sent", Family: users, Severity: report.Network | report.Recommended, Feature: "create_users", Since: "2026.11.5",
		Needs: []string{"users.get.200"}, takes: []string{full}, Reference: "RFC 7643 §4.3; network rule where /Schemas offers it",
		Why:   "Department, cost centre and employee number are what customers map first.",
		Fix:   "Store the attributes that stand under urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, or leave this extension out of /Schemas and /ResourceTypes.",
		judge: (*run).judgeEnterprise,
	},
	{
		ID: "users.create.visible-now", Title: "A new user is found by filter at once", Family: users, Severity: report.Network | report.Recommended, Feature: "create_users",
		Needs: []string{created, "filter.eq.username"}, Reference: "Network rule",
		Why:   "Clients look up before they create. A user who shows only later is created twice.",
		Fix:   "Let filters read from the database that the create wrote to, not from a replica or an index that lags.",
		judge: (*run).judgeVisible,
	},
	{
		ID: "repr.enterprise", Title: "The manager is an object with a value", Family: shapes, Severity: report.RFC,
		Needs: []string{full}, Reference: "RFC 7643 §4.3",
		Why:   "A parser that expects manager.value finds nothing in a bare text.",
		Fix:   "Write \"manager\": {\"value\": \"the manager's id\"} inside " + scim.SchemaEnterpriseUser + ".",
		judge: (*run).judgeManager,
	},
	{
		ID: "repr.country", Title: "A country is a code of two letters", Family: shapes, Severity: report.RFC,
		Needs: []string{full}, Reference: "RFC 7643 §4.1.2",
		Why:   "Clients compare with ISO 3166-1 codes; a name or three letters is another country to them.",
		Fix:   `Write the two letters of ISO 3166-1, such as "country": "SE"; translate what you have in another form.`,
		judge: (*run).judgeCountry,
	},
	{
		ID: "repr.locale-tz", Title: "Languages are tags as in en-US, time zones names as in Europe/Stockholm", Family: shapes, Severity: report.Recommended,
		Needs: []string{full}, Reference: "RFC 7643 §4.1.1",
		Why:   "en_US and CET+1 are understood by the software that wrote them, and by little else.",
		Fix:   `Write "locale": "en-US" with a hyphen, and "timezone": "Europe/Stockholm"; return both as they were sent.`,
		judge: (*run).judgeLocale,
	},
	{
		ID: "repr.binary", Title: "A certificate is one DER structure in base64", Family: shapes, Severity: report.RFC,
		Needs: []string{full}, Reference: "RFC 7643 §2.3.6, §4.1.2",
		Why:   "PEM with its header lines is no base64; clients cannot read the certificate.",
		Fix:   "Write x509Certificates.value as base64 of the DER form, without the lines BEGIN and END, one certificate per value.",
		judge: (*run).judgeCertificate,
	},
}

const certificate = "MIHaMIGNoAMCAQICAQcwBQYDK2VwMBYxFDASBgNVBAMTC1NsaXB3YXkgTGFiMCAXDTIzMTExNDIyMTMyMFoYDzIwOTYxMDAyMDcwNjQwWjAWMRQwEgYDVQQDEwtTbGlwd2F5IExhYjAqMAUGAytlcAMhADtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdopMAUGAytlcANBAKLKpwsS+/JlC9AcRqoZkdOICXNrqsJNLAPm/Hw3ex+s1eG5CkpjdFMPyMv+0dUCyb0a5nVweqsFSMrY9Hi27Qo="

// richUser has two addresses, of which the second is the primary one.
func (r *run) richUser(who string) scim.Resource {
	user := r.names.plainUser(who, "Katherine", "Johnson")
	user["schemas"] = []any{r.dialect.user, r.dialect.enterprise}
	user["name"] = map[string]any{"givenName": "Katherine", "familyName": "Johnson", "middleName": "Coleman", "honorificPrefix": "Dr."}
	user["nickName"], user["userType"], user["profileUrl"] = "Kate", "Employee", "https://example.com/kate"
	user["preferredLanguage"], user["locale"], user["timezone"] = r.dialect.locale, r.dialect.locale, "Europe/Stockholm"
	user["emails"] = []any{
		map[string]any{"value": r.names.userName(who + "-home"), "type": "home"},
		map[string]any{"value": r.names.userName(who), "type": "work", "primary": true},
	}
	user["phoneNumbers"] = []any{map[string]any{"value": "+46 8 555 0100", "type": "work"}, map[string]any{"value": "+46 70 555 0101", "type": "mobile"}}
	user["addresses"] = []any{map[string]any{
		"type": "work", "streetAddress": "Storgatan 1", "locality": "Stockholm", "postalCode": "111 23", "country": "SE", "primary": true,
	}}
	user["x509Certificates"] = []any{map[string]any{"value": certificate}}
	user[r.dialect.enterprise] = map[string]any{
		"employeeNumber": "E-" + r.names.tag, "department": "Orbits", "costCenter": "4130", "manager": map[string]any{r.dialect.manager: r.ada.id},
	}
	return user
}

// judgeFull leaves a user for the checks that follow, where need be one with less.
func (r *run) judgeFull() Finding {
	sent := r.richUser("kate")
	a := r.create("Users", sent)
	f := passes() // whether 201 is said is users.create.201's concern
	if !a.is2xx() {
		f = expect(a, http.StatusCreated)
		delete(sent, "x509Certificates")
		delete(sent, r.dialect.enterprise)
		sent["schemas"] = []any{r.dialect.user}
		a = r.create("Users", sent)
	}
	mark := len(r.evidence)
	r.rich = r.adopt("Users", sent, a)
	r.evidence = r.evidence[:mark]
	switch {
	case r.rich == nil && f.Outcome == report.Pass:
		return fails("POST /Users answered %s, but neither its body nor a look-up tells the new user's id.", a.shown())
	case r.rich == nil:
		return f
	}
	read := r.user(r.rich.id)
	if read.object == nil {
		return blockedBy("users.get.200")
	}
	r.rich.shown = read.object
	f.stands = true
	return f
}

func (r *run) judgeManyEmails() Finding {
	r.cite(r.rich.created)
	list, _ := r.rich.shown.Get("emails").([]any)
	for _, want := range r.rich.sent["emails"].([]any) {
		email := scim.Resource(want.(map[string]any))
		at := slices.IndexFunc(list, func(e any) bool {
			got, ok := e.(map[string]any)
			return ok && strings.EqualFold(scim.Resource(got).String("value"), email.String("value"))
		})
		if at < 0 {
			return fails("Two addresses were sent; GET shows %s, without %s.", shownJSON(list), email.String("value"))
		}
		got := scim.Resource(list[at].(map[string]any))
		if got.String("type") != email.String("type") {
			return fails("The address %s was sent with type %s and comes back with %s.", email.String("value"), quote(email.String("type")), shownJSON(got.Get("type")))
		}
		if email.Get("primary") == true && got.String("primary") != "true" {
			return fails("The address %s was sent as the primary one; it comes back with primary %s.", email.String("value"), shownJSON(got.Get("primary")))
		}
	}
	return passes()
}

func (r *run) enterprise() scim.Resource {
	extension, _ := r.rich.shown.Get(r.dialect.enterprise).(map[string]any)
	return extension
}

// judgeEnterprise blocks where the server offers the extension: what it offers is mapped, and what is mapped has to arrive.
func (r *run) judgeEnterprise() Finding {
	if r.rich == nil {
		return notApplicable("No user with more than the usual attributes could be created. users.create.full says why.")
	}
	r.cite(r.rich.created)
	sent, isSent := r.rich.sent[r.dialect.enterprise].(map[string]any)
	if !isSent {
		return notApplicable("The server refuses a user with the enterprise extension.")
	}
	got := r.enterprise()
	if got == nil && !r.publishes(r.dialect.enterprise) {
		return notApplicable("The server does not publish the enterprise extension, and does not store it.")
	}
	if wrong := differences(sent, got, []string{"employeeNumber", "department", "costCenter"}); wrong != "" {
		f := fails("GET of the new user does not show what was sent: under %s, %s", r.dialect.enterprise, wrong)
		if !r.publishes(r.dialect.enterprise) {
			return f.only(report.Recommended)
		}
		return f
	}
	return passes()
}

// publishes reports whether /Schemas lists the URN, or an attribute of it, as in SCIM 1.1.
func (r *run) publishes(urn string) bool {
	return slices.ContainsFunc(r.schemas.list.Resources, func(s scim.Resource) bool {
		attributes, _ := s.Get("attributes").([]any)
		return strings.EqualFold(s.ID(), urn) || slices.ContainsFunc(attributes, func(element any) bool {
			about, _ := element.(map[string]any)
			return strings.EqualFold(scim.Resource(about).String("schema"), urn)
		})
	})
}

// judgeVisible looks at once, also where the server is known to be late.
func (r *run) judgeVisible() Finding { return r.immediately(r.judgeFound) }

func (r *run) judgeFound() Finding {
	sent := r.names.plainUser("hedy", "Hedy", "Lamarr")
	a := r.create("Users", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	hedy := r.adopt("Users", sent, a)
	if hedy == nil {
		return blockedBy(created)
	}
	defer r.discard("Users", hedy.id)
	a, waited, wrong := r.settle(func() *answer { return r.find("userName eq " + quote(hedy.name)) }, func(a *answer) string {
		if slices.ContainsFunc(a.resources(), func(u scim.Resource) bool { return u.ID() == hedy.id }) {
			return ""
		}
		return "The user was created with 201, and is not found by userName eq " + quote(hedy.name) + "."
	})
	return settled(a, waited, wrong)
}

func (r *run) judgeManager() Finding {
	for _, a := range r.seen() {
		for _, user := range a.resources() {
			extension, _ := user.Get(r.dialect.enterprise).(map[string]any)
			manager := scim.Resource(extension).Get("manager")
			if _, isObject := manager.(map[string]any); manager != nil && !isObject {
				r.cite(a)
				return fails("%s: manager is %s, not an object.", a.request(), shownJSON(manager))
			}
		}
	}
	if r.enterprise() == nil {
		return notApplicable("No user has the enterprise extension.")
	}
	return passes()
}

var twoLetters = regexp.MustCompile(`^[A-Za-z]{2}$`)

func (r *run) judgeCountry() Finding {
	f, bad := r.offender(func(user scim.Resource) string {
		list, _ := user.Get("addresses").([]any)
		for _, element := range list {
			address, _ := element.(map[string]any)
			if country := scim.Resource(address).String("country"); country != "" && !twoLetters.MatchString(country) {
				return "country is " + quote(excerpt(country)) + ", not a code of two letters."
			}
		}
		return ""
	})
	if bad {
		return f
	}
	return passes()
}

var (
	languageTags = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$|^[A-Za-z*][A-Za-z0-9*;=., -]*$`)
	languageTag  = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
	zoneName     = regexp.MustCompile(`^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$`)
)

func (r *run) judgeLocale() Finding {
	f, bad := r.offender(func(user scim.Resource) string {
		for name, form := range map[string]*regexp.Regexp{"locale": languageTag, "preferredLanguage": languageTags, "timezone": zoneName} {
			if value := user.String(name); value != "" && !form.MatchString(value) {
				like := "en-US"
				if name == "timezone" {
					like = "Europe/Stockholm"
				}
				return name + " is " + quote(excerpt(value)) + "; it has to look like " + quote(like) + "."
			}
		}
		return ""
	})
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeCertificate() Finding {
	r.cite(r.rich.created)
	list, _ := r.rich.shown.Get("x509Certificates").([]any)
	if len(list) == 0 {
		return notApplicable("The server keeps no certificates.")
	}
	for _, element := range list {
		one, _ := element.(map[string]any)
		value := scim.Resource(one).String("value")
		der, err := base64.StdEncoding.DecodeString(value)
		if err == nil {
			_, err = x509.ParseCertificate(der)
		}
		if err != nil {
			return fails("x509Certificates.value is %s, which is no certificate in base64: %v.", quote(excerpt(value)), err)
		}
	}
	return passes()
}
