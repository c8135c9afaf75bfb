package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/manifest"
)

const base = "https://rota.example.com/scim/v2"

func TestContentThereAndBack(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	var saved struct {
		Version int64
		Content map[string]any
		Cleared []string
	}
	got := vendor.must("PUT", path+"/content", sample(base), &saved, "If-Match", `"1"`)
	if saved.Version != 2 || got.Header.Get("ETag") != `"2"` {
		t.Errorf("saved as version %d, ETag %s; want 2", saved.Version, got.Header.Get("ETag"))
	}
	var sent, read map[string]any
	data, err := json.Marshal(sample(base))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &sent); err != nil {
		t.Fatal(err)
	}
	vendor.must("GET", path+"/content", nil, &read)
	if diff := cmp.Diff(sent, read); diff != "" {
		t.Errorf("sent and read (-sent +read):\n%s", diff)
	}
	if diff := cmp.Diff(saved.Content, read); diff != "" {
		t.Errorf("answered and read (-answered +read):\n%s", diff)
	}
	if got := vendor.must("PUT", path+"/content", read, nil, "If-Match", `"2"`); got.Header.Get("ETag") != `"2"` {
		t.Errorf("what was read, sent back, is a new version: %s", got.Header.Get("ETag"))
	}
}

func TestPatchContent(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PUT", path+"/content", sample(base), nil, "If-Match", vendor.etag(path))
	for _, tt := range []struct {
		name, patch string
		kind        string
		want        func(manifest.Content) bool
	}{
		{"a field that is sent changes, all others stay", `{"website": "https://acme.example.com"}`, "application/json", func(c manifest.Content) bool {
			return c.Text("website") == "https://acme.example.com" && c.Text("name") == "Acme Rota" && c.Yes("scim.enabled")
		}},
		{"null empties a field", `{"website": null}`, "application/merge-patch+json", func(c manifest.Content) bool { return c.Get("website") == nil && c.Text("name") == "Acme Rota" }},
		{"null empties a group of fields", `{"testAccount": null}`, "application/merge-patch+json", func(c manifest.Content) bool {
			return c.Get("testAccount.url") == nil && c.Get("testAccount.username") == nil
		}},
		{"an empty text empties a field", `{"escalationContact": ""}`, "application/merge-patch+json; charset=utf-8", func(c manifest.Content) bool { return c.Get("escalationContact") == nil }},
		{"an empty list empties a field", `{"supportContacts": []}`, "application/json", func(c manifest.Content) bool { return c.Get("supportContacts") == nil }},
		{"a field in a group, and one beside it", `{"scim": {"patch": false}, "existing": true}`, "application/json", func(c manifest.Content) bool {
			return !c.Yes("scim.patch") && c.Yes("existing") && c.Yes("scim.usernameIsEmail")
		}},
		{"nothing", `{}`, "application/json", func(c manifest.Content) bool { return c.Text("name") == "Acme Rota" }},
	} {
		var content manifest.Content
		vendor.must("PATCH", path+"/content", tt.patch, nil, "If-Match", vendor.etag(path), "Content-Type", tt.kind)
		text, _ := vendor.stored(path)
		if err := json.Unmarshal([]byte(text), &content); err != nil {
			t.Fatal(err)
		}
		if !tt.want(content) {
			t.Errorf("%s: %s leaves %s", tt.name, tt.patch, text)
		}
	}
}

// with returns the whole sample with one more member, which may occur a second time.
func with(member string) string {
	data, err := json.Marshal(sample(base))
	if err != nil {
		panic(err) // text, lists and booleans
	}
	return strings.TrimSuffix(string(data), "}") + "," + member + "}"
}

