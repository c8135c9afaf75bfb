package flopack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/program"
)

type tree = flopacktest.Tree

// parts are the pieces of a sound file, for a test to break one of.
type parts struct {
	file           *flopacktest.File
	action, helper *flopacktest.Flow
	compose, call  *flopacktest.Card
	choice         *flopacktest.If
	join, back     *flopacktest.Card
	table, config  tree
}

// sound is a file in which everything is as it should be: an action that calls a helper, with an If/Else, an If Error whose
// flows lie inside of it, a table and a connection.
func sound() *parts {
	p := &parts{}
	p.helper = flopacktest.NewFlow("Greeter")
	start := p.helper.Start(flopacktest.In("name", ""))
	p.compose = p.helper.Add("string/compose", "Compose", flopacktest.In("_text_", "Hello {{{who}}}"), flopacktest.From("who", start.Out("name", "string")))
	p.helper.Add("control/return", "Return", flopacktest.From("greeting", p.compose.Out("output", "string")))

	p.action = flopacktest.NewFlow("Greet")
	event := p.action.Event("connector_action", flopacktest.In("who_1", "").In("Inputs").Label("Who").Needed())
	who := event.OutIn("Inputs", "who_1", "string")
	p.call = p.action.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), flopacktest.From("name", who))
	greeting := p.call.Out("greeting", "string")
	var polite, plain *flopacktest.Output
	p.choice = p.action.If(flopacktest.Is(flopacktest.From("", who), "is empty", "")...)
	p.choice.Then(func() {
		polite = p.action.Let(flopacktest.In("text", "Hello, whoever you are")).Out("text", "string")
	}).Else(func() {
		plain = p.action.Add("string/trim", "Trim", flopacktest.From("string", greeting)).Out("output", "string")
	})
	p.join = p.choice.Join(map[string][2]*flopacktest.Output{"text": {polite, plain}})
	try := p.action.Add("control/tryCatch", "If Error")
	inner := try.Inside()
	inner.Add("control/return", "Return", flopacktest.From("text", inner.Outer(p.join.Out("text", "string"))))
	catch := try.Inside()
	catch.Add("control/return", "Return", flopacktest.In("text", "sorry"))
	try.Try(inner, catch)
	rows := p.action.Add("app/stash/searchRows2", "Search Rows", flopacktest.In("stash", "table-1").In("parameters"))
	rows.JSON()
	p.action.Comment("Why", "because")
	p.back = p.action.Add("control/return", "Return Outputs", flopacktest.From("text_1", try.Out("text", "string")).In("Outputs"))
	p.back.Model["meta"] = tree{"type": tree{"id": "m2", "address": "connector_return"}}

	p.file = flopacktest.New(p.action, p.helper)
	p.table, p.config = p.file.Table("table-1"), p.file.Connection("config-1", "acme")
	return p
}

// found is what reading and linking the files says, as codes.
func found(files ...[]byte) (program.Findings, *program.Program) {
	var all program.Findings
	var read []*flopack.File
	for i, text := range files {
		f := flopack.Read(fmt.Sprintf("%d.flow", i), text)
		read, all = append(read, f), append(all, f.Findings...)
	}
	p, linked := flopack.Link(read...)
	return append(all, linked...), p
}

func codes(findings program.Findings) []string {
	all := []string{}
	for _, f := range findings {
		all = append(all, f.Code)
	}
	return all
}

func TestASoundFileHasNoFindings(t *testing.T) {
	findings, p := found(sound().file.Bytes())
	if len(findings) > 0 {
		t.Errorf("findings %v, want none", findings)
	}
	if got, want := fmt.Sprintf("%s, %s, %d", p.Named("greet").Kind, p.Named("greeter").Kind, len(p.Flows())), "action, helper, 2"; got != want {
		t.Errorf("kinds and count of flows: %s, want %s", got, want)
	}
}

