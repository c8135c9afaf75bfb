// Package runs keeps lab runs: what was asked for, how far it is, what came of it, and what it must still
// clean up.
//
// Its one rule: a run is never changed once it has ended; a re-run is a new one. How a target is checked is
// the lab's business, what a verdict means for a submission is the registry's; the worker joins the three.
package runs

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// State says how far a run is.
type State string

const (
	Queued  State = "queued"  // the job waits for a worker; there is no row yet
	Running State = "running" // a worker is at it; after a crash the next worker begins it anew
	Ended   State = "ended"   // nobody changes it any more
)

// Purpose says why the lab runs.
type Purpose string

const (
	ForVendor   Purpose = "vendor"   // the vendor asked, on the draft
	ForSubmit   Purpose = "submit"   // a submitted version is verified
	ForReviewer Purpose = "reviewer" // the team runs it again
	ForWatch    Purpose = "watch"    // the daily look at what is published
)

// Run is one verification of one content of one submission.
type Run struct {
	ID           string     `db:"id"`            // "run_…"
	SubmissionID string     `db:"submission_id"` //
	OrgID        string     `db:"org_id"`        // the vendor's
	Hash         string     `db:"content_hash"`  // what the verdict is bound to
	Profile      string     `db:"profile"`       //
	Purpose      Purpose    `db:"purpose"`       //
	AskedBy      string     `db:"asked_by"`      // name, for the page
	State        State      `db:"state"`         //
	Verdict      string     `db:"verdict"`       // "" until ended; passed, failed, not_run
	Reason       string     `db:"reason"`        // one sentence, for not_run
	Done         int        `db:"done"`          // checks that have ended
	Total        int        `db:"total"`         // checks planned; 0 until known
	Attempt      int        `db:"attempt"`       // how often a worker began it
	Seed         int64      `db:"seed"`          // names and values of the run's accounts
	Report       []byte     `db:"report"`        // report.Report; "{}" until ended
	Created      time.Time  `db:"created_at"`    //
	Started      *time.Time `db:"started_at"`    //
	EndedAt      *time.Time `db:"ended_at"`      //
}

// Going reports whether the run has not yet ended.
func (r Run) Going() bool { return r.State != Ended }

// Object is something a run makes in a target. It is recorded before the request that makes it is sent, so
// that a run that was killed leaves nothing behind that nobody knows of.
type Object struct {
	Kind     string `db:"kind"`      // "Users" or "Groups"
	Name     string `db:"name"`      // userName or displayName; unique to the run
	RemoteID string `db:"remote_id"` // "" until the target has answered
}

// Store keeps runs.
type Store interface {
	// BeginRun inserts the run, or counts one more attempt of it, and returns it as it stands; an ended run is
	// returned unchanged. It is fault.Conflict while another run of the same submission has not ended.
	BeginRun(ctx context.Context, run Run) (Run, error)
	// RunByID returns the run if it belongs to the org; "" asks for the network's team, which sees all.
	RunByID(ctx context.Context, orgID, id string) (Run, error)
	// RunsOf lists a submission's runs, newest first, without their reports.
	RunsOf(ctx context.Context, submissionID string, limit int) ([]Run, error)
	// RunThatProved returns the last whole run that passed with this content; fault.NotFound where there is none.
	RunThatProved(ctx context.Context, submissionID, hash string) (Run, error)
	SaveProgress(ctx context.Context, id string, done, total int) error
	AskStop(ctx context.Context, id, by string) error
	StopAskedBy(ctx context.Context, id string) (by string, err error)
	// EndRun writes verdict and report once; a run that has ended stays as it is.
	EndRun(ctx context.Context, id, verdict, reason string, report []byte, now time.Time) error
	// SaveObject remembers what the run is about to make or has made; ForgetObject, that it is gone.
	SaveObject(ctx context.Context, runID string, o Object) error
	ForgetObject(ctx context.Context, runID string, o Object) error
	ObjectsOf(ctx context.Context, runID string) ([]Object, error)
	SaveShare(ctx context.Context, share Share) error
	SharesOf(ctx context.Context, runID string) ([]Share, error)
	// EndShares ends every link to the run; RunByShare then answers fault.NotFound.
	EndShares(ctx context.Context, runID string) error
	RunByShare(ctx context.Context, hash string) (Run, error)
}

// Service is how doors and the worker use runs.
type Service struct {
	Store Store
	Clock func() time.Time
}

// Begin is called by the worker when it takes a run up, for the first time or again after a crash.
func (s *Service) Begin(ctx context.Context, run Run) (Run, error) {
	now := s.Clock()
	run.State, run.Seed, run.Report, run.Created, run.Started = Running, now.UnixNano(), []byte("{}"), now, &now
	return s.Store.BeginRun(ctx, run)
}

// End writes the verdict and the report, and returns the run as it is from now on. A run ends once: a second
// attempt that comes too late gets what the first one wrote.
func (s *Service) End(ctx context.Context, run Run, verdict, reason string, report []byte) (Run, error) {
	if err := s.Store.EndRun(ctx, run.ID, verdict, reason, report, s.Clock()); err != nil {
		return run, err
	}
	return s.Store.RunByID(ctx, "", run.ID)
}

// Get returns a run that the actor may see: of the own org, or any for the team. Others get fault.NotFound.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Run, error) {
	return s.Store.RunByID(ctx, scope(actor), id)
}

// Latest returns a submission's newest run; ok is false where there is none. The caller has asked who may.
func (s *Service) Latest(ctx context.Context, submissionID string) (run Run, ok bool, err error) {
	list, err := s.Store.RunsOf(ctx, submissionID, 1)
	if err != nil || len(list) == 0 {
		return Run{}, false, err
	}
	run, err = s.Store.RunByID(ctx, "", list[0].ID)
	return run, err == nil, err
}

// Of lists a submission's runs, newest first. The caller has asked who may.
func (s *Service) Of(ctx context.Context, submissionID string) ([]Run, error) {
	return s.Store.RunsOf(ctx, submissionID, 20)
}

// scope is the org whose runs an actor sees: the own one, or "" for all.
func scope(actor access.Actor) string {
	if actor.HasAny(access.Reviewer, access.QA) {
		return ""
	}
	if actor.OrgID == "" {
		return "none"
	}
	return actor.OrgID
}

// ErrGoing is what Begin answers while another run has not ended.
var ErrGoing = fault.New(fault.Conflict, "The lab is already at work on this submission. Wait for that run to end.")
