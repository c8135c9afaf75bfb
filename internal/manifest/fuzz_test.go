package manifest

import (
	"fmt"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzParseJSON: nothing panics, and what is accepted comes back from its own JSON as it is. Covers H-30.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		string(acme().JSON()), string(static().JSON()), `{}`, `{"scim":{"variables":[{"label":"x"}]}}`, `{"name":null}`, `{"a":{"b":[1,{}]}}`,
		`{"scim":{"groupPatchMax":-0}}`, `{"scim":{"baseUrlTemplate":"${app.x}${","perTenant":true,"enabled":true,"variables":[{"label":"X"}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseJSON(data)
		if err != nil {
			return
		}
		again, err := ParseJSON(c.JSON())
		if err != nil {
			t.Fatalf("%s\nis read as\n%s\nwhich is refused: %v", data, c.JSON(), err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("%s\nis read in two ways:\n%s", data, diff)
		}
		surviveEverything(t, c)
	})
}

// FuzzParseForm: nothing panics, and a form filled from the result reads as the same.
func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{
		asForm(TabGeneral, acme()).Encode(), asForm(TabSCIM, acme()).Encode(), "add=supportContacts&remove=useCases.0&useCases.0=a",
		"scim.variables.0.label=Token&scim.variables.1.label=token&scim.enabled=yes&scim.perTenant=yes", "supportContacts.4294967296.type=x&name=%ff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, posted string) {
		form, err := url.ParseQuery(posted)
		if err != nil {
			return
		}
		c := Content{}
		for _, tab := range Tabs() {
			part := ParseForm(tab, form)
			if len(form[AddEntry]) == 0 {
				if diff := cmp.Diff(Content{}.Overlay(part), Content{}.Overlay(ParseForm(tab, asForm(tab, part)))); diff != "" {
					t.Fatalf("%s: shown and posted again it differs:\n%s", posted, diff)
				}
			}
			c = c.Overlay(part)
		}
		ParseSecrets(append(Fields(), ConnectionFields(c)...), form)
		surviveEverything(t, c)
	})
}

// surviveEverything asks everything that is asked of a draft.
func surviveEverything(t *testing.T, c Content) {
	t.Helper()
	Validate(c, Env{})
	Progress(c, stored())
	if s, err := c.SCIM(); err == nil {
		_, _ = s.BaseURL(map[string]string{"x": "y"})
	}
	ValidateConnection(c, connection(ConnectionToken, "x"), Env{})
	Diff(acme(), c)
	again, err := Decode(c.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, again); diff != "" {
		t.Fatalf("stored and read again it differs:\n%s", diff)
	}
	if Hash(again) != Hash(c) || !utf8.Valid(Canonical(c)) {
		t.Fatalf("the hash changed, or the text is no UTF-8: %s", Canonical(c))
	}
}

// asForm is what a page with these values would post.
func asForm(tab Tab, c Content) url.Values {
	form := url.Values{}
	for _, f := range FieldsOf(tab) {
		switch value := c.Get(f.Key).(type) {
		case string:
			form.Set(f.Key, value)
		case []string:
			for i, entry := range value {
				form.Set(fmt.Sprintf("%s.%d", f.Key, i), entry)
			}
		case []map[string]string:
			for i, row := range value {
				for _, column := range f.Columns {
					form.Set(fmt.Sprintf("%s.%d.%s", f.Key, i, column.Key), row[column.Key])
				}
			}
		}
	}
	return form
}
