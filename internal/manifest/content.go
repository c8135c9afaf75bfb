package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Content is what was typed into the form, valid or not, as nested JSON: a string for most fields, a []string
// for choices, a []map[string]string for tables. Yes/no and numbers are kept as the text that was typed. What
// is empty is absent, but for blank entries of lists and tables, which the form has opened and not yet filled.
//
// A Content is treated as immutable: With and Overlay return a new one.
type Content map[string]any

// Get returns the value at a dotted key: string, []string, []map[string]string, or nil.
func (c Content) Get(key string) any {
	var at any = map[string]any(c)
	for name := range strings.SplitSeq(key, ".") {
		object, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = object[name]
	}
	return normal(at)
}

// Text returns a field's text, "" where there is none or the field holds something else.
func (c Content) Text(key string) string {
	s, _ := c.Get(key).(string)
	return s
}

// Yes reports whether a question was answered with yes, or a switch is on.
func (c Content) Yes(key string) bool { return c.Text(key) == Yes }

// List returns the entries of a list, blank ones included. The slice is the caller's own.
func (c Content) List(key string) []string {
	list, _ := c.Get(key).([]string)
	return slices.Clone(list)
}

// Rows returns the rows of a table, blank ones included. The slice and its rows are the caller's own.
func (c Content) Rows(key string) []map[string]string {
	rows, _ := c.Get(key).([]map[string]string)
	out := slices.Clone(rows)
	for i := range out {
		out[i] = maps.Clone(out[i])
	}
	return out
}

// With returns a copy of c in which key holds value: a string, []string or []map[string]string. An empty
// value removes the key.
func (c Content) With(key string, value any) Content {
	return Content(with(c, strings.Split(key, "."), normal(value)))
}

func with(object map[string]any, path []string, value any) map[string]any {
	out := maps.Clone(object)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) > 1 {
		inner, _ := out[path[0]].(map[string]any)
		if value = with(inner, path[1:], value); len(value.(map[string]any)) == 0 {
			value = nil
		}
	}
	if value == nil {
		delete(out, path[0])
	} else {
		out[path[0]] = value
	}
	return out
}

// Overlay returns c with every field of part in place of its own. A field that part holds as empty is removed;
// one that part does not name at all is kept. Where part switches SCIM on, its use case is chosen too, if
// there is room: customers look for such an integration there (D-11).
func (c Content) Overlay(part Content) Content {
	was := c
	for _, f := range fields {
		if value, ok := part.lookup(f.Key); ok && !f.sealed() {
			c = c.With(f.Key, f.shaped(value))
		}
	}
	if chosen := c.List("useCases"); !was.Yes("scim.enabled") && c.Yes("scim.enabled") &&
		len(chosen) < 5 && !slices.Contains(chosen, LifecycleManagement) {
		c = c.With("useCases", append(chosen, LifecycleManagement))
	}
	return c
}

// lookup returns the value at key and whether the key is there at all, be it empty.
func (c Content) lookup(key string) (any, bool) {
	object, path := map[string]any(c), strings.Split(key, ".")
	for _, name := range path[:len(path)-1] {
		object, _ = object[name].(map[string]any)
	}
	value, ok := object[path[len(path)-1]]
	return value, ok
}

// Submitted returns the content that is reviewed, hashed, published and installed: what the form does not
// show, blank entries, evidence and undeclared keys are gone, and an empty field with a default holds it.
func (c Content) Submitted() Content {
	out := Content{}
	for _, f := range fields {
		if f.Type == TypeEvidence || f.sealed() || !f.Shown(c) {
			continue
		}
		value := withoutBlanks(f.shaped(c.Get(f.Key)))
		if value == nil && f.Default != "" {
			value = f.Default
		}
		out = out.With(f.Key, value)
	}
	return out
}

// Encode returns everything that was typed, as JSON with sorted keys, for a draft's place in the store.
func (c Content) Encode() []byte {
	out, err := json.Marshal(map[string]any(c))
	if err != nil {
		panic(fmt.Sprintf("encode content: %v", err)) // only text, lists and tables can be in it
	}
	return out
}

// Decode reads what Encode wrote. Keys that are not declared (any more) are left out.
func Decode(data []byte) (Content, error) {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("decode content: %w", err)
	}
	out := Content{}
	for _, f := range fields {
		if !f.sealed() {
			out = out.With(f.Key, f.shaped(Content(raw).Get(f.Key)))
		}
	}
	return out, nil
}

// normal brings a value, as typed or as encoding/json read it, into one of the three forms; empty is nil.
func normal(value any) any {
	switch v := value.(type) {
	case string:
		if v != "" {
			return v
		}
	case []string:
		if len(v) > 0 {
			return v
		}
	case []map[string]string:
		if len(v) > 0 {
			return v
		}
	case []any:
		return normalList(v)
	}
	return nil
}

func normalList(list []any) any {
	var texts []string
	var rows []map[string]string
	for _, entry := range list {
		switch e := entry.(type) {
		case string:
			texts = append(texts, e)
		case map[string]any:
			row := map[string]string{}
			for k, v := range e {
				if s, ok := v.(string); ok && s != "" {
					row[k] = s
				}
			}
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		return rows
	}
	return normal(texts)
}

// shaped returns the value if a field of this type can hold it, and nil if not. Of a row it keeps what has a column.
func (f Field) shaped(value any) any {
	switch v := normal(value).(type) {
	case string:
		if !f.holdsMany() {
			return v
		}
	case []string:
		if f.Type == TypeChoices {
			return v
		}
	case []map[string]string:
		if f.Type == TypeRows {
			return f.declaredCells(v)
		}
	}
	return nil
}

func (f Field) declaredCells(rows []map[string]string) []map[string]string {
	out := make([]map[string]string, len(rows))
	for i, row := range rows {
		out[i] = map[string]string{}
		for _, column := range f.Columns {
			if cell := row[column.Key]; cell != "" {
				out[i][column.Key] = cell
			}
		}
	}
	return out
}

func withoutBlanks(value any) any {
	switch v := value.(type) {
	case []string:
		return normal(withoutBlankTexts(slices.Clone(v)))
	case []map[string]string:
		rows := make([]map[string]string, 0, len(v))
		for _, row := range v {
			if !blank(row) {
				rows = append(rows, row)
			}
		}
		return normal(rows)
	}
	return value
}

// blank reports whether no cell of a row holds anything.
func blank(row map[string]string) bool {
	for _, cell := range row {
		if cell != "" {
			return false
		}
	}
	return true
}
