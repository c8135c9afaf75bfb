package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// Covers: the whole way of an integration, on both
// databases: draft, verified, submitted, returned, resubmitted, QA, bugs, final review, published, updated, superseded.
func TestFromDraftToSuperseded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		sub := n.queued("Acme Directory")
		n.later(time.Hour)
		sub = n.sub(n.registry.Claim(ctx, n.rita, sub.ID))
		sub = n.sub(n.registry.Return(ctx, n.rita, sub.ID, sub.Version, []registry.NewFinding{{Key: "description", Severity: registry.Blocking, Text: "Too short.", Fix: "Say more."}}, nil))
		n.later(time.Hour)
		finding := n.dossier(sub.ID).Findings[0]
		sub = n.sub(n.registry.Answer(ctx, n.bob, sub.ID, finding.ID, registry.FixedOnServer, "Look again."))
		sub = n.sub(n.registry.Resubmit(ctx, n.bob, sub.ID, sub.Version))
		sub = n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
		n.later(time.Hour)
		sub = n.sub(n.registry.ReturnBugs(ctx, n.quinn, sub.ID, sub.Version, []registry.NewFinding{{CheckID: "users.get.404", Severity: registry.Blocking, Text: "It answers 500."}}, nil))
		n.later(time.Hour)
		n.pass(sub.ID)
		bug := n.dossier(sub.ID).Findings.Open()[0]
		n.sub(n.registry.Answer(ctx, n.ann, sub.ID, bug.ID, registry.Fixed, ""))
		sub = n.sub(n.registry.Resubmit(ctx, n.ann, sub.ID, sub.Version))
		if _, err := n.registry.CatalogEntry(ctx, "acme-directory"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("in the catalog before publication: %v", err)
		}
		n.later(time.Hour)
		sub = n.sub(n.registry.PassQA(ctx, n.quinn, sub.ID, sub.Version))
		listing := must(n.registry.CatalogEntry(ctx, "acme-directory"))(t)
		if listing.SubmissionID != sub.ID || listing.Vendor != "Acme" || listing.State != registry.Listed {
			t.Fatalf("listing: %+v", listing)
		}
		logo := must(n.registry.ListingLogo(ctx, "acme-directory"))(t)
		if !bytes.HasPrefix(logo.Served, []byte("\x89PNG")) || logo.SHA256 != sub.LogoHash() {
			t.Error("the listing's logo is not what was uploaded")
		}

		update := n.sub(n.registry.StartUpdate(ctx, n.bob, sub.IntegrationID))
		if d := n.dossier(update.ID); update.Number != 2 || !d.Has("testAccount.password") || d.Published.ID != sub.ID {
			t.Fatalf("update: version %d, dossier %+v", update.Number, d)
		}
		saved := must(n.registry.SaveDraft(ctx, n.bob, update.ID, update.Version, manifest.Content{"name": "Acme Plus", "changeSummary": "Another name."}))(t)
		n.pass(update.ID)
		update = n.sub(n.registry.Submit(ctx, n.bob, update.ID, saved.Submission.Version, true))
		if same := must(n.registry.CatalogEntry(ctx, "acme-directory"))(t); cmp.Diff(same, listing) != "" {
			t.Errorf("the update in review changed the catalog:\n%s", cmp.Diff(listing, same))
		}
		update = n.sub(n.registry.PassInitial(ctx, n.rita, update.ID, update.Version, checklist()))
		n.later(time.Hour)
		update = n.sub(n.registry.PassQA(ctx, n.quinn, update.ID, update.Version))
		listing = must(n.registry.CatalogEntry(ctx, "acme-directory"))(t)
		if listing.Number != 2 || listing.Name() != "Acme Plus" || n.dossier(sub.ID).Submission.State != registry.Superseded || update.State != registry.Published {
			t.Errorf("after the update: %+v, old version %s", listing, n.dossier(sub.ID).Submission.State)
		}
		checkHistory(n, sub.ID)
		checkOutbox(n)
		checkTimers(n)
	})
}

