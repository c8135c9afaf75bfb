package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/secret"
)

// Provisioning is the store as the provisioning engine uses it: one for each process, because what several
// connections to a target report at the same time is stored in one transaction.
type Provisioning struct {
	*Store
	commits groupCommit
}

var _ provision.Store = (*Provisioning)(nil)

// Provisioning returns the engine's store.
func (s *Store) Provisioning() *Provisioning { return &Provisioning{Store: s} }

// errInstallationMoved answers a save of an installation that is not at its version any more.
var errInstallationMoved = fault.New(fault.Conflict, "This installation changed meanwhile. Reload to see how it stands.")

const installationColumns = `id, org_id, integration_id, submission_id, label, stage, reason, stored, tested_at, test_error,
	throttled_until, throttled_why, leaving_at, leaving_by, gone_at, version, created_at, updated_at`

type installationRow struct {
	ID             string     `db:"id"`
	OrgID          string     `db:"org_id"`
	IntegrationID  string     `db:"integration_id"`
	SubmissionID   string     `db:"submission_id"`
	Label          string     `db:"label"`
	Stage          string     `db:"stage"`
	Reason         string     `db:"reason"`
	Stored         string     `db:"stored"`
	TestedAt       *time.Time `db:"tested_at"`
	TestError      string     `db:"test_error"`
	ThrottledUntil *time.Time `db:"throttled_until"`
	ThrottledWhy   string     `db:"throttled_why"`
	LeavingAt      *time.Time `db:"leaving_at"`
	LeavingBy      string     `db:"leaving_by"`
	GoneAt         *time.Time `db:"gone_at"`
	Version        int64      `db:"version"`
	CreatedAt      time.Time  `db:"created_at"`
	UpdatedAt      time.Time  `db:"updated_at"`
}

