package lint_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/document"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
)

var in, from, is = flopacktest.In, flopacktest.From, flopacktest.Is

type (
	flow   = flopacktest.Flow
	card   = flopacktest.Card
	output = flopacktest.Output
	tree   = flopacktest.Tree
)

// parts is a connector without a finding, for a test to change one thing of.
type parts struct {
	helper, ping, action *flow
	more                 []*flow
	request              *card // the helper's
	pingBack             *card // the ping's Return
	check                *card // the action's Return Error If
	call, back           *card // the action's
	event                *card
	id                   *output // what the action's caller gives
	options              lint.Options
	key                  string
	hosts                []string // of a connector.yaml beside the flows; nil for none
}

func acme() *parts {
	p := &parts{}
	p.helper = flopacktest.NewFlow("httpHelper")
	start := p.helper.Start(in("connection", nil).Of("object"), in("path", ""))
	url := p.helper.Add("string/compose", "Compose", in("_text_", "https://api.acme.example{{{path}}}"), from("path", start.Out("path", "string")))
	headers := p.helper.Add("object/construct", "Headers", from("Authorization", start.Out("connection", "object").Part("token")))
	p.request = p.helper.Add("http/raw", "Raw Request", from("url", url.Out("output", "string")), from("headers", headers.Out("output", "object"))).Retry()
	p.helper.Add("control/return", "Return", from("statusCode", p.request.Out("statusCode", "number")), from("body", p.request.Out("body", "string")))

	p.ping = flopacktest.NewFlow("_authping")
	event := p.ping.Event("connector_authping")
	me := p.ping.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), from("connection", event.OutIn("auth", "blob", "object")), in("path", "/me"))
	works := p.ping.Add("boolean/compare", "Compare", is(from("", me.Out("statusCode", "number")), "==", 200)...)
	p.pingBack = p.ping.Add("control/return", "Return Status", from("working", works.Out("result", "boolean")).In("output"))

	p.action = p.newAction("Get User")
	return p
}

// newAction adds an action that takes an id and gives a user.
func (p *parts) newAction(name string) *flow {
	f := flopacktest.NewFlow(name)
	f.Description = "Reads a user by its id."
	p.event = f.Event("connector_action", in("id_1", "").In("Inputs").Label("User ID").Needed())
	f.Define("inputs", "Inputs", flopacktest.Defined("id_1", "User ID", true))
	f.Define("outputs", "Outputs", flopacktest.Defined("user_1", "User", false))
	p.id = p.event.OutIn("Inputs", "id_1", "string")
	p.check = f.Add("control/throwIf", "Return Error If", append(is(from("", p.id), "is empty", ""), in("message", "No User ID input provided."), in("statusCode", 400))...)
	path := f.Add("string/concat", "Concatenate", in("string1", "/users/"), from("string2", p.id))
	p.call = f.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), from("connection", p.event.OutIn("auth", "blob", "object")), from("path", path.Out("output", "string")))
	p.back = f.Add("control/return", "Return Outputs", from("user_1", p.call.Out("body", "string")).In("Outputs"))
	return f
}

func (p *parts) connector(t *testing.T) *connector.Connector {
	t.Helper()
	flows := append(p.more, p.helper, p.action)
	if p.ping != nil {
		flows = append(flows, p.ping)
	}
	if p.action == nil {
		flows = []*flow{p.helper, p.ping}
	}
	f := flopack.Read("acme.folder", flopacktest.New(flows...).Bytes())
	linked, found := flopack.Link(f)
	for _, finding := range append(f.Findings, found...) {
		if finding.Level == program.Error {
			t.Fatalf("the importer refuses the file: %s", finding)
		}
	}
	c := &connector.Connector{Key: p.key, Program: linked}
	if p.hosts != nil {
		c.Definition = &definition.Definition{Document: &document.Document{}, Hosts: p.hosts, Retry: engine.Retry{On: []int{429}, Max: 3}}
	}
	return c
}

// another adds an action with the cards that add gives it, in front of its Return.
func another(name string, add func(p *parts, f *flow)) func(*parts) {
	return func(p *parts) {
		f := p.newAction(name)
		add(p, f.After(p.call))
		p.action, p.more = f, append(p.more, p.action)
	}
}

// cards adds cards behind the action's request.
func cards(add func(p *parts, f *flow)) func(*parts) {
	return func(p *parts) { add(p, p.action.After(p.call)) }
}

func helperFlow(name string, event string) *flow {
	f := flopacktest.NewFlow(name)
	if event == "" {
		f.Start(in("a", ""))
	} else {
		f.Event(event)
	}
	f.Add("control/return", "Return", in("out", "x"))
	return f
}

// secrets are put together here, so that no scanner takes them for some.
var (
	jwt = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
	key = "9f86d081884c7d65" + "9a2feaa0c55ad015"
)