// Covers R-041, H-29, H-30: whatever cannot be taken is refused as a whole, with an entry for each field, and what is
// stored stays as it is, byte by byte.
func TestRefusedContentChangesNothing(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PUT", path+"/content", sample(base), nil, "If-Match", vendor.etag(path))
	before, version := vendor.stored(path)
	deep := strings.Repeat(`{"scim":`, 11_000) + "1" + strings.Repeat("}", 11_000)
	for _, tt := range []struct {
		name, body string
		fields     []string // of the problem, in any order; nil for none in particular
	}{
		{"an unknown key", with(`"wibsite": "https://acme.example.com"`), []string{"wibsite"}},
		{"an unknown key in a group", `{"scim": {"baseURL": "https://acme.example.com"}}`, []string{"scim.baseURL"}},
		{"an unknown key in a row", `{"supportContacts": [{"type": "email", "value": "help@example.com", "admin": "yes"}]}`, []string{"supportContacts.0.admin"}},
		{"a dotted key", `{"scim.enabled": false}`, []string{"scim.enabled"}},
		{"a key that occurs twice", with(`"name": "Other"`), []string{"name"}},
		{"a key that occurs twice in a group", `{"scim": {"patch": true, "patch": false}}`, []string{"scim.patch"}},
		{"__proto__", `{"__proto__": {"state": "published"}}`, []string{"__proto__"}},
		{"mass assignment", `{"state": "published", "org_id": "org_evil", "verified": true, "id": "sub_x", "created_by": "me", "hash": "x"}`,
			[]string{"created_by", "hash", "id", "org_id", "state", "verified"}},
		{"text for a yes", `{"existing": "false"}`, []string{"existing"}},
		{"a number for a text", `{"name": 7}`, []string{"name"}},
		{"a list for a text", `{"name": ["Acme"]}`, []string{"name"}},
		{"an object for a text", `{"name": {"en": "Acme"}}`, []string{"name"}},
		{"a text for a list", `{"useCases": "lifecycle_management"}`, []string{"useCases"}},
		{"a text for a group", `{"scim": "2.0"}`, []string{"scim"}},
		{"a number in quotes", `{"scim": {"groupPatchMax": "200"}}`, []string{"scim.groupPatchMax"}},
		{"a number with a point", `{"scim": {"groupPatchMax": 200.5}}`, []string{"scim.groupPatchMax"}},
		{"two wrong fields at once", `{"name": 7, "existing": "yes"}`, []string{"existing", "name"}},
		{"a website that is none", `{"website": "notaurl"}`, []string{"website"}},
		{"a choice that is none", `{"scim": {"version": "3.0"}}`, []string{"scim.version"}},
		{"six use cases", `{"useCases": ["automation", "zero_trust", "lifecycle_management", "centralized_logging", "directory_hr_sync", "identity_governance"]}`, []string{"useCases"}},
		{"an escalation contact that is generic", `{"escalationContact": "support@rota.example.com"}`, []string{"escalationContact"}},
		{"a name that is too long", `{"name": "` + strings.Repeat("a", 65) + `"}`, []string{"name"}},
		{"a secret", `{"testAccount": {"password": "canary-password"}}`, []string{"testAccount.password"}},
		{"a secret that is null", `{"testAccount": {"password": null}}`, []string{"testAccount.password"}},
		{"a logo that was not uploaded", `{"logo": "` + strings.Repeat("a", 64) + `"}`, []string{"logo"}},
		{"no object", `["name"]`, nil},
		{"no JSON", `{"name": "Acme"`, nil},
		{"two values", `{"name": "Acme"} {"name": "Other"}`, nil},
		{"no body", ``, nil},
		{"no UTF-8", "{\"name\": \"Acme \xff\"}", nil},
		{"an object in an object, eleven thousand times", deep, nil},
	} {
		for _, method := range []string{"PUT", "PATCH"} {
			got := vendor.do(method, path+"/content", tt.body, "If-Match", vendor.etag(path))
			p := got.problem(t)
			keys := slices.Compact(slices.Sorted(slices.Values(fieldsOf(p))))
			if got.Status != http.StatusUnprocessableEntity || tt.fields != nil && !slices.Equal(keys, tt.fields) {
				t.Errorf("%s by %s: %d about %v, want 422 about %v", tt.name, method, got.Status, keys, tt.fields)
			}
			if after, now := vendor.stored(path); after != before || now != version {
				t.Fatalf("%s by %s was refused and changed what is stored:\n%s\nwas\n%s", tt.name, method, after, before)
			}
			if strings.Contains(got.Body, "canary") {
				t.Errorf("%s by %s: the answer repeats the secret: %s", tt.name, method, got.Body)
			}
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/xml"} {
		if got := vendor.do("PUT", path+"/content", `{"name": "Other"}`, "If-Match", vendor.etag(path), "Content-Type", kind); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a content of type %q: %d", kind, got.Status)
		}
	}
	if got := vendor.do("PUT", path+"/content", with(`"description": "`+strings.Repeat("a", 300_000)+`"`), "If-Match", vendor.etag(path)); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 300 kB: %d", got.Status)
	}
	if after, now := vendor.stored(path); after != before || now != version {
		t.Errorf("what is stored has changed:\n%s\nwas\n%s", after, before)
	}
}

// What a person left wrong in the form does not stand in the way of a program that changes another field, and a
// program cannot leave anything wrong.
func TestPatchBesideAWrongField(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, sub := vendor.draft()
	if _, err := vendor.registry.SaveDraft(t.Context(), vendor.actor, sub.ID, sub.Version, manifest.Content{"website": "notaurl"}); err != nil {
		t.Fatal(err)
	}
	vendor.must("PATCH", path+"/content", `{"name": "Acme Rota"}`, nil, "If-Match", vendor.etag(path))
	got := vendor.do("PATCH", path+"/content", `{"website": "notaurl"}`, "If-Match", vendor.etag(path))
	if got.Status != http.StatusUnprocessableEntity || !slices.Equal(fieldsOf(got.problem(t)), []string{"website"}) {
		t.Errorf("the wrong field, sent again: %d %s", got.Status, got.Body)
	}
	// The template was right as long as it was not used; switching to it makes it wrong.
	vendor.must("PATCH", path+"/content", map[string]any{"scim": map[string]any{"enabled": true, "perTenant": false, "baseUrlTemplate": "${app.nobody}/scim"}}, nil, "If-Match", vendor.etag(path))
	got = vendor.do("PATCH", path+"/content", `{"scim": {"perTenant": true}}`, "If-Match", vendor.etag(path))
	if got.Status != http.StatusUnprocessableEntity || !slices.Contains(fieldsOf(got.problem(t)), "scim.baseUrlTemplate") {
		t.Errorf("a field that another one makes wrong: %d %s", got.Status, got.Body)
	}
}

