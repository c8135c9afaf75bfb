package scimtest

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/scim"
)

func TestETagsObeyRFC7644(t *testing.T) {
	w := start(t)
	created := w.call("POST", "/Users", userBody("jane", person))
	path, first := "/Users/"+created.object.ID(), created.header.Get("ETag")
	if !strings.HasPrefix(first, `W/"`) || first != created.object.String("meta.version") {
		t.Errorf("ETag %s, meta.version %s", first, created.object.String("meta.version"))
	}
	expect(t, "the same as long as nothing changes", w.get(path).header.Get("ETag"), first)
	for _, known := range []string{first, strings.TrimPrefix(first, "W/"), "*", `"x", ` + first} {
		r := w.call("GET", path, "", "If-None-Match", known)
		expect(t, "If-None-Match: "+known, fmt.Sprint(r.status, r.text, r.header.Get("ETag")), "304"+first)
	}
	expect(t, "another tag", w.call("GET", path, "", "If-None-Match", `W/"x"`).status, 200)

	title := patchBody(`{"op":"replace","path":"title","value":"Chief"}`)
	patched := w.call("PATCH", path, title, "If-Match", first)
	expect(t, "the current tag", patched.status, 200)
	second := patched.header.Get("ETag")
	if second == first || second != w.get(path).header.Get("ETag") {
		t.Errorf("a change has the tag %s after %s", second, first)
	}
	expect(t, "nothing changed", w.call("PATCH", path, title).header.Get("ETag"), second)
	expectError(t, "a stale tag", w.call("PATCH", path, patchBody(`{"op":"remove","path":"title"}`), "If-Match", first), 412, "")
	expectError(t, "a stale tag", w.call("PUT", path, userBody("jane", ""), "If-Match", first), 412, "")
	expectError(t, "a stale tag", w.call("DELETE", path, "", "If-Match", first), 412, "")
	expectError(t, "what must not be there", w.call("PUT", path, userBody("jane", ""), "If-None-Match", "*"), 412, "")
	expect(t, "unchanged", w.get(path).header.Get("ETag"), second)
	expect(t, "any", w.call("PUT", path, userBody("jane", ""), "If-Match", "*").status, 200)
	expect(t, "joining a group shows in the user", w.group("Crew", created.object.ID()).ID() != "" && w.get(path).header.Get("ETag") != second, true)
	expect(t, "the current tag", w.call("DELETE", path, "", "If-Match", w.get(path).header.Get("ETag")).status, 204)
	expectError(t, "nobody", w.call("DELETE", path, "", "If-Match", "*"), 404, "")
}

// conditionally does something to Jane with a header in which TAG stands for her tag, and tells the status.
func conditionally(method, header, tag string) func(*wire) string {
	return func(w *wire) string {
		path, body := "/Users/"+jane(w), ""
		if method == "PUT" {
			body = userBody("jane", `"title":"Chief"`)
		}
		now := w.get(path).object.String("meta.version")
		return fmt.Sprint(w.call(method, path, body, header, strings.ReplaceAll(tag, "TAG", now)).status)
	}
}

var etagRows = []row{
	{"etag.header", func(w *wire) string { return fmt.Sprint(w.get("/Users/"+jane(w)).header.Get("ETag") != "") }, "true", "false"},
	{"etag.weak-prefix", func(w *wire) string {
		return fmt.Sprint(strings.HasPrefix(w.get("/Users/"+jane(w)).header.Get("ETag"), `W/"`))
	}, "true", "false"},
	{"etag.meta-version", func(w *wire) string {
		r := w.get("/Users/" + jane(w))
		return fmt.Sprint(r.object.String("meta.version") == r.header.Get("ETag"))
	}, "true", "false"},
	{"etag.changes", func(w *wire) string {
		path := "/Users/" + jane(w)
		first := w.get(path).header.Get("ETag")
		return fmt.Sprint(w.call("PUT", path, userBody("jane", "")).header.Get("ETag") == first)
	}, "false", "true"},
	{"etag.if-none-match-304", conditionally("GET", "If-None-Match", "TAG"), "304", "200"},
	{"etag.if-match-412", conditionally("PUT", "If-Match", `W/"x"`), "412", "200"},
	{"etag.if-match-ok", conditionally("PUT", "If-Match", "TAG"), "200", "412"},
	{"etag.if-match-star", conditionally("PUT", "If-Match", "*"), "200", "412"},
	{"etag.absent-tolerated", func(w *wire) string {
		path := "/Users/" + jane(w)
		return fmt.Sprint(w.call("PUT", path, userBody("jane", ""), "If-Match", "*").status, w.call("PUT", path, userBody("jane", "")).status)
	}, "200 200", "200 428"},
	{"etag.delete", conditionally("DELETE", "If-Match", `W/"x"`), "412", "204"},
	{"etag.unadvertised-consistent", read("/ServiceProviderConfig", func(r scim.Resource) string { return r.String("etag.supported") }), "true", "false"},
}
