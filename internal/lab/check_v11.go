package lab

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// The checks of this file hold for SCIM 1.1 alone. Those that it shares with 2.0 are in catalogue11.go.

var discovery11Checks = []Check{
	{
		ID: "v11.spc", Title: "GET /ServiceProviderConfigs answers 200 with the service's configuration", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "SCIM 1.1 core schema §9, §11.5; protocol §3, table 1",
		Why:   "Clients read here whether PATCH, filters and bulk work, instead of trying.",
		Fix:   "Serve one static object there (the path is plural in SCIM 1.1) with " + scim.SchemaCore11 + " in schemas, all of patch, bulk, filter, changePassword, sort, etag and xmlDataFormat, and authenticationSchemes with name, description and type.",
		judge: (*run).judgeProvider11,
	},
	{
		ID: "v11.schemas", Title: "GET /Schemas answers 200 with a list of schemas", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "SCIM 1.1 core schema §10, §11.6; protocol §3, table 1",
		Why:   "Attribute mapping starts from the list of attributes, and endpoints are found by it.",
		Fix:   "Serve a list with a schema for User and one for Group, each with id, name, schema, endpoint and attributes.",
		judge: (*run).judgeSchemas11,
	},
	{
		ID: "v11.readonly-405", Title: "Writing to /ServiceProviderConfigs and /Schemas is refused with 405", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 9110 §15.5.6; SCIM 1.1 protocol §3, table 1",
		Why:   "A client that is told 200 believes that something was done.",
		Fix:   "Keep a table of methods per endpoint; answer 405 with an Allow header, such as Allow: GET, to all others.",
		judge: (*run).judgeReadOnly11,
	},
	{
		ID: "v11.list", Title: "A list names the schema of SCIM 1.1, and none of 2.0", Family: users, Severity: report.RFC | report.Network,
		Needs: []string{root}, Reference: "SCIM 1.1 core schema §5.2; protocol §3.2.2",
		Why:   "A client tells by schemas which version it has before it; a message of SCIM 2.0 is nothing that a client of 1.1 knows.",
		Fix:   "Set schemas of every list to [\"" + scim.SchemaCore11 + "\"].",
		judge: (*run).judgeList11,
	},
}

var input11Checks = []Check{
	{
		ID: "v11.put", Title: "A PUT replaces the whole user: what it leaves out is cleared", Family: users, Severity: report.RFC, Feature: "update_users",
		Needs: []string{"users.put.readback"}, Reference: "SCIM 1.1 protocol §3.3.1",
		Why:   "PUT overwrites all that was stored, save the password; an old title that stays is never noticed.",
		Fix:   "Clear what the body of a PUT leaves out; only the password stays.",
		judge: (*run).judgePut11,
	},
	{
		ID: "v11.locale", Title: "A locale such as en_US is accepted, and comes back so or not at all", Family: users, Severity: report.RFC | report.Network, Feature: "create_users",
		Needs: []string{"users.get.200"}, Reference: "SCIM 1.1 core schema §6.1; network rule",
		Why:   "SCIM 1.1 writes language and country with an underscore, and so do its clients. A check for the hyphen of later standards refuses them.",
		Fix:   "Do not validate locale and preferredLanguage as BCP 47 tags; store them as they are sent.",
		judge: (*run).judgeLocale11,
	},
	{
		ID: "v11.accept-scim", Title: "Accept: application/scim+json is answered with 200", Family: shapes, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule",
		Why:   "The type came with SCIM 2.0, but clients and published suites ask a server of 1.1 for it as well.",
		Fix:   "Treat application/scim+json as another name of application/json.",
		judge: (*run).judgeAcceptSCIM,
	},
}

var patch11Checks = []Check{
	{
		ID: "v11.patch.partial-active", needsPatch: true, Title: "PATCH with id and active: false deactivates, and the user stays", Family: users, Severity: report.RFC | report.Network, Feature: "deactivate_users",
		Needs: []string{"users.get.200"}, Reference: "SCIM 1.1 protocol §3.3.2; network rule",
		Why:   "This is what clients send when somebody leaves. Where it does not work, they keep their access.",
		Fix:   "Take the body of a PATCH for a part of the resource, and merge it: {\"schemas\": […], \"id\": \"…\", \"active\": false}. Ignore the id.",
		judge: (*run).judgePartialActive,
	},
	{
		ID: "v11.patch.meta-attributes", needsPatch: true, Title: "PATCH removes the attributes that meta.attributes names", Family: patches, Severity: report.RFC, Feature: "update_users",
		Needs: []string{"users.get.200"}, Reference: "SCIM 1.1 protocol §3.3.2",
		Why:   "It is the one way in which PATCH takes a value away; what was taken from a person must not stay.",
		Fix:   `First clear what "meta": {"attributes": ["title"]} lists, then merge the rest of the body.`,
		judge: (*run).judgeMetaAttributes,
	},
}

