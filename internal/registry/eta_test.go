package registry

import (
	"testing"
	"time"
)

func TestETA(t *testing.T) {
	friday := time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)
	days := func(n ...int) []time.Duration {
		var work []time.Duration
		for _, d := range n {
			work = append(work, time.Duration(d)*day)
		}
		return work
	}
	for _, tt := range []struct {
		name string
		pace Pace
		from time.Time
		want string
	}{
		{"without history, a working week", Pace{}, noon, "2026-12-01"},
		{"four decisions are no history", Pace{Work: days(1, 1, 1, 1)}, noon, "2026-12-01"},
		{"five are", Pace{Work: days(1, 1, 1, 9, 9)}, noon, "2026-11-25"},
		{"an even number: the middle of the two in the middle", Pace{Work: days(1, 1, 2, 4, 9, 9)}, noon, "2026-11-27"},
		{"two ahead take three turns", Pace{Ahead: 2, Work: days(2, 2, 2, 2, 2)}, noon, "2026-12-02"},
		{"three reviewers share them", Pace{Ahead: 2, Reviewers: 3, Work: days(2, 2, 2, 2, 2)}, noon, "2026-11-26"},
		{"minutes of work still take until the next working day", Pace{Work: []time.Duration{1, 1, 1, 1, 1}}, noon, "2026-11-25"},
		{"no promise for a weekend", Pace{Work: days(1, 1, 1, 1, 1)}, friday, "2026-11-30"},
		{"sent on a Sunday", Pace{Work: days(1, 1, 1, 1, 1)}, friday.Add(2 * day), "2026-11-30"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.pace.ETA(tt.from)
			if got.Format(time.DateOnly) != tt.want {
				t.Errorf("%s, want %s", got.Format(time.DateOnly), tt.want)
			}
			if !got.After(tt.from) || weekend(got) {
				t.Errorf("%v is no working day after %v", got, tt.from)
			}
		})
	}
}

func TestWorkingTimeLeavesWeekendsOut(t *testing.T) {
	friday := time.Date(2026, 11, 27, 18, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     time.Duration
	}{
		{"within a day", noon, noon.Add(2 * time.Hour), 2 * time.Hour},
		{"over a night", noon, noon.Add(day), day},
		{"over a weekend", friday, friday.Add(3 * day), day},
		{"within a weekend", friday.Add(day), friday.Add(day + time.Hour), 0},
		{"in another zone", noon.In(time.FixedZone("x", 7*3600)), noon.Add(time.Hour), time.Hour},
		{"backwards", noon, noon.Add(-day), 0},
	} {
		if got := workingTime(tt.from, tt.to); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
