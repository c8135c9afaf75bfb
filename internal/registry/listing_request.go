package registry

import (
	"slices"
	"time"
)

// RequestState is where a request about a listing stands.
type RequestState string

const (
	Waiting   RequestState = "waiting"  // the team: does it, or declines; a second person of it: confirms
	Fulfilled RequestState = "done"     // nobody: it was done
	Declined  RequestState = "declined" // nobody: the team said no, and why
	Dropped   RequestState = "dropped"  // nobody: it was taken back, or something else was done
)

// ListingRequest is something asked about a listing that waits for somebody else: what its vendor wishes of the team, or
// what the first of two people of the team proposes.
type ListingRequest struct {
	ID            string // "lrq_…"
	IntegrationID string
	OrgID         string // the listing's
	Do            Action // RequestRemoval or AnnounceRetirement of a vendor; Delist, Relist or Revoke of the team
	By            Person
	At            time.Time
	Reason        Reason
	Retirement    Retirement // what is announced
	State         RequestState
	Answer        string // why it was declined
	ClosedBy      Person
	ClosedAt      time.Time
}

// OfTeam reports whether it is a proposal that a second person of the team confirms.
func (r ListingRequest) OfTeam() bool { return r.Do != RequestRemoval && r.Do != AnnounceRetirement }

// Retirement is how a listing ends: on a day, and what replaces it.
type Retirement struct {
	Date      time.Time
	Successor string // slug of another listing, "" for none
}

// Ending is why a listing is being retired, or was removed or revoked, and when.
type Ending struct {
	Retirement
	Reason
}

// ListingFile is everything about one listing that a decision needs, read at one moment.
type ListingFile struct {
	Listing  Listing
	Requests []ListingRequest // newest first
	Events   []Event          // oldest first
	Installs int              // installations in customers' orgs
}

// Waiting returns the request for an action that waits.
func (f ListingFile) Waiting(do Action) (ListingRequest, bool) {
	i := slices.IndexFunc(f.Requests, func(r ListingRequest) bool { return r.Do == do && r.State == Waiting })
	if i < 0 {
		return ListingRequest{}, false
	}
	return f.Requests[i], true
}

// request returns the one with this id if it waits.
func (f ListingFile) request(id string) (ListingRequest, bool) {
	i := slices.IndexFunc(f.Requests, func(r ListingRequest) bool { return r.ID == id && r.State == Waiting })
	if i < 0 {
		return ListingRequest{}, false
	}
	return f.Requests[i], true
}

// ListingChange is one write about a listing.
type ListingChange struct {
	Listing  Listing          // replaces the one at Version-1
	Event    Event            // appended to its history
	Requests []ListingRequest // inserted, or replaced by id
	Mails    []Mail           // into the outbox
}

// ListingLine is a listing in the team's list.
type ListingLine struct {
	Listing
	Installs int
	Waiting  int // requests that wait for the team
}
