package flopack_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/program"
)

// answers is the vendor's system in these tests.
type answers func(engine.Request) engine.Response

func (a answers) Call(_ context.Context, r engine.Request) (engine.Response, error) { return a(r), nil }

// imported is a program that has no findings.
func imported(t *testing.T, files ...*flopacktest.File) *program.Program {
	t.Helper()
	var texts [][]byte
	for _, f := range files {
		texts = append(texts, f.Bytes())
	}
	findings, p := found(texts...)
	for _, f := range findings {
		t.Errorf("a file of the test is unsound: %s", f)
	}
	return p
}

// run runs a flow of files that must be sound, and returns what it gives by key.
func run(t *testing.T, flow string, in map[string]any, files ...*flopacktest.File) map[string]any {
	t.Helper()
	result, err := machine(imported(t, files...), nil).Run(t.Context(), imported(t, files...).Named(flow), engine.Named(in))
	if err != nil {
		t.Fatalf("run %s: %v", flow, err)
	}
	return byName(result.Outputs)
}

func machine(p *program.Program, api answers) *engine.Machine {
	m := &engine.Machine{Program: p, Connection: map[string]any{"token": "t-1"}}
	if api != nil {
		m.API = api
	}
	return m
}

func byName(v engine.Values) map[string]any {
	all := map[string]any{}
	for k, item := range v {
		all[k.String()] = item
	}
	return all
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

type object = map[string]any

func TestLinesFromACardToItselfAndLinesDrawnTwiceMeanNothing(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	start := f.Start(flopacktest.In("a", ""))
	join := f.Add("string/concat", "Concatenate", flopacktest.From("string1", start.Out("a", "string")), flopacktest.In("string2", "!"))
	back := f.Add("control/return", "Return", flopacktest.From("out", join.Out("output", "string")))
	f.Line(join, join)
	f.Line(join, back)
	f.Line(start, join)
	equal(t, "outputs", run(t, "Main", object{"a": "x"}, flopacktest.New(f)), object{"out": "x!"})
}

// The builder writes cards backwards; this one writes them in two orders and wants one program.
func TestTheOrderOfCardsInTheFileMeansNothing(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	one := f.Add("control/let", "Assign", flopacktest.In("n", "1"))
	f.Add("control/return", "Return", flopacktest.From("out", one.Out("n", "string")))
	back := run(t, "Main", nil, flopacktest.New(f))
	methods := f.Tree()["data"].(tree)["methods"].([]any)
	f.Data["methods"] = []any{methods[1], methods[0]}
	equal(t, "outputs with the cards turned round", run(t, "Main", nil, flopacktest.New(f)), back)
	equal(t, "outputs", back, object{"out": "1"})
}

func TestAnIfLeadsToItsBranchesWithoutLines(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	a := f.Start(flopacktest.In("a", "")).Out("a", "string")
	var yes, no *flopacktest.Output
	choice := f.If(flopacktest.Is(flopacktest.From("", a), "==", "x")...)
	choice.Then(func() { yes = f.Let(flopacktest.In("v", "it is x")).Out("v", "string") })
	choice.Else(func() {
		no = f.Add("string/concat", "Concatenate", flopacktest.In("string1", "not "), flopacktest.From("string2", a)).Out("output", "string")
	})
	joined := choice.Join(map[string][2]*flopacktest.Output{"v": {yes, no}})
	f.Add("control/return", "Return", flopacktest.From("out", joined.Out("v", "string")))
	equal(t, "the branch that holds", run(t, "Main", object{"a": "x"}, flopacktest.New(f)), object{"out": "it is x"})
	equal(t, "the other branch", run(t, "Main", object{"a": "y"}, flopacktest.New(f)), object{"out": "not y"})
}

func TestStubsAreFoundByNameInOtherFiles(t *testing.T) {
	helper := flopacktest.NewFlow("Double It")
	n := helper.Start(flopacktest.In("n", "")).Out("n", "string")
	helper.Add("string/concat", "Concatenate", flopacktest.From("string1", n), flopacktest.From("string2", n)).Out("output", "string")
	stub := flopacktest.Stub("double it") // ids change with every export, and people write names as they like
	main := flopacktest.NewFlow("Main")
	call := main.Add("control/spawn", "Call Flow", flopacktest.Calls(stub), flopacktest.In("n", "ab"))
	main.Add("control/return", "Return", flopacktest.From("out", call.Out("output", "string")))
	equal(t, "outputs", run(t, "Main", nil, flopacktest.New(main, stub), flopacktest.New(helper)), object{"out": "abab"})

	_, p := found(flopacktest.New(main, stub).Bytes())
	_, err := machine(p, nil).Run(t.Context(), p.Named("Main"), nil)
	if failed, is := errors.AsType[*engine.Error](err); !is || failed.Kind != engine.Unsupported {
		t.Errorf("without the helper's file: %v, want an error of kind %s", err, engine.Unsupported)
	}
}

func TestNamesInAConstructedObjectArePaths(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	f.Add("object/construct", "Construct", flopacktest.In("errors.0.code", 7), flopacktest.In("errors.0.text", "no"), flopacktest.In("ok", false))
	equal(t, "outputs", run(t, "Main", nil, flopacktest.New(f)), object{"output": object{"errors": []any{object{"code": 7.0, "text": "no"}}, "ok": false}})
}

func TestTheLeftFieldsTypeDecidesAComparison(t *testing.T) {
	for _, tt := range []struct {
		name, kind string
		want       bool
	}{
		{"as text 80 comes before 9", "string", false},
		{"as a number it is more", "number", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := flopacktest.NewFlow("Main")
			f.Add("boolean/compare", "Compare", flopacktest.Is(flopacktest.In("", "80").Of(tt.kind), ">", "9")...)
			equal(t, "outputs", run(t, "Main", nil, flopacktest.New(f)), object{"result": tt.want})
		})
	}
}

