package access

import (
	"context"
	"time"

	"slipway/internal/fault"
)

// Opening lets one org use, until a date, what is closed to all others.
type Opening struct {
	OrgID    string    `db:"org_id"`
	Feature  string    `db:"feature"`   // the value of a gated option, "profile_sourcing"
	Until    time.Time `db:"until"`     // UTC
	OpenedBy string    `db:"opened_by"` // name of the operator
	OpenedAt time.Time `db:"opened_at"` // UTC
}

// OrgLine is one org as operators see it.
type OrgLine struct {
	Org
	People   int       // who can sign in
	Openings []Opening // those that have not ended
}

// Openings keeps what operators have opened.
type Openings interface {
	// Orgs returns every org by name, with the openings that last beyond now.
	Orgs(ctx context.Context, now time.Time) ([]OrgLine, error)
	// SaveOpening replaces the org's opening of the feature.
	SaveOpening(ctx context.Context, o Opening) error
	// Opened returns the features that are open for the org now.
	Opened(ctx context.Context, orgID string, now time.Time) ([]string, error)
}

// Operators are what an operator may do to orgs.
type Operators struct {
	Store Openings
	Clock func() time.Time
}

// Orgs lists every org, for operators.
func (s Operators) Orgs(ctx context.Context, actor Actor) ([]OrgLine, error) {
	if !Can(actor, Operate) {
		return nil, fault.New(fault.Forbidden, "The list of orgs is for operators.")
	}
	return s.Store.Orgs(ctx, s.Clock())
}

// Open lets the org use a feature until then; a moment that is over closes it.
func (s Operators) Open(ctx context.Context, actor Actor, orgID, feature string, until time.Time) error {
	if !Can(actor, Operate) {
		return fault.New(fault.Forbidden, "Opening a feature is for operators.")
	}
	return s.Store.SaveOpening(ctx, Opening{OrgID: orgID, Feature: feature, Until: until, OpenedBy: actor.Name, OpenedAt: s.Clock()})
}
