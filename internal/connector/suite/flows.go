package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// FlowResults runs exported test flows against the connector and judges them by how they end (connectors §3.7): they have no
// card that asserts. A flow that is listed and not there has not run.
func (r *Runner) FlowResults(ctx context.Context, files ...*flopack.File) []Result {
	tests, found := flopack.Link(files...)
	var results []Result
	for _, f := range files {
		if lack := f.Lacks(); lack != "" && len(r.Only) == 0 {
			results = append(results, r.told(Result{ID: f.Name, Title: "All flows of the file are there", Source: "flow", Status: NotRun, Message: lack}))
		}
	}
	r.flows = nil
	for i, c := range r.flowCases(tests) {
		flow, id := c.of, c.id
		if r.Mode == Replay && flow != nil && c.Expect == "pass" {
			r.flows = append(r.flows, replay{id, c.covers(tests, r.Connector), func(ctx context.Context, s *session, tell func(call) bool) string {
				return s.walkFlow(ctx, tests, c, tell)
			}})
		}
		if !r.wants(id) {
			continue
		}
		result := Result{Status: NotRun, Message: fmt.Sprintf("There is no flow %q in the file.", c.Flow)}
		if flow != nil {
			result = r.one(ctx, id, r.Seed+2000+uint64(i), func(ctx context.Context, s *session) Result {
				return s.judgeFlow(ctx, s.testing(tests, func(call) {}), flow, c)
			})
			result.Src = flow.Src
		}
		result.ID, result.Title, result.Source, result.Negative, result.Covers = id, c.Flow, "flow", c.Expect == "error" || c.Expect == "halt", c.covers(tests, r.Connector)
		results = append(results, r.told(result))
	}
	_ = found // lint tells of them
	return results
}

// flowCases are those that the suite lists, then all other flows that none calls: these shall pass.
func (r *Runner) flowCases(tests *program.Program) []FlowCase {
	called, cases := map[string]bool{}, slices.Clone(r.Suite.Flows)
	for i, c := range cases {
		if f := tests.Named(c.Flow); f != nil {
			cases[i].of = f
			called[f.ID] = true // once is enough
		}
	}
	for _, f := range tests.Flows() {
		walk(f.Body, func(n *program.Node) {
			for _, in := range n.In {
				if callee := tests.Flow(in.Flow); callee != nil && callee != f {
					called[callee.ID] = true
				}
			}
		})
	}
	reached := map[string]bool{}
	for _, c := range cases {
		reach(tests, c.of, reached)
	}
	for _, all := range []bool{false, true} { // at last those that only call each other in a circle: one of each
		for _, f := range tests.Flows() {
			if !reached[f.ID] && (all || !called[f.ID]) {
				reach(tests, f, reached)
				cases = append(cases, FlowCase{Flow: f.Name, Expect: "pass", of: f})
			}
		}
	}
	taken := map[string]bool{}
	for _, c := range r.Suite.Cases {
		taken[c.ID] = true
	}
	for i, c := range cases {
		cases[i].id = flowID(c.Flow, taken)
		taken[cases[i].id] = true
	}
	return cases
}

// reach marks a flow and all that it calls.
func reach(tests *program.Program, f *program.Flow, reached map[string]bool) {
	if f == nil || f.Body == nil || reached[f.ID] {
		return
	}
	reached[f.ID] = true
	walk(f.Body, func(n *program.Node) {
		for _, in := range n.In {
			reach(tests, tests.Flow(in.Flow), reached)
		}
	})
}

// NoCase returns the first id of Only that is that of no case, nor one of the others; "" where there is none.
func (r *Runner) NoCase(files []*flopack.File, others ...string) string {
	known := map[string]bool{}
	for _, id := range others {
		known[id] = true
	}
	for _, c := range r.Suite.Cases {
		known[c.ID] = true
	}
	tests, _ := flopack.Link(files...)
	for _, c := range r.flowCases(tests) {
		known[c.id] = true
	}
	for _, id := range r.Only {
		if !known[id] && caseKind(id) == "" {
			return id
		}
	}
	return ""
}

func walk(s *program.Scope, visit func(*program.Node)) {
	if s == nil {
		return
	}
	for _, n := range s.Nodes {
		visit(n)
		for _, sub := range n.Sub {
			walk(sub.Scope, visit)
		}
	}
}

var leading = regexp.MustCompile(`^TC[0-9]+`)

// flowID is the id that a flow's name begins with, unless another case has it: then, and where there is none, the name.
func flowID(name string, taken map[string]bool) string {
	if id := leading.FindString(name); id != "" && !taken[id] {
		return id
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-' // it names a file, too
		}
		return r
	}, name)
}

// walkFlow runs a flow and tells of the connector's cards in it. It is not stopped midway: only the flow knows its end.
func (s *session) walkFlow(ctx context.Context, tests *program.Program, c FlowCase, tell func(call) bool) (unsound string) {
	machine := s.testing(tests, func(one call) { tell(one) })
	if result := s.judgeFlow(ctx, machine, c.of, c); result.Status != Pass {
		return result.Message
	}
	if len(s.play.missed) > 0 {
		return s.play.missed[0]
	}
	return ""
}

