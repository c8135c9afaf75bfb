package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/provision"
	"slipway/internal/target"
)

const operationColumns = `id, installation_id, person_id, kind, state, changes, remote_id, note, tries, attempts, looked_at, abandoned,
	not_before, planned_at, ended_at`

type operationRow struct {
	ID             string     `db:"id"`
	InstallationID string     `db:"installation_id"`
	PersonID       string     `db:"person_id"`
	Kind           string     `db:"kind"`
	State          string     `db:"state"`
	Changes        []byte     `db:"changes"`
	RemoteID       string     `db:"remote_id"`
	Note           string     `db:"note"`
	Tries          int        `db:"tries"`
	Attempts       []byte     `db:"attempts"`
	LookedAt       *time.Time `db:"looked_at"`
	Abandoned      bool       `db:"abandoned"`
	NotBefore      *time.Time `db:"not_before"`
	PlannedAt      time.Time  `db:"planned_at"`
	EndedAt        *time.Time `db:"ended_at"`
}

func (r operationRow) operation() (provision.Operation, error) {
	op := provision.Operation{
		ID: r.ID, InstallationID: r.InstallationID, PersonID: r.PersonID, Kind: provision.Kind(r.Kind), State: provision.State(r.State),
		RemoteID: r.RemoteID, Note: r.Note, Tries: r.Tries, LookedAt: orZero(r.LookedAt), Abandoned: r.Abandoned,
		NotBefore: orZero(r.NotBefore), PlannedAt: r.PlannedAt.UTC(), EndedAt: orZero(r.EndedAt),
	}
	err := json.Unmarshal(r.Changes, &op.Changes)
	if string(r.Attempts) != "[]" {
		err = errors.Join(err, json.Unmarshal(r.Attempts, &op.Attempts))
	}
	if err != nil {
		return op, fmt.Errorf("read operation %s: %w", r.ID, err)
	}
	return op, nil
}

const linkColumns = `installation_id, person_id, remote_id, origin, active, gone, sent, updated_at`

type linkRow struct {
	InstallationID string    `db:"installation_id"`
	PersonID       string    `db:"person_id"`
	RemoteID       string    `db:"remote_id"`
	Origin         string    `db:"origin"`
	Active         string    `db:"active"`
	Gone           bool      `db:"gone"`
	Sent           []byte    `db:"sent"`
	UpdatedAt      time.Time `db:"updated_at"`
}

func (r linkRow) link() (provision.Link, error) {
	link := provision.Link{
		InstallationID: r.InstallationID, PersonID: r.PersonID, RemoteID: r.RemoteID, Origin: provision.Origin(r.Origin),
		Active: provision.Switch(r.Active), Gone: r.Gone, Sent: target.Profile{}, UpdatedAt: r.UpdatedAt.UTC(),
	}
	if err := json.Unmarshal(r.Sent, &link.Sent); err != nil {
		return link, fmt.Errorf("read link of %s: %w", r.PersonID, err)
	}
	return link, nil
}

// within is a list of n placeholders from $first on, for IN.
func within(first, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(",$" + strconv.Itoa(first+i))
	}
	return "(" + strings.TrimPrefix(b.String(), ",") + ")"
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}

type ticketRow struct {
	operationRow
	Profile []byte `db:"profile"` // NULL for a person who is no more
}

func (r ticketRow) ticket() (provision.Ticket, error) {
	op, err := r.operation()
	if err != nil {
		return provision.Ticket{}, err
	}
	ticket := provision.Ticket{Operation: op, PersonName: op.PersonID}
	if r.Profile == nil {
		return ticket, nil
	}
	var profile directory.Profile
	if err := json.Unmarshal(r.Profile, &profile); err != nil {
		return ticket, fmt.Errorf("read person %s: %w", op.PersonID, err)
	}
	ticket.PersonName, ticket.UserName = profile.Name(), profile.UserName
	return ticket, nil
}

const selectTickets = `
	SELECT o.id, o.installation_id, o.person_id, o.kind, o.state, o.changes, o.remote_id, o.note, o.tries, o.attempts, o.looked_at,
	       o.abandoned, o.not_before, o.planned_at, o.ended_at, p.profile
	  FROM operations o
	  JOIN installations i ON i.id = o.installation_id AND i.org_id = $2
	  LEFT JOIN people p ON p.id = o.person_id AND p.org_id = i.org_id
	 WHERE o.installation_id = $1`

// Operations pages from the newest on.
func (p *Provisioning) Operations(ctx context.Context, i provision.Installation, q provision.OperationQuery) ([]provision.Ticket, error) {
	at, id, err := readCursor(q.Before)
	if err != nil {
		return nil, err
	}
	args := []any{i.ID, i.OrgID, q.PersonID, at, id, q.Count()}
	states := ""
	if len(q.States) > 0 {
		states = ` AND o.state IN ` + within(7, len(q.States))
		for _, state := range q.States {
			args = append(args, string(state))
		}
	}
	var rows []ticketRow
	err = p.selectAll(ctx, &rows, selectTickets+` AND ($3 = '' OR o.person_id = $3) AND (o.planned_at, o.id) < ($4, $5)`+states+`
		 ORDER BY o.planned_at DESC, o.id DESC LIMIT $6`, args...)
	if err != nil {
		return nil, fmt.Errorf("list operations of %s: %w", i.ID, err)
	}
	list := make([]provision.Ticket, 0, len(rows))
	for _, row := range rows {
		ticket, err := row.ticket()
		if err != nil {
			return nil, err
		}
		list = append(list, ticket)
	}
	return list, nil
}

