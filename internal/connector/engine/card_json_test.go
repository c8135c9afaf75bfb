package engine

func deep(n int) string {
	b := make([]byte, 0, 2*n)
	for range n {
		b = append(b, '[')
	}
	for range n {
		b = append(b, ']')
	}
	return string(b)
}

var jsonRows = []row{
	{says: "reads an object", op: "json/parse", in: fields("string", `{"a":[1,9007199254740993]}`), want: gives{"output": object{"a": list{1.0, int64(9007199254740993)}}}},
	{says: "says where it is no JSON", op: "json/parse", in: fields("string", `{"a":`), fails: "The text is no JSON"},
	{says: "refuses JSON that is too deep", op: "json/parse", in: fields("string", deep(300)), fails: "more than 200 lists and objects in each other"},
	{says: "writes an object", op: "json/stringify", in: fields("object", object{"b": 1.5, "a": list{nil, "<"}}), want: gives{"output": `{"a":[null,"<"],"b":1.5}`}},
	{says: "does not write more than a text may have", op: "json/stringify", in: fields("object", object{"b": "0123456789"}), set: func(m *Machine) { m.Limits.Text = 5 }, fails: "more than a run may hold", kind: Limit},
}
