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
	"slipway/internal/report"
	"slipway/internal/secret"
)

// What a run proved reaches the registry: what blocked, what was accepted, and about what nothing is known.
func TestVerdictOf(t *testing.T) {
	waiver := &report.Waiver{}
	rep, err := json.Marshal(report.Report{Checks: []report.Result{
		{ID: "passed", Verdict: report.Passed, Outcome: report.Pass, Blocking: true},
		{ID: "failed", Title: "T", Message: "M", Fix: "F", Verdict: report.Failed, Outcome: report.Fail, Blocking: true},
		{ID: "tolerated", Verdict: report.Failed, Outcome: report.Fail},
		{ID: "accepted", Verdict: report.Failed, Outcome: report.Waived, Waiver: waiver},
		{ID: "blocked", Title: "T", Message: "M", Verdict: report.NotRun, Outcome: report.Blocked, Blocking: true},
		{ID: "undecided", Verdict: report.NotRun, Outcome: report.Inconclusive, Blocking: true},
		{ID: "blocked, accepted", Verdict: report.NotRun, Outcome: report.Blocked, Waiver: waiver},
		{ID: "blocked, not required", Verdict: report.NotRun, Outcome: report.Blocked},
		{ID: "not reached", Verdict: report.NotRun, Outcome: report.Skipped, Blocking: true},
		{ID: "our fault", Verdict: report.NotRun, Outcome: report.Broken, Blocking: true},
		{ID: "does not apply", Verdict: report.NotRun, Outcome: report.NotApplicable, Blocking: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ended := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	got, err := verdictOf(runs.Run{ID: "run_1", Verdict: "failed", Report: rep, EndedAt: &ended})
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
			"scim.baseUrl": "https://acme.example/scim", "scim.testDomain": "acme.example", "scim.patch": manifest.Yes, "scim.auth.mode": string(manifest.AuthBearer), "scim.usernameIsEmail": manifest.No,
		} {
			content = content.With(key, value)
		}
		about := registry.Subject{
			Submission: registry.Submission{Content: content},
			Connection: manifest.Connection{manifest.ConnectionToken: secret.NewText("canary")},
		}
		subject, err := (&verifySubmission{}).subject(about)
		if err != nil || subject.Version != version || subject.Domain != "acme.example" {
			t.Errorf("%s, people of acme.example: the lab is told %q, %q, %v", version, subject.Version, subject.Domain, err)
		}
	}
}
