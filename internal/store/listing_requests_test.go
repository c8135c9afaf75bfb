package store_test

import (
	"sync"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// A listing's end survives the database: what was asked, by whom it was answered, what happened, and why.
//
func TestListingEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		dora := n.join("network", "dora@example.com", access.QA)
		sub := n.published("Acme")
		listings := must(n.registry.Catalog(ctx, registry.CatalogQuery{}))(t)
		slug := listings[0].Slug
		file := func(actor access.Actor) registry.ListingFile {
			t.Helper()
			return must(n.registry.ListingFile(ctx, actor, slug))(t)
		}
		_, err := n.registry.ListingFile(ctx, n.eve, slug)
		n.code("another org's file", err, fault.NotFound)
		if of := must(n.registry.ListingOf(ctx, sub.IntegrationID))(t); of.Slug != slug || of.Ending != (registry.Ending{}) {
			t.Errorf("the integration's listing: %+v", of)
		}

		n.later(time.Hour)
		end := registry.Ending{Retirement: registry.Retirement{Date: n.clock.Load().Add(90 * 24 * time.Hour)}, Reason: registry.Reason{Text: "We close."}}
		must(n.registry.AnnounceRetirement(ctx, n.ann, slug, end))(t)
		n.later(time.Minute)
		must(n.registry.RequestRemoval(ctx, n.bob, slug, "We close."))(t)
		n.later(time.Hour)
		waiting := must(n.registry.ListingRequests(ctx, n.rita))(t)
		if len(waiting) != 2 || waiting[0].Do != registry.AnnounceRetirement || !waiting[0].Retirement.Date.Equal(end.Date) || waiting[1].By.Name != n.bob.Name {
			t.Fatalf("what waits: %+v", waiting)
		}
		must(n.registry.Deprecate(ctx, n.quinn, slug, file(n.quinn).Listing.Version, end))(t)
		must(n.registry.Propose(ctx, n.quinn, slug, file(n.quinn).Listing.Version, registry.Delist, registry.Reason{Code: "owner_request", Text: "As asked."}))(t)
		n.later(time.Hour)
		must(n.registry.Confirm(ctx, dora, slug, file(dora).Listing.Version, file(dora).Requests[0].ID))(t)

		got := file(n.ann)
		if l := got.Listing; l.State != registry.Delisted || l.Ending.Code != "owner_request" || !l.Ending.Date.IsZero() {
			t.Errorf("the listing stands at %s, %+v", l.State, l.Ending)
		}
		var story []registry.Action
		for _, e := range got.Events {
			story = append(story, e.Action)
		}
		if len(story) != 6 || story[0] != registry.List || story[5] != registry.Delist || got.Events[5].ActorName != dora.Name || got.Events[5].Note != "As asked." {
			t.Errorf("the history: %v, %+v", story, got.Events)
		}
		for _, r := range got.Requests {
			if r.State != registry.Fulfilled || r.ClosedAt.IsZero() {
				t.Errorf("%s ended %+v", r.Do, r)
			}
		}
		if len(must(n.registry.ListingRequests(ctx, n.rita))(t)) != 0 {
			t.Error("something still waits")
		}
	})
}

// Two people who ask for the same at the same moment ask once.
func TestAskedAtTheSameMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		n.published("Acme")
		slug := must(n.registry.Catalog(t.Context(), registry.CatalogQuery{}))(t)[0].Slug
		var asked sync.WaitGroup
		errs := make(chan error, 8)
		for range 8 {
			asked.Go(func() {
				_, err := n.registry.RequestRemoval(t.Context(), n.ann, slug, "We close.")
				errs <- err
			})
		}
		asked.Wait()
		close(errs)
		won := 0
		for err := range errs {
			if err == nil {
				won++
			} else if fault.CodeOf(err) != fault.Conflict {
				t.Errorf("asked at the same moment: %v", err)
			}
		}
		if waiting := must(n.registry.ListingRequests(t.Context(), n.rita))(t); won != 1 || len(waiting) != 1 {
			t.Errorf("%d asked, %d wait; want one", won, len(waiting))
		}
	})
}
