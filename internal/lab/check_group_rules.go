package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// groupRuleChecks ask what a group may be: without a name, without members, twice, renamed, and gone.
var groupRuleChecks = []Check{
	{
		ID: "groups.create.empty-members", Title: "A group with an empty list of members is created", Family: groups, Severity: report.Network,
		Needs: []string{groupCreated}, Reference: "Network rule; RFC 7643 §2.5",
		Why:   "Clients send the list also where it is empty; a refusal keeps the group out.",
		Fix:   `Treat "members": [] as if members were absent.`,
		judge: (*run).judgeEmptyMembers,
	},
	{
		ID: "groups.create.no-displayname", Title: "A group without displayName is refused with 400", Family: groups, Severity: report.RFC,
		Needs: []string{groupCreated}, Reference: "RFC 7643 §4.2 (REQUIRED); the schema printed in §8.7.1 says otherwise",
		Why:   "A group without a name can be found by nobody.",
		Fix:   `Require displayName; answer 400 with "scimType": "invalidValue".`,
		judge: (*run).judgeNamelessGroup,
	},
	{
		ID: "groups.create.duplicate-name", Title: "A second group of the same name is created with 201, or refused with 409", Family: groups, Severity: report.Recommended,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.3; RFC 7643 §4.2",
		Why:   "Any other answer leaves a client in doubt whether it has a group of its own.",
		Fix:   `Allow it, or answer 409 with "scimType": "uniqueness"; displayName then has "uniqueness": "server" in /Schemas.`,
		judge: (*run).judgeSameName,
	},
	{
		ID: "groups.name.special", Title: "A group's name is kept to the letter: umlauts, quotes, slashes, 255 characters", Family: groups, Severity: report.Recommended,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.8; experience",
		Why:   "Directories allow nearly every character in a group's name. A name that comes back changed is taken for another group.",
		Fix:   "Store Unicode, and check no format; where a name is too long, refuse it rather than cut it.",
		judge: (*run).judgeGroupName,
	},
	{
		ID: "groups.put.full", Title: "PUT of a group replaces its name and its members", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{"groups.create.members"}, Reference: "RFC 7644 §3.5.1",
		Why:   "Clients without PATCH update groups this way; whoever is left over keeps the access.",
		Fix:   "Put the name and the members of the body in the place of the old ones, in one transaction.",
		judge: (*run).judgeGroupPut,
	},
	{
		ID: "groups.patch.rename-path", needsPatch: true, Title: "A group is renamed by replace of displayName", Family: groups, Severity: report.RFC,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.5.2.3",
		Why:   "The other form in which clients rename.",
		Fix:   `Accept {"op": "replace", "path": "displayName", "value": "…"}.`,
		judge: (*run).judgeRenamePath,
	},
	{
		ID: "groups.patch.204", needsPatch: true, Title: "PATCH of a group answers 200 with the group, or 204 without a body", Family: groups, Severity: report.RFC,
		Needs: []string{groupAdd}, Reference: "RFC 7644 §3.5.2",
		Why:   "Anything in between leaves the client guessing. For large groups 204 spares both sides the list.",
		Fix:   "Answer 204 without a body, or 200 with the whole group.",
		judge: (*run).judgeGroupPatchStatus,
	},
	{
		ID: "groups.id-reuse", Title: "A group that is created again has a new id", Family: groups, Severity: report.RFC,
		Needs: []string{"groups.delete.204"}, Reference: "RFC 7643 §3.1",
		Why:   "Whatever was tied to the old group by its id falls to the new one.",
		Fix:   "Never derive the id from the name, and never give one away twice.",
		judge: (*run).judgeGroupIDReuse,
	},
	{
		ID: "idem.delete", Title: "A second DELETE of a group answers 404", Family: groups, Severity: report.RFC,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.6",
		Why:   "Clients repeat a DELETE whose answer was lost; they take 404 for done, and a 500 for a reason to go on.",
		Fix:   "Answer 404 to every request for a resource that is gone.",
		judge: (*run).judgeDeleteTwice,
	},
}

// troop is a group for one check, which removes it.
func (r *run) troop(what string, who ...*account) (*account, Finding) {
	var list []any
	for _, one := range who {
		list = append(list, member(one.id, one.name))
	}
	sent := r.names.group(what, list...)
	a := r.create("Groups", sent)
	if !a.is2xx() {
		return nil, expect(a, http.StatusCreated)
	}
	made := r.adopt("Groups", sent, a)
	if made == nil {
		return nil, blockedBy(groupCreated)
	}
	return made, Finding{}
}

func (r *run) judgeEmptyMembers() Finding {
	a := r.create("Groups", r.names.group("empty", []any{}...))
	defer r.undo("Groups", a)
	if f, bad := a.want(http.StatusCreated, http.StatusOK); bad { // whether 201 is said is groups.create.201's concern
		f.Message += " The body had members: []."
		return f
	}
	return passes()
}

