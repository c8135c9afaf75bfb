package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"

	"slipway/internal/provision"
)

// groupCommit stores what several callers record at the same time in one transaction. The first who comes leads:
// it commits its own entry, then whatever has gathered meanwhile, until nothing has. An entry is durable when its
// caller gets the answer, alone or in company.
type groupCommit struct {
	mu      sync.Mutex
	waiting []*recording
	led     bool // somebody is committing
}

type recording struct {
	lease provision.Lease
	entry provision.Entry
	done  chan error
}

// largestGroup keeps a transaction short: others want to write as well.
const largestGroup = 64

// Record stores the entry, in company where there is some.
func (p *Provisioning) Record(ctx context.Context, lease provision.Lease, entry provision.Entry) error {
	r := &recording{lease, entry, make(chan error, 1)}
	g := &p.commits
	g.mu.Lock()
	g.waiting = append(g.waiting, r)
	lead := !g.led
	g.led = true
	g.mu.Unlock()
	if lead {
		p.lead(context.WithoutCancel(ctx)) // others' entries do not depend on this caller's patience
	}
	return <-r.done
}

// lead commits groups until nobody waits.
func (p *Provisioning) lead(ctx context.Context) {
	for {
		group := p.commits.take()
		if len(group) == 0 {
			return
		}
		p.commitGroup(ctx, group)
	}
}

// take returns the next group; with none the caller leads no more.
func (g *groupCommit) take() []*recording {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), largestGroup)
	group := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.led = n > 0
	return group
}

// commitGroup answers everybody in the group. If one entry makes the database refuse, all are tried alone, so that
// only that one fails.
func (p *Provisioning) commitGroup(ctx context.Context, group []*recording) {
	answers := make([]error, len(group))
	err := p.tx(ctx, func(tx *Tx) error { return tx.record(ctx, group, answers) })
	if err != nil && len(group) > 1 {
		for _, r := range group {
			p.commitGroup(ctx, []*recording{r})
		}
		return
	}
	for n, r := range group {
		if err != nil {
			answers[n] = err
		}
		r.done <- answers[n]
	}
}

// record writes the entries whose lease holds. An answer is the caller's own; an error is the database's.
func (t *Tx) record(ctx context.Context, group []*recording, answers []error) error {
	w, err := t.entryWriter(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	held := map[provision.Lease]bool{}
	for n, r := range group {
		holds, known := held[r.lease]
		if !known {
			if holds, err = t.holds(ctx, r.lease); err != nil {
				return err
			}
			held[r.lease] = holds
		}
		if !holds {
			answers[n] = provision.ErrLeaseLost
			continue
		}
		if answers[n], err = w.write(ctx, r.entry); err != nil {
			return fmt.Errorf("record operation %s: %w", r.entry.Operation.ID, err)
		}
	}
	return nil
}

// holds reports whether the lease is the newest, and keeps it so until the transaction ends.
func (t *Tx) holds(ctx context.Context, lease provision.Lease) (bool, error) {
	var token int64
	err := t.get(ctx, &token, `SELECT lease_token FROM installations WHERE id = $1`+t.store.dialect.lockRow, lease.InstallationID)
	return token == lease.Token, err
}

// entryWriter has the statements of an entry prepared once for a group.
type entryWriter struct {
	operation, link, exchanges *sqlx.Stmt
}

func (t *Tx) entryWriter(ctx context.Context) (*entryWriter, error) {
	w := &entryWriter{}
	for _, p := range []struct {
		statement **sqlx.Stmt
		text      string
	}{{&w.operation, saveOperation}, {&w.link, saveLink}, {&w.exchanges, addExchanges}} {
		prepared, err := t.raw.PreparexContext(ctx, t.store.dialect.q(p.text))
		if err != nil {
			w.close()
			return nil, fmt.Errorf("prepare: %w", err)
		}
		*p.statement = prepared
	}
	return w, nil
}

func (w *entryWriter) close() {
	for _, statement := range []*sqlx.Stmt{w.operation, w.link, w.exchanges} {
		if statement != nil {
			_ = statement.Close() // the transaction's end frees it anyway
		}
	}
}

// saveOperation changes no row when a newer plan has replaced the operation. "abandoned" is the planner's alone.
const saveOperation = `
	UPDATE operations
	   SET state = $3, remote_id = $4, note = $5, tries = $6, attempts = $7, looked_at = $8, not_before = $9, ended_at = $10
	 WHERE id = $1 AND installation_id = $2 AND state IN ('planned', 'sending')`

const addExchanges = `
	INSERT INTO exchanges (operation_id, position, exchanges)
	VALUES ($1, (SELECT count(*) FROM exchanges WHERE operation_id = $1), $2)`

func (w *entryWriter) write(ctx context.Context, e provision.Entry) (answer, err error) {
	op := e.Operation
	attempts := []byte("[]")
	if len(op.Attempts) > 0 {
		if attempts, err = json.Marshal(op.Attempts); err != nil {
			return nil, err
		}
	}
	result, err := w.operation.ExecContext(ctx, op.ID, op.InstallationID, op.State, op.RemoteID, op.Note, op.Tries, string(attempts),
		orNull(op.LookedAt), orNull(op.NotBefore), orNull(op.EndedAt))
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return provision.ErrSuperseded, err
	}
	if l := e.Link; l != nil {
		sent, err := json.Marshal(l.Sent)
		if err != nil {
			return nil, err
		}
		if _, err := w.link.ExecContext(ctx, l.InstallationID, l.PersonID, l.RemoteID, l.Origin, l.Active, l.Gone, string(sent), l.UpdatedAt); err != nil {
			return nil, err
		}
	}
	if len(e.Exchanges) == 0 {
		return nil, nil
	}
	exchanges, err := json.Marshal(e.Exchanges)
	if err != nil {
		return nil, err
	}
	_, err = w.exchanges.ExecContext(ctx, op.ID, string(exchanges))
	return nil, err
}
