package lab

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// literalChecks are about how a filter is written: names, values, blanks.
var literalChecks = []Check{
	{
		ID: "filter.unknown-attr", Title: "A filter on an unknown attribute finds nobody, or is refused", Family: filters, Severity: report.Recommended, gate: offersFilter,
		Needs: []string{honoured, created}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "Where the condition is dropped, a misspelt attribute selects everybody.",
		Fix:   `Let a comparison with an unknown attribute be false, or answer 400 with "scimType": "invalidFilter".`,
		judge: func(r *run) Finding { return r.nobodyOrRefused(`slipwayShoeSize eq "43"`) },
	},
	{
		ID: "filter.urn-path", Title: "An attribute may be named with its schema in front", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.10",
		Why:   "Clients name attributes of extensions that way, and have to: two extensions may use one name.",
		Fix:   "Split the name at the last colon: in urn:ietf:params:scim:schemas:core:2.0:User:userName the URN of the schema stands before it, the attribute behind it.",
		judge: questioned((*run).byURN),
	},
	{
		ID: "filter.schemas", Title: "schemas eq finds those who have the schema", Family: filters, Severity: report.Recommended, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2",
		Why:   "It is how a client finds who has the data of an extension.",
		Fix:   `Compare the value with each URN in schemas, or answer 400 with "scimType": "invalidFilter".`,
		judge: freely(questioned((*run).bySchema)),
	},
	{
		ID: "filter.pr-semantics", Title: "pr takes null and an empty list for no value", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{"filter.pr"}, Reference: "RFC 7644 §3.4.2.2, table 3; RFC 7643 §2.5",
		Why:   "A client that looks for accounts without a title misses those whose title was emptied.",
		Fix:   "Let pr be false where the value is missing, null, [], {} or an empty text.",
		judge: (*run).judgeEmptyValue,
	},
	{
		ID: "filter.null-literal", Title: "eq null is answered, or refused with 400", Family: filters, Severity: report.Recommended, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, figure 1",
		Why: "null is in the grammar; a server that drops it lists everybody.",
		Fix: `Read null as a value: title eq null is true where there is no title. Or answer 400 with "scimType": "invalidFilter".`,
		judge: freely(questioned(func(_ *run, c cast) []question {
			if c.anna.shown.Get("title") == nil {
				return []question{{"userName eq null", nil, c.all()}}
			}
			return []question{{"title eq null", nil, []*account{c.anna, c.bertil}}}
		})),
	},
	{
		ID: "filter.number-literals", Title: "A number in a filter is read as one", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, figure 1",
		Why: "Numbers are written without quotes; a server that stumbles over one fails, or lists everybody.",
		Fix: "Read numbers as JSON does, with sign, fraction and exponent. A text is equal to no number.",
		judge: func(r *run) Finding {
			return worst(r.nobodyOrRefused(`userName eq 43`), r.nobodyOrRefused(`userName eq -1.5e+3`))
		},
	},
	{
		ID: "filter.escape-literals", Title: "Escapes in a value are decoded", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, figure 1; RFC 8259 §7",
		Why: "Many JSON encoders write letters beyond ASCII as \\u00e9; the person is not found, and is created twice.",
		Fix: `Decode the value as a JSON string before you compare it: "\u0061da" is "ada".`,
		judge: questioned(func(_ *run, c cast) []question {
			return []question{{`userName eq "` + escaped(c.anna.name) + `"`, []*account{c.anna}, []*account{c.bertil, c.cesar}}}
		}),
	},
	{
		ID: "filter.whitespace", Title: "Several blanks in a filter are taken for one, or refused", Family: filters, Severity: report.Recommended, gate: offersFilter,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.2, figure 1",
		Why: "Filters are typed by people. An answer that is empty for the sake of a blank looks like an account that is not there.",
		Fix: `Skip blanks between the words of a filter, or answer 400 with "scimType": "invalidFilter".`,
		judge: freely(questioned(func(_ *run, c cast) []question {
			return []question{{"userName   eq  " + quote(c.anna.name) + " ", []*account{c.anna}, []*account{c.bertil, c.cesar}}}
		})),
	},
	{
		ID: "filter.plus-decoding", Title: "A plus sign in a query is a blank", Family: filters, Severity: report.Network | report.Recommended,
		Needs: []string{byName, created}, Reference: "Network rule; application/x-www-form-urlencoded",
		Why:   "Most HTTP libraries write the blanks of a filter as plus signs.",
		Fix:   "Decode the query string as form data, once: both + and %20 are a blank.",
		judge: (*run).judgePlus,
	},
	{
		ID: "filter.toomany", Title: "A filter with many matches is counted in full, or refused with tooMany", Family: filters, Severity: report.RFC, gate: offersFilter,
		Needs: []string{"filter.count-interplay", created}, Reference: "RFC 7644 §3.4.2, §3.12 table 9",
		Why:   "A list that is cut silently looks complete; who is not on it is taken for gone.",
		Fix:   `Send the full number in totalResults and page through it, or answer 400 with "scimType": "tooMany".`,
		judge: freely((*run).judgeTooMany),
	},
}

