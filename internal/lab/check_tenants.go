package lab

import (
	"net/http"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// tenantChecks take a second pair of credentials.
var tenantChecks = []Check{
	{
		ID: "auth.tenant-isolation", Title: "Another tenant sees and changes nothing of this one", Family: connection, Severity: report.RFC, Safety: true, Feature: "create_users", Since: "2026.11.5",
		Needs: []string{created}, takes: []string{"users.put.no-upsert", groupCreated}, Reference: "RFC 7644 §6, §7",
		Why:   "One customer's token that opens another customer's accounts is the worst that can happen to a service.",
		Fix:   "Derive the tenant from the token, and put it into every query, for users and groups alike: look-ups by id, lists, filters, searches by POST, writes, and each operation of a bulk request.",
		judge: (*run).judgeTenants,
	},
	{
		ID: "auth.forbidden-403", Title: "Credentials that may only read are refused with 403 when they write", Family: connection, Severity: report.RFC, Feature: "create_users",
		Needs: []string{created}, Reference: "RFC 7644 §3.12, table 8",
		Why:   "A 401 sends a client looking for new credentials, though these are good.",
		Fix:   `Where the credentials are valid and may not do this, answer 403 with a SCIM error: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "403", "detail": "…"}.`,
		judge: (*run).judgeForbidden,
	},
}

// judgeTenants first only reads. It writes to a user made for this, and only where the other tenant has none of its own
// under that id.
func (r *run) judgeTenants() Finding {
	if r.subject.Other == nil {
		return notApplicable("No credentials of a second tenant were given. For the command line: --other-bearer TOKEN.")
	}
	everybody := r.asOther(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "100"})})
	switch _, isList := everybody.list(); {
	case everybody.err != nil:
		return everybody.trouble()
	case everybody.status == http.StatusUnauthorized || everybody.status == http.StatusForbidden:
		return deviates("The second tenant's credentials are refused at this address (%s). That keeps tenants apart, unless the credentials are simply wrong: use them at their own address to see.", everybody.shown())
	case !isList:
		return unproved("GET /Users with the second tenant's credentials answered %s.", everybody.shown())
	}
	if f := r.judgeForeignLists(everybody); f.Outcome != report.Pass {
		return f
	}
	verdict := passes()
	for _, judge := range []func(*run) Finding{(*run).judgeForeignReads, (*run).judgeForeignWrites, (*run).judgeForeignGroupWrites} {
		f := judge(r)
		if f.Outcome != report.Pass {
			return f
		}
		if f != passes() {
			verdict = f // it says what was not tried
		}
	}
	return verdict
}

func (r *run) asOther(q ask) *answer {
	q.header = r.as(r.subject.Other)
	return r.send(q)
}

const sameTenant = " If the two tokens are of one tenant, the check proves nothing: give one of another."

// shared is a user that is in both lists: one of ours, or one that was there before.
func (r *run) shared(other *answer) scim.Resource {
	for _, user := range other.resources() {
		if bearsOurName(user) {
			return user
		}
		for _, known := range r.probe.resources() {
			if known.ID() != "" && known.ID() == user.ID() && known.UserName() == user.UserName() {
				return user
			}
		}
	}
	return nil
}

func (r *run) judgeForeignLists(everybody *answer) Finding {
	if user := r.shared(everybody); user != nil {
		return fails("With the second tenant's credentials GET /Users lists the first tenant's user %s.%s", quote(excerpt(user.UserName())), sameTenant)
	}
	ada := "userName eq " + quote(r.ada.name)
	found := r.asOther(ask{method: http.MethodGet, path: "/Users", query: values([]string{"filter", ada, "startIndex", "1", "count", "100"})})
	if user := r.shared(found); user != nil {
		return fails("With the second tenant's credentials a filter finds the first tenant's user %s.%s", quote(excerpt(user.UserName())), sameTenant)
	}
	for _, path := range []string{"/Users/.search", "/.search"} {
		found := r.asOther(ask{method: http.MethodPost, path: path, body: searchFor(ada), aside: true})
		if user := r.shared(found); user != nil {
			return fails("With the second tenant's credentials POST %s with the filter %s finds the first tenant's user.%s", path, ada, sameTenant)
		}
	}
	if r.crew == nil {
		return passes()
	}
	return r.judgeForeignGroupLists()
}

func (r *run) judgeForeignGroupLists() Finding {
	isOurs := func(g scim.Resource) bool { return g.ID() == r.crew.id && bearsOurName(g) }
	groups := r.asOther(ask{method: http.MethodGet, path: "/Groups", query: values([]string{"startIndex", "1", "count", "100"})})
	if slices.ContainsFunc(groups.resources(), isOurs) {
		return fails("With the second tenant's credentials GET /Groups lists the first tenant's group %s.%s", quote(r.crew.name), sameTenant)
	}
	crew := "displayName eq " + quote(r.crew.name)
	found := r.asOther(ask{method: http.MethodPost, path: "/Groups/.search", body: searchFor(crew), aside: true})
	if slices.ContainsFunc(found.resources(), isOurs) {
		return fails("With the second tenant's credentials POST /Groups/.search with the filter %s finds the first tenant's group.%s", crew, sameTenant)
	}
	return passes()
}