// farFuture lies after every operation.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// readCursor takes apart what provision.Ticket.Cursor makes.
func readCursor(cursor string) (time.Time, string, error) {
	if cursor == "" {
		return farFuture, "", nil
	}
	at, id, _ := strings.Cut(cursor, "~")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return time.Time{}, "", fault.New(fault.Invalid, "This page does not exist any more. Begin with the first one.")
	}
	return time.UnixMicro(micros).UTC(), id, nil
}

// Operation finds one, with what was exchanged for it.
func (p *Provisioning) Operation(ctx context.Context, i provision.Installation, id string) (provision.Record, error) {
	var row ticketRow
	if err := p.get(ctx, &row, selectTickets+` AND o.id = $3`, i.ID, i.OrgID, id); err != nil {
		return provision.Record{}, err
	}
	ticket, err := row.ticket()
	if err != nil {
		return provision.Record{}, err
	}
	record := provision.Record{Ticket: ticket}
	var texts [][]byte
	if err := p.selectAll(ctx, &texts, `SELECT exchanges FROM exchanges WHERE operation_id = $1`, id); err != nil {
		return record, fmt.Errorf("read exchanges of %s: %w", id, err)
	}
	for _, text := range texts {
		var exchanges []egress.Exchange
		if err := json.Unmarshal(text, &exchanges); err != nil {
			return record, fmt.Errorf("read exchanges of %s: %w", id, err)
		}
		record.Exchanges = append(record.Exchanges, exchanges...)
	}
	slices.SortStableFunc(record.Exchanges, func(a, b egress.Exchange) int { return a.Started.Compare(b.Started) })
	return record, nil
}

// CountOperations counts by state.
func (p *Provisioning) CountOperations(ctx context.Context, i provision.Installation) (map[provision.State]int, error) {
	var rows []struct {
		State string `db:"state"`
		N     int    `db:"n"`
	}
	err := p.selectAll(ctx, &rows, `
		SELECT o.state, count(*) AS n FROM operations o JOIN installations i ON i.id = o.installation_id
		 WHERE o.installation_id = $1 AND i.org_id = $2 GROUP BY o.state`, i.ID, i.OrgID)
	counts := map[provision.State]int{}
	for _, row := range rows {
		counts[provision.State(row.State)] = row.N
	}
	return counts, err
}

// Decide ends a held or failed operation, and links the account where it is adopted. A new plan follows an adoption.
func (p *Provisioning) Decide(ctx context.Context, i provision.Installation, d provision.Decision) error {
	err := p.tx(ctx, func(tx *Tx) error {
		if err := tx.lockInstallation(ctx, i); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `
			UPDATE operations SET state = 'superseded', note = $3, ended_at = $4
			 WHERE id = $1 AND installation_id = $2 AND state IN ('held', 'failed')`, d.OperationID, i.ID, d.Note, d.Now)
		if err != nil {
			return fmt.Errorf("decide %s: %w", d.OperationID, err)
		}
		if n == 0 {
			return provision.ErrDecided
		}
		if d.Adopt == nil {
			return nil
		}
		// Somebody who is no longer assigned may have had the account before.
		if _, err := tx.exec(ctx, `
			DELETE FROM links WHERE installation_id = $1 AND remote_id = $2 AND person_id <> $3
			   AND person_id NOT IN (SELECT a.person_id FROM assignments a WHERE a.installation_id = $1)`,
			i.ID, d.Adopt.RemoteID, d.Adopt.PersonID); err != nil {
			return fmt.Errorf("adopt %s: %w", d.Adopt.RemoteID, err)
		}
		if err := tx.saveLink(ctx, *d.Adopt); err != nil {
			return err
		}
		return tx.planPeople(ctx, i, []string{d.Adopt.PersonID})
	})
	if isUnique(err) {
		return fault.New(fault.Conflict, "This account belongs to another person who has the app. Unassign that person first.")
	}
	return err
}

// lockInstallation keeps drains and plans of the installation out until the transaction ends.
func (t *Tx) lockInstallation(ctx context.Context, i provision.Installation) error {
	var id string
	return t.get(ctx, &id, `SELECT id FROM installations WHERE id = $1 AND org_id = $2`+t.store.dialect.lockRow, i.ID, i.OrgID)
}

// RetryFailed plans again for everybody whose newest operation failed.
func (p *Provisioning) RetryFailed(ctx context.Context, i provision.Installation, _ time.Time) (n int, err error) {
	err = p.tx(ctx, func(tx *Tx) error {
		var ids []string
		if err := tx.selectAll(ctx, &ids, `
			SELECT person_id FROM operations o
			 WHERE installation_id = $1 AND state = 'failed' AND id = (
			       SELECT id FROM operations n WHERE n.installation_id = o.installation_id AND n.person_id = o.person_id
			        ORDER BY planned_at DESC, id DESC LIMIT 1)
			 ORDER BY person_id`, i.ID); err != nil {
			return fmt.Errorf("find failed operations of %s: %w", i.ID, err)
		}
		n = len(ids)
		return tx.planPeople(ctx, i, ids)
	})
	return n, err
}
