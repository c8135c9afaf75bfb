package registry

import (
	"context"
	"slices"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// RecordVerdict takes in how a lab run ended. A submission that was being verified moves on: a pass into the queue
// (T-07), a failure back to its vendor (T-06), a breakdown of ours runs again, and after three repetitions goes back
// with that reason and no finding (T-06b). In any other state the verdict is kept for later; a pass of what is
// published renews the date on its listing. Recording a run twice changes nothing.
func (s *Service) RecordVerdict(ctx context.Context, v Verdict) error {
	_, err := s.retry(func() (Submission, error) {
		d, err := s.Get(ctx, access.System, v.SubmissionID)
		if err != nil {
			return Submission{}, err
		}
		if slices.ContainsFunc(d.Verdicts, func(known Verdict) bool { return known.RunID == v.RunID }) {
			return d.Submission, nil
		}
		if d.Submission.State == Verifying && v.RunID == d.Submission.RunID {
			return s.conclude(ctx, d.Submission, v)
		}
		return d.Submission, s.keep(ctx, d, v)
	})
	return err
}

// conclude moves a submission that waited for this verdict.
func (s *Service) conclude(ctx context.Context, sub Submission, v Verdict) (Submission, error) {
	do := map[Outcome]Action{Passed: VerifyPassed, Failed: VerifyFailed, NotRun: VerifyBroke}[v.Outcome]
	if do == VerifyBroke && sub.Attempts >= MaxAttempts {
		do = VerifyGaveUp
	}
	return s.tryOnce(ctx, access.System, sub.ID, latest, do, func(_ context.Context, t *turn) error {
		t.facts.Verdicts = append(Verdicts{v}, t.facts.Verdicts...)
		t.facts.Reason.Text = v.Reason
		return nil
	}, func(_ context.Context, t *turn) error {
		t.change.Verdict = &v
		if do == VerifyBroke {
			t.startRun(ForSubmit)
		}
		return nil
	})
}

// keep adds a verdict that does not move the submission.
func (s *Service) keep(ctx context.Context, d Dossier, v Verdict) error {
	t := &turn{s: s, actor: access.System, now: s.Clock(), dossier: d, before: d.Submission}
	t.facts.Verdicts = append(Verdicts{v}, d.Verdicts...)
	next := d.Submission
	next.Version++
	next.UpdatedAt = t.now
	t.change = Change{Before: d.Submission.Version, Submission: next, Verdict: &v}
	if err := t.look(v); err != nil {
		return err
	}
	if err := t.post(ctx); err != nil {
		return err
	}
	return s.save(ctx, t.change)
}

// Fire takes a move that a timer is due for. When the submission has moved on, was deleted, or it is not time any
// more, nothing happens.
func (s *Service) Fire(ctx context.Context, timer Timer) error {
	_, err := s.take(ctx, access.System, timer.SubmissionID, latest, timer.Action, nil, func(_ context.Context, t *turn) error {
		switch {
		case timer.Action == Reverify:
			t.lookAgain()
		case timer.Action == Purge && t.before.State == Published:
			t.forget(isTestAccount) // the test connection is for the daily look
		case timer.Action == Purge, timer.Action == GoStale:
			t.forgetSecrets()
		}
		return nil
	})
	if code := fault.CodeOf(err); !lost(err) && (code == fault.Conflict || code == fault.NotFound) {
		return nil
	}
	return err
}