func TestEachRuleOfTheImporter(t *testing.T) {
	broken := map[string]bool{}
	for _, tt := range []struct {
		name string
		code string
		brk  func(*parts)
		says string // in the message
	}{
		{"a file that is no JSON", "SW100", nil, "no JSON"},
		{"something else in an envelope", "SW101", func(p *parts) { p.file.Tree["type"] = "zip" }, `its type is "zip"`},
		{"a version of another format", "SW101", func(p *parts) { p.file.Tree["version"] = "2.0.0" }, `"2.0.0"`},
		{"a connection under another id", "SW102", func(p *parts) { p.config["id"] = "config-2" }, `calls itself "config-2"`},
		{"a table under another id", "SW102", func(p *parts) { p.table["id"] = "table-2" }, `calls itself "table-2"`},
		{"a field under another id", "SW102", func(p *parts) { p.compose.Take(flopacktest.In("more", "")); rename(p.helper, "more") }, "has another id"},
		{"data of another flow", "SW103", func(p *parts) { p.helper.Data["uuid"] = "flow-else" }, `its data "flow-else"`},
		{"a secret beside a connection", "SW104", func(p *parts) { p.config["data"] = tree{"password": "x"} }, "My acme"},
		{"a card that calls itself another", "SW105", func(p *parts) { p.compose.Address = "root:kernel:string:0.0.2:compose" }, "its parents say"},
		{"a field's id in two cards", "SW106", func(p *parts) { p.compose.Take(flopacktest.In("more", "")).Tree["id"] = outputID(p) }, "occurs twice"},
		{"a list that holds a text", "SW107", func(p *parts) { p.compose.Take(flopacktest.In("more", "x").List()) }, `holds "x"`},
		{"a wire from an output that is not there", "SW108", func(p *parts) {
			p.compose.Pins()["nowhere"] = tree{p.call.ID: []any{tree{"input": "x", "transform": nil}}}
		}, `the output "nowhere"`},
		{"a wire to a card that is not there", "SW108", func(p *parts) {
			p.compose.Pins()[p.compose.Out("output", "").ID()].(tree)["nobody"] = []any{tree{"input": "x", "transform": nil}}
		}, `the card "nobody"`},
		{"a line to a card that is not there", "SW108", func(p *parts) { p.helper.Line(p.compose, &flopacktest.Card{ID: "nobody"}) }, `"nobody"`},
		{"a branch without its first card", "SW109", func(p *parts) { p.choice.Card.Branches()["nobody"] = true }, `"nobody"`},
		{"a join of what is not there", "SW110", func(p *parts) { p.join.Joins()["nothing"] = []any{tree{"output": "none"}} }, `"nothing"`},
		{"two first cards", "SW111", func(p *parts) { p.helper.After(nil).Add("control/noop", "Noop") }, `starts with "Helper Flow"`},
		{"a card that no line leads to", "SW112", func(p *parts) {
			p.helper.After(nil).Add("string/trim", "Trim", flopacktest.From("string", p.compose.Out("output", "string")))
		}, "whenever it likes"},
		{"a placeholder without a value", "SW113", func(p *parts) {
			p.helper.Add("string/compose", "Compose", flopacktest.In("_text_", "{{{who}}} and {{{whom}}}"), flopacktest.In("who", "x"))
		}, "{{{whom}}}"},
		{"a call of a flow that nobody knows", "SW114", func(p *parts) {
			p.helper.Add("control/run", "Call Flow Async", flopacktest.Calls(&flopacktest.Flow{ID: "flow-x"}))
		}, `"flow-x"`},
		{"an error handled by a flow that nobody knows", "SW114", func(p *parts) { p.compose.Policy("flo", "flo", "flow-x") }, "On an error"},
		{"a call of a stub", "SW115", func(p *parts) { callStub(p) }, `the flow "Elsewhere"`},
		{"an output that the helper does not return", "SW116", func(p *parts) {
			p.action.After(p.call).Add("string/trim", "Trim", flopacktest.From("string", p.call.Out("errors", "string")))
		}, `takes "errors" from the flow "Greeter", which returns "greeting"`},
		{"an input that the helper does not take", "SW117", func(p *parts) { p.call.Take(flopacktest.In("nmae", "x")) }, `passes "nmae"`},
		{"a required input without value", "SW118", func(p *parts) { p.compose.Take(flopacktest.In("more", "").Needed()) }, `"more"`},
		{"a table that was left out", "SW119", func(p *parts) {
			named := flopacktest.In("stash", "table-9").In("parameters")
			named.Tree["metadata"] = tree{"table": true}
			p.helper.Add("app/stash/clearTable", "Clear", named)
		}, `"table-9"`},
		{"cards in a circle", "SW120", func(p *parts) {
			second := p.helper.Add("string/trim", "Trim", flopacktest.In("string", ""))
			p.helper.Line(second, p.compose)
		}, "wait for each other"},
		{"a text of more than a megabyte", "SW121", func(p *parts) { p.compose.Take(flopacktest.In("more", strings.Repeat("x", 1<<20+1))) }, "1048577 bytes"},
		{"an event that is not known", "SW122", func(p *parts) {
			flow := flopacktest.NewFlow("Odd")
			flow.Event("connector_dream")
			p.file.Flows = append(p.file.Flows, flow)
		}, `"connector_dream"`},
		{"a version from the future", "SW123", func(p *parts) { p.file.Tree["version"] = "1.7.0" }, "1.7.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := sound()
			text := []byte(`{"type":"flopack",`)
			if tt.brk != nil {
				tt.brk(p)
				text = p.file.Bytes()
			}
			findings, _ := found(text)
			if diff := cmp.Diff([]string{tt.code}, codes(findings)); diff != "" {
				t.Fatalf("findings %v (-want +got):\n%s", findings, diff)
			}
			if !strings.Contains(findings[0].Message, tt.says) {
				t.Errorf("it says %q, want %q in it", findings[0].Message, tt.says)
			}
			if findings[0].Src.File == "" {
				t.Errorf("%v does not say in which file", findings[0])
			}
			broken[tt.code] = true
		})
	}
	for _, r := range program.ImportRules() {
		if !broken[r.Code] {
			t.Errorf("no file breaks %s (%s)", r.Code, r.Says)
		}
	}
}

