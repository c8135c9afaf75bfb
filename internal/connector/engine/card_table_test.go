package engine

import (
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// made is a machine's table with rows that have ids 1, 2 and so on.
func made(fields ...object) func(*Machine) {
	return func(m *Machine) {
		m.Tables = &Tables{rows: map[string][]tableRow{}}
		for i, f := range fields {
			m.Tables.rows["t"] = append(m.Tables.rows["t"], tableRow{value.Text(float64(i + 1)), noon, noon, f})
			m.Tables.count++
		}
	}
}

func onTable(more ...any) []program.Input {
	return fields(append([]any{"parameters|stash", "t"}, more...)...)
}

// where is a filter of one condition.
func where(column, operator string, with any) object {
	return object{"expr": list{object{"lhs": column, "op": operator, "join": "AND", "rhd": with}}}
}

func rowOf(id string, fields object) object {
	all := object{"Row ID": id, "Created": noon, "Updated": noon}
	for name, v := range fields {
		all[name] = v
	}
	return all
}

var (
	ann = object{"name": "Ann", "age": 9.0}
	bob = object{"name": "Bob", "age": 80.0}
)

var tableRows = []row{
	{says: "makes a row", op: "app/stash/createRow", in: onTable("Fields|name", "Ann"), want: gives{"Output.Row ID": "3a2ffa20-f78c-4c5d-a8f5-b3981474e876"}},
	{says: "says where no table is chosen", op: "app/stash/createRow", fails: "No table is chosen"},
	{says: "does not make more than there may be", op: "app/stash/createRow", in: onTable(), set: func(m *Machine) { made(ann, bob, ann)(m); few(m) }, fails: "The tables have more than 3 rows.", kind: Limit},
	{says: "does not keep more than a run may hold", op: "app/stash/createRow", in: onTable("Fields|a", strings.Repeat("a", 1000)), set: func(m *Machine) { m.Limits.Memory = 900 << 10; made()(m); m.Tables.size = 900 << 10 }, fails: "The tables take more than 0 MiB.", kind: Limit},
	{says: "changes a row", op: "app/stash/updateRow", in: onTable("Update By|Row ID", "2", "Fields|age", 81.0), set: made(ann, bob), want: gives{}},
	{says: "names the row that is not there", op: "app/stash/updateRow", in: onTable("Update By|Row ID", "9"), set: made(ann), fails: `Update By.Row ID: the table has no row "9".`},
	{says: "removes a row", op: "app/stash/deleteRow", in: onTable("Delete By|Row ID", "1"), set: made(ann), want: gives{}},
	{says: "names the row that is not there", op: "app/stash/deleteRow", in: onTable("Delete By|Row ID", "9"), fails: `Delete By.Row ID: the table has no row "9".`},
	{says: "removes all", op: "app/stash/clearTable", in: onTable(), set: made(ann, bob), want: gives{}},
	{says: "gives the first row that fits, field by field", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "one", "Filter|Where Expression", where("name", "=", "Bob")), set: made(ann, bob), want: gives{"Row.Row ID": "2", "Row.Created": noon, "Row.Updated": noon, "Fields.name": "Bob", "Fields.age": 80.0}},
	{says: "gives nothing where none fits", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "one", "Filter|Where Expression", where("name", "=", "bob")), out: outs("Row|Row ID", "Fields|name"), set: made(ann, bob), want: gives{"Row.Row ID": nil, "Fields.name": nil}},
	{says: "gives all rows, sorted", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "all-new", "Filter|Where Expression", object{}, "Sort|Column", "age", "Sort|Direction", "desc"), set: made(ann, bob), want: gives{"Result.Rows": list{rowOf("2", bob), rowOf("1", ann)}}},
	{says: "compares with what is wired, by its type", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "all", "_expr|x", of{value.Num, "10"}, "Filter|Where Expression", where("age", "<=", object{"outputId": "x", "methodId": "y"})), set: made(ann, bob), want: gives{"Result.Rows": list{rowOf("1", ann)}}},
	{says: "takes a page", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "all", "Limit", 1.0, "Offset", 1.0), set: made(ann, bob, ann), want: gives{"Result.Rows": list{rowOf("2", bob)}}},
	{says: "joins conditions with OR", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "all", "Filter|Where Expression", object{"expr": list{object{"lhs": "name", "op": "=", "join": "OR", "rhd": "Ann"}, object{"lhs": "age", "op": ">", "join": "OR", "rhd": 50.0}}}), set: made(ann, bob), want: gives{"Result.Rows": list{rowOf("1", ann), rowOf("2", bob)}}},
	{says: "joins conditions with AND", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "all", "Filter|Where Expression", object{"expr": list{object{"lhs": "name", "op": "=", "join": "AND", "rhd": "Ann"}, object{"lhs": "age", "op": ">", "join": "AND", "rhd": 50.0}}}), set: made(ann, bob), want: gives{"Result.Rows": list{}}},
	{says: "does not guess what AND and OR mean together", op: "app/stash/searchRows2", in: onTable("Filter|Where Expression", object{"expr": list{object{"lhs": "name", "op": "=", "join": "AND", "rhd": "Ann"}, object{"lhs": "age", "op": ">", "join": "OR", "rhd": 50.0}}}), fails: "mixes AND and OR", kind: Unsupported},
	{says: "refuses an operator that it does not know", op: "app/stash/searchRows2", in: onTable("Filter|Where Expression", where("name", "sounds like", "Bob")), fails: `The operator "sounds like" of a filter of rows is not supported`, kind: Unsupported},
	{says: "refuses a result set that it does not know", op: "app/stash/searchRows2", in: onTable("parameters|resultSet", "stream"), fails: `The result set "stream" of Search Rows is not supported`, kind: Unsupported},
	{says: "says where the value to compare with is missing", op: "app/stash/searchRows2", in: onTable("Filter|Where Expression", where("name", "=", object{"outputId": "x"})), fails: "the value that it compares with is not there"},
	{says: "refuses an offset that is none", op: "app/stash/searchRows2", in: onTable("Offset", -1.0), fails: `Offset: "-1" is no count of rows.`},
	{says: "refuses a direction that is none", op: "app/stash/searchRows2", in: onTable("Sort|Column", "age", "Sort|Direction", "up"), fails: `Sort.Direction: "up" is neither asc nor desc.`},
}
