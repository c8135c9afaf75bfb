package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// stepPrefix begins the names of what steps of a connector.yaml do.
const stepPrefix = "step/"

// steps are what a connector.yaml can say.
var steps = []Card{
	{"step/set", "set", "…", "", "values that later steps see as vars", stepSet},
	{"step/if", "if", "then, else", "", "", stepIf},
	{"step/switch", "switch", "cases, else", "", "the first case whose value is the same runs", stepSwitch},
	{"step/forEach", "forEach", "as, concurrency, steps, collect", "", "gives what collect says of each item", stepForEach},
	{"step/try", "try", "catch", "", "catch sees the error as error", stepTry},
	{"step/rethrow", "rethrow", "", "", "passes on the error that catch has caught", stepRethrow},
	{"step/call", "call", "with", "", "gives what the helper returns", stepCall},
	{"step/fail", "fail", "status, message, code, type", "", "", stepFail},
	{"step/return", "return", "", "", "ends the action", stepReturn},
	{"step/wait", "wait", "", "", "at most 60 seconds, which a test does not wait for", stepWait},
	{"step/working", "ping", "ok, message", "working, message", "", stepWorking},
	{"step/http", "http", "method, path, query, headers, json, form, text, multipart, expect, errors", "status, headers, body", "", stepHTTP},
	{"step/paginate", "paginate", "http, by, param, next, items, size, start, maxPages", "items, pages", "", stepPaginate},
}

// written reports whether a flow was written as text, so that its formulas see names.
func written(f *program.Flow) bool {
	return len(f.Body.Nodes) > 0 && strings.HasPrefix(f.Body.Nodes[0].Op, stepPrefix)
}

// names are what the expressions of an action see. A required input that is missing is the caller's error, before anything is sent.
func (r *run) names(f *program.Flow, in Values) (map[string]any, *Error) {
	input := map[string]any{}
	for _, p := range f.Inputs {
		v, passed := in[p.Key]
		if !passed || v == nil {
			v = p.Default
		}
		converted, err := convert(p.Key, p.Type, p.List, v)
		if err != nil {
			return nil, badInput(f, "%s", err.Message)
		}
		if p.Required && value.Empty(converted) {
			return nil, badInput(f, "No %s input provided. Enter a valid %s.", p.Label, p.Label)
		}
		if len(p.Choices) > 0 && converted != nil && !slices.Contains(p.Choices, value.Text(converted)) {
			return nil, badInput(f, "%s is %q, and must be one of %s.", p.Label, shorten(value.Text(converted)), strings.Join(p.Choices, ", "))
		}
		if p.Fault != nil && converted != nil {
			if why := p.Fault(converted); why != "" {
				return nil, badInput(f, "%s does not fit: %s", p.Label, why)
			}
		}
		input[p.Key.Name] = converted
	}
	conn := r.Connection
	if conn == nil {
		conn = map[string]any{}
	}
	values := map[string]any{"conn": conn, "input": input, "steps": map[string]any{}, "vars": map[string]any{}, "run": map[string]any{"id": r.ID}}
	for key, v := range in { // cursor, body and the like of events
		if key.Group == Scope {
			values[key.Name] = v
		}
	}
	return values, nil
}

// Scope is the group of values that a flow's expressions see by their own name, beside input.
const Scope = "scope"

func badInput(f *program.Flow, format string, args ...any) *Error {
	e := fail(Raised, format, args...)
	e.Status, e.Src = 400, f.Src
	return e
}

// done hands on what a step gives: to expressions under its id, and to whoever watches.
func (c *call) done(v any) (Values, error) {
	if c.node.ID != "" {
		c.frame.env["steps"].(map[string]any)[c.node.ID] = v
	}
	return output(v)
}

// block runs steps that belong to a step, with the same names. A return inside ends the whole action.
func (c *call) block(name string, env map[string]any) error {
	scope := c.node.Scope(name)
	if scope == nil || c.err != nil {
		return nil
	}
	out, err := c.scope(&frame{flow: c.frame.flow, scope: scope, depth: c.frame.depth + 1, env: env})
	if err == nil && out.returned {
		c.frame.end = &out
	}
	return err
}

func stepSet(c *call) (Values, error) {
	set := map[string]any{}
	for i := range c.node.In {
		set[c.node.In[i].Key.Name] = c.value(&c.node.In[i])
	}
	maps.Copy(c.frame.env["vars"].(map[string]any), set)
	return c.done(set)
}

func stepIf(c *call) (Values, error) {
	holds, is := c.get("if").(bool)
	if !is && c.err == nil {
		return nil, fail(Unfit, "The condition is neither true nor false; compare with ==, or test with has().")
	}
	name := "else"
	if holds {
		name = "then"
	}
	if err := c.block(name, c.frame.env); err != nil {
		return nil, err
	}
	return c.done(holds)
}

func stepSwitch(c *call) (Values, error) {
	over, chosen := c.get("switch"), "else"
	for i := 0; ; i++ {
		in := c.field(strconv.Itoa(i))
		if in == nil {
			break
		}
		if value.Equal(over, c.value(in)) {
			chosen = in.Key.Name
			break
		}
	}
	return Values{}, c.block(chosen, c.frame.env)
}

