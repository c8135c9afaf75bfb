package engine

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// run is one run under way. Items of a loop may share it.
type run struct {
	*Machine
	ctx    context.Context // of the run: all its cards are one stretch of work
	limits Limits
	dice   *dice
	used   *used
}

// used is what a run has used of its limits so far, with the runs of other connectors that it started.
type used struct {
	steps, requests, memory atomic.Int64

	tables *Tables
	answer atomic.Pointer[Values] // what a Close card sent before the run's end
}

// dice are random numbers that several goroutines may draw.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

// Read fills p with random bytes.
func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range p {
		p[i] = byte(d.random.Uint32())
	}
	return len(p), nil
}

// below draws a number from 0 to n-1.
func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(n)
}

// outcome is how a scope ended.
type outcome struct {
	values   Values
	returned bool // by a Return card, not by reaching the end
	halted   bool
	message  string
}

// frame is a scope under way.
type frame struct {
	flow  *program.Flow
	scope *program.Scope
	args  Values
	depth int
	env   map[string]any // what expressions see; nil in imported flows
	gave  []Values       // what each node gave, by index; nil of one that did not run
	ran   []bool
	took  int64 // bytes of all that
	end   *outcome
}

// flow runs a flow as if a card had called it.
func (r *run) flow(f *program.Flow, in Values, depth int) (outcome, error) {
	if f == nil || f.Body == nil {
		name := ""
		if f != nil {
			name = f.Name
		}
		return outcome{}, fail(Unsupported, "The flow %q is called, and its cards are in none of the files.", name)
	}
	frame := &frame{flow: f, scope: f.Body, args: in, depth: depth}
	if written(f) {
		names, err := r.names(f, in)
		if err != nil {
			return outcome{}, err
		}
		frame.env = names
	}
	return r.scope(frame)
}

// scope runs the nodes of f in their order: what stands on a branch that was not taken is passed over.
func (r *run) scope(f *frame) (outcome, error) {
	if f.depth > r.limits.Depth {
		return outcome{}, fail(Limit, "Flows call each other more than %d deep.", r.limits.Depth)
	}
	f.gave, f.ran = make([]Values, len(f.scope.Nodes)), make([]bool, len(f.scope.Nodes))
	defer func() { r.used.memory.Add(-f.took) }()
	last := -1
	for i, n := range f.scope.Nodes {
		if !f.due(n) {
			continue
		}
		gave, err := r.node(f, n)
		if err != nil {
			return outcome{}, err
		}
		f.ran[i], f.gave[i] = true, gave
		if err := r.hold(f, n, gave); err != nil {
			return outcome{}, err
		}
		if counts(n) {
			last = i
		}
		if f.end != nil {
			return *f.end, nil
		}
	}
	if last < 0 {
		return outcome{values: Values{}}, nil
	}
	return outcome{values: f.gave[last]}, nil // a flow without a Return card gives what its last card gave
}

// counts holds for the cards of which the last one gives what a flow without a Return card returns.
func counts(n *program.Node) bool { return !n.Hidden && n.Op != "control/comment" }

// due reports whether a node runs: the head of a branch where its if chose it, any other where something before it ran.
func (f *frame) due(n *program.Node) bool {
	if b := n.Branch; b != nil {
		chose, _ := f.gave[b.If][result].(bool)
		return f.ran[b.If] && chose == b.Value
	}
	if len(n.After) == 0 {
		return true
	}
	for _, before := range n.After {
		if f.ran[before] {
			return true
		}
	}
	return false
}

var result = program.Key{Name: "result"}

// hold counts what the values of a run take, so that no run fills memory.
func (r *run) hold(f *frame, n *program.Node, gave Values) error {
	var size int64
	for _, v := range gave {
		size += value.Size(v, r.limits.Memory)
	}
	f.took += size
	if r.used.memory.Add(size) > r.limits.Memory {
		return place(r.full(), f, n)
	}
	return nil
}

func (r *run) full() *Error {
	return fail(Limit, "The values of this run take more than %d MiB.", r.limits.Memory>>20)
}

