package definition

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/document"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// PingFlow and its like are the names of flows that no customer calls.
const PingFlow = "_authping"

// flows compiles ping, helpers, actions and events.
func (c *compiler) flows(d *Definition, connection map[string]any) {
	names := map[string]bool{}
	once := func(name, path string) {
		if names[strings.ToLower(name)] {
			c.object(NameTwice, path, "Two actions, helpers or events are called %q.", name)
		}
		names[strings.ToLower(name)] = true
	}
	for _, raw := range items(c.raw["helpers"]) {
		c.helpers = append(c.helpers, text(members(raw)["name"]))
	}
	if ping := members(connection["ping"]); ping != nil {
		d.Flows = append(d.Flows, c.ping(ping))
	}
	for _, kind := range []program.Kind{program.Helper, program.Action} {
		at := string(kind) + "s"
		for i, raw := range items(c.raw[at]) {
			path := document.Join("/"+at, i)
			once(text(members(raw)["name"]), path)
			d.Flows = append(d.Flows, c.action(members(raw), kind, path))
		}
	}
	for i, raw := range items(c.raw["events"]) {
		path := document.Join("/events", i)
		once(text(members(raw)["name"]), path)
		d.Events = append(d.Events, c.event(members(raw), path))
	}
	slices.SortStableFunc(d.Flows, func(a, b *program.Flow) int { return a.Src.Line - b.Src.Line })
}

// ping is a flow of one request and what is made of its answer.
func (c *compiler) ping(raw map[string]any) *program.Flow {
	b := c.body("/connection/ping", nil)
	request := b.step(map[string]any{"id": "ping", "http": raw["http"]}, "/connection/ping", nil)
	request.In = append(request.In, program.Input{Key: program.Key{Group: "http", Name: "expect"}, Formula: constant{engine.AnyStatus}})
	names := b.names().With("res", expression.Anything)
	ok, message := program.Formula(constant{true}), program.Formula(constant{""})
	if raw["ok"] != nil {
		ok = c.formula(raw["ok"], "/connection/ping/ok", names)
	}
	if raw["message"] != nil {
		message = c.formula(raw["message"], "/connection/ping/message", names)
	}
	end := &program.Node{ID: "working", Op: "step/working", Title: "Working?", Src: c.doc.Src("/connection/ping"), After: []int{0}, In: []program.Input{
		{Key: program.Key{Name: "ok"}, Formula: ok}, {Key: program.Key{Name: "message"}, Formula: message}}}
	return &program.Flow{ID: PingFlow, Name: PingFlow, Kind: program.Ping, Src: c.doc.Src("/connection/ping"), Body: &program.Scope{Nodes: []*program.Node{request, end}},
		Outputs: []program.Parameter{{Key: program.Key{Name: "working"}, Type: value.Boolean}, {Key: program.Key{Name: "message"}, Type: value.String}}}
}

func (c *compiler) action(raw map[string]any, kind program.Kind, path string) *program.Flow {
	f := &program.Flow{ID: string(kind) + ":" + text(raw["name"]), Name: text(raw["name"]), Description: text(raw["description"]), Kind: kind, Src: c.doc.Src(path)}
	f.Inputs = append(c.parameters(items(raw["options"]), true, path+"/options"), c.parameters(items(raw["inputs"]), false, path+"/inputs")...)
	f.Outputs = c.parameters(items(raw["outputs"]), false, path+"/outputs")
	if id := text(raw["implements"]); id != "" {
		kept, known := contract.Of(id)
		switch {
		case !known:
			c.object(WrongContract, path+"/implements", "There is no contract %q; there are %s.", id, words(contract.IDs()))
		case len(f.Inputs)+len(f.Outputs) > 0:
			c.object(WrongContract, path+"/implements", "Inputs and outputs of %s are those of the contract; remove options, inputs and outputs.", id)
		default:
			f.Implements, f.Inputs = kept.ID, kept.Inputs
		}
	}
	b := c.body(path, f.Inputs)
	f.Body = &program.Scope{Name: f.Name, Nodes: b.steps(items(raw["steps"]), path+"/steps")}
	return f
}

