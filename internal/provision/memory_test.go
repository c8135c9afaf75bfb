package provision

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"slipway/internal/egress"
)

// memory is a ledger without a disk, as small as its contract allows. What it holds survives the drainers that
// the tests let die. The ledger in SQL is held to the same tests in package store.
type memory struct {
	mu         sync.Mutex
	operations map[string]Operation
	links      map[string]Link // by person
	exchanges  map[string][]egress.Exchange
	token      int64
	leased     time.Time // until
	paused     string
	throttled  time.Time
	serial     int
}

func newMemory() *memory {
	return &memory{operations: map[string]Operation{}, links: map[string]Link{}, exchanges: map[string][]egress.Exchange{}}
}

var _ Ledger = (*memory)(nil)

func (m *memory) Lease(_ context.Context, installationID, _ string, now time.Time, ttl time.Duration) (Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leased.After(now) {
		return Lease{}, ErrLeased
	}
	m.token++
	m.leased = now.Add(ttl)
	return Lease{InstallationID: installationID, Token: m.token, Paused: m.paused != "", Throttled: m.throttled}, nil
}

func (m *memory) Renew(_ context.Context, l Lease, now time.Time, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return ErrLeaseLost
	}
	m.leased = now.Add(ttl)
	return nil
}

func (m *memory) Release(_ context.Context, l Lease) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return ErrLeaseLost
	}
	m.leased = time.Time{}
	return nil
}

func (m *memory) Finish(_ context.Context, l Lease, now time.Time) (bool, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return false, time.Time{}, ErrLeaseLost
	}
	var next time.Time
	for _, op := range m.operations {
		if op.State.Ended() {
			continue
		}
		if !op.NotBefore.After(now) {
			return false, time.Time{}, nil
		}
		if next.IsZero() || op.NotBefore.Before(next) {
			next = op.NotBefore
		}
	}
	m.leased = time.Time{}
	return true, next, nil
}

func (m *memory) Tasks(_ context.Context, _ string, sel Selection) ([]Task, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []Task
	for _, op := range m.operations {
		if op.State != sel.State || sel.Kind != "" && op.Kind != sel.Kind || op.NotBefore.After(sel.Now) || op.ID <= sel.After {
			continue
		}
		task := Task{Operation: op}
		if l, ok := m.links[op.PersonID]; ok {
			task.Link = &l
		}
		page = append(page, task)
	}
	slices.SortFunc(page, func(a, b Task) int { return cmp.Compare(a.ID, b.ID) })
	return page[:min(len(page), sel.Limit)], nil
}

func (m *memory) LinkedTo(_ context.Context, _, remoteID string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.links {
		if l.RemoteID == remoteID {
			return l.PersonID, nil
		}
	}
	return "", nil
}

func (m *memory) Record(_ context.Context, l Lease, e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return ErrLeaseLost
	}
	if m.operations[e.Operation.ID].State.Ended() {
		return ErrSuperseded
	}
	abandoned := m.operations[e.Operation.ID].Abandoned // the planner's, whatever the drainer has in hand
	e.Operation.Abandoned = abandoned
	if e.Link != nil {
		for _, other := range m.links {
			if other.RemoteID == e.Link.RemoteID && other.PersonID != e.Link.PersonID {
				return ErrLinked
			}
		}
		m.links[e.Link.PersonID] = *e.Link
	}
	m.operations[e.Operation.ID] = e.Operation
	m.exchanges[e.Operation.ID] = append(m.exchanges[e.Operation.ID], e.Exchanges...)
	return nil
}

func (m *memory) Throttle(_ context.Context, l Lease, until time.Time, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return ErrLeaseLost
	}
	m.throttled = until
	return nil
}

func (m *memory) Pause(_ context.Context, l Lease, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.Token != m.token {
		return ErrLeaseLost
	}
	m.paused = reason
	return nil
}

// plan does what the store does in one transaction: read, revise, write.
func (m *memory) plan(desired []Desired, features Features) Revision {
	m.mu.Lock()
	defer m.mu.Unlock()
	situation := Situation{Desired: desired, Links: slices.Collect(maps.Values(m.links))}
	for _, id := range slices.Sorted(maps.Keys(m.operations)) {
		if op := m.operations[id]; op.State == Planned || op.State == Sending || op.State == Held {
			situation.Open = append(situation.Open, op)
		}
	}
	revision := Revise("ins_1", situation, features)
	for _, id := range revision.Supersede {
		op := m.operations[id]
		op.State = Superseded
		m.operations[id] = op
	}
	for _, id := range revision.Abandon {
		op := m.operations[id]
		op.Abandoned = true
		m.operations[id] = op
	}
	for _, link := range revision.Doubt {
		m.links[link.PersonID] = link
	}
	for _, op := range revision.Add {
		m.serial++
		op.ID, op.State = fmt.Sprintf("op_%06d", m.serial), Planned
		m.operations[op.ID] = op
	}
	return revision
}

func (m *memory) count(states ...State) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, op := range m.operations {
		if slices.Contains(states, op.State) {
			n++
		}
	}
	return n
}
