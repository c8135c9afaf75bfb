package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const secondPage = "page.startindex"

// addPeople is what to do about a server that is too empty, where the lab makes no users of its own.
const addPeople = "Put at least three people into the app that the lab looks at, then run it again."

var pageChecks = []Check{
	{
		ID: "users.list.resources-key", Title: "The list's entries are under Resources", Family: users, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2",
		Why:   "A strict client finds nobody under resources, and an empty list looks like nobody left.",
		Fix:   `Write "Resources", with a capital R.`,
		judge: (*run).judgeResourcesKey,
	},
	{
		ID: "page.count", Title: "count limits the page", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "A client that asked for 100 and gets all people at once runs into its limits.",
		Fix:   "Answer with at most count resources.",
		judge: (*run).judgeCount,
	},
	{
		ID: secondPage, Title: "startIndex continues where the page before ended", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{"page.count"}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "Where the second page repeats or skips, people are imported twice or not at all.",
		Fix:   "Count resources, not pages, and begin at 1: startIndex=3&count=2 asks for the third and the fourth. Order by a unique column.",
		judge: (*run).judgeStartIndex,
	},
	{
		ID: "page.startindex-lt1", Title: "A startIndex below 1 counts as 1", Family: filters, Severity: report.RFC,
		Needs: []string{"page.count"}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "Some clients count from 0; an error or an empty page stops them.",
		Fix:   "Treat startIndex=0 and negative values as startIndex=1.",
		judge: (*run).judgeBelowOne,
	},
	{
		ID: "page.count-zero", Title: "count=0 answers with the total and nobody", Family: filters, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.4, table 6",
		Why:   "It is how a client asks for the number alone.",
		Fix:   `Answer 200 with the right totalResults and "Resources": [].`,
		judge: (*run).judgeCountZero,
	},
	{
		ID: "page.beyond-end", Title: "A page beyond the end is empty, with the total intact", Family: filters, Severity: report.Network | report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "Importing clients stop at the first empty page.",
		Fix:   `Answer 200 with "Resources": [] and the same totalResults as on every other page.`,
		judge: (*run).judgeBeyondEnd,
	},
	{
		ID: "page.itemsperpage", Title: "itemsPerPage is the number of resources on the page", Family: filters, Severity: report.RFC,
		Needs: []string{"page.count"}, Reference: "RFC 7644 §3.4.2.4, table 7",
		Why:   "A client that advances by itemsPerPage skips people.",
		Fix:   "Set itemsPerPage to the number of resources in this answer, not to the count that was asked for.",
		judge: (*run).judgeItemsPerPage,
	},
	{
		ID: "page.total-stable", Title: "totalResults is the same on every page", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{secondPage}, Reference: "RFC 7644 §3.4.2.4, table 7",
		Why:   "A total that shrinks with the page ends an import early, and who is missing is taken for gone.",
		Fix:   "Set totalResults to the number of all matches on every page, not to what is left.",
		judge: (*run).judgeTotalStable,
	},
	{
		ID: "page.walk-complete", Title: "Walking the pages yields everybody once", Family: filters, Severity: report.RFC | report.Network,
		Needs: []string{secondPage}, Reference: "RFC 7644 §3.4.2.4",
		Why:   "An import is such a walk; what it misses or sees twice becomes wrong data.",
		Fix:   "Order by an immutable, unique column, and apply startIndex and count to that order.",
		judge: (*run).judgeWalk,
	},
	{
		ID: "proj.attributes", Title: "attributes selects what is returned", Family: filters, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.4.2.5, §3.9",
		Why:   "Clients ask for little when there is much to read.",
		Fix:   "Send only what ?attributes= names, and what is always returned: id and schemas.",
		judge: (*run).judgeAttributes,
	},
	{
		ID: "proj.excluded", Title: "excludedAttributes leaves out what it names", Family: filters, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.4.2.5, §3.9",
		Why:   "Without it, large attributes slow every read down.",
		Fix:   "Leave out what ?excludedAttributes= names. Keep id and schemas, which are always returned.",
		judge: (*run).judgeExcluded,
	},
}

// page is one page as it came.
type page struct {
	answer *answer
	scim.ListResponse
}

func (p page) ids() []string {
	var ids []string
	for _, resource := range p.Resources {
		ids = append(ids, resource.ID())
	}
	return ids
}

