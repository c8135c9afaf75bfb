package definition

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/document"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// body is a flow's steps under way: what its expressions may name grows from step to step.
type body struct {
	*compiler
	values expression.Members // names besides steps and vars
	ids    expression.Members // results of the steps so far
	vars   expression.Members // what set has set so far
	used   map[string]bool    // ids, of branches too
	path   string
}

// body begins a flow that takes these inputs.
func (c *compiler) body(path string, inputs []program.Parameter) *body {
	input := expression.Members{}
	for _, p := range inputs {
		input[p.Key.Name] = expression.Anything
	}
	return &body{compiler: c, path: path, ids: expression.Members{}, vars: expression.Members{}, used: map[string]bool{},
		values: expression.Members{"conn": c.conn, "input": input, "run": expression.Only("id")}}
}

func (b *body) names() expression.Names {
	all := maps.Clone(b.values)
	all["steps"], all["vars"] = maps.Clone(b.ids), maps.Clone(b.vars)
	return expression.Names{Values: all}
}

// with is the body with one more name, for a branch of it.
func (b *body) with(name string) *body {
	inner := *b
	inner.values = maps.Clone(b.values)
	inner.values[name] = expression.Anything
	return &inner
}

// kinds are the members that say what a step does, with those that may stand beside each.
var kinds = map[string][]string{
	"http": nil, "set": nil, "if": {"then", "else"}, "switch": {"cases", "else"}, "forEach": {"as", "concurrency", "steps", "collect"},
	"paginate": nil, "try": {"catch"}, "rethrow": nil, "call": {"with"}, "fail": nil, "return": nil, "wait": nil,
}

var anywhere = []string{"id", "note"}

// kind says what a step does, and objects where it does nothing, or two things.
func (b *body) kind(raw map[string]any, path string) string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if _, has := raw[name]; has {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		b.object(WrongStep, path, "The step says nothing to do. It needs one of %s.", words(slices.Sorted(maps.Keys(kinds))))
		return ""
	case 1:
	default:
		b.object(WrongStep, path, "The step wants to do %s; make a step of each.", words(found))
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if name != found[0] && !slices.Contains(anywhere, name) && !slices.Contains(kinds[found[0]], name) {
			b.object(WrongStep, document.Join(path, name), "%q does not go with %q.", name, found[0])
		}
	}
	return found[0]
}

// steps compiles a sequence; each waits for the one before it.
func (b *body) steps(raw []any, path string) []*program.Node {
	var nodes []*program.Node
	for i, item := range raw {
		var after []int
		if i > 0 {
			after = []int{i - 1}
		}
		nodes = append(nodes, b.step(members(item), document.Join(path, i), after))
	}
	return nodes
}