func requestTo(url *flopacktest.Field) func(*parts) {
	return cards(func(p *parts, f *flow) {
		r := f.Add("http/raw", "Raw Request", url).Retry()
		f.Let(from("kept", r.Out("body", "string")))
	})
}

func compare(kind, operator string) func(*parts) {
	return cards(func(p *parts, f *flow) {
		f.Add("control/continueIf", "Continue If", is(in("", "80").Of(kind), operator, "9")...)
	})
}

func TestRules(t *testing.T) {
	tested := map[string][2]bool{}
	for _, tt := range []struct {
		name string
		code string // "" where all is well
		rule string // which it keeps, where it keeps one
		how  func(*parts)
		says string
	}{
		{"two actions of one name", "CBDE000001H", "", another("get user", func(_ *parts, f *flow) { f.ID = "flow-2" }), `"get user"`},
		{"two actions of two names", "", "CBDE000001H", another("Find User", func(*parts, *flow) {}), ""},
		{"a flow that a person starts", "CBDE000002H", "", func(p *parts) {
			f := flopacktest.NewFlow("Try it")
			f.Add("control/let", "Assign", in("a", "b"))
			p.more = append(p.more, f)
		}, `starts with the card "Assign"`},
		{"a flow that another flow starts", "", "CBDE000002H", func(p *parts) { p.more = append(p.more, helperFlow("Helps", "")) }, ""},
		{"an event that is not known yet", "", "CBDE000002H", func(p *parts) { p.more = append(p.more, helperFlow("Watch", "connector_polling")) }, ""},
		{"an action with a dash", "CBDE000003H", "", func(p *parts) { p.action.Name = "Get User-Name" }, `"Get User-Name"`},
		{"an action with two spaces", "CBDE000003H", "", func(p *parts) { p.action.Name = "Get  User" }, ""},
		{"a helper with a dash", "", "CBDE000003H", func(p *parts) { p.helper.Name = "http-helper!" }, ""},
		{"two pings", "CBDE000004H", "", func(p *parts) {
			second := *p.ping
			second.ID, second.Name = "flow-second", "Another ping"
			p.more = append(p.more, &second)
		}, "another authping"},
		{"one ping", "", "CBDE000004H", func(*parts) {}, ""},
		{"a helper called as the ping", "CBDE000005H", "", func(p *parts) { p.ping.Name = "Ping"; p.helper.Name = "_authping" }, "helper"},
		{"a ping called otherwise", "", "CBDE000005H", func(p *parts) { p.ping.Name = "Ping" }, ""},
		{"two revokes", "CBDE000006H", "", func(p *parts) {
			p.more = append(p.more, helperFlow("_revoke", "connector_revoke"), helperFlow("Revoke", "connector_revoke"))
		}, "another revoke"},
		{"one revoke", "", "CBDE000006H", func(p *parts) { p.more = append(p.more, helperFlow("_revoke", "connector_revoke")) }, ""},
		{"a helper called as the revoke", "CBDE000007H", "", func(p *parts) { p.more = append(p.more, helperFlow("_revoke", "")) }, "helper"},
		{"a revoke called otherwise", "", "CBDE000007H", func(p *parts) { p.more = append(p.more, helperFlow("Revoke", "connector_revoke")) }, ""},
		{"an output that is not defined", "CBDE000008H", "", func(p *parts) { p.back.Take(in("age_1", "7").In("Outputs")) }, `"Outputs.age_1"`},
		{"an output that is defined", "", "CBDE000008H", func(p *parts) {
			p.back.Take(in("age_1", "7").In("Outputs"))
			p.action.Define("outputs", "Outputs", flopacktest.Defined("age_1", "Age", false))
		}, ""},
		{"an option that is not defined", "CBDE000009H", "", func(p *parts) { p.event.Take(in("kind_1", "a").In("Options")) }, `"kind_1"`},
		{"an option that is defined", "", "CBDE000009H", func(p *parts) {
			p.event.Take(in("kind_1", "a").In("Options"))
			p.action.Define("options", "Options", flopacktest.Defined("kind_1", "Kind", true, "a", "b"))
		}, ""},

		{"no ping", "SW010", "", func(p *parts) { p.ping = nil }, "no ping"},
		{"a ping that asks nobody", "SW010", "", func(p *parts) { p.ping = helperFlow("_authping", "connector_authping") }, "sends no request"},
		{"a ping without the connection", "SW010", "", func(p *parts) {
			p.ping = flopacktest.NewFlow("_authping")
			p.ping.Event("connector_authping")
			me := p.ping.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), in("path", "/me"))
			p.ping.Add("control/return", "Return Status", from("working", me.Out("statusCode", "number")).In("output"))
		}, "does not use the connection"},
		{"a ping that always works", "SW010", "", func(p *parts) { deafPing(p) }, "does not depend"},
		{"a ping that works, whichever branch of an If ran", "SW010", "", func(p *parts) { branchingPing(p, false) }, "does not depend"},
		{"a ping that works unless there is an error", "", "SW010", func(p *parts) { tryingPing(p) }, ""},
		{"a ping with an If", "", "SW010", func(p *parts) { branchingPing(p, true) }, ""},
		{"no action", "SW011", "", func(p *parts) { p.action = nil }, "no action"},
		{"an action", "", "SW011", func(*parts) {}, ""},
		{"a card that nobody knows", "SW014", "", cards(func(p *parts, f *flow) { f.Add("control/lets", "Assign") }), "control/let (Assign)"},
		{"a card that is refused", "SW014", "", cards(func(p *parts, f *flow) { f.Add("http/paginate", "Paginate") }), "Repeat Until does the same"},
		{"a card that exports flows", "SW014", "", cards(func(p *parts, f *flow) { f.Add("utility/exportFlo", "Export Flow") }), "not allowed"},
		{"a card of another connector", "SW014", "", cards(func(p *parts, f *flow) { f.Add("app/okta/readUser", "Read User").Retry() }), `the connector "okta"`},
		{"a card of another connector that is here", "", "SW014", func(p *parts) {
			p.options.Apps = func(key string) bool { return key == "okta" }
			cards(func(p *parts, f *flow) { f.Add("app/okta/readUser", "Read User").Retry() })(p)
		}, ""},
		{"a card of the connector itself", "", "SW014", func(p *parts) {
			p.key = "acme"
			cards(func(p *parts, f *flow) { f.Add("app/acme/getUser_x1", "Get User").Retry() })(p)
		}, ""},
		{"a token in a text", "SW015", "", cards(func(p *parts, f *flow) { f.Let(in("a", "Bearer "+jwt)) }), "a JSON Web Token"},
		{"a key in an object", "SW015", "", cards(func(p *parts, f *flow) { f.Let(in("a", tree{"x": []any{key}})) }), "a key or token"},
		{"a key in a comment", "SW015", "", cards(func(p *parts, f *flow) { f.Comment("Key", "use "+key) }), "The comment"},
		{"ids, addresses, sentences and colours", "", "SW015", cards(func(p *parts, f *flow) {
			f.Let(in("a", "a8c64fc6-038c-4d41-987e-15d6d2398d9c"), in("b", "https://api.acme.example/v1/users/"+key), in("c", "A sentence, as people write it."), in("d", "#00297A"), in("e", "YSeiUmWFIF"))
		}), ""},
		{"plain http", "SW016", "", requestTo(in("url", "http://api.acme.example/x")), "plain http"},
		{"https", "", "SW016", requestTo(in("url", "https://api.acme.example/x")), ""},
		{"a host that is not in the list", "SW016", "", func(p *parts) {
			p.hosts = []string{"api.acme.example"}
			requestTo(in("url", "https://evil.example/x"))(p)
		}, `"evil.example"`},
		{"hosts that are in the list", "", "SW016", func(p *parts) {
			p.hosts = []string{"*.acme.example"}
			requestTo(in("url", "https://files.acme.example/x"))(p)
		}, ""},
		{"an address that the caller gives", "SW016", "", cards(func(p *parts, f *flow) {
			r := f.Add("http/raw", "Raw Request", from("url", p.id)).Retry()
			f.Let(from("kept", r.Out("body", "string")))
		}), "whole address"},
		{"a host that the caller gives", "SW016", "", cards(func(p *parts, f *flow) {
			url := f.Add("string/compose", "Compose", in("_text_", "https://{{{h}}}.example/x"), from("h", p.id))
			r := f.Add("http/raw", "Raw Request", from("url", url.Out("output", "string"))).Retry()
			f.Let(from("kept", r.Out("body", "string")))
		}), "host comes from an input"},
		{"a host that the caller gives to a helper", "SW016", "", func(p *parts) {
			f := flopacktest.NewFlow("Fetch")
			url := f.Start(in("url", "")).Out("url", "string")
			r := f.Add("http/raw", "Raw Request", from("url", url)).Retry()
			f.Add("control/return", "Return", from("body", r.Out("body", "string")))
			p.more = append(p.more, f)
			cards(func(p *parts, a *flow) { a.Add("control/spawn", "Call Flow", flopacktest.Calls(f), from("url", p.id)) })(p)
		}, "whole address"},
		{"a host of the connection", "", "SW016", cards(func(p *parts, f *flow) {
			domain := p.event.OutIn("auth", "blob", "object").Part("domain")
			url := f.Add("string/concat", "Concatenate", in("string1", "https://"), from("string2", domain), from("string3", p.id))
			r := f.Add("http/raw", "Raw Request", from("url", url.Out("output", "string"))).Retry()
			f.Let(from("kept", r.Out("body", "string")))
		}), ""},

		{"a required input that nobody checks", "SW020", "", func(p *parts) { p.check.Op = "control/comment" }, `"User ID"`},
		{"a required input checked with another status", "SW020", "", func(p *parts) { p.check.Take(in("x", "")); setConst(p.check, "statusCode", 500) }, `"User ID"`},
		{"a required input that is checked", "", "SW020", func(*parts) {}, ""},
		{"a request without retry", "SW021", "", func(p *parts) { p.request.Policy("finish") }, "not sent again"},
		{"a wait of an hour", "SW021", "", cards(func(p *parts, f *flow) { f.Add("control/wait", "Wait", in("delay", 1), in("unit", "hour")) }), "3600 s"},
		{"a wait of a second", "", "SW021", cards(func(p *parts, f *flow) { f.Add("control/wait", "Wait", in("delay", 1), in("unit", "seconds")) }), ""},
		{"a retry after an hour", "SW021", "", func(p *parts) { p.request.Policy("finish", "retry", 3, "delay", 3600000) }, "up to 3600 s"},
		{"a list of one page", "SW022", "", func(p *parts) { p.action.Name = "List Users" }, "one page"},
		{"a list with a loop", "", "SW022", func(p *parts) {
			p.action.Name = "List Users"
			cards(func(p *parts, f *flow) {
				f.Add("control/times", "Repeat", in("count", 3), flopacktest.Calls(p.helper), in("path", "/users").Same())
			})(p)
		}, ""},
		{"a list that takes a cursor", "", "SW022", func(p *parts) {
			p.action.Name = "List Users"
			p.event.Take(in("cursor_1", "").In("Inputs").Label("Cursor"))
			p.action.Define("inputs", "Inputs", flopacktest.Defined("cursor_1", "Cursor", false), flopacktest.Defined("id_1", "User ID", true))
		}, ""},
		{"an action without a verb", "SW023", "", func(p *parts) { p.action.Name = "User" }, "verb"},
		{"an action without a description", "SW023", "", func(p *parts) { p.action.Description = " " }, "no description"},
		{"a field without a label", "SW023", "", func(p *parts) {
			p.back.Take(in("age_1", "7").In("Outputs"))
			p.action.Define("outputs", "Outputs", flopacktest.Defined("age_1", "", false))
		}, "no label"},
		{"all is named", "", "SW023", func(*parts) {}, ""},
		{"four If Error in each other", "SW024", "", cards(func(p *parts, f *flow) { tries(f, 4) }), "More than 3 If Error"},
		{"three If Error in each other", "", "SW024", cards(func(p *parts, f *flow) { tries(f, 3) }), ""},
		{"201 cards", "SW024", "", cards(func(p *parts, f *flow) {
			for range 201 {
				f.Let(in("a", "b"))
			}
		}), "more than 200"},
		{"eleven at a time", "SW024", "", cards(func(p *parts, f *flow) {
			f.Add("control/times", "Repeat", in("count", 3), flopacktest.Calls(p.helper), in("path", "/x").Same(), in("concurrency", 11))
		}), "11 items"},
		{"an order of texts", "SW025", "", compare("string", "<"), "compares texts with <"},
		{"an order of numbers", "", "SW025", compare("number", "<"), ""},
		{"texts that are the same", "", "SW025", compare("string", "=="), ""},
		{"a card behind Return", "SW025", "", func(p *parts) { p.action.After(p.back).Let(in("a", "b")) }, "never reached"},
		{"a result that nobody uses", "SW025", "", cards(func(p *parts, f *flow) {
			f.Add("string/concat", "Concatenate", in("string1", "x")).Out("output", "string")
		}), "Nothing uses"},
		{"a result that is used", "", "SW025", cards(func(p *parts, f *flow) {
			c := f.Add("string/concat", "Concatenate", in("string1", "x"))
			f.Let(from("a", c.Out("output", "string")))
		}), ""},
		{"a call of no flow", "SW025", "", cards(func(p *parts, f *flow) { f.Add("control/run", "Call Flow Async", in("flo", nil).Of("flo")) }), "No flow is chosen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := acme()
			tt.how(p)
			found := lint.Check(p.connector(t), p.options)
			want := []string{}
			if tt.code != "" {
				want = []string{tt.code}
			}
			codes := []string{}
			for _, f := range found {
				codes = append(codes, f.Code)
			}
			if diff := cmp.Diff(want, codes); diff != "" {
				t.Fatalf("findings %v (-want +got):\n%s", found, diff)
			}
			if tt.code != "" && !strings.Contains(found[0].Message, tt.says) {
				t.Errorf("it says %q, want %q in it", found[0].Message, tt.says)
			}
		})
		code := tt.code + tt.rule
		done := tested[code]
		done[min(len(tt.rule), 1)] = true
		tested[code] = done
	}
	for _, r := range lint.Rules() {
		elsewhere := r.Code < "SW010" || r.Code == "SW012" || r.Code == "SW013" || r.Code == "SW017" || r.Code == "SW018" || r.Code == "SW026" || r.Code == "SW027" || r.Code == "SW030" || r.Code == "SW031" || r.Code >= "SW100"
		if !strings.HasPrefix(r.Code, "CBDE") && elsewhere {
			continue
		}
		if done := tested[r.Code]; !done[0] || !done[1] {
			t.Errorf("%s: a row that breaks it is there: %t, one that keeps it: %t", r.Code, done[0], done[1])
		}
	}
}

