package report

// Errand is a case of the usual manual test plan that no request can prove.
type Errand struct {
	Cases string // by the plan's numbers
	Text  string // what a person does, and what has to come of it
}

// errandsOf are the errands that belong to a report: to a run of the whole catalogue that came by.
func errandsOf(r Report) []Errand {
	if r.Suite != "" || len(r.Only) > 0 || r.Verdict == NotRun {
		return nil
	}
	return Errands()
}

// Errands are what a run leaves to a person. docs/lab/manual-plan.md says what becomes of the other cases.
func Errands() []Errand {
	return []Errand{
		{"C9298, C9299", "Set the integration up by its guide, and nothing else. The guide is public and current, and names features, requirements, steps, mappings and known problems."},
		{"C9345", "Compare the attribute mappings with those in the guide."},
		{"C21902", "Where the connection is made by OAuth, start it with a redirect address that is not on the list. It is refused."},
		{"C9342, C9343", "Sign in to the app as somebody who was provisioned, with a password and with SAML, as far as the app offers either."},
		{"C9301, C9302", "Sign in with a password that was just set, and then with one that was just changed. The one before is refused."},
		{"C9292, C9294", "Stay signed in while the account is deactivated, with an API token of it at hand. The session ends, no new one begins, and the token is refused."},
		{"C9371, C9372", "Use what an entitlement or a role gives, and try again after it was taken away."},
	}
}
