package registry

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// verifying brings a submission into the state in which it waits for the lab: its test connection was changed after the
// pass, so that pass does not speak for the target any more.
func verifying(t *testing.T, s *Service) Submission {
	t.Helper()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	pass(t, s, sub.ID)
	at(s, s.Clock().Add(time.Hour))
	saved := must(s.SaveConnection(ctx, ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText("another")}))(t)
	sub = must(s.Submit(ctx, ann, sub.ID, saved.Submission.Version, true))(t)
	if sub.State != Verifying {
		t.Fatalf("submitted: %s, want verifying", sub.State)
	}
	return sub
}

func runs(m *memory) []VerifySubmission {
	var all []VerifySubmission
	for _, j := range m.jobs {
		if run, ok := j.Args.(VerifySubmission); ok {
			all = append(all, run)
		}
	}
	return all
}

// Covers, T-06, T-06b, T-07, H-53: a verdict moves what waits for it, and only that.
func TestVerdictsMoveWhatWaitsForThem(t *testing.T) {
	failure := []FailedCheck{{ID: "users.get.404", Title: "Unknown id", Message: "It answered 500.", Fix: "Answer 404."}}
	for _, tt := range []struct {
		name    string
		verdict Verdict
		state   State
		mails   []MailID
	}{
		{"passed", Verdict{Outcome: Passed}, ToReview, []MailID{M01, M11}},
		{"failed", Verdict{Outcome: Failed, Failed: failure}, Draft, []MailID{M02}},
		{"not run", Verdict{Outcome: NotRun, Reason: "The host does not exist."}, Verifying, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, m := inMemory()
			sub := verifying(t, s)
			v := tt.verdict
			v.RunID, v.SubmissionID, v.Hash, v.At = sub.RunID, sub.ID, sub.Hash, s.Clock()
			for range 2 { // a job may run twice
				record(t, s, v)
			}
			d := must(s.Get(t.Context(), ann, sub.ID))(t)
			if d.Submission.State != tt.state || !slices.Equal(kinds(m.mails), tt.mails) {
				t.Errorf("%s, mails %v; want %s, %v", d.Submission.State, kinds(m.mails), tt.state, tt.mails)
			}
			if len(d.Verdicts) != 2 {
				t.Errorf("%d verdicts are kept, want the pass and this one", len(d.Verdicts))
			}
			if len(d.Findings) != 0 {
				t.Errorf("a lab run left findings: %+v", d.Findings)
			}
			if tt.state == Draft && !strings.Contains(m.mails[0].Body, "Answer 404.") {
				t.Errorf("M-02 does not name the failed check:\n%s", m.mails[0].Body)
			}
		})
	}
}

// Covers T-06b: three repetitions, then back with the reason and without a finding, and the team is told.
func TestBreakdownRunsAgainThreeTimes(t *testing.T) {
	s, m := inMemory()
	sub := verifying(t, s)
	asked := map[string]bool{}
	for i := range 4 {
		sub = must(s.Get(t.Context(), ann, sub.ID))(t).Submission
		if sub.State != Verifying || asked[sub.RunID] {
			t.Fatalf("before run %d: %s, run %s", i+1, sub.State, sub.RunID)
		}
		asked[sub.RunID] = true
		record(t, s, Verdict{RunID: sub.RunID, SubmissionID: sub.ID, Hash: sub.Hash, Outcome: NotRun, Reason: "The host does not exist.", At: s.Clock()})
	}
	d := must(s.Get(t.Context(), ann, sub.ID))(t)
	if d.Submission.State != Draft || len(d.Findings) != 0 || !slices.Equal(kinds(m.mails), []MailID{M02b, M17}) {
		t.Errorf("after four: %s, %d findings, mails %v", d.Submission.State, len(d.Findings), kinds(m.mails))
	}
	for _, mail := range m.mails {
		if !strings.Contains(mail.Body, "The host does not exist.") {
			t.Errorf("%s does not say why:\n%s", mail.Kind, mail.Body)
		}
	}
	if got := runs(m); len(got) != 4 || got[3].Purpose != ForSubmit {
		t.Errorf("runs asked for: %+v", got)
	}
}