func setConst(c *card, name string, v any) {
	for _, m := range c.Inputs() {
		if m.Tree["key"] == name {
			m.Holding(v)
		}
	}
}

// tries puts If Error cards into each other.
func tries(f *flow, n int) {
	c := f.Add("control/tryCatch", "If Error")
	inner, catch := c.Inside(), c.Inside()
	if n > 1 {
		tries(inner, n-1)
	}
	c.Try(inner, catch)
}

func deafPing(p *parts) {
	p.ping = flopacktest.NewFlow("_authping")
	event := p.ping.Event("connector_authping")
	p.ping.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), from("connection", event.OutIn("auth", "blob", "object")), in("path", "/me"))
	p.ping.Add("control/return", "Return Status", in("working", true).In("output"))
}

func tryingPing(p *parts) {
	p.ping = flopacktest.NewFlow("_authping")
	blob := p.ping.Event("connector_authping").OutIn("auth", "blob", "object")
	try := p.ping.Add("control/tryCatch", "If Error")
	inner, catch := try.Inside(), try.Inside()
	inner.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), from("connection", inner.Outer(blob)), in("path", "/me"))
	inner.Add("control/return", "Return", in("ok", true))
	catch.Add("control/return", "Return", in("ok", false))
	try.Try(inner, catch)
	p.ping.Add("control/return", "Return Status", from("working", try.Out("ok", "boolean")).In("output"))
}

