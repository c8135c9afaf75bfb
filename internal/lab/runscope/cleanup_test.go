package runscope

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
)

// creating has a step for each way in which a server may answer a creation.
const creating = `{"name":"creates","version":"1.0","steps":[
	{"step_type":"request","note":"list","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}"}},
	{"step_type":"request","note":"user","method":"POST","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}"},"body":"{\"userName\":\"Ada\"}"},
	{"step_type":"request","note":"group","method":"POST","url":"{{SCIMBaseURL}}/Groups","headers":{"Authorization":"{{auth}}"},"body":"{\"displayName\":\"Team\"}"},
	{"step_type":"request","note":"elsewhere","method":"POST","url":"{{base}}/other/Users","headers":{},"body":"{}"}]}`

// What a run has created it can remove, and nothing else.
func TestCleanUp(t *testing.T) {
	for _, tt := range []struct {
		name     string
		user     string // what POST /Users answers
		location string
		delete   int
		keep     bool // without --clean-up
		removed  []string
		left     []string // what the leftovers of Users and Groups say
	}{
		{name: "both go, the latest first", user: `{"id":"7","userName":"ada"}`, delete: 204, removed: []string{"/scim/Groups/1", "/scim/Users/7"}},
		{name: "gone already", user: `{"id":"7"}`, delete: 404, removed: []string{"/scim/Groups/1", "/scim/Users/7"}},
		{name: "a Location beside the id", user: `{"id":"7"}`, location: "/scim/Users/7", delete: 200, removed: []string{"/scim/Groups/1", "/scim/Users/7"}},
		{name: "only a Location", user: ``, location: "/scim/Users/7", delete: 204, removed: []string{"/scim/Groups/1", "/scim/Users/7"}},
		{name: "not asked for", user: `{"id":"7"}`, keep: true, left: []string{"With --clean-up, a run removes it at its end.", "With --clean-up, a run removes it at its end."}},
		{name: "refused", user: `{"id":"7"}`, delete: 405, removed: []string{"/scim/Groups/1", "/scim/Users/7"}, left: []string{"It could not be removed: DELETE answered 405.", "It could not be removed: DELETE answered 405."}},
		{name: "somebody who was there before", user: `{"id":"1"}`, delete: 204, removed: []string{"/scim/Groups/1"}, left: []string{"It is left alone: its id was there before that step."}},
		{name: "somebody else's name", user: `{"id":"7","userName":"grace"}`, delete: 204, removed: []string{"/scim/Groups/1"}, left: []string{"It is left alone: the server answered with another name than was sent."}},
		{name: "two addresses", user: `{"id":"7"}`, location: "/scim/Users/1", delete: 204, removed: []string{"/scim/Groups/1"}, left: []string{"It is left alone: Location and id name different objects."}},
		{name: "an id that leads astray", user: `{"id":".."}`, delete: 204, removed: []string{"/scim/Groups/1"}, left: []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var deleted []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := map[string]string{"GET /scim/Users": `{"Resources":[{"id":"1"}]}`, "POST /scim/Users": tt.user, "POST /scim/Groups": `{"id":"1"}`, "POST /other/Users": `{"id":"9"}`}[r.Method+" "+r.URL.Path]
				switch r.Method {
				case http.MethodDelete:
					deleted = append(deleted, r.URL.Path)
					if r.Header.Get("Authorization") != "Bearer "+bearerToken {
						t.Errorf("DELETE went with the credentials %q", r.Header.Get("Authorization"))
					}
					w.WriteHeader(tt.delete)
				case http.MethodPost:
					if tt.location != "" && r.URL.Path == "/scim/Users" {
						w.Header().Set("Location", "http://"+r.Host+tt.location)
					}
					w.WriteHeader(http.StatusCreated)
				}
				_, _ = io.WriteString(w, answer)
			}))
			t.Cleanup(server.Close)
			o := suiteOptions(t, server.URL+"/scim", "")
			o.Vars["base"], o.CleanUp = server.URL, !tt.keep
			result := Run(t.Context(), parse(t, creating), o, nil)
			rep := result.Report(server.URL+"/scim", report.ProfileNetwork)
			var left []string
			for _, l := range result.Leftovers {
				if !strings.Contains(l.URL, "/other/") {
					left = append(left, l.Why)
				}
			}
			if !slices.Equal(deleted, tt.removed) || !slices.Equal(left, tt.left) || len(rep.Leftovers) != len(left)+1 {
				t.Errorf("deleted %v, want %v; left behind %q, want %q", deleted, tt.removed, left, tt.left)
			}
			said := strings.Join(rep.Warnings, "\n")
			if told := strings.Contains(said, "Removed at the end, as --clean-up asks: "); told != (tt.delete != 0 && tt.delete != 405) {
				t.Errorf("notes %q", said)
			}
		})
	}
}

// A run that is stopped removes what it has made so far.
func TestCleanUpAfterAStop(t *testing.T) {
	base := scimServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := suiteOptions(t, base, `variables.set("name", "stopped@example.com")`)
	o.CleanUp = true
	s := parse(t, `{"name":"stops","version":"1.0","steps":[
		{"step_type":"request","note":"passed: makes","method":"POST","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}","Content-Type":"application/scim+json"},"body":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"{{name}}\"}",
		 "assertions":[{"source":"response_status","comparison":"equal_number","value":201}]},
		{"step_type":"request","note":"error: never reached","url":"{{SCIMBaseURL}}/Users","headers":{}}]}`)
	result := Run(ctx, s, o, func(StepResult, int, int) { cancel() })
	verify(t, result)
	if said := strings.Join(result.Warnings, "\n"); len(result.Leftovers) != 0 || !strings.Contains(said, "Removed at the end") {
		t.Errorf("left behind %v, notes %s", result.Leftovers, said)
	}
}