// people is a flow that maps a list with a helper; old files do not say what a loop passes.
func people(fields func(fixed *flopacktest.Output) []*flopacktest.Field) *flopacktest.File {
	helper := flopacktest.NewFlow("Greet")
	in := helper.Start(flopacktest.In("name", ""), flopacktest.In("greeting", ""))
	helper.Add("string/concat", "Concatenate", flopacktest.From("string1", in.Out("greeting", "string")), flopacktest.From("string2", in.Out("name", "string")))
	main := flopacktest.NewFlow("Main")
	start := main.Start(flopacktest.In("people", []any{tree{}}).Of("object").List(), flopacktest.In("word", ""))
	fixed := start.Out("word", "string")
	main.Add("list/map", "Map", append([]*flopacktest.Field{flopacktest.From("list", start.Out("people", "object").Listed()), flopacktest.Calls(helper)}, fields(fixed)...)...).
		Out("new list", "object")
	return flopacktest.New(main, helper)
}

func TestWhatALoopPassesAlsoWhereAnOldFileDoesNotSay(t *testing.T) {
	in := object{"people": []any{object{"name": "Ada"}, object{"name": "Bo"}}, "word": "Hi "}
	want := object{"new list": []any{object{"output": "Hi Ada"}, object{"output": "Hi Bo"}}}
	equal(t, "a file of today", run(t, "Main", in, people(func(fixed *flopacktest.Output) []*flopacktest.Field {
		return []*flopacktest.Field{flopacktest.In("name", "").Item("name"), flopacktest.From("greeting", fixed).Same()}
	})), want)
	equal(t, "an old file", run(t, "Main", in, people(func(fixed *flopacktest.Output) []*flopacktest.Field {
		return []*flopacktest.Field{flopacktest.In("name", "").Old(), flopacktest.From("greeting", fixed).Old()}
	})), want)
}

func TestAFlowWithoutReturnGivesWhatItsLastCardGives(t *testing.T) {
	helper := flopacktest.NewFlow("Helper")
	helper.Start()
	helper.Let(flopacktest.In("answer", 42))
	helper.Comment("The end", "nothing follows")
	main := flopacktest.NewFlow("Main")
	call := main.Add("control/spawn", "Call Flow", flopacktest.Calls(helper))
	main.Add("control/return", "Return", flopacktest.From("out", call.Out("answer", "number")))
	equal(t, "outputs", run(t, "Main", nil, flopacktest.New(main, helper)), object{"out": 42.0})
}

func TestTheTitlesOfDateDiffAreSwapped(t *testing.T) {
	if !engine.Known("date/diff") {
		t.Skip("the card date/diff is not there yet")
	}
	f := flopacktest.NewFlow("Main")
	later, earlier := flopacktest.In("start", "2026-03-03T00:00:00Z").Of("Date"), flopacktest.In("end", "2026-03-01T00:00:00Z").Of("Date")
	diff := f.Add("date/diff", "Difference", later, earlier)
	f.Add("control/return", "Return", flopacktest.From("out", diff.Out("days", "number")))
	equal(t, "days", run(t, "Main", nil, flopacktest.New(f)), object{"out": 2.0})
}

