package suite_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/suite"
	"slipway/internal/report"
)

const greeter = `apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: greeter, name: Greeter, description: A connector that greets. }
connection:
  baseUrl: https://api.example.com
  allowedHosts: [api.example.com]
  auth: [ { id: none, label: None, type: none } ]
  ping: { http: { method: GET, path: /me } }
`

const greet = `actions:
  - name: Greet
    inputs: [{ key: who, label: Who, type: text, required: true }]
    steps:
      - if: ${ input.who == 'nobody' }
        then: [{ fail: { status: 404, message: Nobody is there. } }]
      - return: {}
`

// fine is an API that answers everything with an empty object.
type fine struct{}

func (fine) Call(context.Context, engine.Request) (engine.Response, error) {
	return engine.Response{Status: 200, Header: http.Header{}, Body: []byte(`{}`)}, nil
}

func read(t *testing.T, definition string) *connector.Connector {
	t.Helper()
	c, err := connector.Load(fstest.MapFS{connector.File: {Data: []byte(definition)}})
	if err != nil || c.Findings.Errors() > 0 {
		t.Fatal(err, c.Findings)
	}
	return c
}

// suited reads a suite for the connector, with what was found wrong with it.
func suited(t *testing.T, c *connector.Connector, rest string) (*suite.Suite, string) {
	t.Helper()
	s, found := suite.Read(suite.File, []byte("apiVersion: slipway.dev/v1\nkind: TestSuite\nconnector: "+c.Key+"\n"+rest), c)
	if s == nil {
		t.Fatal(found)
	}
	var said []string
	for _, f := range found {
		said = append(said, f.String())
	}
	return s, strings.Join(said, "\n")
}

// ran is the report of a whole live run, but for its generated cases.
func ran(t *testing.T, c *connector.Connector, s *suite.Suite, only []string, flows ...*flopacktest.Flow) report.Report {
	t.Helper()
	r := &suite.Runner{Connector: c, Suite: s, Mode: suite.Live, API: fine{}, Now: time.Now, Only: only}
	results := r.Run(t.Context())
	if len(flows) > 0 {
		results = append(results, r.FlowResults(t.Context(), flopack.Read("tests.folder", flopacktest.New(flows...).Bytes()))...)
	}
	results = append(results, r.Overall(results, nil)...)
	return r.Report(results, "", time.Now(), 0)
}

// check is the one with the id, the zero one where there is none.
func check(rep report.Report, id string) report.Result {
	for _, c := range rep.Checks {
		if c.ID == id {
			return c
		}
	}
	return report.Result{}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	const good, bad = "- { id: TC001, title: x, steps: [{ action: Greet, with: { who: Jo } }] }", "- { id: TC002, title: x, kind: negative, steps: [{ action: Greet, with: { who: nobody }, expectError: { status: 404 } }] }"
	called := func(name, who string) *flopacktest.Flow {
		f := flopacktest.NewFlow(name)
		f.Start()
		f.Add("app/greeter/greet", "Greet", flopacktest.In("who", who))
		return f
	}
	for _, tt := range []struct {
		name, suite string
		flows       []*flopacktest.Flow
		want        report.Outcome
		says        string
	}{
		{"good input and bad", "cases:\n  " + good + "\n  " + bad, nil, report.Pass, ""},
		{"a suite without cases covers nothing", "cases: []", nil, report.Fail, "No case that ran covers it with good input."},
		{"nor does one that says nothing of cases", "", nil, report.Fail, "good input"},
		{"good input alone", "cases:\n  " + good, nil, report.Fail, "No case that ran covers it with bad input."},
		{"an error that was expected is no good input", "cases:\n  " + strings.Replace(bad, "kind: negative, ", "", 1), nil, report.Fail, "good input"},
		{"a success in a negative case is no bad input", "cases:\n  " + good + "\n  " + strings.Replace(bad, "steps: [", "steps: [{ action: Greet, with: { who: Jo } }, ", 1), nil, report.Pass, ""},
		{"flows", "flopack: { file: tests.folder, cases: [{ flow: TC002 Nobody, expect: error, status: 404 }] }",
			[]*flopacktest.Flow{called("TC001 Jo", "Jo"), called("TC002 Nobody", "nobody")}, report.Pass, ""},
		{"a flow that covers what its cards do not call", "cases:\n  " + bad + "\nflopack: { file: tests.folder, cases: [{ flow: TC003 Empty, covers: [greet] }] }",
			[]*flopacktest.Flow{flopacktest.NewFlow("TC003 Empty")}, report.Fail, "TC003 says that it covers it with good input, and none of its cards ended so."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := read(t, greeter+greet)
			s, _ := suited(t, c, tt.suite)
			got := check(ran(t, c, s, nil, tt.flows...), "coverage.Greet")
			if got.Outcome != tt.want || !strings.Contains(got.Message, tt.says) {
				t.Errorf("%s: %q; want %s and %q", got.Outcome, got.Message, tt.want, tt.says)
			}
		})
	}
}

func TestWhoseCoverageIsTold(t *testing.T) {
	t.Parallel()
	if c := read(t, greeter+greet); check(ran(t, c, suite.Empty(), nil), "coverage.Greet").Outcome != report.Fail {
		t.Error("a connector without a suite is covered")
	} else if got := check(ran(t, c, suite.Empty(), []string{"G07"}), "coverage.Greet"); got.ID != "" {
		t.Errorf("a run that is confined tells of coverage: %s", got.Message)
	}
	for _, got := range ran(t, read(t, greeter), suite.Empty(), nil).Checks {
		if strings.HasPrefix(got.ID, "coverage.") {
			t.Errorf("a connector without actions has %s: %s", got.ID, got.Message)
		}
	}
}

