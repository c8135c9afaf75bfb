package lab

import (
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const passwordSynced = "okta.password.sync"

// leaveChecks are what a client sends when somebody goes, and when somebody comes back; and, before that, passwords.
var leaveChecks = []Check{
	{
		ID: passwordSynced, needsPatch: true, Title: "A password that is synchronised changes nothing else", Family: flows, Severity: report.Network, Feature: "sync_password", gate: offersPassword, Since: "2026.11.5",
		Needs: []string{okta.asks, created, patchWorks, "patch.replace.pathless"}, takes: []string{assigned}, Reference: "Network rule; RFC 7643 §4.1.1",
		Why:   "Clients with password synchronisation send the new password alone. An account that is locked by it locks everybody out.",
		Fix:   `Accept {"op": "replace", "value": {"password": "…"}}; set the password, and leave active as it is.`,
		judge: (*run).judgePasswordSync,
	},
	{
		ID: "okta.password.change", needsPatch: true, Title: "A second password follows at once", Family: flows, Severity: report.Network, Feature: "sync_password", gate: offersPassword, Since: "2026.11.5",
		Needs: []string{passwordSynced}, Reference: "Network rule",
		Why:   "Whoever mistyped a password changes it again in the same minute. The directory has accepted it; an app that refuses is out of step.",
		Fix:   "Do not apply a minimum age of passwords to changes that come by SCIM.",
		judge: (*run).judgePasswordChange,
	},
	{
		ID: "okta.flow.deactivate", needsPatch: true, Title: "A deactivated user shows as inactive, read or looked up", Family: flows, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{okta.asks, "users.active.deactivate-patch", "users.list.includes-inactive"}, takes: []string{assigned}, Reference: "Network rule",
		Why:   "The next look-up decides what a client does. An account that looks active there is never deactivated again, and never brought back.",
		Fix:   "Show the same active on GET of the user, in lists and in the answers to filters; let no index lag behind.",
		judge: (*run).judgeFlowDeactivate,
	},
	{
		ID: "okta.flow.reactivate-same-id", Title: "Somebody who comes back gets the old account, with all that it had", Family: flows, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{okta.asks, "users.active.reactivate", "users.list.includes-inactive"}, takes: []string{assigned, "okta.flow.deactivate"}, Reference: "Network rule",
		Why:   "A client remembers people by id and externalId. An account that comes back without them is a stranger's to the next synchronisation.",
		Fix:   "Switch active back to true, and touch nothing else: id, externalId and all values stay.",
		judge: (*run).judgeReturn,
	},
	{
		ID: "okta.flow.unassign", Title: "A user sent back whole with active: false is deactivated", Family: flows, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{okta.asks, "users.put.okta-roundtrip", "users.active.deactivate-put"}, takes: []string{assigned, "okta.flow.deactivate"}, Reference: "Network rule",
		Why:   "Integrations that an admin made with a wizard deactivate by PUT: all that was read, with one change. Where that is taken for an echo, people keep their access.",
		Fix:   "Read active from every PUT, also where the body holds id, meta and groups; ignore those three.",
		judge: (*run).judgeUnassign,
	},
}

// judgePasswordSync leaves it to users.password.never-returned whether the password is shown.
func (r *run) judgePasswordSync() Finding {
	f := r.flow(okta, "When somebody's password is synchronised, it does not arrive, or the person is locked out.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	f.patch("the password", "Users", who.id, replaceOp("", map[string]any{"password": r.names.password + "-2"}))
	f.read("the reading after the password", "Users", who.id, isActive(true))
	return f.finding()
}

func (r *run) judgePasswordChange() Finding {
	f := r.flow(okta, "When somebody changes the password a second time, the app keeps the one before.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	f.patch("the second password", "Users", who.id, replaceOp("", map[string]any{"password": r.names.password + "-3"}))
	f.read("the reading after the password", "Users", who.id, isActive(true))
	return f.finding()
}

func (r *run) judgeFlowDeactivate() Finding {
	f := r.flow(okta, "When somebody is deactivated in the directory, the client believes that the account is still in use.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	f.patch("the deactivation", "Users", who.id, activeOp(false))
	f.read("the reading after it", "Users", who.id, isActive(false))
	filter := "userName eq " + quote(who.name)
	f.get("the look-up after it", "/Users", append([]string{"filter", filter}, f.as.paging...), func(a *answer) string {
		if wrong := saysList(a); wrong != "" {
			return wrong
		}
		if wrong := exactly(a, who.id); wrong != "" {
			return wrong
		}
		return isActive(false)(a.resources()[0])
	})
	return f.finding()
}

// judgeReturn compares with how the inactive user looked: what a deactivation costs is another check's concern.
func (r *run) judgeReturn() Finding {
	f := r.flow(okta, "When somebody comes back and is assigned again, the account is another one, or has lost what it had.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	if active, known := r.user(who.id).object.Active(); known && active && !r.setActive(who.id, false, false) {
		return blockedBy("users.active.deactivate-put")
	}
	filter := "userName eq " + quote(who.name)
	f.lookUp("the look-up that finds the inactive user", "Users", filter, who.id)
	before := f.read("the reading of the inactive user", "Users", who.id, anything)
	if f.broken == nil {
		f.activate(who.id, before)
	}
	f.read("the reading after the return", "Users", who.id, func(got scim.Resource) string {
		if wrong := isActive(true)(got); wrong != "" {
			return wrong
		}
		return like(before, shownOf(before, "userName", "externalId", "name.givenName", "name.familyName", "emails.value")...)(got)
	})
	f.lookUp("the look-up after the return", "Users", filter, who.id)
	return f.finding()
}

// shownOf are those of the paths that the resource has.
func shownOf(r scim.Resource, paths ...string) []string {
	return slices.DeleteFunc(paths, func(path string) bool { return r.Get(path) == nil })
}

func (f *flow) activate(id string, now scim.Resource) {
	if o := f.r.outcomes["users.active.deactivate-patch"].Outcome; o == report.Pass || o == report.Deviation {
		f.patch("the activation", "Users", id, activeOp(true))
		return
	}
	f.put("the activation", "Users", id, merged(now, scim.Resource{"active": true}))
}

// judgeUnassign leaves the user active, as later flows expect it.
func (r *run) judgeUnassign() Finding {
	f := r.flow(okta, "When an admin unassigns somebody, that person keeps the access.")
	who := r.employee()
	if who == nil {
		return blockedBy(created)
	}
	if active, known := r.user(who.id).object.Active(); known && !active && !r.setActive(who.id, true, false) {
		return blockedBy("users.active.reactivate")
	}
	now := f.read("the reading before it", "Users", who.id, anything)
	f.put("the deactivation", "Users", who.id, merged(now, scim.Resource{"active": false}))
	f.read("the reading after it", "Users", who.id, isActive(false))
	mark := len(r.evidence)
	r.setActive(who.id, true, false)
	r.evidence = r.evidence[:mark]
	return f.finding()
}
