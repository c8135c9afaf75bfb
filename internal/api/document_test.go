package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"slipway/internal/manifest"
	"slipway/internal/require"
)

// The document that is committed is the one that is served. `go test ./internal/api -update` writes it.
func TestDocument(t *testing.T) {
	s := newSite(t)
	got := s.visitor().must("GET", "/v1/openapi.json", nil, nil)
	if got.Header.Get("Content-Type") != "application/openapi+json" {
		t.Errorf("served as %s", got.Header.Get("Content-Type"))
	}
	require.Drawn(t, "docs/openapi.json", got.Body)
}

// Every operation is documented with its path parameters and with the token where it asks for one, and every field of
// the form is in the schema of the content, but what is sealed.
func TestDocumentIsWhole(t *testing.T) {
	s := newSite(t)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
			Security    []map[string][]string
		}
		Components struct{ Schemas map[string]schema }
	}
	s.visitor().must("GET", "/v1/openapi.json", nil, &doc)
	for _, op := range s.api.Operations() {
		described, ok := doc.Paths[strings.TrimPrefix(op.Path, "/v1")][strings.ToLower(op.Method)]
		if !ok || described.OperationID != op.ID {
			t.Errorf("%s is not in the document", op.ID)
		}
		if open := operationRoles[op.ID].who == "*"; open != (len(described.Security) == 0) {
			t.Errorf("%s: the document says of the token: %v", op.ID, described.Security)
		}
		for part := range strings.SplitSeq(op.Path, "/") {
			name := strings.Trim(part, "{}")
			if name != part && !has(described.Parameters, name) {
				t.Errorf("%s: the document does not know {%s}", op.ID, name)
			}
		}
	}
	for _, f := range manifest.Fields() {
		at, path := doc.Components.Schemas["Content"], strings.Split(f.Key, ".")
		for _, name := range path {
			at = at.Properties[name]
		}
		if sealed := f.Type == manifest.TypeSecret || f.Type == manifest.TypeConnection; sealed != (at.Type == "") {
			t.Errorf("%s in the document is of type %q", f.Key, at.Type)
		}
	}
	if data, _ := json.Marshal(doc); strings.Contains(string(data), "slw_") {
		t.Error("the document holds a token")
	}
}

type schema struct {
	Type       string
	Properties map[string]schema
}

func has(parameters []struct{ Name, In string }, name string) bool {
	for _, p := range parameters {
		if p.Name == name && p.In == "path" {
			return true
		}
	}
	return false
}
