package scim

import (
	"maps"
	"reflect"
	"slices"
)

// MergePartial returns r as a PATCH of SCIM 1.1 leaves it (draft-scim-api-01 §3.3.2), and leaves r alone: first the
// attributes that meta.attributes names are removed, then what the partial resource holds is merged. Singular attributes
// are replaced, complex ones merged part by part. A value of a multi-valued attribute is added, merged with the one that
// has the same "value", or removed where it says "operation": "delete". Read-only attributes are ignored.
//
// r and partial name schemas and extensions as SCIM 2.0 does. The error is a 400 *Error.
func MergePartial(r, partial Resource) (Resource, error) {
	out, err := applied(r, removals(partial))
	if err != nil {
		return nil, err
	}
	var ops []PatchOp
	for _, key := range slices.Sorted(maps.Keys(partial)) {
		about, known := baseOf(r).Attribute(key)
		switch _, common := attributeNamed(commonAttributes, key); {
		case common && key != "externalId", known && about.Mutability == "readOnly":
		case known && about.MultiValued:
			ops = append(ops, PatchOp{Op: "replace", Path: about.Name, Value: mergedValues(lookup(out, key), partial[key])})
		default:
			ops = append(ops, PatchOp{Op: "add", Value: map[string]any{key: partial[key]}})
		}
	}
	return applied(out, ops)
}

// applied is ApplyPatch where nothing to do is no mistake.
func applied(r Resource, ops []PatchOp) (Resource, error) {
	if len(ops) == 0 {
		return r.Clone(), nil
	}
	return ApplyPatch(r, ops)
}

func removals(partial Resource) []PatchOp {
	var ops []PatchOp
	names, _ := partial.Get("meta.attributes").([]any)
	for _, name := range names {
		if path, ok := name.(string); ok {
			ops = append(ops, PatchOp{Op: "remove", Path: path})
		}
	}
	return ops
}

// mergedValues is the list with the changes in it. Who becomes primary takes that from whoever was.
func mergedValues(list, changes any) []any {
	out, _ := cloneValue(list).([]any)
	wanted, _ := changes.([]any)
	for _, change := range wanted {
		element, isObject := cloneValue(change).(map[string]any)
		if !isObject { // a collection of plain values (draft-scim-core-schema-01 §3.2)
			element = map[string]any{"value": change}
		}
		drop := Resource(element).String("operation") == "delete"
		delete(element, "operation")
		at := slices.IndexFunc(out, func(have any) bool { return isSameValue(have, element) })
		switch {
		case drop && at >= 0:
			out = slices.Delete(out, at, at+1)
			continue
		case drop:
			continue
		case at >= 0:
			maps.Copy(out[at].(map[string]any), element)
		default:
			at, out = len(out), append(out, element)
		}
		if isPrimary(element) {
			leavePrimary(out, at)
		}
	}
	return out
}

// isSameValue compares "value"; elements without one, such as addresses, must be equal throughout.
func isSameValue(have any, element map[string]any) bool {
	object, ok := have.(map[string]any)
	if !ok {
		return false
	}
	if value := lookup(element, "value"); value != nil {
		return lookup(object, "value") == value
	}
	return reflect.DeepEqual(object, element)
}

func leavePrimary(list []any, only int) {
	for i, element := range list {
		if i != only && isPrimary(element) {
			delete(element.(map[string]any), "primary")
		}
	}
}
