package registry

import (
	"slices"
	"time"
)

// Outcome is how a lab run ended. A breakdown of ours is not run: never a pass, and never the vendor's fault.
type Outcome string

const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	NotRun Outcome = "not_run"
)

// Fresh is how old a pass may be when a submission is sent (L-121).
const Fresh = 48 * time.Hour

// maxRun is how long a lab run can take at most; one that has not ended by then was lost.
const maxRun = time.Hour

// FailedCheck is a check that blocked, as mails and pages name it; the run's report holds the evidence.
type FailedCheck struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// OpenCheck is a check that would block and about which nothing is proved: it was blocked, or could not decide.
type OpenCheck struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Waived  bool   `json:"waived,omitempty"` // a reviewer accepted that
}

// Verdict is all that the registry knows of a lab run. It is bound to a content hash.
type Verdict struct {
	RunID        string // "run_…"; a run has one verdict
	SubmissionID string
	Outcome      Outcome
	Hash         string // content hash that was verified
	Profile      string // which checks blocked: "network" or "rfc"
	At           time.Time
	Reason       string        // for NotRun: why, as a sentence
	Failed       []FailedCheck // those that blocked
	ReadOnly     bool          // the run only read: a pass proves too little for submitting or publishing
	Waived       []string      // ids of checks that failed and were waived
	Open         []OpenCheck   // those that proved nothing; a pass has only waived ones
}

// IsFresh reports whether the verdict is at most 48 h old.
func (v Verdict) IsFresh(now time.Time) bool { return now.Sub(v.At) <= Fresh }

// failed and left report whether the check blocked because it failed, or because nothing is proved about it.
func (v Verdict) failed(checkID string) bool {
	return slices.ContainsFunc(v.Failed, func(c FailedCheck) bool { return c.ID == checkID })
}

func (v Verdict) left(checkID string) bool {
	return slices.ContainsFunc(v.Open, func(c OpenCheck) bool { return c.ID == checkID && !c.Waived })
}

// Verdicts are those of one submission, newest first.
type Verdicts []Verdict

// Of returns the newest verdict for exactly this content.
func (all Verdicts) Of(hash string) (Verdict, bool) {
	i := slices.IndexFunc(all, func(v Verdict) bool { return v.Hash == hash })
	if i < 0 {
		return Verdict{}, false
	}
	return all[i], true
}

// Pass returns the newest verdict for exactly this content if it is a pass. A later run that failed, or did not
// run, takes an earlier pass back. One that only read, and passed, proves too little and changes nothing.
func (all Verdicts) Pass(hash string) (Verdict, bool) {
	whole := slices.DeleteFunc(slices.Clone(all), func(v Verdict) bool { return v.ReadOnly && v.Outcome == Passed })
	v, ok := whole.Of(hash)
	return v, ok && v.Outcome == Passed
}
