package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/egress"
	"slipway/internal/lab"
	"slipway/internal/lab/runs"
	"slipway/internal/registry"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// What an integration does not claim to do needs no proof: an app from which people are only imported is accepted on the
// protocol checks alone, on a server on which accounts cannot be made or changed rightly.
//
func TestAnAppThatOnlyImportsNeedsTheProtocolChecksAlone(t *testing.T) {
	t.Parallel()
	lifecycle := []string{"users.create.201", "users.put.200"}
	s := newSite(t)
	for _, tt := range []struct {
		name     string
		features []string
		defects  []string
		want     registry.Outcome
	}{
		{"it imports, and the lifecycle is broken", []string{"import_users"}, lifecycle, registry.Passed},
		{"it imports, and the protocol is broken", []string{"import_users"}, []string{"users.list.types"}, registry.Failed},
		{"it provisions, and the lifecycle is broken", []string{"import_users", "create_users", "update_users", "deactivate_users"}, lifecycle, registry.Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, stop := scimtest.New(scimtest.WithToken(demoToken), scimtest.WithDefects(tt.defects...)).Start()
			t.Cleanup(stop)
			for _, name := range []string{"ada", "ben", "cleo"} { // so that there is somebody to import, on more than one page
				moveIn(t, base, name+"@example.com")
			}
			vendor := s.actor(t, "harbor", "vendor@example.com", access.Vendor)
			id, err := s.seedDraft(t.Context(), vendor, whole("Import Isle").With("scim.features", tt.features), strings.TrimSuffix(base, "/scim/v2"))
			if err != nil {
				t.Fatal(err)
			}
			vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
			if got := vera.post("/submissions/"+id+"/verify", nil); got.Status != http.StatusSeeOther {
				t.Fatalf("verify: %d", got.Status)
			}
			d := s.verified(t, id)
			if verdict, _ := d.Verdicts.Of(d.Submission.Hash); verdict.Outcome != tt.want {
				t.Fatalf("the lab says %s %s %+v, want %s", verdict.Outcome, verdict.Reason, verdict.Failed, tt.want)
			}
			got := vera.post("/submissions/"+id+"/submit", url.Values{"version": {itoa(d.Submission.Version)}, "confirm": {"yes"}})
			if accepted := got.Location == "/submissions/"+id+"?tab=review"; accepted != (tt.want == registry.Passed) {
				t.Errorf("submit: %d to %q", got.Status, got.Location)
			}
		})
	}
}

// verified waits until the lab has spoken on a draft, whatever it says.
func (s *site) verified(t *testing.T, id string) registry.Dossier {
	t.Helper()
	_, failed := s.awaitVerdict(t.Context(), access.System, id)
	d, err := s.registry.Get(t.Context(), access.System, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Verdicts) == 0 {
		t.Fatalf("the lab has not spoken: %v", failed)
	}
	return d
}

// moveIn makes an account on the vendor's server, as the vendor would.
func moveIn(t *testing.T, base, userName string) {
	t.Helper()
	c, err := scim.NewClient(base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(demoToken)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(t.Context(), "Users", scim.Resource{
		"schemas": []any{scim.SchemaUser}, "userName": userName, "active": true, "name": map[string]any{"givenName": "Ada", "familyName": "Anchor"},
		"emails": []any{map[string]any{"value": userName, "type": "work", "primary": true}},
	}); err != nil {
		t.Fatal(err)
	}
}

// A run's page says what has changed since the run before, or since the one that is chosen.
func TestTwoRunsAreCompared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	vendor := s.actor(t, "harbor", "vera@example.com", access.Vendor)
	id, err := s.seedDraft(t.Context(), vendor, whole("Ship"), strings.TrimSuffix(s.target, "/scim/v2"))
	if err != nil {
		t.Fatal(err)
	}
	run := func() string {
		t.Helper()
		runID, err := s.registry.Verify(t.Context(), vendor, id)
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
			d, err := s.registry.Get(t.Context(), vendor, id)
			if err == nil && slices.ContainsFunc(d.Verdicts, func(v registry.Verdict) bool { return v.RunID == runID }) {
				return runID
			}
		}
		t.Fatal("the run does not end")
		return ""
	}
	first := run()
	s.vendor.On(scimtest.Rule{Method: http.MethodPut, Effect: scimtest.Status(http.StatusInternalServerError)})
	second, third := run(), run()
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	read := func(run, with string) string {
		return vera.read("/submissions/" + id + "/runs/" + run + with).text()
	}
	if got := read(second, ""); !strings.Contains(got, "passed → failed") {
		t.Errorf("what broke is not told: %.600s", got)
	}
	if got := read(third, ""); !strings.Contains(got, "Every check ended as it did then.") {
		t.Errorf("nothing changed: %.600s", got)
	}
	if got := read(first, "?with="+third); !strings.Contains(got, "failed → passed") {
		t.Errorf("against a chosen run: %.600s", got)
	}
	if got := read(first, ""); strings.Contains(got, "Since the run of") {
		t.Error("the first run is compared with something")
	}
}