func checkHistory(n *network, id string) {
	n.Helper()
	events := must(n.registry.History(n.Context(), n.rita, id))(n.T)
	var rows []string
	for _, e := range events {
		rows = append(rows, e.Row)
	}
	want := []string{"T-01", "T-05", "T-07", "", "T-08", "T-09", "T-10", "T-11", "T-12", "T-14", "T-14", "T-14"}
	if !slices.Equal(rows, want) {
		n.Errorf("history %v, want %v", rows, want)
	}
	if events[4].Worked != 0 || events[4].ActorName == "" || events[4].Hash == "" { // claimed and returned at the same moment
		n.Errorf("return: %+v", events[4])
	}
}

func checkOutbox(n *network) {
	n.Helper()
	mails := must(n.registry.Outbox(n.Context(), n.oscar, 100))(n.T)
	count := map[registry.MailID]int{}
	for _, m := range mails {
		count[m.Kind]++
		if len(m.To) == 0 || m.Subject == "" || m.Body == "" {
			n.Errorf("mail %s is not whole: %+v", m.Kind, m)
		}
	}
	want := map[registry.MailID]int{registry.M01: 2, registry.M01b: 2, registry.M03: 1, registry.M04: 2, registry.M05: 1, registry.M06: 2, registry.M11: 4}
	if diff := cmp.Diff(want, count); diff != "" {
		n.Errorf("mails (-want +got):\n%s", diff)
	}
	if got := mails[0]; got.Kind != registry.M06 || !slices.Equal(got.To, []string{n.bob.Email, n.ann.Email, "network-escalations@acme.example"}) {
		n.Errorf("the newest mail is %s to %v", got.Kind, got.To)
	}
}

// Each turn of the team sets one timer, each turn of the vendor two, each publication three.
func checkTimers(n *network) {
	n.Helper()
	got := must(store.CountJobs(n.Context(), n.store, registry.Timer{}.Kind()))(n.T)
	if want := 6*1 + 2*2 + 2*3; got != want {
		n.Errorf("%d timers, want %d", got, want)
	}
}