// Whoever changes the test connection while the lab is at work is verified again: the pass is about another target.
func TestConnectionChangedDuringTheRun(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	runID := must(s.Verify(ctx, ann, sub.ID))(t)
	at(s, noon.Add(time.Minute))
	saved := must(s.SaveConnection(ctx, ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText("another")}))(t)
	at(s, noon.Add(2*time.Minute))
	record(t, s, Verdict{RunID: runID, SubmissionID: sub.ID, Hash: sub.Hash, Outcome: Passed, At: s.Clock()})
	if sub = must(s.Submit(ctx, ann, sub.ID, saved.Submission.Version, true))(t); sub.State != Verifying {
		t.Errorf("submitted on a pass of another connection: %s", sub.State)
	}
}

// A verdict that nobody waits for is kept, and moves nothing.
func TestVerdictOnADraft(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	runID, err := s.Verify(ctx, ann, sub.ID)
	if err != nil || len(runs(m)) != 1 || runs(m)[0] != (VerifySubmission{sub.ID, runID, ForVendor, "Ann"}) {
		t.Fatalf("run %s, %v, jobs %+v", runID, err, runs(m))
	}
	_, err = s.Verify(ctx, bob, sub.ID)
	wantCode(t, "a second run at the same time", err, fault.Conflict)
	seen := sub.Version
	record(t, s, Verdict{RunID: runID, SubmissionID: sub.ID, Hash: sub.Hash, Outcome: Passed, At: s.Clock()})
	d := must(s.Get(ctx, ann, sub.ID))(t)
	if d.Submission.State != Draft || len(d.Verdicts) != 1 {
		t.Errorf("%s with %d verdicts", d.Submission.State, len(d.Verdicts))
	}
	if _, err := s.Submit(ctx, ann, sub.ID, seen, true); err != nil {
		t.Errorf("a verdict is nothing that the vendor has to look at again: %v", err)
	}
	wantCode(t, "a verdict on what was deleted", s.RecordVerdict(ctx, Verdict{RunID: "x", SubmissionID: "sub_gone"}), fault.NotFound)
	history := must(s.History(ctx, ann, sub.ID))(t)
	if slices.ContainsFunc(history, func(e Event) bool { return e.Action == Verify || e.Action == Edit }) {
		t.Errorf("runs and edits are not moves: %+v", history)
	}
}

// A lab run of exactly what is published renews the date on the listing; any other does not.
func TestListingShowsWhenItWasLastProven(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	sub = must(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))(t)
	sub = must(s.PassQA(ctx, quinn, sub.ID, sub.Version))(t)
	later := noon.Add(30 * day)
	for _, tt := range []struct {
		v    Verdict
		want time.Time
	}{
		{Verdict{Outcome: Failed, Hash: sub.Hash}, noon},
		{Verdict{Outcome: Passed, Hash: "other"}, noon},
		{Verdict{Outcome: Passed, Hash: sub.Hash}, later},
	} {
		tt.v.RunID, tt.v.SubmissionID, tt.v.At = s.NewID("run"), sub.ID, later
		record(t, s, tt.v)
		if l := must(s.CatalogEntry(ctx, "acme-directory"))(t); !l.ProvenAt.Equal(tt.want) {
			t.Errorf("%s of %s: proven %v, want %v", tt.v.Outcome, tt.v.Hash, l.ProvenAt, tt.want)
		}
	}
}

