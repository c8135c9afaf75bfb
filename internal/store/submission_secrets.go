package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/registry"
	"slipway/internal/secret"
)

type secretRow struct {
	Key    string                  `db:"secret_key"`
	Sealed []byte                  `db:"value_sealed"`
	SetAt  time.Time               `db:"set_at"`
	SetBy  asJSON[registry.Person] `db:"set_by"`
}

// secretPlace binds a sealed value to its row: moved to another one, it does not open (H-23).
func secretPlace(submissionID, key string) string {
	return secret.Place("submission_secrets", submissionID, key)
}

// readMarks says which secrets are stored; it does not read them.
func (t *Tx) readMarks(ctx context.Context, d *registry.Dossier) error {
	var rows []secretRow
	err := t.selectAll(ctx, &rows, `SELECT secret_key, set_at, set_by FROM submission_secrets WHERE submission_id = $1 ORDER BY secret_key`, d.Submission.ID)
	for _, r := range rows {
		d.Secrets = append(d.Secrets, registry.SecretMark{Key: r.Key, SetAt: r.SetAt.UTC(), SetBy: r.SetBy.V})
	}
	return err
}

// Secrets opens the sealed values of a submission.
func (r Registry) Secrets(ctx context.Context, scope registry.Scope, id string) ([]registry.Secret, error) {
	var rows []secretRow
	err := r.selectAll(ctx, &rows, `
		SELECT x.secret_key, x.value_sealed, x.set_at, x.set_by
		  FROM submission_secrets x JOIN submissions s ON s.id = x.submission_id
		 WHERE `+inScope+` AND s.id = $3
		 ORDER BY x.secret_key`, scope.OrgID, scope.All, id)
	if err != nil {
		return nil, fmt.Errorf("read secrets of %s: %w", id, err)
	}
	return mapRows(rows, func(row secretRow) (registry.Secret, error) {
		value, err := r.keys.Open(secretPlace(id, row.Key), row.Sealed)
		return registry.Secret{Key: row.Key, Value: value, SetAt: row.SetAt.UTC(), SetBy: row.SetBy.V}, err
	})
}

func (t *Tx) saveSecrets(ctx context.Context, submissionID string, secrets []registry.Secret) error {
	for _, s := range secrets {
		if err := t.saveSecret(ctx, submissionID, s); err != nil {
			return fmt.Errorf("save secret %s: %w", s.Key, err)
		}
	}
	return nil
}

func (t *Tx) saveSecret(ctx context.Context, submissionID string, s registry.Secret) error {
	if s.Value.IsZero() {
		_, err := t.exec(ctx, `DELETE FROM submission_secrets WHERE submission_id = $1 AND secret_key = $2`, submissionID, s.Key)
		return err
	}
	sealed, err := t.store.keys.Seal(secretPlace(submissionID, s.Key), s.Value)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO submission_secrets (submission_id, secret_key, value_sealed, set_at, set_by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (submission_id, secret_key) DO UPDATE SET value_sealed = excluded.value_sealed, set_at = excluded.set_at, set_by = excluded.set_by`,
		submissionID, s.Key, sealed, s.SetAt, asJSON[registry.Person]{s.SetBy})
	return err
}
