package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector/program"
)

// place is a scope within its flow: the body, or what lies inside of a card.
type place struct {
	flow   *program.Flow
	outer  *place        // nil of a body
	holder *program.Node // the card that it lies in
	scope  *program.Scope
	loops  bool // it may run more than once
	tries  int  // how many If Error it lies in
	wanted map[int]bool
}

// call is a card that calls a flow.
type call struct {
	at   *place
	node *program.Node
}

// index finds the scopes of all flows, who calls whom, and who sends requests.
func (l *linter) index() {
	l.places, l.callers = map[*program.Flow][]*place{}, map[*program.Flow][]call{}
	for _, f := range l.flows {
		l.enter(&place{flow: f, scope: f.Body})
	}
	var ask func(f *program.Flow)
	ask = func(f *program.Flow) {
		if l.asks[f] {
			return
		}
		l.asks[f] = true
		for _, c := range l.callers[f] {
			ask(c.at.flow)
		}
	}
	for _, f := range l.flows {
		if slices.ContainsFunc(l.places[f], func(at *place) bool { return slices.ContainsFunc(at.scope.Nodes, requests) }) {
			ask(f)
		}
	}
}

func (l *linter) enter(at *place) {
	l.places[at.flow] = append(l.places[at.flow], at)
	at.wanted = map[int]bool{}
	for _, n := range at.scope.Nodes {
		for _, in := range n.In {
			for _, w := range in.Wires {
				at.wanted[w.Node] = true
			}
			if callee := l.program.Flow(in.Flow); in.Flow != "" && callee != nil {
				l.callers[callee] = append(l.callers[callee], call{at, n})
			}
		}
		for _, sub := range n.Sub {
			inner := &place{flow: at.flow, outer: at, holder: n, scope: sub.Scope, loops: at.loops || loops(n), tries: at.tries}
			if (n.Op == "control/tryCatch" || n.Op == "step/try") && (sub.Name == "flo" || sub.Name == "try") {
				inner.tries++
			}
			l.enter(inner)
		}
	}
}

// requests reports whether a card asks the API, or another app.
func requests(n *program.Node) bool {
	switch n.Op {
	case "http/raw", "step/http", "step/paginate":
		return true
	}
	return strings.HasPrefix(n.Op, "app/") && !strings.HasPrefix(n.Op, "app/stash/")
}

// loops reports whether a card runs a flow several times.
func loops(n *program.Node) bool {
	switch n.Op {
	case "list/each", "list/asyncEach", "list/map", "list/filter", "list/reduce", "object/map", "object/process", "control/times", "control/until",
		"step/forEach", "step/paginate":
		return true
	}
	return false
}

// reaches reports whether a card sends requests, by itself or through what it calls or holds.
func (l *linter) reaches(n *program.Node) bool {
	if requests(n) {
		return true
	}
	for _, in := range n.In {
		if callee := l.program.Flow(in.Flow); in.Flow != "" && callee != nil && l.asks[callee] {
			return true
		}
	}
	return slices.ContainsFunc(n.Sub, func(s program.Sub) bool { return slices.ContainsFunc(s.Scope.Nodes, l.reaches) })
}

// input returns the input of that name outside of groups; nil where there is none.
func input(n *program.Node, name string) *program.Input {
	for i := range n.In {
		if n.In[i].Key == (program.Key{Name: name}) {
			return &n.In[i]
		}
	}
	return nil
}

// fromCaller reports whether a wire brings what the flow was called with, in the group.
func fromCaller(s *program.Scope, w program.Wire, group string) bool {
	return s.Nodes[w.Node].Op == "control/callable" && w.From.Group == group
}

// formulaTexts are the literal texts of a formula, in order; those of an address begin with how it begins.
func formulaTexts(f program.Formula) []string {
	if told, can := f.(interface{ Texts() []string }); can {
		return told.Texts()
	}
	return nil
}

// texts are all texts that a card holds.
func texts(n *program.Node, each func(in *program.Input, text string)) {
	var walk func(in *program.Input, v any)
	walk = func(in *program.Input, v any) {
		switch v := v.(type) {
		case string:
			each(in, v)
		case []any:
			for _, item := range v {
				walk(in, item)
			}
		case map[string]any:
			for _, member := range v {
				walk(in, member)
			}
		}
	}
	for i := range n.In {
		in := &n.In[i]
		walk(in, in.Const)
		for _, text := range formulaTexts(in.Formula) {
			each(in, text)
		}
	}
}
