package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// credentialsSent are credentials in a way of their own, with the sentence that tells of them.
type credentialsSent struct {
	told string
	set  func(http.Header)

	minded bool // another check has looked at how GET /Users answers to them
}

// badCredentials are what every route must refuse.
func (r *run) badCredentials() []credentialsSent {
	name, value := r.credentialHeader()
	bad := []credentialsSent{
		{"No credentials were sent.", r.withNoCredentials, true},
		{"The header " + name + " was sent empty.", r.withCredentials(""), true},
		{"The credentials were made up.", r.withCredentials(r.wrong()), true},
	}
	if empty, has := r.emptied(); has {
		bad = append(bad, credentialsSent{"The header " + name + " was sent without the secret: its value was " + quote(empty) + ".", r.withCredentials(empty), true})
	}
	if cut := truncated(value); r.subject.Auth != nil && len(secretOf(value)) >= tellableToken {
		bad = append(bad, credentialsSent{"The credentials were sent without their last character.", r.withCredentials(cut), false})
	}
	return bad
}

// emptied is the header's value with an empty secret: the scheme alone, or a user without a password. A blank behind the
// scheme would not arrive: it is no part of a header's value (RFC 9110 §5.5).
func (r *run) emptied() (value string, has bool) {
	_, value = r.credentialHeader()
	scheme, rest, ok := strings.Cut(value, " ")
	if user, _, isBasic := basicPair(scheme, rest); isBasic {
		return scheme + " " + basicValue(user, ""), true
	}
	return scheme, ok
}

// secretOf is the header's value without the scheme's name, where it has one.
func secretOf(value string) string {
	if _, rest, ok := strings.Cut(value, " "); ok {
		return rest
	}
	return value
}

// door is one way in that must be guarded.
type door struct {
	ask
	required bool // there on every server: whatever it answers but 401 is wrong. Of others, only what gives or does something
	ofGroup  bool // to one group: see judgeOurs
}

// doors are all routes to resources. They lead to an id that nobody has: where the guard is missing, nothing is touched.
func (r *run) doors() []door {
	first := values([]string{"startIndex", "1", "count", "1"})
	user, group := scim.Path("Users", r.names.unknown), scim.Path("Groups", r.names.unknown)
	body, crew := r.trespassers()
	all := []door{
		{ask: ask{method: http.MethodGet, path: "/Users", query: first}},
		{ask: ask{method: http.MethodPut, path: user, body: r.names.plainUser("nobody", "No", "Body")}, required: true},
		{ask: ask{method: http.MethodPatch, path: user, body: r.dialect.activation(r.names.unknown, true)}, required: true},
		{ask: ask{method: http.MethodDelete, path: user}, required: true},
		{ask: ask{method: http.MethodGet, path: user}, required: true},
		{ask: ask{method: http.MethodPost, path: "/Users", body: body, object: &report.Object{Resource: "Users", Name: body.UserName()}, doubtful: true}},
		{ask: ask{method: http.MethodGet, path: "/Groups", query: first}},
		{ask: ask{method: http.MethodPost, path: "/Groups", body: crew, object: &report.Object{Resource: "Groups", Name: crew.String("displayName")}, doubtful: true}},
		{ask: ask{method: http.MethodGet, path: group}, ofGroup: true},
		{ask: ask{method: http.MethodPut, path: group, body: r.names.group("nobodies")}, ofGroup: true},
		{ask: ask{method: http.MethodPatch, path: group, body: r.dialect.renaming(r.names.prefix + "nobodies")}, ofGroup: true},
		{ask: ask{method: http.MethodDelete, path: group}, ofGroup: true},
		{ask: ask{method: http.MethodPost, path: "/Bulk", body: map[string]any{"schemas": []string{r.dialect.bulk}, "Operations": []any{map[string]any{"method": http.MethodDelete, "path": user}}}}},
	}
	if r.subject.Version == SCIM20 {
		all = append(all, door{ask: ask{method: http.MethodGet, path: "/Me"}})
		for _, path := range []string{"/Users/.search", "/Groups/.search", "/.search"} {
			all = append(all, door{ask: ask{method: http.MethodPost, path: path, body: map[string]any{"schemas": []string{scim.SchemaSearchRequest}, "count": 1}}})
		}
	}
	for i := range all {
		all[i].aside = !all[i].required
	}
	return all
}

// trespassers are whom a server without guards would create.
func (r *run) trespassers() (user, group scim.Resource) {
	return r.names.plainUser("trespasser", "Tres", "Passer"), r.names.group("trespassers")
}

