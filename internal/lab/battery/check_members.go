package battery

import (
	"fmt"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	joined = "contract.members.add"
	left   = "contract.members.remove"
)

var membership = []string{listMembers, addMembers}

var memberChecks = []Check{
	{
		ID: joined, Title: "Who is added to a group is among its members, alone", Contracts: membership, Needs: []string{groupCreated, created},
		Changes: true, Severity: report.Network, Plan: []string{"C9332", "C9312"},
		Why: "Groups give access; who is not in them has none.",
		Fix: "Add every user of groupMembers, and list whoever was added.",
		judge: func(r *run) finding {
			if err := r.membership().AddMembers(r.ctx, r.crew.id, r.ada.member()); err != nil {
				return r.trouble("Adding a member", err)
			}
			return r.hasMembers(r.ada)
		},
	},
	{
		ID: "contract.members.add.others", Title: "Who is added to a group takes nobody's place", Contracts: append([]string{createUser}, membership...),
		Needs: []string{joined}, Changes: true, Severity: report.Network, Plan: []string{"C9332", "C9315"},
		Why: "Each new member would cost all others their access.",
		Fix: "Add to the members; do not replace them.",
		judge: func(r *run) finding {
			more, f, bad := r.twoMore()
			if bad {
				return f
			}
			if err := r.membership().AddMembers(r.ctx, r.crew.id, more[0].member(), more[1].member()); err != nil {
				return r.trouble("Adding two more members", err)
			}
			return r.hasMembers(r.ada, more[0], more[1])
		},
	},
}

var leaveChecks = []Check{
	{
		ID: left, Title: "Who is taken out of a group is no member, and the others stay", Contracts: append([]string{removeMembers}, membership...),
		Needs: []string{"contract.members.add.others"}, Changes: true, Severity: report.Network, Plan: []string{"C9316", "C9333"},
		Why: "Who changes teams would keep the access of the old one.",
		Fix: "Take out exactly the users of groupMembers.",
		judge: func(r *run) finding {
			if err := r.membership().RemoveMembers(r.ctx, r.crew.id, r.ada.member()); err != nil {
				return r.trouble("Taking a member out", err)
			}
			return r.hasMembers(r.second(), r.cid)
		},
	},
	{
		ID: "contract.members.empty", Title: "A group whose last member leaves is empty, and there", Contracts: append([]string{removeMembers, getGroup}, membership...),
		Needs: []string{left}, Changes: true, Severity: report.Network, Plan: []string{"C9317", "C9333"},
		Why: "A group that vanishes with its last member loses what it gives, and is made anew without it.",
		Fix: "Keep empty groups.",
		judge: func(r *run) finding {
			for _, a := range []*account{r.second(), r.cid} { // one by one: the last leaves alone
				if err := r.membership().RemoveMembers(r.ctx, r.crew.id, a.member()); err != nil {
					return r.trouble("Taking one of the last members out", err)
				}
			}
			if f := r.hasMembers(); f.outcome != report.Pass {
				return f
			}
			return r.readsGroup(r.crew.id, r.crew.name)
		},
	},
}

// second is the account beside the first: with all attributes, or where that could not be created, with what is required.
func (r *run) second() *account {
	if r.bea != nil {
		return r.bea
	}
	return r.dee
}

// twoMore are two accounts beside the first.
func (r *run) twoMore() ([2]*account, finding, bool) {
	var err error
	if r.cid == nil {
		if r.cid, err = r.create(r.required("cid", "Cid", "Battery")); err != nil {
			return [2]*account{}, r.trouble("Creating one more user", err), true
		}
	}
	if r.bea == nil && r.dee == nil {
		if r.dee, err = r.create(r.required("dee", "Dee", "Battery")); err != nil {
			return [2]*account{}, r.trouble("Creating one more user", err), true
		}
	}
	return [2]*account{r.second(), r.cid}, finding{}, false
}

// hasMembers passes where, sooner or later, these are the group's members, each once, and nobody else is.
func (r *run) hasMembers(wanted ...*account) finding {
	return r.holds("Listing the members of a group", func() (string, error) {
		found, err := r.all(r.membersOf(r.crew))
		if err != nil {
			return "", err
		}
		var missing []string
		for _, a := range wanted {
			if n := len(found.of(a.id)); n > 1 {
				return fmt.Sprintf("%s is %d times among the members.", a.name, n), nil
			} else if n == 0 {
				missing = append(missing, a.name)
			}
		}
		switch {
		case len(missing) > 0:
			return fmt.Sprintf("Not among the members, and should be: %s.", strings.Join(missing, ", ")), nil
		case len(found.items) > len(wanted):
			return fmt.Sprintf("There are %d members instead of %d: %s.", len(found.items), len(wanted), few(idsOf(found.items))), nil
		}
		return "", nil
	})
}

func idsOf(items []scim.Resource) []string {
	var all []string
	for _, item := range items {
		all = append(all, fmt.Sprintf("%q", item.ID()))
	}
	return all
}
