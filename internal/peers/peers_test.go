package peers

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

var all = []struct {
	name  string
	start func(testing.TB) Peer
}{
	{"better-auth", BetterAuth},
	{"scimmy", Scimmy},
	{"elimity", Elimity},
}

// The life of one account, as every peer must carry it. Deeper questions are the lab's.
func TestEveryPeerKeepsAnAccount(t *testing.T) {
	for _, tt := range all {
		t.Run(tt.name, func(t *testing.T) {
			peer := tt.start(t)

			created := peer.call(t, http.MethodPost, "/Users", 201, `{
				"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
				"userName": "ada@example.com", "externalId": "p-1", "active": true,
				"name": {"givenName": "Ada", "familyName": "Lovelace"},
				"emails": [{"value": "ada@example.com", "type": "work", "primary": true}]}`)
			id, _ := created["id"].(string)
			if id == "" {
				t.Fatalf("the account has no id: %v", created)
			}

			found := peer.call(t, http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "ada@example.com"`), 200, "")
			if found["totalResults"] != 1.0 {
				t.Errorf("the account is not found by its userName: %v", found)
			}
			other := peer.call(t, http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "bob@example.com"`), 200, "")
			if other["totalResults"] != 0.0 {
				t.Errorf("a userName that nobody has finds %v", other)
			}

			peer.patch(t, id, `{"op": "replace", "path": "name.givenName", "value": "Augusta"}`)
			peer.patch(t, id, `{"op": "replace", "path": "active", "value": false}`)
			read := peer.call(t, http.MethodGet, "/Users/"+id, 200, "")
			name, _ := read["name"].(map[string]any)
			if name["givenName"] != "Augusta" || name["familyName"] != "Lovelace" || read["active"] != false {
				t.Errorf("after both patches: name %v, active %v; want Augusta Lovelace, false", name, read["active"])
			}
		})
	}
}

func TestEveryPeerAsksForTheToken(t *testing.T) {
	for _, tt := range all {
		t.Run(tt.name, func(t *testing.T) {
			peer := tt.start(t)
			peer.Token = "not-" + peer.Token
			peer.call(t, http.MethodGet, "/Users", 401, "")
		})
	}
}

func TestAPeerStartsEmpty(t *testing.T) {
	for _, tt := range all {
		t.Run(tt.name, func(t *testing.T) {
			peer := tt.start(t)
			if list := peer.call(t, http.MethodGet, "/Users", 200, ""); list["totalResults"] != 0.0 {
				t.Errorf("a fresh peer lists %v", list)
			}
		})
	}
}

func (p Peer) patch(t *testing.T, id, operation string) map[string]any {
	t.Helper()
	return p.call(t, http.MethodPatch, "/Users/"+id, 200,
		`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [`+operation+`]}`)
}

// call sends a request and returns the answer's JSON. A 204 is as good as the 200 that the caller wants.
func (p Peer) call(t *testing.T, method, path string, want int, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.BaseURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.Token)
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if response.StatusCode != want && (want != 200 || response.StatusCode != 204) {
		t.Fatalf("%s %s answered %d, want %d: %s", method, path, response.StatusCode, want, data)
	}
	answer := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &answer); err != nil {
			t.Fatalf("%s %s answered no JSON: %v", method, path, err)
		}
	}
	return answer
}