func TestAnErrorIsSeenInThreeShapes(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	try := f.Add("control/tryCatch", "If Error")
	inner := try.Inside()
	inner.Add("control/throw", "Return Error", flopacktest.In("message", "gone"), flopacktest.In("statusCode", 404))
	catch := try.Inside()
	failure := catch.Given("error")
	catch.Add("control/return", "Return", flopacktest.From("message", failure.Part("message")), flopacktest.From("code", failure.Part("code")).Of("number"),
		flopacktest.From("old", failure.Part("errors", "message")), flopacktest.From("status", failure.Part("statusCode")).Of("number"))
	try.Try(inner, catch)
	want := object{"message": "gone", "code": 404.0, "old": "gone", "status": 404.0}
	equal(t, "outputs", run(t, "Main", nil, flopacktest.New(f)), want)
}

func TestAWireWinsOverAConstantAlsoWithNothing(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	a := f.Start(flopacktest.In("a", nil)).Out("a", "string")
	f.Add("control/return", "Return", flopacktest.From("out", a).Holding("left over"))
	equal(t, "with a value", run(t, "Main", object{"a": "x"}, flopacktest.New(f)), object{"out": "x"})
	equal(t, "with nothing", run(t, "Main", object{"a": nil}, flopacktest.New(f)), object{"out": nil})
}

func TestTheChecksumIsNotLookedAt(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	f.Let(flopacktest.In("a", "b"))
	file := flopacktest.New(f)
	file.Tree["checksum"] = "0000000000000000000000000000000000000000000000000000000000000000"
	equal(t, "outputs", run(t, "Main", nil, file), object{"a": "b"})
}

func TestAnInlineFlowSeesWhatIsBroughtToIt(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	a := f.Start(flopacktest.In("a", "")).Out("a", "string")
	try := f.Add("control/tryCatch", "If Error")
	inner := try.Inside()
	inner.Add("control/return", "Return", flopacktest.From("out", inner.Outer(a)))
	catch := try.Inside()
	try.Try(inner, catch)
	f.Add("control/return", "Return", flopacktest.From("out", try.Out("out", "string")))
	equal(t, "outputs", run(t, "Main", object{"a": "brought"}, flopacktest.New(f)), object{"out": "brought"})
}

func TestAStructIsAnObjectAndACollectionAList(t *testing.T) {
	shape := tree{"id": tree{"type": "string", "collection": false}, "tags": tree{"type": "string", "collection": true}}
	f := flopacktest.NewFlow("Main")
	start := f.Start(flopacktest.In("user", nil).Of(shape), flopacktest.In("all", nil).Of(shape).List())
	f.Add("control/return", "Return", flopacktest.From("id", start.Out("user", "object").Part("id")), flopacktest.From("all", start.Out("all", "object")))
	flow := imported(t, flopacktest.New(f)).Named("Main")
	for i, want := range []program.Parameter{
		{Key: program.Key{Name: "user"}, Label: "user", Type: "object"}, {Key: program.Key{Name: "all"}, Label: "all", Type: "object", List: true},
	} {
		equal(t, "parameter", flow.Inputs[i], want)
	}
	got := run(t, "Main", object{"user": object{"id": "u1"}, "all": []any{object{"id": "u2"}}}, flopacktest.New(f))
	equal(t, "outputs", got, object{"id": "u1", "all": []any{object{"id": "u2"}}})
}

func TestRegularExpressionsAreJavaScripts(t *testing.T) {
	if !engine.Known("string/match") {
		t.Skip("the card string/match is not there yet")
	}
	f := flopacktest.NewFlow("Main")
	f.Add("string/match", "Match", flopacktest.In("string", "price: 12 EUR"), flopacktest.In("target", `\d+(?= EUR)`)) // look-ahead, which Go's own lack
	equal(t, "position", run(t, "Main", nil, flopacktest.New(f)), object{"output": 7.0})
}

