package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// published takes a submission into the catalog.
func published(t *testing.T, s *Service) Submission {
	t.Helper()
	sub := toReview(t, s)
	sub = must(s.PassInitial(t.Context(), rita, sub.ID, sub.Version, allChecked()))(t)
	return must(s.PassQA(t.Context(), quinn, sub.ID, sub.Version))(t)
}

// looks are the daily looks that were asked for, and timers the moments at which the next one is due.
func looks(m *memory) (asked []VerifySubmission, next []time.Time) {
	for _, j := range m.jobs {
		switch args := j.Args.(type) {
		case VerifySubmission:
			if args.Purpose == ForWatch {
				asked = append(asked, args)
			}
		case Timer:
			if args.Action == Reverify {
				next = append(next, j.At)
			}
		}
	}
	return asked, next
}

// Covers R-057: what is published is looked at every day, and three bad looks in a row are told to everybody concerned.
func TestDailyLook(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := published(t, s)
	if asked, next := looks(m); len(asked) != 0 || len(next) != 1 || !next[0].Equal(noon.Add(day)) {
		t.Fatalf("after publishing: asked %v, next %v", asked, next)
	}
	look := func(n int, outcome Outcome) (Listing, []MailID) {
		t.Helper()
		now := noon.Add(time.Duration(n) * day)
		at(s, now)
		if err := s.Fire(ctx, Timer{sub.ID, Reverify}); err != nil {
			t.Fatal(err)
		}
		asked, next := looks(m)
		if len(asked) != n || !next[len(next)-1].Equal(now.Add(day)) {
			t.Fatalf("day %d: %d looks asked for, the next one at %v", n, len(asked), next[len(next)-1])
		}
		before := len(m.mails)
		v := Verdict{RunID: asked[n-1].RunID, SubmissionID: sub.ID, Hash: sub.Hash, Outcome: outcome, At: now, ReadOnly: true, Reason: "The target is silent."}
		if outcome == Failed {
			v.Failed = []FailedCheck{{ID: "auth.credentials", Title: "The credentials are accepted", Message: "401.", Fix: "Enter a new token."}}
		}
		record(t, s, v)
		record(t, s, v) // a job may run twice
		return must(s.CatalogEntry(ctx, "acme-directory"))(t), kinds(m.mails[before:])
	}
	for i, tt := range []struct {
		outcome  Outcome
		inARow   int
		doubtful bool
		mails    []MailID
	}{
		{Passed, 1, false, nil},
		{Failed, 1, false, nil},
		{Failed, 2, false, nil},
		{NotRun, 1, false, nil},
		{Failed, 1, false, nil},
		{Failed, 2, false, nil},
		{Failed, 3, true, []MailID{M20, M21, M21}}, // a mail for each customer
		{Failed, 4, true, nil},                     // told once
		{Passed, 1, false, nil},
		{NotRun, 1, false, nil},
		{NotRun, 2, false, nil},
		{NotRun, 3, false, []MailID{M22}}, // nobody's fault is shown to customers
	} {
		l, mails := look(i+1, tt.outcome)
		if l.Watch.InARow != tt.inARow || l.Watch.Doubtful() != tt.doubtful || !slices.Equal(mails, tt.mails) {
			t.Errorf("day %d, %s: %d in a row, doubtful %v, mails %v; want %d, %v, %v", i+1, tt.outcome, l.Watch.InARow, l.Watch.Doubtful(), mails, tt.inARow, tt.doubtful, tt.mails)
		}
	}
	if l := must(s.CatalogEntry(ctx, "acme-directory"))(t); !l.ProvenAt.Equal(noon.Add(9 * day)) {
		t.Errorf("last proven %v, want the day of the last pass", l.ProvenAt)
	}
	for _, mail := range m.mails {
		switch {
		case mail.Kind == M20 && !strings.Contains(mail.Body, "Enter a new token."):
			t.Errorf("the vendor is not told what to do:\n%s", mail.Body)
		case mail.Kind == M21 && strings.Contains(mail.Body, "auth.credentials"):
			t.Errorf("customers read the vendor's findings:\n%s", mail.Body)
		case mail.Kind == M22 && !strings.Contains(mail.Body, "The target is silent."):
			t.Errorf("the vendor does not hear why:\n%s", mail.Body)
		}
	}
	history := must(s.History(ctx, rita, sub.ID))(t)
	if n := len(slices.DeleteFunc(history, func(e Event) bool { return e.Action != Reverify })); n != 0 {
		t.Errorf("%d lines of history say only that a day passed", n)
	}
}

