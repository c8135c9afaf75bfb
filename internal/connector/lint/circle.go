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
	for _, f := range l.program.OfKind(program.Helper) {
		switch {
		case leads(f, f, certain, map[*program.Flow]bool{}):
			l.found.Add(Endless, f.Src, "The helper %q calls itself, again and again: nothing before the call can end it.", f.Name)
		case leads(f, f, all, map[*program.Flow]bool{}):
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

// leads reports whether calls lead from one flow to another.
func leads(from, to *program.Flow, calls map[*program.Flow][]*program.Flow, seen map[*program.Flow]bool) bool {
	return slices.ContainsFunc(calls[from], func(next *program.Flow) bool {
		if next == to {
			return true
		}
		if seen[next] {
			return false
		}
		seen[next] = true
		return leads(next, to, calls, seen)
	})
}
