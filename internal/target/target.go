// Package target is a vendor's system as Slipway sees it: accounts that can be looked for, made, changed and
// switched off, in SCIM's types, whatever the vendor speaks.
//
// Its one rule: an error says whether the request can have had an effect. Failure.Kind tells a refusal from a
// lost answer, because who repeats a create blindly makes a second account. The package decides nothing about
// when or how often to try: that is provision's business. It dials nowhere itself: its caller hands in a
// scim.Client over egress.
package target

import (
	"context"

	"slipway/internal/scim"
	"slipway/internal/secret"
)

// Target is one vendor's system. All methods return a *Failure when the target did not do as asked.
type Target interface {
	// Probe asks for two users, as a test of address and credentials (lcm §1.4). It changes nothing.
	Probe(ctx context.Context) error
	// FindUsers returns the accounts whose attribute is exactly value; none is no error. User names are compared
	// without case (RFC 7643 §4.1.1), external ids with it. A target that answers a lookup with accounts nobody
	// asked for is believed only as far as its answer is complete; otherwise the failure is Suspicious.
	FindUsers(ctx context.Context, by Attribute, value string) ([]scim.Resource, error)
	// CreateUser makes an account and returns it as the target answers; its ID is never "". A non-empty password
	// goes along and is never returned.
	CreateUser(ctx context.Context, profile Profile, password secret.Text) (scim.Resource, error)
	// UpdateUser changes the named attributes of an account and leaves all others as they are. Where a target
	// takes only whole accounts, active goes along: it says what the account shall be.
	UpdateUser(ctx context.Context, id string, changes []Change, active bool) error
	// SetActive switches an account on or off.
	SetActive(ctx context.Context, id string, active bool) error
}

// Attribute is what accounts are looked for by.
type Attribute string

const (
	UserName   Attribute = "userName"
	ExternalID Attribute = "externalId"
)

// Change is one attribute's old and new value. To is "" where the attribute is to be removed.
type Change struct {
	Attribute string `json:"attribute"` // path, as in Profile; or "active"
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
}
