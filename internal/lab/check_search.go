package lab

import (
	"cmp"
	"net/http"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
)

const searched = "search.post"

// searchChecks ask without parameters in the URL, and ask everything at once.
var searchChecks = []Check{
	{
		ID: searched, Title: "POST /.search finds what GET finds", Family: filters, Severity: report.RFC,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.3",
		Why:   "A client that searches this way gets other people, or everybody.",
		Fix:   "Read filter, attributes, sortBy, startIndex and count from the body, and answer as to a GET; or answer 404 or 501 throughout.",
		judge: (*run).judgeSearch,
	},
	{
		ID: "search.schema", Title: "A search request names its schema", Family: filters, Severity: report.RFC,
		Needs: []string{searched}, Reference: "RFC 7644 §3.4.3",
		Why:   "Without it, whatever is posted to the wrong address counts as a search for everybody.",
		Fix:   `Answer 400 to a body without "schemas": ["` + scim.SchemaSearchRequest + `"].`,
		judge: (*run).judgeSearchSchema,
	},
	{
		ID: "search.sensitive", Title: "Users can be searched without their data in the URL", Family: filters, Severity: report.Recommended,
		Needs: []string{byName, created}, Reference: "RFC 7644 §7.5.2 (SHOULD), §3.4.3",
		Why:   "Filters hold names and addresses; URLs end up in the logs of every proxy on the way.",
		Fix:   "Offer POST /Users/.search.",
		judge: (*run).judgeSearchOffered,
	},
	{
		ID: "root.query", Title: "A query of everything at once is filtered, or not offered", Family: filters, Severity: report.Recommended,
		Needs: []string{byName, created}, Reference: "RFC 7644 §3.4.2.1",
		Why:   "A server that answers with all it has, whatever was asked, sends people whom nobody asked for.",
		Fix:   "Apply the filter to all resource types, or answer 404 or 501.",
		judge: (*run).judgeRoot,
	},
}

// search posts a search request. What a server says that knows no searches comes from its router.
func (r *run) search(path string, body map[string]any) *answer {
	return r.send(ask{method: http.MethodPost, path: path, body: body, aside: true})
}

func searchFor(filter string) map[string]any {
	return map[string]any{"schemas": []string{scim.SchemaSearchRequest}, "filter": filter, "startIndex": 1, "count": 100}
}

// notOffered reports an answer that says that there is no such thing here.
func notOffered(a *answer) bool {
	return isRefusedAsUnsupported(a) || a.err == nil && (a.status == http.StatusForbidden || a.status == http.StatusBadRequest)
}

// judgeSearch asks for ada among the users, and among everything.
func (r *run) judgeSearch() Finding {
	offered := false
	for _, path := range []string{"/Users/.search", "/.search"} {
		a := r.search(path, searchFor(is(r.ada)))
		if notOffered(a) {
			continue
		}
		offered = true
		if wrong := exactly(a, r.ada.id); wrong != "" {
			return fails("POST %s was sent with the filter %s. %s", path, is(r.ada), wrong)
		}
	}
	if !offered {
		return notApplicable("The server does not offer searches by POST.")
	}
	return passes()
}

// judgeSearchSchema takes a search without its schema for lenient, as long as the filter in it is heard.
func (r *run) judgeSearchSchema() Finding {
	body := searchFor(is(r.ada))
	delete(body, "schemas")
	a := r.search("/Users/.search", body)
	if a.err == nil && a.status == http.StatusBadRequest {
		return passes()
	}
	if f, bad := a.want(http.StatusOK, http.StatusUnprocessableEntity, http.StatusNotFound); bad {
		f.Message += " The search had no schemas; 400 was expected."
		return f
	}
	return deviates("A search without schemas answered %s instead of 400: lenient, and allowed.", a.shown())
}

func (r *run) judgeSearchOffered() Finding {
	a := r.search("/Users/.search", searchFor(is(r.ada)))
	if notOffered(a) {
		return fails("POST /Users/.search answered %s: people can be searched by GET only, with their names and addresses in the URL.", a.shown())
	}
	return passes() // what it finds is search.post's finding
}

// judgeRoot takes whatever is no list for "not offered": many services have a page of their own at that address.
func (r *run) judgeRoot() Finding {
	a := r.send(ask{method: http.MethodGet, path: "/", query: values([]string{"filter", `meta.resourceType eq "User" and ` + is(r.ada), "count", "10"}), aside: true})
	if egress.KindOf(a.err) == egress.Redirected {
		return passed("The server offers no query of everything: its root leads elsewhere.")
	}
	list, isList := a.list()
	if !isList || !a.object.HasSchema(scim.SchemaListResponse) {
		if a.err == nil && a.status < 500 || a.err == nil && a.status == http.StatusNotImplemented {
			return passed("The server offers no query of everything (%s), as it may.", a.shown())
		}
		return expect(a, http.StatusOK, http.StatusNotFound, http.StatusNotImplemented)
	}
	for _, resource := range list.Resources {
		if resource.ID() != r.ada.id {
			return fails("GET / with the filter %s also lists %s.", is(r.ada), quote(excerpt(cmp.Or(resource.UserName(), resource.String("displayName")))))
		}
	}
	if len(list.Resources) == 0 {
		return fails("GET / with the filter %s lists nobody.", is(r.ada))
	}
	return passes()
}
