package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Measured is how the target behaves, beyond right and wrong, as far as a run has seen it. What a run did not look at is
// zero. It decides nothing; whoever plans an installation reads it.
type Measured struct {
	Median  time.Duration `json:"median_ns"` // of the answers that came
	P95     time.Duration `json:"p95_ns"`
	Slowest time.Duration `json:"slowest_ns"`

	Filters         []string      `json:"filters"`                     // what was proven of the filter language
	Patch           []string      `json:"patch"`                       // the forms of PATCH that were proven
	MembersPerPatch int           `json:"members_per_patch,omitempty"` // the most members that one PATCH has added
	PageLimit       int           `json:"page_limit,omitempty"`        // the most resources on a page, where more were asked for and there
	Deletes         string        `json:"deletes,omitempty"`           // what becomes of a deleted user
	Deactivation    time.Duration `json:"deactivation_ns,omitempty"`   // from the request until a GET shows it
	SlowDowns       int           `json:"slow_downs,omitempty"`        // how often it asked to slow down (429)
}

// filterWords and patchForms say what a check that passed proves about the target.
var (
	filterWords = []struct{ check, word string }{
		{byName, "eq"}, {"filter.ne", "ne"}, {"filter.co", "co"}, {"filter.sw", "sw"}, {"filter.ew", "ew"}, {"filter.pr", "pr"},
		{"filter.gt", "gt"}, {"filter.ge", "ge"}, {"filter.lt", "lt"}, {"filter.le", "le"},
		{"filter.and", "and"}, {"filter.or", "or"}, {"filter.not", "not"}, {"filter.paren", "( )"}, {"filter.valuepath", "[ ]"},
	}
	patchForms = []struct{ check, word string }{
		{"patch.replace.path", "with a path"}, {"patch.replace.pathless", "without a path"},
		{"patch.replace.valuepath", "with a filter in the path"}, {"patch.replace.pathless-dotted", "with dotted keys"},
	}
)

// measured gathers what the whole run has seen.
func (r *run) measured() *Measured {
	m := &Measured{
		Filters: r.proven(filterWords), Patch: r.proven(patchForms), Deletes: r.deletes(),
		MembersPerPatch: r.mostMembers, Deactivation: r.deactivation,
	}
	var times []time.Duration
	for _, a := range r.answers {
		if a.err != nil {
			continue
		}
		times = append(times, a.exchange.Duration)
		if a.exchange.Status == http.StatusTooManyRequests {
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
		if o := r.outcomes[row.check].Outcome; o == Pass || o == Deviation || o == Info {
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

// deletes says what becomes of a user that is deleted.
func (r *run) deletes() string {
	removed, again := r.outcomes["users.delete.204"].Outcome, r.outcomes["users.delete.recreate"].Outcome
	switch {
	case removed != Pass && removed != Deviation:
		return ""
	case again == Pass || again == Deviation:
		return "for good; the userName is free again"
	case again == Warn || again == Fail:
		return "for good; the userName stays taken"
	}
	return "for good"
}

// Lines are the measurements for people, a name and a value each.
func (m Measured) Lines() [][2]string {
	lines := [][2]string{{"Answer times", fmt.Sprintf("%s in the middle, %s at the 95th percentile, %s at most", millis(m.Median), millis(m.P95), millis(m.Slowest))}}
	add := func(name, value string, known bool) {
		if known {
			lines = append(lines, [2]string{name, value})
		}
	}
	add("Filters proven", strings.Join(m.Filters, " "), len(m.Filters) > 0)
	add("Forms of PATCH proven", strings.Join(m.Patch, ", "), len(m.Patch) > 0)
	add("Members in one PATCH", "at least "+itoa(m.MembersPerPatch), m.MembersPerPatch > 0)
	add("Resources on a page", "at most "+itoa(m.PageLimit), m.PageLimit > 0)
	add("Deletes", m.Deletes, m.Deletes != "")
	add("A deactivation shows", "after "+millis(m.Deactivation), m.Deactivation > 0)
	add("Asked to slow down", itoa(m.SlowDowns)+" times (429)", m.SlowDowns > 0)
	return lines
}

func millis(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
