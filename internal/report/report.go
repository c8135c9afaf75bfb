// Package report is what a verification says: the result of each check, the verdict drawn from them, and every form in
// which people and programs read it.
//
// It owns severities, outcomes, verdicts and waivers, the writers of text, JSON, JUnit, SARIF and HTML, the signed
// transcript, and the comparison of two reports. Its one rule: a verdict has three values, and what was not proved is
// never a pass. A report that was stored stays readable: fields are added to its JSON, and none is renamed. How a result
// is come by is left to those who verify; who keeps a report, and what follows from it, is left to those who asked.
package report

import (
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
)

// Report is the outcome of one run. It holds no secret.
type Report struct {
	CatalogueVersion string            `json:"catalogue_version"`
	SCIM             string            `json:"scim,omitempty"`   // the version that was verified, "2.0" or "1.1"; "" of a suite
	Suite            string            `json:"suite,omitempty"`  // the name of an imported suite; "" for the built-in catalogue
	Origin           string            `json:"origin,omitempty"` // of a suite: whether it is a published one, and unmodified
	Connector        *Connector        `json:"connector,omitempty"`
	Only             []string          `json:"only,omitempty"` // what the run was confined to; it speaks for that alone
	ReadOnly         bool              `json:"read_only,omitempty"`
	Profile          Profile           `json:"profile"`
	Target           string            `json:"target"` // base URL
	Verdict          Verdict           `json:"verdict"`
	Reason           string            `json:"reason,omitempty"` // why a run was not run, or the first thing that blocks
	Counts           Counts            `json:"counts"`
	Checks           []Result          `json:"checks"`
	Rest             []egress.Exchange `json:"rest,omitempty"` // what no check shows: preparing, waiting until a change shows, cleaning up
	Started          time.Time         `json:"started"`
	Duration         time.Duration     `json:"duration_ns"`
	Requests         int               `json:"requests"`
	TargetTime       time.Duration     `json:"target_time_ns"`     // the sum of the target's own answer times
	Measured         *Measured         `json:"measured,omitempty"` // nil where nothing answered
	Leftovers        []Object          `json:"leftovers"`          // what the run made and could not remove
	Errands          []Errand          `json:"errands,omitempty"`  // what is left for a person; none of a suite, of a part, and where the run did not come by
	Warnings         []string          `json:"warnings"`
	Seed             uint64            `json:"seed,string"`
}

// Connector is which connector was tested, and how. A connector has no version of its own: its content is its sum.
type Connector struct {
	Key    string `json:"key,omitempty"`    // "" of exported flows alone
	Hash   string `json:"hash"`             // SHA-256 of its canonical form, hex
	Engine string `json:"engine,omitempty"` // the build that ran it, where it is known
	Mode   string `json:"mode"`             // live, record or replay
}

// Line is the connector in one line.
func (c Connector) Line() string {
	line := "content " + c.Hash[:min(16, len(c.Hash))] + " · " + c.Mode
	if c.Key != "" {
		line = c.Key + " · " + line
	}
	if c.Engine != "" {
		line += " · Slipway " + c.Engine
	}
	return line
}

// Counts counts checks by verdict. Those that do not apply are among those that did not run, as they always were; Aside
// tells how many they are, and reports from before do not have it.
type Counts struct {
	Passed int `json:"passed"`
	Failed int `json:"failed"`
	Warned int `json:"warned"`
	NotRun int `json:"not_run"`
	Aside  int `json:"does_not_apply,omitempty"`
}

// Result is what became of one check, with all that a reader needs to act on it.
type Result struct {
	ID         string            `json:"id"`
	Title      string            `json:"title"`
	Family     string            `json:"family"`
	Verdict    Verdict           `json:"verdict"`
	Outcome    Outcome           `json:"outcome"`
	Severity   Severity          `json:"severity"`
	Blocking   bool              `json:"blocking"` // in this profile, and not waived
	Message    string            `json:"message"`
	Why        string            `json:"why,omitempty"`
	Fix        string            `json:"fix,omitempty"`
	Reference  string            `json:"reference,omitempty"`
	File       string            `json:"file,omitempty"` // where the case stands, of a connector; "" of a server
	Line       int               `json:"line,omitempty"` // from 1; 0 where lines mean nothing
	Waiver     *Waiver           `json:"waiver,omitempty"`
	Assertions []Assertion       `json:"assertions,omitempty"` // of a step of an imported suite
	Exchanges  []egress.Exchange `json:"exchanges"`
}

// Assertion is one comparison that a step of an imported suite makes. It holds no secret.
type Assertion struct {
	Source     string `json:"source"`
	Property   string `json:"property,omitempty"`
	Comparison string `json:"comparison"`
	Target     string `json:"target,omitempty"` // with its variables put in
	Actual     string `json:"actual,omitempty"` // at most 2 kB
	Passed     bool   `json:"passed"`           // one that could not be judged has not
}

// Object is something that a run has made on the target.
type Object struct {
	Resource string `json:"resource"`     // "Users" or "Groups"
	Name     string `json:"name"`         // userName or displayName; unique to the run
	ID       string `json:"id,omitempty"` // "" until the target has told it
	Why      string `json:"why,omitempty"`
}

