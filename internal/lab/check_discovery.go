package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

var discoveryChecks = []Check{
	{
		ID: "discovery.spc.present", Title: "GET /ServiceProviderConfig answers 200", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7644 §4",
		Why:   "Clients read here whether PATCH, filters and bulk work, instead of trying.",
		Fix:   `Serve one static JSON object there: "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], authenticationSchemes, and patch, bulk, filter, changePassword, sort and etag, each with what you support, such as "patch": {"supported": true}.`,
		judge: (*run).judgeProvider,
	},
	{
		ID: "discovery.spc.single-object", Title: "ServiceProviderConfig is one object, not a list", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §4",
		Why:   "A client that looks for patch.supported does not look inside a list.",
		Fix:   `Answer with the object itself, {"schemas": […], "patch": {"supported": true}, …}, without totalResults and Resources around it.`,
		judge: (*run).judgeProviderSingle,
	},
	{
		ID: "discovery.spc.schema", Title: "ServiceProviderConfig names its schema", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5",
		Why:   "Clients recognise a document by its schemas.",
		Fix:   "Set schemas to [\"" + scim.SchemaSPC + "\"].",
		judge: (*run).judgeProviderSchema,
	},
	{
		ID: "discovery.spc.required", Title: "ServiceProviderConfig has all required members", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5",
		Why:   "A client takes a missing member for a missing feature.",
		Fix:   `Add the missing members. For a feature that you do not offer write, for example, "sort": {"supported": false}. bulk also needs maxOperations and maxPayloadSize, filter needs maxResults.`,
		judge: (*run).judgeProviderRequired,
	},
	{
		ID: "discovery.spc.types", Title: "ServiceProviderConfig has booleans and integers where they belong", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §5",
		Why:   "At least one client switches PATCH off when the numbers of bulk are missing.",
		Fix:   `Write supported as a boolean: "sort": {"supported": true}. Write bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults as integers, 0 where the feature is not offered.`,
		judge: (*run).judgeProviderTypes,
	},
	{
		ID: "discovery.rt.present", Title: "GET /ResourceTypes answers 200 with a list", Family: discovery, Severity: report.Recommended, Promise: "schema_discovery", Since: "2026.11.5",
		Needs: []string{root}, Reference: "RFC 7644 §4",
		Why:   "Clients learn here which resources exist and where.",
		Fix:   `Serve a static list (schemas, totalResults, Resources) with one entry per type: {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "User", "name": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User"}.`,
		judge: (*run).judgeTypes,
	},
	{
		ID: "discovery.rt.required", Title: "Each resource type has name, endpoint and schema", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §6",
		Why:   "Without them a client cannot address the resource.",
		Fix:   `Give every entry all three: "name": "User", "endpoint": "/Users" (relative to the base URL) and "schema": "urn:ietf:params:scim:schemas:core:2.0:User".`,
		judge: (*run).judgeTypesRequired,
	},
	{
		ID: "discovery.schemas.present", Title: "GET /Schemas answers 200 with a list", Family: discovery, Severity: report.Recommended, Promise: "schema_discovery", Since: "2026.11.5",
		Needs: []string{root}, Reference: "RFC 7644 §4",
		Why:   "Clients read here which attributes there are, and offer them for mapping.",
		Fix:   "Serve a list (schemas, totalResults, Resources) of the schemas that you support, each with its URN as id, a name, and its attributes. RFC 7643 §8.7.1 prints entries to copy.",
		judge: (*run).judgeSchemas,
	},
	{
		ID: "discovery.schemas.id-name-attrs", Title: "Each schema has its URN as id, and attributes", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §7",
		Why:   "A client finds a schema by its URN, which is its full name, and maps what it lists.",
		Fix:   "Set id to the URN, such as urn:ietf:params:scim:schemas:core:2.0:User. List under attributes every attribute with its name, type and multiValued.",
		judge: (*run).judgeSchemaEntries,
	},
	{
		ID: "discovery.list-numbers", Title: "Discovery lists count their entries right", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.4.2",
		Why:   "A client that pages by totalResults stops early or never.",
		Fix:   "Set totalResults to the number of all entries, and itemsPerPage, where you send it, to the number of entries in this answer.",
		judge: (*run).judgeDiscoveryNumbers,
	},
}

// discover reads a discovery document. What it answers when it is not there is nobody's concern.
func (r *run) discover(path string) document {
	a := r.send(ask{method: http.MethodGet, path: path, aside: true})
	d := document{answer: a}
	if list, ok := a.list(); ok {
		d.list = list
	}
	if a.is2xx() {
		d.object = a.object
	}
	return d
}

func (r *run) judgeProvider() Finding {
	r.provider = r.discover(r.dialect.provider)
	if f, bad := r.provider.answer.wantObject(http.StatusOK); bad {
		return f
	}
	if _, wrapped := r.provider.answer.list(); wrapped { // judged as what it wraps; that it is wrapped is single-object's finding
		r.provider.object = nil
		if len(r.provider.list.Resources) == 1 {
			r.provider.object = r.provider.list.Resources[0]
		}
	}
	return passes()
}

// The shape of a document matters only where there is one: these checks do not apply without.
func absent(d document) Finding {
	if d.answer == nil {
		return Finding{Outcome: report.Skipped, Message: "The run ended before the document was read."}
	}
	return notApplicable("There is no such document: %s answered %s.", d.answer.request(), d.answer.shown())
}

