package scimtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// Version11 makes the server speak SCIM 1.1 (draft-scim-core-schema-01, draft-scim-api-01) below BasePath11. Inside it
// stays the same: what comes in is put into the words of SCIM 2.0 when it is read, what goes out into those of 1.1 at the
// very end. So a defect that is not about these words is the same defect in both.
func Version11() Option { return func(s *Server) { s.version11 = true } }

func (s *Server) basePath() string {
	if s.version11 {
		return BasePath11
	}
	return BasePath
}

func (s *Server) mediaType() string {
	if s.version11 {
		return scim.MediaTypeJSON
	}
	return scim.MediaType
}

// deleted is the status of a DELETE: 200 in the example of draft-scim-api-01 §3.4.
func (s *Server) deleted() int {
	if s.version11 {
		return http.StatusOK
	}
	return http.StatusNoContent
}

const providerPath11 = "/ServiceProviderConfigs"

// routeOf11 knows the endpoints of draft-scim-api-01 table 1.
func routeOf11(x *exchange, head, id string) route {
	get := map[string]deed{http.MethodGet: discover}
	switch head {
	case "/Bulk":
		return rejected(http.StatusNotImplemented, "This service does not support %s.", head)
	case providerPath11:
		return byMethod(x, route{topic: providerPath, id: id}, get)
	case schemasPath:
		return byMethod(x, route{topic: schemasPath, id: id}, get)
	}
	return routeAmong(x, head, id)
}

// heard11 puts a body into the words of SCIM 2.0. A resource of the core schema need not name it
// (draft-scim-core-schema-01 §5.1), but one that names others only is none.
func heard11(x *exchange, body scim.Resource) (scim.Resource, error) {
	if x.route.kind == nil {
		return body, nil
	}
	if body.Get("schemas") != nil && !body.HasSchema(scim.SchemaCore11) {
		return nil, scim.Refuse(http.StatusBadRequest, "", "The attribute schemas must hold %s.", scim.SchemaCore11)
	}
	urn := x.route.kind.schema
	if named := body.Schemas(); len(named) > 0 && !slices.Contains(named, scim.SchemaCore11) {
		urn = strings.ToUpper(urn) // as it came
	}
	body = body.Clone()
	body["schemas"] = []any{urn}
	if extension, ok := body[scim.SchemaEnterprise11]; ok {
		delete(body, scim.SchemaEnterprise11)
		body[scim.SchemaEnterpriseUser] = withManager(extension, "managerId", "value")
	}
	return body, nil
}

// withManager calls the manager's id by another name.
func withManager(extension any, was, is string) any {
	object, _ := extension.(map[string]any)
	manager, ok := object["manager"].(map[string]any)
	if !ok {
		return extension
	}
	if id, told := manager[was]; told {
		manager[is] = id
		delete(manager, was)
	}
	return extension
}

// speak is the sound way of saying it: as it is, or in the words of SCIM 1.1.
func (s *Server) speak(x *exchange, a answer) answer {
	if !s.version11 {
		return a
	}
	a.contentType = strings.Replace(a.contentType, scim.MediaType, scim.MediaTypeJSON, 1)
	if a.body == nil {
		a.text = urns11.Replace(a.text)
		return a
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		panic("scimtest: encode answer: " + err.Error()) // it holds decoded JSON only
	}
	var body any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a defect may have chosen how a number is spelled
	if d.Decode(&body) == nil {
		a.body = said11(x, body)
	}
	return a
}

func said11(x *exchange, body any) any {
	object, ok := body.(map[string]any)
	switch {
	case ok && scim.Resource(object).HasSchema(scim.SchemaError):
		return error11(object)
	case ok && scim.Resource(object).HasSchema(scim.SchemaSPC):
		return provider11(object)
	}
	return words11(body)
}

// error11 is the body of draft-scim-api-01 §3.9. The detail stands beside it, as a published suite wants.
func error11(e scim.Resource) map[string]any {
	one := map[string]any{"code": e.String("status")}
	out := map[string]any{"Errors": []any{one}}
	if detail, told := e["detail"]; told {
		one["description"], out["detail"] = urn11(detail), urn11(detail)
	}
	return out
}

