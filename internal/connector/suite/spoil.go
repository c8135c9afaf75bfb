package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/value"
)

// replay is a case whose recording may be spoilt: one of the suite, or an exported test flow.
type replay struct {
	id     string
	covers []string
	// walk runs the case in a session and tells of each call of an action, in their order, until it is told to stop. It says
	// why the case did not end as it should, "" where it did.
	walk func(ctx context.Context, s *session, tell func(call) (goOn bool)) (unsound string)
}

// call is one call of an action, or of an event, in a case that is replayed.
type call struct {
	name    string // of the action, or the event
	outputs map[string]any
	err     error
	hits    int // how often the fault struck in it
}

// replays are the cases to spoil. One that ends with an error anyway shows nothing.
func (r *Runner) replays() []replay {
	if r.Mode != Replay {
		return nil
	}
	var all []replay
	for _, c := range r.Suite.Cases {
		if !c.Negative {
			all = append(all, replay{c.ID, c.Covers, func(ctx context.Context, s *session, tell func(call) bool) string {
				return s.walk(ctx, r.Suite, c, tell)
			}})
		}
	}
	return append(all, r.flows...)
}

// walk runs the steps of a case that call something.
func (s *session) walk(ctx context.Context, suite *Suite, c Case, tell func(call) bool) (unsound string) {
	steps := map[string]any{}
	vars, err := suite.vars.Eval(s.scene(nil, steps))
	if err != nil {
		return err.Error()
	}
	for _, step := range c.Steps {
		if step.Assert != nil {
			continue
		}
		with, err := step.With.Eval(s.scene(vars, steps))
		if err != nil {
			return err.Error()
		}
		before := s.play.struck()
		outputs, _, err := s.do(ctx, step, members(with))
		goOn := tell(call{step.name(), outputs, err, s.play.struck() - before})
		switch {
		case len(s.play.missed) > 0:
			return s.play.missed[0]
		case err != nil && step.Error == nil:
			return err.Error()
		case !goOn:
			return ""
		case err == nil && step.ID != "":
			steps[step.ID] = outputs
		}
	}
	return ""
}

// faults is G04 and G05: the case replayed, each of its answers spoilt in each way.
func (r *Runner) faults(ctx context.Context, kind string, c replay, kinds []faultKind) Result {
	id, title := kind+"-"+c.id, fmt.Sprintf("%s: spoilt answers are errors, not successes", c.id)
	if kind == "G04" {
		title = fmt.Sprintf("%s: answers of 401, 403, 404, 429, 500 and 503 are errors of the right type, and after 429 it is asked again", c.id)
	}
	cassette, err := r.cassette(c.id)
	if err != nil {
		return label(Result{Status: NotRun, Message: err.Error()}, id, title, c.covers...)
	}
	var sound []call
	if unsound := r.again(ctx, c, cassette, nil, nil, func(one call) bool { sound = append(sound, one); return true }); unsound != "" {
		return label(Result{Status: NotRun, Message: "It shows nothing before the case itself passes: " + unsound}, id, title, c.covers...)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, caseTime, errCaseTime)
	defer cancel()
	var wrong []string
	var seen witness
	struck := 0
	for at, e := range cassette.Exchanges {
		for _, kind := range kinds {
			if ctx.Err() != nil {
				return label(ended(ctx), id, title, c.covers...)
			}
			if !kind.spoils(e) {
				continue
			}
			f := &fault{kind: kind, at: at}
			if broken := r.spoilt(ctx, c, cassette, f, sound, &seen); broken != "" {
				wrong = append(wrong, fmt.Sprintf("%s %s, %s: %s", e.Request.Method, pathOf(e.Request.URL), kind.name, broken))
			}
			struck += f.hits
		}
	}
	result := Result{Status: Pass, Message: fmt.Sprintf("%d spoilt answers.", struck)}
	switch {
	case struck == 0:
		result = Result{Status: Aside, Message: "Nothing was recorded that could be spoilt."}
	case len(wrong) > 0:
		result = Result{Status: Fail, Message: few(wrong)}
	}
	result.Shown = seen.Shown
	return label(result, id, title, c.covers...)
}

// again replays a case, with a fault in it or, of nil, without.
func (r *Runner) again(ctx context.Context, c replay, cassette *Cassette, f *fault, seen *witness, tell func(call) bool) (unsound string) {
	s, err := r.replaying(cassette)
	if err != nil {
		return err.Error()
	}
	if s.play.fault = f; f != nil {
		f.now = s.clock.Now
	}
	unsound = c.walk(ctx, s, tell)
	if seen != nil {
		seen.Shown = append(seen.Shown, s.saw.Shown...)
	}
	if f != nil && len(s.play.missed) > 0 {
		f.astray = true
	}
	return unsound
}

