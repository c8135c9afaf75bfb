package runscope

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
)

const (
	maxTitle   = 500 // bytes of a step's title, and of a variable
	maxMessage = 2 << 10
)

// Outcome is how a step, an assertion, an extractor or a script ended. Only Passed is a pass.
type Outcome string

const (
	Passed      Outcome = "passed"
	Failed      Outcome = "failed"
	Blocked     Outcome = "blocked"     // nothing was sent: a variable, a host or the server was missing
	Skipped     Outcome = "skipped"     // the suite says so
	Unsupported Outcome = "unsupported" // it asks for something that is not understood or not offered here
	Error       Outcome = "error"       // the run was stopped, or something broke on our side
)

// Result is one run of a suite. It is redacted and bounded: safe to store and to show.
type Result struct {
	Suite       string            `json:"suite"`
	Origin      Origin            `json:"origin"` // how the suite relates to the published ones
	Environment string            `json:"environment,omitempty"`
	Verdict     report.Verdict    `json:"verdict"`
	Reason      string            `json:"reason,omitempty"` // for a verdict other than passed
	Counts      map[Outcome]int   `json:"counts"`           // of request steps
	Seed        uint64            `json:"seed"`             // the same seed gives the same random values
	Started     time.Time         `json:"started"`
	Duration    time.Duration     `json:"duration_ns"`
	Requests    int               `json:"requests"`
	TargetTime  time.Duration     `json:"target_time_ns"` // sum of the answer times
	Variables   map[string]string `json:"variables,omitempty"`
	Initial     []ScriptResult    `json:"initial_scripts,omitempty"`
	Steps       []StepResult      `json:"steps"` // in the order in which they were reached
	Leftovers   []Leftover        `json:"leftovers,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
}

// StepResult is one step as it ran, or why it did not.
type StepResult struct {
	Number      string            `json:"number"`
	Iteration   int               `json:"iteration,omitempty"` // from 1, within a loop
	Kind        Kind              `json:"kind"`
	Title       string            `json:"title"`
	Optional    bool              `json:"optional,omitempty"` // by its title: it does not decide the verdict
	Outcome     Outcome           `json:"outcome"`
	Message     string            `json:"message,omitempty"`
	Subject     *Subject          `json:"subject,omitempty"`      // of a request step
	SuiteDefect bool              `json:"suite_defect,omitempty"` // it failed by what is known to be wrong with the suite
	Assertions  []AssertionResult `json:"assertions,omitempty"`
	Extractors  []ExtractorResult `json:"extractors,omitempty"`
	Scripts     []ScriptResult    `json:"scripts,omitempty"`
	Exchanges   []egress.Exchange `json:"exchanges,omitempty"`
	Nominal     time.Duration     `json:"nominal_ns,omitempty"` // of a pause, as the suite asks for it
	Started     time.Time         `json:"started"`
	Duration    time.Duration     `json:"duration_ns"`
	Warnings    []string          `json:"warnings,omitempty"`
	Cut         bool              `json:"cut,omitempty"` // evidence was left out to keep the result within its size
}

// Leftover is an object that a step created and none removed.
type Leftover struct {
	Step string `json:"step"`
	URL  string `json:"url"`
	Why  string `json:"why,omitempty"` // it is still there, or what would remove it
}

func (r *StepResult) end(outcome Outcome, format string, args ...any) {
	r.Outcome, r.Message = outcome, fmt.Sprintf(format, args...)
}

func (r *StepResult) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// conclude draws the step's outcome from its parts: whatever failed outweighs what could not be judged.
func (r *StepResult) conclude() {
	for _, wanted := range []Outcome{Error, Failed, Unsupported, Blocked} {
		var messages []string
		for _, part := range r.parts() {
			if part.outcome == wanted {
				messages = append(messages, sentence(part.message))
			}
		}
		if len(messages) > 0 {
			r.end(wanted, "%s", strings.Join(r.telling(messages), " "))
			return
		}
	}
	r.end(Passed, "")
}

// telling leaves the messages that a reader needs: after a wrong status the rest follows from it.
func (r *StepResult) telling(messages []string) []string {
	kept := 5
	for _, a := range r.Assertions {
		if a.Source == sourceStatus && a.Outcome == Failed {
			kept = 1
			messages = append([]string{sentence(a.Message)}, slices.DeleteFunc(messages, func(m string) bool { return m == sentence(a.Message) })...)
		}
	}
	if more := len(messages) - kept; more > 0 {
		return append(messages[:kept:kept], fmt.Sprintf("(And %d more.)", more))
	}
	return messages
}

type part struct {
	outcome Outcome
	message string
}

func (r *StepResult) parts() []part {
	var out []part
	for _, a := range r.Assertions {
		out = append(out, part{a.Outcome, a.Message})
	}
	for _, x := range r.Extractors {
		out = append(out, part{x.Outcome, x.Message})
	}
	for _, s := range r.Scripts {
		out = append(out, part{s.Outcome, s.Message})
	}
	return out
}

// sentence gives a clause its capital and its full stop, where it does not begin with a property's name.
func sentence(text string) string {
	if first, _, _ := strings.Cut(text, " "); strings.ToLower(first) == "the" || strings.ToLower(first) == "no" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if text != "" && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// judge sets the verdict from the steps. An optional step decides nothing, and neither does one that is left out.
func (r *Result) judge() {
	r.Counts = map[Outcome]int{}
	var failed, open *StepResult
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Kind == RequestStep {
			r.Counts[s.Outcome]++
		}
		switch {
		case s.Optional:
		case s.Outcome == Failed && failed == nil:
			failed = s
		case (s.Outcome == Blocked || s.Outcome == Unsupported || s.Outcome == Error) && open == nil:
			open = s
		}
	}
	switch {
	case failed != nil:
		r.Verdict, r.Reason = report.Failed, fmt.Sprintf("Step %s (%s) failed. %s", failed.Number, failed.Title, failed.Message)
	case open != nil:
		r.Verdict, r.Reason = report.NotRun, fmt.Sprintf("Step %s (%s) did not run. %s", open.Number, open.Title, open.Message)
	case r.Counts[Passed] == 0:
		r.Verdict, r.Reason = report.NotRun, "No request of the suite was sent and passed."
	default:
		r.Verdict, r.Reason = report.Passed, ""
	}
}

// fit leaves out evidence, the bulkiest first, until the step takes at most limit bytes as JSON.
func (r *StepResult) fit(limit int) {
	for _, cut := range []func(){
		func() { r.clipBodies(4 << 10) },
		func() { r.clipBodies(0) },
		func() { r.clipActuals(100) },
		func() { r.Scripts, r.Extractors = nil, nil },
		func() { r.Exchanges, r.Warnings = nil, nil },
		func() { r.Assertions = nil },
		func() { r.Message, r.Title = clip(r.Message, 200), clip(r.Title, 100) },
	} {
		if r.size() <= limit {
			return
		}
		cut()
		r.Cut = true
	}
}

func (r *StepResult) clipBodies(n int) {
	for i := range r.Exchanges {
		e := &r.Exchanges[i]
		if len(e.RequestBody) > n || len(e.ResponseBody) > n {
			e.RequestBody, e.ResponseBody, e.Truncated = clipped(e.RequestBody, n), clipped(e.ResponseBody, n), true
		}
	}
}

func (r *StepResult) clipActuals(n int) {
	for i := range r.Assertions {
		a := &r.Assertions[i]
		a.Actual, a.Target = clip(a.Actual, n), clip(a.Target, n)
	}
}

func (r *StepResult) size() int {
	data, err := json.Marshal(r)
	if err != nil { // no field of it can fail to marshal; if one does, it is too large to keep
		return 1 << 30
	}
	return len(data)
}

// clipped is clip without the ellipsis: a body is evidence, and Truncated says that it was cut.
func clipped(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.TrimSuffix(clip(text, n), "…")
}