func provider11(document map[string]any) map[string]any {
	document["xmlDataFormat"] = map[string]any{"supported": false}
	schemes, _ := document["authenticationSchemes"].([]any)
	for _, element := range schemes {
		if scheme, ok := element.(map[string]any); ok && scheme["specUri"] != nil {
			scheme["specUrl"] = scheme["specUri"]
			delete(scheme, "specUri")
		}
	}
	words11(document)
	if meta, ok := document["meta"].(map[string]any); ok {
		meta["location"] = strings.Replace(scim.Resource(meta).String("location"), providerPath, providerPath11, 1)
	}
	return document
}

// words11 replaces, however deep, the URNs of SCIM 2.0, and leaves out what 1.1 does not have.
func words11(value any) any {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			words11(element)
		}
	case map[string]any:
		urns, _ := v["schemas"].([]any)
		for i, urn := range urns {
			urns[i] = urn11(urn)
		}
		if extension, ok := v[scim.SchemaEnterpriseUser]; ok {
			delete(v, scim.SchemaEnterpriseUser)
			v[scim.SchemaEnterprise11] = withManager(extension, "value", "managerId")
		}
		delete(v, "$ref")
		delete(v, "resourceType")
		for _, inner := range v {
			words11(inner)
		}
	}
	return value
}

func urn11(urn any) any {
	if text, ok := urn.(string); ok {
		return urns11.Replace(text)
	}
	return urn
}

var urns11 = strings.NewReplacer(scim.SchemaEnterpriseUser, scim.SchemaEnterprise11, scim.SchemaUser, scim.SchemaCore11, scim.SchemaGroup, scim.SchemaCore11,
	scim.SchemaListResponse, scim.SchemaCore11, scim.SchemaSPC, scim.SchemaCore11, scim.SchemaSchema, scim.SchemaCore11)

// schemaDocuments11 describes each kind of resource with all its attributes, those of extensions among them
// (draft-scim-core-schema-01 §10, §11.6).
func schemaDocuments11(x *exchange) []scim.Resource {
	var all []scim.Resource
	for _, k := range kinds {
		id := scim.SchemaCore11 + ":" + k.name
		attributes := []any{}
		for _, urn := range []string{k.schema, k.extension} {
			schema, _ := scim.SchemaOf(urn)
			for _, a := range schema.Attributes {
				about := attribute11(a)
				about["schema"] = urn11(any(urn))
				attributes = append(attributes, about)
			}
		}
		all = append(all, scim.Resource{
			"schemas": []any{scim.SchemaCore11}, "id": id, "name": k.name, "description": k.about, "schema": scim.SchemaCore11,
			"endpoint": k.endpoint, "attributes": attributes, "meta": map[string]any{"location": x.base + schemasPath + "/" + id},
		})
	}
	return all
}

func attribute11(a scim.Attribute) map[string]any {
	about := map[string]any{
		"name": a.Name, "type": a.Type, "description": a.Description, "multiValued": a.MultiValued,
		"readOnly": a.Mutability == "readOnly", "required": a.Required, "caseExact": a.CaseExact,
	}
	if a.Type == "reference" {
		about["type"] = "string"
	}
	if a.MultiValued {
		about["multiValuedAttributeChildName"] = strings.TrimSuffix(a.Name, "s")
	}
	subs := []any{}
	for _, sub := range a.SubAttributes {
		if sub.Name == "$ref" {
			continue
		}
		part := attribute11(sub)
		if a.Name == "manager" && sub.Name == "value" {
			part["name"] = "managerId"
		}
		if len(sub.CanonicalValues) > 0 {
			part["canonicalValues"] = sub.CanonicalValues
		}
		subs = append(subs, part)
	}
	if len(subs) > 0 {
		about["subAttributes"] = subs
	}
	return about
}

// onProvider is the reading of the provider's configuration, in the words of either version.
func onProvider(x *exchange) bool { return onTopic(providerPath)(x) }
