package registry

import (
	"slices"
	"time"

	"slipway/internal/fault"
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

// Waiver lets one check of the lab fail without blocking; with NotRun only that it did not run is accepted, and a
// failure blocks. What was blocked by the waived check needs a waiver of its own. A waiver belongs to the integration, so that the next version
// need not ask again (manager §7.7), and it always ends.
type Waiver struct {
	ID            string // "wvr_…"
	IntegrationID string
	SubmissionID  string // the version from which it was asked
	OrgID         string
	CheckID       string // "users.create.duplicate-409"
	NotRun        bool   // when it was asked for, nothing was proved about the check
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

// accepts reports whether the waiver covers how the check ended: failed, or else with nothing proved.
func (w Waiver) accepts(failed bool) bool { return !failed || !w.NotRun }

// subject names in the history what the waiver is about.
func (w Waiver) subject() string {
	if w.NotRun {
		return w.CheckID + " (did not run)"
	}
	return w.CheckID
}

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

// Granted returns the waiver of a check that holds longest, whether or not it has ended by now.
func (all Waivers) Granted(checkID string) (last Waiver, ok bool) {
	for _, w := range all {
		if w.CheckID == checkID && w.State == Granted && w.Expires.After(last.Expires) {
			last, ok = w, true
		}
	}
	return last, ok
}

// covers reports whether a waiver in force lets the check fail, or where it has not failed, not run.
func (all Waivers) covers(checkID string, failed bool, now time.Time) bool {
	return slices.ContainsFunc(all, func(w Waiver) bool { return w.CheckID == checkID && w.Holds(now) && w.accepts(failed) })
}

// expired returns the checks on whose waivers a pass rests, where those have ended since.
func (all Waivers) expired(v Verdict, now time.Time) []string {
	gone := slices.DeleteFunc(slices.Clone(v.Waived), func(id string) bool { return all.covers(id, true, now) })
	for _, c := range v.Open {
		if c.Waived && !all.covers(c.ID, false, now) {
			gone = append(gone, c.ID)
		}
	}
	return gone
}

// Contestable reports whether a waiver for the check can be asked for, as far as its result goes.
func (d Dossier) Contestable(checkID string, now time.Time) bool {
	return d.contest(checkID, now) == nil
}

// contest says why a waiver cannot be asked for. The check must have blocked in the newest run of this content: because
// it failed, or because nothing was proved about it. A run that was broken off is run again, not accepted.
func (d Dossier) contest(checkID string, now time.Time) error {
	v, _ := d.Verdicts.Of(d.Submission.Hash)
	failed := v.failed(checkID)
	switch {
	case !failed && !v.left(checkID):
		return fault.New(fault.Invalid, "The newest run of this content has no such blocking check. Run the lab again, then ask.").
			With(fault.Field{Key: "check", Message: "This check does not block now."})
	case slices.ContainsFunc(d.Waivers.Pending(), func(w Waiver) bool { return w.CheckID == checkID }):
		return fault.New(fault.Conflict, "A waiver for this check has been asked for already. A reviewer will decide.")
	case d.Waivers.covers(checkID, failed, now):
		return fault.New(fault.Conflict, "This check is waived already. Run the lab again, and it no longer blocks.")
	}
	return nil
}