// Covers R-088: a failed required check blocks, until an audited waiver with a reason exists, and again once it ends.
func TestWaiver(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	_, err := s.AskWaiver(ctx, ann, sub.ID, "users.get.404", "Our gateway answers.")
	wantCode(t, "a waiver for what never failed", err, fault.Invalid)
	record(t, s, Verdict{RunID: "run_a", SubmissionID: sub.ID, Hash: sub.Hash, Outcome: Failed, At: s.Clock(), Failed: []FailedCheck{{ID: "users.get.404"}}})
	_, err = s.AskWaiver(ctx, ann, sub.ID, "users.get.404", "  ")
	wantCode(t, "without a reason", err, fault.Invalid)
	w := must(s.AskWaiver(ctx, ann, sub.ID, "users.get.404", "Our gateway answers."))(t)
	_, err = s.AskWaiver(ctx, bob, sub.ID, "users.get.404", "Please.")
	wantCode(t, "asked for twice", err, fault.Conflict)
	if pending := must(s.PendingWaivers(ctx, rita))(t); len(pending) != 1 {
		t.Errorf("the reviewer sees %d waivers to decide", len(pending))
	}
	week := noon.Add(7 * day)
	decide := func(actor access.Actor, id string, d WaiverDecision) error {
		_, err := s.DecideWaiver(ctx, actor, sub.ID, id, d)
		return err
	}
	wantCode(t, "granted by its vendor", decide(ann, w.ID, WaiverDecision{true, "Fine.", week}), fault.Forbidden)
	wantCode(t, "granted without a reason", decide(rita, w.ID, WaiverDecision{true, " ", week}), fault.Invalid)
	wantCode(t, "granted for ever", decide(rita, w.ID, WaiverDecision{true, "Fine.", noon.Add(MaxWaiver + day)}), fault.Invalid)
	wantCode(t, "granted for the past", decide(rita, w.ID, WaiverDecision{true, "Fine.", noon}), fault.Invalid)
	wantCode(t, "granted though nobody asked", decide(rita, "wvr_none", WaiverDecision{true, "Fine.", week}), fault.NotFound)
	wantCode(t, "granted", decide(rita, w.ID, WaiverDecision{true, "The gateway is documented.", week}), "")
	wantCode(t, "decided twice", decide(rita, w.ID, WaiverDecision{false, "No.", week}), fault.NotFound)
	history := must(s.History(ctx, rita, sub.ID))(t)
	if e := history[len(history)-1]; e.Action != DecideWaiver || e.ActorID != rita.PersonID || e.Note != "users.get.404, granted: The gateway is documented." {
		t.Errorf("the decision is not on record: %+v", e)
	}
	if subject := must(s.Subject(ctx, sub.ID))(t); len(subject.Waivers) != 1 {
		t.Errorf("the lab is given %d waivers", len(subject.Waivers))
	}
	version := must(s.Get(ctx, ann, sub.ID))(t).Submission.Version
	_, err = s.Submit(ctx, ann, sub.ID, version, true)
	wantCode(t, "submitted before a run has used the waiver", err, fault.Conflict)
	record(t, s, Verdict{RunID: "run_b", SubmissionID: sub.ID, Hash: sub.Hash, Outcome: Passed, At: week.Add(-time.Hour), Waived: []string{"users.get.404"}})
	at(s, week.Add(time.Second))
	_, err = s.Submit(ctx, ann, sub.ID, version, true)
	wantCode(t, "submitted after the waiver has ended", err, fault.Conflict)
	at(s, week)
	if _, err := s.Submit(ctx, ann, sub.ID, version, true); err != nil {
		t.Errorf("submitted while the waiver holds: %v", err)
	}
	if subject := must(s.Subject(ctx, sub.ID))(t); len(subject.Waivers) != 1 {
		t.Error("the waiver ended a moment too early")
	}
}

