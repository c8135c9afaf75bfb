package engine

import (
	"slipway/internal/connector/program"
)

var objectRows = []row{
	{says: "builds what paths describe", op: "object/construct", in: fields("errors.0.code", 1.0, "errors.1.code", 2.0, "name", "x"), want: gives{"output": object{"errors": list{object{"code": 1.0}, object{"code": 2.0}}, "name": "x"}}},
	{says: "does not fill memory for an index", op: "object/construct", in: fields("a.4000000000", 1.0), fails: "is beyond 10000"},
	{says: "takes an object apart", op: "object/expand", in: fields("object", object{"a": object{"b c": 1.0}}), shape: func(n *program.Node) {
		n.Out = []program.Output{{Key: parseKey("x|key"), Path: []string{"a", "b c"}}, {Key: parseKey("x|value"), Path: []string{"a", "b c"}}}
	}, want: gives{"x.key": list{"a", "b c"}, "x.value": 1.0}},
	{says: "prefers a member of exactly that name", op: "object/get", in: fields("object", object{"a.b": 1.0, "a": object{"b": 2.0}}, "path", "a.b"), want: gives{"output": 1.0}},
	{says: "follows a path into lists", op: "object/get", in: fields("object", object{"a": list{object{"b": 2.0}}}, "path", "a.0.b"), want: gives{"output": 2.0}},
	{says: "gives nothing where the path leads nowhere", op: "object/get", in: fields("object", 5.0, "path", "a.b"), want: gives{"output": nil}},
	{says: "gives one output for each path", op: "object/pick", in: fields("object", object{"a": 1.0, "b": object{"c": 2.0}}), out: outs("a", "b.c", "d"), want: gives{"a": 1.0, "b.c": 2.0, "d": nil}},
	{says: "sets a member along a path", op: "object/set", in: fields("object", object{"a": object{"b": 1.0}}, "path", "a.c", "value", 2.0), want: gives{"output": object{"a": object{"b": 1.0, "c": 2.0}}}},
	{says: "sets a member whose name has dots", op: "object/set", in: fields("object", object{"a.b": 1.0}, "path", "a.b", "value", 2.0), want: gives{"output": object{"a.b": 2.0}}},
	{says: "lets the sink win", op: "object/merge", in: fields("start", object{"a": 1.0, "b": 1.0}, "sink", object{"b": 2.0}), want: gives{"output": object{"a": 1.0, "b": 2.0}}},
	{says: "moves a member", op: "object/move", in: fields("object", object{"a": object{"b": 1.0}}, "source", "a.b", "destination", "c"), want: gives{"output": object{"a": object{}, "c": 1.0}}},
	{says: "lists the names of members", op: "object/keys", in: fields("object", object{"b": 1.0, "a": 2.0}), want: gives{"keys": list{"a", "b"}}},
	{says: "lists the members", op: "object/values", in: fields("object", object{"b": 1.0, "a": 2.0}), want: gives{"values": list{2.0, 1.0}}},
	{says: "drops what is empty", op: "object/clearEmpty", in: fields("object", object{"a": "", "b": object{"c": nil}, "d": 0.0}), want: gives{"output": object{"b": object{"c": nil}, "d": 0.0}}},
	{says: "drops what is empty within, if asked to", op: "object/clearEmpty", in: fields("object", object{"a": "", "b": object{"c": nil}, "d": 0.0}, "recursive", true), want: gives{"output": object{"d": 0.0}}},
}
