package registry

import (
	"context"
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Flags returns what a reviewer should know before anything else: an existing listing that the submission names, and
// whether it is its own.
func (s *Service) Flags(ctx context.Context, actor access.Actor, d Dossier) ([]Flag, error) {
	if !actor.HasAny(access.Reviewer, access.QA) {
		return nil, fault.New(fault.Forbidden, "This is for the network's team.")
	}
	names, err := s.Store.ListingNames(ctx)
	return d.flags(names), err
}

// Claim says that the actor takes care of a submission in the queue. Somebody else may take it over.
func (s *Service) Claim(ctx context.Context, actor access.Actor, id string) (Submission, error) {
	return s.take(ctx, actor, id, latest, Claim, nil, nil)
}

// Return sends a submission back from the initial review with findings (T-08). still names earlier findings that are
// not settled: they lose their answer and wait anew; all others are resolved.
func (s *Service) Return(ctx context.Context, actor access.Actor, id string, version int64, found []NewFinding, still []string) (Submission, error) {
	return s.giveBack(ctx, actor, id, version, Return, found, still)
}

// ReturnBugs sends a submission back from QA or the final review with bugs (T-11, T-13).
func (s *Service) ReturnBugs(ctx context.Context, actor access.Actor, id string, version int64, found []NewFinding, still []string) (Submission, error) {
	return s.giveBack(ctx, actor, id, version, ReturnBugs, found, still)
}

func (s *Service) giveBack(ctx context.Context, actor access.Actor, id string, version int64, do Action, found []NewFinding, still []string) (Submission, error) {
	if err := checkFindings(found); err != nil {
		return Submission{}, err
	}
	return s.take(ctx, actor, id, version, do, func(_ context.Context, t *turn) error {
		t.facts.Given = len(found)
		for _, f := range t.dossier.Findings.Open() {
			if slices.Contains(still, f.ID) {
				t.facts.Given++
			}
		}
		return nil
	}, func(_ context.Context, t *turn) error {
		t.resolveFindings(still)
		for _, f := range found {
			t.change.Findings = append(t.change.Findings, t.finding(f))
		}
		return nil
	})
}

func checkFindings(found []NewFinding) error {
	var bad []fault.Field
	for i, f := range found {
		bad = append(bad, f.check(i, func(key string) bool { _, ok := manifest.Find(key); return ok })...)
	}
	if bad == nil {
		return nil
	}
	return fault.New(fault.Invalid, "A finding is not complete.").With(bad...)
}

// finding is a new finding as it is stored.
func (t *turn) finding(f NewFinding) Finding {
	return Finding{
		ID: t.s.NewID("fnd"), SubmissionID: t.before.ID, Round: t.change.Submission.Round, Phase: t.before.State,
		Key: f.Key, CheckID: f.CheckID, Severity: f.Severity, Text: plain(f.Text), Fix: plain(f.Fix),
		By: personOf(t.actor), At: t.now,
	}
}

// resolveFindings closes the open findings, save those that are kept.
func (t *turn) resolveFindings(keep []string) {
	t.change.Findings = append(t.change.Findings, t.dossier.Findings.resolve(t.now, keep)...)
}

// PassInitial ends the initial review well (T-10). checked names the items of InitialChecklist that were gone through;
// every one must be. Open findings are resolved by it.
func (s *Service) PassInitial(ctx context.Context, actor access.Actor, id string, version int64, checked []string) (Submission, error) {
	return s.take(ctx, actor, id, version, PassInitial, func(_ context.Context, t *turn) error {
		t.facts.Checked = checked
		return nil
	}, func(_ context.Context, t *turn) error {
		t.resolveFindings(nil)
		return nil
	})
}

// Reject ends a submission (T-16). The code is one of RejectCodes; the text goes to the vendor.
func (s *Service) Reject(ctx context.Context, actor access.Actor, id string, version int64, why Reason) (Submission, error) {
	return s.take(ctx, actor, id, version, Reject, func(_ context.Context, t *turn) error {
		t.facts.Reason = Reason{Code: why.Code, Text: plain(why.Text)}
		return nil
	}, func(_ context.Context, t *turn) error {
		t.forgetSecrets()
		return nil
	})
}

// PassQA ends QA or the final review well, and publishes at once (T-14): the listing shows this version, the earlier
// one is superseded, and everybody concerned is mailed, in one transaction.
func (s *Service) PassQA(ctx context.Context, actor access.Actor, id string, version int64) (Submission, error) {
	return s.take(ctx, actor, id, version, PassQA, nil, func(ctx context.Context, t *turn) error {
		t.resolveFindings(nil)
		return t.publish(ctx)
	})
}

// publish takes an approved submission into the catalog.
func (t *turn) publish(ctx context.Context) error {
	if err := t.then(ctx, Publish, access.System); err != nil {
		return err
	}
	if err := t.list(ctx); err != nil {
		return err
	}
	if t.dossier.Published == nil {
		return nil
	}
	old := *t.dossier.Published
	next, event, err := Advance(old, Supersede, access.System, Facts{}, t.now)
	if err != nil {
		return err
	}
	event.ID = t.s.NewID("evt")
	forgotten, err := t.replacedConnection(ctx, old)
	t.others = append(t.others, Change{Before: old.Version, Submission: next, Events: []Event{event}, Secrets: forgotten})
	return err
}

// list makes the listing show the submission. Its slug is given once.
func (t *turn) list(ctx context.Context) error {
	sub := t.change.Submission
	listing, do := Listing{State: Unlisted, OrgID: sub.OrgID, IntegrationID: sub.IntegrationID}, List
	if t.dossier.Listing != nil {
		listing, do = *t.dossier.Listing, Replace
	}
	listing, event, err := AdvanceListing(listing, do, access.System, Facts{}, t.now)
	if err != nil {
		return err
	}
	pass, _ := t.facts.Verdicts.Pass(sub.Hash)
	listing = listing.replaced(sub, pass, t.now)
	if listing.Slug == "" {
		names, err := t.s.Store.ListingNames(ctx)
		if err != nil {
			return err
		}
		listing.Slug = freeSlug(sub.Name(), func(slug string) bool {
			return slices.ContainsFunc(names, func(n ListingName) bool { return n.Slug == slug })
		})
	}
	event.Number, event.Hash = listing.Number, listing.Hash
	t.record(event)
	t.change.Listing = &listing
	return nil
}

// WaiverDecision is what a reviewer says about a waiver that was asked for.
type WaiverDecision struct {
	Grant   bool
	Reason  string
	Expires time.Time // the last moment at which it holds; at most MaxWaiver from now
}

// DecideWaiver grants or refuses a waiver. A granted one takes effect with the next lab run, whose report shows it.
func (s *Service) DecideWaiver(ctx context.Context, actor access.Actor, id, waiverID string, decision WaiverDecision) (Waiver, error) {
	var decided Waiver
	_, err := s.take(ctx, actor, id, latest, DecideWaiver, func(_ context.Context, t *turn) error {
		pending := t.dossier.Waivers.Pending()
		i := slices.IndexFunc(pending, func(w Waiver) bool { return w.ID == waiverID })
		if i < 0 {
			return fault.New(fault.NotFound, "There is no such waiver waiting for a decision.")
		}
		var err error
		decided, err = decision.apply(pending[i], personOf(t.actor), t.now)
		t.facts.Reason = Reason{Text: decided.Decision}
		return err
	}, func(_ context.Context, t *turn) error {
		t.change.Waivers = Waivers{decided}
		t.change.Events[0].Note = decided.subject() + ", " + string(decided.State) + ": " + decided.Decision
		return nil
	})
	return decided, err
}

func (d WaiverDecision) apply(w Waiver, by Person, now time.Time) (Waiver, error) {
	w.State, w.Decision, w.DecidedBy, w.DecidedAt = Refused, plain(d.Reason), by, now
	if !d.Grant {
		return w, nil
	}
	if !d.Expires.After(now) || d.Expires.After(now.Add(MaxWaiver)) {
		return w, fault.New(fault.Invalid, "A waiver ends. Choose a date within the next year.").
			With(fault.Field{Key: "expires", Message: "Choose a date within the next year."})
	}
	w.State, w.Expires = Granted, d.Expires
	return w, nil
}
