package scimtest

import (
	"net/http"

	"slipway/internal/scim"
)

var discoveryDefects = []Defect{
	{"discovery.spc.present", "Has no ServiceProviderConfig.", absent(providerPath)},
	{"discovery.spc.schema", "Names the schema of SCIM 1.1 in its ServiceProviderConfig.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["schemas"] = []any{"urn:scim:schemas:core:1.0"}
		})},
	{"discovery.spc.required", "Leaves etag and changePassword out of its ServiceProviderConfig.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) { without(body, "etag", "changePassword") })},
	{"discovery.spc.types", "Writes booleans as texts, and leaves out the limits of bulk.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["sort"] = map[string]any{"supported": "true"}
			body["bulk"] = map[string]any{"supported": true}
		})},
	{"discovery.spc.single-object", "Wraps its ServiceProviderConfig in a list.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) { wrap(body) })},
	{"discovery.spc.truthful.patch", "Says that it has no PATCH, and has it.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
			body["patch"] = map[string]any{"supported": false}
		})},
	{"discovery.rt.present", "Has no ResourceTypes.", absent(typesPath)},
	{"discovery.rt.required", "Leaves the endpoint out of its resource types.",
		reshaping(onTopic(typesPath), func(_ *exchange, body scim.Resource) {
			for _, document := range resourcesOf(body) {
				without(document, "endpoint")
			}
		})},
	{"discovery.schemas.present", "Has no Schemas.", absent(schemasPath)},
	{"discovery.schemas.id-name-attrs", "Identifies its extension by a short name, and lists no attributes of it.",
		reshaping(onTopic(schemasPath), func(_ *exchange, body scim.Resource) {
			for _, document := range resourcesOf(body) {
				if document.ID() == scim.SchemaEnterpriseUser {
					document["id"], document["attributes"] = "EnterpriseUser", []any{}
				}
			}
		})},
	{"discovery.list-numbers", "Counts nothing in the lists of its resource types and schemas.",
		reshaping(func(x *exchange) bool { return onTopic(typesPath)(x) || onTopic(schemasPath)(x) },
			func(_ *exchange, body scim.Resource) { body["totalResults"] = 0 })},
}

func absent(path string) func(*Server, *steps) {
	return serving(onTopic(path), func(*exchange, func() answer) answer {
		return *refused(http.StatusNotFound, "There is no such endpoint.")
	})
}

// wrap turns an object into a list of which it is the only entry.
func wrap(body scim.Resource) {
	inner := body.Clone()
	clear(body)
	body["schemas"] = []any{scim.SchemaListResponse}
	body["totalResults"], body["startIndex"], body["itemsPerPage"] = 1, 1, 1
	body["Resources"] = []any{map[string]any(inner)}
}