func branchingPing(p *parts, listens bool) {
	p.ping = flopacktest.NewFlow("_authping")
	blob := p.ping.Event("connector_authping").OutIn("auth", "blob", "object")
	me := p.ping.Add("control/spawn", "Call Flow", flopacktest.Calls(p.helper), from("connection", blob), in("path", "/me"))
	var yes, no *output
	choice := p.ping.If(is(from("", me.Out("statusCode", "number")), "==", 200)...)
	choice.Then(func() { yes = p.ping.Let(in("w", true)).Out("w", "boolean") }).Else(func() { no = p.ping.Let(in("w", false)).Out("w", "boolean") })
	joined := choice.Join(map[string][2]*output{"w": {yes, no}})
	working := from("working", joined.Out("w", "boolean"))
	if !listens {
		working = in("working", true)
	}
	p.ping.Add("control/return", "Return Status", working.In("output"))
}

// An action that fulfils a contract, and what it gives.
func TestContracts(t *testing.T) {
	action := func(name, implements string, outputs ...string) *program.Flow {
		f := &program.Flow{ID: name, Name: name, Description: "Does it.", Kind: program.Action, Implements: implements, Body: &program.Scope{}, Src: program.Src{File: "connector.yaml", Line: 7}}
		for _, o := range outputs {
			f.Outputs = append(f.Outputs, program.Parameter{Key: program.Key{Name: o}, Label: o})
		}
		return f
	}
	for _, tt := range []struct {
		name  string
		flows []*program.Flow
		says  []string
	}{
		{"none", []*program.Flow{action("Get It", "")}, nil},
		{"an answer without what was promised", []*program.Flow{action("Update User", "provisioning.updateUser", "id")}, []string{`promises "user"`}},
		{"an answer with it", []*program.Flow{action("Update User", "provisioning.updateUser", "user")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var messages []string
			for _, f := range lint.Check(&connector.Connector{Program: program.New(tt.flows...)}, lint.Options{}) {
				if f.Code == "SW017" {
					messages = append(messages, f.Message)
				}
			}
			all := strings.Join(messages, "\n")
			for _, want := range tt.says {
				if !strings.Contains(all, want) {
					t.Errorf("it says %q, want %q in it", all, want)
				}
			}
			if tt.says == nil && strings.Contains(all, "promises") {
				t.Errorf("it says %q, want nothing of what is promised", all)
			}
		})
	}
}

