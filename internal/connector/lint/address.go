package lint

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// origin is where the unknown rest of an address comes from.
type origin int

const (
	nothing    origin = iota // the text is whole
	somewhere                // an answer, a computation: not known here
	connection               // what the customer entered when it connected
	caller                   // an input of the action
)

// start is how an address begins: the text that is known, and where the rest comes from.
type start struct {
	text string
	rest origin
}

// addresses checks where requests go.
func (l *linter) addresses(f *program.Flow) {
	for _, at := range l.places[f] {
		for _, n := range at.scope.Nodes {
			if !requests(n) {
				continue
			}
			for i := range n.In {
				in := &n.In[i]
				switch in.Key {
				case program.Key{Name: "url"}, program.Key{Group: "Request", Name: "url"}:
					t := tracer{linter: l}
					l.address(n.Src, t.input(at, in, 0))
				case program.Key{Group: "http", Name: "path"}:
					t := tracer{linter: l}
					l.address(n.Src, t.path(at, in.Formula))
				}
			}
		}
	}
}

// address objects to each way in which an address may begin, once a kind.
func (l *linter) address(at program.Src, starts []start) {
	var said []string
	for _, s := range starts {
		message, what := l.wrong(s)
		if message == "" || slices.Contains(said, message+what) {
			continue
		}
		said = append(said, message+what)
		if what == "" {
			l.found.Add(BadHost, at, "%s", message)
		} else {
			l.found.Add(BadHost, at, message, what)
		}
	}
}

func (l *linter) wrong(s start) (message, what string) {
	scheme, rest, absolute := strings.Cut(s.text, "://")
	if absolute && strings.EqualFold(scheme, "http") {
		return "The request goes over plain http, to %q.", host(rest)
	}
	end := strings.IndexAny(rest, "/?#")
	if !absolute {
		if s.rest == caller && (strings.HasPrefix("https://", s.text) || strings.HasPrefix("http://", s.text)) {
			return "The whole address comes from an input, so a caller chooses the host that gets the connection's credentials.", ""
		}
		return "", ""
	}
	if end < 0 && s.rest != nothing {
		if s.rest == caller {
			return "The host comes from an input, so a caller chooses who gets the connection's credentials.", ""
		}
		return "", ""
	}
	if name := host(rest); !(engine.Rules{Hosts: l.hosts()}).Allows(name) {
		return "The host %q is not among those that the connector names.", name
	}
	return "", ""
}

func host(rest string) string {
	if u, err := url.Parse("https://" + rest); err == nil {
		return u.Hostname()
	}
	return rest
}

// tracer follows wires back to how a text begins. It gives up after so many steps: a file may have any number of them.
type tracer struct {
	*linter
	steps int
}

const mostSteps = 2000

func (t *tracer) input(at *place, in *program.Input, depth int) []start {
	if t.steps++; t.steps > mostSteps || depth > 40 {
		return []start{{rest: somewhere}}
	}
	if len(in.Wires) == 0 {
		return []start{{text: value.Text(in.Const)}}
	}
	var all []start
	for _, w := range in.Wires {
		all = append(all, t.output(at, w, depth+1)...)
	}
	return all
}

// output is how what a card gives begins.
func (t *tracer) output(at *place, w program.Wire, depth int) []start {
	n := at.scope.Nodes[w.Node]
	switch n.Op {
	case "string/compose":
		return t.composed(at, n, depth)
	case "string/concat":
		return t.joined(at, n.In, depth)
	case "control/let":
		if in := find(n, w.From); in != nil {
			return t.input(at, in, depth)
		}
	case "control/join":
		if in := find(n, n.Joins[w.From]); in != nil {
			return t.input(at, in, depth)
		}
	case "object/expand", "object/get", "object/pick", "string/trim", "string/toLowerCase", "string/replace": // what is taken out of it comes from where it does
		return t.of(at, n, depth)
	case "control/callable":
		return t.called(at, w.From, depth)
	}
	return []start{{rest: somewhere}}
}

// of says of an object only where it comes from.
func (t *tracer) of(at *place, n *program.Node, depth int) []start {
	for _, name := range []string{"object", "string"} {
		if in := input(n, name); in != nil {
			all := t.input(at, in, depth)
			for i := range all {
				all[i].text = ""
			}
			return all
		}
	}
	return []start{{rest: somewhere}}
}

func find(n *program.Node, k program.Key) *program.Input {
	for i := range n.In {
		if n.In[i].Key == k {
			return &n.In[i]
		}
	}
	return nil
}

// joined puts texts behind each other, as far as they are known.
func (t *tracer) joined(at *place, parts []program.Input, depth int) []start {
	all := []start{{}}
	for i := range parts {
		next := t.input(at, &parts[i], depth+1)
		var longer []start
		open := false
		for _, before := range all {
			if before.rest != nothing || len(longer) > 20 {
				longer = append(longer, before)
				continue
			}
			for _, s := range next {
				longer = append(longer, start{before.text + s.text, s.rest})
				open = open || s.rest == nothing
			}
		}
		if all = longer; !open {
			break
		}
	}
	return all
}

