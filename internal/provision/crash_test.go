package provision

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"slipway/internal/directory"
	"slipway/internal/target"
)

// reaper lets a process die at its n-th step. A step lies before and after each write to the ledger, and before
// and after each request takes effect: between any two of them a real process can be killed.
type reaper struct {
	mu   sync.Mutex
	left int
	dead bool
}

var errDead = errors.New("the process is dead")

// step reports whether the process is dead by now.
func (r *reaper) step() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left--; r.left == 0 {
		r.dead = true
	}
	return r.dead
}

// mortal is the ledger as a process sees it that is going to die.
type mortal struct {
	Ledger
	*reaper
}

func (m mortal) Record(ctx context.Context, l Lease, e Entry) error {
	return m.around(func() error { return m.Ledger.Record(ctx, l, e) })
}

func (m mortal) Throttle(ctx context.Context, l Lease, until time.Time, reason string) error {
	return m.around(func() error { return m.Ledger.Throttle(ctx, l, until, reason) })
}

func (m mortal) Pause(ctx context.Context, l Lease, reason string) error {
	return m.around(func() error { return m.Ledger.Pause(ctx, l, reason) })
}

func (m mortal) Release(ctx context.Context, l Lease) error {
	return m.around(func() error { return m.Ledger.Release(ctx, l) })
}

func (m mortal) Finish(ctx context.Context, l Lease, now time.Time) (done bool, next time.Time, err error) {
	err = m.around(func() error {
		done, next, err = m.Ledger.Finish(ctx, l, now)
		return err
	})
	return done, next, err
}

func (m mortal) around(write func() error) error {
	if m.step() {
		return errDead
	}
	err := write()
	if m.step() {
		return errDead
	}
	return err
}

// dies drains in a process that dies at its n-th step, with the faults that the target has anyway. It reports
// whether the process lived to the end.
func (w *world) dies(n, concurrency int) (lived bool) {
	w.t.Helper()
	r := &reaper{left: n}
	faults := w.vendor.fault
	w.vendor.fault = func(req request, applied bool) effect {
		if r.step() {
			return drop
		}
		if faults == nil {
			return fine
		}
		return faults(req, applied)
	}
	_, err := w.drainer(mortal{w.ledger, r}, concurrency).Drain(context.Background())
	w.vendor.fault = faults
	if !r.dead && err != nil {
		w.t.Fatalf("drain: %v", err)
	}
	w.now = w.now.Add(defaultLease) // a dead process's lease runs out
	return !r.dead
}

// check is the oracle (reliability B2): it looks at the target's accounts and journal, at the scenario, and at
// how the operations ended.
func (w *world) check() {
	w.t.Helper()
	for id, p := range w.people {
		want := Want(p, false)
		account := w.vendor.byName(w.t, p.UserName)
		if !p.Active || account == nil {
			continue
		}
		if active, _ := account.Active(); !active {
			w.t.Errorf("I1: the account of %s is switched off, want it on", id)
		}
		wanted := want.Profile
		if w.vendor.dropsExternalID {
			delete(wanted, "externalId")
		}
		if diff := target.Differences(account, wanted); len(diff) > 0 {
			w.t.Errorf("I1: the account of %s differs from what it should be: %v", id, diff)
		}
	}
	if open := w.ledger.count(Planned, Sending); open != 0 {
		w.t.Errorf("I4: %d operations have not ended", open)
	}
	w.checkJournal()
}

// allThere says who of the assigned people has no account.
func (w *world) allThere() {
	w.t.Helper()
	for id, p := range w.people {
		if p.Active && w.vendor.byName(w.t, p.UserName) == nil {
			w.t.Errorf("I1: %s has no account; the last operation is %+v", id, w.last(strings.TrimPrefix(id, "per_")))
		}
	}
}

func (w *world) checkJournal() {
	w.t.Helper()
	made := map[string]int{}
	unknown := map[string]bool{} // a POST of this name has had no certain answer, and nobody has looked since
	for i, line := range w.vendor.journal {
		switch line.method {
		case http.MethodGet:
			for known := range unknown {
				if strings.Contains(strings.ToLower(line.query.Get("filter")), known) && line.answered && line.status == http.StatusOK {
					delete(unknown, known)
				}
			}
		case http.MethodPost:
			name := strings.ToLower(line.body.UserName())
			if unknown[name] {
				w.t.Errorf("I5: line %d is a second POST for %s without a look-up", i, name)
			}
			unknown[name] = !line.answered || line.status >= http.StatusInternalServerError
			if line.applied {
				made[name]++
			}
		}
	}
	for name, n := range made {
		if n > 1 {
			w.t.Errorf("I2: %d accounts were made for %s", n, name)
		}
	}
	for _, violation := range w.vendor.violations {
		w.t.Errorf("I3: %s", violation)
	}
}