// A look that is under way, a test connection that is gone, a listing that was removed: the day passes without a run,
// and the next one comes all the same.
func TestNoLookWithoutAReason(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, s *Service, sub Submission)
		kept    bool // the test connection is still there afterwards
	}{
		{"the vendor took the token away", func(t *testing.T, s *Service, sub Submission) {
			must(s.RemoveSecret(t.Context(), ann, sub.ID, "connection.token"))(t)
		}, false},
		{"a look is under way", func(t *testing.T, s *Service, sub Submission) {
			if err := s.Fire(t.Context(), Timer{sub.ID, Reverify}); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"the listing was removed", func(t *testing.T, s *Service, _ Submission) {
			l := must(s.CatalogEntry(t.Context(), "acme-directory"))(t)
			l = must(s.Propose(t.Context(), rita, l.Slug, l.Version, Delist, Reason{"policy", "It harms people."}))(t)
			file := must(s.ListingFile(t.Context(), quinn, l.Slug))(t)
			must(s.Confirm(t.Context(), quinn, l.Slug, l.Version, file.Requests[0].ID))(t)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, m := inMemory()
			sub := published(t, s)
			tt.prepare(t, s, sub)
			before, _ := looks(m)
			if err := s.Fire(t.Context(), Timer{sub.ID, Reverify}); err != nil {
				t.Fatal(err)
			}
			after, next := looks(m)
			if len(after) != len(before) || len(next) < 2 {
				t.Errorf("%d looks more, %d timers", len(after)-len(before), len(next))
			}
			if d := must(s.Get(t.Context(), rita, sub.ID))(t); (len(d.ConnectionGaps()) == 0) != tt.kept {
				t.Errorf("of the test connection there lacks %v", d.ConnectionGaps())
			}
		})
	}
}

// The vendor connects what is published anew; the content stays as it was reviewed. Strangers find nothing, and what was
// replaced is forgotten.
func TestReconnect(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := published(t, s)
	next := manifest.Connection{"connection.token": secret.NewText("a-new-token")}
	saved := must(s.SaveConnection(ctx, bob, sub.ID, next))(t)
	if saved.Submission.Hash != sub.Hash || saved.Submission.State != Published {
		t.Errorf("a new token moved the content or the state: %s", saved.Submission.State)
	}
	if got := must(s.Subject(ctx, sub.ID))(t).Connection["connection.token"].Reveal(); got != "a-new-token" {
		t.Errorf("the lab would use %q", got)
	}
	_, err := s.SaveConnection(ctx, eve, sub.ID, next)
	wantCode(t, "by another org", err, fault.NotFound)
	_, err = s.SaveConnection(ctx, rita, sub.ID, next)
	wantCode(t, "by the team", err, fault.Forbidden)
	_, err = s.SaveSecret(ctx, bob, sub.ID, "testAccount.password", secret.NewText("x"))
	wantCode(t, "the test account of what is published", err, fault.Conflict)

	update := must(s.StartUpdate(ctx, ann, sub.IntegrationID))(t)
	change := update.Content.With("description", update.Content.Text("description")+" It is quicker now.").With("changeSummary", "Quicker.")
	update = must(s.SaveDraft(ctx, ann, update.ID, update.Version, change))(t).Submission
	pass(t, s, update.ID)
	update = must(s.Get(ctx, ann, update.ID))(t).Submission
	update = must(s.Submit(ctx, ann, update.ID, update.Version, true))(t)
	update = must(s.PassInitial(ctx, rita, update.ID, update.Version, allChecked()))(t)
	must(s.PassQA(ctx, quinn, update.ID, update.Version))(t)
	if d := must(s.Get(ctx, ann, sub.ID))(t); slices.ContainsFunc(d.Secrets, func(m SecretMark) bool { return isConnection(m.Key) }) {
		t.Errorf("version 1 was replaced, and its test connection is still stored: %v", d.Secrets)
	}
}

// A pass of a run that only read proves too little; its failure takes an earlier pass back.
func TestAReadOnlyPassIsNone(t *testing.T) {
	whole, read, broken := Verdict{Hash: "h", Outcome: Passed, RunID: "whole"}, Verdict{Hash: "h", Outcome: Passed, ReadOnly: true}, Verdict{Hash: "h", Outcome: Failed, ReadOnly: true}
	for _, tt := range []struct {
		all  Verdicts
		want bool
	}{
		{Verdicts{read}, false},
		{Verdicts{read, whole}, true},
		{Verdicts{broken, whole}, false},
		{Verdicts{read, broken, whole}, false},
	} {
		if v, ok := tt.all.Pass("h"); ok != tt.want || ok && v.RunID != "whole" {
			t.Errorf("%s: pass %v, want %v", fmt.Sprint(tt.all), ok, tt.want)
		}
	}
}
