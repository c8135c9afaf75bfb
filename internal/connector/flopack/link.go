package flopack

import (
	"fmt"
	"maps"
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
	l := &linker{program: p, stubs: map[string]bool{}, refused: map[string]bool{}, faces: map[*program.Flow]face{}}
	for _, f := range files {
		maps.Copy(l.refused, f.refused)
	}
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
	refused  map[string]bool // flows that are there, and were found wrong themselves
	faces    map[*program.Flow]face
}

// face is what a flow takes and gives, for looking up.
type face struct {
	takes, gives map[program.Key]bool
	given        []program.Key
}

func (l *linker) face(f *program.Flow) face {
	known, has := l.faces[f]
	if !has {
		known = face{takes: map[program.Key]bool{}, gives: map[program.Key]bool{}, given: Returned(f)}
		for _, p := range f.Inputs {
			known.takes[p.Key] = true
		}
		for _, k := range known.given {
			known.gives[k] = true
		}
		l.faces[f] = known
	}
	return known
}

func (l *linker) scope(s *program.Scope) {
	users := takers(s)
	for i, n := range s.Nodes {
		for _, in := range n.In {
			if in.Flow != "" {
				l.call(n, in, func(out program.Key) []string { return users[source{i, out}] })
			} else if in.Required && empty(in) && n.Scope(in.Key.String()) == nil && !startsFlow(n.Op) {
				l.findings.Add(program.RequiredEmpty, n.Src, "The required input %q has neither value nor wire.", label(in))
			}
		}
		if n.Policy.Then == program.CallFlow {
			l.callee(n, n.Policy.Flow, "On an error it")
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

// callee is the flow with that id, nil where it is not there, which is then a finding.
func (l *linker) callee(n *program.Node, id, who string) *program.Flow {
	flow := l.program.Flow(id)
	if flow != nil {
		return flow
	}
	stub := l.program.Stub(id)
	switch {
	case l.refused[id]:
	case id == "":
		l.findings.Add(program.NoSuchFlow, n.Src, "%s calls a flow, and none is chosen.", who)
	case stub == nil:
		l.findings.Add(program.NoSuchFlow, n.Src, "%s calls a flow with the id %q, which is in none of the files.", who, id)
	case !l.stubs[stub.Name]:
		l.stubs[stub.Name] = true
		l.findings.Add(program.FlowIsStub, n.Src, "%s calls the flow %q, which was not exported along with this one. Give its file as well.", who, stub.Name)
	}
	return nil
}

// call checks a card that calls another flow: that it is there, and that both agree about what goes in and what comes out.
func (l *linker) call(n *program.Node, ref program.Input, users func(program.Key) []string) {
	callee := l.callee(n, ref.Flow, "It")
	if callee == nil {
		return
	}
	face := l.face(callee)
	for _, in := range n.In {
		if custom(n, in) && !face.takes[in.Key] {
			l.findings.Add(program.NeverTaken, n.Src, "It passes %q to the flow %q, which takes %s.", in.Key, callee.Name, names(callee.Inputs))
		}
	}
	if n.Op != "control/spawn" { // a loop gives lists, and what runs by itself gives nothing
		return
	}
	for _, out := range n.Out {
		if users := users(out.Key); len(users) > 0 && !face.gives[out.Key] {
			l.findings.Add(program.NeverReturned, n.Src, "%s take%s %q from the flow %q, which returns %s. The value is always empty.",
				listed(users, " and "), plural(len(users)), out.Key, callee.Name, keys(face.given))
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

// source is an output of a node.
type source struct {
	node int
	out  program.Key
}

// takers are the cards that each output is wired to.
func takers(s *program.Scope) map[source][]string {
	cards := map[source][]string{}
	for _, n := range s.Nodes {
		name := fmt.Sprintf("card %q", n.Title)
		for _, in := range n.In {
			for _, w := range in.Wires {
				from := source{w.Node, w.From}
				if have := cards[from]; len(have) <= listedAtMost && !slices.Contains(have, name) {
					cards[from] = append(have, name)
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
	for _, p := range parameters[:min(len(parameters), listedAtMost+1)] {
		all = append(all, p.Key)
	}
	return keys(all)
}

func keys(all []program.Key) string {
	if len(all) == 0 {
		return "nothing"
	}
	var quoted []string
	for _, k := range all[:min(len(all), listedAtMost+1)] {
		quoted = append(quoted, fmt.Sprintf("%q", shorten(k.String())))
	}
	return listed(quoted, ", ")
}

// listedAtMost is how many names a message lists.
const listedAtMost = 6

func listed(names []string, between string) string {
	if len(names) > listedAtMost {
		names = append(names[:listedAtMost:listedAtMost], "others")
	}
	return strings.Join(names, between)
}
