package engine

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// loopCards run a flow for each item.
var loopCards = []Card{
	{"list/each", "For Each", "list, a flow, concurrency, …", "", "", each},
	{"list/asyncEach", "For Each - Ignore Errors", "list, a flow, concurrency, …", "", "an error of the flow ends only that item", eachIgnoring},
	{"list/map", "Map", "list, a flow, concurrency, …", "new list", "a list of what the flow returned, an object each", mapList},
	{"list/filter", "Filter Custom", "list, a flow, …", "list", "the items for which the flow's first output is true", filterList},
	{"list/reduce", "Reduce", "list, a flow, memo, …", "item", "each item with what the flow made of those before it", reduce},
	{"object/map", "Map to List", "object, a flow, concurrency, …", "new list", "", mapObject},
	{"object/process", "Map", "object, a flow, concurrency, …", "output", "an object of the flow's first output for each member", processObject},
	{"control/times", "Repeat", "count, a flow, concurrency, …", "", "", times},
	{"control/until", "Repeat Until", "a flow, …", "…", "again with what the flow returned, until its first output is true", until},
}

// loopOwn are the inputs that loops have themselves; all others are passed on.
var loopOwn = []string{"list", "object", "concurrency", "memo", "count"}

// arguments of one item: an input says whether it takes the item, a part of it, or the same for all. Old files do not say;
// there an input without wire takes the item's member of its own name.
func (c *call) itemArguments(item any, at int) Values {
	args := Values{{Group: "context", Name: "index"}: float64(at)}
	for i := range c.node.In {
		in := &c.node.In[i]
		if in.Type == value.Flow || in.Key.Group == "context" || in.Key.Group == "" && slices.Contains(loopOwn, in.Key.Name) {
			continue
		}
		switch {
		case in.Item != nil && in.Item.Dynamic:
			args[in.Key] = value.Get(item, in.Item.Path)
		case in.Item == nil && len(in.Wires) == 0:
			args[in.Key] = c.value(in)
			if member := value.Get(item, in.Key.Name); member != nil {
				args[in.Key] = member
			}
		default:
			args[in.Key] = c.value(in)
		}
	}
	return args
}

// loop runs the card's flow for each item, several at a time where the card says so, and returns what each gave in their order.
func (c *call) loop(items []any, more func(at int, args Values), failed func(error) bool) ([]outcome, error) {
	if len(items) > c.limits.Items {
		return nil, fail(Limit, "A list of %d items is more than a loop may have (%d).", len(items), c.limits.Items)
	}
	if len(items) == 0 {
		return nil, nil
	}
	callee, err := c.callee()
	if err != nil {
		return nil, err
	}
	all := make([]Values, len(items))
	for i, item := range items {
		all[i] = c.itemArguments(item, i)
		if more != nil {
			more(i, all[i])
		}
	}
	parallel := int(min(max(c.number("concurrency", 1), 1), float64(c.limits.Parallel)))
	if c.err != nil {
		return nil, c.err
	}
	var kept atomic.Int64
	defer func() { c.used.memory.Add(-kept.Load()) }() // from here on they count as what the card gives
	return inParallel(parallel, len(items), func(i int) (outcome, error) {
		out, err := c.flow(callee, all[i], c.frame.depth+1)
		if err != nil && failed != nil && failed(err) {
			return outcome{values: Values{}}, nil
		}
		if err == nil {
			err = c.keep(&kept, out.values)
		}
		return out, err
	})
}

// keep counts what one item gave, which the loop holds until its end.
func (c *call) keep(kept *atomic.Int64, gave Values) error {
	var size int64
	for _, v := range gave {
		size += value.Size(v, c.limits.Memory)
	}
	kept.Add(size)
	if c.used.memory.Add(size) > c.limits.Memory {
		return c.full()
	}
	return nil
}

