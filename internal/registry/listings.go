package registry

import (
	"context"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// ListingFile returns everything about one listing, for its vendors and for the team; fault.NotFound for all others.
func (s *Service) ListingFile(ctx context.Context, actor access.Actor, slug string) (ListingFile, error) {
	return s.Store.ListingFile(ctx, scopeOf(actor), slug)
}

// ListingOf returns the listing of an integration in whatever state: those who have installed it see how it stands.
func (s *Service) ListingOf(ctx context.Context, integrationID string) (Listing, error) {
	return s.Store.ListingOf(ctx, integrationID)
}

// OwnListings returns the listings of the actor's org by integration, whatever their state.
func (s *Service) OwnListings(ctx context.Context, actor access.Actor) (map[string]Listing, error) {
	all, err := s.Store.Listings(ctx, "", listingStates...)
	own := map[string]Listing{}
	for _, l := range all {
		if l.OrgID == actor.OrgID {
			own[l.IntegrationID] = l
		}
	}
	return own, err
}

var listingStates = []State{Listed, Deprecated, Delisted, Revoked}

// ListingLines returns every listing for the team, by name.
func (s *Service) ListingLines(ctx context.Context, actor access.Actor) ([]ListingLine, error) {
	waiting, err := s.ListingRequests(ctx, actor)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Listings(ctx, "", listingStates...)
	if err != nil {
		return nil, err
	}
	installs, err := s.Store.Installs(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]ListingLine, len(all))
	for i, l := range all {
		lines[i] = ListingLine{Listing: l, Installs: installs[l.IntegrationID]}
		for _, r := range waiting {
			if r.IntegrationID == l.IntegrationID {
				lines[i].Waiting++
			}
		}
	}
	return lines, nil
}

// ListingRequests returns what waits for the team, the longest waiting first.
func (s *Service) ListingRequests(ctx context.Context, actor access.Actor) ([]ListingRequest, error) {
	if !actor.HasAny(access.Reviewer, access.QA) {
		return nil, fault.New(fault.Forbidden, "This is for the network's team.")
	}
	return s.Store.WaitingRequests(ctx)
}

// RequestRemoval lets a vendor ask the team to take the listing out of the catalog.
func (s *Service) RequestRemoval(ctx context.Context, actor access.Actor, slug, reason string) (Listing, error) {
	return s.move(ctx, actor, slug, latest, RequestRemoval, func(t *listingTurn) error {
		t.facts.Reason = Reason{Text: plain(reason)}
		t.ask(RequestRemoval)
		return nil
	})
}

// AnnounceRetirement lets a vendor name the day on which the back end is switched off. The team confirms it with
// Deprecate, and then customers hear of it.
func (s *Service) AnnounceRetirement(ctx context.Context, actor access.Actor, slug string, end Ending) (Listing, error) {
	return s.move(ctx, actor, slug, latest, AnnounceRetirement, func(t *listingTurn) error {
		t.ends(end)
		t.ask(AnnounceRetirement)
		return t.succeeds(ctx, end.Successor)
	})
}

// Deprecate marks the listing as ending on a day (T-18). The admins of all orgs that have installed it are mailed.
func (s *Service) Deprecate(ctx context.Context, actor access.Actor, slug string, version int64, end Ending) (Listing, error) {
	return s.move(ctx, actor, slug, version, Deprecate, func(t *listingTurn) error {
		t.ends(end)
		t.fulfil(AnnounceRetirement)
		t.ending = &end
		return t.succeeds(ctx, end.Successor)
	})
}

// Propose is the first half of what two people of the team decide: Delist, Relist or Revoke (T-17, T-24, T-25).
func (s *Service) Propose(ctx context.Context, actor access.Actor, slug string, version int64, do Action, why Reason) (Listing, error) {
	return s.move(ctx, actor, slug, version, Propose, func(t *listingTurn) error {
		t.facts.Proposal, t.facts.Reason, t.about = do, Reason{why.Code, plain(why.Text)}, do
		t.ask(do)
		return nil
	})
}

// Confirm is the second half, by somebody else: what was proposed is done.
func (s *Service) Confirm(ctx context.Context, actor access.Actor, slug string, version int64, requestID string) (Listing, error) {
	file, err := s.ListingFile(ctx, actor, slug)
	if err != nil {
		return Listing{}, err
	}
	proposal, ok := file.request(requestID)
	if !ok || !proposal.OfTeam() {
		return Listing{}, errNoRequest
	}
	return s.move(ctx, actor, slug, version, proposal.Do, func(t *listingTurn) error {
		t.facts.Reason, t.facts.Second = proposal.Reason, proposal.By
		t.ending = &Ending{Reason: proposal.Reason}
		switch proposal.Do {
		case Relist:
			t.ending = &Ending{}
		case Delist, Revoke:
			t.fulfil(RequestRemoval, AnnounceRetirement)
		}
		t.fulfil(proposal.Do)
		return nil
	})
}

// TakeBack ends a proposal of the team without doing it.
func (s *Service) TakeBack(ctx context.Context, actor access.Actor, slug, requestID string) (Listing, error) {
	return s.answer(ctx, actor, slug, requestID, TakeBack, Dropped, "")
}

// Decline says no to what a vendor asks for, and why; the vendor is mailed.
func (s *Service) Decline(ctx context.Context, actor access.Actor, slug, requestID, why string) (Listing, error) {
	return s.answer(ctx, actor, slug, requestID, Decline, Declined, plain(why))
}

