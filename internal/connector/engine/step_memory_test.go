package engine

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/connector/program"
	"slipway/internal/expression"
)

// fixed is a formula that makes a text of its own each time.
type fixed int

func (f fixed) Eval(expression.Env) (any, error) { return strings.Repeat("x", int(f)), nil }
func (fixed) Uses() []string                     { return nil }

func TestWhatALoopOfStepsCollectsCountsAtOnce(t *testing.T) {
	made := 0
	collect := counted{fixed(1 << 20), &made}
	loop := &program.Node{ID: "all", Op: "step/forEach", In: []program.Input{{Key: key("forEach"), Const: make([]any, 1000)}, {Key: key("as"), Const: "item"}, {Key: key("collect"), Formula: collect}}}
	f := flow("main", loop)
	_, err := machine(f).Run(t.Context(), f, nil)
	if e, is := errors.AsType[*Error](err); !is || e.Kind != Limit || made > 100 {
		t.Errorf("got %v after %d MiB; want the limit at 64", err, made)
	}
}

type counted struct {
	program.Formula
	made *int
}

func (c counted) Eval(env expression.Env) (any, error) {
	*c.made++
	return c.Formula.Eval(env)
}

func TestPagesOfAStepCountAtOnce(t *testing.T) {
	page := []byte(`["` + strings.Repeat("x", 5<<20) + `"]`)
	asked := 0
	m := machine()
	m.API = answering(func(Request) Response {
		asked++
		return Response{Status: 200, Header: http.Header{}, Body: page}
	})
	in := func(name string, v any) program.Input { return program.Input{Key: parseKey(name), Const: v} }
	step := &program.Node{ID: "all", Op: "step/paginate", In: []program.Input{
		in("http|method", "GET"), in("http|path", "https://api.example.com/"), in("by", "page"), {Key: key("items"), Formula: body{}},
	}}
	f := flow("main", step)
	m.Program = program.New(f)
	_, err := m.Run(t.Context(), f, nil)
	if e, is := errors.AsType[*Error](err); !is || e.Kind != Limit || asked > 20 {
		t.Errorf("got %v after %d pages of 5 MiB; want the limit at 64", err, asked)
	}
}

type body struct{}

func (body) Eval(env expression.Env) (any, error) {
	return env.Values["res"].(map[string]any)["body"], nil
}
func (body) Uses() []string { return nil }

func TestAReturnInALoopOfStepsEndsTheLoop(t *testing.T) {
	asked := 0
	m := machine()
	m.API = answering(func(Request) Response { asked++; return Response{Status: 200, Header: http.Header{}} })
	in := func(name string, v any) program.Input { return program.Input{Key: parseKey(name), Const: v} }
	loop := &program.Node{ID: "all", Op: "step/forEach", In: []program.Input{in("forEach", []any{"a", "b", "c"}), in("as", "item")}}
	loop.Sub = []program.Sub{scope("steps",
		&program.Node{ID: "ask", Op: "step/http", In: []program.Input{in("http|method", "DELETE"), in("http|path", "https://api.example.com/")}},
		&program.Node{ID: "end", Op: "step/return", After: []int{0}, In: []program.Input{in("return", "done")}},
	)}
	f := flow("main", loop)
	m.Program = program.New(f)
	if _, err := m.Run(t.Context(), f, nil); err != nil || asked != 1 {
		t.Errorf("%d requests were sent, %v; want none after the return", asked, err)
	}
}
