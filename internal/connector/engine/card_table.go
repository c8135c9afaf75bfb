package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// tableCards keep rows. Keys are those of exports: the table in parameters.stash, columns in the group Fields.
var tableCards = []Card{
	{"app/stash/createRow", "Create Row", "parameters.stash, Fields.…", "Output.Row ID", "", createRow},
	{"app/stash/updateRow", "Update Row", "parameters.stash, parameters.updateEmptyInputs, Update By.Row ID, Fields.…", "", "with updateEmptyInputs No, fields that are empty keep what they have; a row that is not there is an error", updateRow},
	{"app/stash/deleteRow", "Delete Row", "parameters.stash, Delete By.Row ID", "", "a row that is not there is an error", deleteRow},
	{"app/stash/clearTable", "Clear Table", "parameters.stash", "", "", clearTable},
	{"app/stash/searchRows2", "Search Rows", "parameters.stash, parameters.resultSet, Filter.Where Expression, _expr.…, Sort.Column, Sort.Direction, Limit, Offset", "Row.…, Fields.…, Result.Rows", "with regard to case; rows lie in the order in which they were made, unless sorted; at most 3,500; where AND and OR stand in one filter, it is refused", searchRows},
}

// Tables are rows that flows keep. A file brings none, so they begin empty. They may be used by several goroutines.
type Tables struct {
	mu    sync.Mutex
	rows  map[string][]tableRow // by table
	count int
	size  int64
}

// tableRow is one of a table. It is replaced when it changes, never written to.
type tableRow struct {
	id               string
	created, updated time.Time
	fields           map[string]any
}

// object is a row as flows see it.
func (r tableRow) object() map[string]any {
	object := maps.Clone(r.fields)
	object["Row ID"], object["Created"], object["Updated"] = r.id, r.created, r.updated
	return object
}

// table is the id of the table that the card is for.
func (c *call) table() (string, error) {
	id := value.Text(c.value(c.input(program.Key{Group: "parameters", Name: "stash"})))
	if id == "" {
		return "", fail(Unfit, "No table is chosen in the card %q.", c.node.Title)
	}
	return id, nil
}

// fields are the inputs of the group Fields.
func (c *call) fields() map[string]any {
	fields := map[string]any{}
	for i := range c.node.In {
		if in := &c.node.In[i]; in.Key.Group == "Fields" {
			fields[in.Key.Name] = c.value(in)
		}
	}
	return fields
}

// room counts what the tables would take, and refuses what is more than a run may hold.
func (t *Tables) room(c *call, rows int, bytes int64) error {
	if t.count+rows > c.limits.Items {
		return fail(Limit, "The tables have more than %d rows.", c.limits.Items)
	}
	if t.size+bytes > c.limits.Memory {
		return fail(Limit, "The tables take more than %d MiB.", c.limits.Memory>>20)
	}
	t.count, t.size = t.count+rows, t.size+bytes
	return nil
}

func (c *call) sizeOf(fields map[string]any) int64 {
	const ownFields = 200 // id and dates
	return ownFields + value.Size(fields, c.limits.Memory)
}

func createRow(c *call) (Values, error) {
	table, err := c.table()
	fields := c.fields()
	if err != nil || c.err != nil {
		return nil, err
	}
	made := tableRow{c.dice.uuid(), c.now().UTC(), c.now().UTC(), fields}
	t := c.used.tables
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.room(c, 1, c.sizeOf(fields)); err != nil {
		return nil, err
	}
	if t.rows == nil {
		t.rows = map[string][]tableRow{}
	}
	t.rows[table] = append(t.rows[table], made)
	return Values{{Group: "Output", Name: "Row ID"}: made.id}, nil
}

// find returns the place of the row that the card names.
func (t *Tables) find(c *call, table, group string) (int, error) {
	id := value.Text(c.value(c.input(program.Key{Group: group, Name: "Row ID"})))
	at := slices.IndexFunc(t.rows[table], func(r tableRow) bool { return r.id == id })
	if at < 0 && c.err == nil {
		return 0, fail(Unfit, "%s.Row ID: the table has no row %q.", group, shorten(id))
	}
	return max(at, 0), nil
}

