package scimtest

import (
	"fmt"
	"strings"
	"testing"
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
