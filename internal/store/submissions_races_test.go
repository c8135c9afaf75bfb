package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// Of many who advance one submission at once, exactly one wins; the others are told, and leave nothing behind.
func TestOneOfManyAdvancesWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		sub := n.queued("Acme")
		var won atomic.Int32
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				next := sub
				next.Version++
				next.Assignee.Name = fmt.Sprint(i)
				err := s.Registry().Advance(context.WithoutCancel(t.Context()), registry.Change{Before: sub.Version, Submission: next,
					Events: []registry.Event{{ID: access.NewID("evt"), SubmissionID: sub.ID, Note: fmt.Sprint(i)}},
					Mails:  []registry.Mail{{ID: access.NewID("mail"), Kind: "M-99", To: []string{"x@example.com"}}}})
				switch fault.CodeOf(err) {
				case "":
					won.Add(1)
				case fault.Conflict:
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wait.Wait()
		d := n.dossier(sub.ID)
		events := must(n.registry.History(t.Context(), n.rita, sub.ID))(t)
		if won.Load() != 1 || d.Submission.Version != sub.Version+1 || events[len(events)-1].Note != d.Submission.Assignee.Name {
			t.Errorf("%d won; version %d after %d; last event %q, assignee %q", won.Load(), d.Submission.Version, sub.Version, events[len(events)-1].Note, d.Submission.Assignee.Name)
		}
		mails := must(s.Registry().Outbox(t.Context(), 100))(t)
		if extra := slices.DeleteFunc(mails, func(m registry.Mail) bool { return m.Kind != "M-99" }); len(extra) != 1 {
			t.Errorf("%d mails of losers", len(extra)-1)
		}
	})
}

// Covers: limits hold when everybody clicks at the same moment.
func TestLimitsHoldAtTheSameMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		published := n.published("Acme")
		var updates sync.Map
		var wait sync.WaitGroup
		for i := range 6 {
			actor := []access.Actor{n.ann, n.bob}[i%2]
			wait.Go(func() {
				sub, err := n.registry.StartUpdate(ctx, actor, published.IntegrationID)
				if err != nil {
					t.Errorf("start update: %v", err)
				}
				updates.Store(sub.ID, true)
			})
		}
		wait.Wait()
		different := 0
		updates.Range(func(any, any) bool { different++; return true })
		if different != 1 {
			t.Errorf("%d updates are under way at once", different)
		}
		for round := range 5 {
			n.crowd(n.join(fmt.Sprintf("org%d", round), fmt.Sprintf("vendor%d@example.com", round), access.Vendor))
		}
	})
}

// crowd starts thirty submissions of one org at the same moment: ten may.
func (n *network) crowd(vendor access.Actor) {
	n.Helper()
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for range 30 {
		wait.Go(func() {
			<-begin
			_, err := n.registry.StartSubmission(n.Context(), vendor)
			if code := fault.CodeOf(err); code != "" && code != fault.TooMany && code != fault.Conflict {
				n.Errorf("start: %v", err)
			}
		})
	}
	close(begin)
	wait.Wait()
	if open, limit, err := n.registry.Room(n.Context(), vendor); open != limit || err != nil {
		n.Errorf("%d of %d are open, %v", open, limit, err)
	}
}

// Two people type into different fields of one draft at once: both texts are there, whoever was faster.
func TestTwoPeopleTypeAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		sub := n.sub(n.registry.StartSubmission(t.Context(), n.ann))
		var wait sync.WaitGroup
		fields := []string{"name", "website", "description", "escalationContact"}
		for i, key := range fields {
			actor := []access.Actor{n.ann, n.bob}[i%2]
			wait.Go(func() {
				for _, text := range []string{"first ", "second "} {
					if _, err := n.registry.SaveDraft(t.Context(), actor, sub.ID, sub.Version, manifest.Content{key: text + key}); err != nil && text == "first " {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
		wait.Wait()
		d := n.dossier(sub.ID)
		for _, key := range fields {
			if got := d.Submission.Content.Text(key); got != "first "+key {
				t.Errorf("%s holds %q; the second save was from the same old form and had to clash", key, got)
			}
		}
		_, err := n.registry.SaveDraft(t.Context(), n.bob, sub.ID, sub.Version, manifest.Content{"name": "mine"})
		if shown := fault.Show(err); shown.Code != fault.Conflict || len(shown.Fields) != 1 || !strings.Contains(shown.Fields[0].Message, "first name") {
			t.Errorf("a clash: %v", err)
		}
	})
}

// Covers R-023: two apps of one name that are published at the same moment get slugs of their own.
func TestSlugsAtTheSameMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		var wait sync.WaitGroup
		for range 3 {
			sub := n.queued("Acme")
			sub = n.sub(n.registry.PassInitial(ctx, n.rita, sub.ID, sub.Version, checklist()))
			wait.Go(func() {
				if _, err := n.registry.PassQA(ctx, n.quinn, sub.ID, sub.Version); err != nil {
					t.Errorf("publish: %v", err)
				}
			})
		}
		wait.Wait()
		var slugs []string
		for _, l := range must(n.registry.Catalog(ctx, registry.CatalogQuery{}))(t) {
			slugs = append(slugs, l.Slug)
		}
		if !slices.Equal(slugs, []string{"acme", "acme-2", "acme-3"}) {
			t.Errorf("slugs %v", slugs)
		}
	})
}
