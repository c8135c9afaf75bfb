package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	pushedEmpty = "okta.push.empty"
	pushedNew   = "okta.push.create"
	pushedMore  = "okta.push.add-member"
)

// pushChecks are what a client sends for a group whose members it decides on.
var pushChecks = []Check{
	{
		ID: pushedEmpty, needsPatch: true, Title: "A group without members is pushed, and pushed again", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{testGroups, groupCreated, "groups.patch.rename-pathless", "groups.patch.replace-members"}, Reference: "Network rule",
		Why:   "Groups are pushed before anybody is in them. A full push of an empty group sets an empty list.",
		Fix:   `Accept "members": [] on create, and {"op": "replace", "path": "members", "value": []} for a group that is empty already.`,
		judge: (*run).judgePushEmpty,
	},
	{
		ID: pushedNew, needsPatch: true, Title: "A pushed group comes into being with its members, and is found", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{pushedEmpty, groupAdd, "groups.filter.displayname"}, Reference: "Network rule",
		Why:   "A push is a chain: look up, create without members, name, add members, look up again. Where the new group is not found, the next push makes a second one.",
		Fix:   "Let a filter find a group that was created a moment ago; take several members in one add.",
		judge: (*run).judgePushNew,
	},
	{
		ID: pushedMore, needsPatch: true, Title: "Naming a group again leaves its members in", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{pushedNew}, Reference: "Network rule",
		Why:   "Clients send id and displayName with every change of membership. Where that is taken for the whole group, everybody is thrown out first.",
		Fix:   `In {"op": "replace", "value": {"id": "…", "displayName": "…"}} change what value names, and leave members alone.`,
		judge: (*run).judgePushMore,
	},
	{
		ID: "okta.push.remove-member", needsPatch: true, Title: "A group whose last member leaves is still there", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{pushedMore, "groups.patch.remove-valuepath", "groups.patch.filter-honoured"}, Reference: "Network rule",
		Why:   "Somebody who is pushed next into a group that has gone gets an error, and no access.",
		Fix:   "Keep a group that has no members.",
		judge: (*run).judgePushFewer,
	},
	{
		ID: "okta.push.overwrite", needsPatch: true, Title: "A full push takes out whom somebody else put in", Family: flows, Severity: report.Network, Feature: "group_push", Safety: true,
		Needs: []string{pushedNew, "groups.patch.replace-members"}, Reference: "Network rule; RFC 7644 §3.5.2.3",
		Why:   "Whoever was added in the app by hand must not keep a right that the directory does not know of.",
		Fix:   `With {"op": "replace", "path": "members", "value": […]} keep exactly the members of the list, whoever put the others in.`,
		judge: (*run).judgePushOver,
	},
	{
		ID: "okta.push.link-norename", needsPatch: true, Title: "A group that is linked keeps its members when others are added", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{pushedNew, "groups.create.members"}, Reference: "Network rule",
		Why:   "An admin links a group of the app to one of the directory. Its members are to be joined, not replaced.",
		Fix:   `With {"op": "add", "path": "members", "value": […]} append to the members that the group has, however they came in.`,
		judge: (*run).judgePushLink,
	},
	{
		ID: "okta.push.link-rename", needsPatch: true, Title: "A linked group that is renamed is found by its new name only", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{"okta.push.link-norename"}, Reference: "Network rule",
		Why:   "Where the old name still finds the group, the next group of that name is linked to the wrong one.",
		Fix:   "When a group is renamed, let filters find it by the new name only: update the index with the group.",
		judge: (*run).judgePushRename,
	},
	{
		ID: "okta.push.delete", Title: "A group that was unlinked and deleted is no longer found, and its members stay", Family: flows, Severity: report.Network, Feature: "group_push",
		Needs: []string{pushedNew, "groups.delete.204"}, takes: []string{"okta.push.overwrite", "okta.push.remove-member"}, Reference: "Network rule; RFC 7644 §3.6",
		Why:   "A look-up that finds a group which is gone leads the next push astray.",
		Fix:   "Leave deleted groups out of lists and of the answers to filters.",
		judge: (*run).judgePushDelete,
	},
}

// named is the rename that goes with every change of a group.
func (f *flow) named(group *account, name string) {
	f.patch("the name", "Groups", group.id, replaceOp("", map[string]any{"id": group.id, "displayName": name}))
}

func (f *flow) lookUpGroup(what, name, id string) {
	f.lookUp(what, "Groups", "displayName eq "+quote(name), id)
}

// hasExactly reads the group until these are its members.
func (f *flow) hasExactly(group *account, want ...*account) {
	if f.broken != nil {
		return
	}
	var ids []string
	for _, who := range want {
		ids = append(ids, who.id)
	}
	f.steps++
	switch found := f.r.hasMembers(group.id, ids...); found.Outcome {
	case report.Pass:
	case report.Deviation:
		f.unusual = found.Message
	default:
		f.end("the reading after it", found.Outcome, found.Message)
	}
}

func addAll(who ...*account) map[string]any { return operation("add", "members", asMembers(who...)) }

func asMembers(who ...*account) []any {
	list := []any{}
	for _, one := range who {
		list = append(list, member(one.id, one.name))
	}
	return list
}

// push looks up and makes a group, the way that clients do.
func (f *flow) push(what string) *account {
	sent := f.r.names.group(what)
	sent["members"] = []any{}
	f.lookUpGroup("the look-up before the create", sent.String("displayName"), "")
	group := f.make("the create", "Groups", sent)
	if group != nil {
		f.named(group, group.name)
	}
	return group
}

