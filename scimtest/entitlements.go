package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// The schemas under which clients written for Okta's API look for what can be granted.
const (
	entitlementURN = "urn:okta:scim:schemas:core:1.0:Entitlement"
	roleURN        = "urn:okta:scim:schemas:core:1.0:Role"
	seatsURN       = "urn:scimtest:scim:schemas:extension:seats:1.0:Licence"
)

// WithEntitlements lets the service offer licences, a plan and roles, which users may hold, and an extension of users
// that no RFC knows. Their endpoints are read-only.
func WithEntitlements() Option { return func(s *Server) { s.entitled = true } }

// offer is a resource type of things that users may hold.
type offer struct {
	name, endpoint, schema, extension string

	items []scim.Resource // without schemas, type and meta
}

var offers = []offer{
	{"Licence", "/Licences", entitlementURN, seatsURN, []scim.Resource{
		{"id": "basic", "displayName": "Basic", "description": "Reading and commenting."},
		{"id": "pro", "displayName": "Pro", "description": "Writing too.", seatsURN: map[string]any{"seats": 25.0}},
		{"id": "archive", "displayName": "Archive", "description": "Reading what is old."},
		{"id": "trial", "displayName": "Trial", "description": "Thirty days of everything.", seatsURN: map[string]any{"seats": 3.0}},
	}},
	{"Plan", "/Plans", entitlementURN, "", []scim.Resource{
		{"id": "monthly", "displayName": "Monthly", "description": "Billed by the month."},
		{"id": "yearly", "displayName": "Yearly", "description": "Billed by the year."},
	}},
	{"Role", "/Roles", roleURN, "", []scim.Resource{
		{"id": "admin", "displayName": "Administrator", "description": "May do everything."},
		{"id": "editor", "displayName": "Editor", "description": "May change texts."},
		{"id": "reader", "displayName": "Reader", "description": "May look."},
	}},
}

// offerAt returns the type that is served at the endpoint.
func (s *Server) offerAt(endpoint string) (offer, bool) {
	if i := slices.IndexFunc(offers, func(o offer) bool { return o.endpoint == endpoint }); s.entitled && i >= 0 {
		return offers[i], true
	}
	return offer{}, false
}

// shown is an item as a client sees it.
func (o offer) shown(item scim.Resource, base string) scim.Resource {
	out := item.Clone()
	schemas := []any{o.schema}
	if o.extension != "" && item[o.extension] != nil {
		schemas = append(schemas, o.extension)
	}
	out["schemas"] = schemas
	out["meta"] = map[string]any{"resourceType": o.name, "location": base + o.endpoint + "/" + item.ID()}
	if o.schema == entitlementURN {
		out["type"] = o.name
	}
	return out
}

// offered lists a type's items, or shows one.
func (s *Server) offered(x *exchange) (answer, error) {
	o, _ := s.offerAt(x.route.topic)
	filter, err := scim.Filter{}, error(nil)
	if text := x.query.Get("filter"); x.query.Has("filter") {
		if filter, err = scim.ParseFilter(text); err != nil {
			return answer{}, err
		}
	}
	var found []*record
	for _, item := range o.items {
		shown := o.shown(item, x.base)
		if x.route.id == "" && filter.Match(shown) || item.ID() == x.route.id {
			found = append(found, &record{resource: shown})
		}
	}
	project := func(rec *record) scim.Resource {
		return project(rec.resource, names(x.query.Get("attributes")), names(x.query.Get("excludedAttributes")))
	}
	if x.route.id != "" {
		if len(found) == 0 {
			return answer{}, scim.Refuse(http.StatusNotFound, "", "There is no %s with this id.", o.name)
		}
		return answered(http.StatusOK, project(found[0])), nil
	}
	w, err := s.steps.window(x, len(found))
	if err != nil {
		return answer{}, err
	}
	found = sorted(found, x.query.Get("sortBy"), x.query.Get("sortOrder"))
	page := scim.ListResponse{TotalResults: len(found), StartIndex: w.start, Resources: []scim.Resource{}}
	from := min(w.start-1, len(found))
	for _, rec := range found[from:min(from+w.count, len(found))] {
		page.Resources = append(page.Resources, project(rec))
	}
	page.ItemsPerPage = len(page.Resources)
	return answered(http.StatusOK, page), nil
}

// checkHeld refuses a user who holds something that is not offered, and completes what is.
func (s *Server) checkHeld(user scim.Resource) error {
	for attribute, schema := range map[string]string{"entitlements": entitlementURN, "roles": roleURN} {
		list, _ := user[attribute].([]any)
		for _, element := range list {
			held, _ := element.(map[string]any)
			if err := complete(held, schema); err != nil {
				return err
			}
		}
	}
	return nil
}

func complete(held map[string]any, schema string) error {
	value, kind := scim.Resource(held).String("value"), scim.Resource(held).String("type")
	for _, o := range offers {
		if o.schema != schema || schema == entitlementURN && kind != "" && !strings.EqualFold(kind, o.name) {
			continue
		}
		for _, item := range o.items {
			if item.ID() != value {
				continue
			}
			held["display"] = item.String("displayName")
			if schema == entitlementURN {
				held["type"] = o.name
			}
			return nil
		}
	}
	return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "Nothing with the id %q is offered.", value)
}

// offerTypes and offerSchemas are what discovery says of all this.
func offerTypes(x *exchange) []scim.Resource {
	var all []scim.Resource
	for _, o := range offers {
		document := scim.Resource{
			"schemas": []any{scim.SchemaResourceType}, "id": o.name, "name": o.name, "description": "What users may hold: " + o.name,
			"endpoint": o.endpoint, "schema": o.schema,
			"meta": map[string]any{"resourceType": "ResourceType", "location": x.base + typesPath + "/" + o.name},
		}
		if o.extension != "" {
			document["schemaExtensions"] = []any{map[string]any{"schema": o.extension, "required": false}}
		}
		all = append(all, document)
	}
	return all
}

func offerSchemas() []scim.Schema {
	named := []scim.Attribute{readOnly("string", "displayName", "The name shown to admins."), readOnly("string", "description", "What it gives.")}
	return []scim.Schema{
		{ID: entitlementURN, Name: "Entitlement", Description: "Something that users may hold", Attributes: append(slices.Clone(named), readOnly("string", "type", "The name of its resource type."))},
		{ID: roleURN, Name: "Role", Description: "What users may do", Attributes: named},
		{ID: seatsURN, Name: "Seats", Description: "How many may hold a licence", Attributes: []scim.Attribute{readOnly("integer", "seats", "How many seats there are.")}},
		badgeSchema,
	}
}

func readOnly(kind, name, about string) scim.Attribute {
	return scim.Attribute{Name: name, Type: kind, Description: about, Mutability: "readOnly", Returned: "default", Uniqueness: "none"}
}

func readWrite(kind, name, about string) scim.Attribute {
	a := readOnly(kind, name, about)
	a.Mutability = "readWrite"
	return a
}
