package lab

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	honoured = "filter.eq.really-filters"
	byName   = "filter.eq.username"
)

var filterChecks = []Check{
	{
		ID: honoured, Title: "A filter is honoured", Family: filters, Severity: report.RFC | report.Network, Safety: true,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "A server that ignores the filter answers with somebody else's account, and the client links it.",
		Fix:   `Evaluate the filter. One that you cannot evaluate you refuse with 400 and "scimType": "invalidFilter". Never answer with the whole list.`,
		judge: (*run).judgeHonoured,
	},
	{
		ID: byName, Title: "userName eq finds exactly that user", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{honoured}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "It is the one filter that every client needs: is this person there already?",
		Fix:   `Support filter=userName eq "…" with exactly one user as the answer, and put an index on userName.`,
		judge: (*run).judgeByName,
	},
	{
		ID: "filter.eq.username-case", Title: "userName eq ignores the case of the value", Family: filters, Severity: report.RFC,
		Needs: []string{byName}, Reference: "RFC 7643 §4.1.1",
		Why:   "A person typed in capitals elsewhere is not found and gets a second account.",
		Fix:   "Ignore case on both sides of the comparison, for example with lower().",
		judge: (*run).judgeValueCase,
	},
	{
		ID: "filter.eq.none", Title: "A filter without a match answers 200 with an empty list", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{honoured}, Reference: "RFC 7644 §3.4.2",
		Why:   "This is the answer before every create; an error in its place stops the assignment.",
		Fix:   `Answer 200 with {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": []}.`,
		judge: (*run).judgeNoMatch,
	},
	{
		ID: "filter.attr-name-case", Title: "Attribute names and operators count in any case", Family: filters, Severity: report.RFC,
		Needs: []string{byName}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "A client that writes username gets an empty list, and creates a duplicate.",
		Fix:   `Compare names and operators without regard to case: USERNAME EQ "…" asks for the same as userName eq "…".`,
		judge: (*run).judgeNameCase,
	},
	{
		ID: "filter.eq.special", Title: "Values with special characters are found", Family: filters, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2; RFC 3986",
		Why:   "Plus signs, apostrophes and umlauts occur in real names and addresses.",
		Fix:   "Decode the query string once, then read the value in quotes as a JSON string. Bind it as a parameter; do not build SQL by pasting texts together.",
		judge: (*run).judgeSpecial,
	},
	{
		ID: "filter.eq.emails-value", Title: "A filter on e-mail addresses is evaluated or refused", Family: filters, Severity: report.RFC,
		Needs: []string{honoured}, Reference: "RFC 7644 §3.4.2.2, §3.12 table 9",
		Why:   "Clients look people up by their address; a server that breaks down on it, or lists others, is retried or believed.",
		Fix:   `Compare emails.value with each address of a user, and treat emails eq "…" in the same way; or refuse both with 400 and "scimType": "invalidFilter".`,
		judge: (*run).judgeEmails,
	},
	{
		ID: "filter.injection", Title: "A quote in a filter's value does not change what is asked", Family: filters, Severity: report.RFC, Safety: true,
		Needs: []string{honoured}, Reference: "RFC 7644 §7; security practice",
		Why:   "A value that is pasted into a query reads the whole table, or empties it.",
		Fix:   "Parse the filter and bind its values as parameters.",
		judge: (*run).judgeInjection,
	},
	{
		ID: "filter.syntax-error", Title: "A broken filter is refused with 400", Family: filters, Severity: report.RFC,
		Needs: []string{honoured}, Reference: "RFC 7644 §3.4.2.2, §3.12 table 9",
		Why:   "A 500 is retried for ever; a list in answer to nonsense is taken for the truth.",
		Fix:   `Answer 400 with "scimType": "invalidFilter" in the body, and say in detail what cannot be read.`,
		judge: (*run).judgeSyntax,
	},
	{
		ID: "filter.unknown-operator", Title: "An unknown operator is refused with 400", Family: filters, Severity: report.RFC,
		Needs: []string{honoured}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "Where it is ignored, the client works with the wrong people.",
		Fix:   `Answer 400 with "scimType": "invalidFilter" in the body, and name the operator in detail.`,
		judge: (*run).judgeOperator,
	},
	{
		ID: "filter.count-interplay", Title: "totalResults counts all matches, whatever the page", Family: filters, Severity: report.RFC,
		Needs: []string{byName}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "A client pages until it has totalResults; a wrong number loses people.",
		Fix:   "Count all matches of the filter first, then cut the page. Send that count as totalResults on every page.",
		judge: (*run).judgeCountInterplay,
	},
}

// judgeHonoured asks for somebody who is there; whoever else comes back was not asked for.
func (r *run) judgeHonoured() Finding {
	_, name := r.someone()
	if name == "" {
		name = r.names.userName("nobody")
	}
	a := r.find("userName eq " + quote(name))
	if f, bad := a.want(http.StatusOK, http.StatusNotFound); bad {
		return f
	}
	for _, user := range a.resources() {
		if !strings.EqualFold(user.UserName(), name) {
			return fails("The filter userName eq %s also returned the user %q.", quote(name), excerpt(user.UserName()))
		}
	}
	return passes()
}