func (r *run) judgeNamelessGroup() Finding {
	a := r.create("Groups", scim.Resource{"schemas": []any{scim.SchemaGroup}, "externalId": r.names.prefix + "nameless"})
	if a.is2xx() {
		r.undo("Groups", a)
		return deviates("A group without displayName was created (%s). RFC 7643 §4.2 requires a name; the schema that it prints in §8.7.1 does not.", a.shown())
	}
	return expect(a, http.StatusBadRequest)
}

func (r *run) judgeSameName() Finding {
	first, f := r.troop("twins")
	if first == nil {
		return f
	}
	defer r.discard("Groups", first.id)
	a := r.create("Groups", first.sent)
	switch id := r.idOfOurs(a); {
	case a.is2xx() && id == first.id:
		return deviates("The second create was answered %s with the first group.", a.shown())
	case a.is2xx():
		r.undo("Groups", a)
		return passed("Names of groups are not unique: the second was created (%s).", a.shown())
	case a.status == http.StatusConflict:
		return passed("Names of groups are unique: the second was refused with 409.")
	}
	return expect(a, http.StatusCreated, http.StatusConflict)
}

// judgeGroupName takes the refusal of a long name for what it is: a limit, which a client is told.
func (r *run) judgeGroupName() Finding {
	f := r.keepsName(`Vertrieb "Süd" / Øst \ 販売 🚲 & <b>`)
	if f.Outcome != report.Pass {
		return f
	}
	long := strings.Repeat("x", 255-len(r.names.prefix))
	f = r.keepsName(long)
	if a := r.lastAsked(); f.Outcome == report.Fail && a.err == nil && a.status == http.StatusBadRequest {
		return deviates("A name of 255 characters is refused.%s", a.detail())
	}
	return f
}

func (r *run) keepsName(name string) Finding {
	group, f := r.troop(name)
	if group == nil {
		f.Message += " The name was " + quote(excerpt(r.names.prefix+name)) + "."
		return f
	}
	defer r.discard("Groups", group.id)
	a, waited, wrong := r.settle(func() *answer { return r.get(scim.Path("Groups", group.id), "excludedAttributes", "members") }, r.named(group.name))
	return settled(a, waited, wrong)
}

// named wants a group to show the name.
func (r *run) named(name string) func(*answer) string {
	return func(a *answer) string {
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f.Message
		}
		if got := a.object.String("displayName"); got != name {
			return "Afterwards GET shows displayName " + shownJSON(a.object.Get("displayName")) + " instead of " + quote(excerpt(name)) + "."
		}
		return ""
	}
}

func (r *run) judgeGroupPut() Finding {
	first, second := r.two()
	group, f := r.troop("put", first)
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	body := r.names.group("put-renamed", member(second.id, second.name))
	if a := r.replace("Groups", group.id, body); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	if f := r.hasMembers(group.id, second.id); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		f.Message = "The group had one member, and was PUT with another. " + f.Message
		return f
	}
	a, waited, wrong := r.settle(func() *answer { return r.get(scim.Path("Groups", group.id)) }, r.named(body.String("displayName")))
	return settled(a, waited, wrong)
}

func (r *run) judgeRenamePath() Finding {
	group, f := r.troop("rename")
	if group == nil {
		return f
	}
	defer r.discard("Groups", group.id)
	renamed := r.names.prefix + "renamed-by-path"
	if a := r.patch("Groups", group.id, replaceOp("displayName", renamed)); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	a, waited, wrong := r.settle(func() *answer { return r.get(scim.Path("Groups", group.id)) }, r.named(renamed))
	return settled(a, waited, wrong)
}

// judgeGroupPatchStatus looks at the answers that the run has seen.
func (r *run) judgeGroupPatchStatus() Finding {
	at := slices.IndexFunc(r.answers, func(a *answer) bool {
		return a.is2xx() && a.exchange.Method == http.MethodPatch && strings.HasPrefix(pathOf(a.exchange.URL), "/Groups/")
	})
	if at < 0 {
		return blockedBy(groupAdd)
	}
	a := r.answers[at]
	r.cite(a)
	switch {
	case a.status == http.StatusOK && a.object.ID() == "":
		return fails("%s answered 200, but the body is %s.", a.request(), a.nature())
	case a.status == http.StatusNoContent && len(a.body) > 0:
		return fails("%s answered 204 with a body.", a.request())
	}
	return expect(a, http.StatusOK, http.StatusNoContent)
}

func (r *run) judgeGroupIDReuse() Finding {
	a := r.create("Groups", r.crew.sent)
	if !a.is2xx() {
		return notApplicable("A group of the name of a deleted one is refused (%s).", a.shown())
	}
	again := r.adopt("Groups", r.crew.sent, a)
	if again == nil {
		return blockedBy(groupCreated)
	}
	defer r.discard("Groups", again.id)
	if again.id == r.crew.id {
		return fails("The group %s was deleted and created again: it has the same id %s.", quote(again.name), quote(again.id))
	}
	return passes()
}

func (r *run) judgeDeleteTwice() Finding {
	group, f := r.troop("gone")
	if group == nil {
		return f
	}
	if a := r.delete("Groups", group.id); !a.is2xx() {
		return blockedBy("groups.delete.204")
	}
	r.gone("Groups", group.id)
	return expect(r.delete("Groups", group.id), http.StatusNotFound)
}
