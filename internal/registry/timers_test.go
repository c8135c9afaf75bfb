package registry

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/fault"
)

// Covers T-19, T-20, T-21: timers do what is due, once, and nothing when the submission has moved on.
func TestTimers(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	fire := func(id string, do Action, when time.Time) (State, []MailID) {
		t.Helper()
		at(s, when)
		before := len(m.mails)
		if err := s.Fire(ctx, Timer{id, do}); err != nil {
			t.Fatal(err)
		}
		return must(s.Get(ctx, rita, id))(t).Submission.State, kinds(m.mails[before:])
	}
	expect := func(what string, id string, do Action, when time.Time, state State, mails ...MailID) {
		t.Helper()
		if got, sent := fire(id, do, when); got != state || !slices.Equal(sent, mails) {
			t.Errorf("%s: %s, mails %v; want %s, %v", what, got, sent, state, mails)
		}
	}
	late := toReview(t, s)
	expect("before the promised day is over", late.ID, MissETA, late.ETA, ToReview)
	expect("after it", late.ID, MissETA, late.ETA.Add(time.Second), ToReview, M16)
	moved := must(s.Get(ctx, ann, late.ID))(t).Submission
	if !moved.ETA.After(late.ETA) || !strings.Contains(m.mails[len(m.mails)-1].Body, dateText(late.ETA)) {
		t.Errorf("the new date is %v after %v", moved.ETA, late.ETA)
	}
	expect("the same timer twice", late.ID, MissETA, late.ETA.Add(2*time.Second), ToReview)

	at(s, noon)
	idle := must(s.Return(ctx, rita, late.ID, moved.Version, []NewFinding{{Severity: Blocking, Text: "Wrong."}}, nil))(t)
	expect("the vendor has two days left", idle.ID, RemindVendor, noon.Add(12*day), VendorReview)
	expect("two weeks", idle.ID, RemindVendor, noon.Add(14*day), VendorReview, M15)
	if body := m.mails[len(m.mails)-1].Body; !strings.Contains(body, dateText(noon.Add(60*day))) || !strings.Contains(body, "Wrong.") {
		t.Errorf("the reminder lacks the date or the finding:\n%s", body)
	}
	expect("two weeks, again", idle.ID, RemindVendor, noon.Add(15*day), VendorReview)
	expect("59 days", idle.ID, GoStale, noon.Add(59*day), VendorReview)
	expect("60 days", idle.ID, GoStale, noon.Add(60*day), Withdrawn, M07)
	reopened := must(s.Reopen(ctx, bob, idle.ID, must(s.Get(ctx, bob, idle.ID))(t).Submission.Version))(t)
	if d := must(s.Get(ctx, bob, idle.ID))(t); reopened.State != Draft || d.Submission.Name() != "Acme Directory" || len(d.Findings.Open()) != 1 {
		t.Errorf("reopened as %s with %q and %d findings", reopened.State, d.Submission.Name(), len(d.Findings.Open()))
	}

	at(s, noon)
	sub := toReview(t, s)
	sub = must(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))(t)
	sub = must(s.PassQA(ctx, quinn, sub.ID, sub.Version))(t)
	expect("published for 23 days", sub.ID, WarnPurge, noon.Add(23*day), Published, M10)
	expect("published for 30 days", sub.ID, Purge, noon.Add(30*day), Published, M10)
	expect("purged, again", sub.ID, Purge, noon.Add(31*day), Published)
	if d := must(s.Get(ctx, ann, sub.ID))(t); d.Has("testAccount.password") || len(d.ConnectionGaps()) != 0 {
		t.Errorf("purged is the test account's password, and the test connection stays: %v", d.Secrets)
	}
	update := must(s.StartUpdate(ctx, ann, sub.IntegrationID))(t)
	ready := must(s.Readiness(ctx, must(s.Get(ctx, ann, update.ID))(t)))(t)
	if !slices.ContainsFunc(ready.Missing, func(f fault.Field) bool { return f.Key == "testAccount.password" }) { // D-07
		t.Error("the update does not ask for the purged password")
	}
	if err := s.Fire(ctx, Timer{"sub_gone", Purge}); err != nil {
		t.Errorf("a timer of a deleted submission: %v", err)
	}
}
