package scimtest

import (
	"fmt"
	"testing"
)

// knocking is a request with the header Authorization as it is given; "" sends none.
func knocking(authorization, method, path, body string) func(*wire) string {
	return func(w *wire) string { return short(w.call(method, path, body, "Authorization", authorization)) }
}

const anySearch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`

var guardRows = []row{
	{"auth.all-methods/groups", func(w *wire) string {
		return knocking("", "POST", "/Groups", groupBody("x"))(w) + knocking("", "DELETE", "/Users/nope", "")(w)
	}, "401 401401 401", "201 401 401"},
	{"auth.all-methods/group-changes", func(w *wire) string {
		return knocking("", "DELETE", "/Groups/"+w.group("x").ID(), "")(w) + knocking("", "POST", "/Groups", groupBody("y"))(w)
	}, "401 401401 401", "204 401 401"},
	{"auth.all-methods/group", func(w *wire) string {
		return knocking("", "GET", "/Groups/"+w.group("x").ID(), "")(w) + knocking("", "GET", "/Groups", "")(w)
	}, "401 401401 401", "200 401 401"},
	{"auth.all-methods/search-users", knocking("", "POST", "/Users/.search", anySearch), "401 401", "200 "},
	{"auth.all-methods/search-groups", knocking("", "POST", "/Groups/.search", anySearch), "401 401", "200 "},
	{"auth.all-methods/search", knocking("", "POST", "/.search", anySearch), "401 401", "200 "},
	{"auth.all-methods/bulk", knocking("", "POST", "/Bulk",
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/nope"}]}`), "401 401", "200 "},
	{"auth.all-methods/made-up", func(w *wire) string {
		return knocking("Bearer x", "POST", "/Users", userBody("x", ""))(w) + knocking("Bearer x", "GET", "/Users", "")(w)
	}, "401 401401 401", "201 401 401"},
	{"auth.all-methods/empty", func(w *wire) string {
		return knocking("Bearer ", "POST", "/Users", userBody("x", ""))(w) + knocking("Bearer ", "GET", "/Users", "")(w)
	}, "401 401401 401", "201 401 401"},
	{"auth.malformed-401/empty", func(w *wire) string {
		return knocking("Bearer ", "GET", "/Users", "")(w) + knocking("non-token", "GET", "/Users", "")(w)
	}, "401 401401 401", "200 401 401"},
	{"auth.all-methods/late", func(w *wire) string {
		return knocking("Bearer x", "POST", "/Users", userBody("x", ""))(w) + fmt.Sprint(" ", w.get("/Users").total())
	}, "401 401 0", "401 401 1"},
}

// Those defects that share a check have names of their own.
func TestDefectsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Defects() {
		if seen[d.Name] || d.Check() == "" {
			t.Errorf("%s is there twice, or no check looks for it", d.Name)
		}
		seen[d.Name] = true
	}
}
