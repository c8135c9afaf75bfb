package definition_test

import (
	"context"
	"testing"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
)

// nobody is an API that does not answer.
type nobody struct{}

func (nobody) Call(context.Context, engine.Request) (engine.Response, error) {
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "Nobody answers."}
}

// FuzzDefinition reads any text. It is taken or refused with findings, never both and never neither, and what was taken runs
// to an end without an API.
func FuzzDefinition(f *testing.F) {
	f.Add(sound)
	f.Add("a: &a [*a]")
	f.Add("a: ${ 'x' }")
	f.Fuzz(func(t *testing.T, text string) {
		d, found := definition.Read("connector.yaml", []byte(text))
		if d == nil {
			if len(found) == 0 {
				t.Error("refused without a finding")
			}
			return
		}
		if found.Errors() > 0 {
			return
		}
		m := &engine.Machine{Program: program.New(d.Flows...), API: nobody{}, Limits: engine.Limits{Steps: 1000}}
		for _, flow := range d.Flows {
			if flow.Kind == program.Action {
				_, _ = m.Run(t.Context(), flow, nil)
			}
		}
	})
}
