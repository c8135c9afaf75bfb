package lab

import (
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

// Subject is what a run is about.
type Subject struct {
	BaseURL  string
	Version  Version // "" is SCIM20
	Auth     scim.Authorizer
	Other    scim.Authorizer // credentials of a second tenant; nil: whether tenants are apart is not checked
	Reader   scim.Authorizer // credentials that may read and not write; nil: how they are refused is not checked
	Policy   egress.Policy
	Profile  report.Profile // "" is ProfileNetwork
	Features []string       // the manifest's feature values; nil: find out
	Proven   string         // the catalogue with which this content has passed: what came later does not block; "": everything does
	Patch    *bool          // the manifest's word on PATCH; nil: ask ServiceProviderConfig

	Only      []string // ids of checks or names of families: these and what they need; empty is everything
	Expensive bool     // also those checks that take many or large requests
	ReadOnly  bool     // send nothing that could change the target; what would is not applicable

	UserNameIsEmail bool           // the manifest's word: then no other userName is sent
	Domain          string         // of the addresses of all users that are made; "" is example.com
	Attributes      map[string]any // what every user has to have besides: sent with each create and PUT that leaves it out

	Seed uint64 // names and values of all objects follow from it; two runs at once need two seeds

	Leftovers []report.Object // of a run that was killed: removed before anything else
	Waivers   []report.Waiver // those that have expired count for nothing

	Deadline time.Duration // for the whole run, beside the target's answers and the cleaning up; 10 min unless set
	Longest  time.Duration // for the whole run without the cleaning up, however slow the target is; 60 min unless set
	Patience time.Duration // for one answer; 60 s unless set, the limit of widespread clients
	Reach    time.Duration // for the very first answer; 10 s unless set
	Settle   time.Duration // for a write to become visible; 5 s unless set
	Sustain  time.Duration // of the load of rate.sustained; 60 s unless set
	Rate     float64       // requests per second at most, once as many were sent in a burst; 200 unless set

	Now func() time.Time // nil is time.Now
}

const (
	usualRate = 200 // requests per second: a courtesy

	LongestRun     = 60 * time.Minute // about 4 s for each answer
	LongestCleanUp = 10 * time.Minute
)

// Prefix begins the name of every object that a run makes: nobody else's account can be mistaken for one of ours.
const Prefix = "slipway-lab-"

// Observer watches a run. Its methods are called one at a time.
type Observer interface {
	Planned(total int)
	Finished(r report.Result, done, total int)
	// Creating is called before the request that may make o. Unless it is durable once Creating returns, a process
	// killed now leaves an account that nobody knows of. An error ends the run.
	Creating(o report.Object) error
	Created(o report.Object) error // o.ID is known now
	Removed(o report.Object) error
}

// Unwatched is an Observer that looks away.
type Unwatched struct{}

func (Unwatched) Planned(int)                      {}
func (Unwatched) Finished(report.Result, int, int) {}
func (Unwatched) Creating(report.Object) error     { return nil }
func (Unwatched) Created(report.Object) error      { return nil }
func (Unwatched) Removed(report.Object) error      { return nil }

func (s Subject) withDefaults() Subject {
	if s.Profile == "" {
		s.Profile = report.ProfileNetwork
	}
	if s.Version == "" {
		s.Version = SCIM20
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Rate == 0 {
		s.Rate = usualRate
	}
	for _, limit := range []struct {
		field *time.Duration
		value time.Duration
	}{{&s.Deadline, 10 * time.Minute}, {&s.Longest, LongestRun}, {&s.Patience, time.Minute}, {&s.Reach, 10 * time.Second}, {&s.Settle, 5 * time.Second}, {&s.Sustain, time.Minute}} {
		if *limit.field == 0 {
			*limit.field = limit.value
		}
	}
	s.Reach = min(s.Reach, s.Patience)
	return s
}
