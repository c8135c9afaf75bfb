package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"slipway/internal/access"
)

// Job is what rooms enqueue: a small struct of ids with a stable kind. River calls it JobArgs.
type Job interface{ Kind() string }

// Queue is River on the store's own database, so that a job and the change that needs it commit together.
type Queue struct {
	store    *Store
	driver   riverdriver.Driver[*sql.Tx]
	listener *pgxpool.Pool // PostgreSQL only: LISTEN/NOTIFY wakes the workers at once
	inserter *river.Client[*sql.Tx]
	process  string // this process's row in the table processes
	stop     context.CancelFunc
	done     chan struct{}
}

const (
	heartbeatEvery = 2 * time.Second
	silentAfter    = 10 * time.Second // a process that has not been heard for so long is dead; its jobs are free again
)

func openQueue(ctx context.Context, s *Store) (*Queue, error) {
	q := &Queue{store: s, process: access.NewID("proc")}
	if s.dialect.name == "sqlite" {
		q.driver = riversqlite.New(s.w.DB)
	} else {
		pool, err := pgxpool.New(ctx, s.url)
		if err != nil {
			return nil, fmt.Errorf("open queue: %w", err)
		}
		q.listener = pool
		q.driver = riverdatabasesql.NewWithPgxListener(s.w.DB, pool)
	}
	quiet := slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("migrate queue: %w", err)
	}
	q.inserter, err = river.NewClient(q.driver, &river.Config{Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	return q, nil
}

func (q *Queue) insert(ctx context.Context, tx *sql.Tx, job Job, at time.Time) error {
	if _, err := q.inserter.InsertTx(ctx, tx, job, &river.InsertOpts{ScheduledAt: at}); err != nil {
		return fmt.Errorf("enqueue %s: %w", job.Kind(), err)
	}
	return nil
}

// Work starts the workers and returns a function that stops them. What a dead process held is released first:
// at once on SQLite, where one process owns the file; on PostgreSQL as soon as its heartbeat has been silent.
func (s *Store) Work(ctx context.Context, workers *river.Workers, concurrency int, log *slog.Logger) (stop func(context.Context) error, err error) {
	q := s.queue
	if err := q.releaseAtBoot(ctx); err != nil {
		return nil, err
	}
	client, err := river.NewClient(q.driver, &river.Config{
		ID: q.process, Workers: workers, Logger: log,
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: concurrency}},
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 500 * time.Millisecond,
		JobTimeout: time.Minute, RescueStuckJobsAfter: 20 * time.Minute, // the heartbeat is faster; this is the net below it
	})
	if err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	beat, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q.stop, q.done = cancel, make(chan struct{})
	go q.heartbeat(beat, log)
	return func(ctx context.Context) error {
		err := client.StopAndCancel(ctx)
		cancel()
		<-q.done
		return err
	}, nil
}

// releaseAtBoot frees on SQLite what a crash has left: running jobs, leases of installations, and the leadership
// without which River schedules nothing. One process owns the file, so whoever held them is dead.
func (q *Queue) releaseAtBoot(ctx context.Context) error {
	if q.store.dialect.name != "sqlite" {
		return q.beat(ctx)
	}
	return q.store.tx(ctx, func(tx *Tx) error {
		for _, free := range []string{
			`UPDATE river_job
			    SET state = 'available', attempt = max(attempt - 1, 0), scheduled_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
			  WHERE state = 'running'`,
			`UPDATE installations SET lease_owner = '', lease_until = NULL WHERE lease_until IS NOT NULL`,
			`DELETE FROM river_leader`,
		} {
			if _, err := tx.exec(ctx, free); err != nil {
				return fmt.Errorf("release what a dead process held: %w", err)
			}
		}
		return nil
	})
}

func (q *Queue) heartbeat(ctx context.Context, log *slog.Logger) {
	defer close(q.done)
	if q.store.dialect.name == "sqlite" {
		return // nobody else can own the file
	}
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := q.beat(ctx); err != nil && !errors.Is(err, context.Canceled) {
				log.Error("heartbeat", "error", err)
			}
		}
	}
}

// beat says that this process lives, and frees what silent processes hold. Times are the database's, so that
// two machines' clocks are never compared. A job that runs under no known process is an orphan, too.
func (q *Queue) beat(ctx context.Context) error {
	return q.store.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `
			INSERT INTO processes (id, seen_at) VALUES ($1, now())
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, q.process); err != nil {
			return fmt.Errorf("beat: %w", err)
		}
		if _, err := tx.exec(ctx, `DELETE FROM processes WHERE seen_at < now() - make_interval(secs => $1)`, silentAfter.Seconds()); err != nil {
			return fmt.Errorf("forget silent processes: %w", err)
		}
		_, err := tx.exec(ctx, `
			UPDATE river_job
			   SET state = 'available', attempt = greatest(attempt - 1, 0), scheduled_at = now()
			 WHERE state = 'running'
			   AND attempted_by[array_upper(attempted_by, 1)] NOT IN (SELECT id FROM processes)`)
		if err != nil {
			return fmt.Errorf("release jobs: %w", err)
		}
		return nil
	})
}

func (q *Queue) close() {
	if q.listener != nil {
		q.listener.Close()
	}
}
