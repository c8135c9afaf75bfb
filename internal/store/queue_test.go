package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"slipway/internal/provision"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// idle is a worker of no job.
type idle struct {
	river.WorkerDefaults[provision.DrainInstallation]
}

func (idle) Work(context.Context, *river.Job[provision.DrainInstallation]) error { return nil }

// A process that starts on a SQLite file takes over the leases of the one before it at once, and the old holder
// cannot write any more: what it held was left behind by a crash. Where several processes share a database, a lease
// is respected until it runs out.
func TestStartingTakesOverLeases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCustomer(t, s, allFeatures...)
		ledger := s.Provisioning()
		dead, err := ledger.Lease(t.Context(), c.app.ID, "dead", c.now, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		workers := river.NewWorkers()
		river.AddWorker(workers, idle{})
		stop, err := s.Work(t.Context(), workers, 1, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		_, err = ledger.Lease(t.Context(), c.app.ID, "alive", c.now, time.Minute)
		if s.Engine() == "postgres" {
			if !errors.Is(err, provision.ErrLeased) {
				t.Errorf("lease of an installation that another process may hold: %v, want %v", err, provision.ErrLeased)
			}
			return
		}
		if err != nil {
			t.Errorf("lease after the start: %v", err)
		}
		if err := ledger.Renew(t.Context(), dead, c.now, time.Minute); !errors.Is(err, provision.ErrLeaseLost) {
			t.Errorf("the dead process's lease: %v, want %v", err, provision.ErrLeaseLost)
		}
	})
}
