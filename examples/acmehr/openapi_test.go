package acmehr_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"slipway/examples/acmehr"
	"slipway/internal/connector/document"
)

func description(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, found := document.Read("openapi.yaml", text)
	if doc == nil {
		t.Fatal(found)
	}
	return doc.Value.(object)
}

func TestTheDescriptionNamesEveryRoute(t *testing.T) {
	var described []string
	for path, item := range description(t)["paths"].(object) {
		for method := range item.(object) {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(described)
	routes := slices.Sorted(slices.Values(acmehr.New().Routes()))
	if !slices.Equal(described, routes) {
		t.Errorf("described:\n%s\nserved:\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", description(t)); err != nil {
		t.Fatal(err)
	}
	c := furnished(t)
	for _, tt := range []struct{ method, path, body, schema string }{
		{"GET", "/users?limit=1", "", "UserList"},
		{"GET", "/users/1001", "", "User"},
		{"PATCH", "/users/1001", `{"department": "legal", "roles": [{"id": "viewer"}]}`, "User"},
		{"GET", "/users/9", "", "Error"},
		{"GET", "/users?limit=x", "", "Error"},
		{"GET", "/teams", "", "TeamList"},
		{"POST", "/teams", `{"name": "Day"}`, "Team"},
		{"GET", "/teams/501/members", "", "MemberList"},
		{"GET", "/roles", "", "RoleList"},
		{"GET", "/schema/users", "", "AttributeList"},
		{"GET", "/schema/users/values", "", "ValueList"},
	} {
		schema, err := compiler.Compile("openapi.json#/components/schemas/" + tt.schema)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.ask(tt.method, tt.path, tt.body).Body.Bytes()))
		if err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.path, err)
		}
		if err := schema.Validate(answer); err != nil {
			t.Errorf("%s %s is no %s: %v", tt.method, tt.path, tt.schema, err)
		}
	}
}