func place(e *Error, f *frame, n *program.Node) *Error {
	if e.Src == (program.Src{}) {
		e.Src, e.flow, e.card = n.Src, f.flow.ID, n.ID
	}
	return e
}

// node runs one card, as often as its policy says, and what its policy says where it fails.
func (r *run) node(f *frame, n *program.Node) (Values, error) {
	if r.used.steps.Add(1) > int64(r.limits.Steps) {
		return nil, place(fail(Limit, "More than %d cards ran. Is there a loop without end?", r.limits.Steps), f, n)
	}
	if r.ctx.Err() != nil {
		return nil, place(r.ended(), f, n)
	}
	started := r.started()
	gave, failed := r.tries(f, n)
	if failed != nil {
		failed = place(failed, f, n)
	}
	if r.Observe != nil {
		r.observe(f, n, started, gave, failed)
	}
	if failed == nil {
		return gave, nil
	}
	if !failed.catchable() {
		return nil, failed
	}
	return r.handle(f, n, failed)
}

func (r *run) started() time.Time {
	if r.Observe == nil {
		return time.Time{}
	}
	return time.Now()
}

func (r *run) observe(f *frame, n *program.Node, started time.Time, gave Values, failed *Error) {
	step := Step{Src: n.Src, Flow: f.flow.Name, ID: n.ID, Op: n.Op, Title: n.Title, Depth: f.depth, Took: time.Since(started), Outputs: gave}
	if failed != nil {
		step.Err = failed
	}
	r.Observe(step)
}

// tries runs the card until it does, or no try is left.
func (r *run) tries(f *frame, n *program.Node) (Values, *Error) {
	for try := 0; ; try++ {
		gave, err := r.card(f, n)
		if err == nil || try >= n.Policy.Retries || !err.catchable() || !n.Policy.OnAny && !askedTooOften(err) {
			return gave, err
		}
		wait := time.Duration(n.Policy.MinWait) * time.Millisecond
		if spread := n.Policy.MaxWait - n.Policy.MinWait; spread > 0 {
			wait += time.Duration(r.dice.below(spread)) * time.Millisecond
		}
		if asked, ok := err.RetryAfter(r.now()); ok {
			wait = asked
		}
		if r.sleep(r.ctx, min(wait, 5*time.Minute)) != nil {
			return nil, r.ended()
		}
	}
}

// askedTooOften holds for the answers that "rate limits" means (connectors §1.5).
func askedTooOften(e *Error) bool { return e.Kind == Answered && (e.Status == 429 || e.Status == 504) }

// handle does what the card's policy says about an error.
func (r *run) handle(f *frame, n *program.Node, failed *Error) (Values, error) {
	switch n.Policy.Then {
	case program.Continue:
		gave := Values{}
		for name, v := range failed.object() {
			gave[program.Key{Name: name}] = v
		}
		return gave, nil
	case program.CallFlow:
		if _, err := r.flow(r.Program.Flow(n.Policy.Flow), Values{{Group: "context", Name: "error"}: failed.object()}, f.depth+1); err != nil {
			return nil, place(asError(err), f, n)
		}
		f.end = &outcome{values: Values{}, returned: true, halted: true, message: failed.Message} // nobody shall take it for an end that was meant
		return Values{}, nil
	case program.Handle:
		scope := n.Scope("catch")
		if scope == nil {
			return nil, failed
		}
		out, err := r.inside(f, n, scope, Values{{Group: "context", Name: "error"}: failed.object()})
		if err != nil {
			return nil, place(asError(err), f, n)
		}
		return out.values, nil
	}
	return nil, failed
}

// inside runs a scope that belongs to a card of f. It sees the card's context, which is how outer values reach it, and more.
func (r *run) inside(f *frame, n *program.Node, scope *program.Scope, more Values) (outcome, error) {
	args := Values{}
	for i := range n.In {
		if in := &n.In[i]; in.Key.Group == "context" {
			v, err := r.bind(f, in)
			if err != nil {
				return outcome{}, place(err, f, n)
			}
			args[in.Key] = v
		}
	}
	for k, v := range more {
		args[k] = v
	}
	return r.scope(&frame{flow: f.flow, scope: scope, args: args, depth: f.depth + 1, env: f.env})
}
