package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/registry"
)

type mailRow struct {
	ID           string          `db:"id"`
	Kind         registry.MailID `db:"kind"`
	Recipients   string          `db:"recipients"`
	Subject      string          `db:"subject"`
	Body         string          `db:"body"`
	SubmissionID string          `db:"submission_id"`
	OrgID        string          `db:"org_id"`
	CreatedAt    time.Time       `db:"created_at"`
}

func (r mailRow) mail() (registry.Mail, error) {
	return registry.Mail{
		ID: r.ID, Kind: r.Kind, To: strings.Split(r.Recipients, "\n"), Subject: r.Subject, Body: r.Body,
		SubmissionID: r.SubmissionID, OrgID: r.OrgID, CreatedAt: r.CreatedAt.UTC(),
	}, nil
}

// Outbox reads the newest mails of the whole network, for its operators.
func (r Registry) Outbox(ctx context.Context, limit int) ([]registry.Mail, error) {
	var rows []mailRow
	if err := r.selectAll(ctx, &rows, `
		SELECT id, kind, recipients, subject, body, submission_id, org_id, created_at
		  FROM mails ORDER BY created_at DESC, id DESC LIMIT $1`, limit); err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return mapRows(rows, mailRow.mail)
}

func (t *Tx) addMails(ctx context.Context, mails []registry.Mail) error {
	for _, m := range mails {
		if _, err := t.exec(ctx, `
			INSERT INTO mails (id, kind, recipients, subject, body, submission_id, org_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			m.ID, string(m.Kind), strings.Join(m.To, "\n"), m.Subject, m.Body, m.SubmissionID, m.OrgID, m.CreatedAt); err != nil {
			return fmt.Errorf("add mail %s: %w", m.Kind, err)
		}
	}
	return nil
}

// readers selects the addresses of each audience; $1 and $2 are roles, $3 is the org or the integration.
var readers = map[registry.Audience]struct {
	where string
	roles [2]access.Role
}{
	registry.OrgAdmins:      {`u.org_id = $3`, [2]access.Role{access.Vendor, access.Vendor}},
	registry.TeamMembers:    {`$3 = ''`, [2]access.Role{access.Reviewer, access.QA}},
	registry.CustomerAdmins: {`u.org_id IN (SELECT org_id FROM installations WHERE integration_id = $3 AND gone_at IS NULL)`, [2]access.Role{access.CustomerAdmin, access.CustomerAdmin}},
}

// Addresses finds who reads a mail. Installations and people are other rooms' tables; only addresses leave here.
func (r Registry) Addresses(ctx context.Context, audience registry.Audience, id string) ([]string, error) {
	a, ok := readers[audience]
	if !ok {
		return nil, fmt.Errorf("find addresses: there is no audience %q", audience)
	}
	var addresses []string
	err := r.selectAll(ctx, &addresses, `
		SELECT DISTINCT u.email FROM users u JOIN user_roles x ON x.user_id = u.id
		 WHERE x.role IN ($1, $2) AND `+a.where+` ORDER BY u.email`, string(a.roles[0]), string(a.roles[1]), id)
	if err != nil {
		return nil, fmt.Errorf("find addresses of %s: %w", audience, err)
	}
	return addresses, nil
}
