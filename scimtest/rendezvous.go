package scimtest

import (
	"sync"
	"time"
)

// rendezvous lets two requests that come at the same time see the same state, as two workers do that read before either
// has written. Who comes alone waits a moment and goes on.
type rendezvous struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
}

const moment = 50 * time.Millisecond

func newRendezvous() *rendezvous { return &rendezvous{waiting: map[string]chan struct{}{}} }

// meet returns when another exchange has come for the same key, or after a moment.
func (m *rendezvous) meet(x *exchange, key string) {
	m.mu.Lock()
	if other, there := m.waiting[key]; there {
		delete(m.waiting, key)
		m.mu.Unlock()
		close(other)
		return
	}
	mine := make(chan struct{})
	m.waiting[key] = mine
	m.mu.Unlock()
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-mine:
		return
	case <-timer.C:
	case <-x.r.Context().Done():
	}
	m.mu.Lock()
	if m.waiting[key] == mine {
		delete(m.waiting, key)
	}
	m.mu.Unlock()
}
