// Package provision keeps a target's accounts equal to what they should be.
//
// Its one rule: plan, then apply. Plan compares what is wanted with what was sent, purely; the preview and the
// real thing are that same function. Apply writes an operation to the ledger, sends it, and records what came
// back; a lost answer is followed by a look-up, never by a blind second POST. An account that we neither made
// nor adopted is never changed or switched off.
//
// The package knows no SQL: the ledger and all that an installation remembers lie behind Store. How a target is
// spoken to is target's business, when a drain runs is the worker's.
package provision

import (
	"time"

	"slipway/internal/target"
)

// Kind is what an operation does to an account.
type Kind string

const (
	Deactivate Kind = "deactivate"
	Update     Kind = "update"
	Reactivate Kind = "reactivate"
	Create     Kind = "create"
)

// Kinds is every kind in the order in which a plan is carried out: who leaves loses access first.
func Kinds() []Kind { return []Kind{Deactivate, Update, Reactivate, Create} }

// State is where an operation stands.
type State string

const (
	Planned    State = "planned"    // the drainer's turn, once NotBefore has passed
	Sending    State = "sending"    // the drainer's turn: requests may be out
	Done       State = "done"       // ended: the target did it, and the link says so
	Failed     State = "failed"     // ended: an admin can retry it, or change something first
	Held       State = "held"       // ended without being carried out: an admin decides
	Superseded State = "superseded" // ended: a newer plan, or an admin's decision, replaced it
)

// Ended reports whether nothing more happens to the operation by itself.
func (s State) Ended() bool { return s != Planned && s != Sending }

// Operation is one planned change of one account.
type Operation struct {
	ID             string
	InstallationID string
	PersonID       string
	Kind           Kind
	State          State
	Changes        []target.Change // all attributes for a create; "active" for a switch
	RemoteID       string          // the account's id at the target, once known
	Note           string          // a sentence for people: why it failed or is held, or what is odd about its end
	Tries          int             // failed tries since it was planned or retried
	Attempts       []Attempt       // the last of them, oldest first
	LookedAt       time.Time       // create only: no account was there then, and a POST may be out since
	Abandoned      bool            // such a create is not wanted any more: look for its account, send no POST
	NotBefore      time.Time       // zero: at once
	PlannedAt      time.Time
	EndedAt        time.Time
}

// Attempt is one try that did not succeed.
type Attempt struct {
	At    time.Time   `json:"at"`
	Kind  target.Kind `json:"kind"`
	Error string      `json:"error"` // one line, safe to show
}

const keptAttempts = 10

// profile returns what the changes lead to.
func profile(changes []target.Change) target.Profile {
	p := target.Profile{}
	for _, c := range changes {
		if c.To != "" && c.Attribute != activeAttribute {
			p[c.Attribute] = c.To
		}
	}
	return p
}

// activeAttribute is the switch's name among the changes.
const activeAttribute = "active"

// Switch is what we know about an account's active flag.
type Switch string

const (
	On      Switch = "on"
	Off     Switch = "off"
	Unknown Switch = "unknown" // adopted, or an answer was lost
)

// Origin says why an account is ours to change.
type Origin string

const (
	Created Origin = "created" // a POST of ours made it
	Adopted Origin = "adopted" // an admin decided that it belongs to the person
)

// Link ties a person to an account.
type Link struct {
	InstallationID string
	PersonID       string
	RemoteID       string
	Origin         Origin
	Active         Switch
	Gone           bool           // the target said that the account is no more
	Sent           target.Profile // what the target has been told and has accepted
	UpdatedAt      time.Time
}

// ours reports whether we may change the account.
func (l Link) ours() bool { return l.Origin == Created || l.Origin == Adopted }

// unsure stands in Link.Sent where an answer was lost: it equals no value, so the next plan sends the attribute.
const unsure = "\x01"

// doubting returns the link after an answer to these changes was lost: each may or may not have been applied.
func (l Link) doubting(changes []target.Change) Link {
	return l.with(changes, func(target.Change) string { return unsure }, func(target.Change) Switch { return Unknown })
}

// after returns the link after these changes were accepted.
func (l Link) after(changes []target.Change) Link {
	return l.with(changes, func(c target.Change) string { return c.To }, func(c target.Change) Switch {
		if c.To == "true" {
			return On
		}
		return Off
	})
}

func (l Link) with(changes []target.Change, value func(target.Change) string, active func(target.Change) Switch) Link {
	sent := target.Profile{}
	for k, v := range l.Sent {
		sent[k] = v
	}
	for _, c := range changes {
		switch v := value(c); {
		case c.Attribute == activeAttribute:
			l.Active = active(c)
		case v == "":
			delete(sent, c.Attribute)
		default:
			sent[c.Attribute] = v
		}
	}
	l.Sent = sent
	return l
}
