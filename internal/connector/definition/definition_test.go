package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
)

// sound is a definition without a finding. Its lines are counted by the tests below.
const sound = `apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: sample, name: Sample, description: A sample. }
connection:
  baseUrl: https://api.example.com
  allowedHosts: [api.example.com]
  auth:
    - id: token
      label: Token
      type: custom
      fields: [ { key: token, label: Token, type: secret } ]
      apply: { headers: { Authorization: "Bearer ${ conn.token }" } }
  ping: { http: { method: GET, path: /me } }
maps:
  person: { id: "${ it.id }" }
helpers:
  - name: Look Up
    steps:
      - return: { id: "7" }
actions:
  - name: Greet
    inputs: [ { key: who, label: Who, type: object, required: true, schema: { required: [name] } } ]
    outputs: [ { key: text, label: Text, type: text } ]
    steps:
      - id: found
        call: Look Up
      - set: { name: "${ input.who.name }" }
      - if: ${ vars.name == '' }
        then: [ { fail: { status: 400, message: Nobody. } } ]
      - return: { text: "Hello ${ vars.name }, ${ steps.found.id }" }
`

func TestASoundDefinitionHasNoFinding(t *testing.T) {
	d, found := definition.Read("connector.yaml", []byte(sound))
	if d == nil || len(found) > 0 {
		t.Fatalf("findings: %v", found)
	}
}

func TestFindingsNameTheLine(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, new string
		code     string
		line     int
		says     string
	}{
		{"what is no YAML", "metadata: {", "metadata: [", "SW001", 4, "no YAML"},
		{"an anchor", "id: token\n", "id: &t token\n", "SW001", 8, "Anchors"},
		{"a member twice", "      label: Token\n      type", "      label: Token\n      label: Token\n      type", "SW001", 10, "already defined"},
		{"an unknown member", "      label: Token\n      type", "      lable: Token\n      type", "SW002", 9, `"lable" is not known`},
		{"a member that is missing", "metadata: { key: sample, ", "metadata: { ", "SW002", 3, "lacks key"},
		{"a key in the wrong form", "key: sample", "key: Sample", "SW002", 3, "does not have the form"},
		{"a way to connect that there is not", "type: custom", "type: magic", "SW002", 10, "must be one of"},
		{"an unknown field of the connection", "conn.token }", "conn.tokne }", "SW012", 12, "tokne"},
		{"an unknown input", "input.who.name", "input.woh.name", "SW012", 27, "woh"},
		{"a step that is not there yet", "steps.found.id", "steps.later.id", "SW012", 30, "later"},
		{"a value that nothing sets", "${ vars.name == '' }", "${ vars.nmae == '' }", "SW012", 28, "nmae"},
		{"an expression without an end", "${ vars.name == '' }", "${ vars.name == ''", "SW012", 28, "}"},
		{"a helper that is not there", "call: Look Up", "call: Look Down", "SW013", 26, `no helper "Look Down"`},
		{"a map that is not there", `return: { id: "7" }`, `return: { $map: nobody, $value: "7" }`, "SW012", 19, `no map "nobody"`},
		{"a map that uses itself", `person: { id: "${ it.id }" }`, `person: { id: { $map: person, $value: "${ it }" } }` + "\n  other: { $map: person, $value: 1 }", "", 0, ""},
		{"a step that does nothing", "      - set: { name: \"${ input.who.name }\" }", "      - note: nothing", "SW003", 27, "says nothing to do"},
		{"a step that does two things", "        call: Look Up\n", "        call: Look Up\n        wait: 1s\n", "SW003", 25, "make a step of each"},
		{"a wait of five minutes", "        call: Look Up\n", "        wait: 5m\n", "SW003", 26, "It waits 5m0s, and may wait 1m0s at most"},
		{"a type of errors that there is not", "status: 400, ", "status: 400, type: NO_SUCH_TYPE, ", "SW003", 29, `no type of errors "NO_SUCH_TYPE"; there are RESOURCE_NOT_FOUND`},
		{"a status that is no number", "status: 400, ", "status: abc, ", "SW003", 29, `not "abc"`},
		{"a status that is no error's", "status: 400, ", "status: 200, ", "SW002", 29, "400"},
		{"a header that is not a connector's", "        call: Look Up\n", "        http: { method: GET, path: /x, headers: { host: x } }\n", "SW003", 26, "The header host is not a connector's to set"},
		{"such a header of each request", "headers: { Authorization:", "headers: { Content-Length: \"1\", Authorization:", "SW003", 12, "Content-Length"},
		{"what does not belong to a step", "        call: Look Up\n", "        call: Look Up\n        as: x\n", "SW003", 27, `"as" does not go with "call"`},
		{"rethrow outside of a catch", `- return: { id: "7" }`, "- rethrow: true", "SW003", 19, "stands in a catch"},
		{"two actions of one name", "  - name: Greet\n", "  - name: Look Up\n", "SW004", 21, `called "Look Up"`},
		{"two steps of one id", "      - set: {", "      - id: found\n        set: {", "SW004", 27, `the id "found"`},
		{"a contract that there is not", "  - name: Greet\n", "  - name: Greet\n    implements: provisioning.greet\n", "SW017", 22, "no contract"},
		{"an action that does nothing", "  - name: Greet\n", "  - name: Rest\n    steps: []\n  - name: Greet\n", "SW002", 22, ""},
		{"a pattern that is none", "type: secret }", "type: secret, pattern: \"(((\" }", "SW012", 11, "The pattern of the field \"token\" is no regular expression"},
		{"a schema that is none", "schema: { required: [name] }", "schema: { required: 7 }", "SW002", 22, "It is no JSON Schema: required is a number, and must be array."},
		{"a schema that refers to itself", "schema: { required: [name] }", "schema: { $ref: \"#\" }", "SW002", 22, "a $ref leads back to itself"},
		{"a schema that refers to another", "schema: { required: [name] }", "schema: { $ref: \"other.json\" }", "SW002", 22, "other.json is not read"},
		{"a choice without choices", "key: text, label: Text, type: text", "key: text, label: Text, type: choice", "SW002", 23, "lacks choices"},
		{"a choice of nothing", "key: text, label: Text, type: text", "key: text, label: Text, type: choice, choices: []", "SW002", 23, "choices"},
		{"a field of the connection that is such a choice", "type: secret }", "type: choice }", "SW002", 11, "lacks choices"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(sound, tt.old, tt.new, 1)
			if text == sound {
				t.Fatal("the row changes nothing")
			}
			_, found := definition.Read("connector.yaml", []byte(text))
			if tt.code == "" {
				return // its map is used nowhere
			}
			for _, f := range found {
				if f.Code == tt.code && f.Src.Line == tt.line && strings.Contains(f.Message, tt.says) {
					return
				}
			}
			t.Errorf("want %s at line %d with %q; got %v", tt.code, tt.line, tt.says, found)
		})
	}
}