// judgeProvider11 takes the absence of the document for a lack, and its flaws for breaches.
func (r *run) judgeProvider11() Finding {
	if f := r.judgeProvider(); f.Outcome == report.Fail {
		return f.only(report.Recommended)
	} else if f.Outcome != report.Pass {
		return f
	}
	if _, wrapped := r.provider.answer.list(); wrapped {
		return fails("ServiceProviderConfigs came as a list; it is one object.").andStands()
	}
	document := r.provider.object
	if document.Get("schemas") != nil && !document.HasSchema(scim.SchemaCore11) {
		return fails("schemas of ServiceProviderConfigs is %s; it must hold %s.", shownJSON(document.Get("schemas")), scim.SchemaCore11).andStands()
	}
	var missing []string
	for _, name := range append(slices.Clone(r.dialect.features), "authenticationSchemes") {
		if document.Get(name) == nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fails("ServiceProviderConfigs lacks %s.", strings.Join(missing, ", ")).andStands()
	}
	return authenticationSchemes11(document)
}

func authenticationSchemes11(document scim.Resource) Finding {
	list, isList := document.Get("authenticationSchemes").([]any)
	if !isList {
		return fails("authenticationSchemes is %s, not an array.", shownJSON(document.Get("authenticationSchemes"))).andStands()
	}
	untyped := false
	for i, element := range list {
		scheme, _ := element.(map[string]any)
		for _, name := range []string{"name", "description"} {
			if scim.Resource(scheme).String(name) == "" {
				return fails("Entry %d of authenticationSchemes has no %s.", i+1, name).andStands()
			}
		}
		untyped = untyped || scim.Resource(scheme).String("type") == ""
	}
	switch {
	case untyped:
		return deviates("An entry of authenticationSchemes has no type. SCIM 1.1 allows that; a published suite wants it.")
	case document.Get("schemas") == nil:
		return deviates("There are no schemas. For a resource of the core schema they are implied (core schema §5.1); a published suite wants them.")
	}
	return passes()
}

func (r *run) judgeSchemas11() Finding {
	if f := r.judgeSchemas(); f.Outcome == report.Fail {
		return f.only(report.Recommended)
	} else if f.Outcome != report.Pass {
		return f
	}
	for i, s := range r.schemas.list.Resources {
		for _, name := range []string{"id", "name", "schema", "endpoint"} {
			if s.String(name) == "" {
				return fails("Entry %d of /Schemas (%s) has no %s.", i+1, excerpt(s.String("name")), name).andStands()
			}
		}
		if attributes, _ := s.Get("attributes").([]any); len(attributes) == 0 {
			return fails("The schema %s lists no attributes.", excerpt(s.ID())).andStands()
		}
	}
	return passes()
}

// judgeReadOnly11 asks aside: what refuses such a request is often the framework, which knows no SCIM errors.
func (r *run) judgeReadOnly11() Finding {
	verdict := passes()
	for _, path := range []string{r.dialect.provider, "/Schemas"} {
		a := r.send(ask{method: http.MethodPost, path: path, aside: true, body: map[string]any{"schemas": []string{r.dialect.user}}})
		switch {
		case a.err != nil:
			return a.trouble()
		case a.status == http.StatusMethodNotAllowed, a.status == http.StatusNotImplemented:
		case a.status >= 400 && a.status < 500:
			verdict = deviates("%s answered %s; 405 would say that the method is wrong and the address right.", a.request(), a.shown())
		default:
			return fails("%s answered %s instead of 405.", a.request(), a.shown())
		}
	}
	return verdict
}

// judgeList11 forgives a list without schemas as far as the text does: the core schema is implied (core schema §5.1).
func (r *run) judgeList11() Finding {
	r.cite(r.probe)
	schemas := r.probe.object.Schemas()
	for _, urn := range schemas {
		if strings.HasPrefix(strings.ToLower(urn), dialects[SCIM20].space) {
			return fails("The list's schemas are %q: that is SCIM 2.0.", excerpt(strings.Join(schemas, ", ")))
		}
	}
	switch {
	case r.probe.object.Get("schemas") == nil:
		return fails("The list has no schemas. Clients tell by them what they have before them.").only(report.Network)
	case !r.probe.object.HasSchema(scim.SchemaCore11):
		return fails("The list's schemas are %s, without %s.", shownJSON(r.probe.object.Get("schemas")), scim.SchemaCore11)
	}
	return passes()
}

func (r *run) judgePut11() Finding {
	guest, f := r.guest("whole")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	if r.user(guest.id).object.String("title") == "" {
		return notApplicable("The server keeps no title that could be cleared.")
	}
	body := guest.sent.Clone()
	delete(body, "title")
	a, now := r.puts(guest, body)
	if !a.is2xx() {
		return expect(a, http.StatusOK)
	}
	if now.object.String("title") == guest.sent.String("title") {
		return fails("A PUT without title was answered %s; GET still shows the title.", a.shown())
	}
	return passes()
}

