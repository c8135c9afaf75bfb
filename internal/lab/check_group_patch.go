package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var groupPatchChecks = []Check{
	{
		ID: "groups.patch.rename-pathless", needsPatch: true, Title: "A group is renamed by replace without a path", Family: groups, Severity: report.Network,
		Needs: []string{groupCreated}, Reference: "Network rule; RFC 7644 §3.5.2.3",
		Why:   "Clients send {\"id\": …, \"displayName\": …} right after creating a group and with every change; where it is refused, no members follow.",
		Fix:   `Accept {"op": "replace", "value": {"id": "…", "displayName": "…"}}: set displayName, and ignore the id.`,
		judge: (*run).judgeRename,
	},
	{
		ID: groupAdd, needsPatch: true, Title: "add puts a member into the group", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupCreated, "users.get.200"}, Reference: "RFC 7644 §3.5.2.1",
		Why:   "Membership is what groups are for.",
		Fix:   `Accept {"op": "add", "path": "members", "value": [{"value": "the user's id"}]}, and append it. Clients send value and display, nothing more.`,
		judge: (*run).judgeAddMember,
	},
	{
		ID: "groups.patch.add-existing", needsPatch: true, Title: "Adding a member again changes nothing", Family: groups, Severity: report.Recommended,
		Needs: []string{groupAdd}, Reference: "RFC 7644 §3.5.2.1 (SHOULD)",
		Why:   "Clients repeat; an error or a second entry breaks the next push.",
		Fix:   "Answer 200 or 204, and keep the member once.",
		judge: (*run).judgeAddAgain,
	},
	{
		ID: "groups.patch.remove-valuepath", needsPatch: true, Title: "remove with members[value eq …] removes that member", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupAdd}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "Somebody who leaves the group would keep the access.",
		Fix:   `Accept {"op": "remove", "path": "members[value eq \"the user's id\"]"}: what stands in brackets is a filter. Remove the member that matches it.`,
		judge: (*run).judgeRemoveMember,
	},
	{
		ID: "groups.patch.filter-honoured", needsPatch: true, Title: "Removing one member leaves the others", Family: groups, Severity: report.RFC | report.Network, Safety: true,
		Needs: []string{groupAdd}, takes: []string{"groups.patch.remove-valuepath"}, Reference: "RFC 7644 §3.5.2.2",
		Why:   "A server that ignores the filter throws everybody out.",
		Fix:   "Remove the members that the filter in the path matches, and no others.",
		judge: (*run).judgeOthersStay,
	},
	{
		ID: "groups.patch.replace-members", needsPatch: true, Title: "replace of members sets exactly these members", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupAdd}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "A full push says who belongs; whoever is left over keeps the access.",
		Fix:   `With {"op": "replace", "path": "members", "value": […]} drop the old members and store exactly these, in one transaction; [] empties the group.`,
		judge: (*run).judgeReplaceMembers,
	},
	{
		ID: "groups.delete.204", Title: "DELETE of a group answers 204, and its members stay", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.6",
		Why:   "A group that is taken away must not take its people along.",
		Fix:   "Delete the group and its memberships, and nothing else; answer 204 without a body.",
		judge: (*run).judgeGroupDelete,
	},
}

func (r *run) judgeRename() Finding {
	renamed := r.names.prefix + "crew-renamed"
	a := r.patch("Groups", r.crew.id, replaceOp("", map[string]any{"id": r.crew.id, "displayName": renamed}))
	return r.showsName(a, r.crew, renamed)
}

// showsName wants a PATCH to have given the group the name.
func (r *run) showsName(patched *answer, group *account, name string) Finding {
	if !patched.is2xx() {
		return expect(patched, http.StatusOK, http.StatusNoContent)
	}
	a, waited, wrong := r.settle(func() *answer { return r.get(scim.Path("Groups", group.id)) }, func(a *answer) string {
		if got := a.object.String("displayName"); got != name {
			return "Afterwards GET shows displayName " + shownJSON(a.object.Get("displayName")) + " instead of " + quote(name) + "."
		}
		return ""
	})
	return settled(a, waited, wrong)
}

func addMember(who *account) map[string]any {
	return operation("add", "members", []any{member(who.id, who.name)})
}

func removeMember(who *account) map[string]any {
	return operation("remove", "members[value eq "+quote(who.id)+"]", nil)
}

// judgeAddMember adds the two one after the other, so that the second add shows whether the first survives.
func (r *run) judgeAddMember() Finding {
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	for _, who := range []*account{first, second} {
		if a := r.patch("Groups", r.crew.id, addMember(who)); !a.is2xx() {
			return expect(a, http.StatusOK, http.StatusNoContent)
		}
	}
	return r.group(r.crew.id, func(got []string) string {
		for _, who := range []*account{first, second} {
			if !slices.Contains(got, who.id) {
				return "After adding " + quote(who.name) + ", the group does not have this member."
			}
		}
		return ""
	})
}

func (r *run) judgeAddAgain() Finding {
	first, second := r.two()
	if a := r.patch("Groups", r.crew.id, addMember(first)); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.hasMembers(r.crew.id, first.id, second.id)
}

// judgeRemoveMember leaves its last reading for the next check: the same request shows both who went and who stayed.
func (r *run) judgeRemoveMember() Finding {
	first, _ := r.two()
	a := r.patch("Groups", r.crew.id, removeMember(first))
	r.removal = a
	if !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.group(r.crew.id, func(got []string) string {
		if slices.Contains(got, first.id) {
			return "After removing " + quote(first.name) + ", the group still has this member."
		}
		return ""
	})
}

func (r *run) judgeOthersStay() Finding {
	_, second := r.two()
	if r.removal == nil || !r.removal.is2xx() {
		return blockedBy("groups.patch.remove-valuepath")
	}
	r.cite(r.removal)
	return r.group(r.crew.id, func(got []string) string {
		if !slices.Contains(got, second.id) {
			return "Removing one member removed " + quote(second.name) + " as well."
		}
		return ""
	})
}

// judgeReplaceMembers puts both in first, so that there is somebody to take out.
func (r *run) judgeReplaceMembers() Finding {
	first, second := r.two()
	_, now := r.members(r.crew.id)
	for _, who := range []*account{first, second} {
		if !slices.Contains(now, who.id) {
			r.patch("Groups", r.crew.id, addMember(who))
		}
	}
	if a := r.patch("Groups", r.crew.id, replaceOp("members", []any{member(second.id, second.name)})); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.hasMembers(r.crew.id, second.id)
}

func (r *run) judgeGroupDelete() Finding {
	a := r.delete("Groups", r.crew.id)
	if f, bad := a.want(r.dialect.deleted...); bad {
		return f
	}
	r.gone("Groups", r.crew.id)
	_, second := r.two()
	if second != nil {
		if f, bad := r.user(second.id).want(http.StatusOK); bad {
			f.Message = "Deleting the group took a member along: " + f.Message
			return f
		}
	}
	return passes()
}
