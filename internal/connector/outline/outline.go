// Package outline shows a connector to those who review it: how it connects, cards in running order, wires by names.
//
// Its one rule: what it shows is what runs. It reads the connector and nothing else, shortens long constants, leaves out what
// only an editor needs, and never shows what looks like a secret. What is wrong with a connector is package lint's.
package outline

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/program"
)

// Print writes how the connector connects, every flow that has cards, by name, and its events.
func Print(w io.Writer, c *connector.Connector) error {
	out := &printer{w: bufio.NewWriter(w), program: c.Program}
	out.connection(c)
	for i, f := range c.Program.Flows() {
		if i > 0 {
			out.line(0, "")
		}
		out.flow(f)
	}
	for _, e := range c.Events() {
		out.line(0, "")
		out.event(&e)
	}
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("print program: %w", err)
	}
	return nil
}

type printer struct {
	w       *bufio.Writer
	program *program.Program
	number  int // of the last card, within a flow
}

// deepest is how far a line is indented: deeper than people build, and no file of 10 MB becomes a gigabyte.
const deepest = 30

// line writes one line; the writer keeps the error.
func (p *printer) line(depth int, format string, args ...any) {
	text := strings.TrimRight(strings.Repeat("    ", min(depth, deepest))+fmt.Sprintf(format, args...), " ")
	_, _ = p.w.WriteString(text + "\n")
}

func (p *printer) flow(f *program.Flow) {
	about := string(f.Kind)
	if f.Implements != "" {
		about += ", implements " + f.Implements
	}
	p.line(0, "%s (%s) in %s", quote(f.Name), about, place(f.Src))
	if f.Description != "" {
		p.line(1, "%s", oneLine(f.Description, longText))
	}
	p.parameters("takes", f.Inputs)
	p.parameters("gives", f.Outputs)
	p.number = 0
	p.scope(newView(nil, nil, f.Body), 1)
}

func place(s program.Src) string {
	s.Flow, s.Card = "", ""
	if text := s.String(); text != "" {
		return text
	}
	return "no file"
}

func (p *printer) parameters(what string, all []program.Parameter) {
	for _, in := range all {
		switch in.Key.Group {
		case "auth":
			p.line(1, "%s  the connection", what)
			continue
		case "selectedOutputs":
			continue
		}
		p.line(1, "%s  %s: %s", what, oneLine(label(in.Label, in.Key), shortText), typeOf(in))
	}
}

func typeOf(in program.Parameter) string {
	said := string(in.Type)
	if said == "" {
		said = "anything"
	}
	if in.List {
		said = "list of " + said
	}
	if in.Required {
		said += ", required"
	}
	if len(in.Choices) > 0 {
		said += ", one of " + oneLine(strings.Join(in.Choices, ", "), longText)
	}
	return said
}

// scope writes the cards of a scope, and inside of each If its branches.
func (p *printer) scope(v *view, depth int) { p.branch(v, v.trunk, depth) }

func (p *printer) branch(v *view, b *branch, depth int) {
	for _, i := range b.cards {
		p.node(v, i, v.scope.Nodes[i], depth)
	}
}

func (p *printer) node(v *view, i int, n *program.Node, depth int) {
	if n.Op == "control/comment" {
		for text := range strings.Lines(n.Note) {
			p.line(depth, "# %s", oneLine(text, longText))
		}
		return
	}
	if v.silent(n) {
		return
	}
	p.number++
	v.numbers[i] = p.number
	p.line(depth, "%d. %s%s%s", p.number, v.title(n), p.means(n), v.asks(n))
	p.inputs(v, n, depth+1)
	p.policy(n.Policy, depth+1)
	for _, b := range v.branches[i] {
		p.line(depth+1, "%s", map[bool]string{true: "then", false: "else"}[b.value])
		p.branch(v, b, depth+2)
	}
	for _, sub := range n.Sub {
		p.line(depth+1, "%s", v.subTitle(n, sub))
		p.scope(newView(v, n, sub.Scope), depth+2)
	}
}

// means is what the title alone does not say: the card, where it was renamed, and the flow that it calls.
func (p *printer) means(n *program.Node) string {
	said := ""
	if !strings.HasPrefix(n.Op, "step/") {
		said = " [" + oneLine(n.Op, shortText) + "]"
	}
	for _, in := range n.In {
		if in.Flow != "" {
			said += " → " + p.flowName(in.Flow)
		}
	}
	return said
}

func (p *printer) flowName(id string) string {
	if f := p.program.Flow(id); f != nil {
		return quote(f.Name)
	}
	if f := p.program.Stub(id); f != nil {
		return quote(f.Name) + " (not in these files)"
	}
	return "a flow that is not in these files"
}

func (p *printer) inputs(v *view, n *program.Node, depth int) {
	for i := range n.In {
		if text := v.input(n, &n.In[i]); text != "" {
			p.line(depth, "%s", text)
		}
	}
}

func (p *printer) policy(policy program.Policy, depth int) {
	if policy.Retries > 0 {
		on := "where it was asked too often"
		if policy.OnAny {
			on = "after any error"
		}
		p.line(depth, "! tries again up to %d times %s%s", policy.Retries, on, waits(policy))
	}
	switch policy.Then {
	case program.Continue:
		p.line(depth, "! an error becomes its output, and the flow goes on")
	case program.CallFlow:
		p.line(depth, "! after an error the flow %s gets it, and this one ends", p.flowName(policy.Flow))
	}
}

func waits(policy program.Policy) string {
	least, most := time.Duration(policy.MinWait)*time.Millisecond, time.Duration(policy.MaxWait)*time.Millisecond
	switch {
	case most == 0:
		return ""
	case least == most:
		return fmt.Sprintf(", after %s", least)
	}
	return fmt.Sprintf(", after %s to %s", least, most)
}
