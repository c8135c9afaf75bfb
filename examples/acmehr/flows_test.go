package acmehr_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"slipway/examples/acmehr"
	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/suite"
)

// exported are test flows as an author exports them: they call Acme HR's actions by card.
func exported() *flopack.File {
	flow := func(name string) *flopacktest.Flow { f := flopacktest.NewFlow(name); f.Start(); return f }
	person := func(name string) flopacktest.Tree {
		return flopacktest.Tree{"userName": name + "@example.com", "name": flopacktest.Tree{"givenName": "Flo", "familyName": "Pack"}}
	}
	made := func(f *flopacktest.Flow, name string) *flopacktest.Output {
		return f.Add("app/acmehr/createUser", "Create User", flopacktest.In("user", person(name))).Out("user", "object").Part("id")
	}
	say := func(f *flopacktest.Flow, fields ...*flopacktest.Field) { f.Add("control/return", "Return", fields...) }

	lives := flow("TC901 A user is created and deactivated")
	lives.Add("app/acmehr/deactivateUser", "Deactivate User", flopacktest.From("userId", made(lives, "lives")))
	say(lives, flopacktest.In("success", true))

	denies := flow("TC902 A check that does not hold")
	made(denies, "denies")
	say(denies, flopacktest.In("success", false), flopacktest.In("message", "They have no badge"))

	unknown := flow("TC903 An unknown user")
	unknown.Add("app/acmehr/getUserById", "Get User by ID", flopacktest.In("userId", "0"))

	raises := flow("TC904 An error of its own")
	raises.Add("control/throw", "Return Error", flopacktest.In("message", "No badge"), flopacktest.In("statusCode", 422))

	halts := flow("TC905 Goes on for nobody")
	halts.Add("control/continueIf", "Continue If", append(flopacktest.Is(flopacktest.In("", "somebody"), "is empty", ""), flopacktest.In("message", "Somebody is there").In("otherwise"))...)
	made(halts, "never")

	foreign := flow("TC906 Needs another product")
	foreign.Add("app/slack/sendMessage", "Send Message", flopacktest.In("text", "Hello"))

	helper := flow("Helper")
	say(helper, flopacktest.From("id", made(helper, "helper")))
	calls := flow("TC907 Calls a helper")
	calls.Add("control/spawn", "Call Flow", flopacktest.Calls(helper))

	suffixed := flow("TC908 As the network names the connector")
	suffixed.Add("app/acmehr/listUsers", "List Users").Address = "root:channels:http:acmehr_0123456789abcdef0123456789abcdef:0.12.0:listUsers_BAejT5bvR1Y"

	return flopack.Read("tests.folder", flopacktest.New(lives, denies, unknown, raises, halts, foreign, helper, calls, suffixed).Bytes())
}

// unreachable is an API that does not answer.
type unreachable struct{}

func (unreachable) Call(context.Context, engine.Request) (engine.Response, error) {
	return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "Nobody answers."}
}

func TestExportedFlowsAreJudgedByTheirEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    suite.FlowCase
		api  engine.API // nil is Acme HR
		want suite.Status
		says string
	}{
		{"its last card is its end", suite.FlowCase{Flow: "TC908 As the network names the connector", Expect: "pass"}, nil, suite.Pass, ""},
		{"a return of success", suite.FlowCase{Flow: "TC901 A user is created and deactivated", Expect: "pass"}, nil, suite.Pass, ""},
		{"a flow with a helper", suite.FlowCase{Flow: "TC907 Calls a helper", Expect: "pass"}, nil, suite.Pass, ""},
		{"a return of no success", suite.FlowCase{Flow: "TC902 A check that does not hold", Expect: "pass"}, nil, suite.Fail, "It returned success false: They have no badge."},
		{"an error that nobody expected", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "pass"}, nil, suite.Fail, "It ended with an error"},
		{"an error of the API that was expected", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "error", Status: 404}, nil, suite.Pass, "There is no such user."},
		{"an error with any status", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "error"}, nil, suite.Pass, ""},
		{"an error of another status", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "error", Status: 400}, nil, suite.Fail, "status 400 was expected, and 404 came"},
		{"an error of the flow that was expected", suite.FlowCase{Flow: "TC904 An error of its own", Expect: "error", Status: 422}, nil, suite.Pass, "No badge"},
		{"an error that does not come", suite.FlowCase{Flow: "TC908 As the network names the connector", Expect: "error"}, nil, suite.Fail, "was to end with error"},
		{"a halt that was expected", suite.FlowCase{Flow: "TC905 Goes on for nobody", Expect: "halt"}, nil, suite.Pass, "Somebody is there"},
		{"a halt that nobody expected", suite.FlowCase{Flow: "TC905 Goes on for nobody", Expect: "pass"}, nil, suite.Fail, "halted: Somebody is there"},
		{"a halt is no error", suite.FlowCase{Flow: "TC905 Goes on for nobody", Expect: "error"}, nil, suite.Fail, "halted"},
		{"a card of another connector", suite.FlowCase{Flow: "TC906 Needs another product", Expect: "pass"}, nil, suite.NotRun, `It needs the connector "slack"`},
		{"not even where an error is expected", suite.FlowCase{Flow: "TC906 Needs another product", Expect: "error"}, nil, suite.NotRun, "slack"},
		{"a flow that is not there", suite.FlowCase{Flow: "TC999 Lost", Expect: "pass"}, nil, suite.NotRun, `There is no flow "TC999 Lost"`},
		{"an API that does not answer is no error that was expected", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "error"}, unreachable{}, suite.NotRun, "Nobody answers"},
		{"an input that the flow does not take", suite.FlowCase{Flow: "TC903 An unknown user", Expect: "error", With: object{"colour": "red"}}, nil, suite.NotRun, "colour"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := loaded(t)
				s.Flows = []suite.FlowCase{tt.c}
				r := live(c, s, acmehr.New(), 1)
				if tt.api != nil {
					r.API = tt.api
				}
				for _, result := range r.FlowResults(t.Context(), exported()) {
					if result.Title == tt.c.Flow && (result.Status != tt.want || !strings.Contains(result.Message, tt.says)) {
						t.Errorf("%s: %q; want %s and %q", result.Status, result.Message, tt.want, tt.says)
					}
				}
			})
		})
	}
}