func (r *run) judgeByName() Finding {
	id, name := r.someone()
	if name == "" {
		return unproved("There is no user to look for. %s", addPeople)
	}
	a, waited, wrong := r.settle(func() *answer { return r.find("userName eq " + quote(name)) }, func(a *answer) string {
		return exactly(a, id)
	})
	return settled(a, waited, wrong)
}

// exactly says what is wrong with an answer that should list the one user.
func exactly(a *answer, id string) string {
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f.Message
	}
	list, ok := a.list()
	switch {
	case !ok:
		return a.request() + " answered with an object that is no list: it has neither Resources nor totalResults."
	case len(list.Resources) == 0:
		return "The user is there, but the filter does not find it."
	case len(list.Resources) > 1:
		return fmt.Sprintf("The filter finds %d users instead of one.", len(list.Resources))
	case id != "" && list.Resources[0].ID() != id:
		return "The filter finds another id (" + shownJSON(list.Resources[0].Get("id")) + ") than the user has."
	}
	return ""
}

func (r *run) judgeValueCase() Finding {
	id, name := r.someone()
	if wrong := exactly(r.find("userName eq "+quote(strings.ToUpper(name))), id); wrong != "" {
		return fails("The value of userName eq was in capitals. %s", wrong)
	}
	return passes()
}

