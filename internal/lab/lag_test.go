package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/scimtest"
)

// A target whose reads lag behind its writes is told so, and nothing else: what it has not shown yet is not lost, and
// what it still shows is not there any more. Where each wait is long, the run ends at its limit; where it is later than
// the lab waits, that is the first finding. Nothing stays.
//
func TestReadsThatLagBehindWrites(t *testing.T) {
	for _, tt := range []struct {
		name             string
		lag, settle, end time.Duration
		verdict          report.Verdict
		found            []string
	}{
		{"within the patience", 20 * time.Millisecond, 400 * time.Millisecond, time.Minute, report.Passed, []string{"users.create.visible-now", "users.get.200"}},
		{"so late that the run takes too long", 400 * time.Millisecond, time.Second, 3 * time.Second, report.NotRun, []string{"users.get.200"}},
		{"beyond the patience", 400 * time.Millisecond, 20 * time.Millisecond, time.Minute, report.Failed, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := scimtest.New(scimtest.WithToken(token), scimtest.WithLag(tt.lag))
			base, stop := server.Start()
			t.Cleanup(stop)
			s := subject(base)
			s.Settle, s.Deadline = tt.settle, tt.end
			rep := Run(t.Context(), s, Unwatched{})
			if got := found(rep); rep.Verdict != tt.verdict || tt.found != nil && !slices.Equal(got, tt.found) {
				t.Errorf("%s: %s; found %v, want %s and %v\n%s", rep.Verdict, rep.Reason, got, tt.verdict, tt.found, explain(rep))
			}
			if tt.found == nil && !strings.Contains(check(t, rep, "users.get.200").Message, "asked for again for 20ms") {
				t.Errorf("the first finding does not say how long the lab waited\n%s", explain(rep))
			}
			told := slices.ContainsFunc(rep.Warnings, func(w string) bool { return strings.HasPrefix(w, "Reads are up to ") })
			if told != (tt.verdict != report.Failed) || rep.Duration > time.Minute {
				t.Errorf("after %s, warnings %v", rep.Duration, rep.Warnings)
			}
			if left := len(server.Users()) + len(server.Groups()); left != 0 || len(rep.Leftovers) != 0 {
				t.Errorf("%d objects stay, %v are named", left, rep.Leftovers)
			}
		})
	}
}