// guard makes the target notice when somebody in scope is switched off (I3).
func (w *world) guard() {
	w.vendor.inScope = func(userName string) bool {
		for _, p := range w.people {
			if p.Active && strings.EqualFold(p.UserName, userName) {
				return true
			}
		}
		return false
	}
}

// Covers: a process that dies at any step at all is followed by one that ends the work, and the
// target never has a second account.
func TestDyingAtEveryStep(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shape func(*world)
	}{
		{"PATCH", func(*world) {}},
		{"PUT", func(w *world) { w.dialect = target.Dialect{} }},
		{"a target that drops our id", func(w *world) { w.vendor.dropsExternalID = true }},
		{"a target that wants passwords", func(w *world) { w.vendor.wantsPassword = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for n := 1; ; n++ {
				w := newWorld(t)
				tt.shape(w)
				w.guard()
				stay, leave, back := person("stay", "stay"), person("leave", "leave"), person("back", "back")
				w.assign(stay, leave, back)
				w.settle()
				delete(w.people, back.ID)
				w.settle()
				stay.Title, stay.Email, back.Title = "Lead", "lead@example.com", "New"
				delete(w.people, leave.ID)
				w.assign(stay, back, person("new", "new"), person("newer", "newer"))
				w.plan()
				lived := w.dies(n, 1)
				w.settle()
				w.check()
				w.allThere()
				if active, _ := w.vendor.byName(t, "leave@example.com").Active(); active {
					t.Errorf("the account of the one who left is still on")
				}
				if t.Failed() {
					t.Fatalf("after dying at step %d", n)
				}
				if lived {
					t.Logf("%d steps", n-1)
					return
				}
			}
		})
	}
}

// scenario is the state machine for rapid: people come, go and change, targets fail, processes die, in any order.
type scenario struct{ *world }

func (s scenario) pick(t *rapid.T) directory.Person {
	n := rapid.IntRange(0, 4).Draw(t, "person")
	id := fmt.Sprintf("p%d", n)
	if p, ok := s.people["per_"+id]; ok {
		return p
	}
	return person(id, id)
}

func (s scenario) faults(t *rapid.T) {
	script := rapid.SliceOfN(rapid.SampledFrom([]effect{fine, fine, fine, drop, breakdown, tooMany, unauthorized}), 0, 12).Draw(t, "script")
	var mu sync.Mutex
	s.vendor.fault = func(r request, applied bool) effect {
		mu.Lock()
		defer mu.Unlock()
		if len(script) == 0 {
			return fine
		}
		e := script[0]
		script = script[1:]
		if applied && (e == tooMany || e == unauthorized) {
			return fine // a target that refuses has not done it
		}
		return e
	}
}

func (s scenario) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"assign": func(t *rapid.T) { s.assign(s.pick(t)) },
		"unassign": func(t *rapid.T) {
			delete(s.people, s.pick(t).ID)
		},
		"change": func(t *rapid.T) {
			p := s.pick(t)
			p.Title = rapid.SampledFrom([]string{"", "Lead", "Clerk"}).Draw(t, "title")
			p.Email = rapid.SampledFrom([]string{"x@example.com", "y@example.com"}).Draw(t, "email")
			if _, ok := s.people[p.ID]; ok {
				s.assign(p)
			}
		},
		"plan":   func(*rapid.T) { s.plan() },
		"faults": func(t *rapid.T) { s.faults(t) },
		"drain": func(t *rapid.T) {
			s.plan() // as the product does: nobody is drained by a plan from before the change
			s.ledger.paused = ""
			result, err := s.drainer(s.ledger, 1).Drain(context.Background())
			if err != nil {
				t.Fatalf("drain: %v", err)
			}
			if result.Next.After(s.now) {
				s.now = result.Next
			}
		},
		"die": func(t *rapid.T) {
			s.plan()
			s.ledger.paused = ""
			s.dies(rapid.IntRange(1, 40).Draw(t, "step"), rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(t, "concurrency"))
		},
		"": func(*rapid.T) { s.checkJournal() },
	}
}

// Covers I1 to I6 (reliability B2): whatever happens in whatever order, once the target behaves everything
// converges, every operation has ended, and nobody has two accounts.
func TestEverythingConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scenario{newWorld(rt)}
		s.guard()
		s.dialect = rapid.SampledFrom([]target.Dialect{target.ByPatch, {}}).Draw(rt, "dialect")
		s.vendor.dropsExternalID = rapid.Bool().Draw(rt, "drops external ids")
		rt.Repeat(s.actions())
		s.vendor.fault, s.ledger.paused = nil, ""
		s.settle()
		s.check()
		s.allThere()
		left := slices.DeleteFunc(s.vendor.names(), func(name string) bool {
			return s.vendor.inScope(name) || !s.vendor.isActive(name)
		})
		if len(left) > 0 {
			rt.Errorf("I1: the accounts %v are on, and nobody is assigned", left)
		}
	})
}