// A suite says how flows end that it lists; the others shall pass, but not those that only help.
func TestAllExportedFlowsRun(t *testing.T) {
	t.Parallel()
	c, _ := loaded(t)
	s, found := suite.Read(suite.File, []byte(`
apiVersion: slipway.dev/v1
kind: TestSuite
connector: acmehr
cases:
  - { id: TC901, title: An id of a flow too, steps: [{ action: List Users }] }
flopack:
  file: tests.folder
  cases:
    - { flow: TC903 An unknown user, expect: error, status: 404 }
    - { flow: TC999 Lost }
`), c)
	if len(found) > 0 {
		t.Fatal(found)
	}
	synctest.Test(t, func(t *testing.T) {
		recordings := fstest.MapFS{}
		r := live(c, s, acmehr.New(), 1)
		r.Mode, r.Keep = suite.Record, func(name string, content []byte) error {
			if recordings[name] != nil {
				t.Errorf("%s is recorded twice", name)
			}
			recordings[name] = &fstest.MapFile{Data: content}
			return nil
		}
		results := append(r.Run(t.Context()), r.FlowResults(t.Context(), exported())...)
		want := []string{
			"TC901 pass", "TC903 pass", "TC999 not_run", "TC901 A user is created and deactivated pass", "TC902 fail", "TC904 fail", "TC905 fail", "TC906 not_run", "TC907 pass", "TC908 pass",
		}
		var got []string
		for _, result := range results {
			got = append(got, result.ID+" "+string(result.Status))
		}
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("ran:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if covers := results[3].Covers; !slices.Equal(covers, []string{"Create User", "Deactivate User"}) {
			t.Errorf("%s covers %q", results[3].ID, covers)
		}
		again := replay(c, s, recordings)
		for _, result := range again.FlowResults(t.Context(), exported()) {
			if recordings[result.ID+".yaml"] != nil && result.Status != suite.Pass {
				t.Errorf("the replay of %s: %s, %s", result.ID, result.Status, result.Message)
			}
		}
	})
}