func (r installationRow) installation() provision.Installation {
	return provision.Installation{
		ID: r.ID, OrgID: r.OrgID, IntegrationID: r.IntegrationID, SubmissionID: r.SubmissionID, Label: r.Label,
		Stage: provision.Stage(r.Stage), Reason: r.Reason, Stored: strings.Fields(r.Stored),
		TestedAt: orZero(r.TestedAt), TestError: r.TestError, Throttled: orZero(r.ThrottledUntil), ThrottledWhy: r.ThrottledWhy,
		Leaving: orZero(r.LeavingAt), LeavingBy: r.LeavingBy, Gone: orZero(r.GoneAt),
		Version: r.Version, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// orZero and orNull are the two ways between a NULL and the zero time.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// AddInstallation inserts one. Its connection comes later, with SaveInstallation.
func (p *Provisioning) AddInstallation(ctx context.Context, i provision.Installation) error {
	_, err := p.exec(ctx, `
		INSERT INTO installations (id, org_id, integration_id, submission_id, label, label_key, stage, version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		i.ID, i.OrgID, i.IntegrationID, i.SubmissionID, i.Label, directory.Key(i.Label), i.Stage, i.Version, i.CreatedAt, i.UpdatedAt)
	return labelTaken(err)
}

func labelTaken(err error) error {
	if isUnique(err) {
		return fault.New(fault.Conflict, "Your org has an app with this name already.").With(fault.Field{Key: "label", Message: "Choose another name."})
	}
	return err
}

// Installation finds one of the org, or of any org for "".
func (p *Provisioning) Installation(ctx context.Context, orgID, id string) (provision.Installation, error) {
	var row installationRow
	err := p.get(ctx, &row, `SELECT `+installationColumns+` FROM installations WHERE id = $1 AND (org_id = $2 OR $2 = '')`, id, orgID)
	return row.installation(), err
}

// Installations lists an org's, by label, without those that are gone.
func (p *Provisioning) Installations(ctx context.Context, orgID string) ([]provision.Installation, error) {
	return p.listInstallations(ctx, `
		SELECT `+installationColumns+` FROM installations WHERE org_id = $1 AND gone_at IS NULL ORDER BY label_key`, orgID)
}

// AssignedTo lists what a person shall have, by label.
func (p *Provisioning) AssignedTo(ctx context.Context, orgID, personID string) ([]provision.Installation, error) {
	return p.listInstallations(ctx, `
		SELECT `+installationColumns+` FROM installations
		 WHERE org_id = $1 AND leaving_at IS NULL AND id IN (SELECT installation_id FROM assignments WHERE person_id = $2)
		 ORDER BY label_key`, orgID, personID)
}

func (p *Provisioning) listInstallations(ctx context.Context, query string, args ...any) ([]provision.Installation, error) {
	var rows []installationRow
	if err := p.selectAll(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("list installations: %w", err)
	}
	list := make([]provision.Installation, len(rows))
	for n, row := range rows {
		list[n] = row.installation()
	}
	return list, nil
}

// Connection opens the sealed connection; it is empty until one has been saved.
func (p *Provisioning) Connection(ctx context.Context, i provision.Installation) (manifest.Connection, error) {
	var sealed []byte
	if err := p.get(ctx, &sealed, `SELECT connection_sealed FROM installations WHERE id = $1 AND org_id = $2`, i.ID, i.OrgID); err != nil {
		return nil, err
	}
	text, err := p.keys.Open(connectionPlace(i), sealed)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	if !text.IsZero() {
		if err := json.Unmarshal([]byte(text.Reveal()), &values); err != nil {
			return nil, fmt.Errorf("read connection of %s: not JSON", i.ID) // the cause would quote a secret
		}
	}
	connection := manifest.Connection{}
	for key, value := range values {
		connection[key] = secret.NewText(value)
	}
	return connection, nil
}

// connectionPlace is what a sealed connection is bound to (H-23).
func connectionPlace(i provision.Installation) string {
	return secret.Place("installations", i.ID, "connection_sealed")
}

func (p *Provisioning) seal(i provision.Installation, connection manifest.Connection) ([]byte, error) {
	values := map[string]string{}
	for key, value := range connection {
		values[key] = value.Reveal()
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("seal connection of %s: %w", i.ID, err)
	}
	return p.keys.Seal(connectionPlace(i), secret.NewText(string(text)))
}

// SaveInstallation replaces the row at i.Version, and the connection where one is given. An active installation is
// woken: what was stuck may go now, and the target is given a fresh chance.
func (p *Provisioning) SaveInstallation(ctx context.Context, i provision.Installation, connection manifest.Connection) error {
	return labelTaken(p.tx(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx, `
			UPDATE installations
			   SET label = $4, label_key = $5, stage = $6, reason = $7, stored = $8, tested_at = $9, test_error = $10,
			       throttled_until = NULL, throttled_why = '', version = version + 1, updated_at = $11
			 WHERE id = $1 AND org_id = $2 AND version = $3`,
			i.ID, i.OrgID, i.Version, i.Label, directory.Key(i.Label), i.Stage, i.Reason, strings.Join(i.Stored, "\n"),
			orNull(i.TestedAt), i.TestError, i.UpdatedAt)
		if err != nil {
			return err
		}
		if n == 0 {
			return errInstallationMoved
		}
		if connection != nil {
			sealed, err := p.seal(i, connection)
			if err != nil {
				return err
			}
			if _, err := tx.exec(ctx, `UPDATE installations SET connection_sealed = $2 WHERE id = $1`, i.ID, sealed); err != nil {
				return err
			}
		}
		if i.Stage != provision.Active {
			return nil
		}
		return tx.wake(ctx, i.ID, i.UpdatedAt)
	}))
}

// staleWake is how long a job that was ordered is waited for. One that has not come by then was lost, or failed too
// often; a second one does no harm.
const staleWake = 10 * time.Minute

// wake makes sure that a drain job comes at that time, or as soon after it as the target may be asked again. There
// is never more than one job that has not been taken up for a time: wake_at remembers it.
func (t *Tx) wake(ctx context.Context, installationID string, at time.Time) error {
	var row struct {
		Throttled *time.Time `db:"throttled_until"`
		WakeAt    *time.Time `db:"wake_at"`
	}
	err := t.get(ctx, &row, `SELECT throttled_until, wake_at FROM installations WHERE id = $1`+t.store.dialect.lockRow, installationID)
	if err != nil {
		return err
	}
	if throttled := orZero(row.Throttled); throttled.After(at) {
		at = throttled
	}
	if row.WakeAt != nil && !row.WakeAt.After(at) && row.WakeAt.After(at.Add(-staleWake)) {
		return nil
	}
	if _, err := t.exec(ctx, `UPDATE installations SET wake_at = $2 WHERE id = $1`, installationID, at); err != nil {
		return fmt.Errorf("wake %s: %w", installationID, err)
	}
	return t.enqueue(ctx, provision.DrainInstallation{InstallationID: installationID}, at)
}
