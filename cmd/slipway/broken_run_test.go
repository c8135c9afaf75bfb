package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// halfway is a lab run that stands still in its middle, with a request at the target, until it is let go on.
type halfway struct {
	*site
	vendor  access.Actor
	id, run string
	goOn    func()
}

func startHalfway(t *testing.T, database string) *halfway {
	t.Helper()
	h := &halfway{site: newSiteOn(t, database, slog.New(slog.DiscardHandler))}
	h.vendor = h.actor(t, "harbor", "vera@example.com", access.Vendor)
	reached, goOn := make(chan struct{}), make(chan struct{})
	h.goOn = sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(h.goOn)
	first := sync.OnceFunc(func() { close(reached); <-goOn })
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			first()
		}
		h.site.vendor.ServeHTTP(w, r)
	}))
	t.Cleanup(target.Close)
	var err error
	if h.id, err = h.seedDraft(t.Context(), h.vendor, whole("Ship"), target.URL); err != nil {
		t.Fatal(err)
	}
	if h.run, err = h.registry.Verify(t.Context(), h.vendor, h.id); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(2 * time.Minute):
		t.Fatal("the run never came to its middle")
	}
	return h
}

func (h *halfway) dossier(t *testing.T) registry.Dossier {
	t.Helper()
	d, err := h.registry.Get(t.Context(), h.vendor, h.id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ended waits until the run has a verdict.
func (h *halfway) ended(t *testing.T) (registry.Dossier, runs.Run) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		if d := h.dossier(t); len(d.Verdicts) > 0 {
			run, err := h.runs.Get(t.Context(), h.vendor, h.run)
			if err != nil {
				t.Fatal(err)
			}
			return d, run
		}
	}
	t.Fatal("the run never ended")
	return registry.Dossier{}, runs.Run{}
}

// What changes under a run leaves nothing on which one could submit.
// Covers H-53, R-44.
func TestWhatChangesUnderARunIsNotProvenByIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, h *halfway)
	}{
		{"the credentials are taken away", func(t *testing.T, h *halfway) {
			if _, err := h.registry.RemoveSecret(t.Context(), h.vendor, h.id, manifest.ConnectionToken); err != nil {
				t.Fatal(err)
			}
		}},
		{"the content is changed", func(t *testing.T, h *halfway) {
			longer := manifest.Content{"description": whole("Ship").Text("description") + " More."}
			if _, err := h.registry.SaveDraft(t.Context(), h.vendor, h.id, h.dossier(t).Submission.Version, longer); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := startHalfway(t, storetest.SQLite(t))
			tt.change(t, h)
			h.goOn()
			d, _ := h.ended(t)
			_, err := h.registry.Submit(t.Context(), h.vendor, h.id, d.Submission.Version, true)
			if fault.CodeOf(err) != fault.Conflict {
				t.Errorf("it can be submitted: %v", err)
			}
		})
	}
}

// While the database does not answer a run has no verdict. Afterwards it goes on, or begins anew; what went wrong with us
// is never the vendor's fault, and nothing stays behind.
// Covers H-53, R-14.
func TestARunWithoutADatabaseHasNoVerdict(t *testing.T) {
	t.Parallel()
	t.Run("sqlite takes no writes", func(t *testing.T) {
		t.Parallel()
		url := storetest.SQLite(t)
		h := startHalfway(t, url)
		withoutDatabase(t, h, lockWith(t, "sqlite", strings.TrimPrefix(url, "sqlite:"), "BEGIN IMMEDIATE"))
	})
	t.Run("every connection to postgres is waiting", func(t *testing.T) {
		t.Parallel()
		url := storetest.Postgres(t)
		h := startHalfway(t, url)
		lock := lockWith(t, "pgx", url, "BEGIN", "LOCK TABLE lab_objects IN ACCESS EXCLUSIVE MODE")
		starving, fed := context.WithCancel(t.Context())
		t.Cleanup(fed)
		for range 2 * store.PoolSize {
			go func() { _, _ = h.runs.Store.ObjectsOf(starving, h.run) }()
		}
		withoutDatabase(t, h, lock)
	})
}

// lockWith holds a lock on the database of another connection, until it rolls back.
func lockWith(t *testing.T, driver, dsn string, statements ...string) *sql.Conn {
	t.Helper()
	other, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

func withoutDatabase(t *testing.T, h *halfway, lock *sql.Conn) {
	t.Helper()
	h.goOn()
	<-time.After(12 * time.Second) // longer than anybody waits for the lock
	var ended int
	if err := lock.QueryRowContext(t.Context(), "SELECT count(*) FROM lab_runs WHERE state = 'ended'").Scan(&ended); err != nil || ended > 0 {
		t.Errorf("nothing could be written down, and %d runs have ended (%v)", ended, err)
	}
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	d, run := h.ended(t)
	var rep report.Report
	if err := json.Unmarshal(run.Report, &rep); err != nil {
		t.Fatal(err)
	}
	if v := d.Verdicts[0]; v.Outcome == registry.Failed || v.Outcome == registry.Passed && len(rep.Checks) < len(lab.Checks()) {
		t.Errorf("%s after %d checks: %s", v.Outcome, len(rep.Checks), v.Reason)
	}
	if left := len(h.site.vendor.Users()); left != 0 {
		t.Errorf("%d accounts of the broken run stay at the vendor", left)
	}
}