func updateRow(c *call) (Values, error) {
	table, err := c.table()
	fields := c.fields()
	keep := value.Text(c.value(c.input(program.Key{Group: "parameters", Name: "updateEmptyInputs"}))) == "No"
	if err != nil || c.err != nil {
		return nil, err
	}
	t := c.used.tables
	t.mu.Lock()
	defer t.mu.Unlock()
	at, err := t.find(c, table, "Update By")
	if err != nil || c.err != nil {
		return nil, err
	}
	old := t.rows[table][at]
	changed := maps.Clone(old.fields)
	for name, v := range fields {
		if !keep || !value.Empty(v) {
			changed[name] = v
		}
	}
	if err := t.room(c, 0, c.sizeOf(changed)-c.sizeOf(old.fields)); err != nil {
		return nil, err
	}
	t.rows[table][at] = tableRow{old.id, old.created, c.now().UTC(), changed}
	return Values{}, nil
}

func deleteRow(c *call) (Values, error) {
	table, err := c.table()
	if err != nil {
		return nil, err
	}
	t := c.used.tables
	t.mu.Lock()
	defer t.mu.Unlock()
	at, err := t.find(c, table, "Delete By")
	if err != nil || c.err != nil {
		return nil, err
	}
	t.count, t.size = t.count-1, t.size-c.sizeOf(t.rows[table][at].fields)
	t.rows[table] = slices.Delete(t.rows[table], at, at+1)
	return Values{}, nil
}

func clearTable(c *call) (Values, error) {
	table, err := c.table()
	if err != nil {
		return nil, err
	}
	t := c.used.tables
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows[table] {
		t.count, t.size = t.count-1, t.size-c.sizeOf(r.fields)
	}
	delete(t.rows, table)
	return Values{}, nil
}

func searchRows(c *call) (Values, error) {
	table, err := c.table()
	if err != nil {
		return nil, err
	}
	filter, err := c.filter()
	if err != nil {
		return nil, err
	}
	t := c.used.tables
	t.mu.Lock()
	all := slices.Clone(t.rows[table])
	t.mu.Unlock()
	found := []map[string]any{}
	for _, r := range all {
		object := r.object()
		holds, err := filter.holds(object)
		if err != nil {
			return nil, err
		}
		if holds {
			found = append(found, object)
		}
	}
	if err := c.sortRows(found); err != nil {
		return nil, err
	}
	const most = 3500 // of the original
	from := c.rowCount(c.loose("offset"), "Offset", 0)
	upTo := from + c.rowCount(c.loose("limit"), "Limit", most)
	found = found[min(from, len(found)):min(upTo, len(found))]
	return c.rowOutput(found[:min(most, len(found))])
}

// rowCount is a count that may be left out.
func (c *call) rowCount(v any, name string, otherwise int) int {
	const most = 1 << 30
	if value.Empty(v) {
		return otherwise
	}
	n, ok := value.Number(v)
	if !ok || n != n || n < 0 || n > most {
		if c.err == nil {
			c.err = fail(Unfit, "%s: %q is no count of rows.", name, shorten(value.Text(v)))
		}
		return otherwise
	}
	return int(n)
}

func (c *call) sortRows(rows []map[string]any) error {
	at := func(name string) string {
		return value.Text(c.value(c.input(program.Key{Group: "Sort", Name: name})))
	}
	column, direction := at("Column"), strings.ToLower(at("Direction"))
	if column == "" {
		return nil
	}
	sign := 1
	switch direction {
	case "", "asc":
	case "desc":
		sign = -1
	default:
		return fail(Unfit, "Sort.Direction: %q is neither asc nor desc.", shorten(direction))
	}
	slices.SortStableFunc(rows, func(a, b map[string]any) int { return sign * inOrder(a[column], b[column]) })
	return nil
}

