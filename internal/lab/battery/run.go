package battery

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

// run is one run under way. Its methods are called by one goroutine.
type run struct {
	Subject
	ctx      context.Context
	names    names
	redact   func(string) string
	outcomes map[string]report.Outcome

	objects []*report.Object // what was made, in its order
	ada     *account         // with what is required
	bea     *account         // with all attributes
	eve     *account         // who is switched off and on
	cid     *account         // in the group that is removed
	dee     *account         // in the place of bea, where there is none
	crew    *crew
	dropped *crew // removed, with cid in it

	learnt    bool // the schema was asked for
	schema    *schema
	granted   *grant
	passwords bool // one was sent

	evidence []egress.Exchange // of the check under way
	wire     []egress.Exchange // of the whole run
	dead     int               // answers that did not come, one after the other
	stopped  string
}

// finding is what a check says about the target.
type finding struct {
	outcome report.Outcome
	message string
}

func passes() finding { return finding{report.Pass, "As it should be."} }

func passed(format string, args ...any) finding {
	return finding{report.Pass, fmt.Sprintf(format, args...)}
}

func deviates(format string, args ...any) finding {
	return finding{report.Deviation, fmt.Sprintf(format, args...)}
}

func fails(format string, args ...any) finding {
	return finding{report.Fail, fmt.Sprintf(format, args...)}
}

func unproved(format string, args ...any) finding {
	return finding{report.Inconclusive, fmt.Sprintf(format, args...)}
}

func aside(format string, args ...any) finding {
	return finding{report.NotApplicable, fmt.Sprintf(format, args...)}
}

func blocked(id string) finding {
	return finding{report.Blocked, "Needs " + id + ", which did not pass."}
}

// settle decides whether a check can run, and runs it.
func (r *run) settle(c Check) finding {
	r.evidence = nil
	if f, cannot := r.cannot(c); cannot {
		return f
	}
	f := r.examine(c)
	r.gather()
	switch {
	case r.ctx.Err() != nil && f.outcome != report.Pass && f.outcome != report.Deviation:
		return finding{report.Skipped, "The run was stopped before its end."} // half a check proves nothing
	case f.outcome == report.Fail && !c.Blocks():
		f.outcome = report.Warn
	case f.outcome == report.Pass:
		r.dead = 0
	}
	return f
}

func (r *run) cannot(c Check) (finding, bool) {
	for _, contract := range c.Contracts {
		if !r.can(contract) {
			return aside("The target does not offer %s.", contract), true
		}
	}
	if c.Changes && !r.Changes {
		return aside("It would make or change data, and nobody has agreed to that."), true
	}
	switch {
	case r.stopped != "":
		return finding{report.Skipped, r.stopped}, true
	case r.ctx.Err() != nil:
		return finding{report.Skipped, "The run was stopped before its end."}, true
	}
	for _, id := range c.Needs {
		switch r.outcomes[id] {
		case report.Pass, report.Deviation:
		case report.NotApplicable:
			return aside("It belongs to %s, which does not apply.", id), true
		default:
			return blocked(id), true
		}
	}
	return finding{}, false
}

// examine lets the check judge. Where it breaks down on an answer that nobody has thought of, that is our fault, and this
// check's alone.
func (r *run) examine(c Check) (f finding) {
	defer func() {
		if broke := recover(); broke != nil {
			slog.Error("a check broke down", "check", c.ID, "why", broke, "stack", string(debug.Stack()))
			f = finding{report.Broken, fmt.Sprintf("This check itself broke down on the target's answers (%v). That says nothing about the target; please report it.", broke)}
		}
	}()
	return c.judge(r)
}

// gather takes over what has gone over the wire.
func (r *run) gather() {
	if r.Wire == nil {
		return
	}
	for _, e := range r.Wire() {
		r.wire, r.evidence = append(r.wire, e), append(r.evidence, e)
	}
}

// result puts what a reader needs beside the finding.
func (r *run) result(c Check, f finding) report.Result {
	result := report.Result{
		ID: c.ID, Title: c.Title, Family: Family, Outcome: f.outcome, Verdict: f.outcome.Verdict(), Severity: c.Severity, Blocking: c.Blocks(),
		Message: r.redact(f.message), Why: c.Why, Fix: c.Fix, Exchanges: []egress.Exchange{},
	}
	if len(c.Plan) > 0 {
		result.Reference = "manual plan " + strings.Join(c.Plan, ", ")
	}
	for _, e := range r.evidence {
		e.URL, e.RequestBody, e.ResponseBody = r.redact(e.URL), r.redact(e.RequestBody), r.redact(e.ResponseBody)
		result.Exchanges = append(result.Exchanges, e)
	}
	return result
}

const patienceWithTheDead = 2

// trouble says what a failure of a deed means: the target's fault, or nothing proved.
func (r *run) trouble(deed string, err error) finding {
	f := target.FailureOf(err)
	switch {
	case f.Ours:
		return finding{report.Broken, fmt.Sprintf("%s: %s That is Slipway's limit, and says nothing about the target.", deed, sentence(f.Error()))}
	case f.Kind == target.Busy:
		return unproved("%s: the target asked to wait. %s", deed, sentence(f.Error()))
	case f.Kind == target.Denied && f.Status == 0:
		return unproved("%s: it must not be asked. %s", deed, sentence(f.Error()))
	case f.Kind == target.Lost && f.Status == 0:
		if r.dead++; r.dead >= patienceWithTheDead {
			r.stopped = "The target stopped answering. " + sentence(f.Error())
		}
		return unproved("%s: no answer came. %s", deed, sentence(f.Error()))
	}
	return fails("%s: %s", deed, sentence(f.Error()))
}

// sentence ends a target's words with a full stop.
func sentence(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return "It does not say why."
	}
	if strings.ContainsAny(text[len(text)-1:], ".!?…") {
		return text
	}
	return text + "."
}

func kindOf(err error) target.Kind {
	if err == nil {
		return ""
	}
	return target.FailureOf(err).Kind
}

// pauses are how long a write may take to show: five seconds in all.
var pauses = []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second}

// eventually looks until nothing is wrong any more, for as long as a write may take to show. An account that is not there yet
// may still come.
func (r *run) eventually(look func() (wrong string, err error)) (wrong string, err error) {
	for _, pause := range pauses {
		if pause > 0 && r.Clock.Sleep(r.ctx, pause) != nil {
			return wrong, err
		}
		wrong, err = look()
		if err != nil && kindOf(err) != target.Gone || err == nil && wrong == "" {
			return wrong, err
		}
	}
	return wrong, err
}

// holds passes where, sooner or later, nothing is wrong with what is looked at. The deed is what looking is.
func (r *run) holds(deed string, look func() (wrong string, err error)) finding {
	switch wrong, err := r.eventually(look); {
	case err != nil:
		return r.trouble(deed, err)
	case wrong != "":
		return fails("%s", wrong)
	}
	return passes()
}

// reads passes where, sooner or later, the account with the id reads as it should.
func (r *run) reads(id string, wrong func(user scim.Resource) string) finding {
	return r.holds("Reading the user by id", func() (string, error) {
		user, err := r.accounts().User(r.ctx, id)
		if err != nil {
			return "", err
		}
		return wrong(user), nil
	})
}
