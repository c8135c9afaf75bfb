package registry

import (
	"context"
	"slices"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Verify starts a lab run on a submission as it stands and returns the run's id: for the vendor on a draft or a
// returned submission, for the team on one under review. The state does not change. It is fault.Conflict while another
// run is going, or as long as the test connection is incomplete; Fields then say what is missing.
func (s *Service) Verify(ctx context.Context, actor access.Actor, id string) (runID string, err error) {
	sub, err := s.take(ctx, actor, id, latest, Verify, nil, func(_ context.Context, t *turn) error {
		t.change.Events = nil // the run itself is on record
		purpose := ForVendor
		if t.actor.OfTeam() {
			purpose = ForReviewer
		}
		t.startRun(purpose)
		return nil
	})
	return sub.RunID, err
}

// startRun asks the lab for a run in the transaction of the change.
func (t *turn) startRun(purpose Purpose) {
	sub := &t.change.Submission
	sub.RunID, sub.RunAskedAt = t.s.NewID("run"), t.now
	t.change.Jobs = append(t.change.Jobs, Job{Args: VerifySubmission{
		SubmissionID: sub.ID, RunID: sub.RunID, Purpose: purpose, AskedBy: t.actor.Name,
	}})
}

// Submit sends a draft to the network (T-05). certified is the vendor's word that the integration works and was
// tested. It is fault.Conflict, with a field for each thing that is missing, below 100 % or without a fresh pass for
// exactly this content. Where that pass covers everything, the submission goes straight into the queue (T-07);
// where the test connection was changed after it, the lab runs first.
func (s *Service) Submit(ctx context.Context, actor access.Actor, id string, version int64, certified bool) (Submission, error) {
	return s.take(ctx, actor, id, version, Submit, func(_ context.Context, t *turn) error {
		t.facts.Certified = certified
		return nil
	}, func(ctx context.Context, t *turn) error {
		if t.dossier.covered() {
			return t.then(ctx, VerifyPassed, access.System)
		}
		t.startRun(ForSubmit)
		return nil
	})
}

// Withdraw takes a submission out of the queue (T-15). It can be reopened; its stored secrets are purged.
func (s *Service) Withdraw(ctx context.Context, actor access.Actor, id string, version int64) (Submission, error) {
	return s.take(ctx, actor, id, version, Withdraw, nil, func(_ context.Context, t *turn) error {
		t.forgetSecrets()
		return nil
	})
}

// Answer says what the vendor did about a finding, while it is the vendor's turn. A dispute needs a note.
func (s *Service) Answer(ctx context.Context, actor access.Actor, id, findingID string, answer AnswerKind, note string) (Submission, error) {
	if err := checkAnswer(answer, note); err != nil {
		return Submission{}, err
	}
	return s.take(ctx, actor, id, latest, Answer, nil, func(_ context.Context, t *turn) error {
		open := t.dossier.Findings.Open()
		i := slices.IndexFunc(open, func(f Finding) bool { return f.ID == findingID })
		if i < 0 {
			return fault.New(fault.NotFound, "There is no such open finding.")
		}
		f := open[i]
		f.Answer, f.AnswerNote, f.AnsweredBy, f.AnsweredAt = answer, plain(note), personOf(t.actor), t.now
		t.change.Events, t.change.Findings = nil, Findings{f} // the answer stands beside the finding
		return nil
	})
}

func checkAnswer(answer AnswerKind, note string) error {
	switch {
	case answer != Fixed && answer != Disputed && answer != FixedOnServer:
		return fault.New(fault.Invalid, "Choose an answer.").With(fault.Field{Key: "answer", Message: "Choose fixed, disputed or fixed on our server."})
	case answer == Disputed && plain(note) == "":
		return fault.New(fault.Invalid, "Say why you dispute the finding.").With(fault.Field{Key: "note", Message: "Say why."})
	case len(note) > maxFindingText:
		return fault.New(fault.Invalid, "The note is too long.").With(fault.Field{Key: "note", Message: "Use at most 5,000 bytes."})
	}
	return nil
}

// Resubmit sends a returned submission back to the team: after the initial review to its place in the queue (T-09),
// after QA to the final review (T-12).
func (s *Service) Resubmit(ctx context.Context, actor access.Actor, id string, version int64) (Submission, error) {
	return s.take(ctx, actor, id, version, Resubmit, nil, nil)
}

// AskWaiver asks the team to let one check fail, because the vendor holds its result to be wrong, or to accept that
// it did not run. Only a check that blocked in the newest run of this content can be waived.
func (s *Service) AskWaiver(ctx context.Context, actor access.Actor, id, checkID, reason string) (Waiver, error) {
	var asked Waiver
	_, err := s.take(ctx, actor, id, latest, AskWaiver, func(_ context.Context, t *turn) error {
		t.facts.Reason = Reason{Text: plain(reason)}
		return t.dossier.contest(checkID, t.now)
	}, func(_ context.Context, t *turn) error {
		sub := t.before
		v, _ := t.dossier.Verdicts.Of(sub.Hash)
		asked = Waiver{
			ID: s.NewID("wvr"), IntegrationID: sub.IntegrationID, SubmissionID: sub.ID, OrgID: sub.OrgID, CheckID: checkID, NotRun: !v.failed(checkID),
			State: Asked, Reason: t.facts.Reason.Text, AskedBy: personOf(t.actor), AskedAt: t.now,
		}
		t.change.Waivers = Waivers{asked}
		t.change.Events[0].Note = asked.subject() + ": " + asked.Reason
		return nil
	})
	return asked, err
}
