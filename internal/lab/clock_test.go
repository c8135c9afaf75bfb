package lab

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/scimtest"
)

// A server that is slow and answers is verified to the end, up to a limit of its own; what a run takes for itself is limited as
// ever.
func TestSlowAnswersAreNotCutOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		longest time.Duration
		want    report.Verdict
		says    string
	}{
		{"beyond the limit of a run", 0, report.Passed, ""},
		{"beyond the longest that a run may take", 1100 * time.Millisecond, report.NotRun, "The run took longer than 1.1s. Let the server answer faster."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, stop := scimtest.New(scimtest.WithToken(token), scimtest.WithLatency(30*time.Millisecond)).Start()
			defer stop()
			s := subject(base)
			s.Only, s.Deadline, s.Longest = []string{users}, time.Second, tt.longest
			rep := Run(t.Context(), s, Unwatched{})
			if rep.Verdict != tt.want || rep.Reason != tt.says {
				t.Errorf("%s after %s and %d requests: %q; want %s, %q", rep.Verdict, rep.Duration, rep.Requests, rep.Reason, tt.want, tt.says)
			}
			if rep.Verdict == report.Passed && rep.TargetTime < 2*s.Deadline {
				t.Errorf("the answers took only %s; the test proves nothing", rep.TargetTime)
			}
			if len(rep.Leftovers) > 0 {
				t.Errorf("it leaves %v", rep.Leftovers)
			}
		})
	}
}

// A pace that was lowered is said, and the waiting for it is nobody's delay.
func TestALoweredPaceIsSaid(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	s := subject(base)
	s.Only, s.Rate, s.Deadline = []string{byName}, 20, 500*time.Millisecond
	rep := Run(t.Context(), s, Unwatched{})
	if text := written(t, "text", rep); rep.Verdict != report.Passed || !strings.Contains(text, "at most 20 requests a second") {
		t.Errorf("%s: %s", rep.Verdict, text)
	}
	if usual := Run(t.Context(), subject(base), Unwatched{}); strings.Contains(written(t, "text", usual), "requests a second") {
		t.Error("the usual pace is told as if it were news")
	}
}
