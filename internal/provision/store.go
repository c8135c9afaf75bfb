package provision

import (
	"context"
	"time"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Store keeps installations and all that belongs to them. Verbs that take an org answer fault.NotFound for
// another org's installation; an empty org asks for any, and only the worker asks so.
type Store interface {
	Ledger

	// AddInstallation stores a new one; fault.Conflict where the org has one with that label.
	AddInstallation(ctx context.Context, i Installation) error
	Installation(ctx context.Context, orgID, id string) (Installation, error)
	// Installations lists an org's, by label, without those that are gone; Former lists these, the last one first.
	Installations(ctx context.Context, orgID string) ([]Installation, error)
	Former(ctx context.Context, orgID string) ([]Installation, error)
	// Connection opens the stored connection.
	Connection(ctx context.Context, i Installation) (manifest.Connection, error)
	// SaveInstallation replaces the installation if it is still at its version (fault.Conflict otherwise), and the
	// connection unless that is nil. It starts a drain where the installation is active.
	SaveInstallation(ctx context.Context, i Installation, connection manifest.Connection) error

	// Assign and Unassign change who shall have the installation; people of other orgs are fault.NotFound. On an
	// active installation they ask for a new plan for those people, in the same transaction. A planned
	// deactivation of somebody who is assigned again is replaced at once: it must not be sent any more.
	Assign(ctx context.Context, i Installation, personIDs []string, by string, now time.Time) error
	Unassign(ctx context.Context, i Installation, personIDs []string, now time.Time) error
	// Assignments returns a page of assigned people by user name.
	Assignments(ctx context.Context, i Installation, q directory.Query) ([]Assignment, error)
	// AssignedTo lists the installations that a person shall have.
	AssignedTo(ctx context.Context, orgID, personID string) ([]Installation, error)

	// View shows to see what is stored about the people of an installation, page by page: those who are assigned,
	// and those who have an account or an open operation. only restricts it to these people, nil is all.
	View(ctx context.Context, i Installation, only []string, see func(People) error) error
	// Revise does as View in one write transaction and makes of each page what revise returns. If settle fails
	// nothing of it is stored. stage is the installation's from then on; operations that were added start a drain.
	Revise(ctx context.Context, i Installation, only []string, now time.Time, stage Stage, revise func(People) Revision, settle func() error) error
	// Leave lets an installation go, in one transaction: the first time nobody is assigned any more, a paused one is active
	// again, and what had failed waits no more. Each time it makes of each page what revise returns. While operations are
	// open it starts a drain; with none it is gone: credentials, links and the lease are removed, and the ledger stays.
	// One that is gone stays as it is.
	Leave(ctx context.Context, i Installation, by string, now time.Time, revise func(People) Revision) error
	// Decide carries out an admin's decision about one operation that is Held or Failed; fault.Conflict when it
	// no longer is.
	Decide(ctx context.Context, i Installation, d Decision) error
	// RetryFailed plans again for everybody whose newest operation failed.
	RetryFailed(ctx context.Context, i Installation, now time.Time) (people int, err error)

	// Operations lists operations, newest first.
	Operations(ctx context.Context, i Installation, q OperationQuery) ([]Ticket, error)
	// Operation returns one with its exchanges.
	Operation(ctx context.Context, i Installation, id string) (Record, error)
	// CountOperations counts by state.
	CountOperations(ctx context.Context, i Installation) (map[State]int, error)
}

// People is what is stored about a page of people.
type People struct {
	Wanted []directory.Person // assigned and active
	Links  []Link
	Open   []Operation
	Names  map[string]string // of everybody on the page, by id
}

// Decision is an admin's answer to one operation.
type Decision struct {
	OperationID string
	Adopt       *Link  // link this account to the person; a link to it that is no longer wanted goes
	Note        string // who decided what, for the operation's page
	Now         time.Time
}

// OperationQuery asks for a page of operations.
type OperationQuery struct {
	States   []State // none: all
	PersonID string  // "": everybody's
	Before   string  // cursor: the last operation's Cursor of the page before
	Limit    int     // 50 unless between 1 and 500
}

// Count returns the page size to use.
func (q OperationQuery) Count() int { return directory.Query{Limit: q.Limit}.Count() }

// Versions finds published versions.
type Versions interface {
	// Offered returns what the catalog offers under that slug; fault.NotFound where it offers nothing.
	Offered(ctx context.Context, slug string) (Version, error)
	// Version returns the version that an installation was made from.
	Version(ctx context.Context, submissionID string) (Version, error)
}

// ErrChanged answers an Apply whose plan is not the one that was looked at.
var ErrChanged = fault.New(fault.Conflict, "Something has changed since you looked at this plan. Look at it again, then apply it.")
