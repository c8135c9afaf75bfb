package scimtest

import (
	"net/http"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// badgeURN is an extension of users that this service alone knows (RFC 7643 §3.3).
const badgeURN = "urn:scimtest:scim:schemas:extension:badge:1.0:User"

var badgeSchema = scim.Schema{ID: badgeURN, Name: "Badge", Description: "The card that opens doors", Attributes: []scim.Attribute{
	readWrite("string", "number", "What is printed on it."),
	readWrite("integer", "floor", "The floor up to which it opens."),
	readWrite("boolean", "visitor", "Whether somebody has to walk along."),
	readOnly("string", "printer", "Where it was printed."),
}}

// conformBadge brings the extension into form: values of another type are refused, what is unknown or read-only is
// dropped, and without data its URN goes.
func conformBadge(user scim.Resource, value any) error {
	user["schemas"] = slices.DeleteFunc(slices.Clone(user["schemas"].([]any)), func(urn any) bool { return urn == badgeURN })
	delete(user, badgeURN)
	given, isObject := value.(map[string]any)
	if value != nil && !isObject {
		return wrongType(badgeURN, "complex")
	}
	kept := map[string]any{}
	for name, value := range given {
		about, known := badgeSchema.Attribute(name)
		if !known || about.Mutability == "readOnly" || value == nil {
			continue
		}
		if !isOf(about.Type, value) {
			return wrongType(about.Name, about.Type)
		}
		kept[about.Name] = value
	}
	if len(kept) > 0 {
		user[badgeURN] = kept
		user["schemas"] = append(user["schemas"].([]any), badgeURN)
	}
	return nil
}

func wrongType(name, kind string) error {
	return scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The value of %s must be of type %s.", name, kind)
}

func isOf(kind string, value any) bool {
	switch value := value.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "integer" && value == float64(int64(value))
	}
	return false
}

// badgeOf finds the extension in a body, whatever the case of its URN.
func badgeOf(body scim.Resource) any {
	for name, value := range body {
		if strings.EqualFold(name, badgeURN) {
			return value
		}
	}
	return nil
}
