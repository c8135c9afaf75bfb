package battery

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const created = "contract.create"

var createChecks = []Check{
	{
		ID: created, Title: "A user with the required attributes is created, and is there", Contracts: []string{createUser, getUser},
		Needs: []string{"contract.connect"}, Changes: true, Severity: report.Network, Plan: []string{"C9290"},
		Why:   "It is the first thing that provisioning does.",
		Fix:   "Create the user from userName, name, e-mail address and what the schema marks as required, and answer with its id.",
		judge: (*run).judgeCreate,
	},
	{
		ID: "contract.create.readback", Title: "What a user was created with reads back by id", Contracts: []string{createUser, getUser},
		Needs: []string{created}, Changes: true, Severity: report.Network, Plan: []string{"C9290", "C9336"},
		Why: "A value that is dropped is sent again with every import, and is wrong until then.",
		Fix: "Store every attribute that the schema lists, and map it both ways.",
		judge: func(r *run) finding {
			return r.reads(r.ada.id, func(user scim.Resource) string { return r.unlike(user, r.ada.sent) })
		},
	},
	{
		ID: "contract.create.find", Title: "A user who was created is found by user name, as the same", Contracts: []string{createUser, findUser},
		Needs: []string{created}, Changes: true, Severity: report.Network, Plan: []string{"C9335", "C9336"},
		Why:   "Provisioning looks people up by user name before it creates them; whom it does not find it makes a second time.",
		Fix:   "Let Get User by UserName compare the whole name, without regard to case.",
		judge: (*run).judgeFind,
	},
	{
		ID: "contract.create.full", Title: "A user with a value for every attribute is created, and each value survives", Contracts: []string{createUser, getUser},
		Needs: []string{created}, Changes: true, Severity: report.Network, Plan: []string{"C9334"},
		Why:   "What the schema lists will be mapped, and is expected to arrive.",
		Fix:   "Store what the schema lists, or take it off the schema.",
		judge: (*run).judgeCreateFull,
	},
}

// lastChecks may leave something behind that disturbs others: two accounts of one name, or one without.
var lastChecks = []Check{
	{
		ID: "contract.create.duplicate", Title: "A second user of the same name is refused as taken, in clear words", Contracts: []string{createUser},
		Needs: []string{created}, Changes: true, Severity: report.Network, Plan: []string{"C9335"},
		Why:   "Only a clear conflict lets provisioning adopt the account that is there. A second account is worse than none.",
		Fix:   "End with status 409 and a sentence that says what is taken.",
		judge: (*run).judgeDuplicate,
	},
	{
		ID: "contract.create.empty", Title: "A user with nothing is refused", Contracts: []string{createUser},
		Needs: []string{"contract.connect"}, Changes: true, Severity: report.Network, Plan: []string{"C9335"},
		Why:   "An account without a name belongs to nobody, and nobody will ever switch it off.",
		Fix:   "Refuse a user without userName with status 400.",
		judge: (*run).judgeCreateEmpty,
	},
}

func (r *run) judgeCreate() finding {
	profile := r.required("ada", "Ada", "Battery")
	a, err := r.create(profile)
	if err != nil {
		f := r.trouble("Creating a user", err)
		f.message += fmt.Sprintf(" It had %s.", strings.Join(slices.Sorted(maps.Keys(profile)), ", "))
		return f
	}
	f := r.reads(a.id, func(user scim.Resource) string {
		if !strings.EqualFold(user.UserName(), a.name) {
			return fmt.Sprintf("The id %s, with which the creation of %s was answered, is that of %q.", a.id, a.name, user.UserName())
		}
		return ""
	})
	if f.outcome == report.Fail {
		r.disown(a.id)
		return f
	}
	if f.outcome == report.Pass {
		r.ada = a
	}
	return f
}

func (r *run) judgeFind() finding {
	return r.holds("Looking for a user by name", func() (string, error) {
		hits, err := r.Target.FindUsers(r.ctx, target.UserName, r.ada.name)
		switch {
		case err != nil:
			return "", err
		case len(hits) == 0:
			return fmt.Sprintf("Nobody is found by the user name %s.", r.ada.name), nil
		case len(hits) > 1 || hits[0].ID() != r.ada.id:
			return fmt.Sprintf("By the user name %s, %d users are found, the first with the id %s; it was created with %s.", r.ada.name, len(hits), hits[0].ID(), r.ada.id), nil
		}
		byID, err := r.accounts().User(r.ctx, r.ada.id)
		if err != nil {
			return "", err
		}
		return r.unlike(hits[0], shownOf(byID, r.ada.sent)), nil
	})
}

// shownOf is what a user shows of the attributes that were sent.
func shownOf(user scim.Resource, sent target.Profile) target.Profile {
	shown := maps.Clone(sent)
	for _, d := range target.Differences(user, sent) {
		shown[d.Attribute] = d.From
	}
	return shown
}

func (r *run) judgeCreateFull() finding {
	a, err := r.create(r.full("bea", "Bea", "Battery"))
	if err != nil {
		return r.trouble("Creating a user with a value for every attribute", err)
	}
	f := r.reads(a.id, func(user scim.Resource) string {
		if !strings.EqualFold(user.UserName(), a.name) {
			r.disown(a.id)
			return fmt.Sprintf("The id %s, with which the creation of %s was answered, is that of %q.", a.id, a.name, user.UserName())
		}
		r.bea = a
		return r.unlike(user, a.sent)
	})
	if f.outcome == report.Pass {
		return passed("%d attributes.", len(a.sent))
	}
	return f
}

func (r *run) judgeCreateEmpty() finding {
	a, err := r.create(target.Profile{})
	switch kind := kindOf(err); {
	case err == nil:
		return fails("A user without any attribute was created, with the id %s.", a.id)
	case kind == target.Unread || kind == target.Suspicious:
		return fails("The creation of a user without any attribute was not refused: %s", sentence(err.Error()))
	case slices.Contains([]target.Kind{target.Rejected, target.Taken, target.Gone}, kind) && !target.FailureOf(err).Ours:
		return passed("Refused: %s", sentence(err.Error()))
	}
	return r.trouble("Creating a user without any attribute", err)
}

func (r *run) judgeDuplicate() finding {
	a, err := r.create(r.ada.sent)
	f := target.FailureOf(err)
	switch {
	case err == nil && a.id == r.ada.id:
		return fails("The second creation of %s was answered with the first account, as if it had been made. A conflict must be said.", a.name)
	case err == nil:
		return fails("There are two users of the name %s now: %s and %s.", a.name, r.ada.id, a.id)
	case f.Kind == target.Taken && (f.Detail == "" || strings.HasPrefix(f.Detail, "<")):
		return fails("It is refused as taken, and does not say in words what is.")
	case f.Kind == target.Taken:
		return passed("Refused: %s", sentence(err.Error()))
	case f.Kind == target.Rejected && !f.Ours:
		return fails("It is refused, but not as taken: %s", sentence(err.Error()))
	}
	return r.trouble("Creating a second user of the same name", err)
}
