package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
)

// groupDescription is the extension in which a widespread client sends a group's description, to every server.
const groupDescription = "urn:okta:custom:group:1.0"

const groupAdd11 = "v11.groups.add-member"

var group11Checks = []Check{
	{
		ID: "v11.groups.description", Title: "A group with an extension that the server does not know is accepted", Family: groups, Severity: report.Network,
		Needs: []string{groupCreated}, Reference: "Network rule; SCIM 1.1 core schema §4",
		Why:   "A widespread client sends a group's description under " + groupDescription + ", and cannot be told not to.",
		Fix:   "Ignore extensions that you do not know; you need neither store nor return them.",
		judge: (*run).judgeDescription11,
	},
	{
		ID: "v11.groups.rename", needsPatch: true, Title: "A group is renamed by PATCH with id and displayName", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupCreated}, Reference: "SCIM 1.1 protocol §3.3.2; network rule",
		Why:   "Clients send {\"schemas\": …, \"id\": …, \"displayName\": …} with every change of a group; where it is refused, no members follow.",
		Fix:   `Merge what the body holds into the group: {"schemas": […], "id": "…", "displayName": "…"} changes the name. Ignore the id.`,
		judge: (*run).judgeRename11,
	},
	{
		ID: groupAdd11, needsPatch: true, Title: "PATCH with members adds them to those that are there", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupCreated, "users.get.200"}, Reference: "SCIM 1.1 protocol §3.3.2",
		Why:   "Where the list replaces what is there, every new member throws the others out.",
		Fix:   "Add each member of the body whose value is not in the group yet, and keep the others.",
		judge: (*run).judgeAdd11,
	},
	{
		ID: "v11.groups.add-existing", needsPatch: true, Title: "Adding a member again changes nothing", Family: groups, Severity: report.Recommended,
		Needs: []string{groupAdd11}, Reference: "SCIM 1.1 protocol §3.3.2",
		Why:   "Clients repeat; an error or a second entry breaks the next push.",
		Fix:   "Answer 200 or 204, and keep the member once.",
		judge: (*run).judgeAddAgain11,
	},
	{
		ID: "v11.patch.members-delete", needsPatch: true, Title: "PATCH with \"operation\": \"delete\" removes that member, and leaves the others", Family: groups, Severity: report.RFC | report.Network, Safety: true,
		Needs: []string{groupAdd11}, Reference: "SCIM 1.1 protocol §3.3.2; core schema §3.2",
		Why:   "Somebody who leaves the group would keep the access, or everybody else would lose it.",
		Fix:   `With "members": [{"value": "the user's id", "operation": "delete"}] remove that member, and nobody else.`,
		judge: (*run).judgeMembersDelete,
	},
	{
		ID: "v11.groups.replace-members", needsPatch: true, Title: "PATCH with members in meta.attributes and a new list sets exactly these members", Family: groups, Severity: report.RFC,
		Needs: []string{groupAdd11}, Reference: "SCIM 1.1 protocol §3.3.2",
		Why:   "A full list says who belongs to the group; whoever is left over keeps the access.",
		Fix:   `With "meta": {"attributes": ["members"]} first remove all members, then add those of the body, in one transaction.`,
		judge: (*run).judgeReplace11,
	},
}

func (r *run) judgeDescription11() Finding {
	body := r.names.group("described")
	body["schemas"] = []any{r.dialect.group, groupDescription}
	body[groupDescription] = map[string]any{"description": "Made by a check of the lab."}
	a := r.create("Groups", body)
	defer r.undo("Groups", a)
	if !a.is2xx() {
		f := expect(a, http.StatusCreated)
		f.Message += " The body had a description under " + groupDescription + "."
		return f
	}
	return passes()
}

func (r *run) judgeRename11() Finding {
	renamed := r.names.prefix + "crew-renamed"
	a := r.merges("Groups", r.crew.id, map[string]any{"id": r.crew.id, "displayName": renamed})
	return r.showsName(a, r.crew, renamed)
}

// addsMember adds the user to the crew.
func (r *run) addsMember(who *account) *answer {
	return r.merges("Groups", r.crew.id, map[string]any{"members": []any{member(who.id, who.name)}})
}

// judgeAdd11 adds the two one after the other, so that the second shows whether the first survives.
func (r *run) judgeAdd11() Finding {
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	for _, who := range []*account{first, second} {
		if a := r.addsMember(who); !a.is2xx() {
			return expect(a, http.StatusOK, http.StatusNoContent)
		}
	}
	return r.group(r.crew.id, func(got []string) string {
		for _, who := range []*account{first, second} {
			if !slices.Contains(got, who.id) {
				return "After adding " + quote(first.name) + " and then " + quote(second.name) + ", the group does not have the member " + quote(who.name) + "."
			}
		}
		return ""
	})
}

func (r *run) judgeAddAgain11() Finding {
	first, second := r.two()
	if a := r.addsMember(first); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.hasMembers(r.crew.id, first.id, second.id)
}

func (r *run) judgeMembersDelete() Finding {
	first, second := r.two()
	leaver := member(first.id, first.name)
	leaver["operation"] = "delete"
	if a := r.merges("Groups", r.crew.id, map[string]any{"members": []any{leaver}}); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.group(r.crew.id, func(got []string) string {
		switch {
		case slices.Contains(got, first.id):
			return "After removing " + quote(first.name) + ", the group still has this member."
		case !slices.Contains(got, second.id):
			return "Removing one member removed " + quote(second.name) + " as well."
		}
		return ""
	})
}

// judgeReplace11 puts both in first, so that there is somebody to take out.
func (r *run) judgeReplace11() Finding {
	first, second := r.two()
	_, now := r.members(r.crew.id)
	for _, who := range []*account{first, second} {
		if !slices.Contains(now, who.id) {
			r.addsMember(who)
		}
	}
	a := r.merges("Groups", r.crew.id, map[string]any{
		"meta": map[string]any{"attributes": []string{"members"}}, "members": []any{member(second.id, second.name)},
	})
	if !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	return r.hasMembers(r.crew.id, second.id)
}
