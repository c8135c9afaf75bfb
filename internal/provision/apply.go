package provision

import (
	"context"
	"errors"
	"slices"
	"time"

	"slipway/internal/secret"
	"slipway/internal/target"
)

// apply carries out one operation: ledger, wire, ledger. Whatever step it dies at, doing it again from what the
// ledger holds makes no second account.
type apply struct {
	ledger   Ledger
	lease    Lease
	target   target.Target
	features Features
	recorder *recorder
	now      func() time.Time
	password func() secret.Text
	spread   func() float64 // between 0 and 1, for the jitter of waits

	op      Operation
	over    bool  // the try has ended; only the record of it is missing
	resumed bool  // a try before this one was cut off: it may or may not have been applied
	link    *Link // the person's account, nil while there is none
	learn   bool  // link differs from what the ledger holds
}

// verdict is what the drain needs to know about an operation that was worked.
type verdict struct {
	state   State
	paused  bool      // the installation was paused
	until   time.Time // the target wants to be left alone until then
	trouble bool      // the way to the target, or the target itself, is broken
}

// held ends an operation without carrying it out: an admin decides.
type held struct{ note, remoteID string }

func (h *held) Error() string { return h.note }

// unrecorded is an error of the ledger in the middle of an operation: nothing more may be sent.
type unrecorded struct{ error }

func (u *unrecorded) Unwrap() error { return u.error }

// run works the task to its end, or to the point from which it is tried again. The error is the ledger's or
// the context's; what the target says is in the operation.
func (a *apply) run(ctx context.Context, task Task) (verdict, error) {
	a.op, a.link, a.learn, a.over, a.resumed = task.Operation, task.Link, false, false, task.State == Sending
	a.recorder.reset()
	err := a.carryOut(ctx)
	if cause := ctx.Err(); cause != nil && err != nil {
		return verdict{}, cause // it stays Sending, and is taken up first when work goes on
	}
	if u, ok := errors.AsType[*unrecorded](err); ok {
		return verdict{}, u.error
	}
	if errors.Is(err, errResting) {
		return verdict{}, err
	}
	return a.settle(ctx, err)
}

// begin puts into the ledger, before the first request that can have an effect, that there may be one.
func (a *apply) begin(ctx context.Context) error {
	if a.op.State == Sending {
		return nil
	}
	a.op.State = Sending
	if err := a.save(ctx); err != nil {
		return &unrecorded{err}
	}
	return nil
}

// save records the operation as it is now, and once the try is over what was exchanged for it. What has come back
// is recorded even if the drain is to stop.
func (a *apply) save(ctx context.Context) error {
	entry := Entry{Operation: a.op}
	if a.over {
		entry.Exchanges = a.recorder.take()
	}
	if a.learn {
		entry.Link, a.learn = a.link, false
	}
	return a.ledger.Record(context.WithoutCancel(ctx), a.lease, entry)
}

func (a *apply) carryOut(ctx context.Context) error {
	if a.op.Kind == Create {
		a.link = nil // the one that is gone
		return a.create(ctx)
	}
	if a.link == nil {
		return &target.Failure{Kind: target.Rejected, Detail: "the person is no longer linked to an account"}
	}
	if err := a.begin(ctx); err != nil {
		return err
	}
	switch a.op.Kind {
	case Update:
		return a.change(ctx, a.op.Changes)
	case Reactivate:
		return a.reactivate(ctx)
	}
	return a.deactivate(ctx)
}

func (a *apply) change(ctx context.Context, changes []target.Change) error {
	if err := a.target.UpdateUser(ctx, a.link.RemoteID, changes, true); err != nil {
		return err
	}
	a.know(a.link.after(changes))
	return nil
}

func (a *apply) reactivate(ctx context.Context) error {
	on := []target.Change{{Attribute: activeAttribute, To: "true"}}
	if err := a.target.SetActive(ctx, a.link.RemoteID, true); err != nil {
		return err
	}
	a.know(a.link.after(on))
	rest := slices.DeleteFunc(slices.Clone(a.op.Changes), func(c target.Change) bool { return c.Attribute == activeAttribute })
	if len(rest) == 0 {
		return nil
	}
	return a.change(ctx, rest)
}

