package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"slipway/internal/provision"
)

// groupCommit stores what several callers record at the same time in one transaction. The first who comes leads:
// it commits its own entry, then whatever has gathered meanwhile, until nothing has. An entry is durable when its
// caller gets the answer, alone or in company.
type groupCommit struct {
	mu      sync.Mutex
	waiting []*recording
	led     bool          // somebody is committing
	last    int           // the size of the last group; 0 after a moment in which nobody waited
	enough  chan struct{} // closed when as many wait; nil unless the leader looks out for company

	statements *entryStatements // the leader's
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
	if g.enough != nil && len(g.waiting) >= g.last {
		close(g.enough)
		g.enough = nil
	}
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
		p.commits.gather()
		group := p.commits.take()
		if len(group) == 0 {
			return
		}
		p.commitGroup(ctx, group)
	}
}

// gather waits a moment for as much company as the group before had: while entries come faster than they are
// stored, larger groups cost less. When a target is slow entries come one by one, and none of them waits.
func (g *groupCommit) gather() {
	g.mu.Lock()
	enough := make(chan struct{})
	if len(g.waiting) < g.last {
		g.enough = enough
	} else {
		close(enough)
	}
	g.mu.Unlock()
	select {
	case <-enough:
	case <-time.After(gatherFor):
	}
}

// gatherFor is the longest wait for company, a small part of what an answer over a network takes.
const gatherFor = 2 * time.Millisecond

// take returns the next group; with none the caller leads no more.
func (g *groupCommit) take() []*recording {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), largestGroup)
	group := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.led, g.last, g.enough = n > 0, n, nil
	return group
}

// commitGroup answers everybody in the group. If one entry makes the database refuse, all are tried alone, so that
// only that one fails.
func (p *Provisioning) commitGroup(ctx context.Context, group []*recording) {
	answers := make([]error, len(group))
	err := p.prepare(ctx)
	if err == nil {
		err = p.tx(ctx, func(tx *Tx) error { return tx.record(ctx, p.commits.statements, group, answers) })
	}
	if err != nil && len(group) > 1 {
		for _, r := range group {
			p.commitGroup(ctx, []*recording{r})
		}
		return
	}
	if isUnique(err) { // the one unique index that an entry can meet is that of links
		err = provision.ErrLinked
	}
	for n, r := range group {
		if err != nil {
			answers[n] = err
		}
		r.done <- answers[n]
	}
}

// record writes the entries whose lease holds. An answer is the caller's own; an error is the database's.
func (t *Tx) record(ctx context.Context, s *entryStatements, group []*recording, answers []error) error {
	w := s.in(ctx, t)
	held := map[provision.Lease]bool{}
	for n, r := range group {
		holds, known := held[r.lease]
		if !known {
			var err error
			if holds, err = w.holds(ctx, r.lease); err != nil {
				return err
			}
			held[r.lease] = holds
		}
		if !holds {
			answers[n] = provision.ErrLeaseLost
			continue
		}
		var err error
		if answers[n], err = w.write(ctx, r.entry); err != nil {
			return fmt.Errorf("record operation %s: %w", r.entry.Operation.ID, err)
		}
	}
	return nil
}

// entryStatements are the statements of an entry, prepared once for the process. They end with its connections.
type entryStatements struct {
	lease, begin, operation, link, exchanges *sqlx.Stmt
}

// prepare makes the statements before the first group. It is outside of a transaction: see Store.tx.
func (p *Provisioning) prepare(ctx context.Context) error {
	if p.commits.statements != nil {
		return nil
	}
	var s entryStatements
	for _, each := range []struct {
		statement **sqlx.Stmt
		text      string
	}{{&s.lease, readLease + p.dialect.lockRow}, {&s.begin, beginOperation}, {&s.operation, saveOperation}, {&s.link, saveLink}, {&s.exchanges, addExchanges}} {
		prepared, err := p.w.PreparexContext(ctx, p.dialect.q(each.text)) //nolint:sqlclosecheck // it lives as long as the pool
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		*each.statement = prepared
	}
	p.commits.statements = &s
	return nil
}

// in returns the statements as they run in the transaction.
func (s *entryStatements) in(ctx context.Context, t *Tx) *entryStatements {
	return &entryStatements{
		lease: t.raw.StmtxContext(ctx, s.lease), begin: t.raw.StmtxContext(ctx, s.begin), operation: t.raw.StmtxContext(ctx, s.operation),
		link: t.raw.StmtxContext(ctx, s.link), exchanges: t.raw.StmtxContext(ctx, s.exchanges),
	}
}

// readLease keeps the lease as it is until the transaction ends.
const readLease = `SELECT lease_token FROM installations WHERE id = $1`

// holds reports whether the lease is the newest.
func (s *entryStatements) holds(ctx context.Context, lease provision.Lease) (bool, error) {
	var token int64
	err := s.lease.QueryRowContext(ctx, lease.InstallationID).Scan(&token)
	if isNoRow(err) {
		return false, nil
	}
	return token == lease.Token, err
}

// saveOperation changes no row when a newer plan has replaced the operation. "abandoned" is the planner's alone.
const saveOperation = `
	UPDATE operations
	   SET state = $3, remote_id = $4, note = $5, tries = $6, attempts = $7, looked_at = $8, not_before = $9, ended_at = $10
	 WHERE id = $1 AND installation_id = $2 AND ended_at IS NULL`

// beginOperation is what saveOperation is before the first try: nothing else can have changed by then.
const beginOperation = `
	UPDATE operations SET state = 'sending', looked_at = $3, not_before = $4
	 WHERE id = $1 AND installation_id = $2 AND ended_at IS NULL`

const addExchanges = `INSERT INTO exchanges (operation_id, exchanges) VALUES ($1, $2)`

func (s *entryStatements) write(ctx context.Context, e provision.Entry) (answer, err error) {
	op := e.Operation
	result, err := s.writeOperation(ctx, op)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return provision.ErrSuperseded, err
	}
	if e.Link != nil {
		if err := s.writeLink(ctx, *e.Link); err != nil {
			return nil, err
		}
	}
	if len(e.Exchanges) == 0 {
		return nil, nil
	}
	exchanges, err := jsonList(e.Exchanges)
	if err != nil {
		return nil, err
	}
	_, err = s.exchanges.ExecContext(ctx, op.ID, exchanges)
	return nil, err
}

func (s *entryStatements) writeOperation(ctx context.Context, op provision.Operation) (sql.Result, error) {
	if op.State == provision.Sending && op.Tries == 0 && len(op.Attempts) == 0 {
		return s.begin.ExecContext(ctx, op.ID, op.InstallationID, orNull(op.LookedAt), orNull(op.NotBefore))
	}
	attempts, err := jsonList(op.Attempts)
	if err != nil {
		return nil, err
	}
	return s.operation.ExecContext(ctx, op.ID, op.InstallationID, string(op.State), op.RemoteID, op.Note, op.Tries, attempts,
		orNull(op.LookedAt), orNull(op.NotBefore), orNull(op.EndedAt))
}

func (s *entryStatements) writeLink(ctx context.Context, l provision.Link) error {
	sent, err := json.Marshal(l.Sent)
	if err != nil {
		return err
	}
	_, err = s.link.ExecContext(ctx, l.InstallationID, l.PersonID, l.RemoteID, string(l.Origin), string(l.Active), l.Gone, string(sent), l.UpdatedAt)
	return err
}

// jsonList encodes a list; an empty one is [] and not null.
func jsonList[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}