// What is written is read back to the last field.
func TestSubmissionSurvivesTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		at := func(minutes int) time.Time {
			return n.clock.Load().Add(time.Duration(minutes)*time.Minute + 123456*time.Microsecond)
		}
		person := func(id string) registry.Person {
			return registry.Person{ID: id, Name: "Ünï \"x\"", Email: id + "@example.com"}
		}
		want := registry.Submission{
			ID: "sub_1", IntegrationID: "int_1", OrgID: n.ann.OrgID, OrgName: "Acme", Number: 3, State: registry.VendorFix, Version: 1, ContentVersion: 1,
			Content: manifest.Content{}.With("name", "Näme ' \\ \u2028").With("useCases", []string{"zero_trust", ""}).
				With("scim.variables", []map[string]string{{"label": "A", "name": "a"}, {}}),
			Hash: "h", ReviewedContent: manifest.Content{}.With("name", "old"), ReviewedHash: "r",
			CreatedAt: at(1), CreatedBy: person("a"), UpdatedAt: at(2), EnteredAt: at(3), SubmittedAt: at(4), SubmittedBy: person("b"), QueuedAt: at(5), ETA: at(6),
			PublishedAt: at(7), Assignee: person("c"), ClaimedAt: at(8), Round: 2, Fired: []registry.Action{registry.RemindVendor, registry.Purge},
			RunID: "run_1", RunAskedAt: at(9), Attempts: 4,
		}
		finding := registry.Finding{ID: "fnd_1", SubmissionID: "sub_1", Round: 1, Phase: registry.ToQA, Key: "name", CheckID: "c", Severity: registry.Advice, Text: "t", Fix: "f",
			By: person("d"), At: at(1), Answer: registry.Disputed, AnswerNote: "no", AnsweredBy: person("e"), AnsweredAt: at(2), ResolvedAt: at(3)}
		waiver := registry.Waiver{ID: "wvr_1", IntegrationID: "int_1", SubmissionID: "sub_1", OrgID: n.ann.OrgID, CheckID: "c", NotRun: true, State: registry.Granted, Reason: "r", AskedBy: person("f"),
			AskedAt: at(1), Decision: "d", DecidedBy: person("g"), DecidedAt: at(2), Expires: at(3)}
		verdict := registry.Verdict{RunID: "run_1", SubmissionID: "sub_1", Outcome: registry.Failed, Hash: "h", Profile: "rfc", At: at(1), Reason: "r", ReadOnly: true,
			Failed: []registry.FailedCheck{{ID: "c", Title: "t", Message: "m", Fix: "f"}}, Waived: []string{"w"}, Open: []registry.OpenCheck{{ID: "o", Title: "t", Message: "m", Waived: true}}}
		event := registry.Event{ID: "evt_1", SubmissionID: "sub_1", IntegrationID: "int_1", OrgID: n.ann.OrgID, Number: 3, Row: "T-11", Action: registry.ReturnBugs, From: registry.ToQA,
			To: registry.VendorFix, At: at(1), ActorID: "a", ActorName: "A", Team: true, Note: "n", Hash: "h", Worked: 90 * time.Minute, Mails: []registry.MailID{registry.M05, registry.M11}}
		err := s.Registry().Advance(t.Context(), registry.Change{Submission: want, Findings: []registry.Finding{finding}, Waivers: []registry.Waiver{waiver},
			Verdict: &verdict, Events: []registry.Event{event}})
		if err != nil {
			t.Fatal(err)
		}
		d := n.dossier("sub_1")
		for what, diff := range map[string]string{
			"submission": cmp.Diff(want, d.Submission), "finding": cmp.Diff(registry.Findings{finding}, d.Findings), "waiver": cmp.Diff(registry.Waivers{waiver}, d.Waivers),
			"verdict": cmp.Diff(registry.Verdicts{verdict}, d.Verdicts), "event": cmp.Diff([]registry.Event{event}, must(n.registry.History(t.Context(), n.rita, "sub_1"))(t)),
		} {
			if diff != "" {
				t.Errorf("%s (-written +read):\n%s", what, diff)
			}
		}
	})
}

// Covers R-136: the promised date follows from what the team has done.
func TestPaceFollowsTheTeam(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		now := *n.clock.Load()
		for i := range 6 { // a decision within hours, each
			sub := n.queued(fmt.Sprintf("App %d", i))
			n.later(time.Duration(i+1) * time.Hour)
			n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
			n.at(now)
		}
		gone := n.queued("Gone")
		gone = n.sub(n.registry.Claim(ctx, n.rita, gone.ID)) // no decision, nor is what its vendor does
		n.sub(n.registry.Withdraw(ctx, n.ann, gone.ID, gone.Version))
		waiting := n.queued("Before")
		n.later(time.Minute)
		p := must(s.Registry().Pace(ctx, registry.ToReview, *n.clock.Load(), "sub_none", now.Add(-time.Hour)))(t)
		if p.Ahead != 1 || p.Reviewers != 1 || len(p.Work) != 6 || slices.Max(p.Work) != 6*time.Hour {
			t.Errorf("pace %+v", p)
		}
		if same := must(s.Registry().Pace(ctx, registry.ToReview, *n.clock.Load(), waiting.ID, now.Add(24*time.Hour)))(t); same.Ahead != 0 || same.Reviewers != 0 {
			t.Errorf("without itself, and since tomorrow: %+v", same)
		}
		if waiting.ETA.Format(time.DateOnly) != "2026-11-25" {
			t.Errorf("the team decides within hours, and the promise is %s", waiting.ETA.Format(time.DateOnly))
		}
	})
}
