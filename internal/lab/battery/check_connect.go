package battery

import (
	"slices"

	"slipway/internal/report"
	"slipway/internal/target"
)

var connectChecks = []Check{
	{
		ID: "contract.connect", Title: "The connection works with its credentials", Contracts: []string{listUsers}, Severity: report.Network,
		Plan: []string{"C9306"},
		Why:  "Nothing else can be proved, and nobody can be provisioned.",
		Fix:  "Check the credentials and the address; List Users must answer with them.",
		judge: func(r *run) finding {
			if err := r.Target.Probe(r.ctx); err != nil {
				return r.trouble("Asking for two users", err)
			}
			return passes()
		},
	},
	{
		ID: "contract.connect.wrong", Title: "Wrong credentials are refused as such", Contracts: []string{listUsers}, Severity: report.Network,
		Plan:  []string{"C9340", "C9341"},
		Why:   "Whoever mistypes a token must learn that it is the token; and nobody may read people without one.",
		Fix:   "Answer wrong credentials with 401, and let the connector give that the type INVALID_CREDENTIALS.",
		judge: (*run).judgeJunk,
	},
	{
		ID: "contract.get.unknown", Title: "An id that nobody has is not found", Contracts: []string{getUser}, Needs: []string{"contract.connect"}, Severity: report.Network,
		Why: "Only a clear “not found” tells that an account is gone. Anything else may be a breakdown, after which nothing is done.",
		Fix: "Let Get User by ID end with 404, of the type RESOURCE_NOT_FOUND, where there is no such user.",
		judge: func(r *run) finding {
			user, err := r.accounts().User(r.ctx, r.names.unknown)
			if err == nil {
				return fails("Asked for the id %s, which nobody has, it answered with the user %q.", r.names.unknown, user.ID())
			}
			return r.notFound("Asking for an id that nobody has", err)
		},
	},
}

// judgeJunk asks with wrong credentials, and only reads.
func (r *run) judgeJunk() finding {
	if r.Junk == nil {
		return aside("There are no wrong credentials to try: the connection has no secret, or none was handed in.")
	}
	err := r.Junk.Probe(r.ctx)
	f := target.FailureOf(err)
	switch {
	case err == nil:
		return fails("With wrong credentials, users are listed all the same.")
	case f.Kind == target.Denied && f.Status != 0:
		return passed("Refused: %s", sentence(err.Error()))
	case f.Status == 0 && slices.Contains([]target.Kind{target.Denied, target.Lost}, f.Kind), f.Kind == target.Busy, f.Ours:
		return r.trouble("Asking with wrong credentials", err)
	}
	return fails("Wrong credentials are not refused as such: %s", sentence(err.Error()))
}

// notFound passes where a failure says that there is no such thing.
func (r *run) notFound(deed string, err error) finding {
	if kindOf(err) == target.Gone {
		return passes()
	}
	return r.trouble(deed+", which was to be not found", err)
}
