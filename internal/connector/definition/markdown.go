package definition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// parts are the tables of the reference, in its order: a title, where the schema describes it, and a sentence above.
var parts = []struct{ title, at, says string }{
	{"The file", "", "connector.yaml lies in the connector's folder."},
	{"metadata", "properties/metadata", ""},
	{"connection", "properties/connection", "Its expressions see `conn`: the fields of the way to connect that the customer picked."},
	{"connection.auth", "$defs/auth", ""},
	{"connection.auth.fields", "$defs/credential", ""},
	{"actions and helpers", "$defs/action", "Expressions of steps see `conn`, `input`, `steps` (what each step with an id gave), `vars` (what set has set) and `run.id`."},
	{"options, inputs and outputs", "$defs/parameter", ""},
	{"Steps", "$defs/step", "A step does one thing: it has one of http, set, if, switch, forEach, paginate, try, rethrow, call, fail, return and wait."},
	{"http", "$defs/http", "In steps, in paginate and in ping."},
	{"events", "$defs/event", ""},
}

// Markdown is the reference of connector.yaml, drawn from its schema.
func Markdown() string {
	var schema yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(Schema, &schema, yaml.UseOrderedMap()); err != nil {
		panic(err) // the schema is part of the program
	}
	var b strings.Builder
	b.WriteString("# connector.yaml\n\nThis page is drawn from the schema, which editors can use too: `slipway connector schema`. Begin with the\n" +
		"[guide](guide.md). Texts may hold `${ … }`; the [functions](expressions.md) are listed. Every value stands for itself alone, or inside of text.\n")
	for _, part := range parts {
		table(&b, part.title, part.says, at(schema, part.at))
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

func table(b *strings.Builder, title, says string, object yaml.MapSlice) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if says != "" {
		b.WriteString(says + "\n\n")
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
