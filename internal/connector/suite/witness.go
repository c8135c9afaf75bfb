package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/secret"
)

// witness is what is noticed beside a case: for coverage, and for the generated cases that look at all of a run.
type witness struct {
	Did     []string // actions that succeeded where they were to, in a step or on a card of an exported flow
	Refused []string // actions that ended with an error that was expected, or that a flow handled
	Kept    int      // answers that were as their action promises
	Broken  []string // answers that were not, each a sentence
	Extra   []string // outputs that no action declares, each with its action
	Shown   []string // places where a secret stood, before it was taken out
}

// tried notes how a call of an action ended, once for each action and way.
func (w *witness) tried(action string, refused bool) {
	all := &w.Did
	if refused {
		all = &w.Refused
	}
	if !slices.Contains(*all, action) {
		*all = append(*all, action)
	}
}

// shows reports whether an action was tried with good input, or with bad.
func (w *witness) shows(action string, bad bool) bool {
	if bad {
		return slices.Contains(w.Refused, action)
	}
	return slices.Contains(w.Did, action)
}

// run runs an action, and notices whether it keeps its promises and its secrets.
func (s *session) run(ctx context.Context, f *program.Flow, given map[string]any) (connector.Answer, error) {
	answer, err := connector.Run(ctx, s.machine, f, given)
	s.weigh(f, answer, err)
	return answer, err
}

// weigh notices of one answer what it keeps and shows. A contract fixes what an answer has; of an action's own outputs those
// that it does not declare are only told.
func (s *session) weigh(f *program.Flow, answer connector.Answer, err error) {
	if err != nil {
		e, is := errors.AsType[*engine.Error](err)
		if is && e.Code == connector.Unkept {
			s.saw.Broken = append(s.saw.Broken, f.Name+": "+e.Message)
		}
		s.notice("an error of "+f.Name, err.Error())
		return
	}
	s.notice("the outputs of "+f.Name, string(value.Encode(answer.Outputs)))
	for _, name := range answer.Undeclared {
		if f.Implements != "" {
			s.saw.Broken = append(s.saw.Broken, fmt.Sprintf("%s: The answer has %q, which is none of what its contract returns", f.Name, name))
		} else {
			s.saw.Extra = append(s.saw.Extra, fmt.Sprintf("%q of %s", name, f.Name))
		}
	}
	if f.Implements == "" || len(answer.Undeclared) == 0 {
		s.saw.Kept++
	}
}

// notice looks for secrets, and for what stands in the place of one that the engine has taken out already.
func (s *session) notice(place, text string) {
	if s.mask(text) != text || strings.Contains(text, secret.Redacted) {
		s.saw.Shown = append(s.saw.Shown, place)
	}
}

// deaf reports whether the API left a live case without an answer, so that nothing is proved.
func (s *session) deaf() bool {
	if s.record == nil {
		return false
	}
	for _, e := range s.record.exchanges {
		if unanswered(e) {
			return true
		}
	}
	return false
}

func unanswered(e Exchange) bool { return e.Response.Status == 0 }
