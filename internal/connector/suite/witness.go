package suite

import (
	"context"
	"errors"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/secret"
)

// witness is what is noticed beside a case, for the generated cases that look at all of a run.
type witness struct {
	Kept   int      // answers that were as their action promises
	Broken []string // answers that were not, each a sentence
	Shown  []string // places where a secret stood, before it was taken out
}

// run runs an action, and notices whether it keeps its promises and its secrets.
func (s *session) run(ctx context.Context, f *program.Flow, given map[string]any) (connector.Answer, error) {
	answer, err := connector.Run(ctx, s.machine, f, given)
	if err != nil {
		e, is := errors.AsType[*engine.Error](err)
		if is && e.Code == connector.Unkept {
			s.saw.Broken = append(s.saw.Broken, f.Name+": "+e.Message)
		}
		s.notice("an error of "+f.Name, err.Error())
		return answer, err
	}
	s.saw.Kept++
	s.notice("the outputs of "+f.Name, string(value.Encode(answer.Outputs)))
	return answer, nil
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
