package scimtest

import (
	"fmt"
	"strings"
)

// header tells one of the headers of the answer about Jane.
func header(name string, sent ...string) func(*wire) string {
	return func(w *wire) string { return w.call("GET", "/Users/"+jane(w), "", sent...).header.Get(name) }
}

var securityRows = []row{
	{"sec.headers", header("Cache-Control"), "private", "public, max-age=60"},
	{"sec.cors", header("Access-Control-Allow-Origin", "Origin", "https://example.com"), "", "https://example.com"},
	{"sec.mass-assignment", func(w *wire) string { return fmt.Sprint(w.user("jane", `"isAdmin":true`)["isAdmin"]) }, "<nil>", "true"},
	{"sec.method-override", func(w *wire) string {
		w.call("GET", "/Users/"+jane(w), "", "X-HTTP-Method-Override", "DELETE")
		return fmt.Sprint(w.get("/Users").total())
	}, "1", "0"},
	{"sec.externalid", func(w *wire) string {
		r := w.call("POST", "/Users", userBody("kim", `"externalId":"`+jane(w)+`"`))
		return fmt.Sprint(r.status, w.get("/Users").total())
	}, "201 2", "201 1"},
	{"sec.externalid/path", func(w *wire) string {
		id := jane(w)
		w.user("kim", `"externalId":"`+id+`"`)
		return w.get("/Users/" + id).object.UserName()
	}, "jane", "kim"},
	{"sec.externalid/conflict", func(w *wire) string {
		return short(w.call("POST", "/Users", userBody("kim", `"externalId":"`+jane(w)+`"`)))
	}, "201 ", "409 409"},
	{"sec.json-bomb", posted("/Users", userBody("jane", `"nickName":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000))), "400 400invalidSyntax", "500 500"},
	{"sec.no-pii-in-url", func(w *wire) string { return fmt.Sprint(strings.HasSuffix(jane(w), ".jane")) }, "false", "true"},
	{"sec.idor", func(w *wire) string { return fmt.Sprint(strings.HasSuffix(jane(w), "1001")) }, "false", "true"},
	{"sec.cookie", header("Set-Cookie"), "", "SESSIONID=1; Path=/; HttpOnly"},
	{"sec.error-no-stack", func(w *wire) string { return w.call("PUT", "/Users", "").header.Get("Content-Type") }, "application/scim+json", "text/html; charset=utf-8"},
}
