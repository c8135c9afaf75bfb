package provision

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// slots are the connections to a target: as many as requests may be under way at once. An operation takes one for
// a request and gives it back, so that the target does not wait while the ledger is written.
type slots struct {
	connect func(record func(egress.Exchange)) (target.Target, func(), error)
	free    chan *slot // unopened ones are nil
}

// slot is one connection. Whoever has it gets what is exchanged on it.
type slot struct {
	target target.Target
	close  func()
	holder *recorder
}

func newSlots(n int, connect func(record func(egress.Exchange)) (target.Target, func(), error)) *slots {
	s := &slots{connect, make(chan *slot, n)}
	for range n {
		s.free <- nil
	}
	return s
}

// closeAll waits for the slots that are in use.
func (s *slots) closeAll() {
	for range cap(s.free) {
		if slot := <-s.free; slot != nil {
			slot.close()
		}
	}
}

// errResting answers a request that was not sent, because the target is to be left alone.
var errResting = errors.New("the target is left alone")

// lent is the target as one operation sees it.
type lent struct {
	slots    *slots
	recorder *recorder
	resting  func() bool
	rest     func() // nothing more is to be sent in this drain
}

var _ target.Target = lent{}

// with lends a slot for one call.
func (l lent) with(ctx context.Context, call func(target.Target) error) error {
	var s *slot
	select {
	case s = <-l.slots.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.slots.free <- s }()
	if l.resting() {
		return errResting
	}
	if s == nil {
		s = &slot{}
		t, close, err := l.slots.connect(func(e egress.Exchange) { s.holder.add(e) })
		if err != nil {
			s = nil
			return &unrecorded{fmt.Errorf("connect: %w", err)}
		}
		s.target, s.close = t, close
	}
	s.holder = l.recorder
	err := call(s.target)
	if err != nil && wantsRest(target.FailureOf(err)) {
		l.rest() // before the next one gets the slot
	}
	return err
}

// wantsRest reports an answer after which every other request would be one too many.
func wantsRest(f *target.Failure) bool { return f.Kind == target.Busy || f.Kind == target.Denied }

func (l lent) Probe(ctx context.Context) error {
	return l.with(ctx, func(t target.Target) error { return t.Probe(ctx) })
}

func (l lent) FindUsers(ctx context.Context, by target.Attribute, value string) (users []scim.Resource, err error) {
	err = l.with(ctx, func(t target.Target) error {
		users, err = t.FindUsers(ctx, by, value)
		return err
	})
	return users, err
}

func (l lent) CreateUser(ctx context.Context, profile target.Profile, password secret.Text) (user scim.Resource, err error) {
	err = l.with(ctx, func(t target.Target) error {
		user, err = t.CreateUser(ctx, profile, password)
		return err
	})
	return user, err
}

func (l lent) UpdateUser(ctx context.Context, id string, changes []target.Change, active bool) error {
	return l.with(ctx, func(t target.Target) error { return t.UpdateUser(ctx, id, changes, active) })
}

func (l lent) SetActive(ctx context.Context, id string, active bool) error {
	return l.with(ctx, func(t target.Target) error { return t.SetActive(ctx, id, active) })
}
