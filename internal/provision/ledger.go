package provision

import (
	"context"
	"time"

	"slipway/internal/egress"
	"slipway/internal/fault"
)

// Ledger is the durable memory of a drain. Its answers are true after a crash: when Record returns, the entry
// is stored. It is safe for concurrent use, and may store the entries of several callers in one transaction.
type Ledger interface {
	// Lease makes owner the only writer of an installation until now+ttl. It answers ErrLeased while another
	// holds it, fault.NotFound for an unknown installation.
	Lease(ctx context.Context, installationID, owner string, now time.Time, ttl time.Duration) (Lease, error)
	// Renew prolongs the lease; ErrLeaseLost when another holds it by now.
	Renew(ctx context.Context, lease Lease, now time.Time, ttl time.Duration) error
	// Release gives the lease back, whatever is left to do.
	Release(ctx context.Context, lease Lease) error
	// Finish gives the lease back unless operations are due now: then it answers false, and the holder goes on.
	// Deciding both in one transaction is what keeps an operation that is added meanwhile from lying there.
	// next is when the next operation becomes due, zero if there is none.
	Finish(ctx context.Context, lease Lease, now time.Time) (finished bool, next time.Time, err error)
	// Tasks returns a page of operations that are due, by id.
	Tasks(ctx context.Context, installationID string, of Selection) ([]Task, error)
	// LinkedTo returns the person that an account is linked to, "" for none.
	LinkedTo(ctx context.Context, installationID, remoteID string) (personID string, err error)
	// Record stores an entry in one transaction. It answers ErrLeaseLost when another is the writer by now,
	// ErrSuperseded when a newer plan replaced the operation, and ErrLinked when the entry's link names an account
	// that belongs to another person; nothing is stored then.
	Record(ctx context.Context, lease Lease, entry Entry) error
	// Throttle leaves the target alone until then.
	Throttle(ctx context.Context, lease Lease, until time.Time, reason string) error
	// Pause stops the installation until an admin does something about the reason, a sentence for people.
	Pause(ctx context.Context, lease Lease, reason string) error
}

// Lease is the right to write for one installation.
type Lease struct {
	InstallationID string
	Token          int64     // grows with every lease; a write with an older one is refused
	Paused         bool      // the installation is not to be worked
	Throttled      time.Time // nor before this
}

// Why a ledger refuses.
var (
	ErrLeased     = fault.New(fault.Conflict, "Another process is working for this installation.")
	ErrLeaseLost  = fault.New(fault.Conflict, "Another process has taken over this installation.")
	ErrLinked     = fault.New(fault.Conflict, "The account belongs to another person who has the app.")
	ErrSuperseded = fault.New(fault.Conflict, "A newer plan has replaced this operation.")
)

// Selection asks for due operations: those in State, of one Kind ("" for all), whose NotBefore is not after Now.
type Selection struct {
	State State
	Kind  Kind
	Now   time.Time
	After string // the last id of the page before
	Limit int
}

// Task is an operation with what is known of the person's account.
type Task struct {
	Operation
	Link *Link // nil before the first account
}

// Entry is one step of an operation: what it has become, and what else changed with it.
type Entry struct {
	Operation Operation
	Link      *Link             // to be stored, nil for no change
	Exchanges []egress.Exchange // to be kept with the operation
}
