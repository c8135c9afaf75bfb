package lab

import (
	"slices"
	"strings"
)

// What else breaks with a discovery document or a refusal, and what does not show where there is none.
func init() {
	follows["discovery.schemas.id-name-attrs"] = []string{"discovery.rt.schema-known"} // the extension is there no more under its URN
	follows["media.response-type"] = []string{"discovery.media"}                       // on every body
	follows["error.schema"] = []string{"auth.forbidden-403"}                           // the 403 is an error too
	for _, wanted := range []string{"users.create.minimal", "users.create.no-email"} { // wanted, and not said
		follows[wanted] = []string{"discovery.schemas.truthful.required"}
	}

	for document, prefixes := range map[string][]string{
		"discovery.spc.present":     {"discovery.spc.", "auth.spc-scheme", "discovery.media"},
		"discovery.rt.present":      {"discovery.rt."},
		"discovery.schemas.present": {"discovery.schemas.", "discovery.query.", "discovery.rt.schema-known", "auth.discovery", "discovery.readonly"},
	} {
		hides[document] = append(hides[document], idsWith(prefixes...)...)
	}
}

// idsWith are the checks whose ids begin with one of the prefixes.
func idsWith(prefixes ...string) []string {
	var ids []string
	for _, c := range Checks() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(c.ID, p) }) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
