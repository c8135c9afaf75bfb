package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Measured is how the target behaves, beyond right and wrong, as far as a run has seen it. What a run did not look at is
// zero, and is called not measured. It decides nothing; whoever plans an installation reads it.
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

	PerSecond  float64       `json:"per_second,omitempty"`     // look-ups served a second, of those that were sent at an even pace
	RateLimit  string        `json:"rate_limit,omitempty"`     // what a 429 said of the limit, in the words of its header
	RetryAfter time.Duration `json:"retry_after_ns,omitempty"` // the longest wait that a 429 asked for
}

const notMeasured = "not measured"

// Lines are the measurements for people, a name and a value each.
func (m Measured) Lines() [][2]string {
	lines := [][2]string{{"Answer times", fmt.Sprintf("%s in the middle, %s at the 95th percentile, %s at most", millis(m.Median), millis(m.P95), millis(m.Slowest))}}
	add := func(name, value string, known bool) {
		if !known {
			value = notMeasured
		}
		lines = append(lines, [2]string{name, value})
	}
	add("Filters proven", strings.Join(m.Filters, ", "), len(m.Filters) > 0)
	add("Forms of PATCH proven", strings.Join(m.Patch, ", "), len(m.Patch) > 0)
	add("Members in one PATCH", "at least "+strconv.Itoa(m.MembersPerPatch), m.MembersPerPatch > 0)
	add("Resources on a page", "at most "+strconv.Itoa(m.PageLimit), m.PageLimit > 0)
	add("Deletes", m.Deletes, m.Deletes != "")
	add("A deactivation shows", "after "+millis(m.Deactivation), m.Deactivation > 0)
	add("Look-ups a second", m.served(), m.PerSecond > 0)
	add("Rate limit", m.limit(), m.SlowDowns > 0 || m.PerSecond > 0)
	return lines
}

// served is no more than was sent: a target that refused none may bear more.
func (m Measured) served() string {
	text := strconv.FormatFloat(m.PerSecond, 'f', 1, 64) + " served"
	if m.SlowDowns == 0 {
		return "at least " + text
	}
	return text
}

// limit is what was seen of a limit. That there is none, no run can show.
func (m Measured) limit() string {
	if m.SlowDowns == 0 {
		return "none was met"
	}
	text := "asked to slow down " + strconv.Itoa(m.SlowDowns) + " times (429)"
	if m.SlowDowns == 1 {
		text = "asked to slow down once (429)"
	}
	if m.RateLimit != "" {
		text += "; it names " + m.RateLimit
	}
	if m.RetryAfter > 0 {
		text += "; it wants a wait of " + m.RetryAfter.String()
	}
	return text
}

func millis(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