// A recording of an exported flow is spoilt as that of a case is, and what its cards give is looked at.
func TestExportedFlowsAreLookedInto(t *testing.T) {
	t.Parallel()
	recordings := fstest.MapFS{}
	run := func(t *testing.T, mode suite.Mode, changes ...string) []suite.Result {
		t.Helper()
		c, s := loaded(t, changes...)
		s.Cases = nil
		s.Flows = []suite.FlowCase{{Flow: "TC903 An unknown user", Expect: "error"}}
		r := live(c, s, acmehr.New(), 1)
		if r.Mode = mode; mode == suite.Replay {
			r = replay(c, s, recordings)
		}
		r.Only = []string{"TC901", "TC903", "TC908", "G04", "G05", "G07", "G08"}
		r.Keep = func(name string, content []byte) error {
			recordings[name] = &fstest.MapFile{Data: content}
			return nil
		}
		results := r.FlowResults(t.Context(), exported())
		results = append(results, r.Generated(t.Context(), false)...)
		return append(results, r.Overall(results, nil)...)
	}
	synctest.Test(t, func(t *testing.T) { expect(t, "recorded", ids(run(t, suite.Record), suite.Fail), "") })
	sound := run(t, suite.Replay)
	expect(t, "replayed", ids(sound, suite.Fail), "")
	expect(t, "replayed", ids(sound, suite.Pass), "TC901 TC903 TC908 G04-TC901 G04-TC908 G05-TC901 G05-TC908 G07 G08")
	for _, tt := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"an error is taken for a success", []string{"/deactivate\", expect: [204] }", "/deactivate\", expect: [204, 500] }"}, "G04-TC901"},
		{"Retry-After is not heeded", []string{"honorRetryAfter: true", "honorRetryAfter: false"}, "G04-TC901 G04-TC908"},
		{"an id is a number", []string{"    id: ${ string(it.id) }\n    externalId", "    id: ${ it.id }\n    externalId"}, "G07"},
		{"an output holds the token", []string{"title: ${ it.title }\n    active", "title: ${ conn.api_token }\n    active"}, "G08"},
	} {
		t.Run(tt.name, func(t *testing.T) { expect(t, tt.name, ids(run(t, suite.Replay, tt.changes...), suite.Fail), tt.want) })
	}
}

// The flows of an exported action have to look for themselves whether their required inputs are there (G03).
func TestAnExportedActionThatTakesNothingForSomething(t *testing.T) {
	t.Parallel()
	action := flopacktest.NewFlow("Greet")
	event := action.Event("connector_action", flopacktest.In("who_1", "").In("Inputs").Label("Who").Needed())
	action.Define("inputs", "Inputs", flopacktest.Defined("who_1", "Who", true))
	careful := flopacktest.NewFlow("Greet Carefully")
	asked := careful.Event("connector_action", flopacktest.In("who_2", "").In("Inputs").Label("Who").Needed())
	careful.Define("inputs", "Inputs", flopacktest.Defined("who_2", "Who", true))
	careful.Add("control/throwIf", "Return Error If", append(flopacktest.Is(flopacktest.From("", asked.OutIn("Inputs", "who_2", "string")), "is empty", ""),
		flopacktest.In("message", "No Who input provided. Enter a valid Who."), flopacktest.In("statusCode", 400))...)
	for f, start := range map[*flopacktest.Flow]*flopacktest.Card{action: event, careful: asked} {
		key := start.Inputs()[1].Tree["key"].(string)
		f.Add("app/httpfunctions/get", "Get", flopacktest.In("URL", "https://api.example.com/x").In("Request"), flopacktest.From("Query", start.OutIn("Inputs", key, "string")).In("Request"))
	}
	c, err := connector.LoadFlows(fstest.MapFS{"greet.flopack": {Data: flopacktest.New(action, careful).Bytes()}}, "greet.flopack")
	if err != nil {
		t.Fatal(err)
	}
	r := &suite.Runner{Connector: c, Suite: suite.Empty(), Mode: suite.Live, API: unreachable{}, Entered: map[string]string{"token": "t-1234567"}, Only: []string{"G03"}}
	expect(t, "G03", ids(r.Generated(t.Context(), false), suite.Fail), "G03-Greet")
	if n := len(ids(r.Generated(t.Context(), false), suite.Pass)); n != 1 {
		t.Errorf("%d actions are careful, want one", n)
	}
}

// A run that is stopped proves nothing more, and takes away what its case has made.
func TestAStoppedRunSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := loaded(t)
		server := acmehr.New()
		ctx, stop := context.WithCancel(t.Context())
		r := live(c, s, server, 1000)
		r.API = stopping{inside{server}, stop}
		for i, result := range all(ctx, r) {
			switch {
			case result.ID == "G07" || result.ID == "G08": // they look at what there is
			case i == 0 && result.Status != suite.Pass || i > 0 && result.Status != suite.NotRun:
				t.Errorf("%s is %s: %s", result.ID, result.Status, result.Message)
			case i > 0 && result.Message != "The run was stopped.":
				t.Errorf("%s: %s", result.ID, result.Message)
			}
		}
		if users := server.Users(); len(users) != 2 || users[1].State != acmehr.Inactive {
			t.Errorf("left behind: %+v", users)
		}
	})
}

// stopping is an API before whose first answer about a second user somebody presses Ctrl-C.
type stopping struct {
	inside
	stop func()
}

func (s stopping) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	if len(s.server.Users()) == 2 && q.Method == http.MethodGet {
		s.stop()
	}
	return s.inside.Call(ctx, q)
}
