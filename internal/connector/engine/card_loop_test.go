package engine

import (
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// helper is a flow that returns its inputs under other names.
var doubled = flow("doubled",
	node("control/callable", fields("n", of{value.Num, 0.0}), outs("n")...),
	&program.Node{ID: "m", Op: "math/multiply", In: []program.Input{wired("a", value.Num, 0, "n"), {Key: key("b"), Const: 2.0}}},
	&program.Node{ID: "r", Op: "control/return", In: []program.Input{wired("twice", value.Num, 1, "output")}},
)

// failing is a flow that always returns an error.
var failing = flow("failing", node("control/throw", fields("message", "It is out of order", "statusCode", 503.0)))

// large holds for numbers above 2.
var large = flow("large",
	node("control/callable", fields("n", of{value.Num, 0.0}), outs("n")...),
	&program.Node{ID: "c", Op: "boolean/compare", In: []program.Input{wired("left-operand", value.Num, 0, "n"), {Key: key("operator"), Const: ">"}, {Key: key("right-operand"), Const: 2.0}}},
	&program.Node{ID: "r", Op: "control/return", In: []program.Input{wired("yes", value.Boolean, 1, "result")}},
)

// added returns what it was given and the number before.
var added = flow("added",
	node("control/callable", fields("n", of{value.Num, 0.0}, "memo", of{value.Num, 0.0}), outs("n", "memo")...),
	&program.Node{ID: "a", Op: "math/add", In: []program.Input{wired("a", value.Num, 0, "n"), wired("b", value.Num, 0, "memo")}},
	&program.Node{ID: "r", Op: "control/return", In: []program.Input{wired("sum", value.Num, 1, "output")}},
)

var numbers = list{1.0, 2.0, 3.0}

var loopRows = []row{
	{says: "runs its flow for each item", op: "list/each", in: fields("list", numbers, "flo", calls("doubled"), "n", item("")), with: []*program.Flow{doubled}, want: gives{}},
	{says: "ends at the first error", op: "list/each", in: fields("list", numbers, "flo", calls("failing")), with: []*program.Flow{failing}, fails: "It is out of order", kind: Raised},
	{says: "refuses what is no list", op: "list/each", in: fields("list", 5.0, "flo", calls("doubled")), with: []*program.Flow{doubled}, fails: "list is no list."},
	{says: "goes on after an error", op: "list/asyncEach", in: fields("list", numbers, "flo", calls("failing")), with: []*program.Flow{failing}, want: gives{}},
	{says: "does not go on after a limit", op: "list/asyncEach", in: fields("list", numbers, "flo", calls("doubled")), with: []*program.Flow{doubled}, set: func(m *Machine) { m.Limits.Steps = 3 }, fails: "More than 3 cards ran", kind: Limit},
	{says: "makes a list of what the flow returned", op: "list/map", in: fields("list", numbers, "flo", calls("doubled"), "n", item("")), with: []*program.Flow{doubled}, want: gives{"new list": list{object{"twice": 2.0}, object{"twice": 4.0}, object{"twice": 6.0}}}},
	{says: "keeps the order of items that run at the same time", op: "list/map", in: fields("list", numbers, "flo", calls("doubled"), "concurrency", 10.0, "n", item("")), with: []*program.Flow{doubled}, want: gives{"new list": list{object{"twice": 2.0}, object{"twice": 4.0}, object{"twice": 6.0}}}},
	{says: "takes the member of an input's name, in files that say nothing about items", op: "list/map", in: []program.Input{{Key: key("list"), Const: list{object{"n": 4.0}}}, {Key: key("flo"), Type: value.Flow, Flow: "doubled"}, {Key: key("n"), Type: value.Num}}, with: []*program.Flow{doubled}, want: gives{"new list": list{object{"twice": 8.0}}}},
	{says: "takes a part of the item", op: "list/map", in: fields("list", list{object{"a": object{"b": 3.0}}}, "flo", calls("doubled"), "n", item("a.b")), with: []*program.Flow{doubled}, want: gives{"new list": list{object{"twice": 6.0}}}},
	{says: "takes a concurrency that is no number for an error", op: "list/map", in: fields("list", numbers, "flo", calls("doubled"), "concurrency", "fast"), with: []*program.Flow{doubled}, fails: `concurrency: "fast" is no number.`},
	{says: "keeps the items for which the flow's first output is true", op: "list/filter", in: fields("list", numbers, "flo", calls("large"), "n", item("")), with: []*program.Flow{large}, want: gives{"list": list{3.0}}},
	{says: "gives each item with what came of those before", op: "list/reduce", in: fields("list", numbers, "flo", calls("added"), "memo", 10.0, "n", item("")), with: []*program.Flow{added}, want: gives{"item": 16.0}},
	{says: "gives the first memo for an empty list", op: "list/reduce", in: fields("list", list{}, "flo", calls("added"), "memo", 10.0), with: []*program.Flow{added}, want: gives{"item": 10.0}},
	{says: "makes a list of an object's members", op: "object/map", in: fields("object", object{"a": 1.0, "b": 2.0}, "flo", calls("doubled"), "n", item("value")), with: []*program.Flow{doubled}, want: gives{"new list": list{object{"twice": 2.0}, object{"twice": 4.0}}}},
	{says: "makes an object of what the flow gave first", op: "object/process", in: fields("object", object{"a": 1.0, "b": 2.0}, "flo", calls("doubled"), "n", item("value")), with: []*program.Flow{doubled}, want: gives{"output": object{"a": 2.0, "b": 4.0}}},
	{says: "repeats", op: "control/times", in: fields("count", 3.0, "flo", calls("doubled")), with: []*program.Flow{doubled}, want: gives{}},
	{says: "repeats nothing for a negative count", op: "control/times", in: fields("count", -3.0, "flo", calls("doubled")), with: []*program.Flow{doubled}, want: gives{}},
	{says: "does not repeat more often than a loop may", op: "control/times", in: fields("count", 1e9, "flo", calls("doubled")), with: []*program.Flow{doubled}, fails: "more than 100000", kind: Limit},
	{says: "repeats until the flow's first output is true", op: "control/until", in: fields("flo", calls("doubled"), "n", 1.0), with: []*program.Flow{doubled}, want: gives{"twice": 2.0}},
	{says: "gives up at its limit", op: "control/until", in: fields("flo", calls("large"), "n", 1.0), with: []*program.Flow{large}, set: func(m *Machine) { m.Limits.Pages = 5 }, fails: "It repeated 5 times", kind: Limit},
}