func (r *run) page(start, count int) (page, Finding, bool) {
	a := r.get("/Users", "startIndex", itoa(start), "count", itoa(count))
	if f, bad := a.wantObject(http.StatusOK); bad {
		return page{}, f, true
	}
	list, ok := a.list()
	if !ok {
		return page{}, fails("%s answered with an object that is no list: it has neither Resources nor totalResults.", a.request()), true
	}
	return page{a, list}, Finding{}, false
}

func (r *run) judgeResourcesKey() Finding {
	p, f, bad := r.page(1, 2)
	if bad {
		return f
	}
	if _, ok := p.answer.object["Resources"]; ok {
		return passes()
	}
	for key := range p.answer.object {
		if strings.EqualFold(key, "Resources") {
			return fails("The entries are under %q instead of \"Resources\".", key)
		}
	}
	if p.TotalResults > 0 {
		return fails("There are %d users, but no Resources.", p.TotalResults)
	}
	return passes()
}

func (r *run) judgeCount() Finding {
	p, f, bad := r.page(1, 2)
	if bad {
		return f
	}
	r.pages = []page{p}
	if n := len(p.Resources); n > 2 {
		return fails("GET /Users with count=2 returned %d users.", n)
	}
	if p.TotalResults >= 2 && len(p.Resources) == 0 {
		return fails("There are %d users, but GET /Users with startIndex=1 and count=2 returned none.", p.TotalResults)
	}
	return passes()
}

// judgeStartIndex compares the second page with what a longer first page shows in its place. Somebody else may add
// users in between, so it looks twice before it complains.
func (r *run) judgeStartIndex() Finding {
	f := r.secondPage()
	if f.Outcome == report.Fail {
		mark := len(r.evidence)
		if again := r.secondPage(); again.Outcome == report.Pass {
			return again
		}
		r.evidence = r.evidence[:mark]
	}
	return f
}

func (r *run) secondPage() Finding {
	long, f, bad := r.page(1, 4)
	if bad {
		return f
	}
	first, f, bad := r.page(1, 2)
	if bad {
		return f
	}
	n := len(first.Resources)
	if first.TotalResults <= n {
		return unproved("There are too few users for a second page: %d. %s", first.TotalResults, addPeople)
	}
	second, f, bad := r.page(1+n, 2)
	if bad {
		return f
	}
	r.pages = []page{first, second}
	if len(second.Resources) == 0 {
		return fails("There are %d users, but the page from %d is empty.", first.TotalResults, 1+n)
	}
	for i, id := range append(first.ids(), second.ids()...) {
		if i < len(long.ids()) && long.ids()[i] != id {
			return fails("Read as one long page, the user at position %d is %q; read as two shorter pages, it is %q.", i+1, excerpt(long.ids()[i]), excerpt(id))
		}
	}
	return passes()
}

func (r *run) judgeBelowOne() Finding {
	first := r.pages[0]
	for _, start := range []int{0, -1} {
		p, f, bad := r.page(start, 2)
		if bad {
			return f
		}
		if !slices.Equal(p.ids(), first.ids()) {
			return fails("startIndex=%d shows another page than startIndex=1.", start)
		}
	}
	return passes()
}

func (r *run) judgeCountZero() Finding {
	p, f, bad := r.page(1, 0)
	if bad {
		return f
	}
	if len(p.Resources) > 0 {
		return fails("count=0 returned %d users.", len(p.Resources))
	}
	if r.ada != nil && p.TotalResults < 1 {
		return fails("totalResults is %s, though there are users.", shownJSON(p.answer.object.Get("totalResults")))
	}
	return passes()
}

func (r *run) judgeBeyondEnd() Finding {
	now, f, bad := r.page(1, 1)
	if bad {
		return f
	}
	p, f, bad := r.page(now.TotalResults+1000, 2)
	if bad {
		return f
	}
	if len(p.Resources) > 0 {
		return fails("With startIndex 1,000 beyond the last user GET /Users returned %d users.", len(p.Resources))
	}
	if p.TotalResults != now.TotalResults {
		return fails("totalResults is %s on the page beyond the end; it was %d before.", shownJSON(p.answer.object.Get("totalResults")), now.TotalResults)
	}
	return passes()
}

