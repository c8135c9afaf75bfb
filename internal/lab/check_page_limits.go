package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// limitChecks page at the edges: odd counts, no counts, and lists that change meanwhile.
var limitChecks = []Check{
	{
		ID: "page.count-negative", Title: "A negative count counts as 0", Family: filters, Severity: report.RFC,
		Needs: []string{"page.count-zero"}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "A client that subtracts what it has from what it wants ends below 0, and does not expect an error.",
		Fix:   "Treat a negative count as count=0: no resources, and the right totalResults.",
		judge: (*run).judgeCountNegative,
	},
	{
		ID: "page.count-huge", Title: "A huge count is answered with as many as the server likes", Family: filters, Severity: report.RFC,
		Needs: []string{"page.count"}, takes: []string{"page.itemsperpage"}, Reference: "RFC 7644 §3.4.2.4, tables 6 and 7",
		Why:   "Clients that want everybody ask for more than there can be; an error in place of a page stops them.",
		Fix:   "Lower count to your own limit, and set itemsPerPage to the number of resources in the answer.",
		judge: (*run).judgeCountHuge,
	},
	{
		ID: "page.non-numeric", Title: "A count that is no number is ignored, or refused with 400", Family: filters, Severity: report.Recommended,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2.4, §3.12",
		Why:   "A list that is empty for the sake of a mistyped number looks like nobody is there.",
		Fix:   `Answer 400 with "scimType": "invalidValue".`,
		judge: (*run).judgeCountNoNumber,
	},
	{
		ID: "page.startindex-echo", Title: "startIndex in the answer is the index of its first resource", Family: filters, Severity: report.RFC,
		Needs: []string{secondPage}, Reference: "RFC 7644 §3.4.2, §3.4.2.4, table 7",
		Why:   "A client that computes the next page from the answer repeats the same one for ever.",
		Fix:   "Set startIndex in the answer to the index of its first resource: for ?startIndex=3 it is 3.",
		judge: (*run).judgeStartEcho,
	},
	{
		ID: "page.default-size", Title: "Without count a list can be continued by startIndex", Family: filters, Severity: report.Recommended,
		Needs: []string{secondPage}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "A client that names no count sees the first page only, and takes it for everybody.",
		Fix:   "Choose a size of your own, report totalResults, and evaluate startIndex without count as well.",
		judge: (*run).judgeDefaultSize,
	},
	{
		ID: "page.order-stable", Title: "The same page twice has the same order", Family: filters, Severity: report.Network | report.Recommended,
		Needs: []string{root}, Reference: "Network rule; RFC 7644 §3.4.2.4",
		Why:   "Pages are cut from an order; where it changes, a walk sees some twice and others never.",
		Fix:   "Order by an immutable, unique column.",
		judge: (*run).judgeOrder,
	},
	{
		ID: "page.filter+page", Title: "The matches of a filter can be paged through", Family: filters, Severity: report.RFC,
		Needs: []string{"filter.count-interplay", secondPage, created}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "A page that is cut before it is filtered leaves matches out.",
		Fix:   "Apply the filter first, then startIndex and count.",
		judge: (*run).judgeFilteredPages,
	},
	{
		ID: "page.under-change", Title: "A walk survives that somebody is deleted meanwhile", Family: filters, Severity: report.Recommended,
		Needs: []string{"page.walk-complete", created}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "People come and go during an import; it must not end in an error, nor lose more than the one who moved up.",
		Fix:   "Page by a key, or over a snapshot.",
		judge: (*run).judgeUnderChange,
	},
}

func (r *run) judgeCountNegative() Finding {
	p, f, bad := r.page(1, -1)
	if bad {
		f.Message += " The count was -1."
		return f
	}
	if len(p.Resources) > 0 {
		return fails("count=-1 returned %d users instead of none.", len(p.Resources))
	}
	if p.TotalResults < 1 {
		return fails("With count=-1, totalResults is %s, though there are users.", shownJSON(p.answer.object.Get("totalResults")))
	}
	return passes()
}

const hugeCount, mostToRead = 100_000, 1_000

// judgeCountHuge asks only where that cannot make the server send more than a thousand users.
func (r *run) judgeCountHuge() Finding {
	now, f, bad := r.page(1, 1)
	if bad {
		return f
	}
	if now.TotalResults > mostToRead {
		return notApplicable("There are %d users; asking for all of them at once is not worth it.", now.TotalResults)
	}
	a := r.get("/Users", "startIndex", "1", "count", itoa(hugeCount))
	if a.err == nil && a.status == http.StatusBadRequest && a.object.String("scimType") == scim.TooMany {
		return deviates("count=%d is refused with 400 tooMany. Table 6 lets a server return fewer than asked; clients expect a page.", hugeCount)
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		f.Message += " The count was " + itoa(hugeCount) + "."
		return f
	}
	list, ok := a.list()
	switch truthful := r.outcomes["page.itemsperpage"].Outcome == report.Pass; {
	case !ok:
		return fails("%s answered with an object that is no list: it has neither Resources nor totalResults.", a.request())
	case len(list.Resources) == 0 && now.TotalResults > 0:
		return fails("count=%d returned nobody, though there are %d users.", hugeCount, now.TotalResults)
	case truthful && isInteger(a.object.Get("itemsPerPage")) && list.ItemsPerPage != len(list.Resources):
		return fails("With count=%d, itemsPerPage is %d; the number of users on the page is %d.", hugeCount, list.ItemsPerPage, len(list.Resources))
	}
	return passes()
}