func (r *run) judgePushEmpty() Finding {
	f := r.flow(okta, "When an admin pushes a group that nobody is in yet, no group comes into being.")
	group := f.push("hollow")
	if group == nil {
		return f.orLost()
	}
	defer r.discard("Groups", group.id)
	f.patch("the full push of nobody", "Groups", group.id, replaceOp("members", []any{}))
	f.hasExactly(group)
	return f.finding()
}

// judgePushNew leaves a group with two members for the flows that follow.
func (r *run) judgePushNew() Finding {
	f := r.flow(okta, "When an admin pushes a group, it comes into being without its members, or is made again with the next push.")
	first, second := r.two()
	if second == nil {
		return blockedBy(created)
	}
	group := f.push("pushed")
	if group == nil {
		return f.orLost()
	}
	f.patch("the members", "Groups", group.id, addAll(first, second))
	f.hasExactly(group, first, second)
	f.lookUpGroup("the look-up after the create", group.name, group.id)
	if f.broken == nil {
		r.pushed = group
	}
	return f.finding()
}

func (r *run) judgePushMore() Finding {
	f := r.flow(okta, "When somebody is added to a pushed group, the others are thrown out of it in the app.")
	first, second := r.two()
	third := r.employee()
	if third == nil {
		return blockedBy(created)
	}
	f.named(r.pushed, r.pushed.name)
	f.patch("the new member", "Groups", r.pushed.id, addAll(third))
	f.hasExactly(r.pushed, first, second, third)
	return f.finding()
}

func (r *run) judgePushFewer() Finding {
	f := r.flow(okta, "When the last member leaves a pushed group, the group is gone from the app.")
	first, _ := r.two()
	group := f.push("leaving")
	if group == nil {
		return f.orLost()
	}
	f.patch("the one member", "Groups", group.id, addAll(first))
	f.named(group, group.name)
	f.patch("the removal of the one member", "Groups", group.id, removeMember(first))
	f.hasExactly(group)
	if f.broken == nil || r.get(scim.Path("Groups", group.id)).is2xx() {
		r.discard("Groups", group.id)
	} else {
		r.gone("Groups", group.id)
	}
	return f.finding()
}

// judgePushOver puts somebody in behind the client's back, by the id alone.
func (r *run) judgePushOver() Finding {
	f := r.flow(okta, "When an admin pushes a group in full, whoever was added in the app by hand stays in it.")
	first, second := r.two()
	stranger, g := r.guest("stranger")
	if stranger == nil {
		return g
	}
	defer r.discard("Users", stranger.id)
	r.patch("Groups", r.pushed.id, operation("add", "members", []any{map[string]any{"value": stranger.id}}))
	f.named(r.pushed, r.pushed.name)
	f.patch("the full push", "Groups", r.pushed.id, replaceOp("members", asMembers(first, second)))
	f.hasExactly(r.pushed, first, second)
	return f.finding()
}

// joint makes a group as an admin of the app does, with a member in it.
func (r *run) joint(what string) (*account, Finding) {
	first, _ := r.two()
	sent := r.names.group(what, member(first.id, first.name))
	a := r.create("Groups", sent)
	if !a.is2xx() {
		return nil, expect(a, http.StatusCreated)
	}
	group := r.adopt("Groups", sent, a)
	if group == nil {
		return nil, blockedBy(groupCreated)
	}
	return group, Finding{}
}

func (r *run) judgePushLink() Finding {
	f := r.flow(okta, "When an admin links a group of the app to one of the directory, its members lose their access.")
	group, g := r.joint("joint")
	if group == nil {
		return g
	}
	defer r.discard("Groups", group.id)
	first, second := r.two()
	f.lookUpGroup("the look-up that finds the group", group.name, group.id)
	f.patch("the members", "Groups", group.id, addAll(second))
	f.hasExactly(group, first, second)
	f.read("the reading of the name", "Groups", group.id, like(group.sent, "displayName"))
	f.lookUpGroup("the look-up after it", group.name, group.id)
	return f.finding()
}

func (r *run) judgePushRename() Finding {
	f := r.flow(okta, "When an admin links a group and lets it be renamed, later pushes meet the wrong group.")
	group, g := r.joint("joint-old")
	if group == nil {
		return g
	}
	defer r.discard("Groups", group.id)
	first, second := r.two()
	name := r.names.prefix + "joint-new"
	f.lookUpGroup("the look-up that finds the group", group.name, group.id)
	f.named(group, name)
	f.patch("the members", "Groups", group.id, addAll(second))
	f.hasExactly(group, first, second)
	f.lookUpGroup("the look-up by the new name", name, group.id)
	f.lookUpGroup("the look-up by the old name", group.name, "")
	return f.finding()
}

func (r *run) judgePushDelete() Finding {
	f := r.flow(okta, "When an admin unlinks a group and has it deleted, a later group of that name is linked to one that is gone.")
	first, _ := r.two()
	id := r.pushed.id
	a := f.step("the deletion", ask{method: http.MethodDelete, path: scim.Path("Groups", id)}, says(http.StatusNoContent))
	if a.is2xx() {
		r.gone("Groups", id)
	}
	f.lookUpGroup("the look-up after it", r.pushed.name, "")
	f.read("the reading of a member", "Users", first.id, anything)
	return f.finding()
}
