package scimtest

import (
	"net/http"

	"slipway/internal/scim"
)

var documentDefects = []Defect{
	{"discovery.spc.auth-schemes", "Gives its authentication schemes no description.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			for _, scheme := range objectsIn(body["authenticationSchemes"]) {
				without(scheme, "description")
			}
		})},
	{"auth.spc-scheme", "Lists a scheme that it does not know, and not the one it does.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["authenticationSchemes"] = []any{map[string]any{"type": "httpdigest", "name": "Digest", "description": "RFC 7616."}}
		})},
	{"discovery.spc.pagination", "Writes as texts how it pages.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["pagination"] = map[string]any{"cursor": "false", "index": "true"}
		})},
	{"discovery.spc.truthful.filter", "Says that it has no filters, and has them.", lying("filter")},
	{"discovery.spc.truthful.sort", "Says of sorting what is not so.", lying("sort")},
	{"discovery.spc.truthful.etag", "Says of entity tags what is not so.", lying("etag")},
	{"discovery.spc.truthful.bulk", "Says of bulk what is not so.", lying("bulk")},
	{"discovery.spc.maxresults", "Publishes a smaller limit for lists than it keeps.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["filter"] = map[string]any{"supported": true, "maxResults": 1}
		})},

	{"discovery.rt.get-one", "Has no single resource types.",
		serving(func(x *exchange) bool { return x.route.topic == typesPath && x.route.id != "" }, func(*exchange, func() answer) answer {
			return *refused(http.StatusNotFound, "There is no such endpoint.")
		})},
	{"discovery.rt.schema-known", "Names an extension in its resource types that is nowhere defined.",
		reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) {
			resourcesOf(body)[0]["schemaExtensions"] = []any{map[string]any{"schema": "urn:example:params:scim:Lost", "required": false}}
		})},
	{"discovery.rt.ext-required-flag", "Does not say whether its extension is required.",
		reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) {
			for _, extension := range objectsIn(resourcesOf(body)[0]["schemaExtensions"]) {
				without(extension, "required")
			}
		})},
	{"discovery.rt.endpoint-alive", "Lists a resource type that it does not serve.",
		reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) {
			list := body["Resources"].([]any)
			body["Resources"] = append(list, map[string]any{
				"schemas": []any{scim.SchemaResourceType}, "id": "Device", "name": "Device", "endpoint": "/Devices", "schema": scim.SchemaUser,
			})
			body["totalResults"], body["itemsPerPage"] = len(list)+1, len(list)+1
		})},
	{"discovery.rt.user", "Puts its users at an endpoint of another name.",
		reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) { resourcesOf(body)[0]["endpoint"] = "/Groups" })},

	{"discovery.schemas.get-one", "Wraps a single schema in a list.",
		reshaping(func(x *exchange) bool { return x.route.topic == schemasPath && x.route.id != "" }, func(_ *exchange, body scim.Resource) { wrap(body) })},
	{"discovery.schemas.attr-complete", "Does not say which of its attributes have several values.",
		describing(func(_ string, about scim.Resource) { without(about, "multiValued") })},
	{"discovery.schemas.enums", "Spells the types of its attributes in its own way.",
		describing(func(_ string, about scim.Resource) {
			if about["type"] == "boolean" {
				about["type"] = "Boolean"
			}
		})},
	{"discovery.schemas.names", "Has an attribute with a blank in its name.",
		describing(func(_ string, about scim.Resource) {
			if about["name"] == "costCenter" {
				about["name"] = "cost center"
			}
		})},
	{"discovery.schemas.reference-types", "Does not say what its references point to.",
		describing(func(_ string, about scim.Resource) { without(about, "referenceTypes") })},
	{"discovery.schemas.core-fidelity", "Says that the case of userName counts.",
		describing(func(_ string, about scim.Resource) {
			if about["name"] == "userName" {
				about["caseExact"] = true
			}
		})},
	{"discovery.schemas.no-messages", "Lists the schemas of messages too.",
		reshaping(onTopic(schemasPath), func(_ *exchange, body scim.Resource) {
			list := body["Resources"].([]any)
			body["Resources"] = append(list, map[string]any{
				"schemas": []any{scim.SchemaSchema}, "id": scim.SchemaListResponse, "name": "ListResponse",
				"attributes": []any{decoded(scim.AttributeAt("userName"))},
			})
			body["totalResults"], body["itemsPerPage"] = len(list)+1, len(list)+1
		})},
	{"discovery.schemas.truthful.required", "Says that a title is required, and takes users without one.",
		describing(func(_ string, about scim.Resource) {
			if about["name"] == "title" {
				about["required"] = true
			}
		})},
	{"discovery.schemas.truthful.known", "Lists the kind of a user in its schema, and forgets it.",
		forgetting(on(userKind, create), func(_ *exchange, _, kept scim.Resource) { without(kept, "userType") })},

	{"discovery.query.filter-403", "Overlooks a filter on its schemas.",
		serving(func(x *exchange) bool { return x.route.topic == schemasPath }, func(x *exchange, sound func() answer) answer {
			delete(x.query, "filter")
			return sound()
		})},
	{"discovery.query.ignored", "Pages through its schemas.",
		reshaping(func(x *exchange) bool { return onTopic(schemasPath)(x) && x.query.Get("count") != "" }, func(x *exchange, body scim.Resource) {
			body["Resources"] = body["Resources"].([]any)[:1]
			body["itemsPerPage"] = 1
		})},
	{"discovery.media", "Serves its discovery documents as plain text.",
		finishing(func(x *exchange) bool { return x.route.deed == discover }, func(_ *exchange, a *answer) { a.contentType = "text/plain; charset=utf-8" })},
	{"discovery.readonly", "Lets clients write to its schemas, and does nothing of it.",
		serving(func(x *exchange) bool { return x.path == schemasPath && x.r.Method == http.MethodPost }, func(x *exchange, _ func() answer) answer {
			return answered(http.StatusCreated, map[string]any{"schemas": []any{scim.SchemaSchema}})
		})},
	{"auth.discovery", "Sends who asks for its schemas without credentials to a page.",
		admitting(missing, func(x *exchange) bool { return x.route.topic == schemasPath }, func(*Server, *exchange) *answer {
			a := plain(http.StatusOK, "text/html; charset=utf-8", htmlPage(http.StatusOK))
			return &a
		})},
}

// lying turns round what the service says of a feature.
func lying(feature string) func(*Server, *steps) {
	return reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
		about, _ := body[feature].(map[string]any)
		about["supported"] = about["supported"] != true
	})
}

// describing changes what the list of schemas says of each attribute and sub-attribute.
func describing(change func(schema string, about scim.Resource)) func(*Server, *steps) {
	return reshaping(onTopic(schemasPath), func(_ *exchange, body scim.Resource) {
		for _, document := range resourcesOf(body) {
			for _, about := range objectsIn(document["attributes"]) {
				for _, sub := range objectsIn(about["subAttributes"]) {
					change(document.ID(), sub)
				}
				change(document.ID(), about)
			}
		}
	})
}

// objectsIn returns the objects of a JSON array, to be changed in place.
func objectsIn(list any) []scim.Resource {
	elements, _ := list.([]any)
	var objects []scim.Resource
	for _, element := range elements {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}