func stepForEach(c *call) (Values, error) {
	items, as := c.list("forEach"), c.text("as")
	if len(items) > c.limits.Items {
		return nil, fail(Limit, "A list of %d items is more than a loop may have (%d).", len(items), c.limits.Items)
	}
	scope, collect := c.node.Scope("steps"), c.field("collect")
	if scope == nil {
		scope = &program.Scope{}
	}
	parallel := int(min(max(c.number("concurrency", 1), 1), float64(c.limits.Parallel)))
	var kept atomic.Int64
	defer func() { c.used.memory.Add(-kept.Load()) }() // from here on they count as what the step gives
	var ended atomic.Bool
	results, err := inParallel(parallel, len(items), func(i int) (outcome, error) {
		if ended.Load() { // an item before it has ended the action
			return outcome{}, nil
		}
		env := maps.Clone(c.frame.env)
		env[as] = items[i]
		env["steps"], env["vars"] = maps.Clone(env["steps"].(map[string]any)), maps.Clone(env["vars"].(map[string]any))
		out, err := c.scope(&frame{flow: c.frame.flow, scope: scope, depth: c.frame.depth + 1, env: env})
		if err != nil || out.returned {
			if out.returned {
				ended.Store(true)
			}
			return out, err
		}
		if collect == nil {
			return outcome{}, nil
		}
		inner := call{run: c.run, frame: &frame{env: env}, node: c.node}
		out.values = one("output", inner.value(collect))
		if inner.err != nil {
			return out, inner.err
		}
		return out, c.keep(&kept, out.values)
	})
	if err != nil {
		return nil, err
	}
	collected := []any{}
	for _, out := range results {
		if out.returned && c.frame.end == nil {
			c.frame.end = &out
		}
		if collect != nil {
			collected = append(collected, out.values[key("output")])
		}
	}
	return c.done(collected)
}

func stepTry(c *call) (Values, error) {
	err := c.block("try", c.frame.env)
	if err == nil {
		return Values{}, nil
	}
	failed := asError(err)
	if !failed.catchable() || c.node.Scope("catch") == nil {
		return nil, err
	}
	env := maps.Clone(c.frame.env) // steps and vars stay the same maps
	env["error"], env[caught] = failed.object(), failed
	return Values{}, c.block("catch", env)
}

// caught is where rethrow finds the error itself; no expression can name it.
const caught = " caught"

func stepRethrow(c *call) (Values, error) {
	if e, is := c.frame.env[caught].(*Error); is {
		return nil, e
	}
	return nil, fail(Unfit, "There is no error to pass on.")
}

func stepCall(c *call) (Values, error) {
	ref := c.field("flow")
	callee := c.Program.Flow(ref.Flow)
	if callee == nil {
		_, name, _ := strings.Cut(ref.Flow, ":")
		if callee = c.Program.Named(name); callee == nil {
			return nil, fail(Unsupported, "There is no helper %q.", name)
		}
	}
	args := Values{{Group: "auth", Name: "blob"}: c.Connection}
	for i := range c.node.In {
		if in := &c.node.In[i]; in.Key.Group == "with" {
			args[key(in.Key.Name)] = c.value(in)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	out, err := c.flow(callee, args, c.frame.depth+1)
	if err != nil {
		return nil, err
	}
	if v, only := out.values[returned]; only {
		return c.done(v)
	}
	return c.done(plainObject(out.values))
}

func stepFail(c *call) (Values, error) {
	e := &Error{Kind: Raised, Message: sentence(c.text("message")), Status: int(c.number("status", 0)), Code: c.text("code"), Type: c.text("type")}
	if c.err != nil {
		return nil, c.err
	}
	return nil, e
}

// returned is the key of what a written action returns: one value, mostly an object.
var returned = program.Key{Group: Scope, Name: "return"}

func stepReturn(c *call) (Values, error) {
	v := c.get("return")
	if c.err != nil {
		return nil, c.err
	}
	gave := Values{returned: v}
	if object, is := v.(map[string]any); is {
		for name, member := range object {
			gave[key(name)] = member
		}
	}
	c.frame.end = &outcome{values: gave, returned: true}
	return gave, nil
}

func stepWait(c *call) (Values, error) {
	d := time.Duration(c.number("delay", 0)) * time.Millisecond
	if d > c.limits.Wait {
		return nil, fail(Limit, "It waits %s, longer than %s.", d, c.limits.Wait)
	}
	if c.sleep(c.ctx, d) != nil {
		return nil, c.ended()
	}
	return Values{}, nil
}

// stepWorking says whether the connection works, and as whom. What the API said is the message where it does not.
func stepWorking(c *call) (Values, error) {
	answer, _ := c.frame.env["steps"].(map[string]any)["ping"].(map[string]any)
	status, _ := value.Number(answer["status"])
	c.frame.env["res"] = answer
	works := status >= 200 && status < 300
	if f := c.field("ok"); f != nil && works {
		works = value.Truth(c.value(f))
	}
	message := ""
	switch {
	case c.err != nil: // the answer is another than the connector expects
		works, message, c.err = false, c.err.Message, nil
	case works:
		message = c.text("message")
		c.err = nil
	default:
		message = fmt.Sprintf("The API answered %.0f.", status)
		if said := sentenceIn(answer["body"]); said != "" {
			message = fmt.Sprintf("The API answered %.0f: %s", status, said)
		}
	}
	gave := Values{key("working"): works, key("message"): message}
	c.frame.end = &outcome{values: gave, returned: true}
	return gave, nil
}
