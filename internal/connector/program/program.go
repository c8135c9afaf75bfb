// Package program is a connector as it is run: flows of steps, whatever they were written in.
//
// Two front ends compile to it, imported flows (package flopack) and connector.yaml (package definition); the engine runs
// it, and lint, printer and reports read it. Its one rule: nothing in it refers to how it was written but Src, which names
// file and place for messages. A program is not changed once it is compiled, so many runs may share one.
package program

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// Program is all flows of a connector, or of a suite of tests.
type Program struct {
	flows  map[string]*Flow // by id
	byName map[string]*Flow // those with a body; lower case
}

// New returns a program of the flows. Of two that bear one name the first is found by it.
func New(flows ...*Flow) *Program {
	p := &Program{flows: map[string]*Flow{}, byName: map[string]*Flow{}}
	for _, f := range flows {
		p.Add(f)
	}
	return p
}

// Add puts a flow into the program, in place of a stub with its id.
func (p *Program) Add(f *Flow) {
	if have := p.flows[f.ID]; have == nil || have.Body == nil {
		p.flows[f.ID] = f
	}
	if name := strings.ToLower(f.Name); f.Body != nil && p.byName[name] == nil {
		p.byName[name] = f
	}
}

// Flow returns the flow with the id. A stub stands for the flow of its name: ids change with every export, names do not.
// It is nil where there is none with a body.
func (p *Program) Flow(id string) *Flow {
	f := p.flows[id]
	if f != nil && f.Body == nil {
		f = p.byName[strings.ToLower(f.Name)]
	}
	return f
}

// Named returns the flow of that name, without regard to case; nil where there is none.
func (p *Program) Named(name string) *Flow { return p.byName[strings.ToLower(name)] }

// Stub returns what is known of a flow that is referred to and not there: its name. nil where nothing is known.
func (p *Program) Stub(id string) *Flow { return p.flows[id] }

// Flows returns the flows that have a body, by name.
func (p *Program) Flows() []*Flow {
	var all []*Flow
	for _, f := range p.flows {
		if f.Body != nil {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *Flow) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	return all
}

// OfKind returns the flows of the kind, by name.
func (p *Program) OfKind(kind Kind) []*Flow {
	return slices.DeleteFunc(p.Flows(), func(f *Flow) bool { return f.Kind != kind })
}

// Kind says what starts a flow.
type Kind string

const (
	Action    Kind = "action"    // a customer's card, or the engine where it implements a contract
	Ping      Kind = "ping"      // whoever wants to know whether a connection works
	Revoke    Kind = "revoke"    // the end of a connection
	Helper    Kind = "helper"    // another flow
	Polling   Kind = "polling"   // the clock, with a cursor
	Webhook   Kind = "webhook"   // a request of the vendor's system
	Endpoint  Kind = "endpoint"  // a request of anybody
	Scheduled Kind = "scheduled" // the clock
	AppEvent  Kind = "event"     // an event of an app, such as one of another connector
	Manual    Kind = "manual"    // a person, or a test
)

// Flow is one thing that can be started.
type Flow struct {
	ID, Name, Description string
	Kind                  Kind
	Method                string      // key under which cards of other flows call an action; "" for none
	Implements            string      // the contract, "" for none
	Inputs                []Parameter // what a caller passes
	Outputs               []Parameter // what comes back
	Body                  *Scope      // nil of a stub
	Src                   Src
}

// Parameter is one input, option or output of a flow.
type Parameter struct {
	Key      Key
	Label    string
	Type     value.Type
	List     bool
	Required bool
	Choices  []string
	Default  any
	Option   bool               // fixed when a flow is designed, not when it runs
	Loose    bool               // an action's, and the action does not define it
	Fault    func(v any) string // why a value cannot be taken, beside its type; nil: any can
}

// Key names a field within a card. Group is "" for most.
type Key struct{ Group, Name string }

// String is how messages show it.
func (k Key) String() string {
	if k.Group == "" {
		return k.Name
	}
	return k.Group + "." + k.Name
}

// Scope is a sequence of steps with a common fate: a flow's body, a branch, what a loop repeats.
type Scope struct {
	Name  string
	Nodes []*Node // in running order: what a node waits for stands before it
}

// Node is one step, or card.
type Node struct {
	ID    string // unique in its flow
	Op    string // which card runs, "list/at"; an unknown one is reported when it would run, never skipped
	Title string
	In    []Input
	Out   []Output

	After  []int // nodes that come before it, by index; it is passed over where all of them were
	Branch *Branch
	Joins  map[Key]Key // of a join: output → the input that it repeats
	Sub    []Sub
	Policy Policy
	Hidden bool   // made by the editor, not by the author
	Note   string // what the author wrote beside it
	Src    Src
}

// Branch makes a node the head of one side of an if: it runs where node If gave Value.
type Branch struct {
	If    int
	Value bool
}

// Sub is a scope that a node runs when it sees fit, such as a try or one case of a switch.
type Sub struct {
	Name  string
	Scope *Scope
}

// Scope returns the sub-scope of that name, nil where there is none.
func (n *Node) Scope(name string) *Scope {
	for _, s := range n.Sub {
		if s.Name == name {
			return s.Scope
		}
	}
	return nil
}

// Input is one value that a node takes. A wire wins over the formula, the formula over the constant, also with nil.
type Input struct {
	Key      Key
	Type     value.Type
	List     bool
	Const    any
	Wires    []Wire // more than one only where branches join
	Formula  Formula
	Flow     string // of type flow: id of the flow
	Item     *Item
	Required bool
	Option   bool
	Label    string
}

// Formula is what an input is computed from where a connector is written as text.
type Formula interface {
	Eval(env expression.Env) (any, error)
	Uses() []string // declared names and members that it reads: "conn.api_token", "steps.create.body"
}

// Wire brings the output From of node Node to an input.
type Wire struct {
	Node    int
	From    Key
	Convert string // a conversion of the editor's, "" for that of the declared type alone
	Wrap    bool   // into a list of one
}

// Item says what a loop passes to its flow in an input: the item, or a part of it.
type Item struct {
	Path    string
	Dynamic bool // false: the same constant or wire for every item
}

// Output is one value that a node gives. Path is where in the card's object it is found, for cards that take one apart.
type Output struct {
	Key  Key
	Type value.Type
	List bool
	Path []string
}

// Policy says what follows an error of a node.
type Policy struct {
	Then    Then
	Retries int
	OnAny   bool   // retry after any error, not only where the API said that it was asked too often
	MinWait int    // milliseconds between tries
	MaxWait int    //
	Flow    string // with CallFlow: the id
	Handler *Scope // with Handle
}

// Then is what a policy does when no try is left.
type Then string

const (
	Stop     Then = ""         // the error goes up
	Continue Then = "continue" // the error becomes the card's output
	CallFlow Then = "flow"     // a flow gets the error, then the run ends
	Handle   Then = "handle"   // the scope beside it goes on with the error
)

// Src is where something was written.
type Src struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1; 0 where lines mean nothing
	Flow string `json:"flow,omitempty"` // name of the flow, "" in connector.yaml
	Card string `json:"card,omitempty"` // title and id of the card
}

// String is the place as messages begin with it: "connector.yaml:12" or `flows/a.flow: "Create User", card "Compose" (x1)`.
func (s Src) String() string {
	out := s.File
	if s.Line > 0 {
		out += fmt.Sprintf(":%d", s.Line)
	}
	if s.Flow != "" {
		out += fmt.Sprintf(": %q", s.Flow)
	}
	if s.Card != "" {
		out += ", card " + s.Card
	}
	return strings.TrimPrefix(out, ": ")
}
