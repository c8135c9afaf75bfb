package lab

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"slipway/internal/report"
)

const (
	crowded   = "scale.create-100"
	crowdSize = 100
)

var scaleChecks = []Check{
	{
		ID: crowded, Title: "The hundredth user is created as fast as the first", Family: load, Severity: report.Recommended, expensive: true, Feature: "create_users",
		Needs: []string{"users.get.200", "filter.eq.username"}, Reference: "Experience",
		Why:   "A server that reads through everybody before each insert takes hours for the people of one customer.",
		Fix:   "Let a unique index tell whether a userName is taken; do not read through the table.",
		judge: (*run).judgeCrowd,
	},
	{
		ID: "scale.filter-index", Title: "A look-up by userName does not slow down with the number of users", Family: load, Severity: report.Recommended, expensive: true,
		Needs: []string{"filter.eq.username"}, takes: []string{crowded}, Reference: "Experience",
		Why:   "Clients look everybody up before they do anything; what is slow with a hundred people is useless with ten thousand.",
		Fix:   "Put an index on the expression that you compare with, for example on lower(userName).",
		judge: (*run).judgeFilterSpeed,
	},
	{
		ID: "scale.import-walk", Title: "All users are read in pages of a hundred", Family: load, Severity: report.Network, expensive: true,
		Needs: []string{secondPage}, takes: []string{crowded}, Reference: "Network rule; RFC 7644 §3.4.2.4",
		Why:   "This is how an import reads a service; where it ends early, who is missing is taken for gone.",
		Fix:   "Accept count=100, order by a unique column with an index, and serve every page.",
		judge: (*run).judgeImportWalk,
	},
	{
		ID: "scale.page-depth", Title: "The last page comes as fast as the first", Family: load, Severity: report.Recommended, expensive: true,
		Needs: []string{secondPage}, takes: []string{crowded}, Reference: "Experience",
		Why:   "A page that is found by counting off all before it takes longer the further one gets, and the last ones never come.",
		Fix:   "Use an index for the order of the list; for large tables offer paging by cursor (RFC 9865).",
		judge: (*run).judgePageDepth,
	},
}

// A difference counts where it is both: so many times as much, and so much that it is not chance.
const (
	slower     = 3
	noticeable = 100 * time.Millisecond
)

func isSlower(before, after time.Duration) bool {
	return after > slower*before && after-before > noticeable
}

// timed is the median time that n requests take.
func (r *run) timed(n int, q ask) (time.Duration, Finding, bool) {
	mark, times := len(r.evidence), []time.Duration{}
	for range n {
		a := r.send(q)
		if f, bad := a.want(http.StatusOK); bad {
			return 0, f, true
		}
		times = append(times, a.exchange.Duration)
	}
	r.evidence = r.evidence[:mark+1] // one of them tells as much as all
	return median(times), Finding{}, false
}

func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[len(times)/2]
}

// judgeCrowd times a look-up first, for scale.filter-index to compare with.
func (r *run) judgeCrowd() Finding {
	var f Finding
	var bad bool
	if r.lookUpAlone, f, bad = r.timed(5, r.lookUp()); bad {
		return f
	}
	mark, times := len(r.evidence), []time.Duration{}
	for i := range crowdSize {
		body := r.names.plainUser(fmt.Sprintf("crowd-%03d", i), "Crowd", fmt.Sprintf("Member %d", i))
		a := r.create("Users", body)
		one := r.adopt("Users", body, a)
		if one == nil {
			r.disperse()
			f := expect(a, http.StatusCreated)
			f.Message += fmt.Sprintf(" This was user %d of %d.", i+1, crowdSize)
			return f
		}
		r.crowd = append(r.crowd, one)
		times = append(times, a.exchange.Duration)
	}
	r.evidence = append(r.evidence[:mark:mark], r.evidence[mark], r.evidence[len(r.evidence)-1])
	first, last := median(times[:20]), median(times[crowdSize-20:])
	if isSlower(first, last) {
		return fails("The first of %d users were created within %s each, the last within %s.", crowdSize, inMilliseconds(first), inMilliseconds(last))
	}
	return passed("%d users were created, the first within %s each, the last within %s.", crowdSize, inMilliseconds(first), inMilliseconds(last))
}

func inMilliseconds(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// disperse removes the crowd at once: a hundred users are more than the time for cleaning up is meant for.
func (r *run) disperse() {
	for _, one := range r.crowd {
		r.discard("Users", one.id)
	}
	r.crowd = nil
}

func (r *run) judgeFilterSpeed() Finding {
	if len(r.crowd) == 0 {
		return blockedBy(crowded)
	}
	after, f, bad := r.timed(5, r.lookUp())
	if bad {
		return f
	}
	if isSlower(r.lookUpAlone, after) {
		return fails("A look-up by userName took %s; with %d users more it takes %s.", inMilliseconds(r.lookUpAlone), crowdSize, inMilliseconds(after))
	}
	return passed("A look-up took %s; with %d users more it takes %s.", inMilliseconds(r.lookUpAlone), crowdSize, inMilliseconds(after))
}

const (
	importPage   = 100 // as widespread clients import
	importPages  = 20  // that the lab reads at most
	longestWalks = time.Hour
)

func (r *run) judgeImportWalk() Finding {
	seen, total := 0, 1
	var times []time.Duration
	for start := 1; seen < total && len(times) < importPages; start = seen + 1 {
		p, f, bad := r.page(start, importPage)
		if bad {
			f.Message += fmt.Sprintf(" %d users were read before.", seen)
			return f
		}
		total = p.TotalResults
		if len(p.Resources) == 0 && seen < total {
			return fails("A walk in pages of %d ended after %d users, though totalResults is %d.", importPage, seen, total)
		}
		seen += len(p.Resources)
		times = append(times, p.answer.exchange.Duration)
	}
	perUser := sum(times) / time.Duration(max(1, seen))
	said := fmt.Sprintf("%d of %d users in %d pages, %s a page. At this pace 10,000 users take %s, 100,000 take %s.", seen, total, len(times),
		inMilliseconds(median(times)), (10_000 * perUser).Round(time.Second), (100_000 * perUser).Round(time.Second))
	if 10_000*perUser > longestWalks {
		return deviates("%s An import of that many would not end in time.", said)
	}
	return passed("%s", said)
}

func sum(times []time.Duration) (all time.Duration) {
	for _, t := range times {
		all += t
	}
	return all
}

// judgePageDepth is the last that needs the crowd.
func (r *run) judgePageDepth() Finding {
	defer r.disperse()
	p, f, bad := r.page(1, 10)
	if bad {
		return f
	}
	if p.TotalResults < 50 {
		return blockedBy(crowded)
	}
	page := func(start int) (time.Duration, Finding, bool) {
		return r.timed(3, ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", itoa(start), "count", "10"})})
	}
	first, f, bad := page(1)
	if bad {
		return f
	}
	last, f, bad := page(p.TotalResults - 9)
	if bad {
		return f
	}
	if isSlower(first, last) {
		return fails("Of %d users, the first page of ten took %s, the last %s.", p.TotalResults, inMilliseconds(first), inMilliseconds(last))
	}
	return passed("Of %d users, the first page of ten took %s, the last %s.", p.TotalResults, inMilliseconds(first), inMilliseconds(last))
}