func (r *run) judgeCountNoNumber() Finding {
	a := r.get("/Users", "startIndex", "1", "count", "many")
	if a.err == nil && a.status == http.StatusBadRequest {
		return passed("The server refuses count=many (400).")
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		f.Message += " The count was many."
		return f
	}
	if list, ok := a.list(); !ok || len(list.Resources) == 0 {
		return fails("count=many was answered with 200 and nobody, though there are users.")
	}
	return passes()
}

// judgeStartEcho leaves out pages that are empty, which begin nowhere, and a startIndex that is missing or no number
// (users.list.types).
func (r *run) judgeStartEcho() Finding {
	for _, start := range []int{1, 2} {
		p, f, bad := r.page(start, 1)
		if bad {
			return f
		}
		if value := p.answer.object.Get("startIndex"); len(p.Resources) > 0 && isInteger(value) && p.StartIndex != start {
			return fails("With ?startIndex=%d the answer has startIndex %s.", start, shownJSON(value))
		}
	}
	return passes()
}

// judgeDefaultSize reads the first page as the server likes it, and the next one after it.
func (r *run) judgeDefaultSize() Finding {
	a := r.get("/Users")
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	list, ok := a.list()
	n := len(list.Resources)
	switch {
	case !ok:
		return fails("%s answered with an object that is no list: it has neither Resources nor totalResults.", a.request())
	case n == 0:
		return fails("GET /Users without count lists nobody, though there are users.")
	case list.TotalResults <= n:
		return passed("The server shows all %d users at once.", n)
	}
	next := r.get("/Users", "startIndex", itoa(1+n))
	if f, bad := next.wantObject(http.StatusOK); bad {
		return f
	}
	first, second := page{a, list}.ids(), page{next, scim.ListResponse{Resources: next.resources()}}.ids()
	switch {
	case len(second) == 0:
		return fails("Without count the server lists %d of %d users; from startIndex=%d on it lists nobody.", n, list.TotalResults, 1+n)
	case slices.Contains(first, second[0]):
		return fails("Without count the server lists %d of %d users; from startIndex=%d on it lists the user %s again.", n, list.TotalResults, 1+n, quote(excerpt(second[0])))
	}
	return passes()
}

// judgeOrder compares whoever is on both readings, and looks twice: somebody else may change the list meanwhile.
func (r *run) judgeOrder() Finding {
	var f Finding
	for range 2 {
		var once, again page
		var bad bool
		if once, f, bad = r.page(1, 10); bad {
			return f
		}
		if again, f, bad = r.page(1, 10); bad {
			return f
		}
		first, second := common(once.ids(), again.ids()), common(again.ids(), once.ids())
		if slices.Equal(first, second) {
			return passes()
		}
		at := 0
		for at < min(len(first), len(second))-1 && first[at] == second[at] {
			at++
		}
		f = fails("The same page was read twice: once the user %s is at place %d, once it is %s.", quote(excerpt(first[at])), 1+at, quote(excerpt(second[at])))
	}
	return f
}

// common are those of ids who are among the others.
func common(ids, others []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(others, id) })
}

// judgeFilteredPages walks the cast one at a time.
func (r *run) judgeFilteredPages() Finding {
	c, complete := r.actors()
	if !complete {
		return unproved("The three users who shall be found could not be created.")
	}
	for _, filter := range []string{"userName sw " + quote(r.names.prefix+"q-"), is(c.anna) + " or " + is(c.bertil) + " or " + is(c.cesar)} {
		if a := r.find(filter); len(of(c, a)) == len(c.all()) && len(a.resources()) == len(c.all()) {
			return r.onePerPage(c, filter)
		}
	}
	return notApplicable("The server knows no filter that finds several of the run's users.")
}

func (r *run) onePerPage(c cast, filter string) Finding {
	seen := map[string]int{}
	for start := 1; start <= len(c.all()); start++ {
		a := r.get("/Users", "filter", filter, "startIndex", itoa(start), "count", "1")
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f
		}
		found := of(c, a)
		if len(found) != 1 || len(a.resources()) != 1 {
			return fails("Three users match %s. With startIndex=%d and count=1 the page lists %d instead of one of them.", filter, start, len(a.resources()))
		}
		if at, twice := seen[found[0].ID()]; twice {
			return fails("Three users match %s. With count=1, %s comes at startIndex=%d and again at startIndex=%d.", filter, quote(found[0].UserName()), at, start)
		}
		seen[found[0].ID()] = start
	}
	return passes()
}

// judgeUnderChange deletes a user of its own after the first page. Whoever moves up may be lost, and nobody else.
func (r *run) judgeUnderChange() Finding {
	sent := r.names.plainUser("q-flux", "Come", "Gone")
	flux := r.adopt("Users", sent, r.create("Users", sent))
	if flux == nil {
		return blockedBy(created)
	}
	p, f, bad := r.page(1, 2)
	total := p.TotalResults
	r.discard("Users", flux.id)
	if bad {
		return f
	}
	seen := p.ids()
	count := min(max(2, (total+3)/4), 100)
	for n := 0; n < maxPages && len(p.Resources) > 0; n++ {
		if p, f, bad = r.page(1+len(seen), count); bad {
			f.Message += " A user had been deleted since the first page."
			return f
		}
		seen = append(seen, p.ids()...)
		if len(seen) >= p.TotalResults {
			break
		}
	}
	if lost := total - len(seen); len(p.Resources) == 0 && lost > 2 {
		return fails("There were %d users. One was deleted after the first page was read; all pages together hold %d users only.", total, len(seen))
	}
	return passes()
}