// composed is a text up to its first placeholder, and what stands for that.
func (t *tracer) composed(at *place, n *program.Node, depth int) []start {
	in := input(n, "_text_")
	if in == nil || len(in.Wires) > 0 {
		return []start{{rest: somewhere}}
	}
	var parts []program.Input
	text := value.Text(in.Const)
	for len(parts) < 20 {
		before, after, found := strings.Cut(text, "{{{")
		parts = append(parts, program.Input{Const: before})
		name, rest, closed := strings.Cut(after, "}}}")
		if !found || !closed {
			break
		}
		if part := input(n, name); part != nil {
			parts = append(parts, *part)
		}
		text = rest
	}
	return t.joined(at, parts, depth)
}

// called is what a flow was called with: by a person for an action, by the cards that call it for a helper, by the card
// around it for an inline flow.
func (t *tracer) called(at *place, k program.Key, depth int) []start {
	switch {
	case k.Group == "auth":
		return []start{{rest: connection}}
	case at.outer != nil:
		if in := find(at.holder, k); in != nil {
			return t.input(at.outer, in, depth)
		}
		return []start{{rest: somewhere}}
	case at.flow.Kind != program.Helper:
		return []start{{rest: caller}}
	}
	var all []start
	for _, c := range t.callers[at.flow] {
		if in := find(c.node, k); in != nil && (in.Item == nil || !in.Item.Dynamic) {
			all = append(all, t.input(c.at, in, depth)...)
		} else {
			all = append(all, start{rest: somewhere})
		}
	}
	if all == nil {
		return []start{{rest: somewhere}}
	}
	return all
}

// path is how the path of a step begins. One of several parts that begins with an expression cannot leave the base URL: what
// stands there is escaped.
func (t *tracer) path(at *place, f program.Formula) []start {
	text := source(f)
	if parts, err := expression.Parts(text); err == nil && len(parts) > 1 && parts[0].Expression {
		return nil
	}
	return t.formula(at, text, 0)
}

// source is a formula as it was written; "" of one that does not tell.
func source(f program.Formula) string {
	if told, can := f.(fmt.Stringer); can {
		return told.String()
	}
	return ""
}

// formula is how what a formula makes begins.
func (t *tracer) formula(at *place, text string, depth int) []start {
	if t.steps++; t.steps > mostSteps || depth > 40 {
		return []start{{rest: somewhere}}
	}
	var all []start
	for _, b := range expression.Begins(text) {
		if b.Then == "" {
			all = append(all, start{text: b.Text})
			continue
		}
		for _, s := range t.name(at, b.Then, depth+1) {
			all = append(all, start{b.Text + s.text, s.rest})
		}
	}
	return all
}

// name is what a name of a formula stands for.
func (t *tracer) name(at *place, name string, depth int) []start {
	group, member, _ := strings.Cut(name, ".")
	member, _, deeper := strings.Cut(member, ".")
	switch {
	case group == "conn":
		return []start{{rest: connection}}
	case group == "input" && at.flow.Kind == program.Action:
		return []start{{rest: caller}}
	case group == "input" && at.flow.Kind == program.Helper:
		return t.given(at.flow, member, deeper, depth)
	case group == "vars":
		return t.set(at.flow, member, deeper, depth)
	}
	for in := at; in.holder != nil; in = in.outer {
		if as := input(in.holder, "as"); as != nil && value.Text(as.Const) == group {
			return partOf(t.formula(in.outer, source(input(in.holder, "forEach").Formula), depth))
		}
	}
	return []start{{rest: somewhere}}
}

// variable is a name that many formulas may use: what set has set in a flow, or what a helper is given.
type variable struct {
	flow  *program.Flow
	group string // "vars" or "input"
	name  string
}

// mostStarts is how many ways to begin are kept of one name.
const mostStarts = 40

// once looks a name up where it was not looked up before: a file may set a name, and use it, any number of times. A name on the
// way to itself brings nothing new.
func (t *tracer) once(k variable, deeper bool, look func() []start) []start {
	all, known := t.starts[k]
	if !known {
		t.starts[k] = nil
		all = look()
		slices.SortStableFunc(all, func(a, b start) int { return cmp.Or(int(b.rest)-int(a.rest), strings.Compare(a.text, b.text)) }) // a caller's first
		all = slices.Compact(all)
		all = all[:min(len(all), mostStarts)]
		t.starts[k] = all
	}
	all = slices.Clone(all)
	if deeper {
		return partOf(all)
	}
	return all
}

// given is what the steps that call a helper give it under a name.
func (t *tracer) given(f *program.Flow, name string, deeper bool, depth int) []start {
	return t.once(variable{f, "input", name}, deeper, func() (all []start) {
		for _, c := range t.callers[f] {
			if in := find(c.node, program.Key{Group: "with", Name: name}); in != nil && in.Formula != nil {
				all = append(all, t.formula(c.at, source(in.Formula), depth)...)
			}
		}
		return all
	})
}

// set is what the steps of a flow set under a name.
func (t *tracer) set(f *program.Flow, name string, deeper bool, depth int) []start {
	return t.once(variable{f, "vars", name}, deeper, func() (all []start) {
		for _, at := range t.places[f] {
			for _, n := range at.scope.Nodes {
				if in := input(n, name); n.Op == "step/set" && in != nil {
					all = append(all, t.formula(at, source(in.Formula), depth)...)
				}
			}
		}
		return all
	})
}

// partOf says of something only where it comes from: how a part of it begins is not known.
func partOf(all []start) []start {
	for i := range all {
		all[i].text = ""
		if all[i].rest == nothing {
			all[i].rest = somewhere
		}
	}
	return all
}
