package engine

import (
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// scope is an inline flow.
func scope(name string, nodes ...*program.Node) program.Sub {
	return program.Sub{Name: name, Scope: &program.Scope{Name: name, Nodes: flow("", nodes...).Body.Nodes}}
}

func operands(left any, operator string, right any, more ...any) []program.Input {
	return fields(append([]any{"left-operand", left, "operator", operator, "right-operand", right}, more...)...)
}

var controlRows = []row{
	{says: "gives what the caller passed, of its types", op: "control/callable", in: fields("n", of{value.Num, 0.0}), args: Values{key("n"): "7"}, want: gives{"n": 7.0}},
	{says: "gives its default where nothing was passed", op: "control/callable", in: fields("n", of{value.Num, 5.0}), want: gives{"n": 5.0}},
	{says: "names an argument that does not fit", op: "control/callable", in: fields("n", of{value.Num, 0.0}), args: Values{key("n"): "many"}, fails: `n: "many" is no number.`},
	{says: "does nothing", op: "control/noop", want: gives{}},
	{says: "does nothing", op: "control/comment", want: gives{}},
	{says: "copies its inputs", op: "control/let", in: fields("a", 1.0, "b", "x"), want: gives{"a": 1.0, "b": "x"}},
	{says: "keeps every digit of an id", op: "control/let", in: fields("id", of{value.Num, int64(9007199254740993)}), want: gives{"id": int64(9007199254740993)}},
	{says: "takes the first value where it holds", op: "control/assignIf", in: operands(1.0, "==", 1.0, "valueIfTrue", "yes", "valueIfFalse", "no"), want: gives{"output": "yes"}},
	{says: "takes the second where it does not", op: "control/assignIf", in: operands(1.0, "==", 2.0, "valueIfTrue", "yes", "valueIfFalse", "no"), want: gives{"output": "no"}},
	{says: "takes the option of that name", op: "control/lookup", in: fields("key", "de", "options|de", "Germany", "options|fr", "France", "else", "?"), want: gives{"result": "Germany"}},
	{says: "takes else where there is no such option", op: "control/lookup", in: fields("key", "it", "options|de", "Germany", "else", "?"), want: gives{"result": "?"}},
	{says: "compares texts by their letters", op: "control/if", in: operands(of{value.String, "80"}, ">", "9"), want: gives{"result": false}},
	{says: "compares numbers by size, of a field that is declared to be one", op: "control/if", in: operands(of{value.Num, "80"}, ">", "9"), want: gives{"result": true}},
	{says: "names an operator that it does not know", op: "control/if", in: operands(1.0, "===", 1.0), fails: `there is no operator "==="`},
	{says: "brings the value of the branch that ran", op: "control/join", in: fields("left", "from the left"), shape: func(n *program.Node) { n.Joins = map[program.Key]program.Key{key("value"): key("left")} }, want: gives{"value": "from the left"}},
	{says: "runs the first group that holds", op: "control/branch", in: []program.Input{
		{Key: parseKey("if|left-operand"), Const: 1.0}, {Key: parseKey("if|operator"), Const: "=="}, {Key: parseKey("if|right-operand"), Const: 2.0}, {Key: parseKey("if|flo"), Type: value.Flow},
		{Key: parseKey("else|flo"), Type: value.Flow},
	}, shape: func(n *program.Node) {
		n.Sub = []program.Sub{scope("if.flo", node("control/return", fields("was", "equal"))), scope("else.flo", node("control/return", fields("was", "different")))}
	}, want: gives{"was": "different"}},
	{says: "gives nothing where no group holds", op: "control/branch", want: gives{}},
	{says: "goes on where it holds", op: "control/continueIf", in: operands(1.0, "==", 1.0), want: gives{}},
	{says: "ends with its message where it does not", op: "control/continueIf", in: operands(1.0, "==", 2.0, "otherwise|message", "Enough"), want: gives{"message": "Enough"}},
	{says: "gives its inputs to the caller", op: "control/return", in: fields("a", 1.0), want: gives{"a": 1.0}},
	{says: "answers a call over HTTP", op: "control/returnRaw", in: fields("statusCode", 201.0, "headers", object{}, "body", "made"), want: gives{"statusCode": 201.0, "headers": object{}, "body": "made"}},
	{says: "waits by the run's clock", op: "control/wait", in: fields("delay", 2.0, "unit", "seconds"), want: gives{}},
	{says: "does not wait for what is past", op: "control/wait", in: fields("date", "2020-01-01"), want: gives{}},
	{says: "does not wait longer than a run may", op: "control/wait", in: fields("delay", 2.0, "unit", "days"), fails: "longer than 1m0s", kind: Limit},
	{says: "does not wait for longer than any span of time", op: "control/wait", in: fields("delay", 1e300, "unit", "days"), fails: "longer than 1m0s", kind: Limit},
	{says: "names a unit that it does not know", op: "control/wait", in: fields("delay", 2.0, "unit", "moons"), fails: `unit: "moon" is none`},
}
