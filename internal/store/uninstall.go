package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/provision"
)

// formerLength is how many installations that are gone are listed.
const formerLength = 100

// Former lists an org's installations that are gone, the last one first.
func (p *Provisioning) Former(ctx context.Context, orgID string) ([]provision.Installation, error) {
	return p.listInstallations(ctx, `
		SELECT `+installationColumns+` FROM installations WHERE org_id = $1 AND gone_at IS NOT NULL ORDER BY gone_at DESC, id LIMIT $2`, orgID, formerLength)
}

// Leave lets an installation go. The installation is locked: neither a drain that records nor another plan comes in
// between.
func (p *Provisioning) Leave(ctx context.Context, i provision.Installation, by string, now time.Time, revise func(provision.People) provision.Revision) error {
	return p.tx(ctx, func(tx *Tx) error {
		var row struct {
			LeavingAt *time.Time `db:"leaving_at"`
			GoneAt    *time.Time `db:"gone_at"`
		}
		err := tx.get(ctx, &row, `SELECT leaving_at, gone_at FROM installations WHERE id = $1 AND org_id = $2`+tx.store.dialect.lockRow, i.ID, i.OrgID)
		if err != nil || row.GoneAt != nil {
			return err
		}
		first := row.LeavingAt == nil
		if first {
			if err := tx.beginLeaving(ctx, i, by, now); err != nil {
				return err
			}
		}
		added := 0
		if err := eachPage(ctx, tx, i, nil, func(people provision.People) error {
			revision := revise(people)
			added += len(revision.Add) + len(revision.Abandon)
			return tx.follow(ctx, i, revision, now)
		}); err != nil {
			return err
		}
		open := 0
		if err := tx.get(ctx, &open, `SELECT count(*) FROM operations WHERE installation_id = $1 AND ended_at IS NULL`, i.ID); err != nil {
			return fmt.Errorf("count open operations of %s: %w", i.ID, err)
		}
		switch {
		case open == 0:
			return tx.bury(ctx, i, now)
		case first || added > 0: // what lies there for later has its job already
			return tx.wake(ctx, i.ID, now)
		}
		return nil
	})
}

// beginLeaving takes the app away from everybody. A paused installation has something to send again, and what had failed
// before is planned anew where it still matters.
func (t *Tx) beginLeaving(ctx context.Context, i provision.Installation, by string, now time.Time) error {
	for _, statement := range []struct {
		text string
		args []any
	}{
		{`UPDATE installations
		     SET leaving_at = $2, leaving_by = $3, stage = CASE stage WHEN 'paused' THEN 'active' ELSE stage END, reason = '',
		         version = version + 1, updated_at = $2
		   WHERE id = $1`, []any{i.ID, now, by}},
		{`DELETE FROM assignments WHERE installation_id = $1`, []any{i.ID}},
		{`UPDATE operations SET state = 'superseded' WHERE installation_id = $1 AND state = 'failed'`, []any{i.ID}},
	} {
		if _, err := t.exec(ctx, statement.text, statement.args...); err != nil {
			return fmt.Errorf("uninstall %s: %w", i.ID, err)
		}
	}
	return nil
}

// bury leaves of an installation its row and its ledger. The lease grows, so that a process which is still at work
// records nothing more.
func (t *Tx) bury(ctx context.Context, i provision.Installation, now time.Time) error {
	for _, forget := range []string{`DELETE FROM links WHERE installation_id = $1`, `DELETE FROM assignments WHERE installation_id = $1`} {
		if _, err := t.exec(ctx, forget, i.ID); err != nil {
			return fmt.Errorf("uninstall %s: %w", i.ID, err)
		}
	}
	_, err := t.exec(ctx, `
		UPDATE installations
		   SET gone_at = $2, connection_sealed = NULL, stored = '', tested_at = NULL, test_error = '', reason = '',
		       lease_token = lease_token + 1, lease_owner = '', lease_until = NULL, throttled_until = NULL, throttled_why = '', wake_at = NULL,
		       version = version + 1, updated_at = $2
		 WHERE id = $1`, i.ID, now)
	if err != nil {
		return fmt.Errorf("uninstall %s: %w", i.ID, err)
	}
	return nil
}
