package engine

import (
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

var errorRows = []row{
	{says: "gives what was tried, if it went well", op: "control/tryCatch", in: fields("flo", calls("")), shape: func(n *program.Node) {
		n.Sub = []program.Sub{scope("flo", node("control/return", fields("a", 1.0)))}
	}, want: gives{"a": 1.0}},
	{says: "gives the error to its handler", op: "control/tryCatch", in: fields("flo", calls("")), shape: func(n *program.Node) {
		catch := scope("catch", node("control/callable", nil, outs("context|error")...), &program.Node{ID: "p", Op: "object/get", In: []program.Input{wired("object", value.Object, 0, "context|error"), {Key: key("path"), Const: "statusCode"}}})
		n.Sub = []program.Sub{scope("flo", node("control/throw", fields("message", "Gone", "statusCode", 410.0))), catch}
		n.Policy.Then = program.Handle
	}, want: gives{"output": 410.0}},
	{says: "raises an error with its message", op: "control/throw", in: fields("message", "No such user", "statusCode", 404.0), fails: "No such user", kind: Raised},
	{says: "has a message where none was said", op: "control/throw", fails: "The flow returned an error.", kind: Raised},
	{says: "refuses a status that no API answers with", op: "control/throw", in: fields("message", "x", "statusCode", 1e300), fails: "statusCode"},
	{says: "raises nothing where it does not hold", op: "control/throwIf", in: operands("a", "is empty", nil, "message", "Name is empty"), want: gives{}},
	{says: "raises where it holds", op: "control/throwIf", in: operands("", "is empty", nil, "message", "Name is empty", "statusCode", 400.0), fails: "Name is empty", kind: Raised},
}