// written is a connector as text without a finding: what its flows need not say, the engine does.
const written = `
apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: acme, name: Acme, description: People of Acme. }
connection:
  baseUrl: https://api.acme.example
  allowedHosts: [api.acme.example]
  auth:
    - id: token
      label: Token
      type: custom
      fields:
        - { key: api_token, label: Token, type: secret }
      apply: { headers: { Authorization: "${ 'Bearer ' + conn.api_token }" } }
  ping:
    http: { method: GET, path: /me }
actions:
  - name: Get Person
    description: Reads a person by its id.
    inputs:
      - { key: id, label: Person ID, type: text, required: true }
    outputs:
      - { key: person, label: Person, type: object }
    steps:
      - id: get
        http: { method: GET, path: "/people/${ input.id }" }
      - return: { person: "${ steps.get.body }" }
`

// Pieces to put into it.
const (
	ask = `
  - name: Ask
    inputs: [ { key: u, label: U, type: text } ]
    steps: [ { http: { method: GET, path: "${ input.u }" } } ]
`
	polling = `events:
  - name: Person Changed
    kind: polling
    cursor: { initial: "${ now() }" }
    steps:
      - id: page
        http: { method: GET, path: /changes, query: { since: "${ cursor }" } }
    emit: ${ steps.page.body }
    dedupeBy: ${ item.id }
`
	webhook = `events:
  - name: Person Left
    kind: webhook
    register:
      - id: hook
        http: { method: POST, path: /hooks, json: { url: "${ input.eventUrl }" } }
      - return: { secret: "${ steps.hook.body.secret }" }
    hmac: { header: X-Signature, secret: "${ registration.secret }" }
    emit: ${ [body] }
`
)

