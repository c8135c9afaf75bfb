package registry

import (
	"context"
	"errors"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// DefaultLimit is how many open submissions an org may have (D-01).
const DefaultLimit = 10

// Service holds the verbs that doors and the worker call. Each reads what it needs, asks Advance, and writes the
// outcome in one transaction; when somebody else was faster it looks again and decides anew.
type Service struct {
	Store   Store
	Clock   func() time.Time           // UTC, microseconds
	NewID   func(prefix string) string // "sub" → "sub_…", unguessable
	Env     manifest.Env               // what the operator has opened; the rest is filled in per submission
	Limit   int                        // open submissions of an org; 0 means DefaultLimit
	Address string                     // "https://network.example.com", for links in mails
	Contact string                     // mail address of the network's team
}

// tries is how often a verb looks again after somebody else was faster.
const tries = 8

// Latest as a version means: whatever stands there now. Only Slipway itself decides like that.
const latest int64 = -1

// scopeOf is what an actor may read: vendors their own org, the team everything, everybody else nothing.
func scopeOf(actor access.Actor) Scope {
	switch {
	case actor.PersonID == access.System.PersonID, actor.HasAny(access.Reviewer, access.QA):
		return Scope{All: true}
	case actor.Has(access.Vendor):
		return Scope{OrgID: actor.OrgID}
	}
	return Scope{}
}

// Get returns everything about one submission. Another org's id answers fault.NotFound, like one that never was.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Dossier, error) {
	return s.Store.Dossier(ctx, scopeOf(actor), id)
}

// List returns the submissions that the actor may see: the own org's, or all for the team.
func (s *Service) List(ctx context.Context, actor access.Actor, q Query) ([]Submission, error) {
	return s.Store.Submissions(ctx, scopeOf(actor), q)
}

// Queue returns what waits for the team, the longest waiting first. Drafts are never in it.
func (s *Service) Queue(ctx context.Context, actor access.Actor) ([]Submission, error) {
	if !actor.HasAny(access.Reviewer, access.QA) {
		return nil, fault.New(fault.Forbidden, "The review queue is for reviewers and QA.")
	}
	return s.Store.Submissions(ctx, scopeOf(actor), Query{States: []State{ToReview, ToQA, FinalReview}, Oldest: true})
}

// PendingWaivers returns the waivers that wait for a reviewer, the longest waiting first.
func (s *Service) PendingWaivers(ctx context.Context, actor access.Actor) ([]Waiver, error) {
	return s.Store.PendingWaivers(ctx, scopeOf(actor))
}

// History returns what happened to a submission, oldest first. A vendor sees that the team acted, not who of it.
func (s *Service) History(ctx context.Context, actor access.Actor, id string) ([]Event, error) {
	events, err := s.Store.History(ctx, scopeOf(actor), id)
	if err != nil {
		return nil, err
	}
	for i := range events {
		if events[i].Team && !actor.OfTeam() {
			events[i].ActorID, events[i].ActorName = "", "Network team"
		}
	}
	return events, nil
}

// Outbox returns the newest mails, for operators.
func (s *Service) Outbox(ctx context.Context, actor access.Actor, limit int) ([]Mail, error) {
	if !actor.Has(access.Operator) {
		return nil, fault.New(fault.Forbidden, "The outbox is for operators.")
	}
	return s.Store.Outbox(ctx, limit)
}

// Readiness applies every rule of the manifest to a submission: what the form marks, and what keeps it below 100 %.
func (s *Service) Readiness(ctx context.Context, d Dossier) (Readiness, error) {
	env, err := s.env(ctx, d)
	if err != nil {
		return Readiness{}, err
	}
	return readiness(d.Submission.Content, env), nil
}

// env is what the manifest's rules must know beside the content.
func (s *Service) env(ctx context.Context, d Dossier) (manifest.Env, error) {
	env := s.Env
	env.Stored = map[string]bool{}
	for _, mark := range d.Secrets {
		env.Stored[mark.Key] = true
	}
	var err error
	if env.Opened, err = s.Store.Opened(ctx, d.Submission.OrgID, s.Clock()); err != nil {
		return env, err
	}
	names, err := s.Store.ListingNames(ctx)
	if err != nil {
		return env, err
	}
	env.Own, env.Others, env.First = []string{}, nil, !d.Submission.IsUpdate()
	for _, n := range names {
		if n.OrgID == d.Submission.OrgID {
			env.Own = append(env.Own, n.Name)
		} else {
			env.Others = append(env.Others, n.Name)
		}
	}
	return env, nil
}

