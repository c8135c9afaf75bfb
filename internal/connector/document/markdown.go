package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Table is one table of a reference: a title, where the schema describes it, and a sentence above.
type Table struct{ Title, At, Says string }

// Markdown is a reference of a file's members, drawn from its schema: a table each.
func Markdown(schema []byte, tables []Table) string {
	var read yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(schema, &read, yaml.UseOrderedMap()); err != nil {
		panic(err) // schemas are part of the program
	}
	var b strings.Builder
	for _, t := range tables {
		t.write(&b, at(read, t.At))
	}
	return b.String()
}

// at walks the schema by members.
func at(schema yaml.MapSlice, path string) yaml.MapSlice {
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			schema, _ = member(schema, part).(yaml.MapSlice)
		}
	}
	return schema
}

func member(object yaml.MapSlice, name string) any {
	for _, item := range object {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}

func (t Table) write(b *strings.Builder, object yaml.MapSlice) {
	fmt.Fprintf(b, "\n## %s\n\n", t.Title)
	if t.Says != "" {
		b.WriteString(t.Says + "\n\n")
	}
	b.WriteString("| member | | holds | |\n| --- | --- | --- | --- |\n")
	required, _ := member(object, "required").([]any)
	properties, _ := member(object, "properties").(yaml.MapSlice)
	for _, item := range properties {
		about, _ := item.Value.(yaml.MapSlice)
		must := ""
		if slices.Contains(required, item.Key) {
			must = "required"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", item.Key, must, holds(about), cell(member(about, "description")))
	}
}

var plainWords = map[string]string{"string": "text", "integer": "number", "array": "list", "boolean": "true or false"}

// holds says in a word or two what a member is.
func holds(about yaml.MapSlice) string {
	if ref, is := member(about, "$ref").(string); is {
		return ref[strings.LastIndexByte(ref, '/')+1:]
	}
	if only := member(about, "const"); only != nil {
		return fmt.Sprint(only)
	}
	if choices, is := member(about, "enum").([]any); is {
		var words []string
		for _, choice := range choices {
			words = append(words, fmt.Sprint(choice))
		}
		return strings.Join(words, ", ")
	}
	switch typ := member(about, "type").(type) {
	case string:
		return cmp.Or(plainWords[typ], typ)
	case []any:
		return "text, or a value"
	}
	return "any value"
}

// cell is text as it may stand in a table.
func cell(v any) string {
	text, _ := v.(string)
	return strings.ReplaceAll(text, "|", "\\|")
}
