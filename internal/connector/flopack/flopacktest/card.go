package flopacktest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Card is one card. Model is its part of that name; a test may change it.
type Card struct {
	ID, Op, Title string
	Address       string // "" for that of Op
	Model         Tree

	flow                  *Flow
	ins                   []*Field
	outs                  []*Output
	pins, joins, branches Tree
}

// JSON is the card as it lies in a flow.
func (c *Card) JSON() Tree {
	version, key := c.version()
	address := c.Address
	if address == "" {
		address = version + ":" + key
	}
	inputs, outputs := Tree{}, Tree{}
	for i, in := range c.ins {
		if _, has := in.meta()["index"]; !has {
			in.meta()["index"] = i
		}
		inputs[in.ID()] = in.Tree
	}
	for i, out := range c.outs {
		outputs[out.id] = out.tree(i)
	}
	model := Tree{"key": key, "inputs": Tree{"extensible": true, "data": inputs, "groupRules": c.groups()}, "outputs": Tree{"extensible": true, "data": outputs}}
	for k, v := range c.Model {
		model[k] = v
	}
	return Tree{
		"uuid": c.ID, "address": address, "parents": Tree{"version": Tree{"address": version}}, "branches": c.branches, "joins": c.joins, "pins": c.pins,
		"node": Tree{"key": key, "data": Tree{"name": c.Title}, "model": model},
	}
}

// groups gives the groups of the inputs the order in which they came.
func (c *Card) groups() Tree {
	rules := Tree{}
	for _, in := range c.ins {
		if group, is := in.Tree["group"].(string); is && rules[group] == nil {
			rules[group] = Tree{"index": len(rules), "type": "object"}
		}
	}
	return rules
}

func (c *Card) version() (address, key string) {
	if rest, isApp := strings.CutPrefix(c.Op, "app/"); isApp {
		app, method, _ := strings.Cut(rest, "/")
		return "root:channels:http:" + app + ":0.7.0", method
	}
	channel, key, _ := strings.Cut(c.Op, "/")
	return "root:kernel:" + channel + ":0.0.1", key
}

// Take adds an input.
func (c *Card) Take(in *Field) *Field {
	in.Tree["id"] = c.flow.id("f")
	c.ins = append(c.ins, in)
	if in.source != nil {
		in.source.wireTo(c, in, in.convert, in.wrap)
	}
	if in.sub != nil {
		in.value()["type"], in.value()["data"] = "flo", in.sub.lazy()
	}
	return in
}

// Out returns the output of that name, which it adds where the card has none.
func (c *Card) Out(name, kind string) *Output { return c.OutIn("", name, kind) }

// OutIn is Out in a group.
func (c *Card) OutIn(group, name, kind string) *Output {
	for _, out := range c.outs {
		if out.key == name && out.group == group {
			return out
		}
	}
	out := &Output{card: c, id: c.flow.id("f"), group: group, key: name, kind: kind}
	c.outs = append(c.outs, out)
	return out
}

func (c *Card) mirror(in *Field) {
	group, _ := in.Tree["group"].(string)
	out := c.OutIn(group, in.Tree["key"].(string), "string")
	out.kind, out.list = in.value()["type"], in.value()["collection"] == true
}

// Policy sets what follows an error: type, and pairs of key and value.
func (c *Card) Policy(kind string, more ...any) *Card {
	policy := Tree{"type": kind}
	for i := 0; i+1 < len(more); i += 2 {
		policy[more[i].(string)] = more[i+1]
	}
	c.Model["policy"] = Tree{"error": policy}
	return c
}

// Retry makes the card try again where the API was asked too often.
func (c *Card) Retry() *Card {
	return c.Policy("finish", "retry", 3, "delay", []any{60000, 180000}, "retryCondition", "ratelimits")
}

// Try makes the card an If Error card: what is tried, and what handles its error.
func (c *Card) Try(try, catch *Flow) *Card {
	c.Take(Inline("flo", try))
	return c.Policy("handler", "merge", "join", "flo", catch.lazy())
}

// Inside returns an inline flow of the card, not yet in it: see Inline and Try. It starts with its first card.
func (c *Card) Inside() *Flow {
	inner := &Flow{ID: c.flow.id("inline"), Data: Tree{}, orderings: Tree{}, count: c.flow.count, inline: true, holder: c}
	inner.Start()
	return inner
}

// Outer brings an output of the outer flow into an inline one: through an input of the card around it (a wormhole).
func (f *Flow) Outer(from *Output) *Output {
	key := f.id("w")
	f.holder.Take(From(key, from).In("context"))
	start := f.Cards[0]
	start.Take(In(key, nil).In("context"))
	return start.OutIn("context", key, "string")
}

// Given is what an inline flow gets by itself, such as the error in an error handler.
func (f *Flow) Given(key string) *Output { return f.Cards[0].OutIn("context", key, "object") }

// lazy is the flow once it is written, with the cards that it has then.
func (f *Flow) lazy() lazy { return lazy{f} }

type lazy struct{ flow *Flow }

// MarshalJSON writes the flow as it lies in a card.
func (l lazy) MarshalJSON() ([]byte, error) { return json.Marshal(l.flow.data()) }

// Field is one input. Tree is what the file has of it; a test may change it.
type Field struct {
	Tree    Tree
	source  *Output
	convert string
	wrap    bool
	sub     *Flow
}

