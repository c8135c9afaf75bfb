// Package flopacktest writes files of exported flows, for tests.
//
// Its one rule: what it writes is a sound export, unless a test changes it. Cards, fields and files are trees of JSON, so
// that a test can break exactly one thing. It knows the shape of the format and not the importer, which it shall judge.
package flopacktest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Tree is an object of the file.
type Tree = map[string]any

// File is one export.
type File struct {
	Tree  Tree
	Flows []*Flow
}

// New returns a file of the flows.
func New(flows ...*Flow) *File {
	f := &File{Flows: flows, Tree: Tree{
		"type": "flopack", "version": "1.5.0", "created": "2026-11-27T08:00:00.000Z",
		"flags": Tree{"auto-transform": true, "looseBooleans": true, "looseStrings": true, "looseNulls": true},
		"data":  Tree{"flos": Tree{}, "configs": Tree{}, "tables": Tree{}, "groups": Tree{}},
	}}
	f.data("groups")["group-1"] = Tree{"id": "group-1", "data": Tree{"name": "A folder", "description": "", "media_uri": "", "path": ""}}
	return f
}

func (f *File) data(key string) Tree { return f.Tree["data"].(Tree)[key].(Tree) }

// Table adds a table with one column, and Connection the name of a connection; either returns its tree.
func (f *File) Table(id string) Tree {
	t := Tree{"id": id, "name": id, "description": "", "data": Tree{"class": "simple", "group_id": "group-1",
		"structure": []any{Tree{"name": "Name", "type": "str", "default": ""}}}}
	f.data("tables")[id] = t
	return t
}

// Connection adds what is said of a connection: never its data.
func (f *File) Connection(id, module string) Tree {
	t := Tree{"id": id, "name": "My " + module, "module": module, "data": nil}
	f.data("configs")[id] = t
	return t
}

// JSON is the file as it stands, with its flows.
func (f *File) JSON() Tree {
	for _, flow := range f.Flows {
		f.data("flos")[flow.ID] = flow.Tree()
	}
	return f.Tree
}

// Bytes is the file as it is exported.
func (f *File) Bytes() []byte {
	text, err := json.Marshal(f.JSON())
	if err != nil {
		panic(err) // a tree of the test's own making
	}
	return text
}

// Flow is one flow, or one that lies inside of a card. Cards are added in running order; each follows the one before it.
type Flow struct {
	ID, Name    string
	Description string
	Data        Tree // more members of the flow's data, such as "scheduled"
	Cards       []*Card

	orderings Tree
	tail      *Card // what the next card follows
	count     *int  // of ids, which inline flows share with their outermost
	inline    bool
	stub      bool
	holder    *Card // of an inline flow: the card that it lies in
}

// NewFlow returns an empty flow with an id that its name gives.
func NewFlow(name string) *Flow {
	return &Flow{ID: "flow-" + slug(name), Name: name, Data: Tree{}, orderings: Tree{}, count: new(int)}
}

// Stub returns a flow that was referred to and not exported.
func Stub(name string) *Flow {
	f := NewFlow(name)
	f.ID, f.stub = "stub-"+slug(name), true
	return f
}

func slug(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }

func (f *Flow) id(prefix string) string {
	*f.count++
	return fmt.Sprintf("%s%d", prefix, *f.count)
}

// Tree is the flow under its id in a file.
func (f *Flow) Tree() Tree {
	if f.stub {
		return Tree{"id": f.ID, "name": f.Name, "description": f.Description, "data": nil}
	}
	return Tree{"id": f.ID, "name": f.Name, "description": f.Description, "data": f.data()}
}

// data is the flow as it lies in a card, or under "data" of its wrapper.
func (f *Flow) data() Tree {
	methods := make([]any, len(f.Cards))
	for i, c := range f.Cards { // backwards: their order means nothing
		methods[len(methods)-1-i] = c.JSON()
	}
	d := Tree{
		"id": nil, "uuid": f.ID, "methods": methods, "orderings": f.orderings, "display": Tree{"preview": []any{}}, "model": Tree{},
		"tree": Tree{"id": 3, "name": "empty"}, "cron": Tree{}, "scheduled": false, "security_level": nil, "log": true, "inheritLog": true,
		"group": "group-1", "connector_method_meta": Tree{"inputs": Tree{}, "outputs": Tree{}, "options": Tree{}}, "monitor_flo": false,
	}
	for key, v := range f.Data {
		d[key] = v
	}
	return d
}

// Line draws an ordering from one card to another, as often as it is asked to.
func (f *Flow) Line(from, to *Card) { f.orderings[f.id("line")] = []any{from.ID, to.ID} }

// After makes the next card follow c; nil makes it follow nothing.
func (f *Flow) After(c *Card) *Flow { f.tail = c; return f }

// Add adds a card: "list/at" of the kernel, or "app/okta/readUser" of an app.
func (f *Flow) Add(op, title string, fields ...*Field) *Card {
	c := f.loose(op, title, fields...)
	if f.tail != nil {
		f.Line(f.tail, c)
	}
	f.tail = c
	return c
}

