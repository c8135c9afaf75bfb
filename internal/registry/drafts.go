package registry

import (
	"context"
	"slices"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// openStates are the states that count against an org's limit (D-01).
func openStates() []State {
	return slices.DeleteFunc(States(), func(s State) bool { return !s.Open() })
}

func (s *Service) limit() int {
	if s.Limit > 0 {
		return s.Limit
	}
	return DefaultLimit
}

// Room returns how many open submissions the actor's org has, and how many it may have.
func (s *Service) Room(ctx context.Context, actor access.Actor) (open, limit int, err error) {
	subs, err := s.Store.Submissions(ctx, Scope{OrgID: actor.OrgID}, Query{States: openStates()})
	return len(subs), s.limit(), err
}

// count fills in what the guards on starting a draft ask for.
func (s *Service) count(ctx context.Context, orgID, integrationID string, f *Facts) error {
	subs, err := s.Store.Submissions(ctx, Scope{OrgID: orgID}, Query{States: openStates()})
	if err != nil {
		return err
	}
	f.Counted, f.Limit = len(subs), s.limit()
	for _, sub := range subs {
		if sub.IntegrationID == integrationID {
			f.Other = sub.ID
		}
	}
	return nil
}

// StartSubmission begins a new integration with an empty draft, version 1 (T-01).
func (s *Service) StartSubmission(ctx context.Context, actor access.Actor) (Submission, error) {
	return s.retry(func() (Submission, error) {
		return s.begin(ctx, actor, Start, Submission{
			ID: s.NewID("sub"), IntegrationID: s.NewID("int"), Number: 1, Content: manifest.Content{},
		}, Facts{}, nil)
	})
}

// begin stores the first state of a draft.
func (s *Service) begin(ctx context.Context, actor access.Actor, do Action, sub Submission, f Facts, secrets []Secret) (Submission, error) {
	sub.OrgID, sub.OrgName = actor.OrgID, actor.OrgName
	sub.Hash = manifest.Hash(sub.Content)
	if err := s.count(ctx, sub.OrgID, sub.IntegrationID, &f); err != nil {
		return Submission{}, err
	}
	next, event, err := Advance(sub, do, actor, f, s.Clock())
	if err != nil && do == StartUpdate && f.Other != "" {
		return Submission{}, errLost{err} // begun by somebody else just now: look again, and open that one
	}
	if err != nil {
		return Submission{}, err
	}
	event.ID = s.NewID("evt")
	change := Change{Submission: next, MaxOpen: s.limit(), Events: []Event{event}, Secrets: secrets}
	return next, s.save(ctx, change)
}

// retry calls f again as long as somebody else was faster.
func (s *Service) retry(f func() (Submission, error)) (Submission, error) {
	for try := 1; ; try++ {
		sub, err := f()
		if !lost(err) || try == tries {
			return sub, err
		}
	}
}

// StartUpdate begins the next version of a published integration with a copy of what is published (T-02). When a
// version is under way already, that one is returned. Secrets that were purged must be entered again.
func (s *Service) StartUpdate(ctx context.Context, actor access.Actor, integrationID string) (Submission, error) {
	return s.retry(func() (Submission, error) {
		versions, err := s.Store.Submissions(ctx, Scope{OrgID: actor.OrgID}, Query{IntegrationID: integrationID})
		if err != nil {
			return Submission{}, err
		}
		if len(versions) == 0 || !actor.Has(access.Vendor) {
			return Submission{}, errNotFound()
		}
		integration := Group(versions)[0]
		if integration.Open != nil {
			return *integration.Open, nil
		}
		if integration.Published == nil {
			return s.begin(ctx, actor, StartUpdate, Submission{IntegrationID: integrationID}, Facts{}, nil)
		}
		return s.beginUpdate(ctx, actor, *integration.Published)
	})
}

func (s *Service) beginUpdate(ctx context.Context, actor access.Actor, published Submission) (Submission, error) {
	secrets, err := s.Store.Secrets(ctx, Scope{OrgID: actor.OrgID}, published.ID)
	if err != nil {
		return Submission{}, err
	}
	// An update says what it changes (G-03), so the questions about an existing listing are answered already.
	content := published.Content.With("existing", manifest.Yes).With("existingName", published.Name()).With("changeSummary", "")
	return s.begin(ctx, actor, StartUpdate, Submission{
		ID: s.NewID("sub"), IntegrationID: published.IntegrationID, Number: published.Number + 1, Content: content,
	}, Facts{HasPublished: true}, secrets)
}

// Saved is what a save of a draft led to.
type Saved struct {
	Submission Submission
	Cleared    []string // labels of stored secrets that were removed, because their address changed (H-21)
}

// SaveDraft merges what was typed into a draft, field by field. base is the version at which its sender opened the
// form, and sent holds the fields of that form: all of them, or only those that were changed. Changes of other
// fields by others are kept. When somebody else changed one of the same fields to a different value, nothing is
// saved and a *MergeConflict (fault.Conflict) names the field with both values. What is typed may be invalid: a
// draft keeps it, and Readiness marks it.
func (s *Service) SaveDraft(ctx context.Context, actor access.Actor, id string, base int64, sent manifest.Content) (Saved, error) {
	return s.edit(ctx, actor, id, func(ctx context.Context, t *turn) error {
		if base < 1 || base > t.before.Version {
			return fault.New(fault.Conflict, "This form belongs to a version that does not exist. Reload the page.")
		}
		since, err := s.Store.Edits(ctx, scopeOf(actor), id, base)
		if err != nil {
			return err
		}
		merged, clashes := merge(t.before.Content, sent, since)
		if len(clashes) > 0 {
			return mergeConflict(clashes)
		}
		return t.setContent(ctx, merged)
	})
}

// UploadLogo checks an image and makes it the draft's logo. A file that is refused leaves the earlier logo in place
// fault.Invalid names the rules, fault.TooLarge is for a body that the door has cut.
func (s *Service) UploadLogo(ctx context.Context, actor access.Actor, id string, data []byte) (Submission, error) {
	logo, problems := manifest.SniffLogo(data)
	if err := manifest.Refusal(problems); err != nil {
		return Submission{}, err
	}
	saved, err := s.edit(ctx, actor, id, func(ctx context.Context, t *turn) error {
		t.change.Logo = &logo
		return t.setContent(ctx, t.before.Content.With("logo", logo.SHA256))
	})
	return saved.Submission, err
}

// RemoveLogo takes the draft's logo away.
func (s *Service) RemoveLogo(ctx context.Context, actor access.Actor, id string) (Submission, error) {
	saved, err := s.edit(ctx, actor, id, func(ctx context.Context, t *turn) error {
		return t.setContent(ctx, t.before.Content.With("logo", nil))
	})
	return saved.Submission, err
}

// edit takes the action Edit.
func (s *Service) edit(ctx context.Context, actor access.Actor, id string, change phase) (Saved, error) {
	return s.editAs(ctx, actor, id, editing, change)
}

func editing(State) Action { return Edit }

// connecting is how a test connection is changed: with the draft, or beside what is published.
func connecting(state State) Action {
	if state == Published {
		return Reconnect
	}
	return Edit
}

// editAs takes an action that leaves no line in the history. A change that changes nothing is not written.
func (s *Service) editAs(ctx context.Context, actor access.Actor, id string, do func(State) Action, change phase) (Saved, error) {
	var saved Saved
	sub, err := s.retry(func() (Submission, error) {
		d, err := s.Get(ctx, actor, id)
		if err != nil {
			return Submission{}, err
		}
		t := &turn{s: s, actor: actor, do: do(d.Submission.State), now: s.Clock(), dossier: d, before: d.Submission}
		if err := t.advance(ctx); err != nil {
			return d.Submission, err
		}
		t.change.Events = nil
		if err := change(ctx, t); err != nil {
			return d.Submission, err
		}
		if len(t.change.Edits) == 0 && len(t.change.Secrets) == 0 {
			return d.Submission, nil
		}
		saved.Cleared = t.cleared
		t.change.Submission.ContentVersion = t.change.Submission.Version
		return t.change.Submission, s.save(ctx, t.change)
	})
	saved.Submission = sub
	return saved, err
}

// setContent puts a new content into the change, with its hash, a record of what each field held, and without the
// secrets that must not be sent to a changed address.
func (t *turn) setContent(ctx context.Context, content manifest.Content) error {
	next := &t.change.Submission
	t.change.Edits = editsBetween(t.before.Content, content, *next, personOf(t.actor))
	if len(t.change.Edits) == 0 {
		return nil
	}
	next.Content, next.Hash = content, manifest.Hash(content)
	return t.clearMoved(ctx, content, nil)
}

// DeleteDraft removes a draft with everything that belongs to it: fields, secrets, files, runs, mails. It cannot be
// brought back, and nobody is mailed (T-04, R-122, R-123). A published version stays as it is.
func (s *Service) DeleteDraft(ctx context.Context, actor access.Actor, id string, version int64, confirmed bool) error {
	_, err := s.take(ctx, actor, id, version, Delete, func(_ context.Context, t *turn) error {
		t.facts.Confirmed = confirmed
		return nil
	}, nil)
	return err
}

// Reopen makes a withdrawn submission a draft again, with its content and findings (T-23).
func (s *Service) Reopen(ctx context.Context, actor access.Actor, id string, version int64) (Submission, error) {
	return s.take(ctx, actor, id, version, Reopen, func(ctx context.Context, t *turn) error {
		return s.count(ctx, t.before.OrgID, t.before.IntegrationID, &t.facts)
	}, func(_ context.Context, t *turn) error {
		t.change.MaxOpen = s.limit()
		return nil
	})
}
