package worker

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/lab"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
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

// The lab verifies a server as the version of SCIM that its vendor has chosen in the form.
func TestTheContentChoosesTheVersion(t *testing.T) {
	for _, version := range []lab.Version{lab.SCIM20, lab.SCIM11} {
		content := manifest.Content{}
		for key, value := range map[string]any{
			"scim.enabled": manifest.Yes, "scim.version": string(version), "scim.features": []string{manifest.CreateUsers}, "scim.perTenant": manifest.No,
			"scim.baseUrl": "https://acme.example/scim", "scim.patch": manifest.Yes, "scim.auth.mode": string(manifest.AuthBearer), "scim.usernameIsEmail": manifest.No,
		} {
			content = content.With(key, value)
		}
		about := registry.Subject{
			Submission: registry.Submission{Content: content},
			Connection: manifest.Connection{manifest.ConnectionToken: secret.NewText("canary")},
		}
		subject, err := (&verifySubmission{}).subject(about)
		if err != nil || subject.Version != version {
			t.Errorf("%s: the lab is told %q, %v", version, subject.Version, err)
		}
	}
}