func (s *Service) answer(ctx context.Context, actor access.Actor, slug, requestID string, do Action, state RequestState, why string) (Listing, error) {
	return s.move(ctx, actor, slug, latest, do, func(t *listingTurn) error {
		r, ok := t.file.request(requestID)
		if !ok || r.OfTeam() != (do == TakeBack) {
			return errNoRequest
		}
		t.facts.Reason.Text, t.about = why, r.Do
		t.end(r, state, why)
		return nil
	})
}

var errNoRequest = fault.New(fault.NotFound, "There is no such request waiting. Reload the page to see what became of it.")

// listingTurn is one verb about a listing at work: what was read, what is known, what will be written.
type listingTurn struct {
	s        *Service
	actor    access.Actor
	now      time.Time
	file     ListingFile
	facts    Facts
	about    Action           // what is proposed or answered, for the history
	requests []ListingRequest // that change
	ending   *Ending          // what the listing says about its end from now on, nil for no change
}

// ends keeps what is said about a retirement.
func (t *listingTurn) ends(end Ending) {
	t.facts.Date, t.facts.Successor, t.facts.Reason = end.Date, end.Successor, Reason{Text: plain(end.Text)}
}

// ask adds a request that waits.
func (t *listingTurn) ask(do Action) {
	_, t.facts.Asked = t.file.Waiting(do)
	l := t.file.Listing
	t.requests = append(t.requests, ListingRequest{
		ID: t.s.NewID("lrq"), IntegrationID: l.IntegrationID, OrgID: l.OrgID, Do: do, By: personOf(t.actor), At: t.now,
		Reason: t.facts.Reason, Retirement: Retirement{t.facts.Date, t.facts.Successor}, State: Waiting,
	})
}

// fulfil ends the requests for these actions: they are being done.
func (t *listingTurn) fulfil(actions ...Action) {
	for _, do := range actions {
		if r, ok := t.file.Waiting(do); ok {
			t.end(r, Fulfilled, "")
		}
	}
}

func (t *listingTurn) end(r ListingRequest, state RequestState, why string) {
	r.State, r.Answer, r.ClosedBy, r.ClosedAt = state, why, personOf(t.actor), t.now
	t.requests = append(t.requests, r)
}

// succeeds checks that what replaces a listing can be installed, and is another one.
func (t *listingTurn) succeeds(ctx context.Context, slug string) error {
	if slug == "" {
		return nil
	}
	l, err := t.s.CatalogEntry(ctx, slug)
	if err == nil && l.IntegrationID != t.file.Listing.IntegrationID {
		t.facts.SuccessorName = l.Name()
		return nil
	}
	if err == nil || fault.CodeOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "What replaces it must be another integration of the catalog.").
			With(fault.Field{Key: "successor", Message: "Choose another integration of the catalog, or none."})
	}
	return err
}

// move lets the actor take one action on a listing, along the table. version is what the actor was looking at.
func (s *Service) move(ctx context.Context, actor access.Actor, slug string, version int64, do Action, prepare func(*listingTurn) error) (Listing, error) {
	file, err := s.ListingFile(ctx, actor, slug)
	if err != nil {
		return Listing{}, err
	}
	was := file.Listing
	if version != latest && version != was.Version {
		return was, fault.New(fault.Conflict, "This listing changed while you were looking at it. Reload the page to see what is new, then decide.")
	}
	if _, err := permit(was.State, do, actor, was.OrgID); err != nil {
		return was, err
	}
	t := &listingTurn{s: s, actor: actor, now: s.Clock(), file: file}
	if err := prepare(t); err != nil {
		return was, err
	}
	next, event, err := AdvanceListing(was, do, actor, t.facts, t.now)
	if err != nil {
		return was, err
	}
	next.Version++
	if t.ending != nil {
		next.Ending = *t.ending
	}
	event.ID = s.NewID("evt")
	if t.about != "" {
		event.Note = strings.TrimSuffix(t.about.Label()+": "+event.Note, ": ")
	}
	t.dropStale(next)
	mails, err := t.mails(ctx, do, next, event)
	if err != nil {
		return was, err
	}
	return next, s.Store.AdvanceListing(ctx, ListingChange{Listing: next, Event: event, Requests: t.requests, Mails: mails})
}

// dropStale ends the proposals that are not possible in the new state.
func (t *listingTurn) dropStale(next Listing) {
	if next.State == t.file.Listing.State {
		return
	}
	ended := map[string]bool{}
	for _, r := range t.requests {
		ended[r.ID] = true
	}
	for _, r := range t.file.Requests {
		if _, err := find(next.State, r.Do); err != nil && r.State == Waiting && !ended[r.ID] {
			t.end(r, Dropped, "")
		}
	}
}

// mails writes the letters of a move about the version that the listing shows.
func (t *listingTurn) mails(ctx context.Context, do Action, next Listing, event Event) ([]Mail, error) {
	d, err := t.s.Store.Dossier(ctx, Scope{All: true}, next.SubmissionID)
	if err != nil {
		return nil, err
	}
	letters := &turn{s: t.s, actor: t.actor, do: do, now: t.now, dossier: d, before: d.Submission, facts: t.facts}
	letters.change = Change{Submission: d.Submission, Listing: &next, Events: []Event{event}}
	err = letters.post(ctx)
	return letters.change.Mails, err
}
