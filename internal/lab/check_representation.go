package lab

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var representationChecks = []Check{
	{
		ID: "repr.id-string", Title: "id is a JSON string", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §3.1",
		Why:   "A number loses digits in many languages, and no longer equals the id in a path.",
		Fix:   `Write ids in quotes, "id": "1001", also where the database has numbers.`,
		judge: (*run).judgeIDType,
	},
	{
		ID: "repr.booleans", Title: "active is a JSON boolean", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §2.3.2",
		Why:   "\"False\" is true in most languages: a deactivated account counts as active.",
		Fix:   `Write "active": true or "active": false, without quotes.`,
		judge: (*run).judgeBooleans,
	},
	{
		ID: "repr.multi-array", Title: "Multi-valued attributes are arrays, also with one value", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §2.4",
		Why:   "Parsers expect emails[0]; an object in its place is no e-mail address.",
		Fix:   `Always write emails, phoneNumbers, addresses, groups and members as arrays: "emails": [{"value": "ada@example.com"}].`,
		judge: (*run).judgeArrays,
	},
	{
		ID: "repr.meta", Title: "meta has resourceType, created, lastModified and location", Family: users, Severity: report.RFC,
		Needs: []string{"users.get.200"}, Reference: "RFC 7643 §3.1",
		Why:   "Clients see by lastModified what has changed, and by location where it is.",
		Fix:   `Fill all four on the server: "meta": {"resourceType": "User", "created": "2026-05-01T12:00:00Z", "lastModified": "2026-05-01T12:00:00Z", "location": "https://scim.example.com/Users/2819c223"}.`,
		judge: (*run).judgeMeta,
	},
	{
		ID: "media.content-json", Title: "Bodies of the type application/json are accepted", Family: users, Severity: report.Network | report.Recommended, Feature: "update_users",
		Needs: []string{"users.get.200"}, Reference: "RFC 7644 §3.8; network rule",
		Why:   "Many clients send application/json; a body parser that knows only application/scim+json hands on an empty body.",
		Fix:   "Let the body parser take application/json as it takes application/scim+json, with and without ; charset=utf-8.",
		judge: (*run).judgeContentJSON,
	},
}

// ownUser reads ada, and cites the answer.
func (r *run) ownUser() (*answer, Finding, bool) {
	a := r.user(r.ada.id)
	f, bad := a.wantObject(http.StatusOK)
	return a, f, bad
}

// seen are the answers so far that show users: creations, readings, lists.
func (r *run) seen() []*answer {
	var out []*answer
	for _, a := range r.answers {
		if !a.aside && a.is2xx() && len(a.resources()) > 0 && strings.HasPrefix(pathOf(a.exchange.URL), "/Users") {
			out = append(out, a)
		}
	}
	return out
}

// offender returns the first answer with a resource in which wrong finds something.
func (r *run) offender(wrong func(scim.Resource) string) (Finding, bool) {
	for _, a := range r.seen() {
		for _, resource := range a.resources() {
			if text := wrong(resource); text != "" {
				r.cite(a)
				return fails("%s: %s", a.request(), text), true
			}
		}
	}
	return Finding{}, false
}

func (r *run) judgeIDType() Finding {
	f, bad := r.offender(func(user scim.Resource) string {
		if _, ok := user.Get("id").(string); !ok && user.Get("id") != nil {
			return "id is " + shownJSON(user.Get("id")) + ", not a string."
		}
		return ""
	})
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeBooleans() Finding {
	f, bad := r.offender(func(user scim.Resource) string {
		if _, ok := user.Get("active").(bool); !ok && user.Get("active") != nil {
			return "active is " + shownJSON(user.Get("active")) + ", not a boolean."
		}
		return ""
	})
	if bad {
		return f
	}
	return passes()
}

func (r *run) judgeArrays() Finding {
	f, bad := r.offender(func(user scim.Resource) string {
		for _, name := range []string{"emails", "phoneNumbers", "addresses", "groups", "schemas"} {
			if value := user.Get(name); value != nil && !isArray(value) {
				return name + " is " + shownJSON(value) + ", not an array."
			}
		}
		return ""
	})
	if bad {
		return f
	}
	return passes()
}

func isArray(v any) bool {
	_, ok := v.([]any)
	return ok
}

func (r *run) judgeMeta() Finding {
	a, f, bad := r.ownUser()
	if bad {
		return f
	}
	if kind := a.object.String("meta.resourceType"); kind != "User" {
		return fails("meta.resourceType is %s instead of \"User\".", shownJSON(a.object.Get("meta.resourceType")))
	}
	for _, name := range []string{"meta.created", "meta.lastModified"} {
		if _, err := time.Parse(time.RFC3339Nano, a.object.String(name)); err != nil && !isZoneless(a.object.String(name)) {
			return fails("%s is %s, not a date with time such as 2026-05-01T12:00:00Z.", name, shownJSON(a.object.Get(name)))
		}
	}
	location := a.object.String("meta.location")
	if !strings.Contains(location, "/Users/") {
		return fails("meta.location is %s, not the address of the user.", shownJSON(a.object.Get("meta.location")))
	}
	if u, err := url.Parse(location); err == nil && !u.IsAbs() {
		return deviates("meta.location is %s, without scheme and host. A client has to complete it.", quote(excerpt(location)))
	}
	return passes()
}

// isZoneless is an xsd:dateTime without a zone, which RFC 7643 §2.3.5 allows.
func isZoneless(s string) bool {
	_, err := time.Parse("2006-01-02T15:04:05.999999999", s)
	return err == nil
}

// judgeContentJSON puts what was created, so that only the media type is new.
func (r *run) judgeContentJSON() Finding {
	a := r.send(ask{method: http.MethodPut, path: scim.Path("Users", r.ada.id), body: r.ada.sent,
		header: func(h http.Header) { h.Set("Content-Type", "application/json") }})
	if a.err != nil {
		return a.trouble()
	}
	if a.is2xx() {
		return passes()
	}
	if again := r.replace("Users", r.ada.id, r.ada.sent); !again.is2xx() {
		return unproved("PUT is refused with application/scim+json as well: %s.", again.shown())
	}
	return fails("PUT with application/json answered %s; with application/scim+json it works.", a.shown())
}

// withoutPassword is a resource as it may be sent back: a password that a server returned is not repeated.
func withoutPassword(resource scim.Resource) scim.Resource {
	out := resource.Clone()
	for name := range out {
		if strings.EqualFold(name, "password") {
			delete(out, name)
		}
	}
	return out
}

// mediaType is the bare type of an answer's body.
func (a *answer) mediaType() string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return a.header.Get("Content-Type")
	}
	return kind
}
