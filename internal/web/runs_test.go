package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/lab/runs"
	"slipway/internal/report"
	"slipway/internal/web/views"
)

// A check that did not run is shown as that, also where it is waived; whoever may contest it is told what
// a waiver accepts.
func TestRunShowsWhatDidNotRun(t *testing.T) {
	blocked := report.Result{ID: "patch.works", Family: "PATCH", Title: "PATCH works", Verdict: report.NotRun, Outcome: report.Blocked, Blocking: true, Message: "Needs users.get.200, which did not pass."}
	waived := blocked
	waived.Blocking, waived.Waiver = false, &report.Waiver{Reason: "Looked at by hand.", GrantedBy: "Rita", Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)}
	for _, tt := range []struct {
		name        string
		check       report.Result
		waiting     string
		contestable bool
		shows       []string
		hides       []string
	}{
		{"blocked", blocked, "", true, []string{">Blocked<", "Needs users.get.200", "Contest this check", "once the check runs and fails, it blocks again"}, []string{"Waived by"}},
		{"blocked, for somebody who cannot ask", blocked, "", false, []string{">Blocked<"}, []string{"Contest this check"}},
		{"asked for", blocked, "Asked for", false, []string{"A waiver was asked for: Asked for."}, []string{"Contest this check"}},
		{"refused, and asked for again", blocked, "Refused", true, []string{"A waiver was asked for: Refused.", "Contest this check"}, nil},
		{"waived", waived, "Granted", false, []string{">Not run, waived<", "Waived by Rita until", "Looked at by hand."}, []string{"Contest this check", "A waiver was asked for"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep := report.Report{Checks: []report.Result{tt.check}, Requests: 1}
			page := views.RunPage{
				Run: runs.Run{State: runs.Ended, Verdict: "not_run"}, Report: rep, Families: views.FamiliesOf(rep), Waiting: map[string]string{}, Contest: map[string]bool{tt.check.ID: tt.contestable},
			}
			if tt.waiting != "" {
				page.Waiting[tt.check.ID] = tt.waiting
			}
			var out bytes.Buffer
			if err := views.RunBody(page).Render(t.Context(), &out); err != nil {
				t.Fatal(err)
			}
			for _, text := range tt.shows {
				if !strings.Contains(out.String(), text) {
					t.Errorf("the page lacks %q:\n%s", text, out.String())
				}
			}
			for _, text := range tt.hides {
				if strings.Contains(out.String(), text) {
					t.Errorf("the page shows %q", text)
				}
			}
		})
	}
}

// Every request of a run can be seen: what no check shows is a click away.
func TestRunShowsTheRest(t *testing.T) {
	page := views.RunPage{Run: runs.Run{ID: "run_1", State: runs.Ended, Verdict: "passed"}, Report: report.Report{Requests: 2, Rest: []egress.Exchange{{Method: "DELETE", URL: "https://vendor.example/scim/Users/7", Status: 204}}}}
	page.Submission.ID = "sub_1"
	var card, whole bytes.Buffer
	if err := views.RunBody(page).Render(t.Context(), &card); err != nil {
		t.Fatal(err)
	}
	if err := views.RunRest(page).Render(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(card.String(), `href="/submissions/sub_1/runs/run_1/checks/rest"`) || !strings.Contains(whole.String(), "https://vendor.example/scim/Users/7 → 204") {
		t.Errorf("the rest is not shown:\n%s\n%s", card.String(), whole.String())
	}
}

// The page says what no request proves: who reviews a run has to know what is left.
func TestRunShowsWhatIsLeftForAPerson(t *testing.T) {
	for _, errands := range [][]report.Errand{nil, report.Errands()} {
		page := views.RunPage{Run: runs.Run{State: runs.Ended, Verdict: "passed"}, Report: report.Report{Errands: errands, Requests: 1}}
		var out bytes.Buffer
		if err := views.RunBody(page).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "Left for a person") && strings.Contains(out.String(), "C9342, C9343"); got != (errands != nil) {
			t.Errorf("with %d errands they are shown: %v", len(errands), got)
		}
	}
}
