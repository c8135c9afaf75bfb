package manifest

import (
	"testing"

	"pgregory.net/rapid"
)

//
func TestANameIsMadeFromTheLabel(t *testing.T) {
	for _, tt := range []struct {
		name, label string
		taken       []string
		want        string
	}{
		{"words become one name", "Sub domain", nil, "sub_domain"},
		{"signs become one underscore", "Region (EU/US) – code", nil, "region_eu_us_code"},
		{"accents go", "Domäne Ñ", nil, "domane_n"},
		{"a digit cannot begin", "2nd domain", nil, "v_2nd_domain"},
		{"a label without Latin letters", "域名", nil, "variable"},
		{"a reserved name is avoided", "SCIM base URL", nil, "scim_base_url_value"},
		{"a taken name gets a number", "Sub-Domain", []string{"sub_domain", "sub_domain_2"}, "sub_domain_3"},
		{"a long label is cut", "The tenant that every single customer of ours has to enter here", nil, "the_tenant_that_every_single_customer_of_ours_has_to_ent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rows []map[string]string
			for _, name := range tt.taken {
				rows = append(rows, map[string]string{"label": "taken " + name, "name": name})
			}
			rows = append(rows, map[string]string{"label": tt.label})
			named := nameVariables(Content{}.With("scim.variables", rows)).Rows("scim.variables")
			if got := named[len(named)-1]["name"]; got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.label, got, tt.want)
			}
		})
	}
}

func TestEveryGeneratedNameIsValidAndDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []map[string]string
		for _, label := range rapid.SliceOfN(rapid.OneOf(rapid.StringN(1, 80, -1), rapid.SampledFrom([]string{"token", "ID", "Sub domain", "sub_domain 2"})), 1, 8).Draw(t, "labels") {
			rows = append(rows, map[string]string{"label": label})
		}
		seen := map[string]bool{}
		for _, row := range nameVariables(Content{}.With("scim.variables", rows)).Rows("scim.variables") {
			if problems := variableName(row["name"], Env{}); problems != nil || seen[row["name"]] || len(row["name"]) > 64 {
				t.Fatalf("%q becomes %q: %v", row["label"], row["name"], problems)
			}
			seen[row["name"]] = true
		}
	})
}
