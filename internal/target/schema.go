package target

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// Property is one attribute of accounts, or one kind of entitlement, in the words of the action contracts.
type Property struct {
	Name, Title, Type string // Type is STRING, BOOLEAN and the like
	ExternalName      string // its path in a SCIM user, "" where that is its name
	ExternalNamespace string // URN of the schema that the path belongs to
	Required          bool
	ReadOnly          bool           // it shows, and cannot be set
	Raw               map[string]any // all that the target says of it
}

// Value is one value that a property may have.
type Value struct {
	Property, ID, Display string
}

// Properties returns the attributes that accounts have: those of the schemas that the resource type of users names, each
// attribute without parts for itself ("name.givenName"). A target that lists no resource types has those of the RFC.
func (t *SCIM) Properties(ctx context.Context) ([]Property, error) {
	schemas, err := t.schemas(ctx)
	if err != nil {
		return nil, err
	}
	var all []Property
	for _, s := range schemas {
		for _, a := range s.Attributes {
			all = append(all, flat(s.ID, "", a)...)
		}
	}
	return all, nil
}

// Values returns the values that schemas suggest (RFC 7643 §7, canonicalValues). A target may take others.
func (t *SCIM) Values(ctx context.Context) ([]Value, error) {
	properties, err := t.Properties(ctx)
	if err != nil {
		return nil, err
	}
	var all []Value
	for _, p := range properties {
		canonical, _ := p.Raw["canonicalValues"].([]any)
		for _, v := range canonical {
			if text, is := v.(string); is {
				all = append(all, Value{Property: p.Name, ID: text, Display: text})
			}
		}
	}
	return all, nil
}

// schemas reads those of users, the core first.
func (t *SCIM) schemas(ctx context.Context) ([]scim.Schema, error) {
	wanted, err := t.userSchemas(ctx)
	if err != nil {
		return nil, err
	}
	list, err := t.client.List(ctx, "Schemas", scim.Query{})
	if err != nil {
		return nil, readFailure(err)
	}
	var found []scim.Schema
	for _, urn := range wanted {
		for _, document := range list.Resources {
			if s, ok := schemaIn(document); ok && strings.EqualFold(s.ID, urn) {
				found = append(found, s)
				break
			}
		}
	}
	return found, nil
}

func (t *SCIM) userSchemas(ctx context.Context) ([]string, error) {
	list, err := t.client.List(ctx, "ResourceTypes", scim.Query{})
	if err != nil && !isMissing(err) {
		return nil, readFailure(err)
	}
	urns := []string{scim.SchemaUser}
	for _, document := range list.Resources {
		if !strings.EqualFold(strings.Trim(document.String("endpoint"), "/"), users) {
			continue
		}
		extensions, _ := document.Get("schemaExtensions").([]any)
		for _, e := range extensions {
			object, _ := e.(map[string]any)
			urns = append(urns, scim.Resource(object).String("schema"))
		}
		return urns, nil
	}
	return append(urns, scim.SchemaEnterpriseUser), nil
}

func schemaIn(document scim.Resource) (s scim.Schema, ok bool) {
	text, err := json.Marshal(document)
	return s, err == nil && json.Unmarshal(text, &s) == nil
}

// flat is an attribute as properties: itself, or each of its parts.
func flat(urn, above string, a scim.Attribute) []Property {
	path := a.Name
	if above != "" {
		path = above + "." + a.Name
	}
	if len(a.SubAttributes) > 0 {
		var all []Property
		for _, sub := range a.SubAttributes {
			if a.Mutability == "readOnly" {
				sub.Mutability = a.Mutability
			}
			all = append(all, flat(urn, path, sub)...)
		}
		return all
	}
	if a.Returned == "never" { // a password is set, and is no attribute of anybody
		return nil
	}
	name := path
	if !strings.EqualFold(urn, scim.SchemaUser) {
		name = urn + ":" + path
	}
	raw := map[string]any{"mutability": a.Mutability}
	if values := slices.Clone(a.CanonicalValues); len(values) > 0 {
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		raw["canonicalValues"] = list
	}
	return []Property{{
		Name: name, Title: a.Description, Type: typeOf(a), ExternalName: path, ExternalNamespace: urn,
		Required: a.Required && above == "", ReadOnly: a.Mutability == "readOnly", Raw: raw,
	}}
}

func typeOf(a scim.Attribute) string {
	switch a.Type {
	case "boolean":
		return "BOOLEAN"
	case "decimal":
		return "NUMBER"
	case "integer":
		return "INTEGER"
	case "dateTime":
		return "DATE"
	case "reference":
		return "URI"
	case "complex":
		return "OBJECT"
	}
	return "STRING"
}
