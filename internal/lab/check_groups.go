package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	groupList    = "groups.list.200"
	groupCreated = "groups.create.201"
	groupAdd     = "groups.patch.add-member"
)

var groupChecks = []Check{
	{
		ID: groupList, Title: "GET /Groups answers 200 with a list", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2",
		Why:   "Clients list groups when they test the connection and when they import.",
		Fix:   `Answer with a list, also when there are no groups: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": []}.`,
		judge: (*run).judgeGroupList,
	},
	{
		ID: groupCreated, Title: "POST /Groups with a name answers 201", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupList}, Reference: "RFC 7644 §3.3; RFC 7643 §4.2",
		Why:   "Clients create a group by its name first; its members follow.",
		Fix:   "Accept a group that has schemas and displayName only. Answer 201 with the group, its id, and the header Location.",
		judge: (*run).judgeGroupCreate,
	},
	{
		ID: "groups.create.members", Title: "A group created with members has them", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupCreated, "users.get.200"}, Reference: "RFC 7643 §4.2",
		Why:   "Members that are dropped at creation never get access.",
		Fix:   `Store "members": [{"value": "the user's id"}] at create, and show it on GET of the group, or at least with ?attributes=members.`,
		judge: (*run).judgeGroupMembers,
	},
	{
		ID: "groups.get.404", Title: "GET of an unknown group answers 404", Family: groups, Severity: report.RFC | report.Network,
		Needs: []string{groupList}, Reference: "RFC 7644 §3.12",
		Why:   "Clients check this way whether the group still exists.",
		Fix:   `Answer 404 with a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "There is no such group."}.`,
		judge: func(r *run) Finding { return expect(r.get(scim.Path("Groups", r.names.unknown)), http.StatusNotFound) },
	},
	{
		ID: "groups.filter.displayname", Title: "displayName eq finds exactly that group", Family: groups, Severity: report.Network,
		Needs: []string{groupCreated}, Reference: "RFC 7644 §3.4.2.2; network rule",
		Why:   "Before a group is created it is looked up by its name.",
		Fix:   `Support filter=displayName eq "…" on /Groups, with exactly that group as the answer.`,
		judge: (*run).judgeGroupFilter,
	},
}

func (r *run) judgeGroupList() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/Groups", query: url.Values{"startIndex": {"1"}, "count": {"2"}}, aside: !r.hasGroups()})
	if !r.hasGroups() && (isRefusedAsUnsupported(a) || a.err == nil && a.status == http.StatusForbidden) {
		return notApplicable("Groups are neither declared nor there: GET /Groups answered %s.", a.shown())
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if _, ok := a.list(); !ok {
		return fails("GET /Groups answered with an object that is no list: it has neither Resources nor totalResults.")
	}
	if value := a.object.Get("totalResults"); !isInteger(value) {
		return fails("totalResults is %s, not an integer.", shownJSON(value)).andStands()
	}
	return passes()
}

func (r *run) judgeGroupCreate() Finding {
	sent := r.names.group("crew")
	a := r.create("Groups", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	mark := len(r.evidence)
	r.crew = r.adopt("Groups", sent, a)
	r.evidence = r.evidence[:mark]
	switch {
	case r.crew == nil:
		return fails("POST /Groups answered %s, but the new group is nowhere to be found.", a.shown())
	case a.status != http.StatusCreated:
		return fails("POST /Groups answered %s instead of 201.", a.shown()).andStands()
	case a.object.ID() == "":
		return fails("POST /Groups answered with a group that has no id.").andStands()
	case a.header.Get("Location") == "":
		return fails("POST /Groups answered %s without a Location header.", a.shown()).only(report.RFC).andStands()
	}
	return passes()
}

// members reads who is in a group. A server may leave members out unless they are asked for.
func (r *run) members(id string) (*answer, []string) {
	a := r.get(scim.Path("Groups", id))
	if a.object != nil && a.is2xx() && a.object.Get("members") == nil {
		if asked := r.get(scim.Path("Groups", id), "attributes", "members"); asked.is2xx() && asked.object.Get("members") != nil {
			a = asked
		}
	}
	var ids []string
	list, _ := a.object.Get("members").([]any)
	for _, m := range list {
		if one, ok := m.(map[string]any); ok {
			ids = append(ids, scim.Resource(one).String("value"))
		}
	}
	return a, ids
}

// hasMembers reads a group until it has exactly the wanted members.
func (r *run) hasMembers(id string, want ...string) Finding {
	return r.group(id, func(got []string) string {
		for _, w := range want {
			switch n := count(got, w); {
			case n == 0:
				return "The group does not have the member " + quote(w) + "."
			case n > 1:
				return "The group has the member " + quote(w) + " " + itoa(n) + " times."
			}
		}
		if len(got) != len(want) {
			return "The group has " + itoa(len(got)) + " members instead of " + itoa(len(want)) + "."
		}
		return ""
	})
}

// group reads a group until problem has nothing to say about its members.
func (r *run) group(id string, problem func(members []string) string) Finding {
	var got []string
	read := func() (a *answer) { a, got = r.members(id); return a }
	a, waited, wrong := r.settle(read, func(a *answer) string {
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f.Message
		}
		return problem(got)
	})
	return settled(a, waited, wrong)
}

func count(list []string, s string) (n int) {
	for _, one := range list {
		if one == s {
			n++
		}
	}
	return n
}

// two are two users of the run: ada, and bob or whoever else there is.
func (r *run) two() (first, second *account) {
	if r.bob != nil {
		return r.ada, r.bob
	}
	if r.spare == nil {
		sent := r.names.plainUser("zoe", "Zoe", "Spare")
		r.spare = r.adopt("Users", sent, r.create("Users", sent))
	}
	return r.ada, r.spare
}

func (r *run) judgeGroupMembers() Finding {
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	sent := r.names.group("pair", member(first.id, first.name), member(second.id, second.name))
	a := r.create("Groups", sent)
	if !a.is2xx() {
		return expect(a, http.StatusCreated)
	}
	pair := r.adopt("Groups", sent, a)
	if pair == nil {
		return blockedBy(groupCreated)
	}
	return r.hasMembers(pair.id, first.id, second.id)
}

func (r *run) judgeGroupFilter() Finding {
	read := func() *answer {
		return r.get("/Groups", "filter", "displayName eq "+quote(r.crew.name), "startIndex", "1", "count", "100")
	}
	a, waited, wrong := r.settle(read, func(a *answer) string {
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f.Message
		}
		list, _ := a.list()
		for _, g := range list.Resources {
			if !strings.EqualFold(g.String("displayName"), r.crew.name) {
				return "Asked for " + quote(r.crew.name) + ", the server also returned " + shownJSON(g.Get("displayName")) + "."
			}
		}
		if !slices.ContainsFunc(list.Resources, func(g scim.Resource) bool { return g.ID() == r.crew.id }) {
			return "The group " + quote(r.crew.name) + " is there, but the filter displayName eq does not return it."
		}
		return ""
	})
	return settled(a, waited, wrong)
}
