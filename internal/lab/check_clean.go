package lab

import (
	"strings"

	"slipway/internal/report"
)

// cleanChecks come last of all: after them nothing is left to work with.
var cleanChecks = []Check{
	{
		ID: "clean.no-leftovers", Title: "Nothing that the run made stays active", Family: users, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.6; experience",
		Why:   "Test accounts that cannot be removed pile up, take licences, and let somebody in.",
		Fix:   `Let DELETE remove the account from lists too; where accounts must be kept, let "active": false end their use.`,
		judge: (*run).judgeLeftovers,
	},
}

// judgeLeftovers removes what is still there, and then looks for what bears the prefix of this run. The cleaning up after
// the run finds nothing left to do, or tries once more.
func (r *run) judgeLeftovers() Finding {
	mark := len(r.evidence)
	left := r.remove()
	r.evidence = r.evidence[:mark]
	for _, o := range left {
		if o.Resource != "Users" || o.ID == "" || o.Why == "" {
			continue
		}
		if a := r.user(o.ID); a.is2xx() && !isInactive(a.object) {
			return fails("The user %s could neither be removed nor deactivated: %s", quote(o.Name), o.Why)
		}
	}
	return r.stillActive()
}

// stillActive looks for users of this run: by the start of the name, or in a page of the list where no such filter is
// offered.
func (r *run) stillActive() Finding {
	a := r.find("userName sw " + quote(r.names.prefix))
	if _, ok := a.list(); !ok {
		a = r.get("/Users", "startIndex", "1", "count", "100")
	}
	for _, user := range a.resources() {
		if strings.HasPrefix(strings.ToLower(user.UserName()), r.names.prefix) && !isInactive(user) {
			return fails("The user %s was deleted, and is in the list all the same, active.", quote(excerpt(user.UserName())))
		}
	}
	return passes()
}
