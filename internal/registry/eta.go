package registry

import (
	"slices"
	"time"
)

const (
	defaultWork = 5 * day // what a review is thought to take while there is too little history
	minHistory  = 5       // decisions below which the history is not asked
	paceHistory = 50      // decisions the median is taken over
	paceWindow  = 14 * day
)

// Pace is how fast a queue moves.
type Pace struct {
	Ahead     int             // submissions before this one
	Work      []time.Duration // working time of the last decisions, at most 50
	Reviewers int             // people who decided in the last 14 days
}

// ETA returns the end of the working day (UTC) by which, in half of all cases, the team has decided
// (manager §4.6, p50): everything ahead and the submission itself, at the median pace, shared by the reviewers.
func (p Pace) ETA(now time.Time) time.Time {
	turns := time.Duration(p.Ahead + 1)
	need := p.median() * turns / time.Duration(max(p.Reviewers, 1))
	days := int((need + day - 1) / day)
	return endOfDay(addWorkingDays(now, max(days, 1)))
}

func (p Pace) median() time.Duration {
	if len(p.Work) < minHistory {
		return defaultWork
	}
	work := slices.Sorted(slices.Values(p.Work))
	mid := len(work) / 2
	if len(work)%2 == 1 {
		return work[mid]
	}
	return (work[mid-1] + work[mid]) / 2
}

func weekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// addWorkingDays returns the same time of day n working days later; a weekend counts as the Friday before it.
func addWorkingDays(t time.Time, n int) time.Time {
	t = t.UTC()
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if !weekend(t) {
			n--
		}
	}
	return t
}

func endOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, time.UTC)
}

// workingTime is the time between two moments without Saturdays and Sundays (UTC).
func workingTime(from, to time.Time) time.Duration {
	var sum time.Duration
	for at := from.UTC(); at.Before(to); {
		midnight := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, time.UTC)
		if midnight.After(to) {
			midnight = to
		}
		if !weekend(at) {
			sum += midnight.Sub(at)
		}
		at = midnight
	}
	return sum
}