// subject names what was verified: the target, and where it was not SCIM 2.0, as what.
func (r Report) subject() string {
	if r.olderSCIM() {
		return r.Target + " as SCIM " + r.SCIM
	}
	return r.Target
}

// olderSCIM reports that the version has to be named: a reader takes 2.0 for granted.
func (r Report) olderSCIM() bool { return r.SCIM != "" && r.SCIM != "2.0" }

// ran reports whether any check came to a result.
func (r Report) ran() bool { return r.Counts.NotRun < len(r.Checks) }

// Aside counts those of the checks under not_run that do not apply: what they are about is neither declared nor there.
func (r Report) Aside() (n int) {
	for _, c := range r.Checks {
		if c.aside() {
			n++
		}
	}
	return n
}

func (c Result) aside() bool { return c.Outcome == NotApplicable || c.Outcome == Info }

// Missed counts the other checks under not_run: they apply, and nothing is proved about them.
func (r Report) Missed() int { return r.Counts.NotRun - r.Aside() }

// Findings returns the results that a person has to act on: failed or warned.
func (r Report) Findings() []Result {
	var out []Result
	for _, c := range r.Checks {
		if c.Verdict == Failed || c.Verdict == Warned {
			out = append(out, c)
		}
	}
	return out
}

// Conclude counts the checks and draws the verdict: failed where a blocking check failed without a waiver, else
// not_run where reason says that the run broke off or a blocking check that applies did not run, else passed.
func (r *Report) Conclude(reason string) {
	r.Counts, r.Reason, r.Verdict = Counts{}, reason, Passed
	var failed, missing *Result
	for i := range r.Checks {
		c := &r.Checks[i]
		r.Counts.add(c.Verdict)
		if c.aside() {
			r.Counts.Aside++
		}
		if c.Blocking && c.Verdict == Failed && failed == nil {
			failed = c
		}
		if c.Blocking && c.Verdict == NotRun && !c.aside() && missing == nil {
			missing = c
		}
	}
	switch {
	case failed != nil:
		r.Verdict, r.Reason = Failed, failed.Message
	case reason != "":
		r.Verdict = NotRun
	case missing != nil:
		r.Verdict, r.Reason = NotRun, missing.Title+": "+missing.Message
	case r.Counts.Passed == 0: // nothing was proved (H-53)
		r.Verdict, r.Reason = NotRun, "No check ran."
	}
}

// RestsOn names, as sentences for Warnings, the checks without which a pass would be none: nobody shall take it for a whole
// one. It is empty where no pass rests on a waiver.
func (r Report) RestsOn() []string {
	var failed, open []string
	for _, c := range r.Checks {
		switch {
		case c.Waiver == nil:
		case c.Outcome == Waived:
			failed = append(failed, c.ID)
		default:
			open = append(open, c.ID)
		}
	}
	out := []string{}
	if r.Verdict == Passed && len(failed) > 0 {
		out = append(out, "The pass rests on waivers for checks that failed: "+strings.Join(failed, ", ")+".")
	}
	if r.Verdict == Passed && len(open) > 0 {
		out = append(out, "The pass rests on waivers for checks that did not run: "+strings.Join(open, ", ")+".")
	}
	return out
}

func (c *Counts) add(v Verdict) {
	switch v {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Warned:
		c.Warned++
	default:
		c.NotRun++
	}
}

// FamilyResults are the checks of one family.
type FamilyResults struct {
	Name   string
	Checks []Result
}

// Families returns the checks by family, in the order in which the run came to them. In a run, families take turns; here
// each stands once.
func (r Report) Families() []FamilyResults {
	var all []FamilyResults
	at := map[string]int{}
	for _, c := range r.Checks {
		i, known := at[c.Family]
		if !known {
			i = len(all)
			at[c.Family] = i
			all = append(all, FamilyResults{Name: c.Family})
		}
		all[i].Checks = append(all[i].Checks, c)
	}
	return all
}

// ForStrangers is the report as whoever has a link to it may read it: which rules hold, which do not, and what to do. A target's
// answers may name people who were there before. So all that quotes them is left out: exchanges, messages, the reason drawn
// from a message, and what the target called the objects that stayed.
func (r Report) ForStrangers() Report {
	r.Reason = ""
	if r.Verdict == NotRun {
		r.Reason = "Not all that is required could be proved."
	}
	r.Rest, r.Checks = nil, slices.Clone(r.Checks)
	for i := range r.Checks {
		r.Checks[i].Exchanges, r.Checks[i].Assertions, r.Checks[i].Message = nil, nil, ""
	}
	r.Leftovers = slices.Clone(r.Leftovers)
	for i, o := range r.Leftovers {
		r.Leftovers[i] = Object{Resource: o.Resource, Name: o.Name}
	}
	r.Warnings = append([]string{"What the server was sent and what it answered is left out of this page. Whoever shared it has the whole report."}, r.Warnings...)
	return r
}