// rowOutput gives the first row field by field, or all of them, as the card's option says.
func (c *call) rowOutput(rows []map[string]any) (Values, error) {
	switch set := value.Text(c.value(c.input(program.Key{Group: "parameters", Name: "resultSet"}))); set {
	case "all", "all-new":
		list := make([]any, len(rows))
		for i, r := range rows {
			list[i] = r
		}
		return Values{{Group: "Result", Name: "Rows"}: list}, nil
	case "", "one":
	default:
		return nil, fail(Unsupported, "The result set %q of Search Rows is not supported; there are the first matching row and all of them.", shorten(set))
	}
	gave := Values{}
	for _, out := range c.node.Out {
		gave[out.Key] = nil
	}
	if len(rows) == 0 {
		return gave, nil
	}
	for name, v := range rows[0] {
		group := "Fields"
		if name == "Row ID" || name == "Created" || name == "Updated" {
			group = "Row"
		}
		gave[program.Key{Group: group, Name: name}] = v
	}
	return gave, nil
}

// filter is a Where Expression: conditions, all or one of which must hold.
type filter struct {
	conditions []condition
	any        bool
}

type condition struct {
	column, operator string
	with             any
	declared         value.Type
}

const maxConditions = 100 // of one filter

// comparisons are the operators of filters as comparisons know them.
var comparisons = map[string]string{"=": "==", "==": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// filter reads the card's Where Expression: {expr: [{lhs, op, join, rhd}]}, where rhd is a constant, or names an input of the
// group _expr by outputId.
func (c *call) filter() (filter, error) {
	expression, _ := c.value(c.input(program.Key{Group: "Filter", Name: "Where Expression"})).(map[string]any)
	list, _ := expression["expr"].([]any)
	if len(list) > maxConditions {
		return filter{}, fail(Limit, "The filter has %d conditions, more than %d.", len(list), maxConditions)
	}
	var f filter
	joins := map[string]bool{}
	for i, item := range list {
		given, _ := item.(map[string]any)
		operator, known := comparisons[value.Text(given["op"])]
		if !known {
			return f, fail(Unsupported, "The operator %q of a filter of rows is not supported; there are =, !=, <, <=, > and >=.", shorten(value.Text(given["op"])))
		}
		if len(list) > 1 {
			joins[cmp.Or(strings.ToUpper(value.Text(given["join"])), "AND")] = true
		}
		with, declared, err := c.operand(given["rhd"])
		if err != nil {
			return f, fail(Unfit, "Filter, condition %d: %s", i+1, err.Error())
		}
		f.conditions = append(f.conditions, condition{value.Text(given["lhs"]), operator, with, declared})
	}
	if len(joins) > 1 || len(joins) == 1 && !joins["AND"] && !joins["OR"] {
		return f, fail(Unsupported, "A filter of rows that mixes AND and OR is not supported: the file does not say what belongs together.")
	}
	f.any = joins["OR"]
	return f, nil
}

// operand is what a column is compared with, and of which type that is: a file does not say it of columns.
func (c *call) operand(given any) (any, value.Type, error) {
	if wired, is := given.(map[string]any); is {
		in := c.input(program.Key{Group: "_expr", Name: value.Text(wired["outputId"])})
		if in == nil {
			return nil, value.Any, fail(Unfit, "the value that it compares with is not there.")
		}
		return c.value(in), in.Type, nil
	}
	switch given.(type) {
	case float64, int64:
		return given, value.Num, nil
	case bool:
		return given, value.Boolean, nil
	}
	return given, value.String, nil
}

func (f filter) holds(object map[string]any) (bool, error) {
	for _, c := range f.conditions {
		holds, err := value.Holds(object[c.column], c.operator, c.with, c.declared)
		if err != nil || holds == f.any {
			return holds, err
		}
	}
	return len(f.conditions) == 0 || !f.any, nil
}
