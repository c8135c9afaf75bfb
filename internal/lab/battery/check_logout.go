package battery

import (
	"slices"

	"slipway/internal/report"
	"slipway/internal/target"
)

var logoutChecks = []Check{
	{
		ID: "contract.logout", Title: "A user is logged out everywhere", Contracts: []string{logOut, createUser}, Needs: []string{created},
		Changes: true, Severity: report.Network,
		Why: "A session that was stolen goes on.",
		Fix: "End the user's sessions, and return logoutStatus SUCCESS, also where there was none.",
		judge: func(r *run) finding {
			done, err := r.Target.(Sessions).LogOut(r.ctx, r.ada.id, r.ada.name)
			switch {
			case err != nil:
				return r.trouble("Logging a user out", err)
			case !done:
				return fails("Logging out a user who is there ends with FAILURE.")
			}
			return passes()
		},
	},
	{
		ID: "contract.logout.unknown", Title: "Logging out a user who does not exist is a FAILURE", Contracts: []string{logOut}, Needs: []string{"contract.connect"},
		Changes: true, Severity: report.Network,
		Why:   "A success that logged nobody out is taken for safety.",
		Fix:   "Return logoutStatus FAILURE where the API knows no such user.",
		judge: (*run).judgeLogoutUnknown,
	},
}

func (r *run) judgeLogoutUnknown() finding {
	done, err := r.Target.(Sessions).LogOut(r.ctx, r.names.unknown, r.names.nobody)
	switch {
	case slices.Contains([]target.Kind{target.Gone, target.Rejected}, kindOf(err)) && !target.FailureOf(err).Ours:
		return fails("It ends with an error, and not with logoutStatus FAILURE: %s", sentence(err.Error()))
	case err != nil:
		return r.trouble("Logging out a user who does not exist", err)
	case done:
		return fails("Logging out a user who does not exist ends with SUCCESS.")
	}
	return passes()
}
