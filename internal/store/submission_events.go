package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/registry"
)

const eventColumns = `id, submission_id, integration_id, org_id, number, version, part, spec_row, action, from_state, to_state, at,
	actor_id, actor_name, team, note, hash, worked, mails`

type eventRow struct {
	ID            string          `db:"id"`
	SubmissionID  string          `db:"submission_id"`
	IntegrationID string          `db:"integration_id"`
	OrgID         string          `db:"org_id"`
	Number        int             `db:"number"`
	Version       int64           `db:"version"`
	Part          int             `db:"part"`
	SpecRow       string          `db:"spec_row"`
	Action        registry.Action `db:"action"`
	From          registry.State  `db:"from_state"`
	To            registry.State  `db:"to_state"`
	At            time.Time       `db:"at"`
	ActorID       string          `db:"actor_id"`
	ActorName     string          `db:"actor_name"`
	Team          bool            `db:"team"`
	Note          string          `db:"note"`
	Hash          string          `db:"hash"`
	Worked        int64           `db:"worked"`
	Mails         string          `db:"mails"`
}

func (r eventRow) event() (registry.Event, error) {
	return registry.Event{
		ID: r.ID, SubmissionID: r.SubmissionID, IntegrationID: r.IntegrationID, OrgID: r.OrgID, Number: r.Number, Row: r.SpecRow,
		Action: r.Action, From: r.From, To: r.To, At: r.At.UTC(), ActorID: r.ActorID, ActorName: r.ActorName, Team: r.Team,
		Note: r.Note, Hash: r.Hash, Worked: time.Duration(r.Worked), Mails: split[registry.MailID](r.Mails),
	}, nil
}

// History reads a submission's events in the order in which they happened. Of a deleted draft nothing is shown.
func (r Registry) History(ctx context.Context, scope registry.Scope, id string) (events []registry.Event, err error) {
	err = r.snapshot(ctx, func(tx *Tx) error {
		if _, err := tx.submission(ctx, scope, id); err != nil {
			return err
		}
		var rows []eventRow
		if err := tx.selectAll(ctx, &rows, `SELECT `+eventColumns+` FROM submission_events WHERE submission_id = $1 ORDER BY version, part`, id); err != nil {
			return fmt.Errorf("read history of %s: %w", id, err)
		}
		events, err = mapRows(rows, eventRow.event)
		return err
	})
	return events, err
}

func (t *Tx) addEvents(ctx context.Context, version int64, events []registry.Event) error {
	for part, e := range events {
		if _, err := t.exec(ctx, `INSERT INTO submission_events (`+eventColumns+`) VALUES `+within(1, 19),
			e.ID, e.SubmissionID, e.IntegrationID, e.OrgID, e.Number, version, part, e.Row, string(e.Action), string(e.From), string(e.To), e.At,
			e.ActorID, e.ActorName, e.Team, e.Note, e.Hash, int64(e.Worked), joined(e.Mails)); err != nil {
			return fmt.Errorf("add event %s: %w", e.Action, err)
		}
	}
	return nil
}

// Pace counts what is ahead in a state's queue, and reads how long the team took for its last 50 decisions there and
// how many people have decided since then.
func (r Registry) Pace(ctx context.Context, state registry.State, before time.Time, exceptID string, since time.Time) (p registry.Pace, err error) {
	err = r.snapshot(ctx, func(tx *Tx) error {
		if err := tx.get(ctx, &p.Ahead, `SELECT count(*) FROM submissions WHERE state = $1 AND queued_at < $2 AND id <> $3`, string(state), before, exceptID); err != nil {
			return err
		}
		var worked []int64
		if err := tx.selectAll(ctx, &worked, `SELECT worked FROM submission_events WHERE from_state = $1 AND `+decided+` ORDER BY at DESC LIMIT 50`, string(state)); err != nil {
			return err
		}
		for _, w := range worked {
			p.Work = append(p.Work, time.Duration(w))
		}
		return tx.get(ctx, &p.Reviewers, `SELECT count(DISTINCT actor_id) FROM submission_events WHERE from_state = $1 AND at >= $2 AND `+decided, string(state), since)
	})
	if err != nil {
		return registry.Pace{}, fmt.Errorf("read the pace of %s: %w", state, err)
	}
	return p, nil
}

// decided picks the events with which the team has ended its turn.
const decided = `team AND to_state <> from_state`
