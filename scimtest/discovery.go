package scimtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

// Paths of the discovery documents (RFC 7644 §4).
const (
	providerPath = "/ServiceProviderConfig"
	typesPath    = "/ResourceTypes"
	schemasPath  = "/Schemas"
)

// discover is the sound way of describing the service. The filter is refused, as RFC 7644 §4 recommends.
func (s *Server) discover(x *exchange) (answer, error) {
	if x.query.Has("filter") {
		return answer{}, scim.Refuse(http.StatusForbidden, "", "Filters are not supported on discovery endpoints.")
	}
	var all []scim.Resource
	switch x.route.topic {
	case providerPath:
		if x.route.id != "" {
			return answer{}, scim.Refuse(http.StatusNotFound, "", "There is one ServiceProviderConfig only.")
		}
		return answered(http.StatusOK, s.provider(x)), nil
	case typesPath:
		all = resourceTypes(x)
	case schemasPath:
		all = schemaDocuments(x)
		if s.version11 {
			all = schemaDocuments11(x)
		}
	}
	if x.route.id == "" {
		return answered(http.StatusOK, scim.ListResponse{
			TotalResults: len(all), StartIndex: 1, ItemsPerPage: len(all), Resources: all,
		}), nil
	}
	for _, document := range all {
		if strings.EqualFold(document.ID(), x.route.id) {
			return answered(http.StatusOK, document), nil
		}
	}
	return answer{}, scim.Refuse(http.StatusNotFound, "", "There is no %s with this id.", strings.TrimPrefix(x.route.topic, "/"))
}

func (s *Server) provider(x *exchange) scim.Resource {
	schemes := []any{}
	for i, c := range s.credentials {
		scheme := c.scheme()
		if i == 0 {
			scheme["primary"] = true
		}
		schemes = append(schemes, scheme)
	}
	supported := func(yes bool) map[string]any { return map[string]any{"supported": yes} }
	return scim.Resource{
		"schemas":               []any{scim.SchemaSPC},
		"patch":                 supported(true),
		"bulk":                  map[string]any{"supported": true, "maxOperations": maxOperations, "maxPayloadSize": maxPayload},
		"filter":                map[string]any{"supported": true, "maxResults": maxResults},
		"changePassword":        supported(true),
		"sort":                  supported(true),
		"etag":                  supported(true),
		"authenticationSchemes": schemes,
		"pagination": map[string]any{ // RFC 9865 §4
			"cursor": true, "index": true, "defaultPaginationMethod": "index",
			"defaultPageSize": defaultCount, "maxPageSize": maxResults, "cursorTimeout": int(s.cursorTimeout.Seconds()),
		},
		"meta": map[string]any{"resourceType": "ServiceProviderConfig", "location": x.base + providerPath},
	}
}

func (bearer) scheme() map[string]any {
	return map[string]any{
		"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A token in the Authorization header.",
		"specUri": "https://www.rfc-editor.org/info/rfc6750",
	}
}

func (basic) scheme() map[string]any {
	return map[string]any{
		"type": "httpbasic", "name": "HTTP Basic", "description": "User and password in the Authorization header.",
		"specUri": "https://www.rfc-editor.org/info/rfc7617",
	}
}

// scheme of a key: the RFC has no word for it, and the token type is the nearest.
func (k apiKey) scheme() map[string]any {
	return map[string]any{
		"type": "oauthbearertoken", "name": "API key", "description": fmt.Sprintf("A key in the header %s.", k.name),
	}
}

func resourceTypes(x *exchange) []scim.Resource {
	var all []scim.Resource
	for _, k := range kinds {
		document := scim.Resource{
			"schemas": []any{scim.SchemaResourceType}, "id": k.name, "name": k.name, "description": k.about,
			"endpoint": k.endpoint, "schema": k.schema,
			"meta": map[string]any{"resourceType": "ResourceType", "location": x.base + typesPath + "/" + k.name},
		}
		if k.extension != "" {
			extensions := []any{map[string]any{"schema": k.extension, "required": false}}
			if x.s.entitled {
				extensions = append(extensions, map[string]any{"schema": badgeURN, "required": false})
			}
			document["schemaExtensions"] = extensions
		}
		all = append(all, document)
	}
	if x.s.entitled {
		all = append(all, offerTypes(x)...)
	}
	return all
}

func schemaDocuments(x *exchange) []scim.Resource {
	var all []scim.Resource
	published := scim.Schemas()
	if x.s.entitled {
		published = append(published, offerSchemas()...)
	}
	for _, schema := range published {
		document := decoded(schema)
		document["schemas"] = []any{scim.SchemaSchema}
		document["meta"] = map[string]any{"resourceType": "Schema", "location": x.base + schemasPath + "/" + schema.ID}
		all = append(all, document)
	}
	return all
}

// decoded returns value as JSON decoding would.
func decoded(value any) scim.Resource {
	var r scim.Resource
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		panic(fmt.Sprintf("scimtest: decode %T: %v", value, err)) // our own documents always marshal
	}
	return r
}