// inParallel runs do for 0 to n-1, so many at a time, and returns the results in order; after an error no further one is begun.
func inParallel(width, n int, do func(i int) (outcome, error)) ([]outcome, error) {
	results := make([]outcome, n)
	if width <= 1 {
		for i := range n {
			out, err := do(i)
			if err != nil {
				return nil, err
			}
			results[i] = out
		}
		return results, nil
	}
	var (
		mu    sync.Mutex
		next  int
		first error
		group sync.WaitGroup
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == n {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range min(width, n) {
		group.Go(func() {
			for i, more := take(); more; i, more = take() {
				out, err := do(i)
				mu.Lock()
				results[i] = out
				if first == nil {
					first = err
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if first != nil {
		return nil, first
	}
	return results, nil
}

func each(c *call) (Values, error) {
	_, err := c.loop(c.list("list"), nil, nil)
	return Values{}, err
}

func eachIgnoring(c *call) (Values, error) {
	_, err := c.loop(c.list("list"), nil, func(err error) bool { return asError(err).catchable() })
	return Values{}, err
}

// plainObject is what a flow gave as an object. Groups are left out: two fields of one name are rare, and then the first stays.
func plainObject(v Values) map[string]any {
	object := make(map[string]any, len(v))
	for key, item := range v {
		if _, twice := object[key.Name]; !twice || key.Group == "" {
			object[key.Name] = item
		}
	}
	return object
}

func objects(results []outcome) []any {
	list := make([]any, len(results))
	for i, out := range results {
		list[i] = plainObject(out.values)
	}
	return list
}

func mapList(c *call) (Values, error) {
	results, err := c.loop(c.list("list"), nil, nil)
	return one("new list", objects(results)), err
}

// firstOutput is the output that stands first in the flow's Return card, or in its last card.
func firstOutput(f *program.Flow, out outcome) any {
	for _, p := range f.Outputs {
		if v, has := out.values[p.Key]; has {
			return v
		}
	}
	for _, o := range lastOutputs(f) {
		if v, has := out.values[o.Key]; has {
			return v
		}
	}
	for _, name := range []string{"output", "result"} {
		if v, has := out.values[program.Key{Name: name}]; has {
			return v
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(out.values), func(a, b program.Key) int { return strings.Compare(a.String(), b.String()) }) {
		return out.values[key]
	}
	return nil
}

// lastOutputs are what the flow's last card declares, in its order.
func lastOutputs(f *program.Flow) []program.Output {
	for _, n := range slices.Backward(f.Body.Nodes) {
		if counts(n) {
			return n.Out
		}
	}
	return nil
}

func filterList(c *call) (Values, error) {
	items := c.list("list")
	results, err := c.loop(items, nil, nil)
	if err != nil {
		return nil, err
	}
	kept := []any{}
	for i, out := range results {
		callee, _ := c.callee()
		if value.Truth(firstOutput(callee, out)) {
			kept = append(kept, items[i])
		}
	}
	return one("list", kept), nil
}

func reduce(c *call) (Values, error) {
	memo := c.get("memo")
	for i, item := range c.list("list") {
		var last outcome
		results, err := c.loop([]any{item}, func(_ int, args Values) {
			args[program.Key{Name: "memo"}] = memo
			args[program.Key{Group: "context", Name: "index"}] = float64(i)
		}, nil)
		if err != nil {
			return nil, err
		}
		last = results[0]
		callee, _ := c.callee()
		memo = firstOutput(callee, last)
	}
	return one("item", memo), nil
}

// members are an object's members as items of a loop, in the order of their names.
func members(object map[string]any) ([]string, []any) {
	names := slices.Sorted(maps.Keys(object))
	items := make([]any, len(names))
	for i, name := range names {
		items[i] = map[string]any{"key": name, "value": object[name]}
	}
	return names, items
}

func mapObject(c *call) (Values, error) {
	_, items := members(c.object("object"))
	results, err := c.loop(items, nil, nil)
	return one("new list", objects(results)), err
}

func processObject(c *call) (Values, error) {
	names, items := members(c.object("object"))
	results, err := c.loop(items, nil, nil)
	if err != nil {
		return nil, err
	}
	object := make(map[string]any, len(names))
	for i, name := range names {
		callee, _ := c.callee()
		object[name] = firstOutput(callee, results[i])
	}
	return output(object)
}

func times(c *call) (Values, error) {
	count := c.number("count", 0)
	if count > float64(c.limits.Items) {
		return nil, fail(Limit, "It repeats %.0f times, more than %d.", count, c.limits.Items)
	}
	_, err := c.loop(make([]any, int(max(count, 0))), nil, nil)
	return Values{}, err
}

func until(c *call) (Values, error) {
	callee, err := c.callee()
	if err != nil {
		return nil, err
	}
	args := c.arguments(loopOwn...)
	for range c.limits.Pages {
		if c.err != nil {
			return nil, c.err
		}
		out, err := c.flow(callee, args, c.frame.depth+1)
		if err != nil || value.Truth(firstOutput(callee, out)) {
			return out.values, err
		}
		for key, v := range out.values {
			if _, passed := args[key]; passed {
				args[key] = v
			}
		}
	}
	return nil, fail(Limit, "It repeated %d times, and what it waits for did not come.", c.limits.Pages)
}
