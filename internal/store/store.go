// Package store keeps everything in SQL: one text for SQLite and PostgreSQL, one set of migrations.
//
// It implements the Store interfaces that the rooms below declare, and answers with faults
// (fault.NotFound, fault.Conflict), never with sql.ErrNoRows. Where the engines differ is dialect.go's
// business alone. Rules belong to the rooms; the store only makes their writes whole: a change, its
// history and the jobs that follow are one transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

//go:embed migrations
var migrations embed.FS

// Store is the database. It is safe for concurrent use.
type Store struct {
	dialect *dialect
	url     string
	w       *sqlx.DB // writer: one connection on SQLite, shared with the job queue
	r       *sqlx.DB // readers
	keys    *secret.Keyset
	queue   *Queue
}

// Open connects, migrates forward and prepares the job queue. keys seal what the columns named *_sealed hold.
func Open(ctx context.Context, url string, keys *secret.Keyset) (*Store, error) {
	d, w, r, err := connect(url)
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: d, url: url, w: w, r: r, keys: keys}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.queue, err = openQueue(ctx, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends all connections.
func (s *Store) Close() error {
	if s.queue != nil {
		s.queue.close()
	}
	if s.r == s.w {
		return s.w.Close()
	}
	return errors.Join(s.r.Close(), s.w.Close())
}

// Ping answers whether the database can be read.
func (s *Store) Ping(ctx context.Context) error { return s.r.PingContext(ctx) }

// Engine is "sqlite" or "postgres".
func (s *Store) Engine() string { return s.dialect.name }

// Now is the clock for stored times: UTC, so that on SQLite the order of texts is the order of times,
// and at PostgreSQL's precision, so that what was written compares equal to what is read.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// migrate runs the shared folder, in PostgreSQL's types, and the engine's own overlay, in one order.
func (s *Store) migrate(ctx context.Context) error {
	files := fstest.MapFS{}
	for _, folder := range []string{"migrations", s.dialect.overlay} {
		entries, err := fs.ReadDir(migrations, folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue // an engine without an overlay
		}
		if err != nil {
			return fmt.Errorf("read migrations: %w", err)
		}
		for _, e := range entries {
			if e.IsDir() || !strings.HasSuffix(e.Name(), ".sql") {
				continue
			}
			text, err := fs.ReadFile(migrations, folder+"/"+e.Name())
			if err != nil {
				return fmt.Errorf("read migration %s: %w", e.Name(), err)
			}
			files[e.Name()] = &fstest.MapFile{Data: []byte(s.dialect.types.Replace(string(text)))}
		}
	}
	provider, err := goose.NewProvider(s.dialect.goose, s.w.DB, files)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// tx runs f in one write transaction. Inside f only the transaction may be used: on SQLite the writer has
// one connection, and asking for a second would wait for ever. Never hold one across a request to a target.
func (s *Store) tx(ctx context.Context, f func(tx *Tx) error) error {
	raw, err := s.w.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{raw: raw, store: s}
	if err := f(tx); err != nil {
		if back := raw.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("roll back: %w", back))
		}
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Tx is one write transaction.
type Tx struct {
	raw   *sqlx.Tx
	store *Store
}

// exec runs a statement and returns how many rows it changed.
func (t *Tx) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	res, err := t.raw.ExecContext(ctx, t.store.dialect.q(statement), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row into dest; "no row" is fault.NotFound.
func (t *Tx) get(ctx context.Context, dest any, statement string, args ...any) error {
	return notFound(t.raw.GetContext(ctx, dest, t.store.dialect.q(statement), args...))
}

// selectAll reads all rows into the slice dest points to.
func (t *Tx) selectAll(ctx context.Context, dest any, statement string, args ...any) error {
	return t.raw.SelectContext(ctx, dest, t.store.dialect.q(statement), args...)
}

// enqueue adds a job that starts once the transaction has committed, and not before at; the zero time is at once.
func (t *Tx) enqueue(ctx context.Context, job Job, at time.Time) error {
	return t.store.queue.insert(ctx, t.raw.Tx, job, at)
}

// exec, get and selectAll outside a transaction.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	res, err := s.w.ExecContext(ctx, s.dialect.q(statement), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *Store) get(ctx context.Context, dest any, statement string, args ...any) error {
	return notFound(s.r.GetContext(ctx, dest, s.dialect.q(statement), args...))
}

func (s *Store) selectAll(ctx context.Context, dest any, statement string, args ...any) error {
	return s.r.SelectContext(ctx, dest, s.dialect.q(statement), args...)
}

// errGone is what "no row" becomes: it may never have existed, or be another org's; the answer is the same (H-25).
var errGone = fault.New(fault.NotFound, "There is nothing at this address, or it belongs to another org.")

func notFound(err error) error {
	if isNoRow(err) {
		return errGone
	}
	return err
}
