package lab

import (
	"net/http"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// documentChecks ask how the documents of discovery are served.
var documentChecks = []Check{
	{
		ID: "discovery.query.filter-403", Title: "A filter on /Schemas or /ResourceTypes is refused with 403", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §4 (SHOULD)",
		Why:   "A client that gets the whole list believes that all of it matched.",
		Fix:   "Answer 403 to a filter on the discovery endpoints.",
		judge: (*run).judgeDiscoveryFilter,
	},
	{
		ID: "discovery.query.ignored", Title: "Sorting and paging on /Schemas and /ResourceTypes are ignored", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §4",
		Why:   "A client that always sends startIndex and count otherwise sees a part of the schemas.",
		Fix:   "Return the complete list, whatever the parameters say.",
		judge: (*run).judgeDiscoveryQuery,
	},
	{
		ID: "discovery.media", Title: "Discovery documents have the type application/scim+json", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §3.1, §8.1",
		Why:   "Documents that are served as files often come as text/plain, and are then not read.",
		Fix:   "Set Content-Type: application/scim+json on the three documents too.",
		judge: (*run).judgeDiscoveryMedia,
	},
	{
		ID: "discovery.readonly", Title: "The discovery documents cannot be written", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §4; RFC 9110 §15.5.6",
		Why:   "A client that may change what the service says of itself changes it for all others.",
		Fix:   "Answer 405 with Allow: GET to POST, PUT, PATCH and DELETE.",
		judge: (*run).judgeReadOnlyDocuments,
	},
	{
		ID: "auth.discovery", Title: "Without credentials a discovery document is shown, or asks for them", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7643 §5; RFC 7644 §4",
		Why:   "Clients read the documents before they have credentials; a redirect or an error tells them nothing.",
		Fix:   "Decide for each document: answer 200 with it to everybody, or 401 to requests without credentials.",
		judge: (*run).judgeOpenDocuments,
	},
}

// lists are the discovery documents that are there and have something in them.
func (r *run) lists() []document {
	var there []document
	for _, d := range []document{r.types, r.schemas} {
		if len(d.list.Resources) > 0 {
			there = append(there, d)
		}
	}
	return there
}

// documents are those that are there.
func (r *run) documents() []document {
	var there []document
	for _, d := range []document{r.provider, r.types, r.schemas} {
		if d.answer.is2xx() && d.answer.object != nil {
			there = append(there, d)
		}
	}
	return there
}

// again reads a discovery document in another way. What it answers is nobody else's concern.
func (r *run) again(d document, header func(http.Header), query ...string) *answer {
	return r.send(ask{method: http.MethodGet, path: pathOf(d.answer.exchange.URL), query: values(query), header: header, aside: true})
}

// judgeDiscoveryFilter minds only an answer that looks as if the filter had been applied to everything: a list that
// was really filtered misleads nobody.
func (r *run) judgeDiscoveryFilter() Finding {
	for _, d := range r.lists() {
		a := r.again(d, nil, "filter", `id eq "slipway-lab-unknown"`)
		list, isList := a.list()
		switch {
		case a.err != nil:
			return a.trouble()
		case a.status == http.StatusForbidden:
		case isList && len(list.Resources) > 0:
			return fails("%s with a filter that nothing matches answered %s with %d entries instead of 403.", a.request(), a.shown(), len(list.Resources))
		case isList:
			return deviates("%s evaluates filters; the RFC recommends 403.", a.request())
		case a.status >= 500 && a.status != http.StatusNotImplemented:
			return fails("%s with a filter answered %s instead of 403.", a.request(), a.shown())
		default:
			return deviates("%s with a filter is refused with %s; the RFC recommends 403.", a.request(), a.shown())
		}
	}
	return r.orNoLists()
}

func (r *run) orNoLists() Finding {
	if len(r.lists()) == 0 {
		return notApplicable("There are no discovery lists.")
	}
	return passes()
}

func (r *run) judgeDiscoveryQuery() Finding {
	for _, d := range r.lists() {
		a := r.again(d, nil, "sortBy", "name", "sortOrder", "descending", "startIndex", "2", "count", "1")
		list, isList := a.list()
		switch {
		case a.err != nil:
			return a.trouble()
		case !isList:
			return fails("%s with sortBy, startIndex and count answered %s; without them it answers with the list.%s", a.request(), a.shown(), a.detail())
		case len(list.Resources) != len(d.list.Resources):
			return fails("%s with startIndex=2 and count=1 lists %d; without them it lists %d.", a.request(), len(list.Resources), len(d.list.Resources))
		}
	}
	return r.orNoLists()
}

func (r *run) judgeDiscoveryMedia() Finding {
	f := notApplicable("There are no discovery documents.")
	for _, d := range r.documents() {
		r.cite(d.answer)
		switch kind := d.answer.mediaType(); {
		case kind == scim.MediaType && f.Outcome != report.Deviation:
			f = passes()
		case kind == scim.MediaType:
		case kind == "application/json":
			f = deviates("%s has the type application/json; the RFC's type is application/scim+json.", d.answer.request())
		default:
			return fails("%s is JSON, and its Content-Type is %s.", d.answer.request(), quote(excerpt(kind)))
		}
	}
	return f
}

// judgeReadOnlyDocuments sends nothing that could do harm where it is obeyed: bodies that are empty, and names that nobody
// has. error.405-501 asks the third document.
func (r *run) judgeReadOnlyDocuments() Finding {
	var asks []ask
	if len(r.types.list.Resources) > 0 {
		asks = append(asks, ask{method: http.MethodPost, path: "/ResourceTypes", body: map[string]any{}},
			ask{method: http.MethodDelete, path: "/ResourceTypes/SlipwayLabUnknown"})
	}
	if len(r.schemas.list.Resources) > 0 {
		patch := map[string]any{"schemas": []string{scim.SchemaPatchOp}, "Operations": []any{replaceOp("description", "unknown")}}
		asks = append(asks, ask{method: http.MethodPost, path: "/Schemas", body: map[string]any{}},
			ask{method: http.MethodPatch, path: "/Schemas/urn:ietf:params:scim:schemas:slipway:2.0:Unknown", body: patch})
	}
	if len(asks) == 0 {
		return notApplicable("There are no discovery documents.")
	}
	for _, q := range asks {
		q.aside = true
		a := r.send(q)
		if a.err != nil {
			return a.trouble()
		}
		if a.is2xx() || a.status >= 500 && a.status != http.StatusNotImplemented {
			return fails("%s answered %s; 405 was expected, or another refusal.", a.request(), a.shown())
		}
	}
	return passes()
}

func (r *run) judgeOpenDocuments() Finding {
	if r.subject.Auth == nil {
		return notApplicable("The run has no credentials.")
	}
	there := r.documents()
	for _, d := range there {
		a := r.again(d, r.withNoCredentials)
		switch {
		case a.err != nil:
			return a.trouble()
		case a.is2xx() && a.object != nil, a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		default:
			return fails("%s without credentials answered %s (the body is %s); 200 with the document or 401 was expected.", a.request(), a.shown(), a.nature())
		}
	}
	if len(there) == 0 {
		return notApplicable("There are no discovery documents.")
	}
	return passes()
}
