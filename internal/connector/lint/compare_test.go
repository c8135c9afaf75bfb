package lint_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/connector"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// version is a connector of one action, as it was.
func version() *program.Flow {
	key := func(name string) program.Key { return program.Key{Name: name} }
	return &program.Flow{ID: "a", Name: "Get User", Kind: program.Action, Method: "getUser_1", Body: &program.Scope{},
		Inputs: []program.Parameter{
			{Key: key("id"), Label: "User ID", Type: value.String, Required: true}, {Key: key("depth"), Label: "Depth", Type: value.Num},
			{Key: key("kind"), Label: "Kind", Type: value.Choice, Choices: []string{"a", "b"}, Option: true},
		},
		Outputs: []program.Parameter{{Key: key("user"), Label: "User", Type: value.Object}, {Key: key("raw"), Label: "Raw", Type: value.Any}}}
}

func TestCompare(t *testing.T) {
	more := program.Parameter{Key: program.Key{Name: "more"}, Label: "More", Type: value.String}
	for _, tt := range []struct {
		name   string
		change func(*program.Flow)
		says   string // "" where nobody is hurt
	}{
		{"nothing", func(*program.Flow) {}, ""},
		{"another case of the name", func(f *program.Flow) { f.Name = "get user" }, ""},
		{"an optional input more", func(f *program.Flow) { f.Inputs = append(f.Inputs, more) }, ""},
		{"an output more", func(f *program.Flow) { f.Outputs = append(f.Outputs, more) }, ""},
		{"a choice more", func(f *program.Flow) { f.Inputs[2].Choices = []string{"c", "b", "a"} }, ""},
		{"a required input that is optional now", func(f *program.Flow) { f.Inputs[0].Required = false }, ""},
		{"a number that may be any text now", func(f *program.Flow) { f.Inputs[1].Type = value.String }, ""},
		{"an output whose type is said now", func(f *program.Flow) { f.Outputs[1].Type = value.String }, ""},
		{"an action renamed", func(f *program.Flow) { f.Name = "Find User" }, `"Get User" is now called "Find User"`},
		{"an action gone", func(f *program.Flow) { f.Name, f.Method = "Find User", "findUser_1" }, `The action "Get User" is gone`},
		{"an action that is a helper now", func(f *program.Flow) { f.Kind = program.Helper }, `The action "Get User" is gone`},
		{"an input gone", func(f *program.Flow) { f.Inputs = f.Inputs[1:] }, `The input "User ID" of "Get User" is gone`},
		{"an option gone", func(f *program.Flow) { f.Inputs = f.Inputs[:2] }, `The option "Kind" of "Get User" is gone`},
		{"an output gone", func(f *program.Flow) { f.Outputs = f.Outputs[1:] }, `The output "User" of "Get User" is gone`},
		{"a new key under the old label", func(f *program.Flow) { f.Inputs[0].Key.Name, f.Inputs[0].Required = "userId", false }, `it was "id", and is "userId"`},
		{"a text that is a number now", func(f *program.Flow) { f.Inputs[0].Type = value.Num }, "was text, and is number"},
		{"an input that is a list now", func(f *program.Flow) { f.Inputs[0].List = true }, "is a list of text"},
		{"an input that is required now", func(f *program.Flow) { f.Inputs[1].Required = true }, `"Depth" of "Get User" is required now`},
		{"a new required input", func(f *program.Flow) { r := more; r.Required = true; f.Inputs = append(f.Inputs, r) }, `new required input "More"`},
		{"a choice less", func(f *program.Flow) { f.Inputs[2].Choices = []string{"a"} }, "no longer takes b"},
		{"choices where any text went", func(f *program.Flow) { f.Inputs[0].Type, f.Inputs[0].Choices = value.Choice, []string{"x"} }, "takes only x"},
		{"an output of another type", func(f *program.Flow) { f.Outputs[0].Type = value.String }, `"User" of "Get User" was object, and is text`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := version()
			tt.change(now)
			found := lint.Compare(&connector.Connector{Program: program.New(version())}, &connector.Connector{Program: program.New(now)})
			switch {
			case tt.says == "" && len(found) > 0:
				t.Errorf("findings %v, want none", found)
			case tt.says != "" && (len(found) != 1 || found[0].Code != "SW030" || !strings.Contains(found[0].Message, tt.says)):
				t.Errorf("findings %v, want one SW030 that says %q", found, tt.says)
			}
		})
	}
}

// What a customer has connected and subscribed to goes on.
func TestCompareConnections(t *testing.T) {
	read := func(text string) *connector.Connector {
		t.Helper()
		c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}})
		if err != nil || c.Findings.Errors() > 0 {
			t.Fatal(err, c.Findings)
		}
		return c
	}
	const field = "        - { key: api_token, label: Token, type: secret }\n"
	before := strings.Replace(written, field, field+"        - { key: zone, label: Zone, type: choice, choices: [eu, us], optional: true }\n", 1) + polling + strings.TrimPrefix(webhook, "events:\n")
	for _, tt := range []struct{ name, old, new, says string }{
		{"another sentence", "Reads a person by its id.", "Reads one person.", ""},
		{"another key", "key: acme,", "key: acmetoo,", `The key was "acme", and is "acmetoo"`},
		{"a way to connect less", "- id: token", "- id: key", `The way to connect "Token" (token) is gone`},
		{"a way to connect more", "    - id: token", "    - { id: open, label: Open, type: none }\n    - id: token", ""},
		{"a way to connect of another type", "type: custom", "type: basic", "was of type custom, and is basic"},
		{"a field more", field, field + "        - { key: extra, label: Extra, type: text }\n", `new required field "extra"`},
		{"a field more with a default", field, field + "        - { key: extra, label: Extra, type: text, default: x }\n", ""},
		{"a field more that may be empty", field, field + "        - { key: extra, label: Extra, type: text, optional: true }\n", ""},
		{"a field less", "        - { key: zone, label: Zone, type: choice, choices: [eu, us], optional: true }\n", "", `no longer has the field "zone"`},
		{"a field that is required now", "choices: [eu, us], optional: true", "choices: [eu, us]", `requires the field "zone" now`},
		{"a choice less", "choices: [eu, us]", "choices: [eu]", "no longer takes us"},
		{"an event less", "name: Person Changed", "name: Person Altered", `The event "Person Changed" is gone`},
		{"an event of another kind", "kind: polling\n    cursor: { initial: \"${ now() }\" }", "kind: webhook\n    cursor: { initial: \"${ now() }\" }", `The event "Person Changed" was polling, and is webhook`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after := strings.Replace(before, tt.old, tt.new, 1)
			if after == before {
				t.Fatal("the row changes nothing")
			}
			found := lint.Compare(read(before), read(after))
			switch {
			case tt.says == "" && len(found) > 0:
				t.Errorf("findings %v, want none", found)
			case tt.says != "" && (len(found) != 1 || found[0].Code != "SW030" || !strings.Contains(found[0].Message, tt.says) || found[0].Src.Line == 0):
				t.Errorf("findings %v, want one SW030 that says %q, with a line", found, tt.says)
			}
		})
	}
}
