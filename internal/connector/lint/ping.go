package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector/program"
)

// pings checks that there is a ping, that it asks the API with the connection, and that it listens to the answer.
func (l *linter) pings() {
	all := l.program.OfKind(program.Ping)
	if len(all) == 0 {
		l.found.Add(BadPing, l.whole(), "The connector has no ping (an authping flow), so nobody can tell whether a connection works.")
	}
	for _, f := range all {
		switch {
		case !l.asks[f]:
			l.found.Add(BadPing, f.Src, "The ping sends no request.")
		case strings.HasPrefix(first(f).Op, "step/"): // the engine puts the connection on, and takes the answer's status
		case !l.connected(f):
			l.found.Add(BadPing, f.Src, "The ping does not use the connection, so it says the same about each.")
		case !l.listens(f.Body):
			l.found.Add(BadPing, f.Src, "Whether the ping says that it works does not depend on the API's answer.")
		}
	}
}

// connected reports whether the connection is passed on, to whatever card.
func (l *linter) connected(f *program.Flow) bool {
	for _, at := range l.places[f] {
		for _, n := range at.scope.Nodes {
			if strings.HasPrefix(n.Op, "app/") { // which has a connection of its own
				return true
			}
			for _, in := range n.In {
				if slices.ContainsFunc(in.Wires, func(w program.Wire) bool { return fromCaller(at.scope, w, "auth") }) {
					return true
				}
			}
		}
	}
	return false
}

// listens reports whether "working" hangs on a request: on its answer, or on whether it failed.
func (l *linter) listens(s *program.Scope) bool {
	hangs := make([]bool, len(s.Nodes)) // what the card gives hangs on an answer
	when := make([]bool, len(s.Nodes))  // whether the card runs does
	gated := false                      // a card before it may have ended the flow because of an answer
	for i, n := range s.Nodes {
		on := func(w program.Wire) bool { return hangs[w.Node] || when[w.Node] }
		hangs[i] = l.reaches(n) || slices.ContainsFunc(n.In, func(in program.Input) bool { return slices.ContainsFunc(in.Wires, on) })
		switch {
		case n.Branch != nil:
			when[i] = hangs[n.Branch.If] || when[n.Branch.If]
		case n.Op != "control/join" && len(n.After) > 0:
			when[i] = !slices.ContainsFunc(n.After, func(b int) bool { return !when[b] })
		}
		when[i] = when[i] || gated
		switch n.Op {
		case "control/continueIf", "control/throwIf":
			gated = gated || hangs[i]
		case "control/return":
			for _, in := range n.In {
				if in.Key.Name == "working" && (when[i] || slices.ContainsFunc(in.Wires, on)) {
					return true
				}
			}
		}
	}
	return false
}
