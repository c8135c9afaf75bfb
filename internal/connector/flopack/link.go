package flopack

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Link puts the flows of all files into one program and checks what leads from flow to flow. A flow that is missing in one
// file is found in another by its name, for ids change with every export.
func Link(files ...*File) (*program.Program, program.Findings) {
	p := program.New()
	for _, f := range files {
		for _, flow := range f.Flows {
			p.Add(flow)
		}
	}
	l := &linker{program: p, stubs: map[string]bool{}}
	for _, f := range files {
		for _, flow := range f.Flows {
			if flow.Body != nil {
				l.scope(flow.Body)
			}
		}
	}
	return p, l.findings
}

type linker struct {
	program  *program.Program
	findings program.Findings
	stubs    map[string]bool // names that were reported
}

func (l *linker) scope(s *program.Scope) {
	for i, n := range s.Nodes {
		for _, in := range n.In {
			if in.Flow != "" {
				l.call(s, i, in)
			} else if in.Required && empty(in) && n.Scope(in.Key.String()) == nil {
				l.findings.Add(program.RequiredEmpty, n.Src, "The required input %q has neither value nor wire.", label(in))
			}
		}
		if n.Policy.Then == program.CallFlow && l.program.Flow(n.Policy.Flow) == nil {
			l.findings.Add(program.NoSuchFlow, n.Src, "On an error it calls a flow that is in none of the files.")
		}
		for _, sub := range n.Sub {
			l.scope(sub.Scope)
		}
	}
}

func label(in program.Input) string {
	if in.Label != "" {
		return in.Label
	}
	return in.Key.String()
}

func empty(in program.Input) bool {
	return len(in.Wires) == 0 && (in.Const == nil || in.Const == "") && in.Item == nil
}

// call checks a card that calls another flow: that it is there, and that both agree about what goes in and what comes out.
func (l *linker) call(s *program.Scope, at int, ref program.Input) {
	n := s.Nodes[at]
	callee := l.program.Flow(ref.Flow)
	if callee == nil {
		stub := l.program.Stub(ref.Flow)
		if stub == nil {
			l.findings.Add(program.NoSuchFlow, n.Src, "It calls a flow with the id %q, which is in none of the files.", ref.Flow)
		} else if !l.stubs[stub.Name] {
			l.stubs[stub.Name] = true
			l.findings.Add(program.FlowIsStub, n.Src, "It calls the flow %q, which was not exported along with this one. Give its file as well.", stub.Name)
		}
		return
	}
	for _, in := range n.In {
		if custom(n, in) && !has(callee.Inputs, in.Key) {
			l.findings.Add(program.NeverTaken, n.Src, "It passes %q to the flow %q, which takes %s.", in.Key, callee.Name, names(callee.Inputs))
		}
	}
	if n.Op != "control/spawn" { // a loop gives lists, and what runs by itself gives nothing
		return
	}
	returned := Returned(callee)
	for _, out := range n.Out {
		if users := takers(s, at, out.Key); len(users) > 0 && !slices.Contains(returned, out.Key) {
			l.findings.Add(program.NeverReturned, n.Src, "%s take%s %q from the flow %q, which returns %s. The value is always empty.",
				strings.Join(users, " and "), plural(len(users)), out.Key, callee.Name, keys(returned))
		}
	}
}

func plural(users int) string {
	if users == 1 {
		return "s"
	}
	return ""
}

// custom tells what a card passes on from what it needs itself.
func custom(n *program.Node, in program.Input) bool {
	if in.Type == value.Flow || in.Flow != "" {
		return false
	}
	switch n.Op {
	case "control/spawn", "control/run":
		return true
	}
	return false
}

// takers are the cards that an output is wired to.
func takers(s *program.Scope, at int, out program.Key) []string {
	var cards []string
	for _, n := range s.Nodes {
		for _, in := range n.In {
			for _, w := range in.Wires {
				if name := fmt.Sprintf("card %q", n.Title); w.Node == at && w.From == out && !slices.Contains(cards, name) {
					cards = append(cards, name)
				}
			}
		}
	}
	return cards
}

// Returned are the keys that a flow gives back: those of its Return cards, else the outputs of its last card.
func Returned(f *program.Flow) []program.Key {
	var out []program.Key
	for _, p := range f.Outputs {
		out = append(out, p.Key)
	}
	if len(out) > 0 || f.Body == nil || slices.ContainsFunc(f.Body.Nodes, func(n *program.Node) bool { return n.Op == "control/return" }) {
		return out
	}
	for _, n := range slices.Backward(f.Body.Nodes) {
		if n.Hidden || n.Op == "control/comment" {
			continue
		}
		for _, o := range n.Out {
			out = append(out, o.Key)
		}
		break
	}
	return out
}

func names(parameters []program.Parameter) string {
	var all []program.Key
	for _, p := range parameters {
		all = append(all, p.Key)
	}
	return keys(all)
}

func keys(all []program.Key) string {
	if len(all) == 0 {
		return "nothing"
	}
	var quoted []string
	for _, k := range all {
		quoted = append(quoted, fmt.Sprintf("%q", k))
	}
	return strings.Join(quoted, ", ")
}
