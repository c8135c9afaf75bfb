package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
)

// filterWords and patchForms say what a check that passed proves about the target.
var (
	filterWords = []struct{ check, word string }{
		{byName, "eq"}, {"filter.ne", "ne"}, {"filter.co", "co"}, {"filter.sw", "sw"}, {"filter.ew", "ew"}, {"filter.pr", "pr"},
		{"filter.gt", "gt"}, {"filter.ge", "ge"}, {"filter.lt", "lt"}, {"filter.le", "le"},
		{"filter.and", "and"}, {"filter.or", "or"}, {"filter.not", "not"}, {"filter.paren", "parentheses"}, {"filter.valuepath", "value paths"},
	}
	patchForms = []struct{ check, word string }{
		{"patch.replace.path", "with a path"}, {"patch.replace.pathless", "without a path"},
		{"patch.replace.valuepath", "with a filter in the path"}, {"patch.replace.pathless-dotted", "with dotted keys"},
	}
)

// measured gathers what the whole run has seen.
func (r *run) measured() *report.Measured {
	m := &report.Measured{
		Filters: r.proven(filterWords), Patch: r.proven(patchForms), Deletes: r.deletes(),
		MembersPerPatch: r.mostMembers, Deactivation: r.deactivation, PerSecond: r.perSecond,
	}
	r.measureLimit(m)
	var times []time.Duration
	for _, a := range r.answers {
		if a.err != nil {
			continue
		}
		times = append(times, a.exchange.Duration)
		if a.exchange.Status == http.StatusTooManyRequests && !slices.Contains(r.limited, a) {
			m.SlowDowns++
		}
		m.PageLimit = max(m.PageLimit, cutTo(a))
	}
	if len(times) == 0 {
		return nil
	}
	slices.Sort(times)
	m.Median, m.P95, m.Slowest = times[len(times)/2], times[len(times)*95/100], times[len(times)-1]
	return m
}

func (r *run) proven(table []struct{ check, word string }) []string {
	words := []string{}
	for _, row := range table {
		if o := r.outcomes[row.check].Outcome; o == report.Pass || o == report.Deviation || o == report.Info {
			words = append(words, row.word)
		}
	}
	return words
}

// largePage is from where on a page is asked for to be long: a short one by cursor ends where its server wants.
const largePage = 100

// cutTo is how many users a page holds, where many more were asked for and there are more; 0 for any other answer.
func cutTo(a *answer) int {
	list, ok := a.list()
	u, err := url.Parse(a.exchange.URL)
	if !ok || err != nil || !strings.HasSuffix(u.Path, "/Users") || u.Query().Has("cursor") {
		return 0
	}
	asked, _ := strconv.Atoi(u.Query().Get("count"))
	if n := len(list.Resources); n > 0 && asked >= largePage && n < asked && list.StartIndex+n-1 < list.TotalResults {
		return n
	}
	return 0
}

// limitHeaders are those in which servers name their limit: the drafts of the IETF, and what was usual before them.
var limitHeaders = []string{"RateLimit-Policy", "RateLimit-Limit", "X-RateLimit-Limit", "X-Rate-Limit-Limit"}

// measureLimit reads what each 429 said.
func (r *run) measureLimit(m *report.Measured) {
	m.SlowDowns = len(r.limited)
	for _, a := range r.limited {
		asked, _ := egress.RetryAfter(a.header, r.subject.Now())
		m.RetryAfter = max(m.RetryAfter, asked.Round(time.Second))
		for _, name := range limitHeaders {
			if value := a.header.Get(name); value != "" && m.RateLimit == "" {
				m.RateLimit = r.redact(name + ": " + excerpt(value))
			}
		}
	}
}

// deletes says what becomes of a user that is deleted. That DELETE was answered with success does not mean that anybody is gone.
func (r *run) deletes() string {
	removed, gone, again := r.outcomes["users.delete.204"].Outcome, r.outcomes[deleted].Outcome, r.outcomes["users.delete.recreate"].Outcome
	switch {
	case removed != report.Pass && removed != report.Deviation:
		return ""
	case r.afterDelete != "":
		return r.afterDelete
	case gone != report.Pass && gone != report.Deviation:
		return "with success; whether for good was not seen"
	case again == report.Pass || again == report.Deviation:
		return "for good; the userName is free again"
	case again == report.Warn || again == report.Fail:
		return "for good; the userName stays taken"
	}
	return "for good"
}
