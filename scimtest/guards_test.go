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

// Each door between tenants is a switch of its own: what is open to the second tenant is what its name says.
func TestDoorsBetweenTenants(t *testing.T) {
	other := []string{"Authorization", "Bearer " + tenantToken}
	search := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"id pr"}`
	found := func(path string) func(*wire, string) string {
		return func(w *wire, _ string) string { return fmt.Sprint(w.call("POST", path, search, other...).total()) }
	}
	for _, tt := range []struct {
		defect        string
		tried         func(w *wire, group string) string
		sound, broken string
	}{
		{"auth.tenant-isolation/group", func(w *wire, id string) string { return short(w.call("GET", "/Groups/"+id, "", other...)) }, "404 404", "200 "},
		{"auth.tenant-isolation/group-patch", func(w *wire, id string) string {
			return short(w.call("PATCH", "/Groups/"+id, patchBody(`{"op":"replace","path":"displayName","value":"y"}`), other...))
		}, "404 404", "200 "},
		{"auth.tenant-isolation/group-delete", func(w *wire, id string) string { return short(w.call("DELETE", "/Groups/"+id, "", other...)) }, "404 404", "204 "},
		{"auth.tenant-isolation/search-users", found("/Users/.search"), "0", "1"},
		{"auth.tenant-isolation/search-groups", found("/Groups/.search"), "0", "1"},
		{"auth.tenant-isolation/search", found("/.search"), "0", "2"},
		{"auth.tenant-isolation/bulk", func(w *wire, id string) string {
			w.call("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Groups/`+id+`"}]}`, other...)
			return fmt.Sprint(w.get("/Groups").total())
		}, "1", "0"},
	} {
		for opts, want := range map[string]string{"": tt.sound, tt.defect: tt.broken} {
			with := []Option{WithTenant(tenantToken)}
			if opts != "" {
				with = append(with, WithDefects(opts))
			}
			w := start(t, with...)
			jane(w)
			if got := tt.tried(w, w.group("x").ID()); got != want {
				t.Errorf("%q, defect %q: got %q, want %q", tt.defect, opts, got, want)
			}
		}
	}
}
