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
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// TestDailyLookAtWhatIsPublished lets the days pass: the lab reads the vendor's live system and changes nothing, the
// catalog says when it was last proven, and the vendor keeps the connection alive.
//
func TestDailyLookAtWhatIsPublished(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.desk(t)
	id, err := s.seedDraft(t.Context(), d.vendor, whole("Acme Rota"), strings.TrimSuffix(s.target, "/scim/v2"))
	if err != nil {
		t.Fatal(err)
	}
	d.publish(id)
	addPeople(t, s)
	vendor := s.as(t, "harbor", "vendor@example.com", access.Vendor)
	if page := vendor.get("/submissions/" + id + "?tab=lab").Body; !strings.Contains(page, "The first one runs a day after publication") || !strings.Contains(page, "Save test connection") {
		t.Errorf("the vendor's page before the first look:\n%s", page)
	}

	before := len(s.vendor.Journal())
	if w := s.look(t, id); w.Outcome != registry.Passed {
		t.Fatalf("the look: %+v", w)
	}
	for _, e := range s.vendor.Journal()[before:] {
		reads := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, e.Method)
		if !reads && !strings.HasSuffix(e.Path, "/.search") {
			t.Errorf("the look sent %s %s", e.Method, e.Path)
		}
	}
	visitor := s.client(t)
	if page := visitor.get("/catalog/acme-rota").Body; !strings.Contains(page, "Daily check") || !strings.Contains(page, ">today</time>") {
		t.Errorf("the listing does not say when it was proven:\n%s", page)
	}

	saved := vendor.post("/submissions/"+id+"/connection", url.Values{manifest.ConnectionToken: {"a-token-that-is-wrong"}})
	if saved.Location != "/submissions/"+id+"?tab=lab#connection" {
		t.Fatalf("saving a token for what is published: %d, %s", saved.Status, saved.Location)
	}
	for range 3 {
		if w := s.look(t, id); w.Outcome != registry.Failed {
			t.Fatalf("a look with a wrong token: %+v", w)
		}
	}
	if page := visitor.get("/catalog").Body; !strings.Contains(page, "its daily check fails") {
		t.Errorf("the catalog goes on to praise what fails:\n%s", page)
	}
	mails, err := s.store.Registry().Outbox(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, mail := range mails {
		if mail.Kind == registry.M20 {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the vendor got %d mails, want one", told)
	}
	team := s.as(t, "network", "team@example.com", access.Reviewer, access.QA)
	if page := team.get("/listings").Body; !strings.Contains(page, "Daily check fails") {
		t.Errorf("the team does not see it:\n%s", page)
	}
}

// addPeople puts three people into the vendor's app, who are there whatever the lab does.
func addPeople(t *testing.T, s *site) {
	t.Helper()
	c, err := scim.NewClient(s.target, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(demoToken)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ada", "ben", "cleo"} {
		if _, err := c.Create(t.Context(), "Users", scim.Resource{
			"schemas": []any{scim.SchemaUser}, "userName": name + "@example.com", "active": true,
			"name":   map[string]any{"givenName": name, "familyName": "Sample"},
			"emails": []any{map[string]any{"value": name + "@example.com", "type": "work", "primary": true}},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// look lets a day pass: the timer fires, and a worker runs the lab.
func (s *site) look(t *testing.T, id string) registry.Watch {
	t.Helper()
	if err := s.registry.Fire(t.Context(), registry.Timer{SubmissionID: id, Action: registry.Reverify}); err != nil {
		t.Fatal(err)
	}
	d, err := s.registry.Get(t.Context(), access.System, id)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(90 * time.Second); ; {
		l, err := s.registry.ListingOf(t.Context(), d.Submission.IntegrationID)
		if err != nil {
			t.Fatal(err)
		}
		if l.Watch.RunID == d.Submission.RunID {
			return l.Watch
		}
		if time.Now().After(deadline) {
			run, err := s.runs.Get(t.Context(), access.System, d.Submission.RunID)
			t.Fatalf("the look has not ended: %s %v", run.State+" "+runs.State(run.Verdict+" "+run.Reason), err)
		}
		<-time.After(50 * time.Millisecond)
	}
}
