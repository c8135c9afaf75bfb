package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var groupMemberChecks = []Check{
	{
		ID: "groups.create.unknown-member", Title: "A member that does not exist is refused by name, and nothing is created", Family: groups, Severity: report.Network | report.Recommended,
		Needs: []string{"groups.create.members"}, Reference: "Network rule; RFC 7644 §3.12",
		Why:   "One deleted user must not keep a whole group out. Without the id in the answer nobody finds out which; a 500 is retried for ever.",
		Fix:   `Create nothing, and answer 400 with the id in detail, such as "detail": "There is no member 2819c223."`,
		judge: (*run).judgeUnknownMember,
	},
	{
		ID: "groups.patch.remove-absent", needsPatch: true, Title: "Removing somebody who is no member is done, or refused with noTarget", Family: groups, Severity: report.Recommended,
		Needs: []string{"groups.create.members", "groups.patch.filter-honoured"}, Reference: "RFC 7644 §3.5.2.2; experience",
		Why:   "Clients repeat; an error of another kind stops every later change of the group.",
		Fix:   `Answer 204 (or 200), or 400 with "scimType": "noTarget".`,
		judge: (*run).judgeRemoveAbsent,
	},
	{
		ID: "patch.remove.value-array", needsPatch: true, Title: "remove of members with a value removes those members only", Family: patches, Severity: report.Recommended,
		Needs: []string{"groups.create.members"}, Reference: "Experience: one widespread client removes members this way; RFC 7644 §3.5.2.2 knows no value in a remove",
		Why:   "Whoever takes the path alone throws everybody out where one was to go.",
		Fix:   `Where a remove has a value, as in {"op": "remove", "path": "members", "value": [{"value": "the user's id"}]}, remove those members only.`,
		judge: (*run).judgeRemoveListed,
	},
	{
		ID: "groups.patch.combined", needsPatch: true, Title: "One PATCH removes one member and adds another", Family: groups, Severity: report.Network,
		Needs: []string{"groups.create.members", groupAdd, "groups.patch.remove-valuepath"}, Reference: "Network rule; RFC 7644 §3.5.2",
		Why:   "Clients send a day's changes of a group in one request; what is passed over is never sent again.",
		Fix:   "Carry out all operations, in the order in which they stand.",
		judge: (*run).judgeCombined,
	},
	{
		ID: "groups.members.ref-type", Title: "A member's type is right, and a member is not turned into another", Family: groups, Severity: report.RFC,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7643 §4.2; RFC 7644 §3.5.2",
		Why:   "Clients that import groups follow the type; a value that changes in place moves access without a trace.",
		Fix:   `Write "type": "User" or "type": "Group" in each member. Answer 400 with "scimType": "mutability" to a change of a member's value or type: members are added and removed.`,
		judge: (*run).judgeMemberType,
	},
	{
		ID: "groups.members.nested", Title: "A group in a group is kept, or refused", Family: groups, Severity: report.Recommended,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7643 §4.2",
		Why:   "A group that is dropped in silence takes the access of all its members along.",
		Fix:   `Keep groups as members, or answer 400 with "scimType": "invalidValue".`,
		judge: (*run).judgeNested,
	},
	{
		ID: "groups.members.user-view", Title: "A user's groups show the membership", Family: groups, Severity: report.Recommended,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7643 §4.1.2",
		Why:   "It is how an administrator sees what a person may do.",
		Fix:   `Show on the user "groups": [{"value": "the group's id", "display": "its name"}], derived from the memberships.`,
		judge: (*run).judgeUserView,
	},
	{
		ID: "groups.members.deactivated", Title: "A member who is not active is kept, or refused", Family: groups, Severity: report.Recommended,
		Needs: []string{"groups.create.members"}, Reference: "Experience; RFC 7643 §4.2",
		Why:   "Somebody who comes back expects the old groups; a member that was dropped in silence is never added again.",
		Fix:   "Keep inactive users as members, or answer 400.",
		judge: (*run).judgeInactiveMember,
	},
}

// judgeUnknownMember looks the name up with one filter: a group that came to be all the same is removed.
func (r *run) judgeUnknownMember() Finding {
	sent := r.names.group("strangers", member(r.names.unknown, "Nobody"))
	a := r.create("Groups", sent)
	switch {
	case a.err != nil:
		return a.trouble()
	case a.is2xx():
		r.undo("Groups", a)
		return deviates("A group with a member that does not exist was created (%s).", a.shown())
	case a.status >= 500:
		return fails("A group with a member that does not exist was answered %s. Clients take that for a reason to try again.%s", a.shown(), a.detail())
	}
	mark := len(r.evidence)
	half := namedIn(r.get("/Groups", "filter", "displayName eq "+quote(sent.String("displayName")), "startIndex", "1", "count", "100"), "displayName", sent.String("displayName"))
	if len(half) > 0 {
		for _, id := range half {
			r.discard("Groups", id)
		}
		return fails("A group with a member that does not exist was refused with %s, and created all the same.", a.shown())
	}
	r.evidence = r.evidence[:mark]
	if detail := a.object.String("detail"); detail != "" && !strings.Contains(detail, r.names.unknown) {
		return warns("The refusal (%s) does not say which member does not exist.%s", a.shown(), a.detail())
	}
	return passes()
}

