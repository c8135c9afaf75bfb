package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
)

func TestJSONHasTypes(t *testing.T) {
	c := Content{}.With("existing", No).With("name", "Acme <&>").With("useCases", []string{"zero_trust", ""}).
		With("supportContacts", []map[string]string{{"type": "email", "value": "a@acme.example"}, {}}).
		With("scim.enabled", Yes).With("scim.groupPatchMax", "200").With("scim.patch", "maybe").With("testAccount.password", "hunter22").
		With("scim.specEvidence", "https://results.example").With("changeSummary", "hidden, and typed").With("status", "published")
	want := `{"changeSummary":"hidden, and typed","existing":false,"name":"Acme \u003c\u0026\u003e",` +
		`"scim":{"enabled":true,"groupPatchMax":200,"patch":"maybe","specEvidence":"https://results.example"},` +
		`"supportContacts":[{"type":"email","value":"a@acme.example"}],"useCases":["zero_trust"]}`
	if diff := cmp.Diff(want, string(c.JSON())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONComesBack(t *testing.T) {
	for name, c := range map[string]Content{"acme": acme(), "static": static(), "nothing": {}} {
		got, err := ParseJSON(c.JSON())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("%s (-sent +read):\n%s", name, diff)
		}
	}
}

func TestParseJSONReadsWhatTheFormReads(t *testing.T) {
	got, err := ParseJSON([]byte(` {"name": " Acme\u200b ", "existing": true, "website": "", "scim": {"groupPatchMax": 7,
		"variables": [{"label": "Sub domain", "type": "string"}, {"label": "Tenant", "name": "t", "help": ""}], "auth": {}}} `))
	if err != nil {
		t.Fatal(err)
	}
	want := Content{}.With("name", "Acme").With("existing", Yes).With("scim.groupPatchMax", "7").With("scim.variables", []map[string]string{
		{"label": "Sub domain", "name": "sub_domain", "type": "string"}, {"label": "Tenant", "name": "t"}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Covers H-29, H-30.
func TestParseJSONIsStrict(t *testing.T) {
	for _, tt := range []struct {
		name, json string
		want       []string // keys of the refused fields; nil where the whole body is refused
	}{
		{"no JSON", "name=Acme", nil},
		{"nothing", "", nil},
		{"a list", "[]", nil},
		{"null", "null", nil},
		{"a text", `"name"`, nil},
		{"half an object", `{"name":"Acme"`, nil},
		{"half a value", `{"name":"Ac`, nil},
		{"two objects", `{}{}`, nil},
		{"something behind the object", `{} x`, nil},
		{"a comma too many", `{"name":"Acme",}`, nil},
		{"bytes that are no UTF-8", "{\"name\":\"\xff\"}", nil},
		{"a byte-order mark", "\ufeff{}", nil},

		{"an unknown key", `{"status":"published"}`, []string{"status"}},
		{"keys that would give rights", `{"org_id":"1","verified":true,"id":"x","created_by":"y","approved_hash":"z"}`, []string{"org_id", "verified", "id", "created_by", "approved_hash"}},
		{"a prototype", `{"__proto__":{"name":"x"},"constructor":{}}`, []string{"__proto__", "constructor"}},
		{"a key in another case", `{"Name":"Acme"}`, []string{"Name"}},
		{"an unknown key inside", `{"scim":{"verified":true}}`, []string{"scim.verified"}},
		{"a dotted key", `{"scim.enabled":true}`, []string{"scim.enabled"}},
		{"an unknown column", `{"supportContacts":[{"type":"email","value":"a@b.example","verified":"x"}]}`, []string{"supportContacts.0.verified"}},
		{"a key twice", `{"name":"A","name":"B"}`, []string{"name"}},
		{"a key twice in another spelling", `{"name":"A","na\u006de":"B"}`, []string{"name"}},
		{"a group twice", `{"scim":{"enabled":true},"scim":{"enabled":false}}`, []string{"scim"}},
		{"a column twice", `{"supportContacts":[{"type":"email","type":"url"}]}`, []string{"supportContacts.0.type"}},
		{"a secret", `{"testAccount":{"password":"hunter22"},"scim":{"auth":{"clientSecret":"x"},"connection":{}}}`, []string{"testAccount.password", "scim.auth.clientSecret", "scim.connection"}},
		{"an answer as a text", `{"existing":"yes"}`, []string{"existing"}},
		{"an answer as a number", `{"scim":{"enabled":1}}`, []string{"scim.enabled"}},
		{"a number as a text", `{"scim":{"groupPatchMax":"200"}}`, []string{"scim.groupPatchMax"}},
		{"a fraction", `{"scim":{"groupPatchMax":200.0}}`, []string{"scim.groupPatchMax"}},
		{"an exponent", `{"scim":{"groupPatchMax":2e2}}`, []string{"scim.groupPatchMax"}},
		{"a number of a hundred digits", `{"scim":{"groupPatchMax":` + strings.Repeat("9", 100) + `}}`, []string{"scim.groupPatchMax"}},
		{"a text as a number", `{"name":7}`, []string{"name"}},
		{"a text as null", `{"name":null}`, []string{"name"}},
		{"a text as a list", `{"name":["Acme"]}`, []string{"name"}},
		{"a text as an object", `{"name":{"x":"y"}}`, []string{"name"}},
		{"a group as a text", `{"scim":"on"}`, []string{"scim"}},
		{"a group as null", `{"scim":null}`, []string{"scim"}},
		{"a group as a list", `{"scim":[{"enabled":true}]}`, []string{"scim"}},
		{"a list as a text", `{"useCases":"zero_trust"}`, []string{"useCases"}},
		{"a list with a number in it", `{"useCases":["zero_trust",7]}`, []string{"useCases.1"}},
		{"a list with a blank entry", `{"useCases":[" "]}`, []string{"useCases.0"}},
		{"a list in a list", `{"useCases":[["zero_trust"]]}`, []string{"useCases.0"}},
		{"a table as an object", `{"supportContacts":{"type":"email"}}`, []string{"supportContacts"}},
		{"a row as a text", `{"supportContacts":["a@b.example"]}`, []string{"supportContacts.0"}},
		{"a blank row", `{"supportContacts":[{"type":""}]}`, []string{"supportContacts.0"}},
		{"a cell as a number", `{"supportContacts":[{"type":"phone","value":12025550143}]}`, []string{"supportContacts.0.value"}},
		{"too many rows", `{"supportContacts":[{}` + strings.Repeat(",{}", 64) + `]}`, []string{"supportContacts"}},
		{"deep nesting", `{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, []string{"x"}},
		{"nesting deeper than the parser goes", `{"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseJSON([]byte(tt.json))
			if fault.CodeOf(err) != fault.Invalid || c != nil {
				t.Fatalf("accepted as %v, %v", c, err)
			}
			var got []string
			for _, f := range fault.Show(err).Fields {
				got = append(got, f.Key)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestParseJSONEndsItsListOfFaults(t *testing.T) {
	var b strings.Builder
	for range 1000 {
		b.WriteString(`"x":1,`)
	}
	_, err := ParseJSON([]byte("{" + b.String() + `"y":2}`))
	if n := len(fault.Show(err).Fields); n != faultLimit {
		t.Errorf("%d faults", n)
	}
}
