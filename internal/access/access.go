// Package access knows orgs, the people who sign in, their roles, and who may do what.
//
// Its one rule: a permission is a row of the table in permission.go, and what is not a row is refused.
// It knows no SQL and no HTTP: cookies and pages belong to the doors, rows to the store.
package access

import (
	"slices"
	"time"
)

// Role is what a person may be in an org. Roles of the network's own org apply to every submission.
type Role string

const (
	Vendor        Role = "vendor"         // admin of an org that submits integrations
	Reviewer      Role = "reviewer"       // the network's team: reads every submission, passes or returns it
	QA            Role = "qa"             // the network's team: tests and publishes
	CustomerAdmin Role = "customer_admin" // installs integrations in the own org
	EndUser       Role = "end_user"       // sees the own apps
	Operator      Role = "operator"       // runs the network: outbox, settings
)

// Roles lists every role, in the order in which pages show them.
func Roles() []Role { return []Role{Vendor, CustomerAdmin, EndUser, Reviewer, QA, Operator} }

var roleLabels = map[Role]string{
	Vendor: "Vendor", Reviewer: "Reviewer", QA: "QA", CustomerAdmin: "Customer admin", EndUser: "End user", Operator: "Operator",
}

// Label is the role's name on pages.
func (r Role) Label() string { return roleLabels[r] }

// ParseRole accepts the names that `slipway invite --role` takes.
func ParseRole(name string) (Role, bool) {
	r := Role(name)
	return r, slices.Contains(Roles(), r)
}

// OfTeam reports whether the role belongs to the network's team. Such roles exist in the network's own org only.
func (r Role) OfTeam() bool { return r == Reviewer || r == QA || r == Operator }

// Org is a tenant.
type Org struct {
	ID        string    `db:"id"`      // "org_…"
	Slug      string    `db:"slug"`    // short name for the command line and the banner
	Name      string    `db:"name"`    //
	Network   bool      `db:"network"` // the network's own org: its team reviews and publishes
	CreatedAt time.Time `db:"created_at"`
}

// User is somebody who can sign in. One address signs in to one org; the org's directory may hold
// the same human being as a person.
type User struct {
	ID           string    `db:"id"`            // "usr_…"
	OrgID        string    `db:"org_id"`        //
	Email        string    `db:"email"`         // lower case, unique in the network
	Name         string    `db:"name"`          //
	PasswordHash string    `db:"password_hash"` // argon2id; "" until a link has set one
	CreatedAt    time.Time `db:"created_at"`
	Roles        []Role    `db:"-"`
}

// Actor is who does something: a signed-in user, or System.
type Actor struct {
	PersonID string // the user's id, "system" for timers and the worker
	Name     string
	Email    string
	OrgID    string
	OrgName  string
	Roles    []Role
}

// System acts for timers and for the worker. It holds no role: moves that are its own name it.
var System = Actor{PersonID: "system", Name: "Slipway"}

// Has reports whether the actor holds the role.
func (a Actor) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// HasAny reports whether the actor holds one of the roles.
func (a Actor) HasAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Has) }

// OfTeam reports whether the actor belongs to the network's team.
func (a Actor) OfTeam() bool { return slices.ContainsFunc(a.Roles, Role.OfTeam) }

// SignedIn reports whether this is a user at all.
func (a Actor) SignedIn() bool { return a.PersonID != "" && a.PersonID != System.PersonID }
