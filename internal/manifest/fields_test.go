package manifest

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/require"
)

// The order of the form, and every key that the API knows.
func TestTheFieldsAreThese(t *testing.T) {
	want := map[Tab][]string{
		TabGeneral: {
			"G-01 existing", "G-02 existingName", "G-03 changeSummary", "G-04 name", "G-05 website", "G-06 useCases", "G-07 description", "G-08 logo",
			"G-09 supportContacts", "G-10 escalationContact", "G-10 escalationPhone",
			"G-11 testAccount.url", "G-12 testAccount.username", "G-13 testAccount.password", "G-14 testAccount.instructions",
		},
		TabSCIM: {
			"S-01 scim.enabled", "S-03 scim.version", "S-04 scim.guideUrl", "S-05 scim.features",
			"S-06 scim.perTenant", "S-07 scim.variables", "S-08 scim.baseUrlTemplate", "S-08b scim.baseUrl",
			"S-10 scim.auth.mode", "S-10a scim.auth.headerName", "S-10a scim.auth.headerFormat", "S-10b scim.auth.authorizeUrl",
			"S-10c scim.auth.tokenUrl", "S-10d scim.auth.clientId", "S-10e scim.auth.clientSecret", "S-02 scim.connection",
			"S-09 scim.patch", "S-11 scim.usernameIsEmail", "S-17 scim.testDomain", "S-12 scim.attributesCleaned", "S-13 scim.groupPatchMax",
			"S-14 scim.demoUrl", "S-15 scim.specEvidence", "S-16 scim.crudEvidence",
		},
		TabConnector: {"C-01 connector.enabled"},
	}
	for _, tab := range Tabs() {
		var got []string
		for _, f := range FieldsOf(tab) {
			got = append(got, f.Ref+" "+f.Key)
		}
		if diff := cmp.Diff(want[tab], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tab.Label(), diff)
		}
	}
}

func TestEveryFieldIsWhole(t *testing.T) {
	seen := map[string]bool{}
	all := Fields()
	all = append(all, ConnectionFields(acme())...)
	all = append(all, ConnectionFields(acme().With("scim.auth.mode", "basic"))...)
	for _, f := range all {
		if seen[f.Key] && !strings.HasPrefix(f.Key, "connection.") {
			t.Errorf("%s is declared twice", f.Key)
		}
		seen[f.Key] = true
		wholeField(t, f.Key, f)
		for _, column := range f.Columns {
			wholeField(t, f.Key+"[]."+column.Key, column)
		}
		if f.class == "" && !strings.HasPrefix(f.Key, "connection.") {
			t.Errorf("%s: says not what a change of it means", f.Key)
		}
		if f.Section == "" || f.Tab == "" || f.Shown == nil || f.Required == nil {
			t.Errorf("%s: no section, tab or condition", f.Key)
		}
	}
}

func wholeField(t *testing.T, key string, f Field) {
	t.Helper()
	typed := !slices.Contains([]Type{TypeYesNo, TypeSwitch, TypeChoice, TypeConnection}, f.Type)
	switch {
	case f.Ref == "" || f.Label == "" || f.Type == "" || f.Visibility == "":
		t.Errorf("%s: no row, label, type or visibility", key)
	case f.Help == "" && f.Key != VariablePrefix+"sub_domain": // the vendor writes that one's help
		t.Errorf("%s: no help", key)
	case utf8.RuneCountInString(f.Help) > 140:
		t.Errorf("%s: help of %d characters is too long to be read", key, utf8.RuneCountInString(f.Help))
	case typed && f.Max == 0:
		t.Errorf("%s: no limit", key)
	case !typed && f.Type != TypeConnection && len(f.Options) < 2:
		t.Errorf("%s: a choice without options", key)
	case (f.Type == TypeSecret) != (f.Visibility == VisSecret) && f.Type != TypeConnection:
		t.Errorf("%s: type %s is seen by %s", key, f.Type, f.Visibility)
	}
}

// Covers: nothing that only the network team may read is marked for the catalog.
func TestWhoSeesWhat(t *testing.T) {
	var public, secret []string
	for _, f := range Fields() {
		switch f.Visibility {
		case VisPublic:
			public = append(public, f.Key)
		case VisSecret:
			secret = append(secret, f.Key)
		}
	}
	if diff := cmp.Diff([]string{"name", "website", "useCases", "description", "logo", "supportContacts", "scim.enabled", "scim.version",
		"scim.guideUrl", "scim.features", "connector.enabled"}, public); diff != "" {
		t.Errorf("public (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"testAccount.password", "scim.auth.clientSecret", "scim.connection"}, secret); diff != "" {
		t.Errorf("secret (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"testAccount.password", "scim.auth.clientSecret"}, SecretKeys()); diff != "" {
		t.Errorf("SecretKeys (-want +got):\n%s", diff)
	}
}

func TestWhatOnlyPeopleRead(t *testing.T) {
	var got []string
	for _, f := range Fields() {
		if f.class == CatalogOnly && f.Tab != TabGeneral {
			got = append(got, f.Key)
		}
		if f.class != CatalogOnly && f.Tab == TabGeneral {
			t.Errorf("a change of %s is %s", f.Key, f.class)
		}
	}
	if diff := cmp.Diff([]string{"scim.guideUrl", "scim.demoUrl", "scim.specEvidence", "scim.crudEvidence"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ name, key, want string }{
		{"a key", "scim.baseUrl", "scim.baseUrl"},
		{"a cell of a table", "scim.variables.0.label", "scim.variables"},
		{"an entry of a list", "useCases.3", "useCases"},
		{"a key that another one begins with", "scim.baseUrlTemplate", "scim.baseUrlTemplate"},
		{"a key below a text", "name.first", ""},
		{"a group", "scim", ""},
		{"no key", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := Find(tt.key)
			if f.Key != tt.want || ok != (tt.want != "") {
				t.Errorf("Find(%q) = %q, %v", tt.key, f.Key, ok)
			}
		})
	}
}

//
func TestUseCasesAreNotOfferedTwiceAndEndAtFive(t *testing.T) {
	f, _ := Find("useCases")
	c := Content{}.With("useCases", []string{"zero_trust", ""})
	offered := func(i int) []string {
		var values []string
		for _, o := range f.OptionsLeft(c, i) {
			values = append(values, o.Value)
		}
		return values
	}
	if slices.Contains(offered(1), "zero_trust") || len(offered(1)) != 9 {
		t.Errorf("the second entry is offered %v", offered(1))
	}
	if !slices.Contains(offered(0), "zero_trust") {
		t.Error("an entry is no longer offered what it holds")
	}
	if !f.CanAdd(c) || f.CanAdd(c.With("useCases", make([]string, 5))) {
		t.Error("CanAdd does not end at five")
	}
	if rows, _ := Find("scim.variables"); rows.CanAdd(Content{}.With("scim.variables", slices.Repeat([]map[string]string{{}}, 8))) {
		t.Error("a ninth variable can be added")
	}
}

func TestTheConnectorTabIsNoSectionToComplete(t *testing.T) {
	c := acme().With("connector.enabled", Yes)
	for _, section := range Progress(c, stored()) {
		if section.Tab == TabConnector {
			t.Errorf("%+v", section)
		}
	}
	if TabConnector.Note() == "" || TabSCIM.Note() != "" || TabConnector.On(c) {
		t.Error("the connector tab does not say that it is not offered")
	}
}

func TestTheReferenceIsUpToDate(t *testing.T) {
	require.Drawn(t, "docs/fields.md", Markdown())
}
