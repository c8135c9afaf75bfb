package scim

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The rows are the rules and examples of draft-scim-api-01 §3.3.2.
func TestMergePartial(t *testing.T) {
	const ada = `{"schemas":["` + SchemaUser + `"],"userName":"ada","title":"Countess","name":{"givenName":"Ada","familyName":"Byron"},
		"emails":[{"value":"a@x.org","type":"work","primary":true},{"value":"b@x.org"}],"addresses":[{"type":"work","country":"GB"}]}`
	for _, tt := range []struct{ name, partial, path, want string }{
		{"a singular attribute is replaced", `{"title":"Dr."}`, "title", `"Dr."`},
		{"of a complex one only the parts that are there", `{"name":{"familyName":"King"}}`, "name", `{"familyName":"King","givenName":"Ada"}`},
		{"a new value is added", `{"emails":[{"value":"c@x.org"}]}`, "emails", `[{"primary":true,"type":"work","value":"a@x.org"},{"value":"b@x.org"},{"value":"c@x.org"}]`},
		{"a plain value is one too", `{"emails":["c@x.org"]}`, "emails", `[{"primary":true,"type":"work","value":"a@x.org"},{"value":"b@x.org"},{"value":"c@x.org"}]`},
		{"a value that is there is merged, and may become the primary one", `{"emails":[{"value":"b@x.org","primary":true}]}`, "emails",
			`[{"type":"work","value":"a@x.org"},{"primary":true,"value":"b@x.org"}]`},
		{"a value is deleted", `{"emails":[{"value":"a@x.org","operation":"delete"}]}`, "emails", `[{"value":"b@x.org"}]`},
		{"a value that is not there is deleted already", `{"emails":[{"value":"c@x.org","operation":"delete"}]}`, "emails", `[{"primary":true,"type":"work","value":"a@x.org"},{"value":"b@x.org"}]`},
		{"without a value, all parts must match", `{"addresses":[{"type":"work","country":"GB","operation":"delete"},{"type":"work","country":"SE"}]}`, "addresses", `[{"country":"SE","type":"work"}]`},
		{"meta.attributes removes", `{"meta":{"attributes":["title"]}}`, "title", `null`},
		{"and a part", `{"meta":{"attributes":["name.familyName"]}}`, "name", `{"givenName":"Ada"}`},
		{"what it removes may be set anew", `{"meta":{"attributes":["emails"]},"emails":[{"value":"c@x.org"}]}`, "emails", `[{"value":"c@x.org"}]`},
		{"a delete of what it removes is ignored", `{"meta":{"attributes":["emails"]},"emails":[{"value":"c@x.org","operation":"delete"}]}`, "emails", `null`},
		{"what is read-only stays", `{"id":"x","meta":{"created":"1999-12-31T23:59:59Z"},"groups":[{"value":"g"}]}`, "groups", `null`},
	} {
		r, err := MergePartial(resource(t, ada), resource(t, tt.partial))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, _ := json.Marshal(r.Get(tt.path))
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
	if _, err := MergePartial(resource(t, ada), resource(t, `{"meta":{"attributes":["userName"]}}`)); StatusOf(err) != 400 {
		t.Errorf("userName was removed: %v", err)
	}
}

func resource(t *testing.T, text string) Resource {
	t.Helper()
	r := objectIn([]byte(text))
	if r == nil {
		t.Fatalf("%s is no object", text)
	}
	return r
}