func TestAWireConvertsAsItsEditorSaid(t *testing.T) {
	for _, tt := range []struct {
		name, convert, kind string
		in                  any
		want                any
	}{
		{"text is read as JSON", "parse", "object", `{"a":1}`, object{"a": 1.0}},
		{"an object is written as JSON", "stringify", "string", object{"a": 1.0}, `{"a":1}`},
		{"a number is read from text", "parseFloat", "number", "1.5", 1.5},
		{"a truth is written", "booleanToString", "string", true, "true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := flopacktest.NewFlow("Main")
			a := f.Start(flopacktest.In("a", nil).Of("*")).Out("a", "*")
			f.Add("control/return", "Return", flopacktest.From("out", a).Of(tt.kind).Through(tt.convert))
			equal(t, "outputs", run(t, "Main", object{"a": tt.in}, flopacktest.New(f)), object{"out": tt.want})
		})
	}
}

// customAction is a connector of one file: an action that calls any path of an API, through a helper that fetches a token.
func customAction() *flopacktest.File {
	helper := flopacktest.NewFlow("httpHelper")
	in := helper.Start(flopacktest.In("connection", nil).Of("object"), flopacktest.In("relative_url", ""), flopacktest.In("method", ""), flopacktest.In("query", nil).Of("object"), flopacktest.In("body", nil).Of("object"))
	login := helper.Add("object/construct", "Construct", flopacktest.From("refresh_token", in.Out("connection", "object").Part("token")), flopacktest.In("grant_type", "refresh_token"))
	token := helper.Add("http/raw", "Raw Request", flopacktest.In("url", "https://api.acme.example/token"), flopacktest.In("method", "POST"),
		flopacktest.From("body", login.Out("output", "object")).Of("string").Through("stringify")).Retry()
	read := helper.Add("json/parse", "Parse", flopacktest.From("string", token.Out("body", "string")))
	bearer := helper.Add("string/compose", "Compose", flopacktest.In("_text_", "Bearer {{{t}}}"), flopacktest.From("t", read.Out("output", "object").Part("access_token")))
	headers := helper.Add("object/construct", "Construct", flopacktest.From("Authorization", bearer.Out("output", "string")))
	url := helper.Add("string/concat", "Concatenate", flopacktest.In("string1", "https://api.acme.example"), flopacktest.From("string2", in.Out("relative_url", "string")))
	call := helper.Add("http/raw", "Raw Request", flopacktest.From("url", url.Out("output", "string")), flopacktest.From("method", in.Out("method", "string")),
		flopacktest.From("headers", headers.Out("output", "object")), flopacktest.From("query", in.Out("query", "object")),
		flopacktest.From("body", in.Out("body", "object")).Of("string").Through("stringify")).Retry()
	helper.Add("control/return", "Return", flopacktest.From("statusCode", call.Out("statusCode", "number")), flopacktest.From("body", call.Out("body", "string")).Of("object").Through("parse"))

	action := flopacktest.NewFlow("Custom API Action")
	event := action.Event("connector_action", flopacktest.In("request_type_1", "GET").In("Options"), flopacktest.In("path_1", "").In("Inputs"),
		flopacktest.In("query_1", nil).Of("object").In("Inputs"), flopacktest.In("body_1", nil).Of("object").In("Inputs"))
	spawn := action.Add("control/spawn", "Call Flow", flopacktest.Calls(helper), flopacktest.From("connection", event.OutIn("auth", "blob", "object")),
		flopacktest.From("relative_url", event.OutIn("Inputs", "path_1", "string")), flopacktest.From("method", event.OutIn("Options", "request_type_1", "string")),
		flopacktest.From("query", event.OutIn("Inputs", "query_1", "object")), flopacktest.From("body", event.OutIn("Inputs", "body_1", "object")))
	action.Add("control/return", "Return Outputs", flopacktest.From("status_1", spawn.Out("statusCode", "number")).In("Outputs"), flopacktest.From("body_1", spawn.Out("body", "object")).In("Outputs"))
	return flopacktest.New(action, helper)
}

