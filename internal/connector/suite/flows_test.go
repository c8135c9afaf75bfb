package suite_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/suite"
)

const bare = `apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: bare, name: Bare, description: A connector that does nothing. }
connection:
  baseUrl: https://api.example.com
  allowedHosts: [api.example.com]
  auth: [ { id: none, label: None, type: none } ]
actions:
  - name: Do Nothing
    steps: [ { return: {} } ]
`

// nobody is an API that does not answer.
type nobody struct{}

func (nobody) Call(context.Context, engine.Request) (engine.Response, error) {
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "Nobody answers."}
}

func results(t *testing.T, flows ...*flopacktest.Flow) map[string]suite.Result {
	t.Helper()
	c, err := connector.Load(fstest.MapFS{connector.File: {Data: []byte(bare)}})
	if err != nil || len(c.Findings) > 0 {
		t.Fatal(err, c.Findings)
	}
	r := &suite.Runner{Connector: c, Suite: suite.Empty(), Mode: suite.Live, API: nobody{}, Now: time.Now}
	all := map[string]suite.Result{}
	for _, result := range r.FlowResults(t.Context(), flopack.Read("tests.folder", flopacktest.New(flows...).Bytes())) {
		all[result.Title] = result
	}
	return all
}

// Flows that only call each other are tests all the same: one of them begins.
func TestACircleOfFlowsIsRun(t *testing.T) {
	a, b := flopacktest.NewFlow("A"), flopacktest.NewFlow("B")
	a.Add("control/spawn", "Call Flow", flopacktest.Calls(b))
	b.Add("control/spawn", "Call Flow", flopacktest.Calls(a))
	all := results(t, a, b)
	if len(all) != 1 || all["A"].Status != suite.NotRun && all["A"].Status != suite.Fail || !strings.Contains(all["A"].Message, "deep") {
		t.Errorf("results: %+v", all)
	}
}

// What decides has to be there: a card that did not run proves nothing.
func TestAnAnswerWithoutAValueIsNoPass(t *testing.T) {
	f := flopacktest.NewFlow("A")
	f.Add("control/return", "Return", flopacktest.In("passed", nil).Of("boolean"))
	if got := results(t, f)["A"]; got.Status != suite.Fail || !strings.Contains(got.Message, "without a value") {
		t.Errorf("it is %s: %s", got.Status, got.Message)
	}
}

// A flow whose error is handed to another flow did not come to its end.
func TestAnErrorThatAFlowTookOverIsNoPass(t *testing.T) {
	handler := flopacktest.NewFlow("Handler")
	handler.Start()
	f := flopacktest.NewFlow("A")
	f.Add("control/throw", "Return Error", flopacktest.In("message", "It broke."), flopacktest.In("statusCode", 500)).Policy("flo", "flo", handler.ID)
	f.Add("control/return", "Return", flopacktest.In("passed", true))
	if got := results(t, f, handler)["A"]; got.Status != suite.Fail || !strings.Contains(got.Message, "It broke.") {
		t.Errorf("it is %s: %s", got.Status, got.Message)
	}
}
