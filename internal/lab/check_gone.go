package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// inactiveChecks look at the user whom activeChecks deactivated.
var inactiveChecks = []Check{
	{
		ID: "users.active.no-side-loss", Title: "Deactivation leaves everything else as it was", Family: users, Severity: report.Recommended, Feature: "deactivate_users",
		Needs: []string{"users.get.200"}, takes: deactivations, Reference: "Experience",
		Why:   "Somebody who comes back expects the old account, not an empty one of that name.",
		Fix:   "Change active and nothing else; show the same attributes as before.",
		judge: (*run).judgeSideLoss,
	},
}

// afterlifeChecks follow on the deletion of users.
var afterlifeChecks = []Check{
	{
		ID: "users.delete.not-in-lists", Title: "A deleted user is not found by filter", Family: users, Severity: report.RFC,
		Needs: []string{"users.delete.then-404", "filter.eq.username"}, Reference: "RFC 7644 §3.6",
		Why:   "A client that finds the account updates it instead of creating a new one.",
		Fix:   "Leave deleted records out of lists and of the answers to filters.",
		judge: (*run).judgeDeletedListed,
	},
	{
		ID: "users.delete.recreate", Title: "The userName of a deleted user is free again", Family: users, Severity: report.Recommended,
		Needs: []string{"users.delete.then-404"}, Reference: "RFC 7644 §3.6",
		Why:   "A person who is hired again is created again, and meets a conflict with nobody.",
		Fix:   "Give the userName free when you delete, for example by storing the old one with a suffix.",
		judge: (*run).judgeRecreate,
	},
	{
		ID: "users.delete.group-cleanup", Title: "A deleted user is no longer a member of groups", Family: groups, Severity: report.Recommended,
		Needs: []string{"groups.create.members", "users.delete.then-404"}, Reference: "Experience; RFC 7643 §4.2",
		Why:   "A member that is nobody makes the next push of the group fail.",
		Fix:   "Remove memberships together with the user.",
		judge: (*run).judgeGroupCleanup,
	},
}

func (r *run) judgeSideLoss() Finding {
	if r.inactive == nil {
		return blockedBy("users.active.deactivate-put")
	}
	a := r.user(r.inactive.id)
	if a.object == nil {
		return blockedBy("users.get.200")
	}
	if wrong := differences(r.inactive.sent, a.object, []string{"userName", "emails.value"}); wrong != "" {
		return fails("The inactive user has changed: %s", wrong)
	}
	return passes()
}

func (r *run) judgeDeletedListed() Finding {
	filter := "userName eq " + quote(r.ada.name)
	a, waited, wrong := r.settle(func() *answer { return r.find(filter) }, func(a *answer) string {
		if slices.ContainsFunc(a.resources(), func(u scim.Resource) bool { return u.ID() == r.ada.id }) {
			return "The deleted user is still found by " + filter + "."
		}
		return ""
	})
	return settled(a, waited, wrong)
}

func (r *run) judgeRecreate() Finding {
	a := r.create("Users", r.ada.sent)
	r.undo("Users", a)
	if a.is2xx() {
		return passes()
	}
	return expect(a, http.StatusCreated)
}

func (r *run) judgeGroupCleanup() Finding {
	guest, f := r.guest("leaver")
	if guest == nil {
		return f
	}
	sent := r.names.group("leavers", member(guest.id, guest.name))
	group := r.adopt("Groups", sent, r.create("Groups", sent))
	if group == nil {
		return blockedBy("groups.create.members")
	}
	defer r.discard("Groups", group.id)
	if a := r.delete("Users", guest.id); !a.is2xx() {
		return blockedBy("users.delete.204")
	}
	r.gone("Users", guest.id)
	return r.group(group.id, func(members []string) string {
		if slices.Contains(members, guest.id) {
			return "The user was deleted, and is still a member of the group."
		}
		return ""
	})
}