// loose adds a card that no line leads to.
func (f *Flow) loose(op, title string, fields ...*Field) *Card {
	c := &Card{ID: f.id("card"), Op: op, Title: title, flow: f, branches: Tree{}, joins: Tree{}, pins: Tree{}, Model: Tree{
		"type": "method", "_v": 2, "displayed": true, "policy": Tree{"error": Tree{"type": "finish"}}, "meta": Tree{}, "config": nil, "timeout": 90000,
	}}
	f.Cards = append(f.Cards, c)
	for _, field := range fields {
		c.Take(field)
	}
	return c
}

// Comment adds a comment, which nothing leads to.
func (f *Flow) Comment(title, markdown string) *Card {
	c := f.loose("control/comment", "Comment")
	c.Model["comments"] = Tree{"title": title, "markdown": markdown}
	return c
}

// Start adds the card that starts a helper flow; its fields are its outputs too.
func (f *Flow) Start(fields ...*Field) *Card { return f.start("Helper Flow", "", fields...) }

// Event adds the card that starts a connector's flow, such as "connector_action". Its fields come beside the connection.
func (f *Flow) Event(address string, fields ...*Field) *Card {
	auth := In("blob", nil).In("auth")
	auth.Tree["value"].(Tree)["type"] = Tree{"token": Tree{"type": "string", "collection": false, "displayname": "Token"}}
	auth.meta()["authSchema"] = Tree{"type": "custom", "__version": 3, "authparams": Tree{"token": Tree{"type": "password", "index": 0, "displayname": "Token", "hidden": false, "isProtected": true}}}
	return f.start("Connector Event", address, append([]*Field{auth}, fields...)...)
}

func (f *Flow) start(title, address string, fields ...*Field) *Card {
	c := f.Add("control/callable", title, fields...)
	for _, in := range c.ins {
		c.mirror(in)
	}
	if address != "" {
		c.Model["meta"] = Tree{"type": Tree{"id": "m1", "address": address}}
	}
	return c
}

// Let adds an Assign card, whose inputs are its outputs.
func (f *Flow) Let(fields ...*Field) *Card {
	c := f.Add("control/let", "Assign", fields...)
	for _, in := range c.ins {
		c.mirror(in)
	}
	return c
}

// If is an If/Else under way.
type If struct {
	Card, Yes, No *Card
	flow          *Flow
	ends          []*Card
}

// If adds an If/Else. Its branches are given with Then and Else, and closed by Join.
func (f *Flow) If(fields ...*Field) *If {
	i := &If{flow: f, Card: f.Add("control/if", "If/Else", fields...)}
	i.Card.Out("result", "boolean")
	i.Yes, i.No = f.loose("control/noop", "Noop"), f.loose("control/noop", "Noop")
	i.Yes.Model["displayed"], i.No.Model["displayed"] = false, false
	i.Card.branches[i.Yes.ID], i.Card.branches[i.No.ID] = true, false
	i.ends = []*Card{i.Yes, i.No}
	return i
}

// Then adds the cards of the branch that holds, Else those of the other.
func (i *If) Then(add func()) *If { return i.branch(i.Yes, add) }
func (i *If) Else(add func()) *If { return i.branch(i.No, add) }

func (i *If) branch(head *Card, add func()) *If {
	i.flow.tail = head
	add()
	if i.flow.tail != head {
		i.ends = append(i.ends, i.flow.tail)
	}
	return i
}

// Join ends both branches. Each output brings what arrives from whichever ran.
func (i *If) Join(outputs map[string][2]*Output) *Card {
	i.flow.tail = nil
	join := i.flow.Add("control/join", "Join")
	for _, end := range i.ends {
		i.flow.Line(end, join)
	}
	for key, sources := range outputs {
		in := In(key, "")
		join.Take(in)
		for _, source := range sources {
			if source != nil {
				source.wire(in, "", false)
			}
		}
		join.joins[in.ID()] = []any{Tree{"output": join.Out(key, "string").id, "transform": nil}}
	}
	return join
}

// Define says what a connector's action takes or gives: side is "inputs", "outputs" or "options", each field of Defined.
func (f *Flow) Define(side, group string, fields ...Tree) {
	meta, is := f.Data["connector_method_meta"].(Tree)
	if !is {
		meta = Tree{"inputs": Tree{}, "outputs": Tree{}, "options": Tree{}, "methodkey": strings.ReplaceAll(f.Name, " ", "") + "_k1"}
		f.Data["connector_method_meta"] = meta
	}
	all := make([]any, len(fields))
	for i, field := range fields {
		all[i] = field
	}
	have, _ := meta[side].(Tree)["groups"].([]any)
	meta[side] = Tree{"groups": append(have, Tree{"id": group, "type": "static", "group_name": group, "fields": all})}
}

// Defined is one field of an action.
func Defined(key, label string, required bool, choices ...string) Tree {
	field := Tree{"_key": key, "label": label, "data_type": "string", "required": required, "collection": false}
	if len(choices) > 0 {
		options := make([]any, len(choices))
		for i, choice := range choices {
			options[i] = Tree{"default": i == 0, "option": choice, "value": choice}
		}
		field["static_options"] = options
	}
	return field
}