func (c *compiler) parameters(raw []any, option bool, path string) []program.Parameter {
	var all []program.Parameter
	for i, item := range raw {
		m := members(item)
		p := program.Parameter{
			Key: program.Key{Name: text(m["key"])}, Label: text(m["label"]), Type: value.Type(text(m["type"])),
			List: m["list"] == true, Required: m["required"] == true, Default: m["default"], Option: option,
		}
		for _, choice := range items(m["choices"]) {
			p.Choices = append(p.Choices, text(choice))
		}
		if m["schema"] != nil {
			s, err := document.Compile(m["schema"])
			if err != nil {
				c.object(document.AgainstSchema, document.Join(path, i)+"/schema", "It is no JSON Schema: %s.", err)
			} else {
				p.Fault = s.Fault
			}
		}
		all = append(all, p)
	}
	return all
}

func (c *compiler) event(raw map[string]any, path string) Event {
	e := Event{Name: text(raw["name"]), Description: text(raw["description"]), Webhook: raw["kind"] == "webhook", Src: c.doc.Src(path)}
	kind := program.Polling
	if e.Webhook {
		kind = program.Webhook
	}
	e.MinInterval, _ = duration(text(raw["minInterval"]))
	b := c.body(path, nil)
	b.values["cursor"] = expression.Anything
	if e.Webhook {
		b.values["body"], b.values["headers"] = expression.Anything, expression.Anything
	}
	if cursor := members(raw["cursor"]); cursor != nil {
		e.Initial = c.formula(cursor["initial"], path+"/cursor/initial", c.connNames())
	}
	flow := func(name string, b *body) *program.Flow {
		at := path + "/" + name
		return &program.Flow{ID: "event:" + e.Name + ":" + name, Name: e.Name, Kind: kind, Src: c.doc.Src(at), Body: &program.Scope{Nodes: b.steps(items(raw[name]), at)}}
	}
	if raw["emit"] != nil {
		e.Steps = flow("steps", b)
		e.Steps.Body.Nodes = append(e.Steps.Body.Nodes, b.found(raw, path, len(e.Steps.Body.Nodes)))
	}
	if raw["dedupeBy"] != nil {
		e.DedupeBy = c.formula(raw["dedupeBy"], path+"/dedupeBy", c.connNames().With("item", expression.Anything))
	}
	hook := func(name, takes string) *program.Flow {
		if raw[name] == nil {
			return nil
		}
		inputs := []program.Parameter{{Key: program.Key{Name: takes}, Label: takes}}
		f := flow(name, c.body(path, inputs))
		f.Name, f.Inputs = e.Name+", "+name, inputs
		return f
	}
	e.Register, e.Deregister = hook("register", "eventUrl"), hook("deregister", "registration")
	if hmac := members(raw["hmac"]); hmac != nil {
		e.HMAC = &HMAC{Header: text(hmac["header"]), Algorithm: text(hmac["algorithm"]), Encoding: text(hmac["encoding"]), Prefix: text(hmac["prefix"]), Src: c.doc.Src(path + "/hmac"),
			Secret: c.template(text(hmac["secret"]), path+"/hmac/secret", c.connNames().With("registration", expression.Anything))}
	}
	switch {
	case e.Steps == nil, !e.Webhook && raw["steps"] == nil:
		c.object(WrongStep, path, "An event says with emit what there is to tell; a polling event has steps that look for it.")
	}
	return e
}

// found is the last step of an event: what it tells of, and from where it goes on.
func (b *body) found(raw map[string]any, path string, at int) *program.Node {
	result := object{Items: b.formula(raw["emit"], path+"/emit", b.names()), Cursor: constant{}}
	if raw["nextCursor"] != nil {
		result[Cursor] = b.formula(raw["nextCursor"], path+"/nextCursor", b.names())
	}
	n := &program.Node{Op: "step/return", Title: "emit", Src: b.doc.Src(path + "/emit"), In: []program.Input{{Key: program.Key{Name: "return"}, Formula: result}}}
	if at > 0 {
		n.After = []int{at - 1}
	}
	return n
}

func escapePath(v any) string { return url.PathEscape(value.Text(v)) }

func words(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return fmt.Sprint(strings.Join(all, ", "))
}