// byURN asks for a core attribute, and for one of the enterprise extension where the server keeps it.
func (r *run) byURN(c cast) []question {
	questions := []question{{scim.SchemaUser + ":" + is(c.anna), []*account{c.anna}, []*account{c.bertil, c.cesar}}}
	if number := c.bertil.shown.String(scim.SchemaEnterpriseUser + ":employeeNumber"); number != "" {
		filter := scim.SchemaEnterpriseUser + ":employeeNumber eq " + quote(number)
		questions = append(questions, question{filter, []*account{c.bertil}, []*account{c.anna, c.cesar}})
	}
	return questions
}

func (r *run) bySchema(c cast) []question {
	questions := []question{{"schemas eq " + quote(scim.SchemaUser), []*account{c.anna}, nil}}
	if c.bertil.shown.HasSchema(scim.SchemaEnterpriseUser) && !c.anna.shown.HasSchema(scim.SchemaEnterpriseUser) {
		filter := "schemas eq " + quote(scim.SchemaEnterpriseUser)
		questions = append(questions, question{filter, []*account{c.bertil}, []*account{c.anna}})
	}
	return questions
}

// judgeEmptyValue makes a user whose title is null and whose phone numbers are an empty list, which is the same as having
// none (RFC 7643 §2.5), and one whose title is an empty text: of that table 3 can be read in two ways.
func (r *run) judgeEmptyValue() Finding {
	f := r.present("q-dora", map[string]any{"title": nil, "phoneNumbers": []any{}}, "title pr", "phoneNumbers pr")
	if f.Outcome != report.Pass {
		return f
	}
	if f := r.present("q-erik", map[string]any{"title": ""}, "title pr"); f.Outcome == report.Fail {
		return deviates("%s The title is an empty text; by table 3 pr holds for what is “non-empty or non-null”, and most servers take an empty text for no value.", f.Message)
	}
	return f
}

// present makes a user with empty attributes, whom none of the filters describes. A server may refuse such a user, or store
// nothing of it: the better.
func (r *run) present(who string, empty map[string]any, filters ...string) Finding {
	sent := r.names.plainUser(who, "Dora", "Empty")
	maps.Copy(sent, empty)
	a := r.create("Users", sent)
	if !a.is2xx() {
		return passes()
	}
	user := r.adopt("Users", sent, a)
	if user == nil {
		return blockedBy(created)
	}
	defer r.discard("Users", user.id)
	var questions []question
	for _, filter := range filters {
		questions = append(questions, question{filter, nil, []*account{user}})
	}
	return r.poll(questions)
}

// escaped writes the first letter and the sign of an address as JSON may: as \uXXXX.
func escaped(s string) string {
	return fmt.Sprintf(`\u%04x`, s[0]) + strings.ReplaceAll(s[1:], "@", `\u0040`)
}

// worst is the finding that weighs most.
func worst(findings ...Finding) Finding {
	out := findings[0]
	for _, f := range findings {
		if f.Outcome == report.Fail && out.Outcome != report.Fail {
			out = f
		}
	}
	return out
}

// judgePlus writes the query by hand: the run's own requests have %20 for a blank. That %2B is a plus sign is for
// filter.eq.special to say.
func (r *run) judgePlus() Finding {
	return r.listsOnly(r.ada, "/Users?filter=userName+eq+"+url.QueryEscape(quote(r.ada.name)), "with plus signs for its blanks")
}

func (r *run) listsOnly(who *account, path, how string) Finding {
	a, waited, wrong := r.settle(func() *answer { return r.send(ask{method: http.MethodGet, path: path}) }, func(a *answer) string {
		if wrong := exactly(a, who.id); wrong != "" {
			return "The filter " + is(who) + ", written " + how + ": " + wrong
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// judgeTooMany compares the number of those who have an id, which everybody has, with the number of all. Somebody
// else may add or remove a user in between, so it looks twice before it complains.
func (r *run) judgeTooMany() Finding {
	f := r.countsAll()
	if f.Outcome == report.Fail {
		mark := len(r.evidence)
		if again := r.countsAll(); again.Outcome != report.Fail {
			return again
		}
		r.evidence = r.evidence[:mark]
	}
	return f
}

func (r *run) countsAll() Finding {
	all, f, bad := r.page(1, 1)
	if bad {
		return f
	}
	a := r.get("/Users", "filter", "id pr", "startIndex", "1", "count", "1")
	if a.err == nil && a.status == http.StatusBadRequest && a.object.String("scimType") == "tooMany" {
		return passed("The server refuses to search through so many (tooMany).")
	}
	if declines(a) {
		return r.declined(a, "id pr")
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if list, ok := a.list(); ok && list.TotalResults < all.TotalResults {
		return fails("There are %d users, and every user has an id; with the filter id pr totalResults is %d.", all.TotalResults, list.TotalResults)
	}
	return passes()
}
