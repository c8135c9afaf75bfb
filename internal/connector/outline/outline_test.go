package outline_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/connector"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/outline"
	"slipway/internal/require"
)

// acme is a small connector with everything that a reviewer meets.
func acme() *flopacktest.File {
	in, from, is := flopacktest.In, flopacktest.From, flopacktest.Is
	helper := flopacktest.NewFlow("httpHelper")
	helper.Description = "Asks the API,\nwith the token of the connection."
	start := helper.Start(in("connection", nil).Of("object"), in("path", "").Label("Relative URL").Needed(), in("tags", nil).List())
	key := in("X-Api-Key", "")
	key.Holding("ab" + "12" + strings.Repeat("cd34", 9)) // looks like a key
	headers := helper.Add("object/construct", "Headers", from("Authorization", start.Out("connection", "object").Part("token")), key, in("Client Secret", "hunter2hunter2"))
	url := helper.Add("string/compose", "Compose", in("_text_", "https://api.acme.example{{{p1}}}?tags={{{p2}}}"), from("p1", start.Out("path", "string")), from("p2", start.Out("tags", "string")).Through("stringify"))
	call := helper.Add("http/raw", "Raw Request", from("url", url.Out("output", "string")), in("method", "GET"), from("headers", headers.Out("output", "object"))).Retry()
	helper.Add("control/return", "Return", from("body", call.Out("body", "string")).Of("object").Through("parse"), from("statusCode", call.Out("statusCode", "number")))

	action := flopacktest.NewFlow("Find User")
	event := action.Event("connector_action", in("name_1", "").In("Inputs").Label("Name").Needed())
	name := event.OutIn("Inputs", "name_1", "string")
	action.Comment("Why twice", "The API **forgets** a user for a second after it was made.")
	action.Add("control/throwIf", "Return Error If", append(is(from("", name), "is empty", ""), in("message", "No Name input provided. Enter a valid Name."), in("statusCode", 400))...)
	first := action.Add("control/spawn", "Call Flow", flopacktest.Calls(helper), from("connection", event.OutIn("auth", "blob", "object")), in("path", "/users"))
	body := first.Out("body", "object")
	var again, once *flopacktest.Output
	choice := action.If(is(from("", body.Part("id")), "is empty", "")...)
	choice.Then(func() {
		try := action.Add("control/tryCatch", "If Error")
		inner := try.Inside()
		second := inner.Add("control/spawn", "Call Flow", flopacktest.Calls(helper), in("path", "/users/latest"))
		inner.Add("control/return", "Return", from("user", second.Out("body", "object")), from("asked", inner.Outer(name)))
		catch := try.Inside()
		catch.Add("control/return", "Return", from("user", catch.Given("error").Part("errors", "message")))
		again = try.Try(inner, catch).Out("user", "object")
	}).Else(func() { once = action.Let(from("user", body)).Out("user", "object") })
	joined := choice.Join(map[string][2]*flopacktest.Output{"user": {again, once}})
	action.Add("list/asyncEach", "For Each - Ignore Errors", from("list", joined.Out("user", "string").Part("groups")), flopacktest.Calls(helper), in("path", "").Item("url"), in("concurrency", 5)).
		Policy("flo", "flo", helper.ID)
	action.Add("control/return", "Return Outputs", from("user_1", joined.Out("user", "string")).In("Outputs").Label("User"))
	return flopacktest.New(action, helper)
}

func TestPrint(t *testing.T) {
	f := flopack.Read("acme.folder", acme().Bytes())
	p, linked := flopack.Link(f)
	if all := append(f.Findings, linked...); len(all) > 0 {
		t.Fatalf("the file is unsound: %v", all)
	}
	var b strings.Builder
	if err := outline.Print(&b, &connector.Connector{Program: p}); err != nil {
		t.Fatal(err)
	}
	asWanted(t, "acme.txt", b.String())
}

const written = `
apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: acme, name: Acme, description: People of Acme. }
connection:
  baseUrl: https://${ conn.zone }.acme.example/v2
  allowedHosts: ["*.acme.example"]
  auth:
    - id: token
      label: Token
      type: custom
      fields:
        - { key: zone, label: Zone, type: choice, choices: [eu, us], default: eu }
        - { key: api_token, label: Token, type: secret, default: hunter2hunter2 }
      apply: { headers: { Authorization: "Bearer ${ conn.api_token }", X-Api-Key: hunter2hunter2 }, query: { v: "2" } }
    - { id: code, label: Sign in, type: oauth2-code, tokenUrl: https://id.acme.example/token, authorizeUrl: https://id.acme.example/agree, scopes: [people, teams] }
  retry: { on: [429, 503], max: 2, maxWait: 30s }
  errors: { 404: { type: RESOURCE_NOT_FOUND, code: gone } }
  ping: { http: { method: GET, path: /me } }
events:
  - name: Person Changed
    description: Tells who changed.
    kind: polling
    minInterval: 5m
    cursor: { initial: "${ now() }" }
    steps: [ { id: page, http: { method: GET, path: /changes } } ]
    emit: ${ steps.page.body }
    dedupeBy: ${ item.id }
  - name: Person Left
    kind: webhook
    register: [ { http: { method: POST, path: /hooks } } ]
    hmac: { header: X-Signature, algorithm: sha1, secret: hunter2hunter2 }
    emit: ${ [body] }
  - name: Person Came
    kind: webhook
    emit: ${ [body] }
`

// A reviewer sees where requests go, as whom, how often, and who may deliver; and no secret.
func TestPrintWhatIsWrittenAsText(t *testing.T) {
	c, err := connector.Load(fstest.MapFS{"connector.yaml": {Data: []byte(written)}})
	if err != nil || len(c.Findings) > 0 {
		t.Fatal(err, c.Findings)
	}
	var b strings.Builder
	if err := outline.Print(&b, c); err != nil {
		t.Fatal(err)
	}
	asWanted(t, "written.txt", b.String())
}

// asWanted holds what was printed against a file, and looks for secrets in it.
func asWanted(t *testing.T, name, printed string) {
	t.Helper()
	require.Drawn(t, "internal/connector/outline/testdata/"+name, printed)
	for _, secret := range []string{"hunter2", "cd34cd34"} {
		if strings.Contains(printed, secret) {
			t.Errorf("it shows the secret %q", secret)
		}
	}
}

// A file may have the editor's own cards in a chain, each with two wires to the one before it: followed to the end, a name
// would double at each.
func TestPrintEndsWhereWiresMultiply(t *testing.T) {
	f := flopacktest.NewFlow("Main")
	before := f.Start(flopacktest.In("a", nil).Of("object")).Out("a", "object")
	for range 200 {
		next := f.Add("object/expand", "x", flopacktest.From("object", before))
		next.Model["displayed"] = false
		out := next.OutIn("g", "value", "object")
		out.Meta = flopacktest.Tree{"path": []any{"b"}}
		targets := before.Card().Pins()[before.ID()].(flopacktest.Tree)
		targets[next.ID] = append(targets[next.ID].([]any), targets[next.ID].([]any)...)
		before = out
	}
	f.Add("control/return", "Return", flopacktest.From("out", before))
	p, _ := flopack.Link(flopack.Read("x.flow", flopacktest.New(f).Bytes()))
	var b strings.Builder
	if err := outline.Print(&b, &connector.Connector{Program: p}); err != nil || b.Len() > 10_000 {
		t.Errorf("error %v, %d bytes; want at most 10,000", err, b.Len())
	}
}
