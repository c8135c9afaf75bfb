package report

// Outcome is what became of a check.
type Outcome string

const (
	Pass          Outcome = "PASS"
	Deviation     Outcome = "DEVIATION"      // works; allowed but unusual, or tolerated: the message says what
	Fail          Outcome = "FAIL"           //
	Warn          Outcome = "WARN"           // a recommendation is not followed
	NotApplicable Outcome = "NOT_APPLICABLE" // the feature is neither declared nor there
	Info          Outcome = "INFO"           // works, though nobody claimed it: counts for neither
	Blocked       Outcome = "BLOCKED"        // what it needs did not stand
	Skipped       Outcome = "SKIPPED"        // the run was stopped before
	Inconclusive  Outcome = "INCONCLUSIVE"   // could not be proved either way
	Broken        Outcome = "ERROR"          // our own fault
	Waived        Outcome = "WAIVED"         // failed, and a reviewer accepted that
)

// Verdict is the three-valued answer; a check may also be warned.
type Verdict string

const (
	Passed Verdict = "passed"
	Failed Verdict = "failed"
	Warned Verdict = "warned" // of a check only
	NotRun Verdict = "not_run"
)

// Verdict folds the outcome for reports.
func (o Outcome) Verdict() Verdict {
	switch o {
	case Pass, Deviation:
		return Passed
	case Fail, Waived:
		return Failed
	case Warn:
		return Warned
	}
	return NotRun
}

// Open reports that nothing is proved, though the run came by: the check was blocked, or could not decide.
func (o Outcome) Open() bool { return o == Blocked || o == Inconclusive }
