package engine

import (
	"fmt"
	"maps"
	"slices"

	"slipway/internal/connector/value"
)

// setCards take lists as sets, and sort, group and merge their items.
var setCards = []Card{
	{"list/uniqueBy", "Unique", "list, path", "unique list", "of items that are alike at the path the first; an empty path means the item itself", uniqueBy},
	{"list/sortBy", "Sort", "list, path", "sorted list", "numbers by size, before dates, before texts by their letters; what has nothing there comes last", sortBy},
	{"list/groupBy", "Group", "list, path", "groups", "an object: what is at the path, as text, with a list of the items that have it", groupBy},
	{"list/union", "Union", "list1, list2, …", "union", "each item once", union},
	{"list/intersection", "Intersection", "list1, list2, …", "intersection", "each item once", intersection},
	{"list/difference", "Difference", "list1, list2, …", "list", "the items of the first that no other has", difference},
	{"list/flatten", "Flatten", "lists", "list", "one level: a list in the list gives way to its items", flatten},
	{"list/collapse", "Collapse", "list", "output", "one object of all in the list; of members of one name the last wins", collapse},
	{"list/sample", "Sample", "list, amount", "samples", "so many items by chance, none twice; one unless told", sample},
}

// identity is what items that are alike have in common. Equal would say the same, but comparing each with each takes too long.
func identity(v any) string {
	if file, is := v.(value.File); is {
		return fmt.Sprintf("%s %q %s", kindOf(v), file.Name, file.Bytes)
	}
	return kindOf(v) + " " + value.Text(v)
}

// kindOf names the kinds that are never alike, whatever their text; it is also the order in which they are sorted.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "9 nothing"
	case float64, int64:
		return "1 number"
	case bool:
		return "0 boolean"
	case string:
		return "3 text"
	case []any:
		return "4 list"
	case map[string]any:
		return "5 object"
	case value.File:
		return "6 file"
	}
	return "2 date"
}

// items are the list in one of the inputs: what was exported under another name counts as well.
func (c *call) items(names ...string) []any {
	for _, name := range names {
		if c.field(name) != nil {
			return c.bounded(name, c.list(name))
		}
	}
	return nil
}

// bounded refuses a list that is longer than a card may take.
func (c *call) bounded(name string, list []any) []any {
	if len(list) > c.limits.Items && c.err == nil {
		c.err = fail(Limit, "%s has %d items, more than %d.", name, len(list), c.limits.Items)
		return nil
	}
	return list
}

// lists are all inputs of the card as lists, in their order; one thing counts as a list of it.
func (c *call) lists() [][]any {
	var all [][]any
	for _, in := range c.custom() {
		switch v := in.value.(type) {
		case nil:
			all = append(all, nil)
		case []any:
			all = append(all, c.bounded(in.key.String(), v))
		default:
			all = append(all, []any{v})
		}
	}
	return all
}

func uniqueBy(c *call) (Values, error) {
	path := c.text("path")
	seen := map[string]bool{}
	unique := []any{}
	for _, item := range c.items("list") {
		if id := identity(value.Get(item, path)); !seen[id] {
			seen[id] = true
			unique = append(unique, item)
		}
	}
	return one("unique list", unique), nil
}

func sortBy(c *call) (Values, error) {
	path := c.text("path")
	sorted := slices.Clone(c.items("list"))
	if sorted == nil {
		sorted = []any{}
	}
	slices.SortStableFunc(sorted, func(a, b any) int { return inOrder(value.Get(a, path), value.Get(b, path)) })
	return one("sorted list", sorted), nil
}

// inOrder compares anything with anything, so that a sort always ends in the same order.
func inOrder(a, b any) int {
	if x, y := kindOf(a), kindOf(b); x != y {
		if x < y {
			return -1
		}
		return 1
	}
	order, _ := value.Order(a, b)
	return order
}

func groupBy(c *call) (Values, error) {
	path := c.text("path")
	groups := map[string]any{}
	for _, item := range c.items("list") {
		name := value.Text(value.Get(item, path))
		members, _ := groups[name].([]any)
		groups[name] = append(members, item)
	}
	return one("groups", groups), nil
}

func union(c *call) (Values, error) {
	seen := map[string]bool{}
	all := []any{}
	for _, list := range c.lists() {
		for _, item := range list {
			if id := identity(item); !seen[id] {
				seen[id] = true
				all = append(all, item)
			}
		}
	}
	if len(all) > c.limits.Items {
		return nil, fail(Limit, "The union has %d items, more than %d.", len(all), c.limits.Items)
	}
	return one("union", all), nil
}

func intersection(c *call) (Values, error) {
	lists := c.lists()
	common := []any{}
	if len(lists) > 0 {
		common = lists[0]
	}
	for _, list := range lists[min(1, len(lists)):] {
		common = those(common, list, true)
	}
	return one("intersection", those(common, common, true)), nil
}

func difference(c *call) (Values, error) {
	lists := c.lists()
	rest := []any{}
	if len(lists) > 0 {
		rest = append(rest, lists[0]...)
	}
	for _, list := range lists[min(1, len(lists)):] {
		rest = those(rest, list, false)
	}
	return one("list", rest), nil
}

// those are the items of list that are in other, each once, or those that are not.
func those(list, other []any, in bool) []any {
	has := map[string]bool{}
	for _, item := range other {
		has[identity(item)] = true
	}
	kept := []any{}
	for _, item := range list {
		id := identity(item)
		if has[id] == in {
			kept = append(kept, item)
		}
		if in {
			delete(has, id)
		}
	}
	return kept
}

func flatten(c *call) (Values, error) {
	flat := []any{}
	for _, item := range c.items("lists", "list") {
		if inner, is := item.([]any); is {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, item)
		}
		if len(flat) > c.limits.Items {
			return nil, fail(Limit, "The flat list has more than %d items.", c.limits.Items)
		}
	}
	return one("list", flat), nil
}

func collapse(c *call) (Values, error) {
	merged := map[string]any{}
	for i, item := range c.items("list", "lists") {
		object, is := item.(map[string]any)
		if !is {
			return nil, fail(Unfit, "Item %d of the list is no object, so it cannot be merged with the others.", i)
		}
		maps.Copy(merged, object)
	}
	return output(merged)
}

// sample shuffles only as far as it needs to.
func sample(c *call) (Values, error) {
	left := slices.Clone(c.items("list"))
	amount := c.whole("amount", 1, 0, int64(c.limits.Items))
	samples := []any{}
	for i := 0; i < len(left) && int64(len(samples)) < amount; i++ {
		j := i + c.dice.below(len(left)-i)
		left[i], left[j] = left[j], left[i]
		samples = append(samples, left[i])
	}
	return one("samples", samples), nil
}
