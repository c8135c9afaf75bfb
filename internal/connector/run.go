package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/fault"
)

// Action finds an action, or another flow, by its name or its contract. Its error lists what there is.
func (c *Connector) Action(name string) (*program.Flow, error) {
	if f := c.Program.Named(name); f != nil {
		return f, nil
	}
	var names []string
	for _, f := range c.Program.Flows() {
		if f.Implements != "" && strings.EqualFold(f.Implements, name) {
			return f, nil
		}
		if f.Kind == program.Action {
			names = append(names, fmt.Sprintf("%q", f.Name))
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return nil, fault.Newf(fault.NotFound, "There is no action %q. There are: %s.", name, strings.Join(names, ", "))
}

// Implementing returns the action that fulfils a contract, nil where none does.
func (c *Connector) Implementing(id string) *program.Flow {
	for _, f := range c.Program.OfKind(program.Action) {
		if f.Implements == id {
			return f
		}
	}
	return nil
}

// Answer is what an action gave.
type Answer struct {
	Outputs    map[string]any
	Result     engine.Result
	Undeclared []string // names among the outputs that neither the contract nor the action declares; no error of a run
}

// Run runs a flow with inputs by name, label or key. What an action promises is checked: an answer without it is an error.
func Run(ctx context.Context, m *engine.Machine, f *program.Flow, given map[string]any) (Answer, error) {
	in, err := Inputs(m, f, given)
	if err != nil {
		return Answer{}, err
	}
	result, err := m.Run(ctx, f, in)
	if err != nil {
		return Answer{Outputs: outputs(f, result.Outputs), Result: result}, err
	}
	return Answered(f, result)
}

// Answered is what a flow gave as its answer, held against what the action promises, for those who saw it run.
func Answered(f *program.Flow, result engine.Result) (Answer, error) {
	answer := Answer{Outputs: outputs(f, result.Outputs), Result: result}
	if broken := promised(f, answer); broken != "" {
		return answer, &engine.Error{Kind: engine.Unfit, Type: contract.Generic, Code: Unkept, Src: f.Src, Message: broken}
	}
	kept, is := contract.Of(f.Implements)
	is = is && f.Implements != ""
	if is && kept.Returns == contract.Nothing {
		delete(answer.Outputs, lastGave) // a request that ends it is answered for nobody
	}
	answer.Undeclared = undeclared(f, answer)
	if is {
		answer.Outputs = contract.Succeeded(answer.Outputs)
	}
	return answer, nil
}

// undeclared names what came out and is declared nowhere. What the last step of an action without a return gave is nobody's
// output, and a flow that halted gave none.
func undeclared(f *program.Flow, answer Answer) []string {
	if answer.Result.Halted {
		return nil
	}
	declared := func(name string) bool {
		return name == lastGave || slices.ContainsFunc(f.Outputs, func(p program.Parameter) bool { return p.Key.Name == name || p.Label == name })
	}
	if kept, is := contract.Of(f.Implements); is && f.Implements != "" {
		declared = kept.Declares
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(answer.Outputs)) {
		if !declared(name) {
			names = append(names, name)
		}
	}
	return names
}

// lastGave is where an action without a return has what its last step gave.
const lastGave = "output"

// Failed is the answer of an action that implements a contract and ended with an error, as whoever called it gets it.
func Failed(e *engine.Error) map[string]any {
	f := contract.Failure{Type: e.Type, Code: e.Code, Summary: e.Message, Status: e.Status}
	if f.Type == "" {
		f.Type = contract.TypeOf(e.Status)
	}
	return contract.Failed(f)
}

// Unkept is the code of the error that an answer is which lacks what its action promises.
const Unkept = "promise_not_kept"

// promised says what an answer lacks of what the action promises: by its contract, or by the outputs that it declares. A flow
// that halted promised nothing.
func promised(f *program.Flow, answer Answer) string {
	if answer.Result.Halted {
		return ""
	}
	if kept, is := contract.Of(f.Implements); is && f.Implements != "" {
		if lack := kept.Check(answer.Outputs); lack != "" {
			return fmt.Sprintf("The answer is not what the contract %q promises: %s.", kept.Name, lack)
		}
		return ""
	}
	for _, p := range f.Outputs {
		switch v := answer.Result.Outputs[p.Key]; {
		case v == nil && p.Required:
			return fmt.Sprintf("The output %q is required, and missing.", p.Label)
		case v != nil:
			if wrong := otherwise(p, v); wrong != "" {
				return fmt.Sprintf("The output %q is declared otherwise than it is: %s.", p.Label, wrong)
			}
		}
	}
	return ""
}

// otherwise says how an output differs from its declaration, "" where it does not.
func otherwise(p program.Parameter, v any) string {
	all, isList := v.([]any)
	switch {
	case p.List && !isList:
		return value.Shown(v) + " is no list"
	case p.List:
		for i, item := range all {
			if wrong := misfit(p, item); item != nil && wrong != "" {
				return fmt.Sprintf("item %d: %s", i+1, wrong)
			}
		}
	default:
		if wrong := misfit(p, v); wrong != "" {
			return wrong
		}
	}
	if p.Fault == nil {
		return ""
	}
	return strings.TrimSuffix(p.Fault(v), ".")
}

// misfit says why a value is not of the output's type. A conversion would make text of a list or an object: nobody who
// declares a text means that.
func misfit(p program.Parameter, v any) string {
	switch v.(type) {
	case []any, map[string]any:
		if p.Type != value.List && p.Type != value.Object && p.Type != value.Any {
			return fmt.Sprintf("%s is no %s", value.Shown(v), p.Type)
		}
	}
	if len(p.Choices) > 0 && !slices.Contains(p.Choices, value.Text(v)) {
		return fmt.Sprintf("%s is none of %s", value.Shown(v), strings.Join(p.Choices, ", "))
	}
	if _, err := p.Type.Convert(v); err != nil {
		return err.Error()
	}
	return ""
}

// Inputs finds a flow's fields by what people call them, and adds the connection that exported flows take as an input.
func Inputs(m *engine.Machine, f *program.Flow, given map[string]any) (engine.Values, error) {
	in := engine.Values{}
	if m.Connection != nil && slices.ContainsFunc(f.Inputs, func(p program.Parameter) bool { return p.Key.Group == "auth" }) {
		in[program.Key{Group: "auth", Name: "blob"}] = m.Connection
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		p := find(f.Inputs, name)
		if p == nil {
			return nil, fault.Newf(fault.Invalid, "%q takes no input %q. It takes: %s.", f.Name, name, labels(f.Inputs))
		}
		in[p.Key] = value.Of(given[name])
	}
	return in, nil
}

// find takes the field with the key, else with the label, else whose key begins with the name, as editors append to keys.
func find(all []program.Parameter, name string) *program.Parameter {
	tests := []func(p program.Parameter) bool{
		func(p program.Parameter) bool { return p.Key.Name == name || p.Key.String() == name },
		func(p program.Parameter) bool { return strings.EqualFold(p.Label, name) },
		func(p program.Parameter) bool {
			stem, _, _ := strings.Cut(p.Key.Name, "_")
			return strings.EqualFold(stem, name)
		},
	}
	for _, test := range tests {
		if i := slices.IndexFunc(all, test); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

func labels(all []program.Parameter) string {
	var names []string
	for _, p := range all {
		if p.Key.Group != "auth" && p.Key.Group != "selectedOutputs" {
			names = append(names, fmt.Sprintf("%q", p.Label))
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// outputs are what came out, by name; fields of exported flows by their labels.
func outputs(f *program.Flow, values engine.Values) map[string]any {
	object := map[string]any{}
	for key, v := range values {
		if key.Group == engine.Scope {
			continue
		}
		name := key.Name
		if p := find(f.Outputs, key.String()); p != nil && p.Label != "" && key.Group != "" {
			name = p.Label
		}
		object[name] = v
	}
	return object
}

// Status is whether a connection works.
type Status struct {
	Working bool
	Message string
}

// pingTime is how long a ping may take: somebody waits for it.
const pingTime = 15 * time.Second

// Ping asks whether the connection works. An API that does not answer, or refuses, is a connection that does not work; its
// error is that of the connector itself.
func (c *Connector) Ping(ctx context.Context, m *engine.Machine) (Status, error) {
	pings := c.Program.OfKind(program.Ping)
	if len(pings) == 0 {
		return Status{}, fault.New(fault.NotFound, "The connector has no ping, so nobody can tell whether a connection works.")
	}
	quick := *m
	quick.Limits.Time = pingTime
	answer, err := Run(ctx, &quick, pings[0], nil)
	if err != nil {
		if e, ok := errors.AsType[*engine.Error](err); ok && (e.Kind == engine.Answered || e.Kind == engine.Unanswered) {
			return Status{Message: e.Message}, nil
		}
		return Status{}, err
	}
	status := Status{Working: value.Truth(answer.Outputs["working"]), Message: value.Text(answer.Outputs["message"])}
	if status.Message == "" {
		status.Message = value.Text(value.Get(answer.Outputs["serviceResponse"], "message"))
	}
	return status, nil
}
