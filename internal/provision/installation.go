package provision

import (
	"strconv"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/target"
)

// Stage is where an installation stands.
type Stage string

const (
	Testing Stage = "testing" // the admin's turn: nothing is sent before the first plan is applied
	Active  Stage = "active"  // the engine's turn: changes of people and assignments follow by themselves
	Paused  Stage = "paused"  // the admin's turn: Reason says what is wrong; nothing is sent
)

// Label is the stage's name on pages.
func (s Stage) Label() string {
	return map[Stage]string{Testing: "Setting up", Active: "Active", Paused: "Paused"}[s]
}

// Installation is a listing in one org. It keeps the version that it was made from.
type Installation struct {
	ID            string
	OrgID         string
	IntegrationID string
	SubmissionID  string // the version
	Label         string // how the org's people call it; unique in the org
	Stage         Stage
	Reason        string    // why it is paused
	Stored        []string  // keys of the connection's values that are stored
	TestedAt      time.Time // of the last test connection; zero since the connection changed
	TestError     string    // a sentence, "" where the test succeeded
	Throttled     time.Time // the target is left alone until then
	ThrottledWhy  string    // a sentence
	Leaving       time.Time // it is being uninstalled since; zero while it stays
	LeavingBy     string    // a name
	Gone          time.Time // it is uninstalled since: only the ledger is left
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Tested reports whether the stored connection has been tried, and worked.
func (i Installation) Tested() bool { return !i.TestedAt.IsZero() && i.TestError == "" }

// Version is a published version of an integration, as the engine installs it.
type Version struct {
	IntegrationID string
	SubmissionID  string
	Content       manifest.Content
}

// Name is what the catalog calls the integration.
func (v Version) Name() string { return v.Content.Text("name") }

// settings is what the engine needs to know of a version.
type settings struct {
	manifest.SCIM
	features Features
	dialect  target.Dialect
}

// settings reads the version; fault.Invalid for one that the engine cannot work with.
func (v Version) settings() (settings, error) {
	scim, err := v.Content.SCIM()
	if err != nil {
		return settings{}, err
	}
	if scim.Version != "2.0" {
		return settings{}, fault.New(fault.Invalid, "This integration speaks SCIM "+scim.Version+". Slipway provisions over SCIM 2.0 for now.")
	}
	s := settings{SCIM: scim, features: Features{
		Create: scim.Has(manifest.CreateUsers), Update: scim.Has(manifest.UpdateUsers),
		Deactivate: scim.Has(manifest.DeactivateUsers), Password: scim.Has(manifest.SyncPassword),
	}}
	if scim.Patch {
		s.dialect = target.ByPatch
	}
	return s, nil
}

// Assignment says that a person shall have an installation.
type Assignment struct {
	Person     directory.Person
	AssignedAt time.Time
	AssignedBy string     // a name
	Link       *Link      // nil before there is an account
	Last       *Operation // the newest operation for the person, without attempts; nil if there was none
}

// Ticket is an operation with the name of its person, for lists.
type Ticket struct {
	Operation
	PersonName string
	UserName   string
}

// Cursor stands for the ticket's place in the list of all.
func (t Ticket) Cursor() string { return strconv.FormatInt(t.PlannedAt.UnixMicro(), 10) + "~" + t.ID }

// Record is one operation with all that was exchanged for it.
type Record struct {
	Ticket
	Exchanges []egress.Exchange
}

// PlanPeople is the job that plans again for some people of an installation, after they or their assignment changed.
type PlanPeople struct {
	InstallationID string   `json:"installation_id"`
	PersonIDs      []string `json:"person_ids"`
}

// Kind names the job.
func (PlanPeople) Kind() string { return "plan_people" }

// DrainInstallation is the job that works an installation's operations.
type DrainInstallation struct {
	InstallationID string `json:"installation_id"`
}

// Kind names the job.
func (DrainInstallation) Kind() string { return "drain_installation" }

// may answers whether the actor may install at all; whose installation it is, the store asks with the org's id.
func may(actor access.Actor) error {
	if access.Can(actor, access.Install) {
		return nil
	}
	return fault.New(fault.Forbidden, "Only admins of your org can do this. Ask one of them.")
}
