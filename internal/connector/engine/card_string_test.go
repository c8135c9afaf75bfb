package engine

var stringRows = []row{
	{says: "fills its placeholders", op: "string/compose", in: fields("_text_", "Dear {{{a b}}}, {{{n}}}{{{nobody}}}!", "a b", "Ann", "n", 3.0), want: gives{"output": "Dear Ann, 3!"}},
	{says: "does not fill what was filled in", op: "string/compose", in: fields("_text_", "{{{a}}}", "a", "{{{b}}}", "b", "x"), want: gives{"output": "{{{b}}}"}},
	{says: "does not make more than a text may have", op: "string/compose", in: fields("_text_", "{{{a}}}{{{a}}}", "a", "0123456789"), set: func(m *Machine) { m.Limits.Text = 15 }, fails: "more than a run may hold", kind: Limit},
	{says: "joins its inputs", op: "string/concat", in: fields("string1", "a", "string2", 1.0, "next", true), want: gives{"output": "a1true"}},
	{says: "does not make more than a text may have", op: "string/concat", in: fields("string1", "0123456789", "string2", "0123456789"), set: func(m *Machine) { m.Limits.Text = 15 }, fails: "more than a run may hold", kind: Limit},
}