// judgeItemsPerPage also looks at pages that are shorter than asked for: the last user's, and one beyond the end.
func (r *run) judgeItemsPerPage() Finding {
	pages, total := slices.Clone(r.pages), r.pages[0].TotalResults
	for _, p := range pages {
		r.cite(p.answer)
	}
	for _, start := range []int{total, total + 1000} {
		if short, _, bad := r.page(start, 2); !bad { // else that is the finding of page.startindex or page.beyond-end
			pages = append(pages, short)
		}
	}
	for _, p := range pages {
		if value := p.answer.object.Get("itemsPerPage"); isInteger(value) && p.ItemsPerPage != len(p.Resources) {
			return fails("itemsPerPage is %d; the number of users on the page is %d.", p.ItemsPerPage, len(p.Resources))
		}
	}
	return passes()
}

// judgeTotalStable reads both pages again before it complains: somebody else may have added a user in between.
func (r *run) judgeTotalStable() Finding {
	first, second := r.pages[0], r.pages[1]
	r.cite(first.answer, second.answer)
	if first.TotalResults == second.TotalResults {
		return passes()
	}
	first, f, bad := r.page(1, 2)
	if bad {
		return f
	}
	if second, f, bad = r.page(1+len(first.Resources), 2); bad {
		return f
	}
	if first.TotalResults != second.TotalResults {
		return fails("totalResults is %d on the first page and %d on the second.", first.TotalResults, second.TotalResults)
	}
	return passes()
}

const maxPages = 12

// judgeWalk takes small pages where there are few users, and stops after maxPages where there are many: then it
// proves that nobody comes twice, not that nobody is missing.
func (r *run) judgeWalk() Finding {
	total := r.pages[0].TotalResults
	count := min(max(2, (total+3)/4), 100)
	seen := map[string]int{}
	start, ended := 1, false
	for n := 0; n < maxPages && !ended; n++ {
		p, f, bad := r.page(start, count)
		if bad {
			return f
		}
		if n == 0 {
			total = p.TotalResults
		}
		for _, id := range p.ids() {
			if at, twice := seen[id]; twice {
				return fails("The user %q comes at position %d and again in the page from %d.", excerpt(id), at, start)
			}
			seen[id] = start
		}
		start += len(p.Resources)
		ended = len(p.Resources) == 0 || start > total
	}
	if !ended {
		return passed("The first %d of %d users come once each; the walk ended there.", len(seen), total)
	}
	return r.judgeComplete(seen, total)
}

func (r *run) judgeComplete(seen map[string]int, total int) Finding {
	if len(seen) != total {
		return fails("Read page by page, the list holds %d users; totalResults is %d.", len(seen), total)
	}
	for _, who := range []*account{r.ada, r.bob} {
		if who != nil && seen[who.id] == 0 {
			return fails("Read page by page, the list does not hold the user %s, who is there.", quote(who.name))
		}
	}
	return passes()
}

// judgeAttributes tolerates meta: many servers add it to everything, and no client minds.
func (r *run) judgeAttributes() Finding {
	a := r.get(scim.Path("Users", r.ada.id), "attributes", "userName")
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if a.object.UserName() == "" || a.object.ID() == "" {
		return fails("With attributes=userName the answer has userName %s and id %s.", shownJSON(a.object.Get("userName")), shownJSON(a.object.Get("id")))
	}
	var extra []string
	for name := range a.object {
		if !slices.Contains([]string{"schemas", "id", "username", "meta"}, strings.ToLower(name)) {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	if len(extra) > 0 {
		return fails("With attributes=userName the answer also has %s.", strings.Join(extra, ", "))
	}
	if r.subject.Version == SCIM20 && a.object.Get("meta") != nil { // in SCIM 1.1 it belongs to the least that is shown
		return deviates("The answer also has meta, which nobody asked for.")
	}
	return passes()
}

func (r *run) judgeExcluded() Finding {
	a := r.get(scim.Path("Users", r.ada.id), "excludedAttributes", "emails")
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if a.object.Get("emails") != nil {
		return fails("With excludedAttributes=emails the answer has emails.")
	}
	for _, name := range []string{"id", "userName"} {
		if a.object.String(name) == "" {
			return fails("With excludedAttributes=emails %s is missing as well.", name)
		}
	}
	return passes()
}
