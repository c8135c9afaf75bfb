package lint

import (
	"maps"
	"slices"
	"strings"

	"slipway/internal/connector/definition"
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
			l.proves(f)
		case !l.connected(f):
			l.found.Add(BadPing, f.Src, "The ping does not use the connection, so it says the same about each.")
		case !l.listens(f.Body):
			l.found.Add(BadPing, f.Src, "Whether the ping says that it works does not depend on the API's answer.")
		}
	}
}

// proves suspects ways to connect of which a written ping says the same whatever secret was entered: neither what goes along
// with every request nor the ping itself uses one. The other types have theirs put on by the engine.
func (l *linter) proves(f *program.Flow) {
	var formulas []program.Formula
	for _, n := range f.Body.Nodes {
		for _, in := range n.In {
			formulas = append(formulas, in.Formula)
		}
	}
	if l.definition != nil {
		formulas = append(formulas, l.definition.BaseURL)
	}
	for _, m := range l.connector.Methods {
		if m.Kind != definition.Custom {
			continue
		}
		secret := func(used program.Formula) bool {
			return used != nil && slices.ContainsFunc(m.Fields, func(f definition.Field) bool {
				return f.Type == "secret" && slices.ContainsFunc(used.Uses(), func(use string) bool { return use == "conn" || use == "conn."+f.Key })
			})
		}
		all := slices.Concat(formulas, slices.Collect(maps.Values(m.Headers)), slices.Collect(maps.Values(m.Query)))
		if !slices.ContainsFunc(all, secret) {
			l.found.Add(Unproven, m.Src, "The way to connect %q puts no secret on requests, so the ping says the same whatever was entered.", m.ID)
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
