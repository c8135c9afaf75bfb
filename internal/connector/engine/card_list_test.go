package engine

import (
	"slipway/internal/connector/value"
)

var listRows = []row{
	{says: "makes a list in the order of the card", op: "list/construct", in: fields("z", 1.0, "a", 2.0), want: gives{"list": list{1.0, 2.0}}},
	{says: "gives an item", op: "list/at", in: fields("list", numbers, "index", 1.0), want: gives{"item": 2.0}},
	{says: "gives nothing beyond the end", op: "list/at", in: fields("list", numbers, "index", 1e300), want: gives{"item": nil}},
	{says: "gives nothing before the start", op: "list/at", in: fields("list", numbers, "index", -1.0), want: gives{"item": nil}},
	{says: "counts", op: "list/length", in: fields("list", numbers), want: gives{"length": 3.0}},
	{says: "takes a part of each item", op: "list/pluck", in: fields("list", list{object{"a": object{"b": 1.0}}, object{}}, "key", "a.b"), want: gives{"values": list{1.0, nil}}},
	{says: "combines lists", op: "list/concat", in: fields("list1", list{1.0}, "list2", list{2.0}, "list3", nil), want: gives{"output": list{1.0, 2.0}}},
	{says: "does not combine more than a list may have", op: "list/concat", in: fields("list1", numbers, "list2", numbers), set: func(m *Machine) { m.Limits.Items = 5 }, fails: "more than 5", kind: Limit},
	{says: "joins to a text", op: "list/join", in: fields("list", list{1.0, "a", nil, true}, "delimiter", "-"), want: gives{"string": "1-a--true"}},
	{says: "does not join to more than a text may have", op: "list/join", in: fields("list", list{"aaaa", "bbbb"}), set: func(m *Machine) { m.Limits.Text = 5 }, fails: "A text of 8 bytes is more than a run may hold (5).", kind: Limit},
	{says: "finds a value", op: "list/includes", in: fields("list", list{1.0, object{"a": 1.0}}, "value", object{"a": 1.0}), want: gives{"result": true}},
	{says: "tells a number from its text", op: "list/includes", in: fields("list", list{1.0}, "value", "1"), want: gives{"result": false}},
	{says: "adds an item", op: "list/push", in: fields("list", list{1.0}, "item", 2.0), want: gives{"list": list{1.0, 2.0}}},
	{says: "takes the last off", op: "list/pop", in: fields("list", numbers), want: gives{"list": list{1.0, 2.0}, "item": 3.0}},
	{says: "takes nothing off an empty list", op: "list/pop", in: fields("list", list{}), want: gives{"list": list{}, "item": nil}},
	{says: "takes the first off", op: "list/shift", in: fields("list", numbers), want: gives{"list": list{2.0, 3.0}, "item": 1.0}},
	{says: "finds the first that fits", op: "list/findBy", in: fields("list", list{object{"a": 1.0}, object{"a": 2.0}}, "operator", "==", "path", "a", "comparison", of{value.Num, "2"}), want: gives{"item": object{"a": 2.0}, "index": 1.0}},
	{says: "gives -1 where none fits", op: "list/findBy", in: fields("list", numbers, "operator", "==", "path", "", "comparison", 9.0), want: gives{"item": nil, "index": -1.0}},
	{says: "keeps those that fit", op: "list/filterBy", in: fields("list", numbers, "operator", ">=", "path", "", "comparison", 2.0), want: gives{"list": list{2.0, 3.0}}},
	{says: "names an operator that it does not know", op: "list/filterBy", in: fields("list", numbers, "operator", "~", "comparison", 2.0), fails: `there is no operator "~"`},
}