// Covers R-088: what did not run is no pass either, unless a reviewer has accepted just that, and as long as that holds.
func TestWaiverForACheckThatDidNotRun(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	open := OpenCheck{ID: "patch.works", Title: "PATCH works", Message: "Needs users.get.200, which did not pass."}
	accepted := open
	accepted.Waived = true
	run := func(v Verdict) {
		v.SubmissionID, v.Hash, v.RunID = sub.ID, sub.Hash, "run_"+v.RunID
		record(t, s, v)
	}
	ask := func(name, check string, want fault.Code) Waiver {
		t.Helper()
		w, err := s.AskWaiver(ctx, ann, sub.ID, check, "Our reasons.")
		wantCode(t, name, err, want)
		return w
	}
	grant := func(w Waiver, until time.Time) {
		t.Helper()
		_, err := s.DecideWaiver(ctx, rita, sub.ID, w.ID, WaiverDecision{true, "Looked at by hand.", until})
		wantCode(t, "granted", err, "")
	}
	submit := func(name string, want fault.Code) {
		t.Helper()
		_, err := s.Submit(ctx, ann, sub.ID, must(s.Get(ctx, ann, sub.ID))(t).Submission.Version, true)
		wantCode(t, name, err, want)
	}

	run(Verdict{RunID: "a", Outcome: NotRun, At: s.Clock(), Reason: "The target stopped answering."})
	ask("a run that was broken off", "patch.works", fault.Invalid)
	run(Verdict{RunID: "b", Outcome: NotRun, At: s.Clock().Add(time.Second), Open: []OpenCheck{open}})
	ask("a check that ran", "users.get.200", fault.Invalid)
	submit("submitted with an open check", fault.Conflict)
	w := ask("a check that was blocked", "patch.works", "")
	if !w.NotRun {
		t.Error("the waiver does not say that the check did not run")
	}
	ask("asked for twice", "patch.works", fault.Conflict)
	week := noon.Add(7 * day)
	grant(w, week)
	if history := must(s.History(ctx, rita, sub.ID))(t); history[len(history)-1].Note != "patch.works (did not run), granted: Looked at by hand." {
		t.Errorf("the history says %q", history[len(history)-1].Note)
	}
	ask("waived already", "patch.works", fault.Conflict)

	run(Verdict{RunID: "c", Outcome: Failed, At: s.Clock().Add(2 * time.Second), Failed: []FailedCheck{{ID: "patch.works"}}})
	second := ask("it failed since: that nobody has accepted", "patch.works", "")
	if second.NotRun {
		t.Error("a waiver for a failure says that the check did not run")
	}

	run(Verdict{RunID: "d", Outcome: Passed, At: week.Add(-time.Hour), Open: []OpenCheck{accepted}})
	ask("what is waived does not block", "patch.works", fault.Invalid)
	at(s, week.Add(time.Second))
	submit("the waiver has ended", fault.Conflict)
	at(s, week)
	submit("the waiver holds", "")
}

// A pass with a waived failure needs a waiver for a failure; one for not having run is less.
func TestWaiverKindsDoNotReplaceEachOther(t *testing.T) {
	weaker := Waivers{{CheckID: "a", NotRun: true, State: Granted, Expires: noon}}
	stronger := Waivers{{CheckID: "a", State: Granted, Expires: noon}}
	failed, open := Verdict{Waived: []string{"a"}}, Verdict{Open: []OpenCheck{{ID: "a", Waived: true}}}
	for _, tt := range []struct {
		name    string
		waivers Waivers
		pass    Verdict
		gone    int
	}{
		{"it failed, and only that it did not run is accepted", weaker, failed, 1},
		{"it failed, which is accepted", stronger, failed, 0},
		{"it did not run, which is accepted", weaker, open, 0},
		{"it did not run, and even a failure would be accepted", stronger, open, 0},
		{"it did not run, and nothing is accepted", nil, open, 1},
	} {
		if got := tt.waivers.expired(tt.pass, noon); len(got) != tt.gone {
			t.Errorf("%s: expired %v, want %d", tt.name, got, tt.gone)
		}
	}
}
