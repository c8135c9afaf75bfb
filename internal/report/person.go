package report

import "slices"

// Errand is a case of the usual manual test plan that no request can prove.
type Errand struct {
	Cases string `json:"cases"` // by the plan's numbers
	Text  string `json:"text"`  // what a person does, and what has to come of it

	feature string // the manifest's feature that it belongs to; "" for every app
}

// ErrandsOf are what a run of the whole catalogue leaves to a person, for an app with these features; nil is all of them.
func ErrandsOf(features []string) []Errand {
	return slices.DeleteFunc(Errands(), func(e Errand) bool {
		return features != nil && e.feature != "" && !slices.Contains(features, e.feature)
	})
}

// Errands are all that a run may leave to a person. docs/lab/manual-plan.md says what becomes of the other cases.
func Errands() []Errand {
	return []Errand{
		{"C9298, C9299", "Set the integration up by its guide, and nothing else. The guide is public and current, and names features, requirements, steps, mappings and known problems.", ""},
		{"C9345", "Compare the attribute mappings with those in the guide.", ""},
		{"C21902", "Where the connection is made by OAuth, start it with a redirect address that is not on the list. It is refused.", ""},
		{"C9342, C9343", "Sign in to the app as somebody who was provisioned, with a password and with SAML, as far as the app offers either.", "create_users"},
		{"C9301, C9302", "Sign in with a password that was just set, and then with one that was just changed. The one before is refused.", "sync_password"},
		{"C9292, C9294", "Stay signed in while the account is deactivated, with an API token of it at hand. The session ends, no new one begins, and the token is refused.", "deactivate_users"},
		{"C9371, C9372", "Use what an entitlement or a role gives, and try again after it was taken away.", ""},
	}
}