func (r *run) judgeLocale11() Finding {
	body := r.names.plainUser("native", "Na", "Tive")
	body["locale"], body["preferredLanguage"] = r.dialect.locale, r.dialect.locale
	a, f, bad := r.tries(body, "The body had locale and preferredLanguage "+quote(r.dialect.locale)+".")
	if bad {
		return f
	}
	defer r.undo("Users", a)
	if a.object.ID() == "" {
		return blockedBy("users.create.body")
	}
	now := r.user(a.object.ID())
	for _, name := range []string{"locale", "preferredLanguage"} {
		if got := now.object.String(name); got != "" && got != r.dialect.locale {
			return fails("%s was sent as %s and comes back as %s.", name, quote(r.dialect.locale), quote(excerpt(got)))
		}
	}
	return passes()
}

// judgeAcceptSCIM asks aside: an answer of that type was asked for, and is no fault.
func (r *run) judgeAcceptSCIM() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/Users", query: values([]string{"startIndex", "1", "count", "1"}), aside: true,
		header: func(h http.Header) { h.Set("Accept", scim.MediaType) }})
	if f, bad := a.want(http.StatusOK); bad {
		f.Message += " The request was sent with Accept: " + scim.MediaType + "."
		return f
	}
	return passes()
}

// merges sends a partial resource (protocol §3.3.2).
func (r *run) merges(resource, id string, partial map[string]any) *answer {
	partial["schemas"] = []string{r.dialect.user}
	return r.send(ask{method: http.MethodPatch, path: scim.Path(resource, id), body: partial})
}

// judgePartialActive leaves the answer for patch.status.
func (r *run) judgePartialActive() Finding {
	mark := len(r.evidence)
	f := r.judgeDeactivatePatch()
	r.patched = r.evidence[mark]
	return f
}

func (r *run) judgeMetaAttributes() Finding {
	guest, f := r.guest("lean")
	if guest == nil {
		return f
	}
	defer r.discard("Users", guest.id)
	before := r.user(guest.id).object
	if before.String("title") == "" {
		return notApplicable("The server keeps no title that could be removed.")
	}
	a := r.merges("Users", guest.id, map[string]any{"meta": map[string]any{"attributes": []string{"title"}}})
	if !a.is2xx() {
		return expect(a, http.StatusOK, http.StatusNoContent)
	}
	if f := r.shows(guest.id, "title", ""); f.Outcome != report.Pass && f.Outcome != report.Deviation {
		return f
	}
	if wrong := differences(before, r.lastAsked().object, []string{"userName", "name.familyName", "emails.value"}); wrong != "" {
		return fails("A PATCH that removes the title changed more: %s", wrong)
	}
	return passes()
}

var hindsight11Checks = []Check{
	{
		ID: "v11.content-type", Title: "Bodies have the type application/json", Family: shapes, Severity: report.RFC,
		Needs: []string{root}, retrospect: true, Reference: "SCIM 1.1 protocol §3.6",
		Why:   "It is the type that was asked for; clients that look at it take text/html for an error page.",
		Fix:   "Set Content-Type: application/json on every answer with a body, errors too.",
		judge: (*run).judgeMediaType,
	},
	{
		ID: "v11.error-shape", Title: "Every refusal lists its errors under Errors, each with a code", Family: errorsFam, Severity: report.RFC | report.Network,
		Needs: []string{root}, retrospect: true, Reference: "SCIM 1.1 protocol §3.9",
		Why:   "A client of SCIM 1.1 looks for Errors[0].description; in an error of another form it finds nothing to show.",
		Fix:   "Answer {\"Errors\": [{\"description\": \"…\", \"code\": \"404\"}]}. A detail beside it, as in SCIM 2.0, satisfies a published suite as well.",
		judge: (*run).judgeErrorShape11,
	},
}

// judgeErrorShape11 tolerates a code that is a number, as widespread documentation shows it, and an error without the
// detail of SCIM 2.0, which a published suite wants of a 404.
func (r *run) judgeErrorShape11() Finding {
	var numeric, bare *answer
	f := r.blame(func(a *answer) string {
		if !isRefusal(a) || a.object == nil {
			return ""
		}
		if _, exact := a.object["Errors"]; !exact || !r.dialect.isError(a.object) {
			return "the error is " + shownJSON(a.object) + ", without a list under Errors."
		}
		if code := r.dialect.statusIn(a.object); code != itoa(a.status) {
			return "code in the body is " + shownJSON(firstError(a.object).Get("code")) + "; it must be the text " + quote(itoa(a.status)) + ", as the HTTP status is."
		}
		if _, isText := firstError(a.object).Get("code").(string); !isText {
			numeric = a
		}
		if a.status == http.StatusNotFound && a.object.String("detail") == "" && r.dialect.wordsIn(a.object) != "" {
			bare = a
		}
		return ""
	})
	switch {
	case f.Outcome == report.Pass && numeric != nil:
		r.cite(numeric)
		return deviates("%s: code is a number. Clients take that; in SCIM 1.1 it is a text.", numeric.request())
	case f.Outcome == report.Pass && bare != nil:
		r.cite(bare)
		return deviates("%s: the 404 has no detail. SCIM 1.1 knows none; a published suite wants it beside Errors.", bare.request())
	}
	return f
}
