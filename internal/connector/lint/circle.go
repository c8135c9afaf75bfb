package lint

import (
	"slices"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
)

// circles looks for helpers of connector.yaml that call themselves, by themselves or through others: before they can end,
// which no run survives, or where a condition holds. Exported flows read page after page so.
func (l *linter) circles() {
	certain, all := map[*program.Flow][]*program.Flow{}, map[*program.Flow][]*program.Flow{}
	for _, f := range l.flows {
		for _, n := range f.Body.Nodes {
			certain[f] = append(certain[f], l.helpers(n)...)
			if mayEnd(n) {
				break
			}
		}
		for _, at := range l.places[f] {
			for _, n := range at.scope.Nodes {
				all[f] = append(all[f], l.helpers(n)...)
			}
		}
	}
	endless, circling := onCircles(certain), onCircles(all)
	for _, f := range l.program.OfKind(program.Helper) {
		switch {
		case endless[f]:
			l.found.Add(Endless, f.Src, "The helper %q calls itself, again and again: nothing before the call can end it.", f.Name)
		case circling[f]:
			l.found.Add(TooLarge, f.Src, "The helper %q may call itself; more than %d times is refused.", f.Name, engine.MostFlows)
		}
	}
}

// helpers are what a step calls: one helper at most.
func (l *linter) helpers(n *program.Node) []*program.Flow {
	if n.Op != "step/call" {
		return nil
	}
	for _, in := range n.In {
		if callee := l.program.Flow(in.Flow); in.Flow != "" && callee != nil {
			return []*program.Flow{callee}
		}
	}
	return nil
}

// mayEnd reports whether a step ends its flow, or holds one that does.
func mayEnd(n *program.Node) bool {
	switch n.Op {
	case "step/return", "step/fail", "step/rethrow":
		return true
	}
	return slices.ContainsFunc(n.Sub, func(s program.Sub) bool { return slices.ContainsFunc(s.Scope.Nodes, mayEnd) })
}

// onCircles are the flows from which calls lead back to themselves. Each call is followed once (Tarjan's algorithm): a file may
// have very many.
func onCircles(calls map[*program.Flow][]*program.Flow) map[*program.Flow]bool {
	found, low, at := map[*program.Flow]bool{}, map[*program.Flow]int{}, map[*program.Flow]int{}
	var open []*program.Flow // visited, and part of nothing that is finished
	isOpen := map[*program.Flow]bool{}
	var visit func(f *program.Flow)
	visit = func(f *program.Flow) {
		at[f] = len(at) + 1
		low[f] = at[f]
		open, isOpen[f] = append(open, f), true
		for _, next := range calls[f] {
			found[f] = found[f] || next == f
			if at[next] == 0 {
				visit(next)
				low[f] = min(low[f], low[next])
			} else if isOpen[next] {
				low[f] = min(low[f], at[next])
			}
		}
		if low[f] < at[f] {
			return
		}
		first := len(open) - 1
		for open[first] != f {
			first--
		}
		for _, member := range open[first:] {
			found[member], isOpen[member] = found[member] || len(open)-first > 1, false
		}
		open = open[:first]
	}
	for f := range calls {
		if at[f] == 0 {
			visit(f)
		}
	}
	return found
}
