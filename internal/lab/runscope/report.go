package runscope

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/egress"
	"slipway/internal/report"
)

// Report is the result in the form of the lab's own reports, with one check for each request step. target is the
// base URL for its head. A suite knows no profiles: p is only named.
func (r Result) Report(target string, p report.Profile) report.Report {
	rep := report.Report{
		Suite: r.Suite, Origin: r.Origin.describe(r.Suite), Profile: p, Target: target, Checks: r.Checks(), Started: r.Started, Duration: r.Duration,
		Requests: r.Requests, TargetTime: r.TargetTime, Seed: r.Seed, Leftovers: []report.Object{}, Warnings: append([]string{}, r.Warnings...),
	}
	for _, l := range r.Leftovers {
		rep.Leftovers = append(rep.Leftovers, l.object())
	}
	rep.Warnings = append(rep.Warnings, r.stepWarnings()...)
	rep.Conclude("") // counts the checks; the verdict is drawn from all steps, not from those alone
	rep.Verdict, rep.Reason = r.Verdict, r.Reason
	return rep
}

// stepWarnings says each warning once, with the steps that gave it.
func (r Result) stepWarnings() []string {
	var order []string
	steps := map[string][]string{}
	for _, s := range r.Steps {
		for _, w := range s.Warnings {
			if _, seen := steps[w]; !seen {
				order = append(order, w)
			}
			if !slices.Contains(steps[w], s.Number) {
				steps[w] = append(steps[w], s.Number)
			}
		}
	}
	out := make([]string, len(order))
	for i, w := range order {
		out[i] = fmt.Sprintf("Step %s: %s", strings.Join(steps[w], ", "), w)
	}
	return out
}

func (l Leftover) object() report.Object {
	o := report.Object{Why: strings.TrimSpace(fmt.Sprintf("Step %s created %s, and no step removes it. %s", l.Step, l.URL, l.Why))}
	if u, err := url.Parse(l.URL); err == nil {
		parts := strings.Split(u.Path, "/")
		if n := len(parts); n >= 2 {
			o.Resource, o.ID = parts[n-2], parts[n-1]
		}
	}
	return o
}

// Checks returns one check for each request step, and one for every other step that neither passed nor was left
// out: what could not be run must show. Of a step that a loop repeated it is the iteration that went worst.
func (r Result) Checks() []report.Result {
	var order []string
	worst := map[string]StepResult{}
	for _, s := range r.Steps {
		if s.Kind != RequestStep && (s.Outcome == Passed || s.Outcome == Skipped) {
			continue
		}
		before, seen := worst[s.Number]
		if !seen {
			order = append(order, s.Number)
		}
		if !seen || s.worse(before) {
			worst[s.Number] = s
		}
	}
	out := []report.Result{}
	for _, number := range order {
		out = append(out, worst[number].Check(r.Suite))
	}
	return out
}

// gravity orders outcomes for Checks.
var gravity = []Outcome{Skipped, Passed, Blocked, Unsupported, Error, Failed}

func (s StepResult) worse(than StepResult) bool {
	return slices.Index(gravity, s.Outcome) > slices.Index(gravity, than.Outcome)
}

var labOutcomes = map[Outcome]report.Outcome{
	Passed: report.Pass, Failed: report.Fail, Blocked: report.Blocked, Skipped: report.Skipped, Unsupported: report.Inconclusive, Error: report.Broken,
}

// Check is the step as a check of the lab. An optional step is a recommendation: where it fails, it warns.
func (s StepResult) Check(suite string) report.Result {
	outcome, severity := labOutcomes[s.Outcome], report.Network
	if s.Optional {
		severity = report.Recommended
		if outcome == report.Fail {
			outcome = report.Warn
		}
	}
	h := s.Hint()
	out := report.Result{
		ID: "step-" + s.Number, Title: s.Title, Family: suite, Verdict: outcome.Verdict(), Outcome: outcome, Severity: severity,
		Blocking: !s.Optional && s.Outcome != Skipped, Message: s.Message, Why: h.Why, Fix: h.Fix,
		Reference: h.Reference, Exchanges: append([]egress.Exchange{}, s.Exchanges...),
	}
	for _, a := range s.Assertions {
		out.Assertions = append(out.Assertions, report.Assertion{
			Source: a.Source, Property: a.Property, Comparison: a.Comparison, Target: a.Target, Actual: a.Actual, Passed: a.Outcome == Passed,
		})
	}
	if s.Outcome == Unsupported {
		out.Message = "Unsupported. " + out.Message
	}
	if s.Iteration > 1 {
		out.Message = fmt.Sprintf("In iteration %d: %s", s.Iteration, out.Message)
	}
	out.Message = cmp.Or(out.Message, strings.ToUpper(string(s.Outcome[:1]))+string(s.Outcome[1:])+".")
	return out
}
