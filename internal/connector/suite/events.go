package suite

import (
	"context"
	"errors"
	"net/http"

	"slipway/internal/connector"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/value"
	problem "slipway/internal/fault" // here a fault is what is done to an answer
)

// do runs what a step calls, and returns what later steps see of it. halted is why an action ended before its end.
func (s *session) do(ctx context.Context, step Step, with map[string]any) (outputs map[string]any, halted *string, err error) {
	if step.Event != nil {
		outputs, err = s.occur(ctx, step.Event, with)
		return outputs, nil, err
	}
	answer, err := s.run(ctx, step.Action, with)
	if answer.Result.Halted {
		halted = &answer.Result.Message
	}
	return answer.Outputs, halted, err
}

// occur tries an event: it polls once, or registers, deregisters or receives. Nothing listens for deliveries: what the API
// would send is the case's to say, such as a sample that the API gives.
func (s *session) occur(ctx context.Context, e *definition.Event, with map[string]any) (map[string]any, error) {
	var told connector.Told
	var err error
	cursor, chosen := with["cursor"]
	switch {
	case with["register"] != nil:
		registration, err := connector.Register(ctx, s.machine, e, value.Text(with["register"]))
		return registration, s.told(e, registration, err)
	case with["deregister"] != nil:
		return nil, s.told(e, nil, connector.Deregister(ctx, s.machine, e, members(with["deregister"])))
	case e.Webhook:
		header := http.Header{}
		for name, v := range members(with["headers"]) {
			header.Set(name, value.Text(v))
		}
		body := []byte(text(with["body"])) // a text is signed as it is
		if _, is := with["body"].(string); !is {
			body = value.Encode(with["body"])
		}
		told, err = connector.Receive(ctx, s.machine, e, with["registration"], header, body)
	default:
		if !chosen {
			cursor, err = connector.Begin(s.machine, e)
		}
		if err == nil {
			told, err = connector.Poll(ctx, s.machine, e, cursor)
		}
	}
	out := map[string]any{"items": list(told.Items), "keys": value.Of(told.Keys), "cursor": told.Cursor}
	return out, s.told(e, out, err)
}

// list is never null: a case counts what was told.
func list(items []any) any {
	if items == nil {
		return []any{}
	}
	return items
}

// refusals are the statuses of what an event refuses by itself.
var refusals = map[problem.Code]int{problem.Unauthenticated: http.StatusUnauthorized, problem.Invalid: http.StatusBadRequest, problem.TooLarge: http.StatusRequestEntityTooLarge}

// told notices what an event gave, and makes of a delivery that was refused an error that a case can expect.
func (s *session) told(e *definition.Event, gave map[string]any, err error) error {
	if err == nil {
		s.notice("what "+e.Name+" tells", string(value.Encode(gave)))
		return nil
	}
	s.notice("an error of "+e.Name, err.Error())
	if _, is := errors.AsType[*engine.Error](err); is {
		return err
	}
	shown := problem.Show(err)
	return &engine.Error{Kind: engine.Raised, Status: refusals[problem.CodeOf(err)], Message: shown.Message}
}
