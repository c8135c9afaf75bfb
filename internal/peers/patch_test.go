package peers

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

const before = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
	"userName": "ada@example.com", "title": "Countess", "password": "never shown",
	"name": {"givenName": "Ada", "familyName": "Lovelace"},
	"emails": [{"value": "ada@example.com", "type": "work", "primary": true}, {"value": "a@example.org", "type": "home"}],
	"` + enterprise + `": {"department": "Engines"}}`

// What the host of elimity-com/scim makes of a PATCH (RFC 7644 §3.5.2); the library only checks it.
func TestElimityAppliesPatch(t *testing.T) {
	for _, tt := range []struct {
		name, operations string
		status           int
		attribute, want  string // the attribute afterwards; "null" if there is none
	}{
		{"replace sets an attribute", `{"op":"replace","path":"title","value":"Analyst"}`, 200, "title", `"Analyst"`},
		{"the op's case does not matter", `{"op":"Replace","path":"TITLE","value":"Analyst"}`, 200, "title", `"Analyst"`},
		{"remove unassigns it", `{"op":"remove","path":"title"}`, 200, "title", `null`},
		{"a value without path is a set of attributes", `{"op":"replace","value":{"title":"Analyst","name.givenName":"Augusta"}}`, 200,
			"name", `{"givenName":"Augusta","familyName":"Lovelace"}`},
		{"a complex value is merged", `{"op":"replace","path":"name","value":{"givenName":"Augusta"}}`, 200,
			"name", `{"givenName":"Augusta","familyName":"Lovelace"}`},
		{"a sub-attribute can go alone", `{"op":"remove","path":"name.familyName"}`, 200, "name", `{"givenName":"Ada"}`},
		{"add appends to a list, and a new primary demotes the old", `{"op":"add","path":"emails","value":[{"value":"c@example.com","primary":true}]}`, 200,
			"emails", `[{"value":"ada@example.com","type":"work","primary":false},{"value":"a@example.org","type":"home"},{"value":"c@example.com","primary":true}]`},
		{"what is there already is not added twice", `{"op":"add","path":"emails","value":[{"value":"a@example.org","type":"home"}]}`, 200,
			"emails", `[{"value":"ada@example.com","type":"work","primary":true},{"value":"a@example.org","type":"home"}]`},
		{"replace puts a whole list", `{"op":"replace","path":"emails","value":[{"value":"c@example.com"}]}`, 200,
			"emails", `[{"value":"c@example.com"}]`},
		{"a filter selects the element", `{"op":"replace","path":"emails[type eq \"home\"].value","value":"b@example.org"}`, 200,
			"emails", `[{"value":"ada@example.com","type":"work","primary":true},{"value":"b@example.org","type":"home"}]`},
		{"a filter selects what to remove", `{"op":"remove","path":"emails[type eq \"work\"]"}`, 200,
			"emails", `[{"value":"a@example.org","type":"home"}]`},
		{"the last element takes the attribute along", `{"op":"remove","path":"emails[value pr]"}`, 200, "emails", `null`},
		{"an extension's attribute by its full name", `{"op":"replace","path":"` + enterprise + `:department","value":"Poetry"}`, 200,
			enterprise, `{"department":"Poetry"}`},
		{"an extension's attributes without path", `{"op":"add","value":{"` + enterprise + `":{"costCenter":"7"}}}`, 200,
			enterprise, `{"department":"Engines","costCenter":"7"}`},
		{"an element that is not there cannot be replaced", `{"op":"replace","path":"emails[type eq \"other\"].value","value":"x"}`, 400, "title", `"Countess"`},
		{"an unknown attribute is refused", `{"op":"replace","path":"shoeSize","value":"7"}`, 400, "title", `"Countess"`},
		{"a required attribute cannot go", `{"op":"remove","path":"userName"}`, 400, "userName", `"ada@example.com"`},
		{"what only the server writes is refused", `{"op":"replace","path":"groups","value":[{"value":"g"}]}`, 400, "groups", `null`},
		{"one refused operation undoes them all", `{"op":"replace","path":"title","value":"Analyst"},{"op":"remove","path":"userName"}`, 400, "title", `"Countess"`},
		{"a password is taken and not shown", `{"op":"replace","path":"password","value":"new"}`, 200, "password", `null`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			peer := Elimity(t)
			id := peer.call(t, http.MethodPost, "/Users", 201, before)["id"].(string)
			peer.call(t, http.MethodPatch, "/Users/"+id, tt.status,
				`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [`+tt.operations+`]}`)
			var want any
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			got := peer.call(t, http.MethodGet, "/Users/"+id, 200, "")[tt.attribute]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.attribute, diff)
			}
		})
	}
}

func TestElimityKeepsMembers(t *testing.T) {
	peer := Elimity(t)
	group := peer.call(t, http.MethodPost, "/Groups", 201,
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Poets","members":[{"value":"user-1"},{"value":"user-2"}]}`)
	path := "/Groups/" + group["id"].(string)
	for _, tt := range []struct {
		operation string
		want      []string
	}{
		{`{"op":"add","path":"members","value":[{"value":"user-3"}]}`, []string{"user-1", "user-2", "user-3"}},
		{`{"op":"remove","path":"members[value eq \"user-1\"]"}`, []string{"user-2", "user-3"}},
		{`{"op":"remove","path":"members","value":[{"value":"user-3"}]}`, []string{"user-2"}},
		{`{"op":"remove","path":"members[value eq \"nobody\"]"}`, []string{"user-2"}},
		{`{"op":"remove","path":"members"}`, nil},
	} {
		peer.call(t, http.MethodPatch, path, 200,
			`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [`+tt.operation+`]}`)
		var got []string
		members, _ := peer.call(t, http.MethodGet, path, 200, "")["members"].([]any)
		for _, member := range members {
			got = append(got, member.(map[string]any)["value"].(string))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("members after %s (-want +got):\n%s", tt.operation, diff)
		}
	}
}

func TestElimityKeepsUserNamesUnique(t *testing.T) {
	peer := Elimity(t)
	peer.call(t, http.MethodPost, "/Users", 201, before)
	peer.call(t, http.MethodPost, "/Users", 409, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ADA@example.com"}`)
	bob := peer.call(t, http.MethodPost, "/Users", 201, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob@example.com"}`)
	peer.call(t, http.MethodPut, "/Users/"+bob["id"].(string), 409,
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}`)
	peer.call(t, http.MethodDelete, "/Users/"+bob["id"].(string), 200, "")
	peer.call(t, http.MethodGet, "/Users/"+bob["id"].(string), 404, "")
}
