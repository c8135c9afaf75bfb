package scimtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"slipway/internal/scim"
)

// The examples of draft-scim-api-01, as they go over the wire.
func TestVersion11(t *testing.T) {
	const core = `"schemas":["urn:scim:schemas:core:1.0"]`
	w := start(t, Version11())
	if !strings.HasSuffix(w.base, BasePath11) {
		t.Errorf("the service is at %s", w.base)
	}
	made := w.call(http.MethodPost, "/Users", `{`+core+`,"userName":"ada","title":"Countess","locale":"en_US","urn:scim:schemas:extension:enterprise:1.0":{"department":"Engines","manager":{"managerId":"x"}}}`,
		"Content-Type", scim.MediaTypeJSON)
	id := made.object.ID()
	ada := "/Users/" + id
	for _, tt := range []struct {
		name, got, want string
	}{
		{"a create is answered 201", fmt.Sprint(made.status, " ", made.header.Get("Content-Type")), "201 application/json"},
		{"with the URNs of 1.1", strings.Join(made.object.Schemas(), " "), scim.SchemaCore11 + " " + scim.SchemaEnterprise11},
		{"and the manager's id by its name", fmt.Sprint(made.object.Get(scim.SchemaEnterprise11)), "map[department:Engines manager:map[managerId:x]]"},
		{"meta has no resourceType", made.object.String("meta.resourceType"), ""},
		{"Location is below the base", made.header.Get("Location"), w.base + ada},
		{"nothing of 2.0 is in it", fmt.Sprint(strings.Contains(made.text, "ietf")), "false"},
		{"a list names the core schema", strings.Join(w.get("/Users").object.Schemas(), " "), scim.SchemaCore11},
		{"an unknown id has an error", w.get("/Users/nobody").text, `{"Errors":[{"code":"404","description":"There is no User with this id."}],"detail":"There is no User with this id."}`},
		{"a body of 2.0 is refused", fmt.Sprint(w.call(http.MethodPost, "/Users", `{"schemas":["`+scim.SchemaUser+`"],"userName":"bob"}`).status), "400"},
		{"one without schemas is not", fmt.Sprint(w.call(http.MethodPost, "/Users", `{"userName":"bob"}`).status), "201"},
		{"a duplicate is a conflict", fmt.Sprint(w.call(http.MethodPost, "/Users", `{`+core+`,"userName":"ADA"}`).status), "409"},
		{"a PATCH merges", w.call(http.MethodPatch, ada, `{`+core+`,"id":"`+id+`","active":false}`).object.String("active"), "false"},
		{"and removes", w.call(http.MethodPatch, ada, `{`+core+`,"meta":{"attributes":["title"]}}`).object.String("title"), ""},
		{"a PATCH of 2.0 is refused", fmt.Sprint(w.call(http.MethodPatch, ada, patchBody(`{"op":"replace","path":"title","value":"x"}`)).status), "400"},
		{"attributes keeps meta", fmt.Sprint(w.get(ada+"?attributes=userName").object.Get("meta") != nil), "true"},
		{"excludedAttributes is not known", w.get(ada + "?excludedAttributes=userName").object.UserName(), "ada"},
		{"the service describes itself", w.get("/ServiceProviderConfigs").object.String("xmlDataFormat.supported"), "false"},
		{"under its plural alone", fmt.Sprint(w.get("/ServiceProviderConfig").status, w.get("/ResourceTypes").status, w.get("/Me").status), "404 404 404"},
		{"with a schema for each kind", fmt.Sprint(w.get("/Schemas").total(), " ", w.get("/Schemas").resources()[1].String("endpoint")), "2 /Groups"},
		{"a search by POST is not known", fmt.Sprint(w.call(http.MethodPost, "/Users/.search", `{}`).status), "404"},
		{"a DELETE is answered 200", fmt.Sprint(w.call(http.MethodDelete, ada, "").status), "200"},
	} {
		expect(t, tt.name, tt.got, tt.want)
	}
}

func TestDefectsOf11AreSentences(t *testing.T) {
	for _, d := range Defects11() {
		if !strings.HasPrefix(d.Name, "v11.") || !strings.HasSuffix(d.Doc, ".") || strings.Count(d.Doc, ". ") > 0 {
			t.Errorf("%s: %q is not one sentence", d.Name, d.Doc)
		}
	}
}
