package store_test

import (
	"testing"
	"time"

	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// What the daily looks have shown is read back as it was written, and a new version begins anew.
func TestWatchSurvivesTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		sub := n.published("Acme")
		look := func(run string, outcome registry.Outcome) registry.Listing {
			t.Helper()
			n.later(24 * time.Hour)
			v := registry.Verdict{RunID: run, SubmissionID: sub.ID, Outcome: outcome, Hash: sub.Hash, Profile: "network", At: *n.clock.Load(), ReadOnly: true}
			if err := n.registry.RecordVerdict(ctx, v); err != nil {
				t.Fatal(err)
			}
			return must(n.registry.ListingOf(ctx, sub.IntegrationID))(t)
		}
		passed := look("run_w1", registry.Passed)
		if !passed.ProvenAt.Equal(*n.clock.Load()) || passed.Watch != (registry.Watch{At: *n.clock.Load(), Outcome: registry.Passed, InARow: 1, RunID: "run_w1"}) {
			t.Errorf("after a pass: proven %v, %+v", passed.ProvenAt, passed.Watch)
		}
		look("run_w2", registry.Failed)
		failed := look("run_w3", registry.Failed)
		if failed.Watch.InARow != 2 || !failed.ProvenAt.Equal(passed.ProvenAt) {
			t.Errorf("after two failures: proven %v, %+v", failed.ProvenAt, failed.Watch)
		}
	})
}