// testing is a machine for test flows, in which the connector's own cards run on the case's machine. What these give is
// weighed as in any case, and told.
func (s *session) testing(tests *program.Program, tell func(call)) *engine.Machine {
	machine := *s.machine
	struck := 0
	machine.Observe = func(step engine.Step) {
		s.machine.Observe(step)
		hits := 0
		if s.play != nil {
			hits, struck = s.play.struck()-struck, s.play.struck()
		}
		app, is := appOf(step.Op)
		if !is || machine.Apps[app] != s.machine {
			return
		}
		action := s.machine.Called(step.Op, step.Title)
		if action == nil {
			return
		}
		one := s.carded(action, step)
		one.hits = hits
		tell(one)
	}
	machine.Program, machine.Connection = tests, nil
	machine.Apps = maps.Clone(s.Apps)
	if machine.Apps == nil {
		machine.Apps = map[string]*engine.Machine{}
	}
	for _, f := range tests.Flows() {
		walk(f.Body, func(n *program.Node) {
			if app, is := appOf(n.Op); is && machine.Apps[app] == nil && (s.Connector.Key == "" || s.Connector.Key == app) {
				machine.Apps[app] = s.machine
			}
		})
	}
	return &machine
}

// carded weighs what a card of a flow gave that called an action.
func (s *session) carded(action *program.Flow, step engine.Step) call {
	one := call{name: action.Name, err: step.Err}
	if e, is := errors.AsType[*engine.Error](step.Err); is {
		s.weigh(action, connector.Answer{}, e)
		if e.Kind == engine.Raised || e.Kind == engine.Answered {
			s.saw.tried(action.Name, true)
		}
		return one
	}
	answer, err := connector.Answered(action, engine.Result{Outputs: step.Outputs})
	s.weigh(action, answer, err)
	one.outputs, one.err = answer.Outputs, err
	if err == nil {
		s.saw.tried(action.Name, false)
	}
	return one
}

func appOf(op string) (string, bool) {
	rest, is := strings.CutPrefix(op, "app/")
	app, _, _ := strings.Cut(rest, "/")
	return app, is && !engine.Known(op)
}

// covers are the connector's actions that the cards of the flow call, and those of the flows that it calls.
func (c FlowCase) covers(tests *program.Program, of *connector.Connector) []string {
	if len(c.Covers) > 0 {
		return c.Covers
	}
	reached, names := map[string]bool{}, []string{}
	reach(tests, c.of, reached)
	called := &engine.Machine{Program: of.Program}
	for _, flow := range tests.Flows() {
		if !reached[flow.ID] {
			continue
		}
		walk(flow.Body, func(n *program.Node) {
			if _, is := appOf(n.Op); !is {
				return
			}
			if f := called.Called(n.Op, n.Title); f != nil && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		})
	}
	return names
}

// deciding are the keys of a Return card whose truth says whether a test has passed.
var deciding = []string{"passed", "success", "working", "result"}

func (s *session) judgeFlow(ctx context.Context, machine *engine.Machine, flow *program.Flow, c FlowCase) Result {
	in, err := connector.Inputs(machine, flow, c.With)
	if err != nil {
		return Result{Status: NotRun, Message: err.Error()}
	}
	out, err := machine.Run(ctx, flow, in)
	expect := c.Expect
	if expect == "" {
		expect = "pass"
	}
	if err != nil {
		e, is := errors.AsType[*engine.Error](err)
		switch {
		case !is || e.Kind == engine.Unsupported || e.Kind == engine.Stopped || e.Kind == engine.Refused, e.Kind == engine.Unanswered && s.play == nil:
			return Result{Status: NotRun, Message: err.Error()}
		case expect != "error" || e.Kind == engine.Limit:
			return Result{Status: Fail, Message: "It ended with an error: " + err.Error()}
		case c.Status != 0 && c.Status != e.Status:
			return Result{Status: Fail, Message: "It ended with another error: " + otherStatus(c.Status, e.Status) + ": " + err.Error()}
		}
		return Result{Status: Pass, Message: e.Message}
	}
	if out.Halted {
		if expect == "halt" {
			return Result{Status: Pass, Message: out.Message}
		}
		return Result{Status: Fail, Message: "halted: " + out.Message}
	}
	if expect != "pass" {
		return Result{Status: Fail, Message: fmt.Sprintf("It came to its end, and was to end with %s.", expect)}
	}
	for _, name := range deciding {
		if v, has := out.Outputs[program.Key{Name: name}]; has {
			if v == nil {
				return Result{Status: Fail, Message: fmt.Sprintf("It returned %s without a value: the card that decides did not run.", name)}
			}
			truth, is := v.(bool)
			if text, isText := v.(string); isText && strings.EqualFold(text, "false") {
				truth, is = false, true
			}
			if is && !truth {
				return Result{Status: Fail, Message: fmt.Sprintf("It returned %s false: %s.", name, shorten(value.Text(out.Outputs[program.Key{Name: "message"}])))}
			}
		}
	}
	return Result{Status: Pass}
}