func (r *run) judgeAllMethods() Finding {
	g := guards{r: r}
	defer g.tidy()
	for i, bad := range r.badCredentials() {
		doors := r.doors()
		if i == 0 { // a create without any credentials is auth.no-side-effect's
			doors = slices.DeleteFunc(doors, func(d door) bool { return d.method == http.MethodPost && d.path == "/Users" })
		}
		if f := g.judge(doors, bad); f.Outcome != report.Pass {
			return f
		}
	}
	return r.judgeTrespass()
}

// guards try doors.
type guards struct {
	r     *run
	group *account // of our own, where one was needed to tell
	asked bool     // for it
}

func (g *guards) judge(doors []door, bad credentialsSent) Finding {
	for _, d := range doors {
		d.header = bad.set
		a := g.r.send(d.ask)
		switch {
		case a.status == http.StatusTooManyRequests:
			return unproved("%s answered %s. %s Whoever limits wrong credentials is right to; how the other routes answer to them was not seen.", a.request(), a.shown(), bad.told)
		case a.is2xx() && d.path == "/Users" && d.method == http.MethodGet && bad.minded:
			return passes() // whoever opens the list opens the rest, and has been told
		case a.is2xx():
			return g.opened(d, a, bad)
		case d.required:
			// A method that does not exist may be refused as such.
			if f, wrong := a.want(http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusNotImplemented); wrong && !g.r.mindedElsewhere(a) {
				f.Message += " " + bad.told
				return f
			}
		case d.ofGroup && a.err == nil && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden:
			if f := g.judgeOurs(d, bad); f.Outcome != report.Pass {
				return f
			}
		}
	}
	return passes()
}

// opened removes what came in.
func (g *guards) opened(d door, a *answer, bad credentialsSent) Finding {
	if d.object != nil {
		g.r.undo(d.object.Resource, a)
	}
	return fails("%s answered %s instead of 401: whoever has no valid credentials gets in there. %s", d.shape(), a.shown(), bad.told)
}

// judgeOurs tries a door to groups on one of our own. That it answered 404 for an id that nobody has may mean that there is
// no guard, or that there is no such route; a server need not have groups, nor each method on them.
func (g *guards) judgeOurs(d door, bad credentialsSent) Finding {
	if g.group == nil && !g.asked && (g.r.subject.Features == nil || g.r.hasGroups()) {
		mark := len(g.r.evidence)
		sent := g.r.names.group("guarded")
		a := g.r.send(ask{method: http.MethodPost, path: "/Groups", body: sent, object: &report.Object{Resource: "Groups", Name: sent.String("displayName")}, aside: true})
		g.group, g.asked = g.r.adopt("Groups", sent, a), true
		g.r.evidence = g.r.evidence[:mark]
	}
	if g.group == nil {
		return passes()
	}
	d.path = scim.Path("Groups", g.group.id)
	a := g.r.send(d.ask)
	if !a.is2xx() {
		return passes()
	}
	if d.method == http.MethodDelete {
		g.r.gone("Groups", g.group.id)
		g.group = nil
	}
	return g.opened(d, a, bad)
}

func (g *guards) tidy() {
	if g.group != nil {
		g.r.discard("Groups", g.group.id)
	}
}

// mindedElsewhere holds for a refusal in other words, where a check of GET /Users has found these already.
func (r *run) mindedElsewhere(a *answer) bool {
	return a.status == http.StatusBadRequest && r.outcomes["auth.malformed-401"].Outcome != report.Pass ||
		a.status == http.StatusForbidden && r.outcomes["auth.bad-token-401"].Outcome != report.Pass
}

// judgeTrespass does not believe the refusals: whether somebody has come in, a look-up with the right credentials decides.
func (r *run) judgeTrespass() Finding {
	user, group := r.trespassers()
	for _, one := range []struct{ resource, attribute, name string }{{"Users", "userName", user.UserName()}, {"Groups", "displayName", group.String("displayName")}} {
		a := r.send(ask{method: http.MethodGet, path: "/" + one.resource, aside: true,
			query: values([]string{"filter", one.attribute + " eq " + quote(one.name), "startIndex", "1", "count", "100"})})
		if ids := namedIn(a, one.attribute, one.name); len(ids) > 0 {
			r.identify(one.resource, one.name, ids[0])
			return fails("POST /%s with empty, made-up or cut credentials was refused, and %s was created all the same. Check the credentials before you store anything.", one.resource, quote(one.name))
		}
		if a.err == nil {
			r.forgetAll(report.Object{Resource: one.resource, Name: one.name})
		}
	}
	return passes()
}

// forgetAll drops every note of an object of which it is known that it did not come to be.
func (r *run) forgetAll(o report.Object) {
	for at := slices.Index(r.objects, o); at >= 0; at = slices.Index(r.objects, o) {
		r.forget(at)
	}
}
