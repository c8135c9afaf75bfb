package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/internal/fault"
	"slipway/internal/provision"
)

// Lease takes the installation if nobody has it. The job that asks has been taken up by now, so whoever adds an
// operation from here on has to send another.
func (p *Provisioning) Lease(ctx context.Context, installationID, owner string, now time.Time, ttl time.Duration) (lease provision.Lease, err error) {
	err = p.tx(ctx, func(tx *Tx) error {
		var row struct {
			Token     int64      `db:"lease_token"`
			Until     *time.Time `db:"lease_until"`
			Throttled *time.Time `db:"throttled_until"`
			Stage     string     `db:"stage"`
		}
		if err := tx.get(ctx, &row, `SELECT lease_token, lease_until, throttled_until, stage FROM installations WHERE id = $1`+
			p.dialect.lockRow, installationID); err != nil {
			return err
		}
		if orZero(row.Until).After(now) {
			return provision.ErrLeased
		}
		lease = provision.Lease{
			InstallationID: installationID, Token: row.Token + 1,
			Paused: provision.Stage(row.Stage) != provision.Active, Throttled: orZero(row.Throttled),
		}
		_, err := tx.exec(ctx, `
			UPDATE installations
			   SET lease_token = $2, lease_owner = $3, lease_until = $4, wake_at = CASE WHEN wake_at <= $5 THEN NULL ELSE wake_at END
			 WHERE id = $1`, installationID, lease.Token, owner, now.Add(ttl), now)
		return err
	})
	return lease, err
}

// Renew prolongs the lease.
func (p *Provisioning) Renew(ctx context.Context, lease provision.Lease, now time.Time, ttl time.Duration) error {
	return p.tx(ctx, func(tx *Tx) error { return tx.holding(ctx, lease, `lease_until = $3`, now.Add(ttl)) })
}

// Release gives the lease back.
func (p *Provisioning) Release(ctx context.Context, lease provision.Lease) error {
	return p.tx(ctx, func(tx *Tx) error { return tx.holding(ctx, lease, `lease_owner = '', lease_until = NULL`) })
}

// holding changes the installation if the lease is the newest, and locks it until the transaction ends.
func (t *Tx) holding(ctx context.Context, lease provision.Lease, set string, args ...any) error {
	n, err := t.exec(ctx, `UPDATE installations SET `+set+` WHERE id = $1 AND lease_token = $2`, append([]any{lease.InstallationID, lease.Token}, args...)...)
	if err != nil {
		return fmt.Errorf("write under the lease of %s: %w", lease.InstallationID, err)
	}
	if n == 0 {
		return provision.ErrLeaseLost
	}
	return nil
}

// Finish gives the lease back unless something is due, and orders the job for what is due later.
func (p *Provisioning) Finish(ctx context.Context, lease provision.Lease, now time.Time) (finished bool, next time.Time, err error) {
	err = p.tx(ctx, func(tx *Tx) error {
		if err := tx.holding(ctx, lease, `lease_owner = '', lease_until = NULL`); err != nil {
			return err
		}
		var row struct {
			Due  int        `db:"due"`
			Next *time.Time `db:"next"`
		}
		if err := tx.get(ctx, &row.Due, `
			SELECT count(*) FROM (
				SELECT 1 FROM operations WHERE installation_id = $1 AND ended_at IS NULL AND (not_before IS NULL OR not_before <= $2)
				 LIMIT 1) AS due`, lease.InstallationID, now); err != nil {
			return fmt.Errorf("look for due operations of %s: %w", lease.InstallationID, err)
		}
		if row.Due > 0 {
			return errDue
		}
		err := tx.get(ctx, &row.Next, `
			SELECT not_before FROM operations
			 WHERE installation_id = $1 AND ended_at IS NULL AND not_before IS NOT NULL
			 ORDER BY not_before LIMIT 1`, lease.InstallationID)
		if fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for later operations of %s: %w", lease.InstallationID, err)
		}
		next = orZero(row.Next)
		return tx.wake(ctx, lease.InstallationID, next)
	})
	if errors.Is(err, errDue) {
		return false, time.Time{}, nil
	}
	return err == nil, next, err
}