// replaying is a session over a recording, whatever the run's mode.
func (r *Runner) replaying(cassette *Cassette) (*session, error) {
	s := &session{Runner: r, cards: map[string]bool{}, random: cassette.Seed, start: cassette.Clock, entered: map[string]string{}}
	s.stand(cassette)
	s.play, s.clock = &player{recorded: cassette.Exchanges}, &clock{now: cassette.Clock}
	return s, s.connect(s.play)
}

// spoilt replays a case with one answer spoilt, and says what is wrong with how the call ended in which it was, "" where
// nothing is: a fault that strikes in the cleanup, or beside the actions, is nobody's.
func (r *Runner) spoilt(ctx context.Context, c replay, cassette *Cassette, f *fault, sound []call, seen *witness) string {
	at, broken := -1, ""
	hit := call{}
	n := 0
	r.again(ctx, c, cassette, f, seen, func(one call) bool {
		if at < 0 && one.hits > 0 && n < len(sound) {
			at, hit = n, one
		}
		n++
		return at < 0
	})
	if at < 0 {
		return ""
	}
	if broken = f.judge(hit, sound[at]); broken != "" || hit.err != nil || !f.kind.ruined || value.Equal(hit.outputs, sound[at].outputs) {
		return broken
	}
	return fmt.Sprintf("%q succeeded with something else than the API had answered: %s", hit.name, shorten(string(value.Encode(hit.outputs))))
}

// manyTries is what no connector needs to find out that an API stays as it is.
const manyTries = 10

// judge says what is wrong with how a call ended in which the fault struck, beside how it ends where nothing is spoilt.
func (f *fault) judge(hit, sound call) string {
	e, is := errors.AsType[*engine.Error](hit.err)
	err := hit.err
	switch {
	case f.hits > manyTries:
		return fmt.Sprintf("it was asked for %d times", f.hits)
	case f.hurried() != "":
		return f.hurried()
	case f.kind.once:
		return f.recovered(hit, sound)
	case err == nil && (f.kind.benign || f.kind.status == 404):
		return ""
	case err == nil && (f.kind.status > 0 || f.kind.name == noAnswer):
		return fmt.Sprintf("%q succeeded all the same", hit.name)
	case err == nil: // what the action promises is there: without it, it had not succeeded
		return ""
	case !is:
		return err.Error()
	case e.Kind == engine.Limit:
		return "it ran into a limit: " + e.Message
	case f.kind.status > 0 && e.Kind == engine.Answered && e.Status != f.kind.status:
		return fmt.Sprintf("the error says status %d", e.Status)
	case f.kind.status > 0 && e.Type != "" && contract.TypeOf(f.kind.status) != contract.Generic && e.Type != contract.TypeOf(f.kind.status):
		return fmt.Sprintf("the error is of type %s, and must be %s", e.Type, contract.TypeOf(f.kind.status))
	case f.kind.benign && sound.err == nil:
		return "members that nobody knows must not matter: " + e.Message
	}
	return ""
}

// hurried says that a request was sent again earlier than Retry-After had said, "" where none was.
func (f *fault) hurried() string {
	for i := 1; i < len(f.asked); i++ {
		if waited := f.asked[i].Sub(f.asked[i-1]); f.kind.after > 0 && waited < f.kind.after {
			return fmt.Sprintf("it was asked for again after %s, and Retry-After said %s", waited.Round(time.Millisecond), f.kind.after)
		}
	}
	return ""
}

// recovered says what is wrong where the API refused once, and would have answered the next time.
func (f *fault) recovered(hit, sound call) string {
	switch {
	case len(f.asked) < 2:
		return "it was not asked for again, as Retry-After said"
	case hit.err != nil && sound.err == nil && !f.astray:
		return fmt.Sprintf("%q failed, though the API answered the second time: %s", hit.name, hit.err)
	}
	return ""
}

// patience is the Retry-After of G04: no more than the connector may wait.
func (r *Runner) patience() time.Duration {
	after := 7 * time.Second
	if d := r.Connector.Definition; d != nil && d.Retry.MaxWait > 0 {
		after = min(after, d.Retry.MaxWait)
	}
	return max(after.Truncate(time.Second), time.Second)
}

// few names the first of many.
func few(wrong []string) string {
	const shown = 5
	if len(wrong) > shown {
		return sentence(strings.Join(wrong[:shown], "; ") + fmt.Sprintf("; and %d more", len(wrong)-shown))
	}
	return sentence(strings.Join(wrong, "; "))
}

func pathOf(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}
