package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
	"time"
)

// deactivations leave a user who is inactive.
var deactivations = []string{"users.active.deactivate-patch", "users.active.deactivate-put"}

var activeChecks = slices.Concat(deactivationChecks, inactiveChecks, reactivationChecks)

var deactivationChecks = []Check{
	{
		ID: "users.active.deactivate-patch", needsPatch: true, Title: "PATCH active: false deactivates, and the user stays", Family: users, Severity: report.RFC | report.Network, Feature: "deactivate_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.5.2.3; network rule",
		Why:   "This is what clients send when somebody leaves. Where it does not work, they keep their access.",
		Fix:   `Accept {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"active": false}}]}: without a path, and with a boolean. Keep the user.`,
		judge: (*run).judgeDeactivatePatch,
	},
	{
		ID: "users.active.deactivate-put", Title: "PUT active: false deactivates, and the user stays", Family: users, Severity: report.RFC | report.Network, Feature: "deactivate_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.5.1; network rule",
		Why:   "Clients without PATCH deactivate this way.",
		Fix:   "Read active from the body of a PUT: with false nobody can sign in with the account, and the account stays.",
		judge: (*run).judgeDeactivatePut,
	},
	{
		ID: "users.list.includes-inactive", Title: "Inactive users are found by filter", Family: users, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{"users.get.200", "filter.eq.username"}, takes: deactivations, Reference: "Network rule",
		Why:   "Somebody who comes back is looked up first. If the old account does not show, a second create ends in an endless conflict.",
		Fix:   "Do not hide users with active: false from lists and filters.",
		judge: (*run).judgeInactiveListed,
	},
}

var reactivationChecks = []Check{
	{
		ID: "users.active.reactivate", Title: "active: true brings the same user back", Family: users, Severity: report.Network, Feature: "deactivate_users",
		Needs: []string{"users.get.200"}, takes: deactivations, Reference: "Network rule",
		Why:   "Somebody who comes back expects the account with all that belonged to it.",
		Fix:   "Keep the record, and switch active back to true.",
		judge: (*run).judgeReactivate,
	},
}

func activeOp(active bool) map[string]any {
	return replaceOp("", map[string]any{"active": active})
}

// patchActive is the PATCH by which clients deactivate and activate.
func (r *run) patchActive(id string, active bool) *answer {
	return r.send(ask{method: http.MethodPatch, path: scim.Path("Users", id), body: r.dialect.activation(id, active)})
}

func (r *run) judgeDeactivatePatch() Finding {
	began := time.Now()
	if a := r.patchActive(r.ada.id, false); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	f := r.shows(r.ada.id, "active", "false")
	if f.Outcome == report.Pass || f.Outcome == report.Deviation {
		r.inactive, r.byPatch, r.deactivation = r.ada, true, time.Since(began)
	}
	return f
}

// judgeDeactivatePut works on bob, so that it does not depend on what PATCH did to ada.
func (r *run) judgeDeactivatePut() Finding {
	who := r.bob
	if who == nil {
		who = r.ada
	}
	began := time.Now()
	if a := r.replace("Users", who.id, who.with(false)); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	f := r.shows(who.id, "active", "false")
	if r.inactive == nil && (f.Outcome == report.Pass || f.Outcome == report.Deviation) {
		r.inactive, r.deactivation = who, time.Since(began)
	}
	return f
}

func (r *run) judgeInactiveListed() Finding {
	if r.inactive == nil {
		return blockedBy("users.active.deactivate-put")
	}
	filter := "userName eq " + quote(r.inactive.name)
	a, waited, wrong := r.settle(func() *answer { return r.find(filter) }, func(a *answer) string {
		for _, user := range a.resources() {
			if user.ID() == r.inactive.id {
				return ""
			}
		}
		return "The inactive user is not found by " + filter + "."
	})
	return settled(a, waited, wrong)
}

func (r *run) judgeReactivate() Finding {
	if r.inactive == nil {
		return blockedBy("users.active.deactivate-put")
	}
	who := r.inactive
	if a := r.activate(who); !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	if f := r.shows(who.id, "active", "true"); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	a := r.evidence[len(r.evidence)-1]
	r.reactivateRest()
	if wrong := differences(who.sent, a.object, []string{"userName", "emails.value"}); wrong != "" {
		return fails("The user came back changed: %s", wrong)
	}
	return passes()
}

// activate goes the way that deactivated: PATCH where that worked, else PUT.
func (r *run) activate(who *account) *answer {
	if r.byPatch {
		return r.patchActive(who.id, true)
	}
	return r.replace("Users", who.id, who.with(true))
}

// with is the account as it was created, active or not. What a full round trip needs is users.put.okta-roundtrip's
// concern.
func (a *account) with(active bool) scim.Resource {
	body := withoutPassword(a.sent)
	body["active"] = active
	return body
}

// reactivateRest leaves every fixture active, as later checks expect it.
func (r *run) reactivateRest() {
	mark := len(r.evidence)
	for _, who := range []*account{r.ada, r.bob} {
		if who == nil || who == r.inactive {
			continue
		}
		if active, known := r.user(who.id).object.Active(); known && !active {
			r.setActive(who.id, true, false)
		}
	}
	r.evidence = r.evidence[:mark]
}