func (r *run) judgeProviderSingle() Finding {
	if !r.provider.answer.is2xx() {
		return absent(r.provider)
	}
	r.cite(r.provider.answer)
	if _, ok := r.provider.answer.list(); ok {
		return fails("GET /ServiceProviderConfig answered with a list, not with one object.")
	}
	return passes()
}

func (r *run) judgeProviderSchema() Finding {
	if !r.provider.there() {
		return absent(r.provider)
	}
	r.cite(r.provider.answer)
	if !r.provider.object.HasSchema(scim.SchemaSPC) {
		return fails("schemas of ServiceProviderConfig is %s; it must hold %s.", shownJSON(r.provider.object.Get("schemas")), scim.SchemaSPC)
	}
	return passes()
}

var providerFeatures = []string{"patch", "bulk", "filter", "changePassword", "sort", "etag"}

func (r *run) judgeProviderRequired() Finding {
	if !r.provider.there() {
		return absent(r.provider)
	}
	r.cite(r.provider.answer)
	var missing []string
	for _, name := range append(append([]string(nil), providerFeatures...), "authenticationSchemes") {
		if r.provider.object.Get(name) == nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fails("ServiceProviderConfig lacks %s.", strings.Join(missing, ", "))
	}
	return passes()
}

func (r *run) judgeProviderTypes() Finding {
	if !r.provider.there() {
		return absent(r.provider)
	}
	r.cite(r.provider.answer)
	for _, name := range r.dialect.features {
		if r.provider.object.Get(name) == nil {
			continue // missing altogether is discovery.spc.required's finding
		}
		if _, ok := r.provider.object.Get(name + ".supported").(bool); !ok {
			return fails("%s.supported of ServiceProviderConfig is %s, not a boolean.", name, shownJSON(r.provider.object.Get(name+".supported")))
		}
	}
	for _, name := range []string{"bulk.maxOperations", "bulk.maxPayloadSize", "filter.maxResults"} {
		parent, _, _ := strings.Cut(name, ".")
		if r.provider.object.Get(parent) != nil && !isInteger(r.provider.object.Get(name)) {
			return fails("%s of ServiceProviderConfig is %s, not an integer.", name, shownJSON(r.provider.object.Get(name)))
		}
	}
	return passes()
}

// judgeDiscoveryList is the common part: a list, with something in it.
func judgeDiscoveryList(d document) Finding {
	if f, bad := d.answer.wantObject(http.StatusOK); bad {
		return f
	}
	if _, ok := d.answer.list(); !ok {
		return fails("%s answered with an object that is no list: it has neither Resources nor totalResults.", d.answer.request())
	}
	if len(d.list.Resources) == 0 {
		return fails("%s answered with an empty list.", d.answer.request())
	}
	return passes()
}

func (r *run) judgeTypes() Finding {
	r.types = r.discover("/ResourceTypes")
	return judgeDiscoveryList(r.types)
}

func (r *run) judgeTypesRequired() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	r.cite(r.types.answer)
	for i, t := range r.types.list.Resources {
		for _, name := range []string{"name", "endpoint", "schema"} {
			if t.String(name) == "" {
				return fails("Entry %d of /ResourceTypes (%s) has no %s.", i+1, excerpt(t.String("name")), name)
			}
		}
		endpoint := t.String("endpoint")
		if u, err := url.Parse(endpoint); err != nil || !strings.HasPrefix(endpoint, "/") && !u.IsAbs() {
			return fails("The endpoint of %s is %q; it must begin with / or be a URI.", excerpt(t.String("name")), excerpt(endpoint))
		}
	}
	return passes()
}

func (r *run) judgeSchemas() Finding {
	r.schemas = r.discover("/Schemas")
	return judgeDiscoveryList(r.schemas)
}

func (r *run) judgeSchemaEntries() Finding {
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	r.cite(r.schemas.answer)
	for i, s := range r.schemas.list.Resources {
		if !strings.HasPrefix(strings.ToLower(s.ID()), "urn:") {
			return fails("Entry %d of /Schemas has the id %q, which is no URN.", i+1, excerpt(s.ID()))
		}
		if attributes, _ := s.Get("attributes").([]any); len(attributes) == 0 {
			return fails("The schema %s lists no attributes.", excerpt(s.ID()))
		}
	}
	return passes()
}

func (r *run) judgeDiscoveryNumbers() Finding {
	judged := false
	for _, d := range []document{r.types, r.schemas} {
		if len(d.list.Resources) == 0 {
			continue
		}
		judged = true
		r.cite(d.answer)
		if d.list.TotalResults != len(d.list.Resources) {
			return fails("%s says totalResults %s, and lists %d entries.", d.answer.request(), shownJSON(d.answer.object.Get("totalResults")), len(d.list.Resources))
		}
		if perPage := d.answer.object.Get("itemsPerPage"); isInteger(perPage) && d.list.ItemsPerPage != len(d.list.Resources) {
			return fails("%s says itemsPerPage %s, and lists %d entries.", d.answer.request(), shownJSON(perPage), len(d.list.Resources))
		}
	}
	if !judged {
		return notApplicable("There are no discovery lists.")
	}
	return passes()
}

func isInteger(v any) bool {
	n, ok := v.(float64)
	return ok && n == math.Trunc(n)
}

// shownJSON is a value as JSON writes it, short enough for a sentence.
func shownJSON(v any) string {
	if v == nil {
		return "missing"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return fmt.Sprintf("a %T", v)
	}
	return excerpt(strings.TrimSpace(b.String()))
}