// step compiles one step. Its inputs are formulas that the engine evaluates when it runs the step.
func (b *body) step(raw map[string]any, path string, after []int) *program.Node {
	kind := b.kind(raw, path)
	n := &program.Node{ID: b.id(raw, path), Op: "step/" + kind, Title: kind, After: after, Src: b.doc.Src(path)}
	switch kind {
	case "http":
		n.In = b.request(members(raw["http"]), path+"/http", b.names())
		n.Title = text(members(raw["http"])["method"]) + " " + text(members(raw["http"])["path"])
	case "set":
		for _, name := range slices.Sorted(maps.Keys(members(raw["set"]))) {
			b.add(n, name, members(raw["set"])[name], document.Join(path+"/set", name))
			b.vars[name] = expression.Anything
		}
	case "if":
		b.add(n, "if", raw["if"], path+"/if")
		b.sub(n, "then", raw["then"], path+"/then", b)
		b.sub(n, "else", raw["else"], path+"/else", b)
	case "switch":
		b.cases(n, raw, path)
	case "forEach":
		b.forEach(n, raw, path)
	case "paginate":
		b.paginate(n, members(raw["paginate"]), path+"/paginate")
	case "try":
		b.sub(n, "try", raw["try"], path+"/try", b)
		b.sub(n, "catch", raw["catch"], path+"/catch", b.with("error"))
	case "rethrow":
		if _, inside := b.values["error"]; !inside {
			b.object(WrongStep, path, "There is no error to pass on; rethrow stands in a catch.")
		}
	case "call":
		b.call(n, raw, path)
	case "fail":
		b.fail(members(raw["fail"]), path+"/fail")
		for _, name := range slices.Sorted(maps.Keys(members(raw["fail"]))) {
			b.add(n, name, members(raw["fail"])[name], document.Join(path+"/fail", name))
		}
	case "return":
		b.add(n, "return", raw["return"], path+"/return")
		if object := members(raw["return"]); object["$map"] == nil { // its members are known, for those who check what is promised
			for _, name := range slices.Sorted(maps.Keys(object)) {
				n.Out = append(n.Out, program.Output{Key: program.Key{Name: name}})
			}
		}
	case "wait":
		d, _ := duration(text(raw["wait"]))
		if d > engine.LongestWait {
			b.object(WrongStep, path+"/wait", "It waits %s, and may wait %s at most.", d, engine.LongestWait)
		}
		n.In = []program.Input{{Key: program.Key{Name: "delay"}, Const: float64(d.Milliseconds())}}
	}
	if n.ID != "" {
		b.ids[n.ID] = expression.Anything
	}
	return n
}

// fail objects to an error that nobody could understand, as far as it is written out.
func (b *body) fail(raw map[string]any, path string) {
	written := func(name string) (string, bool) {
		said, is := raw[name].(string)
		return said, is && !strings.Contains(said, "${")
	}
	if typ, is := written("type"); is && !slices.Contains(contract.ErrorTypes, typ) {
		b.object(WrongStep, path+"/type", "There is no type of errors %q; there are %s.", typ, words(contract.ErrorTypes))
	}
	if status, is := written("status"); is {
		if n, err := strconv.Atoi(status); err != nil || n < 400 || n > 599 {
			b.object(WrongStep, path+"/status", "The status of an error is a number from 400 to 599, and not %q.", status)
		}
	}
}

// id is what later expressions call the step. Steps without one cannot be referred to.
func (b *body) id(raw map[string]any, path string) string {
	id := text(raw["id"])
	if id != "" && b.used[id] {
		b.object(NameTwice, path, "Two steps of this action have the id %q.", id)
	}
	b.used[id] = true
	return id
}

func (b *body) add(n *program.Node, name string, v any, path string) {
	n.In = append(n.In, program.Input{Key: program.Key{Name: name}, Formula: b.formula(v, path, b.names())})
}

// sub compiles steps inside of a step. What they set is known after them, and nothing where they did not run.
func (b *body) sub(n *program.Node, name string, raw any, path string, inner *body) {
	if raw == nil {
		return
	}
	n.Sub = append(n.Sub, program.Sub{Name: name, Scope: &program.Scope{Name: name, Nodes: inner.steps(items(raw), path)}})
}

func (b *body) cases(n *program.Node, raw map[string]any, path string) {
	b.add(n, "switch", raw["switch"], path+"/switch")
	for i, item := range items(raw["cases"]) {
		at := document.Join(path+"/cases", i)
		name := strconv.Itoa(i)
		b.add(n, name, members(item)["is"], at+"/is")
		b.sub(n, name, members(item)["steps"], at+"/steps", b)
	}
	b.sub(n, "else", raw["else"], path+"/else", b)
}

