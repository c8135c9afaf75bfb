package lint_test

import (
	"strings"
	"testing"

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
			found := lint.Compare(program.New(version()), program.New(now))
			switch {
			case tt.says == "" && len(found) > 0:
				t.Errorf("findings %v, want none", found)
			case tt.says != "" && (len(found) != 1 || found[0].Code != "SW030" || !strings.Contains(found[0].Message, tt.says)):
				t.Errorf("findings %v, want one SW030 that says %q", found, tt.says)
			}
		})
	}
}
