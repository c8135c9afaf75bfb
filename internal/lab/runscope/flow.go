package runscope

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"slipway/internal/report"
)

// The format's own limits of a loop, and how deep suites may call each other.
const (
	maxIterations = 100
	maxLoopTime   = 11 * time.Minute
	maxSubtests   = 3
)

// pause waits as long as the suite says, times the run's scale. Nominal and actual time are both kept.
func (r *run) pause(ctx context.Context, d time.Duration, out *StepResult) {
	out.Nominal = d
	if r.gate.allSilent() {
		out.end(Skipped, "There is nothing to wait for: the server could not be reached.")
		return
	}
	wait := time.Duration(float64(d) * max(0, r.options.PauseScale))
	if wait > 0 {
		if err := r.options.Sleep(ctx, wait); err != nil {
			out.end(Error, "The run was stopped during this pause.")
			return
		}
	}
	out.end(Passed, "")
	if wait != d {
		out.Message = fmt.Sprintf("Waited %s of %s.", wait, d)
	}
}

// holds evaluates a condition. ok is false where it cannot be, and out says why.
func (r *run) holds(c *Condition, out *StepResult) (holds, ok bool) {
	x := expander{scope: r.scope()}
	left, right := x.text(c.Left), x.text(c.Right)
	if err := x.result(); err != nil {
		r.refuse(out, err)
		return false, false
	}
	verb, _ := comparisonOf(c.Comparison) // the importer has refused unknown ones
	return verb.compare(conditionValue(verb.name, left), right), true
}

// conditionValue reads the left side, which is text, as JSON where the comparison asks for a list or an object.
func conditionValue(comparison, text string) any {
	var value any
	if (comparison == "has_value" || comparison == "has_key") && json.Unmarshal([]byte(text), &value) == nil {
		return value
	}
	return text
}

// refuse ends a step that was not sent because of its templates.
func (r *run) refuse(out *StepResult, err error) {
	if missing, ok := errors.AsType[*missingError](err); ok {
		out.end(Blocked, "%s", r.explain(missing))
		return
	}
	out.end(Unsupported, "%s", sentence(err.Error()))
}

func (r *run) condition(ctx context.Context, s Step, out *StepResult) {
	holds, ok := r.holds(s.Condition, out)
	switch {
	case !ok:
		r.leaveOut(s.Steps, Blocked, "The condition of step "+out.Number+" could not be evaluated.")
	case !holds:
		out.end(Passed, "The condition is false: its steps are left out.")
		r.leaveOut(s.Steps, Skipped, "The condition of step "+out.Number+" is false.")
	default:
		out.end(Passed, "The condition is true.")
		r.steps(ctx, s.Steps, out.Iteration)
	}
}

func (r *run) loop(ctx context.Context, s Step, out *StepResult) {
	start := r.options.Now()
	for n := 1; ; n++ {
		holds, ok := r.holds(s.Condition, out)
		switch {
		case !ok && n == 1:
			r.leaveOut(s.Steps, Blocked, "The condition of step "+out.Number+" could not be evaluated.")
			return
		case !ok:
			return
		case !holds && n == 1:
			r.leaveOut(s.Steps, Skipped, "The loop of step "+out.Number+" was not entered.")
			fallthrough
		case !holds:
			out.end(Passed, "The loop ended after %d iterations.", n-1)
			return
		case n > maxIterations || r.options.Now().Sub(start) > maxLoopTime:
			out.end(Failed, "The loop did not end: its condition still held after %d iterations.", n-1)
			return
		case ctx.Err() != nil:
			out.end(Error, "The run was stopped during this loop.")
			return
		case r.stopped != "":
			out.end(Blocked, "%s", r.stopped)
			return
		}
		r.steps(ctx, s.Steps, n)
	}
}

// subtest runs another suite with variables of its own, and then looks at its result as if it were a response.
func (r *run) subtest(ctx context.Context, s Step, out *StepResult) {
	other, ok := r.suiteNamed(s.Subtest.UUID)
	if !ok || r.depth == maxSubtests {
		why := fmt.Sprintf("the suite with the id %q was not imported", s.Subtest.UUID)
		if ok {
			why = fmt.Sprintf("suites call each other more than %d deep", maxSubtests)
		}
		out.end(Unsupported, "This step cannot be run: %s.", why)
		return
	}
	x := expander{scope: r.scope()}
	params := x.fields(s.Subtest.Params)
	if err := x.result(); err != nil {
		r.refuse(out, err)
		return
	}
	verdict := r.descend(ctx, other, s, params, out.Number)
	if verdict.Verdict == report.NotRun {
		out.end(Blocked, "The suite %q did not run to its end. %s", other.Name, verdict.Reason)
		return
	}
	if len(s.Subtest.Assertions) == 0 && verdict.Verdict == report.Failed {
		out.end(Failed, "%s", verdict.Reason)
		return
	}
	r.prove(ctx, s.Subtest.Expect, verdict.asReply(), nil, out)
	out.conclude()
}

func (r *run) suiteNamed(uuid string) (Suite, bool) {
	all := append([]Suite{r.suite}, r.options.Subtests...)
	at := slices.IndexFunc(all, func(s Suite) bool { return uuid != "" && s.UUID == uuid })
	if at < 0 {
		return Suite{}, false
	}
	return all[at], true
}

// descend runs the other suite as a part of this run and returns its result alone.
func (r *run) descend(ctx context.Context, other Suite, s Step, params []Field, number string) Result {
	child := *r
	child.suite, child.parent, child.depth, child.stopped = other, number, r.depth+1, ""
	child.scim, child.undone = other.olderSCIM(), nil
	child.variables = newVariables(r.redactor)
	if !s.Subtest.Shared {
		child.environment = other.Environment()
	}
	child.builtins = &builtins{now: r.options.Now, rand: r.rand, secret: child.secretNamed, context: child.context()}
	child.options.InitialScript = "" // the other suite has none: its export does not carry one
	child.options.Vars = map[string]string{}
	for name, value := range r.options.Vars {
		child.options.Vars[name] = value
	}
	for _, p := range params {
		child.options.Vars[p.Name] = p.Value
	}
	from, requests := len(r.result.Steps), r.result.Requests
	child.begin(ctx)
	child.steps(ctx, other.Steps, 0)
	part := Result{Suite: other.Name, Steps: r.result.Steps[from:], Requests: r.result.Requests - requests}
	part.judge()
	return part
}

// asReply is a result in the form in which the vendor's runner shows it to the calling suite.
func (r Result) asReply() *reply {
	outcome := map[report.Verdict]string{report.Passed: "pass", report.Failed: "fail"}[r.Verdict]
	body, _ := json.Marshal(map[string]any{"result": outcome, "test_name": r.Suite, "requests_executed": r.Requests})
	return &reply{status: http.StatusOK, reason: "OK", header: http.Header{"Content-Type": {"application/json"}}, body: body}
}