func (r *run) judgeForeignReads() Finding {
	if a := r.asOther(ask{method: http.MethodGet, path: scim.Path("Users", r.ada.id)}); a.is2xx() && bearsOurName(a.object) {
		return fails("With the second tenant's credentials GET /Users/{id} shows the first tenant's user %s.%s", quote(r.ada.name), sameTenant)
	}
	if r.crew == nil {
		return passes()
	}
	if a := r.asOther(ask{method: http.MethodGet, path: scim.Path("Groups", r.crew.id)}); a.is2xx() && bearsOurName(a.object) {
		return fails("With the second tenant's credentials GET /Groups/{id} shows the first tenant's group %s.%s", quote(r.crew.name), sameTenant)
	}
	return passes()
}

// prey is one of our own that the second tenant tries to change. Every attempt would set path to trespassed.
type prey struct {
	resource string
	*account
	path string
	body scim.Resource // for a PUT
}

const trespassed = Prefix + "trespasser"

// judgeForeignWrites works on a user that is made for it.
func (r *run) judgeForeignWrites() Finding {
	sent := r.names.plainUser("tess", "Tess", "Tenant")
	tess := r.adopt("Users", sent, r.create("Users", sent))
	if tess == nil {
		return blockedBy(created)
	}
	defer r.discard("Users", tess.id)
	body := sent.Clone()
	body["name"] = map[string]any{"givenName": "Tess", "familyName": trespassed}
	return r.judgeForeignAttempts(prey{"Users", tess, "name.familyName", body})
}

// judgeForeignGroupWrites does the same on a group, where there are groups.
func (r *run) judgeForeignGroupWrites() Finding {
	if r.crew == nil {
		return passes()
	}
	group, _ := r.troop("tenants")
	if group == nil {
		return blockedBy(groupCreated)
	}
	defer r.discard("Groups", group.id)
	body := group.sent.Clone()
	body["displayName"] = trespassed
	return r.judgeForeignAttempts(prey{"Groups", group, "displayName", body})
}

// judgeForeignAttempts goes by what the first tenant sees afterwards: some services answer 204 to the removal of nobody.
// Requests in bulk come last, for a service that looks at the tenant of each request may forget it there.
func (r *run) judgeForeignAttempts(p prey) Finding {
	path := scim.Path(p.resource, p.id)
	if theirs := r.asOther(ask{method: http.MethodGet, path: path}); theirs.is2xx() && !bearsOurName(theirs.object) {
		return passed("Each tenant has ids of its own, so that no write was tried: it could hit somebody of the other.")
	}
	before := r.get(path).object.String(p.path)
	var asks []ask
	if r.outcomes["users.put.no-upsert"].Outcome == report.Pass { // else the second tenant would get what nobody removes
		asks = append(asks, ask{method: http.MethodPut, path: path, body: p.body})
	}
	rename := replaceOp(p.path, trespassed)
	asks = append(asks,
		ask{method: http.MethodPatch, path: path, body: map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{rename}}},
		ask{method: http.MethodDelete, path: path})
	for _, op := range []bulkOp{bulkPatch(p.resource, p.id, rename), bulkDelete(p.resource, p.id)} {
		asks = append(asks, ask{method: http.MethodPost, path: "/Bulk", body: job{operations: []bulkOp{op}}.body(), aside: true})
	}
	for _, q := range asks {
		a := r.asOther(q)
		if now := r.get(path); now.err == nil && now.object.String(p.path) != before {
			return fails("With the second tenant's credentials %s on the first tenant's %s answered %s, and it is changed or gone.%s", q.shape(), quote(p.name), a.shown(), sameTenant)
		}
	}
	return passes()
}

func (r *run) judgeForbidden() Finding {
	if r.subject.Reader == nil {
		return notApplicable("No credentials were given that may only read. For the command line: --read-only-bearer TOKEN.")
	}
	as := r.as(r.subject.Reader)
	if a := r.send(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), header: as}); !a.is2xx() {
		return unproved("With the read-only credentials GET /Users answered %s: they do not read either.", a.shown())
	}
	reader := r.names.plainUser("rita", "Rita", "Reader")
	object := report.Object{Resource: "Users", Name: reader.UserName()}
	a := r.send(ask{method: http.MethodPost, path: "/Users", body: reader, header: as, object: &object, doubtful: true})
	if a.err != nil {
		return a.trouble()
	}
	if ids := namedIn(r.find("userName eq "+quote(object.Name)), "userName", object.Name); a.is2xx() || len(ids) > 0 {
		if len(ids) > 0 {
			r.identify("Users", object.Name, ids[0])
		}
		return fails("With the read-only credentials POST /Users answered %s, and the user was created.", a.shown())
	}
	if at := slices.Index(r.objects, object); at >= 0 {
		r.forget(at)
	}
	if f, bad := a.want(http.StatusForbidden); bad {
		f.Message += " The credentials may read, and not write."
		return f
	}
	switch {
	case a.object == nil:
		return fails("POST /Users with read-only credentials answered 403; its body is %s instead of a SCIM error.", a.nature())
	case !a.object.HasSchema(scim.SchemaError):
		return fails("POST /Users with read-only credentials answered 403; schemas of its body is %s; it must hold %s.", shownJSON(a.object.Get("schemas")), scim.SchemaError)
	}
	return passes()
}
