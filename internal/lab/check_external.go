package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const byExternalID = "filter.eq.externalId"

// externalChecks look at whom an externalId leads to.
var externalChecks = []Check{
	{
		ID: "sec.externalid", Title: "An externalId that is the id of another user leads to nobody else", Family: security, Severity: report.RFC, Safety: true, Feature: "create_users", Since: "2026.11.5",
		Needs: []string{"users.get.200"}, takes: []string{byExternalID}, Reference: "RFC 7643 §3.1",
		Why:   "Directories number their people, 1 among them. A server that takes such a number for an id of its own hands the account of its first administrator to whoever is numbered so.",
		Fix:   "Keep externalId in a column of its own, as an opaque text. Look users of a path up by id alone, and in a create by userName alone; never compare externalId with an id, and never convert it to a number.",
		judge: (*run).judgeForeignID,
	},
}

// judgeForeignID takes the id of a user of its own, so that a server that falls for it touches nobody else.
func (r *run) judgeForeignID() Finding {
	first, f := r.guest("numbered")
	if first == nil {
		return f
	}
	defer r.discard("Users", first.id)
	sent := r.names.plainUser("numbering", "Num", "Bering")
	sent["externalId"] = first.id
	a := r.create("Users", sent)
	told := "POST /Users was sent a new user whose externalId is the id of another (" + quote(first.name) + ") and was answered " + a.shown()
	switch {
	case a.err != nil:
		return a.trouble()
	case a.status == http.StatusConflict:
		return fails("%s. An externalId is the client's own word, and in conflict with no id; expected was 201 with a new id.%s", told, a.detail())
	case !a.is2xx():
		return expect(a, http.StatusCreated).saying("The externalId was the id of another user.")
	case a.object.ID() == first.id:
		return fails("%s with the id of that other user: whoever is created under this externalId gets an account that is there already. Expected was a new id.", told)
	}
	second := r.adopt("Users", sent, a)
	if second == nil {
		return blockedBy(created)
	}
	removed := false
	defer func() {
		if !removed {
			r.discard("Users", second.id)
		}
	}()
	for _, one := range []*account{first, second} {
		if f := r.isStill(one); f.Outcome != report.Pass {
			return f.saying(told + ".")
		}
	}
	if r.outcomes[byExternalID].Outcome == report.Pass {
		found := r.find("externalId eq " + quote(first.id))
		if slices.ContainsFunc(found.resources(), func(u scim.Resource) bool { return u.ID() == first.id }) {
			return fails("%s. The filter externalId eq %s finds that other user, whose id it is; expected was the new user alone.", told, quote(first.id))
		}
	}
	if gone := r.delete("Users", second.id); gone.is2xx() {
		r.gone("Users", second.id)
		removed = true
	}
	return r.isStill(first).saying(told + ", and then the new user was deleted.")
}

// isStill reads an account and wants it to be the one that was made.
func (r *run) isStill(who *account) Finding {
	a := r.user(who.id)
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f
	}
	if got := a.object.UserName(); got != who.name {
		return fails("GET /Users/{id} of %s shows the user %s.", quote(who.name), quote(excerpt(got)))
	}
	return passes()
}