// turn is one verb at work: what was read, what is known, what will be written.
type turn struct {
	s       *Service
	actor   access.Actor
	do      Action
	now     time.Time
	dossier Dossier
	before  Submission // as it was read
	facts   Facts
	change  Change   // of the submission itself
	others  []Change // of other submissions, written before it in the same transaction
	cleared []string // labels of secrets that an edit removed
}

// phase prepares facts before the move, or completes the change after it.
type phase func(ctx context.Context, t *turn) error

// take lets the actor take one action on a submission. version is what the actor was looking at: when content or
// state have changed since, nobody decides about them unseen (H-52). before and after may be nil.
func (s *Service) take(ctx context.Context, actor access.Actor, id string, version int64, do Action, before, after phase) (Submission, error) {
	return s.retry(func() (Submission, error) { return s.tryOnce(ctx, actor, id, version, do, before, after) })
}

// errLost wraps the conflict that the store answers when somebody else was faster.
type errLost struct{ error }

func (e errLost) Unwrap() error { return e.error }

func lost(err error) bool {
	_, ok := errors.AsType[errLost](err)
	return ok
}

// save writes the changes; a conflict in the store is a reason to look again.
func (s *Service) save(ctx context.Context, changes ...Change) error {
	err := s.Store.Advance(ctx, changes...)
	if fault.CodeOf(err) == fault.Conflict {
		return errLost{err}
	}
	return err
}

func (s *Service) tryOnce(ctx context.Context, actor access.Actor, id string, version int64, do Action, before, after phase) (Submission, error) {
	d, err := s.Get(ctx, actor, id)
	if err != nil {
		return Submission{}, err
	}
	if _, err := permit(d.Submission.State, do, actor, d.Submission.OrgID); err != nil {
		return d.Submission, err
	}
	if err := current(d.Submission, version); err != nil {
		return d.Submission, err
	}
	t := &turn{s: s, actor: actor, do: do, now: s.Clock(), dossier: d, before: d.Submission}
	if err := t.prepare(ctx, before); err != nil {
		return d.Submission, err
	}
	if err := t.advance(ctx); err != nil {
		return d.Submission, err
	}
	if after != nil {
		if err := after(ctx, t); err != nil {
			return d.Submission, err
		}
	}
	if err := t.post(ctx); err != nil {
		return d.Submission, err
	}
	if err := s.save(ctx, append(t.others, t.change)...); err != nil {
		return d.Submission, err
	}
	return t.change.Submission, nil
}

// current refuses a decision about something older than what is stored.
func current(sub Submission, version int64) error {
	if version == latest || version >= sub.ContentVersion && version <= sub.Version {
		return nil
	}
	return fault.New(fault.Conflict, "This submission changed while you were looking at it. Reload the page to see what is new, then decide.")
}

// prepare gathers the facts that most guards ask for.
func (t *turn) prepare(ctx context.Context, before phase) error {
	d := t.dossier
	ready, err := t.s.Readiness(ctx, d)
	if err != nil {
		return err
	}
	t.facts = Facts{
		Readiness: ready, Connection: d.ConnectionGaps(), Verdicts: d.Verdicts, Waivers: d.Waivers, Findings: d.Findings,
		HasPublished: d.Published != nil,
	}
	if before == nil {
		return nil
	}
	return before(ctx, t)
}

// advance takes the move and begins the change that stores it.
func (t *turn) advance(ctx context.Context) error {
	sub := t.dossier.Submission
	row, err := permit(sub.State, t.do, t.actor, sub.OrgID)
	if err != nil {
		return err
	}
	if row.to.InReview() {
		if t.facts.Pace, err = t.s.pace(ctx, sub, row.to, t.now); err != nil {
			return err
		}
	}
	next, event, err := Advance(sub, t.do, t.actor, t.facts, t.now)
	if err != nil {
		return err
	}
	t.change.Before, t.change.Submission = sub.Version, next
	t.record(event)
	t.change.Jobs = append(t.change.Jobs, row.timers(next, t.now)...)
	return nil
}

// then takes a second move right after the first, in the same transaction.
func (t *turn) then(ctx context.Context, do Action, actor access.Actor) error {
	first := t.change
	t.do, t.actor = do, actor
	t.dossier.Submission = first.Submission
	if err := t.advance(ctx); err != nil {
		return err
	}
	t.change.Before = first.Before
	return nil
}

func (t *turn) record(e Event) {
	e.ID = t.s.NewID("evt")
	t.change.Events = append(t.change.Events, e)
}

// pace asks how the queue that a submission is about to enter moves. Its own place is the one it has kept.
func (s *Service) pace(ctx context.Context, sub Submission, state State, now time.Time) (Pace, error) {
	place := sub.QueuedAt
	if place.IsZero() {
		place = now
	}
	return s.Store.Pace(ctx, state, place, sub.ID, now.Add(-paceWindow))
}
