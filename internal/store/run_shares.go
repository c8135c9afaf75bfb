package store

import (
	"context"
	"fmt"

	"slipway/internal/lab/runs"
)

// SaveShare stores a link to a run.
func (s *Store) SaveShare(ctx context.Context, share runs.Share) error {
	if _, err := s.exec(ctx, `INSERT INTO run_shares (token_hash, run_id, shared_by, created_at) VALUES ($1, $2, $3, $4)`,
		share.Hash, share.RunID, share.By, share.At); err != nil {
		return fmt.Errorf("share run %s: %w", share.RunID, err)
	}
	return nil
}

// SharesOf lists the links to a run, newest first.
func (s *Store) SharesOf(ctx context.Context, runID string) (list []runs.Share, err error) {
	err = s.selectAll(ctx, &list, `SELECT token_hash, run_id, shared_by, created_at FROM run_shares WHERE run_id = $1 ORDER BY created_at DESC`, runID)
	return list, err
}

// EndShares ends every link to a run.
func (s *Store) EndShares(ctx context.Context, runID string) error {
	_, err := s.exec(ctx, `DELETE FROM run_shares WHERE run_id = $1`, runID)
	return err
}

// RunByShare finds the run that a link leads to.
func (s *Store) RunByShare(ctx context.Context, hash string) (run runs.Run, err error) {
	err = s.get(ctx, &run, `SELECT `+runColumns+`, report FROM lab_runs WHERE id = (SELECT run_id FROM run_shares WHERE token_hash = $1)`, hash)
	return run, err
}