// Helpers in a circle are told of one by one: each of them never ends.
func TestHelpersInACircle(t *testing.T) {
	text := strings.Replace(written, "actions:\n", "helpers: [ { name: Begin, steps: [ { call: Ask } ] }, { name: Ask, steps: [ { call: Tell } ] }, { name: Tell, steps: [ { call: End }, { call: Ask } ] }, { name: End, steps: [ { wait: 1s } ] } ]\nactions:\n", 1)
	c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if found := lint.Check(c, lint.Options{}); len(found) != 2 || found[0].Code != "SW018" || found[1].Code != "SW018" {
		t.Errorf("findings %v, want SW018 for both", found)
	}
}

// A file may set one name, and use it, as often as it likes.
func TestNamesAreLookedUpOnce(t *testing.T) {
	steps := strings.Repeat("      - set: { u: \"${ vars.u + 'x' }\" }\n      - http: { method: GET, path: \"${ vars.u }\" }\n", 3000)
	text := strings.Replace(written, "      - id: get\n", "      - set: { u: \"${ input.id }\" }\n"+steps+"      - id: get\n", 1)
	c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}})
	if err != nil || c.Findings.Errors() > 0 {
		t.Fatal(err, c.Findings[0])
	}
	began := time.Now()
	found := lint.Check(c, lint.Options{})
	if took := time.Since(began); took > 20*time.Second || found.Errors() < program.MaxFindings {
		t.Errorf("%d errors after %s", found.Errors(), took)
	}
}

// What is missing is told once.
func TestAMissingContractIsToldOnce(t *testing.T) {
	text := strings.Replace(written, "actions:\n", "actions:\n  - name: List Users\n    implements: provisioning.listUsers\n    steps: [ { fail: { message: To be written. } } ]\n", 1)
	c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	found := append(c.Findings, lint.Check(c, lint.Options{})...)
	if want := len(contract.Missing([]string{"provisioning.listUsers"})); len(found) != want {
		t.Errorf("%d findings, want %d: one for each contract that is missing: %v", len(found), want, found)
	}
}

// users are actions of all contracts that provisioning needs, of which List Users returns something.
func users(returned string) string {
	text := "actions:\n"
	for _, c := range contract.Missing([]string{"provisioning.listUsers"}) {
		text += "  - name: " + c.Name + "\n    implements: " + c.ID + "\n    steps: [ { fail: { message: To be written. } } ]\n"
	}
	return text + "  - name: List Users\n    implements: provisioning.listUsers\n    steps:\n      - return: { " + returned + " }\n"
}

