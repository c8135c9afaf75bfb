package engine

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// noon is when runs of tests take place.
var noon = time.Date(2026, 1, 31, 12, 0, 0, 250_000_000, time.UTC)

// movedClock stands at noon and moves only when somebody sleeps.
type movedClock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func (m *movedClock) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *movedClock) Sleep(ctx context.Context, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.slept = m.at.Add(d), append(m.slept, d)
	return ctx.Err()
}

// answering is an API: what it answers to a request.
type answering func(Request) Response

func (a answering) Call(_ context.Context, q Request) (Response, error) { return a(q), nil }

// echo answers with what it was asked.
func echo(q Request) Response {
	headers := map[string]any{}
	for name, values := range headerObject(q.Header) {
		headers[name] = values
	}
	body := value.Encode(map[string]any{"method": q.Method, "url": q.URL, "headers": headers, "body": string(q.Body)})
	return Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// machine runs the flows at noon, with the same chance every time, against an API that echoes.
func machine(flows ...*program.Flow) *Machine {
	return &Machine{
		Program: program.New(flows...), API: answering(echo), Clock: &movedClock{at: noon}, Random: rand.New(rand.NewPCG(1, 2)),
	}
}

// parseKey reads a key as tests write it: "name" or "group|name".
func parseKey(text string) program.Key {
	if group, name, found := strings.Cut(text, "|"); found {
		return program.Key{Group: group, Name: name}
	}
	return program.Key{Name: text}
}

// of is a constant of a declared type.
type of struct {
	typ  value.Type
	data any
}

// calls refers to a flow by its id.
type calls string

// item is what a loop passes on: a part of the item.
type item string

// fields are inputs in order: name, constant, name, constant. Constants are of any type unless they are made with of.
func fields(pairs ...any) []program.Input {
	var all []program.Input
	for i := 0; i < len(pairs); i += 2 {
		in := program.Input{Key: parseKey(pairs[i].(string))}
		switch v := pairs[i+1].(type) {
		case of:
			in.Type, in.Const = v.typ, v.data
		case calls:
			in.Type, in.Flow = value.Flow, string(v)
		case item:
			in.Item = &program.Item{Path: string(v), Dynamic: true}
		default:
			in.Const = v
			if in.Key.Group == "" && i > 0 {
				in.Item = &program.Item{} // constants of loops are the same for every item
			}
		}
		all = append(all, in)
	}
	return all
}

// node is one card.
func node(op string, in []program.Input, outputs ...program.Output) *program.Node {
	return &program.Node{ID: op, Op: op, Title: op, In: in, Out: outputs, Src: program.Src{Flow: "a flow", Card: op}}
}

// flow is a flow of cards that follow each other.
func flow(id string, nodes ...*program.Node) *program.Flow {
	for i, n := range nodes {
		if i > 0 && n.After == nil && n.Branch == nil {
			n.After = []int{i - 1}
		}
	}
	return &program.Flow{ID: id, Name: id, Kind: program.Helper, Body: &program.Scope{Nodes: nodes}}
}

// wired is an input that takes an output of an earlier card of its scope.
func wired(name string, typ value.Type, from int, output string) program.Input {
	return program.Input{Key: parseKey(name), Type: typ, Wires: []program.Wire{{Node: from, From: parseKey(output)}}}
}

// outs are outputs of any type.
func outs(names ...string) []program.Output {
	var all []program.Output
	for _, name := range names {
		all = append(all, program.Output{Key: parseKey(name)})
	}
	return all
}

// named shows values by their keys as messages write them.
func shown(v Values) map[string]any {
	all := map[string]any{}
	for k, item := range v {
		all[k.String()] = item
	}
	return all
}

type gives = map[string]any

type list = []any

type object = map[string]any

// row is one thing that a card does, or refuses.
type row struct {
	says  string // a sentence
	op    string
	in    []program.Input
	want  gives  // all outputs; nil where it fails
	fails string // what the error says

	kind  Kind // of the error; Unfit unless told
	out   []program.Output
	args  Values          // of the flow
	with  []*program.Flow // that the card calls
	shape func(*program.Node)
	set   func(*Machine)
}

func (r row) run(t *testing.T) {
	t.Helper()
	n := node(r.op, r.in, r.out...)
	if r.shape != nil {
		r.shape(n)
	}
	main := flow("main", n)
	m := machine(append(r.with, main)...)
	if r.set != nil {
		r.set(m)
	}
	result, err := m.Run(t.Context(), main, r.args)
	if r.fails != "" {
		kind := r.kind
		if kind == "" {
			kind = Unfit
		}
		if err == nil || !strings.Contains(err.Error(), r.fails) {
			t.Fatalf("%s: got %v and %v, want an error that says %q", r.op, shown(result.Outputs), err, r.fails)
		}
		if e := asError(err); e.Kind != kind {
			t.Errorf("%s: the error %q is of kind %q, want %q", r.op, err, e.Kind, kind)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", r.op, err)
	}
	if diff := cmp.Diff(r.want, gives(shown(result.Outputs))); diff != "" {
		t.Errorf("%s does not give what it should (- want, + got):\n%s", r.op, diff)
	}
}
