package registry

import "time"

// Purpose says why the lab runs.
type Purpose string

const (
	ForVendor   Purpose = "vendor"   // the vendor asked, on a draft or a returned submission
	ForSubmit   Purpose = "submit"   // a submitted version is verified
	ForReviewer Purpose = "reviewer" // the team runs it again
	ForWatch    Purpose = "watch"    // the daily look at what is published: it only reads
)

// VerifySubmission asks the lab to run its checks on a submission as it stands when the job starts. The verdict
// names the content hash that was verified, so a later edit makes it stale by itself.
type VerifySubmission struct {
	SubmissionID string  `json:"submission_id"`
	RunID        string  `json:"run_id"`
	Purpose      Purpose `json:"purpose"`
	AskedBy      string  `json:"asked_by"` // a name, for the page
}

// Kind is stable: queued jobs outlive an upgrade.
func (VerifySubmission) Kind() string { return "verify_submission" }

// Timer asks Slipway to take a move that was due at a certain time (T-19, T-20, T-21). When the submission has
// moved on, or the guard does not hold any more, nothing happens; so it may run late, or twice.
type Timer struct {
	SubmissionID string `json:"submission_id"`
	Action       Action `json:"action"`
}

// Kind is stable: queued jobs outlive an upgrade.
func (Timer) Kind() string { return "submission_timer" }

// Job is what is enqueued in the transaction of the change that needs it.
type Job struct {
	Args interface{ Kind() string }
	At   time.Time // not before; zero: at once
}

// timers returns the timers that a move which led to next sets. The lab run that may follow as well is started
// by whoever knows its id.
func (m move) timers(next Submission, now time.Time) []Job {
	var jobs []Job
	for _, f := range m.then {
		switch {
		case f.do == Verify:
		case f.after == atETA:
			jobs = append(jobs, Job{Args: Timer{next.ID, f.do}, At: next.ETA.Add(time.Second)})
		default:
			jobs = append(jobs, Job{Args: Timer{next.ID, f.do}, At: now.Add(f.after)})
		}
	}
	return jobs
}
