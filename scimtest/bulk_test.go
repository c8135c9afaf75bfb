package scimtest

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/scim"
)

func bulkBody(ops string) string { return `{"schemas":["` + scim.SchemaBulkRequest + `"],` + ops + `}` }

// statuses are those of a bulk answer's operations, in order.
func statuses(r reply) string {
	var all []string
	list, _ := r.object["Operations"].([]any)
	for _, element := range list {
		all = append(all, scim.Resource(element.(map[string]any)).String("status"))
	}
	return fmt.Sprint(r.status, " ", strings.Join(all, " "))
}

func result(r reply, i int) scim.Resource { return r.object["Operations"].([]any)[i].(map[string]any) }

func TestBulkObeysRFC7644(t *testing.T) {
	w := start(t)
	ann := w.user("ann", "")
	r := w.call("POST", "/Bulk", bulkBody(`"Operations":[{"method":"POST","path":"/Users","bulkId":"b","data":`+userBody("bob", "")+`},
		{"method":"PATCH","path":"/Users/`+ann.ID()+`","version":"W/\"x\"","data":`+patchBody(`{"op":"remove","path":"title"}`)+`},
		{"method":"put","path":"/Users/`+ann.ID()+`","data":`+userBody("anna", "")+`},
		{"method":"POST","path":"/Users","bulkId":"c","data":`+userBody("BOB", "")+`},
		{"method":"POST","path":"/Users","data":`+userBody("dora", "")+`},
		{"method":"GET","path":"/Users"},{"method":"POST","path":"/Bulk","bulkId":"d"},{"method":"POST","path":"/Users/.search","bulkId":"e"},
		{"method":"DELETE","path":"/Users/`+ann.ID()+`"}]`))
	expect(t, "statuses", statuses(r), "200 201 412 200 409 400 400 404 400 204")
	expect(t, "schemas", strings.Join(r.object.Schemas(), " "), bulkResponse)
	bob := w.filter(`userName eq "bob"`).resources()[0]
	for name, want := range map[string]any{"location": w.base + "/Users/" + bob.ID(), "bulkId": "b", "method": "POST", "version": bob.String("meta.version"), "response": nil} {
		expect(t, name, result(r, 0)[name], want)
	}
	expect(t, "location of a failed POST", result(r, 3)["location"], nil)
	expect(t, "response of a failed POST", scim.Resource(result(r, 3)["response"].(map[string]any)).String("scimType"), "uniqueness")
	expect(t, "location of a DELETE", result(r, 8).String("location"), w.base+"/Users/"+ann.ID())
	expect(t, "nobody else", w.get("/Users").total(), 1)

	for name, one := range map[string]struct{ ops, want string }{
		"it stops after an error": {`"failOnErrors":1,"Operations":[{"method":"DELETE","path":"/Users/x"},{"method":"DELETE","path":"/Users/x"}]`, "200 404"},
		"it goes on":              {`"Operations":[{"method":"DELETE","path":"/Users/x"},{"method":"DELETE","path":"/Users/x"}]`, "200 404 404"},
		"no operation":            {`"Operations":[]`, "400 "},
		"no object":               {`"Operations":[1]`, "400 "},
		"too many":                {`"Operations":[1` + strings.Repeat(",1", maxOperations) + `]`, "413 "},
		"too long":                {`"Operations":[` + strings.Repeat(" ", maxPayload) + `]`, "413 "},
	} {
		expect(t, name, statuses(w.call("POST", "/Bulk", bulkBody(one.ops))), one.want)
	}
	expectError(t, "another schema", w.call("POST", "/Bulk", "{}"), 400, "invalidSyntax")
	expectError(t, "another method", w.get("/Bulk"), 405, "")
}

