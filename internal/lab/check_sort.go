package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const ascending = "sort.asc"

// sortChecks list the cast in an order. They compare what the list itself shows.
var sortChecks = []Check{
	{
		ID: ascending, Title: "sortBy orders the list, ascending unless told otherwise", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.3",
		Why: "A client that relies on the order stops too early, or shows nonsense.",
		Fix: "Order by the attribute in sortBy, ascending where sortOrder is missing; or set sort.supported to false.",
		judge: func(r *run) Finding {
			return worst(r.ordered("userName", "", false), r.ordered("userName", "ascending", false))
		},
	},
	{
		ID: "sort.desc", Title: "sortOrder=descending turns the order around", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{ascending}, Reference: "RFC 7644 §3.4.2.3",
		Why:   "The newest or the last entries are asked for this way.",
		Fix:   "Read sortOrder: ascending or descending.",
		judge: func(r *run) Finding { return r.ordered("userName", "descending", false) },
	},
	{
		ID: "sort.case", Title: "Capitals do not sort before small letters", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.3; RFC 7643 §2.2",
		Why:   "Bertil stands before anna, and a search by halves misses him.",
		Fix:   "Ignore case where you sort, for example by lower(userName); only caseExact attributes such as id keep it.",
		judge: (*run).judgeSortCase,
	},
	{
		ID: "sort.missing-last", Title: "Users without a value come last, and first in descending order", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.3",
		Why: "Databases differ in where NULL goes; a client takes those without a value for the beginning.",
		Fix: "Write NULLS LAST into an ascending query, NULLS FIRST into a descending one.",
		judge: func(r *run) Finding {
			return worst(r.ordered("title", "ascending", false), r.ordered("title", "descending", false))
		},
	},
	{
		ID: "sort.multi", Title: "Several values sort by the primary one, else by the first", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.3; RFC 7643 §2.4",
		Why:   "People appear under an address that is not theirs in the list.",
		Fix:   `Sort by the value of the element with "primary": true, else by that of the first.`,
		judge: func(r *run) Finding { return r.ordered("emails.value", "ascending", false) },
	},
	{
		ID: "sort.nested", Title: "sortBy takes a path", Family: filters, Severity: report.RFC, gate: offersSort,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.3, §3.10",
		Why:   "Lists of people are sorted by family name.",
		Fix:   "Read name.familyName as familyName inside name, and sort by its column.",
		judge: func(r *run) Finding { return r.ordered("name.familyName", "ascending", false) },
	},
	{
		ID: "sort.unsupported", Title: "A sortBy that the server cannot honour breaks nothing", Family: filters, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.3",
		Why:   "Some clients send sortBy whatever the server offers; an error in its place, or an empty list, ends their import.",
		Fix:   "Ignore sortBy where you do not sort, or answer 400.",
		judge: (*run).judgeUnsortable,
	},
}

// ordered lists the cast by the attribute and compares each with who stands before. folded also judges pairs whose order
// depends on whether capitals count.
func (r *run) ordered(by, order string, folded bool) Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The three users who shall be sorted could not be created.")
	}
	for _, who := range c.all() {
		if by != "title" && who.shown.String(by) == "" {
			return notApplicable("The server does not keep %s.", by)
		}
	}
	if c.anna.shown.String(by) == "" {
		return notApplicable("The server does not keep %s.", by)
	}
	a, users := r.sorted(c, by, order)
	if a.err == nil && (a.status == http.StatusBadRequest || a.status == http.StatusNotImplemented) {
		return deviates("sortBy=%s is refused with %s.", by, a.shown())
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if len(users) < len(c.all()) {
		return unproved("Not all of the three users who shall be sorted were listed.")
	}
	for i, later := range users {
		for _, earlier := range users[:i] {
			before, after := earlier.String(by), later.String(by)
			if (folded || agree(before, after)) && !inOrder(before, after, order == "descending") {
				return fails("With sortBy=%s, %s, %s comes before %s.", by, orderWord(order),
					shownKey(before, earlier.UserName()), shownKey(after, later.UserName()))
			}
		}
	}
	return passes()
}

// agree holds where two values are in the same order with case and without: whether case counts is sort.case's question.
func agree(a, b string) bool { return (a < b) == (strings.ToLower(a) < strings.ToLower(b)) }

func orderWord(order string) string {
	if order == "" {
		return "without sortOrder (which means ascending)"
	}
	return order
}

// shownKey shows what somebody is sorted by, and who that is.
func shownKey(key, userName string) string {
	switch key {
	case "":
		return "no value (of the user " + quote(userName) + ")"
	case userName:
		return quote(key)
	}
	return quote(key) + " (of the user " + quote(userName) + ")"
}

// inOrder compares two values without case; none at all is greater than any. The values of the cast are letters and digits of
// ASCII, about which all collations agree.
func inOrder(before, after string, descending bool) bool {
	before, after = strings.ToLower(before), strings.ToLower(after)
	if descending {
		before, after = after, before
	}
	return after == "" || before != "" && before <= after
}

// sorted lists the cast in the order of the server: by a filter, or where that is declined out of the list of all.
func (r *run) sorted(c cast, by, order string) (*answer, []scim.Resource) {
	query := []string{"sortBy", by, "count", "100", "startIndex", "1"}
	if order != "" {
		query = append(query, "sortOrder", order)
	}
	a := r.get("/Users", append(query, "filter", "userName sw "+quote(r.names.prefix+"q-"))...)
	if found := of(c, a); len(found) == len(c.all()) {
		return a, found
	}
	mark := len(r.evidence)
	var found []scim.Resource
	for start, n := 1, 0; n < maxPages; n++ {
		r.evidence = r.evidence[:mark]
		query[5] = itoa(start)
		a = r.get("/Users", query...)
		page, _ := a.list()
		found = append(found, of(c, a)...)
		start += len(page.Resources)
		if len(page.Resources) == 0 || start > page.TotalResults || len(found) == len(c.all()) {
			break
		}
	}
	return a, found
}

// of are those of the cast who are listed, in the order of the list.
func of(c cast, a *answer) []scim.Resource {
	var found []scim.Resource
	for _, user := range a.resources() {
		if slices.ContainsFunc(c.all(), func(who *account) bool { return who.id == user.ID() }) {
			found = append(found, user)
		}
	}
	return found
}

func (r *run) judgeSortCase() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The three users who shall be sorted could not be created.")
	}
	if c.bertil.name == strings.ToLower(c.bertil.name) {
		return notApplicable("The server keeps every userName in small letters.")
	}
	return r.ordered("userName", "ascending", true)
}

// judgeUnsortable asks for an order that no server can know, and where sorting is not offered for one by userName too.
func (r *run) judgeUnsortable() Finding {
	attributes := []string{"slipwayShoeSize"}
	if !r.advertised(offersSort) {
		attributes = append(attributes, "userName")
	}
	for _, by := range attributes {
		a := r.get("/Users", "sortBy", by, "startIndex", "1", "count", "2")
		if a.err == nil && (a.status == http.StatusBadRequest || a.status == http.StatusNotImplemented) {
			continue
		}
		if f, bad := a.wantObject(http.StatusOK); bad {
			f.Message += " It was asked to sort by " + by + "."
			return f
		}
		if list, ok := a.list(); !ok || r.ada != nil && len(list.Resources) == 0 {
			return fails("Asked to sort by %s, the server lists nobody, though there are users.", by)
		}
	}
	return passes()
}