func (r *run) judgeRemoveAbsent() Finding {
	first, second := r.two()
	group, f := r.troop("absent", first)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	if f, bad := r.patch("Groups", group.id, removeMember(second)).want(http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusNotFound); bad {
		return f
	}
	return r.hasMembers(group.id, first.id)
}

func (r *run) judgeRemoveListed() Finding {
	first, second := r.two()
	group, f := r.troop("listed", first, second)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	op := operation("remove", "members", []any{map[string]any{"value": first.id}})
	if f, bad := r.patch("Groups", group.id, op).want(http.StatusOK, http.StatusNoContent); bad {
		return f.after([]map[string]any{op})
	}
	return r.group(group.id, func(got []string) string {
		switch {
		case len(got) == 0:
			return "One member was to go, and all have gone. That is what the RFC says of a remove without a filter; a widespread client means the members in value."
		case slices.Contains(got, first.id) || !slices.Contains(got, second.id):
			return "After removing " + quote(first.name) + " the group has the members " + shownJSON(got) + "."
		}
		return ""
	}).after([]map[string]any{op})
}

func (r *run) judgeCombined() Finding {
	first, second := r.two()
	group, f := r.troop("combined", first)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	ops := []map[string]any{removeMember(first), addMember(second)}
	if f, bad := r.patch("Groups", group.id, ops...).want(http.StatusOK, http.StatusNoContent); bad {
		return f.after(ops)
	}
	return r.hasMembers(group.id, second.id).after(ops)
}

// judgeMemberType tries the change in place only where PATCH is there. That it is ignored does no harm.
func (r *run) judgeMemberType() Finding {
	first, second := r.two()
	group, f := r.troop("typed", first)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	a, _ := r.members(group.id)
	verdict := passes()
	for _, m := range elements(a.object, "members") {
		switch kind := m.String("type"); {
		case strings.EqualFold(kind, "Group"):
			return fails("The member is a user; its type is %s.", quote(kind))
		case kind != "" && !strings.EqualFold(kind, "User"):
			verdict = deviates("The member is a user; its type is %s. The RFC suggests User and Group.", quote(excerpt(kind)))
		}
	}
	if !r.patches() {
		return verdict
	}
	op := replaceOp("members[value eq "+quote(first.id)+"].value", second.id)
	a = r.patch("Groups", group.id, op)
	if !a.is2xx() {
		if a.err != nil {
			return a.trouble()
		}
		return verdict
	}
	if _, got := r.members(group.id); slices.Contains(got, second.id) && !slices.Contains(got, first.id) {
		return fails("The value of a member was changed in place (%s). Sub-attributes of members are immutable.", a.shown()).after([]map[string]any{op})
	}
	return deviates("A change of a member's value was answered %s and ignored. The RFC wants 400 mutability.", a.shown())
}

// keptOrRefused is content with a group that has the member and with a refusal; what is wrong is silence.
func (r *run) keptOrRefused(what string, who *account) Finding {
	sent := r.names.group(what, member(who.id, who.name))
	a := r.create("Groups", sent)
	switch {
	case a.err != nil:
		return a.trouble()
	case a.status >= 400 && a.status < 500:
		return passed("Refused with %s.", a.shown())
	case !a.is2xx():
		return expect(a, http.StatusCreated, http.StatusBadRequest)
	}
	group := r.adopt("Groups", sent, a)
	if group == nil {
		return blockedBy(groupCreated)
	}
	defer r.discard("Groups", group.id)
	return r.group(group.id, func(got []string) string {
		if !slices.Contains(got, who.id) {
			return "The group was created with " + quote(who.name) + " as its member (" + a.shown() + "), but GET does not show this member."
		}
		return ""
	})
}

func (r *run) judgeNested() Finding {
	inner, f := r.troop("inner")
	if inner == nil {
		return f
	}
	defer r.discard("Groups", inner.id)
	return r.keptOrRefused("outer", inner)
}

func (r *run) judgeInactiveMember() Finding {
	guest, f := r.guest("sleeper")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	if !r.setActive(guest.id, false, false) {
		return blockedBy("users.active.deactivate-put")
	}
	return r.keptOrRefused("sleepers", guest)
}

// judgeUserView asks for groups by name where they are not shown: a server may leave them out until somebody does.
func (r *run) judgeUserView() Finding {
	first, _ := r.two()
	group, f := r.troop("view", first)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	read := func() *answer {
		a := r.user(first.id)
		if a.is2xx() && a.object.Get("groups") == nil {
			return r.get(scim.Path("Users", first.id), "attributes", "userName,groups")
		}
		return a
	}
	a, waited, wrong := r.settle(read, func(a *answer) string {
		if holds(a.object, "groups", group.id) {
			return ""
		}
		return "The user is a member of " + quote(group.name) + "; on GET of the user groups is " + shownJSON(a.object.Get("groups")) + "."
	})
	return settled(a, waited, wrong)
}