func (b *body) forEach(n *program.Node, raw map[string]any, path string) {
	as := text(raw["as"])
	if as == "" {
		as = "item"
	}
	if _, taken := b.values[as]; taken || as == "in" {
		b.object(WrongStep, path, "The loop's variable cannot be called %q.", as)
		as = "item"
	}
	b.add(n, "forEach", raw["forEach"], path+"/forEach")
	n.In = append(n.In, program.Input{Key: program.Key{Name: "as"}, Const: as}, program.Input{Key: program.Key{Name: "concurrency"}, Const: raw["concurrency"]})
	inner := b.with(as)
	inner.ids, inner.vars = maps.Clone(b.ids), maps.Clone(b.vars) // of one item, and gone with it
	b.sub(n, "steps", raw["steps"], path+"/steps", inner)
	if raw["collect"] != nil {
		n.In = append(n.In, program.Input{Key: program.Key{Name: "collect"}, Formula: b.formula(raw["collect"], path+"/collect", inner.names())})
	}
}

func (b *body) call(n *program.Node, raw map[string]any, path string) {
	name := text(raw["call"])
	n.In = append(n.In, program.Input{Key: program.Key{Name: "flow"}, Type: value.Flow, Flow: string(program.Helper) + ":" + name})
	n.Title = "call " + name
	if !slices.Contains(b.helpers, name) && len(items(members(b.raw["flopack"])["include"])) == 0 {
		b.object(BrokenName, path+"/call", "There is no helper %q; there are %s.", name, words(b.helpers))
	}
	for _, key := range slices.Sorted(maps.Keys(members(raw["with"]))) {
		n.In = append(n.In, program.Input{Key: program.Key{Group: "with", Name: key}, Formula: b.formula(members(raw["with"])[key], document.Join(path+"/with", key), b.names())})
	}
}

// request compiles an http block. What is said about errors sees the answer as res.
func (b *body) request(raw map[string]any, path string, names expression.Names) []program.Input {
	in := func(name string, f program.Formula) program.Input {
		return program.Input{Key: program.Key{Group: "http", Name: name}, Formula: f}
	}
	all := []program.Input{in("method", constant{text(raw["method"])}), in("path", b.address(text(raw["path"]), path+"/path", names))}
	content := 0
	for _, name := range []string{"query", "headers", "json", "form", "text", "multipart"} {
		v, has := raw[name]
		if !has {
			continue
		}
		if name != "query" && name != "headers" {
			content++
		}
		all = append(all, in(name, b.formula(v, document.Join(path, name), names)))
	}
	b.headers(members(raw["headers"]), path+"/headers")
	if content > 1 {
		b.object(WrongStep, path, "A request has one content: json, form, text or multipart.")
	}
	if raw["expect"] != nil {
		all = append(all, in("expect", constant{raw["expect"]}))
	}
	for _, status := range slices.Sorted(maps.Keys(members(raw["errors"]))) {
		at := fmt.Sprintf("%s/errors/%s", path, status)
		all = append(all, program.Input{Key: program.Key{Group: "errors", Name: status}, Formula: b.formula(members(raw["errors"])[status], at, names.With("res", expression.Anything))})
	}
	return all
}

// headers objects to those that a connector may not set, so that no request would go out.
func (c *compiler) headers(raw map[string]any, path string) {
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if why := engine.Unsettable(name); why != "" {
			c.object(WrongStep, document.Join(path, name), "%s", why)
		}
	}
}

func (b *body) paginate(n *program.Node, raw map[string]any, path string) {
	names := b.names()
	n.In = b.request(members(raw["http"]), path+"/http", names)
	n.Title = "paginate " + text(members(raw["http"])["path"])
	after := names.With("res", expression.Anything)
	for _, name := range []string{"next", "items"} {
		if raw[name] != nil {
			n.In = append(n.In, program.Input{Key: program.Key{Name: name}, Formula: b.formula(raw[name], document.Join(path, name), after)})
		}
	}
	for _, name := range []string{"by", "param", "size", "start", "maxPages"} {
		if raw[name] != nil {
			n.In = append(n.In, program.Input{Key: program.Key{Name: name}, Const: raw[name]})
		}
	}
	if by := raw["by"]; by == "cursor" && (raw["next"] == nil || raw["param"] == nil) {
		b.object(WrongStep, path, "Paging by cursor needs next, which finds the cursor in the answer, and param, in which it is sent.")
	}
}
