package registry

import (
	"context"
	"time"

	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// Scope says whose submissions a query may read. Its zero value reads nothing.
type Scope struct {
	OrgID string
	All   bool // the network's team, and Slipway itself
}

// SecretMark says that a secret is stored, and since when.
type SecretMark struct {
	Key   string
	SetAt time.Time
	SetBy Person
}

// Secret is a sealed value of a submission.
type Secret struct {
	Key   string
	Value secret.Text // the zero Text removes the secret
	SetAt time.Time
	SetBy Person
}

// FieldEdit is one field's change in one save. Edits tell what a field held at an earlier version, so that two people
// can type into one draft without losing a word.
type FieldEdit struct {
	Version int64  // the version that the save made
	Key     string // the field's key
	Was     any    // what it held before: string, []string, []map[string]string or nil
	By      Person
	At      time.Time
}

// Query selects submissions. An empty field does not narrow.
type Query struct {
	IntegrationID string
	States        []State
	Oldest        bool // by place in the queue; otherwise the newest change comes first
}

// Change is one submission's part of a write: what it becomes, and all that happens along with it.
type Change struct {
	Before     int64      // the version that must still be stored; 0 inserts the submission
	Submission Submission // as it will stand; a State of Deleted removes it with everything but Events
	MaxOpen    int        // with Before 0 or a reopened draft: refuse if the org would have more open submissions
	Edits      []FieldEdit
	Events     []Event
	Findings   []Finding      // inserted, or replaced by id
	Waivers    []Waiver       // inserted, or replaced by id
	Verdict    *Verdict       // added; a second one for the same run changes nothing
	Secrets    []Secret       // set, or removed
	Logo       *manifest.Logo // stored under its hash
	Listing    *Listing       // inserted, or replaces the integration's listing if that is still at Version-1
	Mails      []Mail         // into the outbox
	Jobs       []Job
}

// Audience is a group of people who get mail.
type Audience string

const (
	OrgAdmins      Audience = "org_admins"      // vendors of an org, by org id
	TeamMembers    Audience = "team"            // reviewers and QA of the network; the id is not used
	CustomerAdmins Audience = "customer_admins" // admins of orgs that installed an integration, by integration id
)

// Store keeps submissions and what belongs to them. Reads take a Scope and answer fault.NotFound for what is
// outside of it. Advance is the only write.
type Store interface {
	// Dossier returns a consistent view of one submission.
	Dossier(ctx context.Context, scope Scope, id string) (Dossier, error)
	Submissions(ctx context.Context, scope Scope, q Query) ([]Submission, error)
	// Edits returns the edits made after a version, oldest first.
	Edits(ctx context.Context, scope Scope, id string, after int64) ([]FieldEdit, error)
	// Secrets opens the sealed values of a submission.
	Secrets(ctx context.Context, scope Scope, id string) ([]Secret, error)
	// History returns a submission's events, oldest first.
	History(ctx context.Context, scope Scope, id string) ([]Event, error)
	// Pace tells how the team's queue of a state moves; ahead counts what was queued before that moment.
	Pace(ctx context.Context, state State, before time.Time, exceptID string, since time.Time) (Pace, error)
	// Logo returns an image by its hash, which stands in the content.
	Logo(ctx context.Context, hash string) (manifest.Logo, error)
	// PendingWaivers returns the waivers that wait for a decision, oldest first.
	PendingWaivers(ctx context.Context, scope Scope) ([]Waiver, error)
	// Listings returns listings in these states, by name; an empty slug means all.
	Listings(ctx context.Context, slug string, states ...State) ([]Listing, error)
	// ListingFile returns a consistent view of one listing; fault.NotFound outside of the scope.
	ListingFile(ctx context.Context, scope Scope, slug string) (ListingFile, error)
	// ListingOf returns an integration's listing; fault.NotFound before the first publication.
	ListingOf(ctx context.Context, integrationID string) (Listing, error)
	// WaitingRequests returns the requests about listings that wait, oldest first.
	WaitingRequests(ctx context.Context) ([]ListingRequest, error)
	// Installs counts the installations of each integration.
	Installs(ctx context.Context) (map[string]int, error)
	// AdvanceListing writes a change in one transaction; fault.Conflict when the listing is no longer at the version before,
	// or the same is asked for twice.
	AdvanceListing(ctx context.Context, change ListingChange) error
	// ListingNames returns the names of all listings that were ever published.
	ListingNames(ctx context.Context) ([]ListingName, error)
	// Opened returns the values of gated options that are open for the org now.
	Opened(ctx context.Context, orgID string, now time.Time) ([]string, error)
	// Outbox returns mails, newest first.
	Outbox(ctx context.Context, limit int) ([]Mail, error)
	// Addresses returns the mail addresses of an audience.
	Addresses(ctx context.Context, audience Audience, id string) ([]string, error)
	// Advance writes all changes in one transaction, or none. It returns fault.Conflict when a submission or
	// listing is no longer at the version it was read at, when an integration would have two open versions, or
	// when a slug is taken.
	Advance(ctx context.Context, changes ...Change) error
}

// ListingName is what a new name is compared with.
type ListingName struct {
	OrgID string
	Name  string
	Slug  string
}