// What a case says that it covers, it has to call so.
func TestCoversAreHeldAgainstTheSteps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, suite, says string }{
		{"success", "cases: [{ id: A, title: x, covers: [greet], steps: [{ action: Greet, with: { who: Jo } }] }]", ""},
		{"an error", "cases: [{ id: A, title: x, kind: negative, covers: [Greet], steps: [{ action: Greet, expectError: { status: 400 } }] }]", ""},
		{"an error where success is covered", "cases: [{ id: A, title: x, covers: [Greet], steps: [{ action: Greet, expectError: { status: 400 } }] }]", `Each step that calls "Greet" has expectError`},
		{"negative without an error", "cases: [{ id: A, title: x, kind: negative, steps: [{ action: Greet, with: { who: Jo } }] }]", "The case is negative, and none of its steps has expectError."},
		{"an error of another action", "cases: [{ id: A, title: x, kind: negative, covers: [Greet, Other], steps: [{ action: Other }, { action: Greet, expectError: {} }] }]", `No step that calls "Other" has expectError`},
		{"a flow that covers what there is not", "flopack: { file: f.flow, cases: [{ flow: A, covers: [Fly] }] }", `The connector has no action "Fly"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, found := suited(t, read(t, greeter+greet+"  - name: Other\n    steps: [{ return: {} }]\n"), tt.suite)
			if tt.says == "" && found != "" || !strings.Contains(found, tt.says) || strings.Count(found, "\n") > 0 {
				t.Errorf("found %q; want %q", found, tt.says)
			}
		})
	}
}

// What an action declares it has to return, as it is declared.
func TestOutputsAreWhatIsDeclared(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, output, returns, says string }{
		{"as declared", "type: number", "{ x: 1 }", ""},
		{"not there", "type: number", "{}", ""},
		{"required and not there", "type: number, required: true", "{}", `The output "X" is required, and missing.`},
		{"required and null", "type: number, required: true", "{ x: null }", "is required, and missing"},
		{"a list", "type: number, list: true", "{ x: [1, 2, null] }", ""},
		{"an item that is no number", "type: number, list: true", "{ x: [1, a] }", `item 2: "a" is no number`},
		{"an item that is an object", "type: text, list: true", "{ x: [a, { b: c }] }", `item 2: {"b":"c"} is no text`},
		{"no list", "type: number, list: true", "{ x: 1 }", "1 is no list"},
		{"a list that nobody declared", "type: text", "{ x: [a] }", `["a"] is no text`},
		{"an object where a number is due", "type: number", "{ x: { a: 1 } }", `{"a":1} is no number`},
		{"an object where a text is due", "type: text", "{ x: { a: 1 } }", `{"a":1} is no text`},
		{"against its schema", "type: number, schema: { maximum: -1 }", "{ x: 1 }", "maximum"},
		{"as its schema says", "type: object, schema: { required: [a] }", "{ x: { a: 1 } }", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := read(t, greeter+"actions:\n  - name: Answer\n    outputs: [{ key: x, label: X, "+tt.output+" }]\n    steps:\n      - return: "+tt.returns+"\n")
			s, _ := suited(t, c, "cases: [{ id: TC001, title: x, steps: [{ action: Answer }] }]")
			got := check(ran(t, c, s, nil), "G07")
			if (got.Outcome == report.Pass) != (tt.says == "") || !strings.Contains(got.Message, tt.says) {
				t.Errorf("%s: %q; want %q", got.Outcome, got.Message, tt.says)
			}
		})
	}
}

// What an action returns besides is told, and fails nothing. Contracts are stricter: see examples/acmehr.
func TestOutputsThatNobodyDeclared(t *testing.T) {
	t.Parallel()
	c := read(t, greeter+`actions:
  - name: Answer
    outputs: [{ key: x, label: X, type: number }]
    steps: [{ return: { x: 1, y: 2 } }]
  - name: Ask
    steps: [{ http: { method: GET, path: /x } }]
`)
	s, found := suited(t, c, "cases: [{ id: TC001, title: x, steps: [{ action: Answer }, { action: Ask }] }]")
	if found != "" {
		t.Fatal(found)
	}
	rep := ran(t, c, s, nil)
	if got := check(rep, "G07"); got.Outcome != report.Pass {
		t.Errorf("G07 is %s: %s", got.Outcome, got.Message)
	}
	if len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], `not declared as outputs: "y" of Answer.`) {
		t.Errorf("told: %q", rep.Warnings)
	}
}

// A report names the connector that it is about, and the cards in it that nobody can run.
func TestTheReportNamesTheConnector(t *testing.T) {
	t.Parallel()
	flow := flopacktest.NewFlow("Odd")
	flow.Start()
	flow.Add("app/slack/sendMessage", "Send Message", flopacktest.In("text", "Hello"))
	c, err := connector.LoadFlows(fstest.MapFS{"odd.folder": {Data: flopacktest.New(flow).Bytes()}}, "odd.folder")
	if err != nil {
		t.Fatal(err)
	}
	rep := ran(t, c, suite.Empty(), nil)
	if rep.Connector == nil || rep.Connector.Hash != c.Hash || rep.Connector.Mode != "live" {
		t.Errorf("it names %+v", rep.Connector)
	}
	if len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], "app/slack/sendMessage (1)") {
		t.Errorf("told: %q", rep.Warnings)
	}
}