// What a library says of a schema has lines, and names the folder that the program runs in.
func TestWhatIsWrongWithASchemaIsOneSentence(t *testing.T) {
	for _, schema := range []string{"{ required: 7 }", `{ $ref: "other.json" }`, `{ $ref: "#/nowhere" }`, `{ properties: { a: { $ref: "#/properties/a" } } }`, `{ pattern: "(" }`, "{ type: 7, required: 7 }"} {
		_, found := definition.Read("connector.yaml", []byte(strings.Replace(sound, "schema: { required: [name] }", "schema: "+schema, 1)))
		if len(found) != 1 || strings.ContainsAny(found[0].Message, "\n") || strings.Contains(found[0].Message, "file:") || strings.Contains(found[0].Message, "document") {
			t.Errorf("%s: %v, want one finding on one line, without a path", schema, found)
		}
		t.Log(found)
	}
	for _, schema := range []string{`{ properties: { child: { $ref: "#" } } }`, `{ $defs: { a: { type: object } }, allOf: [ { $ref: "#/$defs/a" }, { $ref: "#/$defs/a" } ] }`} {
		if _, found := definition.Read("connector.yaml", []byte(strings.Replace(sound, "schema: { required: [name] }", "schema: "+schema, 1))); len(found) > 0 {
			t.Errorf("%s: %v, want none", schema, found)
		}
	}
}

func TestAMapThatUsesItselfIsFound(t *testing.T) {
	text := strings.Replace(sound, `person: { id: "${ it.id }" }`, `person: { id: { $map: person, $value: "${ it }" } }`, 1)
	text = strings.Replace(text, `return: { id: "7" }`, `return: { $map: person, $value: "7" }`, 1)
	_, found := definition.Read("connector.yaml", []byte(text))
	if len(found) == 0 || !strings.Contains(found[0].Message, "uses itself") {
		t.Errorf("findings: %v", found)
	}
}

func TestAnActionRuns(t *testing.T) {
	d, _ := definition.Read("connector.yaml", []byte(sound))
	p := program.New(d.Flows...)
	m := &engine.Machine{Program: p}
	for _, tt := range []struct {
		name string
		who  any
		want string // the text, or the error
	}{
		{"with what it takes", map[string]any{"name": "Ada"}, "Hello Ada, 7"},
		{"without", nil, "400: No Who input provided. Enter a valid Who."},
		{"with what does not fit its schema", map[string]any{"age": 7.0}, "400: Who does not fit: It lacks name."},
		{"where the action itself refuses", map[string]any{"name": ""}, "400: Nobody."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result, err := m.Run(t.Context(), p.Named("Greet"), engine.Named(map[string]any{"who": tt.who}))
			got := fmt.Sprint(result.Outputs[program.Key{Name: "text"}])
			if e, is := err.(*engine.Error); is { //nolint:errorlint // it is what Run returns
				got = fmt.Sprintf("%d: %s", e.Status, e.Message)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
