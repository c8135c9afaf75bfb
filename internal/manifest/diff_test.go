package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Covers L-085, L-086, L-087 and the classes of the specification's §4.7.
func TestDiff(t *testing.T) {
	two := []map[string]string{acme().Rows("scim.variables")[0], {"label": "Region", "name": "region", "type": VariableString}}
	row := func(changes map[string]string) []map[string]string {
		rows := acme().Rows("scim.variables")
		for k, v := range changes {
			rows[0][k] = v
		}
		return rows
	}
	oauth := acme().With("scim.auth.mode", "oauth").With("scim.auth.clientId", "acme").
		With("scim.auth.authorizeUrl", "https://acme.example/authorize").With("scim.auth.tokenUrl", "https://acme.example/token")
	for _, tt := range []struct {
		name    string
		was, is Content
		want    []string // key, class and rules of the breaks
	}{
		{"nothing changed", acme(), acme(), nil},
		{"what is not submitted is not compared", acme(), acme().With("existingName", "x").With("scim.specEvidence", "https://x.example").With("useCases", []string{LifecycleManagement, "", "zero_trust"}), nil},
		{"catalog text", acme(), acme().With("name", "Acme 2").With("scim.guideUrl", "https://acme.example/2"), []string{"name catalog-only", "scim.guideUrl catalog-only"}},
		{"SCIM is added", acme().With("scim.enabled", No), acme(), []string{
			"scim.enabled compatible", "scim.version compatible", "scim.guideUrl catalog-only", "scim.features compatible", "scim.perTenant compatible",
			"scim.variables compatible", "scim.baseUrlTemplate compatible", "scim.auth.mode compatible", "scim.patch compatible",
			"scim.usernameIsEmail compatible", "scim.attributesCleaned compatible", "scim.groupPatchMax compatible"}},
		{"SCIM is taken away", static(), static().With("scim.enabled", No), []string{
			"scim.enabled breaking L-087", "scim.version breaking L-087", "scim.guideUrl catalog-only", "scim.features breaking L-087 L-087 L-087", "scim.perTenant compatible",
			"scim.baseUrl compatible", "scim.auth.mode breaking L-087", "scim.patch compatible", "scim.usernameIsEmail compatible",
			"scim.attributesCleaned compatible", "scim.groupPatchMax compatible"}},
		{"a feature is added", acme(), acme().With("scim.features", []string{CreateUsers, UpdateUsers, DeactivateUsers, GroupPush}), []string{"scim.features compatible"}},
		{"a feature is removed", acme(), acme().With("scim.features", []string{CreateUsers, UpdateUsers}), []string{"scim.features breaking L-087"}},
		{"a variable's label and help", acme(), acme().With("scim.variables", row(map[string]string{"label": "Tenant", "help": "As in the address"})), []string{"scim.variables compatible"}},
		{"a variable is renamed", acme(), acme().With("scim.variables", row(map[string]string{"name": "tenant"})).With("scim.baseUrlTemplate", "https://${app.tenant}.acme.example/scim/v2"),
			[]string{"scim.variables breaking L-085 L-086", "scim.baseUrlTemplate breaking L-087"}},
		{"a variable's type is narrowed", acme(), acme().With("scim.variables", row(map[string]string{"type": VariableHTTPS})), []string{"scim.variables breaking L-085"}},
		{"a text becomes an address", acme(), acme().With("scim.variables", row(map[string]string{"type": VariableURL})), []string{"scim.variables breaking L-085"}},
		{"a variable's type is widened", acme().With("scim.variables", row(map[string]string{"type": VariableHTTPS})), acme().With("scim.variables", row(map[string]string{"type": VariableURL})), []string{"scim.variables compatible"}},
		{"a variable is added to the address", acme(), acme().With("scim.variables", two).With("scim.baseUrlTemplate", "https://${app.sub_domain}.acme.example/${app.region}"),
			[]string{"scim.variables breaking L-086", "scim.baseUrlTemplate compatible"}},
		{"a variable is added beside the address", acme(), acme().With("scim.variables", two), []string{"scim.variables compatible"}},
		{"a variable is removed", acme().With("scim.variables", two), acme(), []string{"scim.variables breaking L-085"}},
		{"the path changes", static(), static().With("scim.baseUrl", "https://acme.example/scim/v3"), []string{"scim.baseUrl compatible"}},
		{"the host changes", static(), static().With("scim.baseUrl", "https://contoso.example/scim/v2"), []string{"scim.baseUrl breaking L-087"}},
		{"the case of a host does not count", static(), static().With("scim.baseUrl", "https://ACME.example/scim/v2"), []string{"scim.baseUrl compatible"}},
		{"the address begins to vary", static(), acme(), []string{
			"scim.perTenant compatible", "scim.variables breaking L-086", "scim.baseUrlTemplate breaking L-087", "scim.baseUrl breaking L-087"}},
		{"the mode changes", acme(), acme().With("scim.auth.mode", "basic"), []string{"scim.auth.mode breaking L-087"}},
		{"a header takes the place of a bearer token", acme(), acme().With("scim.auth.mode", "header").With("scim.auth.headerFormat", "{token}"),
			[]string{"scim.auth.mode breaking L-087", "scim.auth.headerName compatible", "scim.auth.headerFormat compatible"}},
		{"an OAuth endpoint moves", oauth, oauth.With("scim.auth.tokenUrl", "https://contoso.example/token"), []string{"scim.auth.tokenUrl breaking L-087"}},
		{"e-mails are demanded", acme(), acme().With("scim.usernameIsEmail", Yes), []string{"scim.usernameIsEmail breaking L-087"}},
		{"e-mails are no longer demanded", acme().With("scim.usernameIsEmail", Yes), acme(), []string{"scim.usernameIsEmail compatible"}},
		{"the chunk changes", acme(), acme().With("scim.groupPatchMax", nil), []string{"scim.groupPatchMax compatible"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range Diff(tt.was, tt.is) {
				line := []string{c.Key, string(c.Class)}
				for _, b := range c.Breaks {
					line = append(line, b.Rule)
				}
				got = append(got, strings.Join(line, " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAChangeCanBeRead(t *testing.T) {
	is := acme().With("scim.features", []string{CreateUsers}).With("scim.patch", No).
		With("scim.variables", []map[string]string{{"label": "Sub domain", "name": "sub_domain", "type": VariableHTTPS}})
	got := map[string][2]string{}
	for _, c := range Diff(acme(), is) {
		got[c.Label] = [2]string{c.Old, c.New}
	}
	want := map[string][2]string{
		"Provisioning features":           {"Create users\nUpdate user attributes\nDeactivate users", "Create users"},
		"Does your server support PATCH?": {"Yes", "No"},
		"Variables":                       {"Sub domain · sub_domain · String", "Sub domain · sub_domain · HTTPS URL"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClassOf(t *testing.T) {
	change := func(classes ...Class) (all []Change) {
		for _, c := range classes {
			all = append(all, Change{Class: c})
		}
		return all
	}
	for _, tt := range []struct {
		name string
		of   []Change
		want Class
	}{
		{"no change", nil, ""},
		{"only text", change(CatalogOnly, CatalogOnly), CatalogOnly},
		{"text and more", change(CatalogOnly, Compatible), Compatible},
		{"one that breaks", change(Breaking, CatalogOnly, Compatible), Breaking},
	} {
		if got := ClassOf(tt.of); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMerge(t *testing.T) {
	base := acme()
	for _, tt := range []struct {
		name         string
		mine, theirs Content
		want         Content
		conflicts    []string
	}{
		{"only I changed something", base.With("name", "Mine"), base, base.With("name", "Mine"), nil},
		{"only they did", base, base.With("name", "Theirs"), base.With("name", "Theirs"), nil},
		{"each changed another field", base.With("name", "Mine"), base.With("website", "https://theirs.example"), base.With("name", "Mine").With("website", "https://theirs.example"), nil},
		{"both made the same change", base.With("name", "Same"), base.With("name", "Same"), base.With("name", "Same"), nil},
		{"both changed one field", base.With("name", "Mine").With("scim.patch", No), base.With("name", "Theirs"), base.With("name", "Theirs").With("scim.patch", No), []string{"name: Mine, Theirs"}},
		{"I emptied what they changed", base.With("scim.features", nil), base.With("scim.features", []string{GroupPush}), base.With("scim.features", []string{GroupPush}), []string{"scim.features: , Group push"}},
		{"I emptied what they left", base.With("scim.features", nil), base, base.With("scim.features", nil), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, conflicts := Merge(base, tt.mine, tt.theirs)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var short []string
			for _, c := range conflicts {
				short = append(short, c.Key+": "+c.Mine+", "+c.Theirs)
			}
			if !slices.Equal(short, tt.conflicts) {
				t.Errorf("conflicts %v, want %v", short, tt.conflicts)
			}
		})
	}
}
