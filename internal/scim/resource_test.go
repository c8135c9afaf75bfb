package scim

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResourceReads(t *testing.T) {
	r := decode(t, jane)
	for _, tt := range []struct{ name, path, want string }{
		{"a name in any case", "USERNAME", "Jane.Doe@example.com"},
		{"a part", "name.GIVENNAME", "Jane"},
		{"the primary value of a list", "emails.value", "jane@work.example.com"},
		{"a number", "age", "41"},
		{"a boolean", "active", "true"},
		{"an extension attribute", ext + ":department", `R&D "north"`},
		{"a part of an extension attribute", ext + ":manager.value", "boss"},
		{"an extension that the RFC does not know", "urn:example:app_1:2.0:user:badge", "7"},
		{"a core attribute behind its URN", SchemaUser + ":userName", "Jane.Doe@example.com"},
		{"what is not there", "title", ""},
		{"a part of what is not there", "title.x", ""},
		{"an extension that is not there", "urn:example:none:x", ""},
		{"a complex value has no text", "name", ""},
	} {
		if got := r.String(tt.path); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.name, tt.path, got, tt.want)
		}
	}
	if r.ID() != "AbC" || r.ExternalID() != "Ext1" || !r.HasSchema(strings.ToUpper(SchemaUser)) {
		t.Errorf("id %q, externalId %q, schemas %v", r.ID(), r.ExternalID(), r.Schemas())
	}
	if got := decode(t, `{"id":12345678901234567}`).ID(); got != "12345678901234568" && got != "12345678901234567" {
		t.Errorf("a number as id reads %q: no exponent is wanted", got)
	}
}

func TestActive(t *testing.T) {
	for text, want := range map[string][2]bool{
		`{"active":true}`: {true, true}, `{"Active":false}`: {false, true}, `{"active":"False"}`: {false, true}, `{"active":"TRUE"}`: {true, true},
		`{}`: {false, false}, `{"active":null}`: {false, false}, `{"active":1}`: {false, false}, `{"active":"yes"}`: {false, false},
	} {
		if active, known := decode(t, text).Active(); [2]bool{active, known} != want {
			t.Errorf("%s: got %t, %t; want %v", text, active, known, want)
		}
	}
}

func TestCloneSharesNothingAndDecodes(t *testing.T) {
	r := Resource{"schemas": []string{"a"}, "n": 1, "emails": []map[string]any{{"value": "x"}}, "name": Resource{"givenName": "J"}, "list": []any{[]any{"y"}}}
	clone := r.Clone()
	want := Resource{"schemas": []any{"a"}, "n": 1.0, "emails": []any{map[string]any{"value": "x"}}, "name": map[string]any{"givenName": "J"}, "list": []any{[]any{"y"}}}
	if diff := cmp.Diff(want, clone); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	clone["emails"].([]any)[0].(map[string]any)["value"] = "changed"
	if r.String("n") != "" && r["emails"].([]map[string]any)[0]["value"] != "x" {
		t.Error("the clone shares a value with its original")
	}
	if Resource(nil).Clone() != nil {
		t.Error("the clone of nothing is something")
	}
}

func TestConform(t *testing.T) {
	got, err := Conform(decode(t, `{
		"schemas": ["`+strings.ToUpper(SchemaUser)+`", "urn:example:unknown"], "USERNAME": "jane", "id": "forged", "meta": {"created": "x"}, "groups": [],
		"active": "False", "title": null, "emails": {"value": "x", "Primary": "true", "shoe": 1}, "phoneNumbers": [], "shoeSize": 43, "name": {"formatted": null},
		"externalId": "e", "urn:example:unknown": {"a": 1}, "`+ext+`": {"department": "R&D", "manager": {"value": "m", "displayName": "forged"}}
	}`), SchemaUser)
	want := decode(t, `{"schemas": ["`+SchemaUser+`", "`+ext+`"], "userName": "jane", "active": false, "externalId": "e",
		"emails": [{"value": "x", "primary": true}], "`+ext+`": {"department": "R&D", "manager": {"value": "m"}}}`)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v; want -, got +\n%s", err, diff)
	}
}

func TestConformRefuses(t *testing.T) {
	for _, tt := range []struct{ name, body, base string }{
		{"no schemas", `{"userName":"jane"}`, SchemaUser},
		{"the schema of a group", `{` + groupURN + `,"userName":"jane"}`, SchemaUser},
		{"no userName", `{` + userURN + `}`, SchemaUser},
		{"an empty userName", `{` + userURN + `,"userName":""}`, SchemaUser},
		{"a group without a name", `{` + groupURN + `}`, SchemaGroup},
		{"a number as userName", `{` + userURN + `,"userName":7}`, SchemaUser},
		{"active is no boolean", user(`"active":"maybe"`), SchemaUser},
		{"emails are a text", user(`"emails":"x"`), SchemaUser},
		{"a mail address is a text", user(`"emails":["x"]`), SchemaUser},
		{"name is a list", user(`"name":[]`), SchemaUser},
		{"two primary values", user(`"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]`), SchemaUser},
		{"an extension is a text", user(`"` + ext + `":"x"`), SchemaUser},
	} {
		got, err := Conform(decode(t, tt.body), tt.base)
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != 400 || e.ScimType != InvalidValue {
			t.Errorf("%s: got %v, %v; want 400 invalidValue", tt.name, got, err)
		}
	}
}

func TestErrorBody(t *testing.T) {
	text, err := json.Marshal(Refuse(409, Uniqueness, "userName %q is taken", "x"))
	const want = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","detail":"userName \"x\" is taken","status":"409"}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
	long := Refuse(400, "", "%s", strings.Repeat("a\n", 5000)).Error()
	if len(long) > 400 || strings.Contains(long, "\n") {
		t.Errorf("an error's text is one short line, not %d bytes", len(long))
	}
}

// Every attribute of the printed schemas is complete (RFC 7643 §7).
func TestSchemasAreComplete(t *testing.T) {
	var check func(where string, list []Attribute)
	check = func(where string, list []Attribute) {
		for _, a := range list {
			at := where + "." + a.Name
			if !isName(a.Name) || a.Description == "" || a.Mutability == "" || a.Returned == "" || a.Uniqueness == "" {
				t.Errorf("%s lacks a characteristic: %+v", at, a)
			}
			if (a.Type == "complex") != (len(a.SubAttributes) > 0) || (a.Type == "reference") != (len(a.ReferenceTypes) > 0) {
				t.Errorf("%s: type %s does not go with its parts or reference types", at, a.Type)
			}
			check(at, a.SubAttributes)
		}
	}
	for _, s := range Schemas() {
		if len(s.Attributes) == 0 {
			t.Errorf("%s has no attributes", s.ID)
		}
		check(s.Name, s.Attributes)
	}
	if len(Schemas()) != 6 {
		t.Errorf("%d schemas, want the six of RFC 7643 §8.7", len(Schemas()))
	}
}

func TestAttributeAt(t *testing.T) {
	for path, exact := range map[string]bool{
		"userName": false, "externalId": true, "EXTERNALID": true, "id": true, "meta.version": true, "name.familyName": false, "emails": false, "groups": true, "groups.value": true,
		SchemaEnterpriseUser + ":manager": true, SchemaUser + ":id": true, "colour": false, "": false, `emails[type eq "work"]`: false, "a b": false,
	} {
		if got := AttributeAt(path); got.CaseExact != exact {
			t.Errorf("%q is case exact: %v, want %v", path, got.CaseExact, exact)
		}
	}
	if got := AttributeAt("active").Type; got != "boolean" {
		t.Errorf("active is %q", got)
	}
}
