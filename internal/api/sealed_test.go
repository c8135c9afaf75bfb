package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/api"
)

// Covers R-061, H-19, H-20, H-21: what is sealed is written and never read, and does not go to an address that it was
// not given for.
func TestSealedValues(t *testing.T) {
	vendor := newSite(t).as("acme", access.Vendor)
	path := vendor.filled(base, "canary-token", "canary-password")
	var detail api.SubmissionDetail
	vendor.must("GET", path, nil, &detail)
	var keys []string
	for _, s := range detail.Stored {
		keys = append(keys, s.Key)
	}
	if !slices.Equal(keys, []string{"connection.token", "testAccount.password"}) {
		t.Errorf("stored: %v", keys)
	}
	var connection api.Connection
	vendor.must("GET", path+"/connection", nil, &connection)
	if len(connection.Values) != 1 || !connection.Values[0].Stored || connection.Values[0].Value != "" || !connection.Values[0].Secret {
		t.Errorf("the connection reads %+v", connection)
	}
	var saved struct{ Cleared []string }
	vendor.must("PATCH", path+"/content", `{"scim": {"baseUrl": "https://elsewhere.example.com/scim/v2"}}`, &saved, "If-Match", vendor.etag(path))
	vendor.must("GET", path+"/connection", nil, &connection)
	if connection.Values[0].Stored || !slices.Equal(saved.Cleared, []string{"Token"}) {
		t.Errorf("the token is kept for another address, or that it went is not said: %v", saved.Cleared)
	}
	vendor.must("DELETE", path+"/secrets/testAccount.password", nil, nil)
	vendor.must("GET", path, nil, &detail)
	if len(detail.Stored) != 0 {
		t.Errorf("still stored: %+v", detail.Stored)
	}
}

// Covers H-19, H-29, H-30 where secrets and connections are sent: a refusal changes nothing and repeats nothing.
func TestRefusedSealedValues(t *testing.T) {
	s := newSite(t)
	vendor := s.as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PUT", path+"/content", map[string]any{"scim": map[string]any{
		"enabled": true, "perTenant": true, "variables": []map[string]string{{"label": "Tenant", "name": "tenant", "type": "string"}},
		"baseUrlTemplate": "https://${app.tenant}.example.com/scim/v2", "auth": map[string]any{"mode": "basic"},
	}}, nil, "If-Match", vendor.etag(path))
	vendor.must("PUT", path+"/connection", map[string]any{"values": map[string]string{"connection.var.tenant": "acme", "connection.username": "lab"}}, nil)
	_, version := s.stored(path)
	for _, tt := range []struct {
		name, path, body string
		status           int
		fields           []string
	}{
		{"a key that the content does not ask for", "/connection", `{"values": {"connection.token": "canary"}}`, 422, []string{"connection.token"}},
		{"a user name with a colon", "/connection", `{"values": {"connection.username": "canary:x", "connection.password": "canary"}}`, 422, []string{"connection.username"}},
		{"a variable that makes no address", "/connection", `{"values": {"connection.var.tenant": "a/b?c#canary"}}`, 422, []string{"connection.var.tenant"}},
		{"a value of another type", "/connection", `{"values": {"connection.password": 7}}`, 422, []string{"values.connection.password"}},
		{"a member that is not known", "/connection", `{"values": {}, "note": "canary"}`, 422, nil},
		{"a member in other letters", "/connection", `{"Values": {"connection.password": "canary"}}`, 422, nil},
		{"a key twice", "/connection", `{"values": {"connection.password": "canary", "connection.password": "canary"}}`, 422, []string{"body"}},
		{"no JSON", "/connection", `{"values": {"connection.password": "canary"`, 422, []string{"body"}},
		{"null", "/connection", `null`, 422, nil},
		{"a field that holds no secret", "/secrets/name", `{"value": "canary"}`, 422, []string{"name"}},
		{"a key of the connection among the form's", "/secrets/connection.password", `{"value": "canary"}`, 422, []string{"connection.password"}},
		{"an empty secret", "/secrets/testAccount.password", `{"value": ""}`, 422, []string{"value"}},
		{"a secret of another type", "/secrets/testAccount.password", `{"value": ["canary"]}`, 422, []string{"value"}},
		{"a secret that is too long", "/secrets/testAccount.password", `{"value": "` + strings.Repeat("canary", 100) + `"}`, 422, []string{"testAccount.password"}},
		{"a secret in another format", "/secrets/testAccount.password", `value=canary`, 415, nil},
		{"a body that is too large", "/secrets/testAccount.password", `{"value": "` + strings.Repeat("canary", 50_000) + `"}`, 413, nil},
	} {
		kind := "application/json"
		if tt.status == http.StatusUnsupportedMediaType {
			kind = "application/x-www-form-urlencoded"
		}
		got := vendor.do("PUT", path+tt.path, tt.body, "Content-Type", kind)
		p := got.problem(t)
		if got.Status != tt.status || tt.fields != nil && !slices.Equal(fieldsOf(p), tt.fields) {
			t.Errorf("%s: %d about %v, want %d about %v", tt.name, got.Status, fieldsOf(p), tt.status, tt.fields)
		}
		if strings.Contains(got.Body, "canary") {
			t.Errorf("%s: the answer repeats what was sent: %s", tt.name, got.Body)
		}
	}
	if _, now := s.stored(path); now != version {
		t.Errorf("what was refused made version %d of %d", now, version)
	}
	if log := s.log.String(); strings.Contains(log, "canary") {
		t.Errorf("the log repeats what was sent: %s", log)
	}
}

// Covers, H-38, H-40 where the API takes an icon: what is refused leaves the earlier one in place.
func TestIcon(t *testing.T) {
	s := newSite(t)
	vendor := s.as("acme", access.Vendor)
	path, _ := vendor.draft()
	vendor.must("PUT", path+"/logo", icon(t), nil, "Content-Type", "image/png")
	before, _ := s.stored(path)
	large := append(icon(t), make([]byte, 1_000_000)...)
	for _, tt := range []struct {
		name   string
		body   []byte
		status int
	}{
		{"no image", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), 422},
		{"nothing", []byte{}, 422},
		{"half of one", icon(t)[:200], 422},
		{"a million bytes", large[:1_000_000], 422},
		{"more than two million bytes", append(large, append(large, large...)...), 413},
	} {
		got := vendor.do("PUT", path+"/logo", tt.body, "Content-Type", "image/png")
		if got.problem(t); got.Status != tt.status {
			t.Errorf("%s: %d %s", tt.name, got.Status, got.Body)
		}
		if after, _ := s.stored(path); after != before {
			t.Errorf("%s was refused and changed the draft", tt.name)
		}
	}
	got := vendor.must("GET", path+"/logo", nil, nil)
	if got.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.Body, "\x89PNG") {
		t.Errorf("the icon is served as %s", got.Header.Get("Content-Type"))
	}
	vendor.must("DELETE", path+"/logo", nil, nil)
	if got := vendor.do("GET", path+"/logo", nil); got.Status != http.StatusNotFound {
		t.Errorf("the removed icon: %d", got.Status)
	}
}