func TestWhatIsWrittenAsText(t *testing.T) {
	const get = `{ method: GET, path: "/people/${ input.id }" }`
	for _, tt := range []struct{ name, old, new, code, says string }{
		{"nothing wrong", "", "", "", ""},
		{"a key in a header of every request", `"${ 'Bearer ' + conn.api_token }"`, "Bearer " + jwt + `, X-Token: "${ conn.api_token }"`, "SW015", "Authorization, which goes along with every request, holds what looks like"},
		{"a key in an expression there", `'Bearer ' + conn.api_token`, `'Bearer ` + jwt + `' + conn.api_token`, "SW015", "Authorization"},
		{"a key in a header of one", get, `{ method: GET, path: /people, headers: { X-Key: "` + key + `" } }`, "SW015", "http.headers holds"},
		{"a key in a body", get, `{ method: POST, path: /people, json: { a: [ { key: "Bearer ` + jwt + `" } ] } }`, "SW015", "looks like"},
		{"a key in what is returned", `{ person: "${ steps.get.body }" }`, `{ person: { key: "` + key + `" } }`, "SW015", "looks like"},
		{"another host", get, "{ method: GET, path: https://evil.example.org/x }", "SW016", `"evil.example.org"`},
		{"another host, alone", get, "{ method: GET, path: https://evil.example.org }", "SW016", `"evil.example.org"`},
		{"another host, then an expression", get, `{ method: GET, path: "https://evil.example.org/${ input.id }" }`, "SW016", `"evil.example.org"`},
		{"plain http", get, `{ method: GET, path: "http://api.acme.example/${ input.id }" }`, "SW016", "plain http"},
		{"a key that is a field's default", "type: secret }", `type: secret, default: hunter2 }`, "SW015", `"api_token" is secret, and its default stands in the file`},
		{"a key in a field's help", "type: secret }", `type: secret, help: "Such as Bearer ` + jwt + `" }`, "SW015", `"api_token" holds what looks like`},
		{"a default of a field that is no secret", "type: secret }", "type: secret }\n        - { key: zone, label: Zone, type: text, default: eu }", "", ""},
		{"a base URL over plain http", "baseUrl: https:", "baseUrl: http:", "SW016", "baseUrl is plain http"},
		{"a base URL on another host", "baseUrl: https://api.acme.example", "baseUrl: https://api.acme.test/v2", "SW016", `baseUrl leads to "api.acme.test"`},
		{"a base URL on another host, below a field", "baseUrl: https://api.acme.example", "baseUrl: https://${ conn.api_token }.acme.test/v2", "SW016", `baseUrl leads to "….acme.test"`},
		{"a base URL on a host that a customer names", "baseUrl: https://api.acme.example", "baseUrl: https://${ conn.api_token }/v2", "", ""},
		{"a base URL whose zone a customer names", "baseUrl: https://api.acme.example", "baseUrl: https://${ conn.api_token }.acme.example", "", ""},
		{"an address of tokens on another host", "type: custom", "type: custom\n      tokenUrl: https://id.acme.test/token", "SW016", `tokenUrl leads to "id.acme.test"`},
		{"a path that is an input", get, `{ method: GET, path: "${ input.id }" }`, "SW016", "The whole address comes from an input"},
		{"a host that is an input", get, `{ method: GET, path: "https://${ input.id }/x" }`, "SW016", "The host comes from an input"},
		{"a host that is an input, in an expression", get, `{ method: GET, path: "${ 'https://' + input.id }" }`, "SW016", "The host comes from an input"},
		{"a host that is set from an input", "      - id: get\n        http: " + get, "      - set: { u: \"${ input.id }\" }\n      - id: get\n        http: { method: GET, path: \"${ vars.u + '/x' }\" }", "SW016", "The whole address comes from an input"},
		{"a path of a list that is an input", "      - id: get\n        http: " + get + "\n      - return: { person: \"${ steps.get.body }\" }", "      - forEach: ${ [input.id] }\n        as: u\n        steps: [ { http: { method: GET, path: \"${ '/x/' + u }\" } } ]", "", ""},
		{"a host of a list that the caller gives", "      - id: get\n        http: " + get + "\n      - return: { person: \"${ steps.get.body }\" }", "      - forEach: ${ input.id }\n        as: u\n        steps: [ { http: { method: GET, path: \"${ u.url }\" } } ]", "SW016", "The whole address comes from an input"},
		{"a path that is an input behind a slash", get, `{ method: GET, path: "${ '/' + input.id }" }`, "", ""},
		{"a path that begins with an input, which is escaped", get, `{ method: GET, path: "${ input.id }/x" }`, "", ""},
		{"a helper that an action gives its input", "actions:\n", "helpers:" + ask + "actions:\n  - name: Read Person\n    description: Reads it.\n    inputs: [ { key: id, label: ID, type: text } ]\n    steps: [ { call: Ask, with: { u: \"${ input.id }\" } } ]\n", "SW016", "The whole address comes from an input"},
		{"a helper that an action gives a path", "actions:\n", "helpers:" + ask + "actions:\n  - name: Read Person\n    description: Reads it.\n    inputs: [ { key: id, label: ID, type: text } ]\n    steps: [ { call: Ask, with: { u: \"/people/${ input.id }\" } } ]\n", "", ""},
		{"requests that are not sent again", "  ping:\n", "  retry: { on: [500], max: 0 }\n  ping:\n", "SW021", "max is 0"},
		{"requests that are not sent again after 429", "  ping:\n", "  retry: { on: [500] }\n  ping:\n", "SW021", "on leaves 429 out"},
		{"a wait of ten minutes between two", "  ping:\n", "  retry: { on: [429], maxWait: 10m }\n  ping:\n", "SW021", "up to 10m0s"},
		{"requests that are sent again after 429", "  ping:\n", "  retry: { on: [429] }\n  ping:\n", "", ""},

		{"an event", "actions:\n", polling + "actions:\n", "", ""},
		{"a key in a step of an event", "actions:\n", strings.Replace(polling, "path: /changes", "path: /changes, headers: { X-Key: "+key+" }", 1) + "actions:\n", "SW015", "http.headers holds"},
		{"plain http in a step of an event", "actions:\n", strings.Replace(polling, "path: /changes", "path: http://api.acme.example/changes", 1) + "actions:\n", "SW016", "plain http"},
		{"a key in what an event compares", "actions:\n", strings.Replace(polling, "item.id", "item.id + '"+key+"'", 1) + "actions:\n", "SW015", "dedupeBy holds"},
		{"a webhook", "actions:\n", webhook + "actions:\n", "", ""},
		{"a webhook that anybody may call", "actions:\n", strings.Replace(webhook, "    hmac:", "    # hmac:", 1) + "actions:\n", "SW026", `"Person Left" believes whoever knows its address`},
		{"a webhook whose secret everybody reads", "actions:\n", strings.Replace(webhook, "${ registration.secret }", "hunter2", 1) + "actions:\n", "SW015", "The secret of hmac stands in the file"},
		{"a key in what a webhook registers with", "actions:\n", strings.Replace(webhook, "path: /hooks,", "path: /hooks, headers: { X-Key: "+key+" },", 1) + "actions:\n", "SW015", "http.headers holds"},
		{"a connection that proves nothing", `"${ 'Bearer ' + conn.api_token }"`, "Bearer of bad news", "SW027", `The way to connect "token" puts no secret`},
		{"a connection that puts nothing on requests", "      apply: { headers: { Authorization: \"${ 'Bearer ' + conn.api_token }\" } }\n", "", "SW027", ""},
		{"a connection that a ping proves", "      apply: { headers: { Authorization: \"${ 'Bearer ' + conn.api_token }\" } }\n  ping:\n    http: { method: GET, path: /me }", "  ping:\n    http: { method: GET, path: /me, headers: { X-Token: \"${ conn.api_token }\" } }", "", ""},
		{"a connection with a secret in each address", "      apply: { headers: { Authorization: \"${ 'Bearer ' + conn.api_token }\" } }\n  ping:\n    http: { method: GET, path: /me }", "  ping:\n    http: { method: GET, path: \"/${ conn.api_token }/me\" }", "", ""},
		{"no connection", "type: custom", "type: none", "", ""},
		{"an icon", "key: acme,", "key: acme, icon: ./icon.png,", "", ""},
		{"an icon that is not there", "key: acme,", "key: acme, icon: ./logo.png,", "SW013", `There is no file "./logo.png"`},
		{"a helper that calls itself", "actions:\n", "helpers: [ { name: Ask, steps: [ { call: Ask } ] } ]\nactions:\n", "SW018", `The helper "Ask" calls itself`},
		{"a helper that calls itself where it must", "actions:\n", "helpers: [ { name: Ask, inputs: [ { key: n, label: N, type: number } ], steps: [ { if: \"${ input.n > 0 }\", then: [ { call: Ask, with: { n: \"${ input.n - 1 }\" } } ] } ] } ]\nactions:\n", "SW024", "more than 40 times"},
		{"a helper that ends before it calls itself", "actions:\n", "helpers: [ { name: Ask, inputs: [ { key: n, label: N, type: number } ], steps: [ { if: \"${ input.n > 0 }\", then: [ { return: 1 } ] }, { call: Ask } ] } ]\nactions:\n", "SW024", `"Ask"`},
		{"a helper that calls another", "actions:\n", "helpers: [ { name: Ask, steps: [ { call: Tell } ] }, { name: Tell, steps: [ { return: 1 } ] } ]\nactions:\n", "", ""},
		{"what a contract promises", "actions:\n", users("resources: [], pagination: { nextCursor: x }"), "", ""},
		{"what a contract promises, misspelt", "actions:\n", users("ressources: []"), "SW017", `promises "resources", which this return leaves out. Was "ressources" meant to be it?`},
		{"what a contract promises, left out", "actions:\n", users("pagination: { nextCursor: x }"), "SW017", `promises "resources", which this return leaves out.`},
		{"what a contract promises, left out on a branch", "actions:\n", strings.Replace(users("resources: []"), "      - return:", "      - { if: \"${ input.pagination == null }\", then: [ { return: { items: [] } } ] }\n      - return:", 1), "SW017", "leaves out"},
		{"what a contract promises, never returned", "actions:\n", strings.Replace(users("x: 1"), "- return:", "- set:", 1), "SW017", "the action returns nothing"},
		{"what a contract promises, still to be written", "actions:\n", strings.Replace(users("message: x"), "- return:", "- fail:", 1), "", ""},
		{"what a contract promises, computed", "actions:\n", strings.Replace(users(""), "return: {  }", `return: "${ input }"`, 1), "", ""},
		{"an address that the API gave", get, `{ method: GET, path: "${ 'https://api.acme.example' + '/x' }" }`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(written, tt.old, tt.new, 1)
			if text == written && tt.old != "" {
				t.Fatal("the row changes nothing")
			}
			c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}, "icon.png": {}})
			if err != nil {
				t.Fatal(err)
			}
			found := append(c.Findings, lint.Check(c, lint.Options{})...)
			if tt.code == "" && len(found) > 0 {
				t.Errorf("findings %v, want none", found)
			}
			if tt.code != "" && (len(found) != 1 || found[0].Code != tt.code || !strings.Contains(found[0].Message, tt.says) || found[0].Src.Line == 0) {
				t.Errorf("findings %v, want one %s that says %q, with a line", found, tt.code, tt.says)
			}
		})
	}
}