// Covers H-52 where the content is concerned: two programs that change one draft. The second is told field by field
// what is stored by now, and nothing is lost.
func TestSecondChangeIsRefused(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PUT", path+"/content", sample(base), nil, "If-Match", vendor.etag(path))
	seen := vendor.etag(path)
	vendor.must("PATCH", path+"/content", `{"name": "Acme Crew"}`, nil, "If-Match", seen)
	before, version := vendor.stored(path)
	for method, body := range map[string]any{"PATCH": `{"name": "Acme Rota 2"}`, "PUT": sample(base)} {
		got := vendor.do(method, path+"/content", body, "If-Match", seen)
		p := got.problem(t)
		if got.Status != http.StatusPreconditionFailed || p.Code != "conflict" || !slices.Equal(fieldsOf(p), []string{"name"}) || !strings.Contains(p.Errors[0].Message, "Acme Crew") {
			t.Errorf("%s of an old version: %d %s", method, got.Status, got.Body)
		}
	}
	for name, header := range map[string]string{"a version to come": `"99"`, "another tag": `"abc"`, "a bare number": "3", "any": "*", "beyond all numbers": `"99999999999999999999"`, "zero": `"0"`} {
		got := vendor.do("PATCH", path+"/content", `{"name": "Acme Rota 2"}`, "If-Match", header)
		if got.Status != http.StatusPreconditionFailed && got.Status != http.StatusUnprocessableEntity {
			t.Errorf("If-Match with %s: %d %s", name, got.Status, got.Body)
		}
	}
	got := vendor.do("PATCH", path+"/content", `{"name": "Acme Rota 2"}`)
	if p := got.problem(t); got.Status != http.StatusUnprocessableEntity || !slices.Equal(fieldsOf(p), []string{"header.If-Match"}) {
		t.Errorf("without If-Match: %d %s", got.Status, got.Body)
	}
	if after, now := vendor.stored(path); after != before || now != version {
		t.Errorf("what is stored has changed:\n%s\nwas\n%s", after, before)
	}
	// A lab run's verdict makes a new version and leaves the content alone: whoever has seen that may go on.
	seen = vendor.etag(path)
	vendor.verdict(path, "passed")
	vendor.must("PATCH", path+"/content", `{"name": "Acme Rota 2"}`, nil, "If-Match", seen)
}

// Whoever saves in between is merged with or conflicts, but is never overwritten.
func TestManyProgramsOneDraft(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	fields := []string{"name", "website", "description", "escalationContact"}
	values := map[string]string{
		"name": "Acme Rota", "website": "https://rota.example.com", "escalationContact": "network-escalations@rota.example.com",
		"description": sample(base)["description"].(string),
	}
	var wait sync.WaitGroup
	for _, field := range fields {
		wait.Go(func() {
			got := answer{Status: http.StatusPreconditionFailed}
			for got.Status == http.StatusPreconditionFailed { // somebody was faster: look again
				got = vendor.do("PATCH", path+"/content", map[string]string{field: values[field]}, "If-Match", vendor.etag(path))
			}
			if got.Status != http.StatusOK {
				t.Errorf("%s: %d %s", field, got.Status, got.Body)
			}
		})
	}
	wait.Wait()
	text, _ := vendor.stored(path)
	for field, value := range values {
		if want, _ := json.Marshal(value); !strings.Contains(text, `"`+field+`":`+string(want)) {
			t.Errorf("%s was lost: %s", field, text)
		}
	}
}

func TestProgressSaysWhatIsMissing(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PATCH", path+"/content", `{"name": "Acme Rota"}`, nil, "If-Match", vendor.etag(path))
	var progress api.Progress
	vendor.must("GET", path+"/progress", nil, &progress)
	if progress.Complete || len(progress.Sections) != 1 || progress.Sections[0].Percent == 0 || progress.Sections[0].Percent == 100 {
		t.Errorf("a draft with only a name: %+v", progress.Sections)
	}
	if !slices.ContainsFunc(progress.Problems, func(p api.RuleProblem) bool { return p.Field == "website" && p.Missing && p.Rule == "L-008" }) {
		t.Errorf("the missing website is not named: %+v", progress.Problems)
	}
}