// deactivate takes an account that is gone for switched off: nobody can use it.
func (a *apply) deactivate(ctx context.Context) error {
	err := a.target.SetActive(ctx, a.link.RemoteID, false)
	gone := err != nil && target.FailureOf(err).Kind == target.Gone
	if err != nil && !gone {
		return err
	}
	link := a.link.after(a.op.Changes)
	if gone {
		link.Gone, a.op.Note = true, noteGone
	}
	a.know(link)
	return nil
}

// know makes link what is remembered of the person's account from the next record on.
func (a *apply) know(link Link) {
	link.InstallationID, link.PersonID = a.op.InstallationID, a.op.PersonID
	link.UpdatedAt = a.now()
	a.link, a.learn = &link, true
	a.op.RemoteID = link.RemoteID
}

// settle records how the try ended.
func (a *apply) settle(ctx context.Context, err error) (verdict, error) {
	a.over = true
	if h, ok := errors.AsType[*held](err); ok {
		a.op.RemoteID, a.op.LookedAt = h.remoteID, time.Time{}
		return a.end(ctx, Held, h.note)
	}
	if err == nil {
		v, err := a.end(ctx, Done, a.op.Note)
		if errors.Is(err, ErrLinked) { // H-63
			a.learn, a.op.RemoteID, a.op.LookedAt = false, "", time.Time{}
			return a.end(ctx, Held, heldSameID)
		}
		return v, err
	}
	if errors.Is(err, errAbandoned) {
		return a.end(ctx, Superseded, "")
	}
	f := target.FailureOf(err)
	a.remember(f)
	switch {
	case f.Kind == target.Denied:
		return a.pause(ctx, f)
	case again(f):
		return a.later(ctx, f)
	}
	return a.fail(ctx, f)
}

func (a *apply) end(ctx context.Context, state State, note string) (verdict, error) {
	a.op.State, a.op.Note, a.op.EndedAt, a.op.NotBefore = state, note, a.now(), time.Time{}
	return verdict{state: state}, a.save(ctx)
}

// remember adds the try to the attempts, and doubts what it may have changed.
func (a *apply) remember(f *target.Failure) {
	a.op.Attempts = append(slices.Clone(a.op.Attempts), Attempt{At: a.now(), Kind: f.Kind, Error: f.Error()})
	if over := len(a.op.Attempts) - keptAttempts; over > 0 {
		a.op.Attempts = a.op.Attempts[over:]
	}
	if a.op.Kind != Create && a.link != nil && (maybeDone(f) || a.resumed) {
		a.know(a.link.doubting(a.op.Changes))
	}
}

// reopen puts the operation back for another try. A create whose POST may be out stays Sending, so that no
// newer plan can replace it before it is known what became of the POST.
func (a *apply) reopen() {
	a.op.State = Planned
	if !a.op.LookedAt.IsZero() {
		a.op.State = Sending
	}
}

// pause stops the installation: with wrong credentials, every further request would fail alike.
func (a *apply) pause(ctx context.Context, f *target.Failure) (verdict, error) {
	a.reopen()
	a.op.NotBefore = time.Time{}
	if err := a.save(ctx); err != nil {
		return verdict{}, err
	}
	return verdict{state: a.op.State, paused: true}, a.ledger.Pause(context.WithoutCancel(ctx), a.lease, deniedReason(f))
}

// later puts the operation off. It fails with its last try, unless its POST may be out: giving up then could
// leave an account that nobody knows of, and so nobody would ever switch off.
func (a *apply) later(ctx context.Context, f *target.Failure) (verdict, error) {
	a.op.Tries++
	d, more := wait(f, a.op.Tries, a.spread())
	if !more && a.op.LookedAt.IsZero() {
		return a.fail(ctx, f)
	}
	a.reopen()
	a.op.NotBefore = a.now().Add(d)
	if err := a.save(ctx); err != nil {
		return verdict{}, err
	}
	v := verdict{state: a.op.State, trouble: true}
	if f.Kind != target.Busy {
		return v, nil
	}
	v.until = a.op.NotBefore
	return v, a.ledger.Throttle(context.WithoutCancel(ctx), a.lease, v.until, throttledReason(f))
}

func (a *apply) fail(ctx context.Context, f *target.Failure) (verdict, error) {
	if f.Kind == target.Gone && a.link != nil {
		link := *a.link
		link.Gone = true
		a.know(link)
	}
	v, err := a.end(ctx, Failed, failedNote(a.op, f))
	v.trouble = again(f)
	return v, err
}
