package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/lab/runs"
)

var _ runs.Store = (*Store)(nil)

const runColumns = `id, submission_id, org_id, content_hash, profile, purpose, asked_by, state, verdict, reason, done, total, attempt, seed,
	created_at, started_at, ended_at`

// BeginRun inserts the run or counts one more attempt; the unique index refuses a second run of the submission
// that has not ended.
func (s *Store) BeginRun(ctx context.Context, run runs.Run) (begun runs.Run, err error) {
	err = s.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `
			INSERT INTO lab_runs (id, submission_id, org_id, content_hash, profile, purpose, asked_by, state, attempt, seed, created_at, started_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', 1, $8, $9, $9)
			ON CONFLICT (id) DO UPDATE SET attempt = lab_runs.attempt + 1, done = 0, started_at = excluded.started_at
			 WHERE lab_runs.state <> 'ended'`,
			run.ID, run.SubmissionID, run.OrgID, run.Hash, run.Profile, run.Purpose, run.AskedBy, run.Seed, run.Created); err != nil {
			return err
		}
		return tx.get(ctx, &begun, `SELECT `+runColumns+`, report FROM lab_runs WHERE id = $1`, run.ID)
	})
	if isUnique(err) {
		return runs.Run{}, runs.ErrGoing
	}
	return begun, err
}

// RunByID finds a run of the org, or of any org for "".
func (s *Store) RunByID(ctx context.Context, orgID, id string) (run runs.Run, err error) {
	err = s.get(ctx, &run, `SELECT `+runColumns+`, report FROM lab_runs WHERE id = $1 AND (org_id = $2 OR $2 = '')`, id, orgID)
	return run, err
}

// RunsOf lists a submission's runs, newest first, without reports: a report may be a megabyte.
func (s *Store) RunsOf(ctx context.Context, submissionID string, limit int) (list []runs.Run, err error) {
	err = s.selectAll(ctx, &list, `SELECT `+runColumns+` FROM lab_runs WHERE submission_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2`, submissionID, limit)
	return list, err
}

// RunThatProved is the last whole run of a submission that passed with this content; fault.NotFound where there is none.
func (s *Store) RunThatProved(ctx context.Context, submissionID, hash string) (run runs.Run, err error) {
	err = s.get(ctx, &run, `SELECT `+runColumns+`, report FROM lab_runs
		WHERE submission_id = $1 AND content_hash = $2 AND verdict = 'passed' AND purpose <> 'watch' ORDER BY created_at DESC LIMIT 1`, submissionID, hash)
	return run, err
}

// SaveProgress is for the page that watches.
func (s *Store) SaveProgress(ctx context.Context, id string, done, total int) error {
	_, err := s.exec(ctx, `UPDATE lab_runs SET done = $2, total = $3 WHERE id = $1 AND state = 'running'`, id, done, total)
	return err
}

// AskStop asks the worker that is at the run to stop; the first who asks is remembered.
func (s *Store) AskStop(ctx context.Context, id, by string) error {
	if _, err := s.exec(ctx, `UPDATE lab_runs SET stop_asked_by = $2 WHERE id = $1 AND state <> 'ended' AND stop_asked_by = ''`, id, by); err != nil {
		return fmt.Errorf("stop run %s: %w", id, err)
	}
	return nil
}

// StopAskedBy names who has asked to stop the run, "" for nobody.
func (s *Store) StopAskedBy(ctx context.Context, id string) (by string, err error) {
	err = s.get(ctx, &by, `SELECT stop_asked_by FROM lab_runs WHERE id = $1`, id)
	return by, err
}

// EndRun writes the verdict once.
func (s *Store) EndRun(ctx context.Context, id, verdict, reason string, report []byte, now time.Time) error {
	_, err := s.exec(ctx, `
		UPDATE lab_runs SET state = 'ended', verdict = $2, reason = $3, report = $4, ended_at = $5, done = total
		 WHERE id = $1 AND state <> 'ended'`, id, verdict, reason, string(report), now)
	if err != nil {
		return fmt.Errorf("end run %s: %w", id, err)
	}
	return nil
}

// SaveObject remembers what the run is about to make. The id that the target gives it takes the place of none; what
// bears the same name under another id stays on record.
func (s *Store) SaveObject(ctx context.Context, runID string, o runs.Object) error {
	return s.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `DELETE FROM lab_objects WHERE run_id = $1 AND kind = $2 AND name = $3 AND remote_id = ''`, runID, o.Kind, o.Name); err != nil {
			return fmt.Errorf("save object of %s: %w", runID, err)
		}
		if _, err := tx.exec(ctx, `
			INSERT INTO lab_objects (run_id, kind, name, remote_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (run_id, kind, name, remote_id) DO NOTHING`, runID, o.Kind, o.Name, o.RemoteID); err != nil {
			return fmt.Errorf("save object of %s: %w", runID, err)
		}
		return nil
	})
}

// ForgetObject says that the target no longer holds it, or has refused to make it.
func (s *Store) ForgetObject(ctx context.Context, runID string, o runs.Object) error {
	_, err := s.exec(ctx, `DELETE FROM lab_objects WHERE run_id = $1 AND kind = $2 AND name = $3 AND remote_id = $4`, runID, o.Kind, o.Name, o.RemoteID)
	return err
}

// ObjectsOf lists what the run may have left in the target.
func (s *Store) ObjectsOf(ctx context.Context, runID string) (list []runs.Object, err error) {
	err = s.selectAll(ctx, &list, `SELECT kind, name, remote_id FROM lab_objects WHERE run_id = $1 ORDER BY kind DESC, name, remote_id`, runID)
	return list, err
}
