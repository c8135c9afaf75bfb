package engine

import (
	"maps"
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// Card is one thing that a flow can do. The table of supported cards in the docs is made of these.
type Card struct {
	Op    string // "list/at"
	Title string // as the editor shows it
	Takes string // keys of inputs; "…" stands for such as the author adds
	Gives string // keys of outputs
	Says  string // what it does, where the title leaves a question

	run func(*call) (Values, error)
}

// Cards returns every card that can be run, by Op.
func Cards() []Card {
	all := slices.DeleteFunc(slices.Collect(maps.Values(cards)), func(c Card) bool { return !Known(c.Op) })
	slices.SortFunc(all, func(a, b Card) int { return strings.Compare(a.Op, b.Op) })
	return all
}

// Known reports whether a card can be run. Cards of other connectors can, where the machine has the connector.
func Known(op string) bool {
	_, known := cards[op]
	_, refused := refusals[op]
	return known && !refused
}

var cards map[string]Card

func init() { // not a literal: cards that run flows refer to the table through the engine
	cards = map[string]Card{}
	for _, family := range [][]Card{
		controlCards, errorCards, callCards, loopCards, objectCards, listCards, setCards, stringCards, textCards, jsonCards, booleanCards,
		mathCards, dateCards, cryptoCards, urlCards, httpCards, connectionCards, tableCards, refusedCards(), steps,
	} {
		for _, c := range family {
			cards[c.Op] = c
		}
	}
}

// card runs a node's card once.
func (r *run) card(f *frame, n *program.Node) (Values, *Error) {
	c := &call{run: r, frame: f, node: n}
	gave, err := c.do()
	switch {
	case c.err != nil: // an input that did not fit weighs more than what the card made of it
		return nil, c.err
	case err != nil:
		return nil, asError(err)
	}
	return gave, nil
}

func (c *call) do() (Values, error) {
	if card, known := cards[c.node.Op]; known {
		return card.run(c)
	}
	if strings.HasPrefix(c.node.Op, "app/") {
		return c.callApp()
	}
	return nil, fail(Unsupported, "The card %q (%s) is not supported. See the list of supported cards.", c.node.Title, c.node.Op)
}

// call is one card being run. The first input that does not fit ends it; see err.
type call struct {
	*run
	frame *frame
	node  *program.Node
	err   *Error
}

// field returns the input of that name outside of groups, nil where the card was exported without it.
func (c *call) field(name string) *program.Input { return c.input(program.Key{Name: name}) }

func (c *call) input(k program.Key) *program.Input {
	for i := range c.node.In {
		if c.node.In[i].Key == k {
			return &c.node.In[i]
		}
	}
	return nil
}

// get returns the value of an input, nil where there is none.
func (c *call) get(name string) any { return c.value(c.field(name)) }

func (c *call) value(in *program.Input) any {
	if in == nil {
		return nil
	}
	v, err := c.evaluate(in)
	if err != nil && c.err == nil {
		c.err = err
	}
	return v
}

func (c *call) evaluate(in *program.Input) (any, *Error) {
	if in.Formula == nil || len(in.Wires) > 0 {
		return c.bind(c.frame, in)
	}
	v, err := in.Formula.Eval(c.environment())
	if err != nil {
		return nil, &Error{Kind: Unfit, Message: in.Key.Name + ": " + sentence(err.Error()), cause: err}
	}
	return convert(in.Key, in.Type, in.List, v)
}

// environment is what the card's expressions see.
func (c *call) environment() expression.Env {
	return expression.Env{Values: c.frame.env, Now: c.now(), Random: c.dice}
}

func (c *call) text(name string) string { return value.Text(c.get(name)) }

func (c *call) truth(name string) bool { return value.Truth(c.get(name)) }

// number returns an input as a number; what is none is refused by its type, and nothing counts as otherwise.
func (c *call) number(name string, otherwise float64) float64 {
	v := c.get(name)
	if v == nil || v == "" {
		return otherwise
	}
	n, ok := value.Number(v)
	if !ok && c.err == nil {
		c.err = fail(Unfit, "%s: %q is no number.", name, value.Text(v))
	}
	return n
}

func (c *call) list(name string) []any {
	v := c.get(name)
	list, is := v.([]any)
	if !is && v != nil && v != "" && c.err == nil {
		c.err = fail(Unfit, "%s is no list.", name)
	}
	return list
}

// object returns an input's members; a list has its items under their indices, as in JavaScript.
func (c *call) object(name string) map[string]any {
	switch v := c.get(name).(type) {
	case map[string]any:
		return v
	case []any:
		members := make(map[string]any, len(v))
		for i, item := range v {
			members[value.Text(float64(i))] = item
		}
		return members
	}
	return map[string]any{}
}

// named is one input that the author has added.
type named struct {
	key   program.Key
	value any
}

// custom returns the inputs that the author has added, in their order: those that are neither the card's own nor its context.
func (c *call) custom(own ...string) []named {
	var added []named
	for i := range c.node.In {
		in := &c.node.In[i]
		if in.Type == value.Flow || in.Key.Group == "context" || in.Key.Group == "" && slices.Contains(own, in.Key.Name) {
			continue
		}
		added = append(added, named{in.Key, c.value(in)})
	}
	return added
}

// key names a field outside of groups.
func key(name string) program.Key { return program.Key{Name: name} }

// one is what a card gives that has a single output.
func one(name string, v any) Values { return Values{{Name: name}: v} }

// output is one for the many cards whose output is called "output".
func output(v any) (Values, error) { return one("output", v), nil }
