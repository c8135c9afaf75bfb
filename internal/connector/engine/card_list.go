package engine

import (
	"strings"

	"slipway/internal/connector/value"
)

// listCards make lists and look into them.
var listCards = []Card{
	{"list/construct", "Construct", "…", "list", "in the order of the card; names do not matter", constructList},
	{"list/at", "At", "list, index", "item", "", at},
	{"list/length", "Length", "list", "length", "", listLength},
	{"list/pluck", "Pluck", "list, key", "values", "the key is a path into each item", pluck},
	{"list/concat", "Combine All", "list1, list2, …", "output", "", combine},
	{"list/join", "Join to Text", "list, delimiter", "string", "", joinText},
	{"list/includes", "Includes", "list, value", "result", "", includes},
	{"list/push", "Add", "list, item", "list", "", push},
	{"list/pop", "Remove Last", "list", "list, item", "", pop},
	{"list/shift", "Remove First", "list", "list, item", "", shift},
	{"list/findBy", "Find", "list, operator, path, comparison", "item, index", "index is -1 where there is none", findBy},
	{"list/filterBy", "Filter", "list, operator, path, comparison", "list", "an empty path means the item itself", filterBy},
}

func constructList(c *call) (Values, error) {
	list := []any{}
	for _, in := range c.custom() {
		list = append(list, in.value)
	}
	return one("list", list), nil
}

func at(c *call) (Values, error) {
	list, i := c.list("list"), c.number("index", 0)
	if i >= 0 && i < float64(len(list)) {
		return one("item", list[int(i)]), nil
	}
	return one("item", nil), nil
}

func listLength(c *call) (Values, error) { return one("length", float64(len(c.list("list")))), nil }

func pluck(c *call) (Values, error) {
	list, path := c.list("list"), c.text("key")
	values := make([]any, len(list))
	for i, item := range list {
		values[i] = value.Get(item, path)
	}
	return one("values", values), nil
}

func combine(c *call) (Values, error) {
	all := []any{}
	for _, in := range c.custom() {
		switch v := in.value.(type) {
		case nil:
		case []any:
			all = append(all, v...)
		default:
			all = append(all, v)
		}
		if len(all) > c.limits.Items {
			return nil, fail(Limit, "The combined list has more than %d items.", c.limits.Items)
		}
	}
	return output(all)
}

func joinText(c *call) (Values, error) {
	list := c.list("list")
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = value.Text(item)
	}
	text := strings.Join(texts, c.text("delimiter"))
	if err := c.within(text); err != nil {
		return nil, err
	}
	return one("string", text), nil
}

func includes(c *call) (Values, error) {
	wanted := c.get("value")
	for _, item := range c.list("list") {
		if value.Equal(item, wanted) {
			return one("result", true), nil
		}
	}
	return one("result", false), nil
}

func push(c *call) (Values, error) {
	list := c.list("list")
	longer := make([]any, 0, len(list)+1)
	return one("list", append(append(longer, list...), c.get("item"))), nil
}

func pop(c *call) (Values, error) {
	return c.split(func(l []any) ([]any, any) { return l[:len(l)-1], l[len(l)-1] })
}

func shift(c *call) (Values, error) {
	return c.split(func(l []any) ([]any, any) { return l[1:], l[0] })
}

func (c *call) split(how func([]any) ([]any, any)) (Values, error) {
	list := c.list("list")
	if len(list) == 0 {
		return Values{key("list"): []any{}, key("item"): nil}, nil
	}
	rest, item := how(list)
	return Values{key("list"): rest, key("item"): item}, nil
}

// matching returns the indices of the items for which the card's comparison holds, at most limit.
func (c *call) matching(limit int) ([]any, []int) {
	list, operator, path, wanted := c.list("list"), c.text("operator"), c.text("path"), c.get("comparison")
	declared := value.Any
	if in := c.field("comparison"); in != nil {
		declared = in.Type
	}
	var found []int
	for i, item := range list {
		holds, err := value.Holds(value.Get(item, path), operator, wanted, declared)
		if err != nil && c.err == nil {
			c.err = asError(err)
		}
		if holds {
			if found = append(found, i); len(found) == limit {
				break
			}
		}
	}
	return list, found
}

func findBy(c *call) (Values, error) {
	list, found := c.matching(1)
	if len(found) == 0 {
		return Values{key("item"): nil, key("index"): -1.0}, nil
	}
	return Values{key("item"): list[found[0]], key("index"): float64(found[0])}, nil
}

func filterBy(c *call) (Values, error) {
	list, found := c.matching(-1)
	kept := make([]any, len(found))
	for i, at := range found {
		kept[i] = list[at]
	}
	return one("list", kept), nil
}
