package lint

import (
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// checked wants empty required inputs refused before anything is sent. Flows of connector.yaml are refused by the engine.
func (l *linter) checked(f *program.Flow) {
	if strings.HasPrefix(first(f).Op, "step/") {
		return
	}
	ask := slices.IndexFunc(f.Body.Nodes, l.reaches)
	if ask < 0 {
		return
	}
	refused := map[program.Key]bool{}
	for _, n := range f.Body.Nodes[:ask] {
		refuses := n.Op == "control/throwIf" && status(n) == 400
		if n.Op == "control/if" { // with a Return Error on one of its branches
			refuses = slices.ContainsFunc(f.Body.Nodes[:ask], func(t *program.Node) bool { return t.Op == "control/throw" && status(t) == 400 })
		}
		if !refuses {
			continue
		}
		for _, in := range n.In {
			for _, w := range in.Wires {
				if f.Body.Nodes[w.Node].Op == "control/callable" {
					refused[w.From] = true
				}
			}
		}
	}
	for _, p := range f.Inputs {
		if p.Required && !p.Option && p.Key.Group != "auth" && !refused[p.Key] {
			l.found.Add(NotChecked, f.Src, "The required input %q is not checked before the first request.", p.Label)
		}
	}
}

// status is the constant status of a card that raises an error.
func status(n *program.Node) float64 {
	if in := input(n, "statusCode"); in != nil && len(in.Wires) == 0 {
		code, _ := value.Number(in.Const)
		return code
	}
	return 0
}

// paged suspects an action that lists of reading one page only: it sends one request, outside of any loop, and takes no cursor.
func (l *linter) paged(f *program.Flow) {
	name := strings.ToLower(f.Name)
	if !strings.HasPrefix(name, "list ") && !strings.HasPrefix(name, "search ") && f.Name != "List" && f.Name != "Search" || f.Implements != "" {
		return
	}
	for _, p := range f.Inputs {
		label := strings.ToLower(p.Label + " " + p.Key.Name)
		for _, word := range []string{"page", "pagination", "cursor", "offset", "limit", "next", "after", "start"} {
			if strings.Contains(label, word) {
				return
			}
		}
	}
	asked := pages{linter: l, seen: map[*program.Flow]bool{}}
	asked.flow(f)
	if asked.requests == 1 && !asked.again {
		l.found.Add(NoPages, f.Src, "It sends one request, outside of any loop, so it reads one page.")
	}
}

// pages counts the requests of an action, with those of the flows that it calls.
type pages struct {
	*linter
	requests int
	again    bool // one of them may be sent several times
	seen     map[*program.Flow]bool
}

func (p *pages) flow(f *program.Flow) {
	if p.seen[f] { // called twice, or by itself
		p.again = p.again || p.asks[f]
		return
	}
	p.seen[f] = true
	for _, at := range p.places[f] {
		for _, n := range at.scope.Nodes {
			if requests(n) {
				p.requests++
				p.again = p.again || at.loops || n.Op == "step/paginate"
			}
			for _, in := range n.In {
				callee := p.program.Flow(in.Flow)
				if in.Flow == "" || callee == nil {
					continue
				}
				p.again = p.again || p.asks[callee] && (loops(n) || at.loops)
				p.flow(callee)
			}
		}
	}
}
