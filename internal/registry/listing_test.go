package registry

import (
	"strings"
	"testing"

	"slipway/internal/manifest"
)

// Covers: the listing holds what is public, and nothing else.
func TestListingShowsOnlyWhatIsPublic(t *testing.T) {
	sub := standing(Published)
	sub.Content = fullContent().With("logo", strings.Repeat("a", 64)).With("testAccount.instructions", "canary-instructions")
	public := Dossier{Submission: sub}.Preview().Public
	text := string(public.Encode())
	for _, hidden := range []string{"network-escalations", "tester@", "canary", "acme.example/login", "scim/v2", "bearer"} {
		if strings.Contains(text, hidden) {
			t.Errorf("the listing shows %q: %s", hidden, text)
		}
	}
	for _, key := range []string{"name", "website", "description", "logo", "scim.version", "scim.guideUrl"} {
		if public.Text(key) == "" {
			t.Errorf("the listing lacks %s", key)
		}
	}
	if len(public.Rows("supportContacts")) != 1 {
		t.Error("the listing lacks the support contacts")
	}
}

func TestSlugs(t *testing.T) {
	for name, want := range map[string]string{
		"SCIM 2.0 Test App (Header Auth)": "scim-2-0-test-app-header-auth",
		"Crème & Söhne":                   "creme-sohne",
		"--Acme--":                        "acme",
		"株式会社":                            "integration",
		"":                                "integration",
		strings.Repeat("long name ", 20):  strings.TrimSuffix(strings.Repeat("long-name-", 6), "-"),
	} {
		if got := slugOf(name); got != want {
			t.Errorf("slug of %q is %q, want %q", name, got, want)
		}
	}
	taken := map[string]bool{"acme": true, "acme-2": true}
	if got := freeSlug("Acme", func(s string) bool { return taken[s] }); got != "acme-3" {
		t.Errorf("a taken slug became %q", got)
	}
}

func listed(name, vendor, description string, features ...string) Listing {
	return Listing{Slug: slugOf(name), Vendor: vendor, State: Listed, Public: manifest.Content{}.
		With("name", name).With("description", description).With("scim.features", features).With("scim.version", "2.0").With("useCases", []string{"zero_trust"})}
}

// Covers: search and filters.
func TestCatalogSearch(t *testing.T) {
	all := []Listing{
		listed("Zeta Mail", "Zeta", "Sends letters, also for the Acme directory.", manifest.CreateUsers),
		listed("Acme Directory", "Acme Inc", "Keeps people.", manifest.CreateUsers, manifest.DeactivateUsers),
		listed("Directory of Acme", "Acme Inc", "Keeps rooms."),
		listed("Böse Wörter", "Zeta", "Counts words."),
	}
	for _, tt := range []struct {
		name  string
		query CatalogQuery
		want  string
	}{
		{"everything, by name", CatalogQuery{}, "Acme Directory|Böse Wörter|Directory of Acme|Zeta Mail"},
		{"the beginning of a name comes first, then names, then texts", CatalogQuery{Text: "acme"}, "Acme Directory|Directory of Acme|Zeta Mail"},
		{"two words in their order", CatalogQuery{Text: "Acme dir"}, "Acme Directory|Directory of Acme|Zeta Mail"},
		{"a typing error", CatalogQuery{Text: "drectory"}, "Acme Directory|Directory of Acme"},
		{"two letters swapped", CatalogQuery{Text: "amce"}, "Acme Directory|Directory of Acme"},
		{"accents do not matter", CatalogQuery{Text: "worter"}, "Böse Wörter"},
		{"a protocol", CatalogQuery{Text: "SCIM 2.0 mail"}, "Zeta Mail"},
		{"a capability in words", CatalogQuery{Text: "deactivate"}, "Acme Directory"},
		{"a capability", CatalogQuery{Feature: manifest.DeactivateUsers}, "Acme Directory"},
		{"a use case that none has", CatalogQuery{UseCase: "automation"}, ""},
		{"a word that is nowhere", CatalogQuery{Text: "acme quantum"}, ""},
		{"signs that are no words", CatalogQuery{Text: `%_'"*`}, "Acme Directory|Böse Wörter|Directory of Acme|Zeta Mail"},
	} {
		var names []string
		for _, l := range tt.query.filter(all) {
			names = append(names, l.Name())
		}
		if got := strings.Join(names, "|"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestCapabilitiesNameWhatIsMissingToo(t *testing.T) {
	capabilities := listed("Acme", "Acme", "", manifest.DeactivateUsers).Capabilities()
	if len(capabilities) < 9 || !capabilities[2].Has || capabilities[2].Label != "Deactivate users" || capabilities[0].Has {
		t.Errorf("capabilities: %+v", capabilities)
	}
	if cases := listed("Acme", "Acme", "").UseCases(); len(cases) != 1 || cases[0].Label != "Zero Trust" {
		t.Errorf("use cases: %+v", cases)
	}
}

// Covers: what a new submission says about an existing listing is checked before a reviewer reads it.
func TestFlags(t *testing.T) {
	names := []ListingName{{OrgID: "org_other", Name: "Other", Slug: "other"}, {OrgID: ann.OrgID, Name: "Mine", Slug: "mine"}}
	for _, tt := range []struct {
		about, existing, claims, name string
		number                        int
		code, slug                    string
	}{
		{"a new app", "no", "", "New", 1, "", ""},
		{"its own listing", "yes", "mine", "Mine", 1, "existing", "mine"},
		{"another org's listing", "yes", "Other", "Other", 1, "wrong_org", "other"},
		{"a listing that is not there", "yes", "Ghost", "Ghost", 1, "unknown_listing", ""},
		{"its own listing, as if it were new", "no", "", "MINE", 1, "duplicate", "mine"},
		{"another org's name, as if it were new", "no", "", "Other", 1, "", ""},
		{"an update", "yes", "Mine", "Mine", 2, "", ""},
		{"an update that says it is new", "no", "", "Mine", 2, "", ""},
	} {
		sub := standing(ToReview)
		sub.Number, sub.Content = tt.number, manifest.Content{"existing": tt.existing, "existingName": tt.claims, "name": tt.name}
		code, slug := "", ""
		if flags := (Dossier{Submission: sub}).flags(names); len(flags) > 0 {
			code, slug = flags[0].Code, flags[0].Slug
		}
		if code != tt.code || slug != tt.slug {
			t.Errorf("%s: flag %q, listing %q; want %q, %q", tt.about, code, slug, tt.code, tt.slug)
		}
	}
}