func TestBulkIDsObeyRFC7644(t *testing.T) {
	w := start(t)
	r := w.call("POST", "/Bulk", bulkBody(`"Operations":[{"method":"POST","path":"/Groups","bulkId":"g","data":`+groupBody("Crew", "bulkId:u")+`},
		{"method":"PATCH","path":"/Users/bulkId:u","data":`+patchBody(`{"op":"add","path":"title","value":"Boss"}`)+`},
		{"method":"POST","path":"/Users","bulkId":"u","data":`+userBody("jane", "")+`},
		{"method":"POST","path":"/Groups","bulkId":"h","data":`+groupBody("Lost", "bulkId:nobody")+`}]`))
	expect(t, "statuses", statuses(r), "200 201 200 201 400")
	user := w.get("/Users").resources()[0]
	expect(t, "a reference forwards", members(w.get("/Groups").resources()[0]), user.ID())
	expect(t, "a reference in a path", user.String("title"), "Boss")

	r = w.call("POST", "/Bulk", bulkBody(`"Operations":[{"method":"POST","path":"/Groups","bulkId":"a","data":`+groupBody("A", "bulkId:b")+`},
		{"method":"POST","path":"/Groups","bulkId":"b","data":`+groupBody("B", "bulkId:a")+`}]`))
	expect(t, "a circle", statuses(r), "200 201 201")
	groups := w.get("/Groups").resources()
	a, b := groups[1], groups[2]
	expect(t, "a circle", fmt.Sprint(members(a) == b.ID(), members(b) == a.ID()), "true true")
}

// inBulk sends operations, in which USER stands for Jane's id, and tells what came of each.
func inBulk(ops string) func(*wire) string {
	return func(w *wire) string {
		id := jane(w)
		return statuses(w.call("POST", "/Bulk", bulkBody(strings.ReplaceAll(ops, "USER", id)))) + " " + w.get("/Users/"+id).object.String("title")
	}
}

// grouped tells who is in the groups that a bulk request makes.
func grouped(ops string) func(*wire) string {
	return func(w *wire) string {
		r := w.call("POST", "/Bulk", bulkBody(`"Operations":[`+ops+`]`))
		text := statuses(r)
		for _, group := range w.get("/Groups").resources() {
			text += fmt.Sprint(" ", len(membersOf(group)))
		}
		return text
	}
}

const twoErrors = `"Operations":[{"method":"DELETE","path":"/Users/x"},{"method":"DELETE","path":"/Users/x"}]`

var bulkRows = []row{
	{"bulk.unsupported", func(w *wire) string {
		return w.get("/ServiceProviderConfig").object.String("bulk.supported") + " " + statuses(w.call("POST", "/Bulk", bulkBody(twoErrors)))
	}, "true 200 404 404", "false 200 "},
	{"bulk.basic", inBulk(`"Operations":[{"method":"PATCH","path":"/Users/USER","data":` + patchBody(`{"op":"add","path":"title","value":"Chief"}`) + `}]`), "200 200 Chief", "200 200 Boss"},
	{"bulk.result-shape", func(w *wire) string {
		return fmt.Sprint(result(w.call("POST", "/Bulk", bulkBody(twoErrors)), 0)["response"] != nil)
	}, "true", "false"},
	{"bulk.bulkid-ref", grouped(`{"method":"POST","path":"/Groups","bulkId":"g","data":` + groupBody("Crew", "bulkId:u") +
		`},{"method":"POST","path":"/Users","bulkId":"u","data":` + userBody("ann", "") + `}`), "200 201 201 1", "200 201 201 0"},
	{"bulk.circular", grouped(`{"method":"POST","path":"/Groups","bulkId":"a","data":` + groupBody("A", "bulkId:b") +
		`},{"method":"POST","path":"/Groups","bulkId":"b","data":` + groupBody("B", "bulkId:a") + `}`), "200 201 201 1 1", "200 201 201 0 0"},
	{"bulk.failonerrors", inBulk(`"failOnErrors":1,` + twoErrors), "200 404 Boss", "200 404 404 Boss"},
	{"bulk.partial", inBulk(twoErrors), "200 404 404 Boss", "200 404 Boss"},
	{"bulk.max-413", inBulk(`"Operations":[1` + strings.Repeat(",1", maxOperations) + `]`), "413  Boss", "400  Boss"},
}
