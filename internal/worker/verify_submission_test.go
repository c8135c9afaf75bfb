package worker

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/lab"
	"slipway/internal/lab/runs"
	"slipway/internal/registry"
)

// What a run proved reaches the registry: what blocked, what was accepted, and about what nothing is known.
func TestVerdictOf(t *testing.T) {
	waiver := &lab.Waiver{}
	report, err := json.Marshal(lab.Report{Checks: []lab.Result{
		{ID: "passed", Verdict: lab.Passed, Outcome: lab.Pass, Blocking: true},
		{ID: "failed", Title: "T", Message: "M", Fix: "F", Verdict: lab.Failed, Outcome: lab.Fail, Blocking: true},
		{ID: "tolerated", Verdict: lab.Failed, Outcome: lab.Fail},
		{ID: "accepted", Verdict: lab.Failed, Outcome: lab.Waived, Waiver: waiver},
		{ID: "blocked", Title: "T", Message: "M", Verdict: lab.NotRun, Outcome: lab.Blocked, Blocking: true},
		{ID: "undecided", Verdict: lab.NotRun, Outcome: lab.Inconclusive, Blocking: true},
		{ID: "blocked, accepted", Verdict: lab.NotRun, Outcome: lab.Blocked, Waiver: waiver},
		{ID: "blocked, not required", Verdict: lab.NotRun, Outcome: lab.Blocked},
		{ID: "not reached", Verdict: lab.NotRun, Outcome: lab.Skipped, Blocking: true},
		{ID: "our fault", Verdict: lab.NotRun, Outcome: lab.Broken, Blocking: true},
		{ID: "does not apply", Verdict: lab.NotRun, Outcome: lab.NotApplicable, Blocking: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ended := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	got, err := verdictOf(runs.Run{ID: "run_1", Verdict: "failed", Report: report, EndedAt: &ended})
	if err != nil {
		t.Fatal(err)
	}
	want := registry.Verdict{
		RunID: "run_1", Outcome: registry.Failed, At: ended,
		Failed: []registry.FailedCheck{{ID: "failed", Title: "T", Message: "M", Fix: "F"}}, Waived: []string{"accepted"},
		Open: []registry.OpenCheck{{ID: "blocked", Title: "T", Message: "M"}, {ID: "undecided"}, {ID: "blocked, accepted", Waived: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}