// judgeNoMatch tolerates 404, as widespread clients do.
func (r *run) judgeNoMatch() Finding {
	a := r.find("userName eq " + quote(r.names.userName("nobody")))
	if a.err == nil && a.status == http.StatusNotFound {
		return deviates("A filter without a match is answered with 404. Clients tolerate that; %s wants 200 with an empty list.", r.dialect.law)
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	list, ok := a.list()
	if !ok {
		return fails("%s answered with an object that is no list: it has neither Resources nor totalResults.", a.request())
	}
	if list.TotalResults != 0 || len(list.Resources) != 0 {
		return fails("Nobody has that userName, but totalResults is %s, and %d users are listed.", shownJSON(a.object.Get("totalResults")), len(list.Resources))
	}
	return passes()
}

func (r *run) judgeNameCase() Finding {
	id, name := r.someone()
	for _, filter := range []string{"USERNAME eq ", "username EQ "} {
		if wrong := exactly(r.find(filter+quote(name)), id); wrong != "" {
			return fails("The filter was %s\"…\". %s", filter, wrong)
		}
	}
	return passes()
}

// judgeSpecial creates users whose names are full of what queries stumble over: what a URL escapes, then what a JSON
// string escapes. A server may have rules for names; then only the searching is tried.
func (r *run) judgeSpecial() Finding {
	refused := 0
	for i, name := range []string{"o'hara+50%&co#ü", `say "hi" c:\dir`} {
		sent := r.names.plainUser("eve-"+itoa(i), "Ève", "O'Hara-Müller")
		sent["userName"] = r.names.userName(name)
		a := r.create("Users", sent)
		if a.err != nil {
			return a.trouble()
		}
		if !a.is2xx() {
			refused = a.exchange.Status
			continue
		}
		if f := r.findsCreated(sent.UserName(), a.object.ID()); f.Outcome != report.Pass && f.Outcome != report.Deviation {
			return f
		}
	}
	for _, value := range []string{`say "hi"`, `back\slash`, "plus+sign", "100%25", "emoji 🙂"} {
		if wrong := noneFound(r.find("userName eq " + quote(r.names.prefix+value))); wrong != "" {
			return fails("The filter was userName eq %s. %s", quote(value), wrong)
		}
	}
	if refused != 0 {
		return deviates("The server refuses such a userName (%d %s), so the search for it could only be tried without a match.", refused, http.StatusText(refused))
	}
	return passes()
}

func (r *run) findsCreated(name, id string) Finding {
	a, waited, wrong := r.settle(func() *answer { return r.find("userName eq " + quote(name)) },
		func(a *answer) string { return exactly(a, id) })
	f := settled(a, waited, wrong)
	f.Message = "A user with the userName " + quote(name) + " was created. " + f.Message
	return f
}

// noneFound says what is wrong with an answer that should list nobody.
func noneFound(a *answer) string {
	if f, bad := a.want(http.StatusOK, http.StatusNotFound); bad {
		return f.Message
	}
	if n := len(a.resources()); n > 0 && a.status == http.StatusOK {
		return fmt.Sprintf("%d users were returned for a value that nobody has.", n)
	}
	return ""
}

// judgeEmails looks somebody up by address, once by emails.value and once by emails alone, which the RFC uses in an example
// and does not explain: whether that finds anybody is left open. Both are sent, whatever comes of the first.
func (r *run) judgeEmails() Finding {
	id, address := r.somebodysAddress()
	if address == "" {
		return notApplicable("The server shows nobody's e-mail address.")
	}
	verdict, refused := passes(), 0
	for _, path := range []string{"emails.value", "emails"} {
		a, waited, wrong := r.settle(func() *answer { return r.find(path + " eq " + quote(address)) }, func(a *answer) string {
			return byAddress(a, address, id, path == "emails.value")
		})
		if refusesToSearch(a) {
			refused = a.exchange.Status
		}
		switch f := settled(a, waited, wrong); {
		case f.Outcome == report.Fail && verdict.Outcome == report.Fail:
			verdict.Message += " With emails alone: " + f.Message
		case f.Outcome == report.Fail || verdict.Outcome == report.Pass:
			verdict = f
		}
	}
	if verdict.Outcome == report.Pass && refused != 0 {
		return passed("The server refuses such a filter (%d), as it may.", refused)
	}
	return verdict
}

// byAddress says what is wrong with the answer to a filter on an address that the user with the id has. must says that
// an answer without that user is wrong.
func byAddress(a *answer, address, id string, must bool) string {
	if a.err != nil || refusesToSearch(a) {
		return "" // an error is settled's to tell
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f.Message
	}
	list, ok := a.list()
	if !ok {
		return a.request() + " answered with an object that is no list: it has neither Resources nor totalResults."
	}
	for _, user := range list.Resources {
		switch addresses := addressesOf(user); {
		case user.ID() == id:
			must = false
		case len(addresses) > 0 && !slices.ContainsFunc(addresses, func(one string) bool { return strings.EqualFold(one, address) }):
			return fmt.Sprintf("Asked for the address %s, the server also returned %q, who has another.", quote(address), excerpt(user.UserName()))
		}
	}
	if must {
		return "The user has the address " + quote(address) + ", but " + a.request() + " with emails.value does not find them."
	}
	return ""
}

// refusesToSearch reports an answer with which a server may decline a filter: it need not know every one, and may keep
// addresses to itself.
func refusesToSearch(a *answer) bool {
	return a.err == nil && a.status >= 400 && a.status != http.StatusUnauthorized && (a.status < 500 || a.status == http.StatusNotImplemented)
}

func addressesOf(user scim.Resource) []string {
	var out []string
	list, _ := user.Get("emails").([]any)
	for _, element := range list {
		if email, ok := element.(map[string]any); ok && scim.Resource(email).String("value") != "" {
			out = append(out, scim.Resource(email).String("value"))
		}
	}
	return out
}

// judgeInjection sends well-formed filters whose values would break out of a string that is pasted together.
func (r *run) judgeInjection() Finding {
	for _, filter := range []string{
		`userName eq "x\" or \"\"=\""`, `userName eq "' OR '1'='1' --"`, `userName eq "*)(uid=*"`, `userName eq "{\"$ne\": null}"`,
	} {
		a := r.find(filter)
		if a.err != nil {
			return a.trouble()
		}
		if a.status >= 500 {
			return fails("The filter %s ended in %s.", filter, a.shown())
		}
		if n := len(a.resources()); n > 0 && a.is2xx() {
			return fails("The filter %s returned %d users.", filter, n)
		}
	}
	return passes()
}

func (r *run) judgeSyntax() Finding {
	return r.refusesFilters(`userName eq`, `userName eq "unbalanced`, `"just a value"`)
}

func (r *run) judgeOperator() Finding {
	return r.refusesFilters(`userName regex "x"`)
}

// refusesFilters sends them all and shows the first that is not refused: what one of them breaks is no reason to
// spare the server the others, which may end in a 500 (error.5xx-none).
func (r *run) refusesFilters(broken ...string) Finding {
	verdict := passes()
	for _, filter := range broken {
		a := r.find(filter)
		f := r.refusal(a, filter)
		if a.err != nil {
			return f
		}
		if f.Outcome == report.Fail && verdict.Outcome != report.Fail || verdict.Outcome == report.Pass {
			verdict = f
		}
	}
	return verdict
}

func (r *run) refusal(a *answer, filter string) Finding {
	if a.err == nil && a.status == http.StatusNotImplemented {
		return deviates("The filter %s was refused with 501 instead of 400.", filter)
	}
	if f, bad := a.want(http.StatusBadRequest); bad {
		f.Message += " The filter was " + filter + "."
		return f
	}
	if r.dialect.kinds && a.object.String("scimType") != scim.InvalidFilter {
		return deviates("Refused with 400, without scimType invalidFilter (which is optional).")
	}
	return passes()
}

// judgeCountInterplay looks behind the only match: the page is empty, the count is not.
func (r *run) judgeCountInterplay() Finding {
	_, name := r.someone()
	for _, start := range []string{"1", "2"} {
		a := r.get("/Users", "filter", "userName eq "+quote(name), "startIndex", start, "count", "1")
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f
		}
		if list, _ := a.list(); list.TotalResults != 1 {
			return fails("One user matches the filter; with startIndex=%s and count=1 totalResults is %s instead of 1.", start, shownJSON(a.object.Get("totalResults")))
		}
	}
	return passes()
}
