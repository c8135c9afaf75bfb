package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/internal/egress"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// Drainer works the operations of one installation until none is due. It is the only one who writes to that
// target while it holds the lease.
type Drainer struct {
	Ledger         Ledger
	InstallationID string
	Owner          string // who holds the lease, for people to read; unique to the process
	Features       Features
	// Connect opens one connection to the target; record gets each exchange on it. It is called at most
	// Concurrency times in a drain.
	Connect     func(record func(egress.Exchange)) (t target.Target, close func(), err error)
	Concurrency int           // requests under way at once; 16 unless set
	Page        int           // operations read at a time; 200 unless set
	LeaseFor    time.Duration // 15 s unless set; prolonged while work goes on
	Grace       time.Duration // how long requests under way may take after ctx has ended; 5 s unless set
	Now         func() time.Time
	Password    func() secret.Text // a fresh one-time password
	Spread      func() float64     // a fresh number between 0 and 1
	Log         *slog.Logger
}

// Drained is how a drain ended.
type Drained struct {
	Ended  map[State]int // operations by how they ended
	Next   time.Time     // when there is something to do again by itself; zero: nothing is left
	Paused bool          // an admin has to do something first
}

const (
	defaultConcurrency = 16
	defaultTaskPage    = 200
	defaultLease       = 15 * time.Second
	defaultGrace       = 5 * time.Second
	breakAfter         = 5 // failures in a row after which the target counts as down
	perSlot            = 2 // operations for each connection: while one is on the wire, the other is in the ledger
)

// Drain takes the lease and works: first what a dead process left half done, then deactivations, then the rest.
// It returns ErrLeased if another process holds the lease, ErrLeaseLost if it lost it, and ctx's error if ctx
// ends; all of them leave the operations as they can be taken up again.
func (d *Drainer) Drain(ctx context.Context) (Drained, error) {
	d.setDefaults()
	lease, err := d.Ledger.Lease(ctx, d.InstallationID, d.Owner, d.Now(), d.LeaseFor)
	if err != nil {
		return Drained{}, fmt.Errorf("drain %s: %w", d.InstallationID, err)
	}
	run := &drain{
		Drainer: d, lease: lease, slots: newSlots(d.Concurrency, d.Connect), people: map[string]bool{},
		result: Drained{Ended: map[State]int{}, Paused: lease.Paused, Next: lease.Throttled},
	}
	err = run.whileLeased(ctx, run.work)
	if err != nil {
		err = fmt.Errorf("drain %s: %w", d.InstallationID, err)
	}
	return run.result, err
}

func (d *Drainer) setDefaults() {
	d.Concurrency = orDefault(d.Concurrency, defaultConcurrency)
	d.Page = orDefault(d.Page, defaultTaskPage)
	d.LeaseFor = orDefault(d.LeaseFor, defaultLease)
	d.Grace = orDefault(d.Grace, defaultGrace)
}

func orDefault[T int | time.Duration](value, standard T) T {
	if value > 0 {
		return value
	}
	return standard
}

// drain is one run of a Drainer.
type drain struct {
	*Drainer
	lease Lease
	slots *slots

	mu      sync.Mutex
	result  Drained
	inARow  int             // failures of the way to the target since the last success
	stopped bool            // nothing more is to be dispatched in this run
	people  map[string]bool // whose operation is under way
}

// whileLeased runs f and prolongs the lease meanwhile. The context for requests outlives ctx by the grace, so
// that answers under way can still come home; it ends at once if the lease is lost.
func (d *drain) whileLeased(ctx context.Context, f func(stop, wire context.Context) error) error {
	wire, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d.Grace, func() { cancel(ctx.Err()) })
		context.AfterFunc(wire, func() { timer.Stop() })
	})()
	over := make(chan struct{})
	go func() {
		defer close(over)
		d.prolong(wire, cancel)
	}()
	err := f(ctx, wire)
	if cause := context.Cause(wire); cause != nil {
		err = cause
	}
	cancel(nil)
	<-over
	return err
}

func (d *drain) prolong(wire context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(d.LeaseFor / 3)
	defer tick.Stop()
	for {
		select {
		case <-wire.Done():
			return
		case <-tick.C:
		}
		err := d.Ledger.Renew(wire, d.lease, d.Now(), d.LeaseFor)
		if errors.Is(err, ErrLeaseLost) {
			cancel(err)
			return
		}
		if err != nil && wire.Err() == nil {
			d.Log.Warn("prolong lease", "installation", d.InstallationID, "error", err) // there are two more chances
		}
	}
}

