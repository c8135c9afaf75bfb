package lab

import (
	"net/http"
	"net/url"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// resourceTypeChecks look closer at /ResourceTypes, where there is one.
var resourceTypeChecks = []Check{
	{
		ID: "discovery.rt.get-one", Title: "A single resource type is read by its name", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §4, §3.12 table 8",
		Why:   "Clients follow meta.location of a type, or look one type up, before they trust it.",
		Fix:   "Add the route /ResourceTypes/{name}, such as /ResourceTypes/User: it answers with the object itself, not a list, and with 404 for a name that you do not have.",
		judge: (*run).judgeOneType,
	},
	{
		ID: "discovery.rt.schema-known", Title: "Every schema that a resource type names is in /Schemas", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §6",
		Why:   "A client that looks the attributes of a type up finds nothing.",
		Fix:   "Publish each schema and each extension that a resource type names, under the same URN.",
		judge: (*run).judgeTypeSchemas,
	},
	{
		ID: "discovery.rt.ext-required-flag", Title: "Each schema extension says whether it is required", Family: discovery, Severity: report.RFC, retrospect: true,
		Needs: []string{root}, takes: []string{"discovery.rt.present"}, Reference: "RFC 7643 §6",
		Why:   "A client must know whether it has to send the extension with every resource.",
		Fix:   `Write "schemaExtensions": [{"schema": "urn:…", "required": false}]; true only where every resource has the extension.`,
		judge: (*run).judgeExtensionFlags,
	},
	{
		ID: "discovery.rt.endpoint-alive", Title: "The endpoint of every resource type can be read", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §6; RFC 7644 §3.2",
		Why:   "Clients take the address of a resource from here.",
		Fix:   "Correct the endpoint; it is relative to the base URL, such as /Users. Leave out types that you do not serve.",
		judge: (*run).judgeEndpoints,
	},
	{
		ID: "discovery.rt.user", Title: "There is a resource type for users at /Users", Family: discovery, Severity: report.Network,
		Needs: []string{root}, Reference: "Network rule; RFC 7644 §3.2",
		Why:   "A client that reads the types first sees no users here, and offers no provisioning.",
		Fix:   "List a type with endpoint /Users and schema " + scim.SchemaUser + ".",
		judge: (*run).judgeUserType,
	},
}

func (r *run) judgeOneType() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	known := r.types.list.Resources[0]
	name := known.ID()
	if name == "" {
		name = known.String("name")
	}
	if name == "" {
		return notApplicable("The first resource type has no name, which is discovery.rt.required's finding.")
	}
	a := r.send(ask{method: http.MethodGet, path: scim.Path("ResourceTypes", name), aside: true})
	if f, bad := a.wantOne(); bad {
		return f
	}
	if got := a.object.String("name"); got != known.String("name") {
		return fails("%s answered with the name %s instead of %s.", a.request(), quote(excerpt(got)), quote(excerpt(known.String("name"))))
	}
	return r.refusesUnknown("/ResourceTypes/SlipwayLabUnknown")
}

// wantOne wants one object that is not wrapped in a list.
func (a *answer) wantOne() (Finding, bool) {
	if f, bad := a.wantObject(http.StatusOK); bad {
		return f, true
	}
	if a.object.HasSchema(listSchema) || a.object.Get("Resources") != nil {
		return fails("%s answered with a list; one object was asked for.", a.request()), true
	}
	return Finding{}, false
}

// refusesUnknown wants 404 at the address of a discovery document that nobody has.
func (r *run) refusesUnknown(path string) Finding {
	return expect(r.send(ask{method: http.MethodGet, path: path, aside: true}), http.StatusNotFound)
}

func (r *run) judgeTypeSchemas() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	r.cite(r.types.answer, r.schemas.answer)
	for _, t := range r.types.list.Resources {
		if urn := t.String("schema"); urn != "" && !r.publishes(urn) {
			return fails("The type %s names the schema %s, which /Schemas does not list.", quote(excerpt(t.String("name"))), excerpt(urn))
		}
		for _, extension := range extensionsOf(t) {
			if urn := extension.String("schema"); urn != "" && !r.publishes(urn) {
				return fails("The type %s names the extension %s, which /Schemas does not list.", quote(excerpt(t.String("name"))), excerpt(urn))
			}
		}
	}
	return passes()
}

