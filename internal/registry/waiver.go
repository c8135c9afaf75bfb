package registry

import (
	"slices"
	"time"
)

// WaiverState is where a waiver stands.
type WaiverState string

const (
	Asked   WaiverState = "asked"   // the reviewer: grants or refuses it
	Granted WaiverState = "granted" // nobody: the check does not block until it expires
	Refused WaiverState = "refused" // nobody: the vendor may ask again with a better reason
)

// MaxWaiver is the longest time for which a check may be waived.
const MaxWaiver = 365 * day

// Waiver lets one check of the lab fail without blocking. It belongs to the integration, so that the next version
// need not ask again (manager §7.7), and it always ends.
type Waiver struct {
	ID            string // "wvr_…"
	IntegrationID string
	SubmissionID  string // the version from which it was asked
	OrgID         string
	CheckID       string // "users.create.duplicate-409"
	State         WaiverState
	Reason        string // the vendor's
	AskedBy       Person
	AskedAt       time.Time
	Decision      string // the reviewer's reason
	DecidedBy     Person
	DecidedAt     time.Time
	Expires       time.Time // the last moment at which a granted waiver holds
}

// Holds reports whether the waiver is in force.
func (w Waiver) Holds(now time.Time) bool { return w.State == Granted && !now.After(w.Expires) }

// Waivers are those of one integration, newest first.
type Waivers []Waiver

// Holding returns the waivers in force.
func (all Waivers) Holding(now time.Time) Waivers {
	return slices.DeleteFunc(slices.Clone(all), func(w Waiver) bool { return !w.Holds(now) })
}

// Pending returns those that wait for a decision.
func (all Waivers) Pending() Waivers {
	return slices.DeleteFunc(slices.Clone(all), func(w Waiver) bool { return w.State != Asked })
}

// covers reports whether a waiver for the check is in force, so that a pass which relied on it still counts.
func (all Waivers) covers(checkID string, now time.Time) bool {
	return slices.ContainsFunc(all, func(w Waiver) bool { return w.CheckID == checkID && w.Holds(now) })
}

// expired returns the waived checks of a pass whose waiver has ended since.
func (all Waivers) expired(v Verdict, now time.Time) []string {
	return slices.DeleteFunc(slices.Clone(v.Waived), func(id string) bool { return all.covers(id, now) })
}
