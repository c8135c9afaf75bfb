package scim

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Conform returns what a service keeps of the body of a POST or PUT for a resource of the base schema
// (SchemaUser or SchemaGroup), in canonical spelling. Read-only attributes, attributes that no schema knows,
// nulls and empty lists are dropped (RFC 7643 §2.5, RFC 7644 §3.3).
//
// It returns a 400 *Error for a body that does not name the base schema, for values of a wrong type, for two
// primary values of one attribute, and for a missing required attribute. Booleans written as the texts
// "true" and "false" are taken for booleans.
func Conform(body Resource, base string) (Resource, error) {
	schema, known := SchemaOf(base)
	if !known {
		return nil, Refuse(http.StatusInternalServerError, "", "There is no schema %s.", base)
	}
	body = body.Clone()
	if !body.HasSchema(base) {
		return nil, Refuse(http.StatusBadRequest, InvalidValue, "The attribute schemas must hold %s.", base)
	}
	out := Resource{"schemas": []any{schema.ID}}
	for _, key := range slices.Sorted(maps.Keys(body)) {
		if err := out.take(schema, key, body[key]); err != nil {
			return nil, err
		}
	}
	return out, out.checkRequired(schema)
}

// take conforms one member of the body and stores it, or drops it.
func (r Resource) take(base Schema, key string, value any) error {
	if extension, ok := SchemaOf(key); ok && extension.ID != base.ID {
		return r.takeExtension(extension, value)
	}
	about, ok := base.Attribute(key)
	if !ok {
		about, ok = attributeNamed(commonAttributes, key)
	}
	if !ok || about.Mutability == "readOnly" {
		return nil
	}
	kept, err := about.conform(value)
	if err == nil && !isVoid(kept) {
		r[about.Name] = kept
	}
	return err
}

func (r Resource) takeExtension(extension Schema, value any) error {
	object, ok := value.(map[string]any)
	if value != nil && !ok {
		return Refuse(http.StatusBadRequest, InvalidValue, "The value of %s must be an object.", extension.ID)
	}
	kept, err := conformObject(extension.Attributes, object)
	if err == nil && len(kept) > 0 {
		r[extension.ID] = kept
		r["schemas"] = append(r["schemas"].([]any), extension.ID)
	}
	return err
}

func (r Resource) checkRequired(schema Schema) error {
	for _, about := range schema.Attributes {
		if about.Required && isEmpty(r[about.Name]) {
			return Refuse(http.StatusBadRequest, InvalidValue, "The attribute %s is required.", about.Name)
		}
	}
	return nil
}

// conform checks a value against its attribute and brings it into canonical form. A zero Attribute, of which
// nothing is known, takes everything.
func (a Attribute) conform(value any) (any, error) {
	if value == nil || a.Type == "" {
		return value, nil
	}
	if !a.MultiValued {
		return a.conformOne(value)
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	kept := make([]any, 0, len(list))
	for _, element := range list {
		one, err := a.conformOne(element)
		if err != nil {
			return nil, err
		}
		if !isVoid(one) {
			kept = append(kept, one)
		}
	}
	if primaries(kept) > 1 {
		return nil, Refuse(http.StatusBadRequest, InvalidValue, "Only one value of %s can be primary.", a.Name)
	}
	return kept, nil
}

func (a Attribute) conformOne(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		if a.Type == "complex" {
			return conformObject(a.SubAttributes, v)
		}
	case string:
		if b, isBool := parseBool(v); isBool && a.Type == "boolean" {
			return b, nil
		}
		if a.holdsText() {
			return v, nil
		}
		// Entra sends a manager as the bare id.
		if _, hasValue := a.Sub("value"); hasValue && !a.MultiValued {
			return map[string]any{"value": v}, nil
		}
	case bool:
		if a.Type == "boolean" {
			return v, nil
		}
	case float64:
		if a.Type == "integer" || a.Type == "decimal" {
			return v, nil
		}
	}
	return nil, Refuse(http.StatusBadRequest, InvalidValue, "The value of %s must be of type %s.", a.Name, a.Type)
}

func (a Attribute) holdsText() bool {
	switch a.Type {
	case "string", "reference", "dateTime", "binary":
		return true
	}
	return false
}

func conformObject(attributes []Attribute, object map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		about, known := attributeNamed(attributes, key)
		if !known || about.Mutability == "readOnly" {
			continue
		}
		kept, err := about.conform(object[key])
		if err != nil {
			return nil, err
		}
		if !isVoid(kept) {
			out[about.Name] = kept
		}
	}
	return out, nil
}

// isVoid reports whether the value leaves an attribute unassigned: null, [] and {} (RFC 7643 §2.5).
func isVoid(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func primaries(list []any) int {
	count := 0
	for _, element := range list {
		if isPrimary(element) {
			count++
		}
	}
	return count
}

func isPrimary(element any) bool {
	object, _ := element.(map[string]any)
	primary, _ := lookup(object, "primary").(bool)
	return primary
}

// sameValue reports whether two elements are one value of the attribute: the same "value", and no two
// different types (RFC 7643 §2.4). Elements without "value", such as addresses, must be equal throughout.
func (a Attribute) sameValue(x, y any) bool {
	left, leftIs := x.(map[string]any)
	right, rightIs := y.(map[string]any)
	if !leftIs || !rightIs {
		return reflect.DeepEqual(x, y)
	}
	lv, lok := lookup(left, "value").(string)
	rv, rok := lookup(right, "value").(string)
	if !lok || !rok {
		return reflect.DeepEqual(x, y)
	}
	lt, rt := Resource(left).String("type"), Resource(right).String("type")
	return a.key(lv) == a.key(rv) && (lt == "" || rt == "" || strings.EqualFold(lt, rt))
}

// key is the form of a "value" under which equal ones are the same text.
func (a Attribute) key(value string) string {
	if about, _ := a.Sub("value"); about.CaseExact {
		return value
	}
	return Fold(value)
}
