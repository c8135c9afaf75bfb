package views

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/lab/runs"
	"slipway/internal/registry"
	"slipway/internal/report"
)

// RunPage is one lab run: while it goes on its progress, afterwards every check.
type RunPage struct {
	SubmissionPage
	Run       runs.Run
	Report    report.Report
	Families  []Family
	Current   bool // it is about exactly the present content
	Poll      string
	CanVerify bool
	Waiting   map[string]string // check id → state of its waiver
	Contest   map[string]bool   // checks for which this person can ask for a waiver now
	Others    []RunLine
	Shares    []runs.Share    // links to the report that have not been ended
	Before    *RunLine        // the run that this one is compared with; nil for none
	Changes   []report.Change // against Before
}

// changeText says how a check's end has changed.
func changeText(c report.Change) string {
	words := map[report.Verdict]string{report.Passed: "passed", report.Failed: "failed", report.Warned: "warned", report.NotRun: "not run", "": "not there"}
	return words[c.Was] + " → " + words[c.Is]
}

func changeColor(c report.Change) string {
	switch {
	case c.Worse():
		return "bg-red-lt"
	case c.Better():
		return "bg-green-lt"
	}
	return "bg-secondary-lt"
}

// checkPath is where one check of the run stands alone.
func (p RunPage) checkPath(c report.Result) string {
	return "/submissions/" + p.Submission.ID + "/runs/" + p.Run.ID + "/checks/" + c.ID
}

// RestID stands in the place of a check's id for what no check shows.
const RestID = "rest"

// Rest are the exchanges that no check shows, in the shape that Exchanges takes.
func (p RunPage) Rest() report.Result { return report.Result{ID: RestID, Exchanges: p.Report.Rest} }

// Family is the checks of one part of the protocol.
type Family struct {
	Title   string
	Results []report.Result
}

// LabPage is the tab of the lab: start a run, and see the earlier ones.
type LabPage struct {
	SubmissionPage
	Runs      []RunLine
	CanVerify bool
	Missing   []string // what the lab needs before it can run
	Watch     *WatchCard
	Problem   *Problem
}

// WatchCard is the daily look at a version that is published, as its vendor sees it.
type WatchCard struct {
	Watch      registry.Watch
	Ended      bool            // the listing is out of the catalog
	Missing    []string        // what the look lacks
	Connection *ConnectionForm // nil for those who may not change it
}

// FamiliesOf are a report's families, as cards.
func FamiliesOf(r report.Report) []Family {
	var families []Family
	for _, f := range r.Families() {
		families = append(families, Family{Title: f.Name, Results: f.Checks})
	}
	return families
}

// Count says how a family stands: "12 of 14 passed".
func (f Family) Count() string {
	passed, apply := 0, 0
	for _, c := range f.Results {
		if c.Outcome == report.NotApplicable || c.Outcome == report.Info {
			continue
		}
		apply++
		if c.Verdict == report.Passed {
			passed++
		}
	}
	if apply == 0 {
		return "does not apply"
	}
	return fmt.Sprintf("%d of %d passed", passed, apply)
}

// Acting are the results that ask somebody to do something, what blocks first; Rest are all the others.
func (f Family) Acting() []report.Result {
	acting := slices.DeleteFunc(slices.Clone(f.Results), func(c report.Result) bool { return !acts(c) })
	slices.SortStableFunc(acting, func(a, b report.Result) int { return rank(a) - rank(b) })
	return acting
}

func (f Family) Rest() []report.Result { return slices.DeleteFunc(slices.Clone(f.Results), acts) }

// rank is 0 for what failed and blocks, then what blocks because it did not run, then everything else.
func rank(c report.Result) int {
	switch {
	case c.Blocking && c.Verdict == report.Failed:
		return 0
	case c.Blocking:
		return 1
	}
	return 2
}

// outcomeText is an outcome in plain words.
func outcomeText(c report.Result) string {
	if c.Waiver != nil && c.Outcome.Open() {
		return "Not run, waived"
	}
	switch c.Outcome {
	case report.Pass:
		return "Passed"
	case report.Deviation:
		return "Passed, with a note"
	case report.Fail:
		if c.Blocking {
			return "Failed"
		}
		return "Failed, does not block"
	case report.Warn:
		return "Warning"
	case report.NotApplicable:
		return "Does not apply"
	case report.Info:
		return "Works, not claimed"
	case report.Blocked:
		return "Blocked"
	case report.Skipped:
		return "Skipped"
	case report.Waived:
		return "Failed, waived"
	}
	return "Not run"
}

func outcomeColor(c report.Result) string {
	switch {
	case c.Verdict == report.Passed:
		return "bg-green-lt"
	case c.Verdict == report.Failed && c.Blocking:
		return "bg-red-lt"
	case c.Verdict == report.Failed, c.Verdict == report.Warned, c.Waiver != nil:
		return "bg-yellow-lt"
	}
	return "bg-secondary-lt"
}

// acts reports whether a result asks somebody to do something: it is wrong, or it keeps the run from passing.
func acts(c report.Result) bool {
	return c.Verdict == report.Failed || c.Verdict == report.Warned || c.Blocking && c.Outcome.Open()
}

// wireRequest writes a request as it went over the wire.
func wireRequest(e egress.Exchange) string {
	return wire(e.Method+" "+e.URL, e.RequestHeader, e.RequestBody)
}

// wireAnswer writes an answer as it came; or why none came.
func wireAnswer(e egress.Exchange) string {
	if e.Status == 0 {
		return "No answer: " + e.Err
	}
	body := e.ResponseBody
	if e.Truncated {
		body += "\n… the rest is not kept"
	}
	return wire(strconv.Itoa(e.Status)+" "+http.StatusText(e.Status), e.ResponseHeader, body)
}

func wire(first string, header http.Header, body string) string {
	var b strings.Builder
	b.WriteString(first + "\n")
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if body != "" {
		b.WriteString("\n" + body)
	}
	return b.String()
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + " ms" }

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s" }