// rename gives the field of that name another id than that under which it lies.
func rename(f *flopacktest.Flow, key string) {
	f.Data["methods"] = func() []any {
		methods := f.Tree()["data"].(tree)["methods"].([]any)
		for _, m := range methods {
			for _, field := range m.(tree)["node"].(tree)["model"].(tree)["inputs"].(tree)["data"].(tree) {
				if field := field.(tree); field["key"] == key {
					field["id"] = "another"
				}
			}
		}
		return methods
	}()
}

func outputID(p *parts) string { return p.compose.Out("output", "string").ID() }

func callStub(p *parts) {
	stub := flopacktest.Stub("Elsewhere")
	p.helper.Add("control/run", "Call Flow Async", flopacktest.Calls(stub))
	p.file.Flows = append(p.file.Flows, stub)
}

func TestFindingsSayWhere(t *testing.T) {
	p := sound()
	p.call.Take(flopacktest.In("nmae", "x"))
	findings, _ := found(p.file.Bytes())
	want := `0.flow: "Greet", card "Call Flow" (` + p.call.ID + `): error SW117: It passes "nmae" to the flow "Greeter", which takes "name".`
	if got := findings[0].String(); got != want {
		t.Errorf("it says %s\nwant    %s", got, want)
	}
}

func TestRulesAreWhole(t *testing.T) {
	for i, r := range program.ImportRules() {
		if want := fmt.Sprintf("SW%d", 100+i); r.Code != want || r.Says == "" || r.Fix == "" || r.Level == "" {
			t.Errorf("rule %d is %+v, want %s with level, sentence and advice", i, r, want)
		}
	}
}
