package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const put = "users.put.200"

var putChecks = []Check{
	{
		ID: put, Title: "PUT /Users/{id} answers 200 with the user", Family: users, Severity: report.RFC | report.Network, Feature: "update_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.5.1",
		Why:   "PUT is the one way to update that every server must offer, and the one that clients fall back to.",
		Fix:   "Accept a whole user at /Users/{id}, store it, and answer 200 with the stored user as the body.",
		judge: (*run).judgePut,
	},
	{
		ID: "users.put.readback", Title: "What was PUT is what GET shows", Family: users, Severity: report.RFC | report.Network, Feature: "update_users",
		Needs: []string{put}, Reference: "RFC 7644 §3.5.1",
		Why:   "A change that is confirmed and not stored is never sent again.",
		Fix:   "Store every attribute of the body before you answer, and answer with what was stored.",
		judge: (*run).judgePutReadback,
	},
	{
		ID: "users.put.okta-roundtrip", Title: "A user that was read can be sent back with one change", Family: users, Severity: report.Network, Feature: "update_users",
		Needs: []string{put}, Reference: "Network rule; RFC 7644 §3.5.1",
		Why:   "This is how clients update: GET, change a value, PUT the whole, with id, meta, groups and all.",
		Fix:   "Ignore id, meta and groups in the body instead of refusing them; accept schemas in any order.",
		judge: (*run).judgeRoundTrip,
	},
	{
		ID: "users.put.no-upsert", Title: "PUT to an unknown id creates nothing", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{root}, Reference: "RFC 7644 §3.5.1",
		Why:   "An update that arrives after a deletion would bring the account back.",
		Fix:   "Answer 404 to a PUT whose id is not there, and store nothing.",
		judge: (*run).judgeUpsert,
	},
}

// judgePut stands where PUT did its work and only the answer is unusual.
func (r *run) judgePut() Finding {
	body := r.names.plainUser("ada", "Augusta", "Lovelace")
	body["title"] = "Countess " + r.names.tag
	r.put = r.replace("Users", r.ada.id, body)
	if f, bad := r.put.want(http.StatusOK); bad {
		f.stands = r.put.is2xx()
		return f
	}
	if r.put.object == nil {
		return fails("PUT answered 200, but the body is %s.", r.put.nature()).andStands()
	}
	return passes()
}

// judgePutReadback wants the given name, which every server keeps, and whatever else the answer promised.
func (r *run) judgePutReadback() Finding {
	r.cite(r.put)
	if f := r.shows(r.ada.id, "name.givenName", "Augusta"); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	return r.keepsPromise(r.put, "PUT")
}

// keepsPromise compares what the answer to a change of ada showed with what a GET shows.
func (r *run) keepsPromise(promise *answer, method string) Finding {
	a, waited, wrong := r.settle(func() *answer { return r.user(r.ada.id) }, func(a *answer) string {
		if promise.object == nil || a.object == nil {
			return ""
		}
		if wrong := differences(promise.object, a.object, []string{"userName", "displayName", "title", "name.givenName", "name.familyName", "emails.value"}); wrong != "" {
			return "GET does not show what " + method + " answered: " + wrong
		}
		return ""
	})
	return settled(a, waited, wrong)
}

// plain is a text as JSON writes it; a boolean is none, and an empty text stands for no value.
func plain(value string) string {
	switch value {
	case "":
		return "no value"
	case "true", "false":
		return value
	}
	return quote(value)
}

// shows reads a user back until an attribute has the value.
func (r *run) shows(id, path, value string) Finding {
	want := func(a *answer) string {
		if a.object == nil {
			return a.unreadable()
		}
		if got := textOf(a.object, path); got != value {
			return "Afterwards GET shows " + path + " " + shownJSON(a.object.Get(path)) + " instead of " + plain(value) + "."
		}
		return ""
	}
	a, waited, wrong := r.settle(func() *answer { return r.user(id) }, want)
	return settled(a, waited, wrong)
}

func (r *run) judgeRoundTrip() Finding {
	before, f, bad := r.ownUser()
	if bad {
		return f
	}
	body := withoutPassword(before.object)
	body["schemas"] = r.reversed(before.object.Get("schemas"))
	if body["groups"] == nil {
		body["groups"] = []any{}
	}
	name, _ := body.Get("name").(map[string]any)
	if name == nil {
		name = map[string]any{"givenName": "Ada"}
	}
	name["familyName"] = "Byron"
	delete(name, "formatted") // derived from the parts; the old one would contradict the new
	body["name"] = name
	if a := r.replace("Users", r.ada.id, body); !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	return r.shows(r.ada.id, "name.familyName", "Byron")
}

func (r *run) reversed(v any) any {
	list, ok := v.([]any)
	if !ok {
		return []any{r.dialect.user}
	}
	out := make([]any, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i])
	}
	return out
}

func (r *run) judgeUpsert() Finding {
	body := r.names.plainUser("ghost", "Ghost", "Writer")
	body["id"] = r.names.unknown
	a := r.send(ask{method: http.MethodPut, path: scim.Path("Users", r.names.unknown), body: body,
		object: &report.Object{Resource: "Users", Name: body.UserName()}})
	if a.is2xx() && a.object == nil {
		r.identify("Users", body.UserName(), r.names.unknown)
	}
	return expect(a, http.StatusNotFound)
}