func TestACustomActionFetchesATokenAndCalls(t *testing.T) {
	p := imported(t, customAction())
	var asked []string
	api := answers(func(r engine.Request) engine.Response {
		asked = append(asked, r.Method+" "+r.URL+" "+r.Header.Get("Authorization")+" "+string(r.Body))
		if len(asked) == 1 {
			return engine.Response{Status: 200, Header: http.Header{}, Body: []byte(`{"access_token":"at-1"}`)}
		}
		return engine.Response{Status: 201, Header: http.Header{}, Body: []byte(`{"id":"u1"}`)}
	})
	result, err := machine(p, api).Run(t.Context(), p.Named("Custom API Action"), engine.Values{
		{Group: "auth", Name: "blob"}: object{"token": "r-1"}, {Group: "Options", Name: "request_type_1"}: "POST",
		{Group: "Inputs", Name: "path_1"}: "/users", {Group: "Inputs", Name: "query_1"}: object{"dry": "a b"}, {Group: "Inputs", Name: "body_1"}: object{"name": "Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "requests", asked, []string{
		`POST https://api.acme.example/token  {"grant_type":"refresh_token","refresh_token":"r-1"}`,
		`POST https://api.acme.example/users?dry=a+b Bearer at-1 {"name":"Ada"}`,
	})
	equal(t, "outputs", byName(result.Outputs), object{"Outputs.status_1": 201.0, "Outputs.body_1": object{"id": "u1"}})
}

// ping is an _authping that reads an output which its helper does not return, so that it says "not working" whatever happens.
func ping() *flopacktest.File {
	helper := flopacktest.NewFlow("httpHelper")
	in := helper.Start(flopacktest.In("path", ""))
	url := helper.Add("string/concat", "Concatenate", flopacktest.In("string1", "https://api.acme.example"), flopacktest.From("string2", in.Out("path", "string")))
	call := helper.Add("http/raw", "Raw Request", flopacktest.From("url", url.Out("output", "string")))
	helper.Add("control/return", "Return", flopacktest.From("statusCode", call.Out("statusCode", "number")))
	flow := flopacktest.NewFlow("_authping")
	flow.Event("connector_authping")
	spawn := flow.Add("control/spawn", "Call Flow", flopacktest.Calls(helper), flopacktest.In("path", "/me"))
	is := flow.Add("boolean/compare", "Compare", flopacktest.Is(flopacktest.From("", spawn.Out("status", "number")), "==", 200)...)
	flow.Add("control/return", "Return Status", flopacktest.From("working", is.Out("result", "boolean")).In("output"))
	return flopacktest.New(flow, helper)
}

func TestAPingThatNeverWorksIsFoundAndSeen(t *testing.T) {
	findings, p := found(ping().Bytes())
	equal(t, "findings", codes(findings), []string{"SW116"})
	api := answers(func(engine.Request) engine.Response { return engine.Response{Status: 200, Header: http.Header{}} })
	result, err := machine(p, api).Run(t.Context(), p.Named("_authping"), nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "outputs, although the API is there", byName(result.Outputs), object{"output.working": false})
}

func TestAFilterAsksItsHelper(t *testing.T) {
	helper := flopacktest.NewFlow("Is adult")
	age := helper.Start(flopacktest.In("age", 0)).Out("age", "number")
	helper.Add("boolean/compare", "Compare", flopacktest.Is(flopacktest.From("", age), ">=", 18)...)
	main := flopacktest.NewFlow("Main")
	list := main.Start(flopacktest.In("people", nil).Of("object").List()).Out("people", "object").Listed()
	kept := main.Add("list/filter", "Filter Custom", flopacktest.From("list", list), flopacktest.Calls(helper), flopacktest.In("age", 0).Item("age"))
	main.Add("control/return", "Return", flopacktest.From("out", kept.Out("list", "object").Listed()))
	in := object{"people": []any{object{"age": 17.0}, object{"age": 18.0}, object{"age": 80.0}}}
	equal(t, "outputs", run(t, "Main", in, flopacktest.New(main, helper)), object{"out": []any{object{"age": 18.0}, object{"age": 80.0}}})
}

func TestContinueIfEndsTheFlow(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	a := f.Start(flopacktest.In("a", "")).Out("a", "string")
	f.Add("control/continueIf", "Continue If", append(flopacktest.Is(flopacktest.From("", a), "==", "go"), flopacktest.In("message", "stopped").In("otherwise"))...)
	f.Add("control/return", "Return", flopacktest.In("out", "went on"))
	p := imported(t, flopacktest.New(f))
	for in, want := range map[string]engine.Result{
		"go":   {Outputs: engine.Named(object{"out": "went on"}), Steps: 3},
		"stop": {Outputs: engine.Named(object{"message": "stopped"}), Halted: true, Message: "stopped", Steps: 2},
	} {
		got, err := machine(p, nil).Run(t.Context(), p.Named("Main"), engine.Named(object{"a": in}))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, in, got, want)
	}
}