// extensionsOf are the schemaExtensions of a resource type.
func extensionsOf(t scim.Resource) []scim.Resource {
	var extensions []scim.Resource
	list, _ := t.Get("schemaExtensions").([]any)
	for _, element := range list {
		if extension, ok := element.(map[string]any); ok {
			extensions = append(extensions, extension)
		}
	}
	return extensions
}

// judgeExtensionFlags comes last, when the users that must have a required extension have been seen.
func (r *run) judgeExtensionFlags() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	r.cite(r.types.answer)
	there := false
	for _, t := range r.types.list.Resources {
		for _, extension := range extensionsOf(t) {
			there = true
			urn := extension.String("schema")
			required, isBoolean := extension.Get("required").(bool)
			if !isBoolean {
				return fails("The type %s has the extension %s; its required must be true or false, and is %s.", quote(excerpt(t.String("name"))), excerpt(urn), shownJSON(extension.Get("required")))
			}
			if one := r.lacking(t, urn); required && one != nil {
				r.cite(one.answer)
				return fails("The type %s says that the extension %s is required, and %s shows one without it.", quote(excerpt(t.String("name"))), excerpt(urn), one.answer.request())
			}
		}
	}
	if !there {
		return notApplicable("No resource type has an extension.")
	}
	return passes()
}

// lacking is a resource of the type that was shown whole and has nothing of the extension.
func (r *run) lacking(t scim.Resource, urn string) *sight {
	for _, one := range r.everything() {
		if strings.EqualFold(one.kind.ID, t.String("schema")) && one.resource.Get(urn) == nil && !one.resource.HasSchema(urn) {
			return &one
		}
	}
	return nil
}

// maxEndpoints is enough for every service that was ever seen.
const maxEndpoints = 12

// judgeEndpoints asks for one resource at each. What may not be listed with these credentials is there all the same.
func (r *run) judgeEndpoints() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	f := passes()
	for _, t := range r.types.list.Resources[:min(len(r.types.list.Resources), maxEndpoints)] {
		path, ours := r.endpointOf(t)
		if !ours || path == "/Users" { // that one was read before
			continue
		}
		a := r.send(ask{method: http.MethodGet, path: path, query: values([]string{"startIndex", "1", "count", "1"}), aside: true})
		switch {
		case a.err != nil:
			return a.trouble()
		case a.status == http.StatusForbidden || a.status == http.StatusUnauthorized || a.object.String("scimType") == "tooMany":
			f = deviates("GET of the endpoint %s of the type %s answered %s. It is there, and these credentials may not list it.", path, quote(excerpt(t.String("name"))), a.shown())
		case !a.is2xx():
			return fails("GET of the endpoint %s of the type %s answered %s.%s", path, quote(excerpt(t.String("name"))), a.shown(), a.detail())
		}
	}
	return f
}

// endpointOf is the path of a type's endpoint below the base URL. An address elsewhere is never followed.
func (r *run) endpointOf(t scim.Resource) (path string, ours bool) {
	endpoint := t.String("endpoint")
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "" || err != nil || strings.Contains(u.Path, ".."):
		return "", false
	case u.IsAbs() || u.Host != "":
		return r.below(endpoint)
	}
	return "/" + strings.Trim(u.EscapedPath(), "/"), strings.Trim(u.Path, "/") != ""
}

func (r *run) judgeUserType() Finding {
	if len(r.types.list.Resources) == 0 {
		return absent(r.types)
	}
	r.cite(r.types.answer)
	for _, t := range r.types.list.Resources {
		endpoint := strings.Trim(t.String("endpoint"), "/")
		if strings.EqualFold(t.String("schema"), scim.SchemaUser) && (endpoint == "" || endpoint == "Users" || strings.HasSuffix(endpoint, "/Users")) {
			return passes()
		}
	}
	return fails("Of the %d resource types none has the endpoint /Users and the schema %s.", len(r.types.list.Resources), scim.SchemaUser)
}
