package engine

import (
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// callCards run other flows.
var callCards = []Card{
	{"control/spawn", "Call Flow", "a flow, …", "…", "waits for the flow and gives what it returns", spawn},
	{"control/run", "Call Flow Async", "a flow, …", "", "runs the flow at once and drops what it returns: within a run nothing is left to itself", runAsync},
}

// callee is the flow that the card refers to.
func (c *call) callee() (*program.Flow, error) {
	for _, in := range c.node.In {
		if in.Type != value.Flow {
			continue
		}
		if in.Flow == "" {
			return nil, fail(Unfit, "No flow is chosen in the card %q.", c.node.Title)
		}
		if flow := c.Program.Flow(in.Flow); flow != nil {
			return flow, nil
		}
		name := in.Flow
		if stub := c.Program.Stub(in.Flow); stub != nil {
			name = stub.Name
		}
		return nil, fail(Unsupported, "The flow %q is called, and its cards are in none of the files.", name)
	}
	return nil, fail(Unfit, "No flow is chosen in the card %q.", c.node.Title)
}

// arguments are what the author passes on.
func (c *call) arguments(own ...string) Values {
	args := Values{}
	for _, in := range c.custom(own...) {
		args[in.key] = in.value
	}
	return args
}

func spawn(c *call) (Values, error) {
	callee, err := c.callee()
	if err != nil {
		return nil, err
	}
	args := c.arguments()
	if c.err != nil {
		return nil, c.err
	}
	out, err := c.flow(callee, args, c.frame.depth+1)
	return out.values, err
}

func runAsync(c *call) (Values, error) {
	_, err := spawn(c)
	return Values{}, err
}

// callApp runs an action of another connector, over that one's connection, within this run's limits.
func (c *call) callApp() (Values, error) {
	app := appOf(c.node.Op)
	machine := c.Apps[app]
	if app == c.Key && machine == nil {
		machine = c.Machine
	}
	if machine == nil {
		return nil, fail(Unsupported, "It needs the connector %q (card %q), which is not here.", app, c.node.Title)
	}
	action := machine.Called(c.node.Op, c.node.Title)
	if action == nil {
		return nil, fail(Unsupported, "The connector %q has no action %q.", app, c.node.Title)
	}
	args := c.actionArguments(machine)
	if c.err != nil {
		return nil, c.err
	}
	inner := &run{Machine: machine, ctx: c.ctx, limits: c.limits, dice: c.dice, used: c.used}
	out, err := inner.flow(action, args, c.frame.depth+1)
	return out.values, err
}

// actionArguments are the card's inputs under the groups in which an action's first card has them.
func (c *call) actionArguments(of *Machine) Values {
	args := Values{{Group: "auth", Name: "blob"}: of.Connection}
	for i := range c.node.In {
		in := &c.node.In[i]
		key := in.Key
		if in.Option || key.Group == "parameters" {
			key.Group = "Options"
		}
		args[key] = c.value(in)
	}
	return args
}

// appOf is the key of the connector whose card "app/KEY/METHOD" is.
func appOf(op string) string {
	_, rest, _ := strings.Cut(op, "/")
	app, _, _ := strings.Cut(rest, "/")
	return app
}

// Called is the action that a card "app/KEY/METHOD" of that title calls: by the key of its method, by its name, or by the
// key without what a network appended (connectors §2.9). It is nil where there is none.
func (m *Machine) Called(op, title string) *program.Flow {
	_, method, _ := strings.Cut(strings.TrimPrefix(op, "app/"), "/")
	prefix, _, _ := strings.Cut(method, "_")
	var byTitle, byPrefix *program.Flow
	for _, f := range m.Program.OfKind(program.Action) {
		own, _, _ := strings.Cut(f.Method, "_")
		switch {
		case f.Method != "" && f.Method == method:
			return f
		case strings.EqualFold(f.Name, title):
			byTitle = f
		case own == prefix || camel(f.Name) == prefix:
			byPrefix = f
		}
	}
	if byTitle != nil {
		return byTitle
	}
	return byPrefix
}

// camel is a name as keys of methods begin: "Search Users" is "searchUsers".
func camel(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		w = strings.ToLower(w[:1]) + w[1:]
		if i > 0 {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		words[i] = w
	}
	return strings.Join(words, "")
}