// A run that somebody stops is not run, leaves nothing behind, and is no pass.
func TestARunIsStopped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	vendor := s.actor(t, "harbor", "vera@example.com", access.Vendor)
	id, err := s.seedDraft(t.Context(), vendor, whole("Ship"), strings.TrimSuffix(s.target, "/scim/v2"))
	if err != nil {
		t.Fatal(err)
	}
	s.vendor.On(scimtest.Rule{Method: http.MethodPut, Effect: scimtest.Hang()})
	run, err := s.registry.Verify(t.Context(), vendor, id)
	if err != nil {
		t.Fatal(err)
	}
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	page := "/submissions/" + id + "/runs/" + run
	await := func(words string) string {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
			if text := vera.read(page).text(); strings.Contains(text, words) {
				return text
			}
		}
		t.Fatalf("the page never says %q: %s", words, vera.read(page).text())
		return ""
	}
	await("Stop this run")
	if got := s.as(t, "rival", "rita@example.com", access.Vendor).post(page+"/stop", nil); got.Status != http.StatusNotFound {
		t.Errorf("another org stops it: %d", got.Status)
	}
	vera.post(page+"/stop", nil)
	await("It was stopped by vera.")
	if left := len(s.vendor.Users()) + len(s.vendor.Groups()); left != 0 {
		t.Errorf("%d objects of the run stay", left)
	}
	if _, err := s.awaitVerdict(t.Context(), vendor, id); err == nil || !strings.Contains(err.Error(), "not_run") {
		t.Errorf("the verdict is not that it was not run: %v", err)
	}
	if got := vera.post(page+"/stop", nil); got.Status != http.StatusConflict {
		t.Errorf("stopping it again: %d", got.Status)
	}
}

// A run's page stays small: what passed shows its requests and answers when somebody asks for them.
func TestRequestsAndAnswersOnDemand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	run := "/submissions/" + sc.listed + "/runs/" + sc.run
	page := vera.get(run)
	if perCheck := len(page.Body) / len(lab.Checks()); perCheck > 700 || strings.Contains(page.Body, "HTTP/1.1") {
		t.Errorf("the page of a run that passed has %d bytes for each check", perCheck)
	}
	link := vera.read(run).anchor("users.create.201").only(t, "a", "Requests and answers").attr("href")
	if got := vera.read(link).text(); !strings.Contains(got, "POST /Users answers 201") || !strings.Contains(got, "201 Created") {
		t.Errorf("the check alone: %s", got)
	}
	if got := vera.get(link + "?part=1").Body; strings.Contains(got, "<html") || !strings.Contains(got, "/Users") || strings.Contains(got, demoToken) {
		t.Errorf("the part: %.300s", got)
	}
	if got := vera.get(run + "/checks/no.such"); got.Status != http.StatusNotFound {
		t.Errorf("a check that is none: %d", got.Status)
	}
	if got := s.as(t, "rival", "rita@example.com", access.Vendor).get(link); got.Status != http.StatusNotFound {
		t.Errorf("another org's: %d", got.Status)
	}
}

// A run whose verdict has not reached the submission yet is shown as going on: a page that said its end already would
// offer no way to submit, and would not look again.
func TestARunIsShownAsEndedOnceItsVerdictCounts(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	id := d.draft(whole("Ship"))
	run := runs.Run{ID: access.NewID("run"), SubmissionID: id, OrgID: d.vendor.OrgID, Hash: d.dossier(id).Submission.Hash, Profile: "network", Purpose: runs.ForVendor}
	run, err := s.runs.Begin(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	report := `{"verdict": "passed", "requests": 1, "checks": []}`
	if run, err = s.runs.End(t.Context(), run, "passed", "", []byte(report)); err != nil {
		t.Fatal(err)
	}
	vera, page := s.as(t, "harbor", "vera@example.com", access.Vendor), "/submissions/"+id+"/runs/"+run.ID+"?part=1"
	if got := vera.get(page).Body; !strings.Contains(got, "The lab is at work") || !strings.Contains(got, "hx-get") {
		t.Errorf("the verdict does not count yet, and the page asks no more:\n%s", got)
	}
	v := registry.Verdict{RunID: run.ID, SubmissionID: id, Hash: run.Hash, Profile: "network", Outcome: registry.Passed, At: *run.EndedAt}
	if err := s.registry.RecordVerdict(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if got := vera.get(page).Body; !strings.Contains(got, "Verdict") || !strings.Contains(got, "The lab has passed this content") {
		t.Errorf("the verdict counts, and the page does not say so:\n%s", got)
	}
}