// work makes passes until nothing is due, or there is a reason to stop.
func (d *drain) work(stop, wire context.Context) error {
	defer d.slots.closeAll()
	for !d.resting() && stop.Err() == nil {
		if err := d.pass(stop, wire); err != nil {
			return err
		}
		if d.resting() || stop.Err() != nil {
			break
		}
		finished, next, err := d.Ledger.Finish(wire, d.lease, d.Now())
		if err != nil {
			return err
		}
		if finished {
			d.result.Next = next
			return nil
		}
	}
	if err := d.Ledger.Release(context.WithoutCancel(stop), d.lease); err != nil {
		return err
	}
	return stop.Err()
}

// resting reports whether the target is not to be asked now.
func (d *drain) resting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped || d.result.Paused || d.result.Next.After(d.Now())
}

func (d *drain) rest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
}

// pass works everything that is due, in phases: a phase begins when the one before has ended.
func (d *drain) pass(stop, wire context.Context) error {
	phases := []Selection{{State: Sending}}
	for _, kind := range Kinds() {
		phases = append(phases, Selection{State: Planned, Kind: kind})
	}
	for _, phase := range phases {
		phase.Now, phase.Limit = d.Now(), d.Page
		if err := d.phase(stop, wire, phase); err != nil {
			return err
		}
	}
	return nil
}

func (d *drain) phase(stop, wire context.Context, sel Selection) error {
	page, err := d.Ledger.Tasks(wire, d.InstallationID, sel)
	if err != nil || len(page) == 0 {
		return err
	}
	tasks := make(chan Task)
	group, ctx := errgroup.WithContext(wire)
	group.Go(func() error {
		defer close(tasks)
		return d.dispatch(stop, ctx, sel, page, tasks)
	})
	for range min(perSlot*d.Concurrency, len(page)) {
		group.Go(func() error { return d.serve(ctx, tasks) })
	}
	return group.Wait()
}

// dispatch hands out the first page and reads on, one page at a time.
func (d *drain) dispatch(stop, ctx context.Context, sel Selection, page []Task, tasks chan<- Task) error {
	for {
		for _, task := range page {
			if d.resting() || stop.Err() != nil {
				return nil
			}
			select {
			case tasks <- task:
			case <-stop.Done():
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if len(page) < sel.Limit {
			return nil
		}
		sel.After = page[len(page)-1].ID
		var err error
		if page, err = d.Ledger.Tasks(ctx, d.InstallationID, sel); err != nil {
			return err
		}
	}
}

// serve works tasks, one after another.
func (d *drain) serve(ctx context.Context, tasks <-chan Task) error {
	hand := d.hand()
	for task := range tasks {
		if d.resting() {
			continue // it stays planned
		}
		if !d.enter(task.PersonID) {
			continue // replaced while under way: the newer one waits for the next pass, so that it lands later
		}
		v, err := hand.run(ctx, task)
		d.leave(task.PersonID)
		switch {
		case errors.Is(err, ErrSuperseded):
			continue // a newer plan was faster, and knows that this one may have been sent
		case errors.Is(err, errResting):
			continue // what is half done is taken up first when the target may be asked again
		case err != nil:
			return err
		}
		if err := d.note(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// hand returns what works one operation at a time.
func (d *drain) hand() *apply {
	r := &recorder{}
	return &apply{
		ledger: d.Ledger, lease: d.lease, target: lent{d.slots, r, d.resting, d.rest}, features: d.Features, recorder: r,
		now: d.Now, password: d.Password, spread: d.Spread,
	}
}

func (d *drain) enter(personID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.people[personID] {
		return false
	}
	d.people[personID] = true
	return true
}

func (d *drain) leave(personID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.people, personID)
}

// note counts an operation, and stops the run when the target wants rest or seems to be down.
func (d *drain) note(ctx context.Context, v verdict) error {
	d.mu.Lock()
	if v.state.Ended() {
		d.result.Ended[v.state]++
	}
	d.inARow++
	if !v.trouble {
		d.inARow = 0
	}
	down := d.inARow >= breakAfter && !d.stopped
	d.stopped = d.stopped || down || v.paused || !v.until.IsZero()
	d.result.Paused = d.result.Paused || v.paused
	d.mu.Unlock()
	if down && v.until.IsZero() {
		v.until = d.Now().Add(lostWaits[0])
		if err := d.Ledger.Throttle(context.WithoutCancel(ctx), d.lease, v.until, downReason); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.until.After(d.result.Next) {
		d.result.Next = v.until
	}
	return nil
}
