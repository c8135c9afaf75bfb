package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// acme is a content that can be submitted: a SCIM server whose address varies per tenant.
func acme() Content {
	c := Content{}
	for key, value := range map[string]any{
		"existing":    No,
		"name":        "Acme",
		"website":     "https://www.acme.example/slipway",
		"useCases":    []string{LifecycleManagement, "zero_trust"},
		"description": "Acme keeps the inventory of your workshops. The integration creates, updates and deactivates its users.",
		"logo":        strings.Repeat("ab", 32),
		"supportContacts": []map[string]string{
			{"type": "email", "value": "support@acme.example"},
			{"type": "url", "value": "https://acme.example/faq"},
		},
		"escalationContact":        "network-escalations@acme.example",
		"testAccount.url":          "https://acme.example/login",
		"testAccount.username":     "reviewer@acme.example",
		"testAccount.instructions": "The SCIM base URL and a token are under Settings, Provisioning.",
		"scim.enabled":             Yes,
		"scim.version":             "2.0",
		"scim.guideUrl":            "https://acme.example/guide.pdf",
		"scim.features":            []string{CreateUsers, UpdateUsers, DeactivateUsers},
		"scim.perTenant":           Yes,
		"scim.variables":           []map[string]string{{"label": "Sub domain", "name": "sub_domain", "type": VariableString}},
		"scim.baseUrlTemplate":     "https://${app.sub_domain}.acme.example/scim/v2",
		"scim.patch":               Yes,
		"scim.auth.mode":           string(AuthBearer),
		"scim.usernameIsEmail":     No,
		"scim.attributesCleaned":   Yes,
		"scim.groupPatchMax":       "200",
	} {
		c = c.With(key, value)
	}
	return c
}

// static is acme with one address for all customers.
func static() Content {
	return acme().With("scim.perTenant", No).With("scim.variables", nil).With("scim.baseUrlTemplate", nil).
		With("scim.baseUrl", "https://acme.example/scim/v2")
}

// stored is an Env in which every secret of acme is stored.
func stored() Env {
	return Env{Stored: map[string]bool{
		"testAccount.password": true, "scim.auth.clientSecret": true,
		ConnectionToken: true, ConnectionUsername: true, ConnectionPassword: true, VariablePrefix + "sub_domain": true,
	}}
}

// storedFor is an Env in which all that a content asks for is stored.
func storedFor(c Content) Env {
	env := stored()
	for _, f := range ConnectionFields(c) {
		env.Stored[f.Key] = true
	}
	return env
}

// brief writes problems as "key rule severity", sorted, so that a test can say exactly what it expects.
func brief(problems []Problem) []string {
	short := []string{}
	for _, p := range problems {
		short = append(short, fmt.Sprintf("%s %s %s", p.Key, p.Rule, p.Severity))
	}
	slices.Sort(short)
	return short
}

func TestACompleteContentHasNoProblem(t *testing.T) {
	for name, c := range map[string]Content{"per tenant": acme(), "static": static()} {
		if got := Validate(c, stored()); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if !Complete(c, stored()) {
			t.Errorf("%s: not complete: %+v", name, Progress(c, stored()))
		}
	}
}
