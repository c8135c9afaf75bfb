package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/registry"
)

const waiverColumns = `id, integration_id, submission_id, org_id, check_id, not_run, state, reason, asked_by, asked_at, decision, decided_by, decided_at, expires_at`

type waiverRow struct {
	ID            string                  `db:"id"`
	IntegrationID string                  `db:"integration_id"`
	SubmissionID  string                  `db:"submission_id"`
	OrgID         string                  `db:"org_id"`
	CheckID       string                  `db:"check_id"`
	NotRun        bool                    `db:"not_run"`
	State         registry.WaiverState    `db:"state"`
	Reason        string                  `db:"reason"`
	AskedBy       asJSON[registry.Person] `db:"asked_by"`
	AskedAt       time.Time               `db:"asked_at"`
	Decision      string                  `db:"decision"`
	DecidedBy     asJSON[registry.Person] `db:"decided_by"`
	DecidedAt     *time.Time              `db:"decided_at"`
	ExpiresAt     *time.Time              `db:"expires_at"`
}

func (r waiverRow) waiver() (registry.Waiver, error) {
	return registry.Waiver{
		ID: r.ID, IntegrationID: r.IntegrationID, SubmissionID: r.SubmissionID, OrgID: r.OrgID, CheckID: r.CheckID, NotRun: r.NotRun, State: r.State,
		Reason: r.Reason, AskedBy: r.AskedBy.V, AskedAt: r.AskedAt.UTC(), Decision: r.Decision, DecidedBy: r.DecidedBy.V,
		DecidedAt: orZero(r.DecidedAt), Expires: orZero(r.ExpiresAt),
	}, nil
}

func (t *Tx) readWaivers(ctx context.Context, d *registry.Dossier) error {
	var rows []waiverRow
	if err := t.selectAll(ctx, &rows, `SELECT `+waiverColumns+` FROM waivers WHERE integration_id = $1 AND org_id = $2 ORDER BY asked_at DESC, id DESC`,
		d.Submission.IntegrationID, d.Submission.OrgID); err != nil {
		return err
	}
	waivers, err := mapRows(rows, waiverRow.waiver)
	d.Waivers = waivers
	return err
}

// PendingWaivers lists what waits for a reviewer, the longest waiting first.
func (r Registry) PendingWaivers(ctx context.Context, scope registry.Scope) ([]registry.Waiver, error) {
	var rows []waiverRow
	if err := r.selectAll(ctx, &rows, `SELECT `+waiverColumns+` FROM waivers s WHERE `+inScope+` AND s.state = 'asked' ORDER BY s.asked_at, s.id`,
		scope.OrgID, scope.All); err != nil {
		return nil, fmt.Errorf("list pending waivers: %w", err)
	}
	return mapRows(rows, waiverRow.waiver)
}

// saveWaiver inserts what was asked, and afterwards changes only what was decided.
const saveWaiver = `
	INSERT INTO waivers (` + waiverColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	ON CONFLICT (id) DO UPDATE
	   SET state = excluded.state, decision = excluded.decision, decided_by = excluded.decided_by,
	       decided_at = excluded.decided_at, expires_at = excluded.expires_at
	 WHERE waivers.integration_id = excluded.integration_id`

func (t *Tx) saveWaivers(ctx context.Context, waivers []registry.Waiver) error {
	for _, w := range waivers {
		if _, err := t.exec(ctx, saveWaiver, w.ID, w.IntegrationID, w.SubmissionID, w.OrgID, w.CheckID, w.NotRun, string(w.State), w.Reason,
			asJSON[registry.Person]{w.AskedBy}, w.AskedAt, w.Decision, asJSON[registry.Person]{w.DecidedBy}, orNull(w.DecidedAt), orNull(w.Expires)); err != nil {
			return err
		}
	}
	return nil
}