// In is an input with a constant; its type is that of the constant, text where there is none.
func In(key string, v any) *Field {
	kind, list := typeOf(v), false
	if items, is := v.([]any); is {
		kind, list = "string", true
		if len(items) > 0 {
			kind = typeOf(items[0])
		}
	}
	return &Field{Tree: Tree{
		"group": nil, "key": key, "required": false, "ref": false, "flags": "d", "metadata": Tree{},
		"value": Tree{"type": kind, "collection": list, "data": v, "proxy": false, "available": []any{}},
	}}
}

func typeOf(v any) string {
	switch v.(type) {
	case float64, int:
		return "number"
	case bool:
		return "boolean"
	case Tree:
		return "object"
	}
	return "string"
}

// From is an input that a wire leads to, of the output's type.
func From(key string, out *Output) *Field {
	in := In(key, nil)
	in.value()["type"], in.value()["collection"] = out.kind, out.list
	in.source = out
	return in
}

// Calls is an input that refers to a flow.
func Calls(to *Flow) *Field { in := In("flo", to.ID); in.value()["type"] = "flo"; return in }

// Inline is an input that holds a flow.
func Inline(key string, sub *Flow) *Field { in := In(key, nil); in.sub = sub; return in }

// Is gives the operands of a comparison.
func Is(left *Field, operator string, right any) []*Field {
	left.Tree["key"] = "left-operand"
	return []*Field{left, In("operator", operator), In("right-operand", right)}
}

func (in *Field) value() Tree { return in.Tree["value"].(Tree) }
func (in *Field) meta() Tree  { return in.Tree["metadata"].(Tree) }

// ID is the field's id, once its card has taken it.
func (in *Field) ID() string { return in.Tree["id"].(string) }

// In puts the field into a group.
func (in *Field) In(group string) *Field { in.Tree["group"] = group; return in }

// Label names the field as the editor shows it.
func (in *Field) Label(text string) *Field { in.meta()["displayname"] = text; return in }

// Needed makes the field required.
func (in *Field) Needed() *Field { in.Tree["required"] = true; return in }

// Of sets the type: a word, or a Tree for an object of known shape.
func (in *Field) Of(kind any) *Field { in.value()["type"] = kind; return in }

// List makes the field a list of its type.
func (in *Field) List() *Field { in.value()["collection"] = true; return in }

// Holding is a constant under a wire.
func (in *Field) Holding(v any) *Field { in.value()["data"] = v; return in }

// Item says that a loop passes the item, or what lies at the path in it.
func (in *Field) Item(path string) *Field {
	in.value()["proxy"] = Tree{"dynamic": true, "path": path}
	return in
}

// Same says that a loop passes the same for every item.
func (in *Field) Same() *Field { in.value()["proxy"] = Tree{"dynamic": false}; return in }

// Old takes away what old exports lack: what a loop passes.
func (in *Field) Old() *Field { delete(in.value(), "proxy"); return in }

// Through names the conversion of the field's wire.
func (in *Field) Through(convert string) *Field { in.convert = convert; return in }

// Output is one output of a card.
type Output struct {
	Meta       Tree
	card       *Card
	id         string
	group, key string
	kind       any
	list       bool
}

func (o *Output) tree(index int) Tree {
	meta := Tree{"index": index}
	for k, v := range o.Meta {
		meta[k] = v
	}
	var group any
	if o.group != "" {
		group = o.group
	}
	return Tree{"id": o.id, "group": group, "key": o.key, "ref": false, "metadata": meta, "value": Tree{"type": o.kind, "collection": o.list, "data": nil, "available": []any{}}}
}

// Listed makes it a list.
func (o *Output) Listed() *Output { o.list = true; return o }

// ID is the output's id.
func (o *Output) ID() string { return o.id }

// Part is what lies at a path in the output, by the hidden card that the editor makes for it.
func (o *Output) Part(path ...string) *Output {
	f := o.card.flow
	tail := f.tail
	expand := f.After(o.card).Add("object/expand", "x", From("object", o))
	expand.Model["displayed"] = false
	f.tail = tail
	if tail == o.card {
		f.tail = expand
	}
	parts := make([]any, len(path))
	for i, p := range path {
		parts[i] = p
	}
	group := fmt.Sprintf("part%d", len(expand.outs))
	out := expand.OutIn(group, "value", "string")
	out.Meta = Tree{"path": parts}
	return out
}

// wire leads to an input that a card has taken.
func (o *Output) wire(in *Field, convert string, wrap bool) {
	for _, c := range o.card.flow.Cards {
		for _, have := range c.ins {
			if have == in {
				o.wireTo(c, in, convert, wrap)
				return
			}
		}
	}
	panic("flopacktest: a wire to a field of no card")
}

func (o *Output) wireTo(c *Card, in *Field, convert string, wrap bool) {
	targets, _ := o.card.pins[o.id].(Tree)
	if targets == nil {
		targets = Tree{}
		o.card.pins[o.id] = targets
	}
	var transform any
	if convert != "" || wrap {
		transform = Tree{o.id: Tree{"convert": convert, "forceWrapArray": wrap, "dest": "string"}}
	}
	have, _ := targets[c.ID].([]any)
	targets[c.ID] = append(have, Tree{"input": in.ID(), "transform": transform})
}

// Pins, Joins and Branches are what the file has of them; a test may change them.
func (c *Card) Pins() Tree     { return c.pins }
func (c *Card) Joins() Tree    { return c.joins }
func (c *Card) Branches() Tree { return c.branches }

// Card is the card that the output is of.
func (o *Output) Card() *Card { return o.card }

// Inputs are the card's inputs.
func (c *Card) Inputs() []*Field { return c.ins }