// errDue rolls back a Finish that came too early.
var errDue = errors.New("operations are due")

// Throttle leaves the target alone until then, and orders the job that goes on.
func (p *Provisioning) Throttle(ctx context.Context, lease provision.Lease, until time.Time, reason string) error {
	return p.tx(ctx, func(tx *Tx) error {
		if err := tx.holding(ctx, lease, `throttled_until = $3, throttled_why = $4`, until, reason); err != nil {
			return err
		}
		return tx.wake(ctx, lease.InstallationID, until)
	})
}

// Pause stops an active installation.
func (p *Provisioning) Pause(ctx context.Context, lease provision.Lease, reason string) error {
	return p.tx(ctx, func(tx *Tx) error {
		return tx.holding(ctx, lease, `stage = 'paused', reason = $3, version = version + 1`, reason)
	})
}

type taskRow struct {
	operationRow
	LinkRemoteID  *string    `db:"link_remote_id"`
	LinkOrigin    *string    `db:"link_origin"`
	LinkActive    *string    `db:"link_active"`
	LinkGone      *bool      `db:"link_gone"`
	LinkSent      []byte     `db:"link_sent"`
	LinkUpdatedAt *time.Time `db:"link_updated_at"`
}

func (r taskRow) task() (provision.Task, error) {
	op, err := r.operation()
	if err != nil || r.LinkRemoteID == nil {
		return provision.Task{Operation: op}, err
	}
	link, err := linkRow{
		InstallationID: op.InstallationID, PersonID: op.PersonID, RemoteID: *r.LinkRemoteID, Origin: *r.LinkOrigin,
		Active: *r.LinkActive, Gone: *r.LinkGone, Sent: r.LinkSent, UpdatedAt: *r.LinkUpdatedAt,
	}.link()
	return provision.Task{Operation: op, Link: &link}, err
}

// Tasks pages through due operations.
func (p *Provisioning) Tasks(ctx context.Context, installationID string, sel provision.Selection) ([]provision.Task, error) {
	var rows []taskRow
	err := p.selectAll(ctx, &rows, `
		SELECT o.id, o.installation_id, o.person_id, o.kind, o.state, o.changes, o.remote_id, o.note, o.tries, o.attempts, o.looked_at,
		       o.abandoned, o.not_before, o.planned_at, o.ended_at,
		       l.remote_id AS link_remote_id, l.origin AS link_origin, l.active AS link_active, l.gone AS link_gone,
		       l.sent AS link_sent, l.updated_at AS link_updated_at
		  FROM operations o LEFT JOIN links l ON l.installation_id = o.installation_id AND l.person_id = o.person_id
		 WHERE o.installation_id = $1 AND o.state = $2 AND ($3 = '' OR o.kind = $3) AND o.id > $4
		   AND o.ended_at IS NULL AND (o.not_before IS NULL OR o.not_before <= $5)
		 ORDER BY o.id LIMIT $6`, installationID, sel.State, sel.Kind, sel.After, sel.Now, sel.Limit)
	if err != nil {
		return nil, fmt.Errorf("read tasks of %s: %w", installationID, err)
	}
	tasks := make([]provision.Task, 0, len(rows))
	for _, row := range rows {
		task, err := row.task()
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, task)
	}
	return tasks, nil
}

// LinkedTo finds whose account it is.
func (p *Provisioning) LinkedTo(ctx context.Context, installationID, remoteID string) (string, error) {
	var person string
	err := p.get(ctx, &person, `SELECT person_id FROM links WHERE installation_id = $1 AND remote_id = $2 AND NOT gone`, installationID, remoteID)
	if fault.CodeOf(err) == fault.NotFound {
		return "", nil
	}
	return person, err
}
