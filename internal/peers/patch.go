package peers

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	scimfilter "github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"
	"github.com/scim2/filter-parser/v2"
)

// patched returns the attributes after all operations of a request, or an error and no change at all (RFC 7644
// §3.5.2). The library has parsed the paths and cleaned the values; it leaves applying them to its host. The old
// attributes stay as they are: whatever changes is copied first.
func (s *shelf) patched(old map[string]any, operations []scim.PatchOperation) (map[string]any, error) {
	resource := maps.Clone(old)
	for _, operation := range operations {
		if err := s.apply(resource, operation); err != nil {
			return nil, err
		}
	}
	return resource, nil
}

// apply carries out one operation. Without a path its value is a set of attributes, each of which is one with.
func (s *shelf) apply(resource map[string]any, operation scim.PatchOperation) error {
	if operation.Path != nil {
		return s.applyAt(resource, operation.Op, *operation.Path, operation.Value)
	}
	values, _ := operation.Value.(map[string]any) // the library lets nothing else through
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := s.applyKey(resource, operation.Op, key, values[key]); err != nil {
			return err
		}
	}
	return nil
}

// applyKey carries out one member of a value without path: a path itself, or an extension with its attributes.
func (s *shelf) applyKey(resource map[string]any, op, key string, value any) error {
	if _, extension := s.extensions[key]; !extension {
		path, err := filter.ParsePath([]byte(key))
		if err != nil {
			return scimerrors.ScimErrorInvalidPath
		}
		return s.applyAt(resource, op, path, value)
	}
	values, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		path := filter.Path{AttributePath: filter.AttributePath{URIPrefix: &key, AttributeName: name}}
		if err := s.applyAt(resource, op, path, values[name]); err != nil {
			return err
		}
	}
	return nil
}

// applyAt changes the one attribute that the path names, in the resource or in one of its extensions.
func (s *shelf) applyAt(resource map[string]any, op string, path filter.Path, value any) error {
	uri := path.AttributePath.URI()
	extension, extended := s.extensions[uri]
	if !extended {
		return s.set(resource, s.core.Attributes, op, path, value)
	}
	inner := copied(resource[uri])
	if err := s.set(inner, extension.Attributes, op, path, value); err != nil {
		return err
	}
	assign(resource, uri, inner)
	return nil
}

// set changes one attribute in the map that holds it. What it may not change it refuses (RFC 7643 §2.2).
func (s *shelf) set(in map[string]any, attributes schema.Attributes, op string, path filter.Path, value any) error {
	attribute, known := attributes.ContainsAttribute(path.AttributePath.AttributeName)
	if !known {
		return scimerrors.ScimErrorInvalidPath
	}
	if attribute.Mutability() == "readOnly" {
		return scimerrors.ScimErrorMutability
	}
	changed, err := change{op: op, attribute: attribute, path: path, value: value}.of(in[attribute.Name()])
	if err != nil {
		return err
	}
	assign(in, attribute.Name(), changed)
	if attribute.Required() && in[attribute.Name()] == nil {
		return scimerrors.ScimErrorInvalidValue
	}
	return nil
}

// change is one operation on one attribute.
type change struct {
	op        string
	attribute schema.CoreAttribute
	path      filter.Path
	value     any
}

// of returns the attribute's new value, nil for "unassigned".
func (c change) of(old any) (any, error) {
	sub := c.sub()
	switch {
	case c.attribute.MultiValued() && (c.path.ValueExpression != nil || sub != ""):
		return c.ofElements(old, sub)
	case sub != "":
		return c.ofSub(copied(old), sub), nil
	case c.op == scim.PatchOperationRemove && c.value != nil && c.attribute.MultiValued():
		return without(old, c.value), nil // as Microsoft Entra removes members
	case c.op == scim.PatchOperationRemove:
		return nil, nil
	case c.attribute.MultiValued() && c.op == scim.PatchOperationAdd:
		return union(old, c.value), nil
	case c.attribute.HasSubAttributes() && !c.attribute.MultiValued():
		return merged(old, c.value), nil
	default:
		return c.value, nil
	}
}

// sub is the sub-attribute that the path names, as the schema spells it: "value" in emails[type eq "work"].value.
func (c change) sub() string {
	name := cmp.Or(c.path.SubAttributeName(), c.path.AttributePath.SubAttributeName())
	if sub, known := c.attribute.SubAttributes().ContainsAttribute(name); known {
		return sub.Name()
	}
	return ""
}

func (c change) ofSub(parts map[string]any, sub string) map[string]any {
	if c.op == scim.PatchOperationRemove {
		delete(parts, sub)
	} else {
		parts[sub] = c.value
	}
	return parts
}

// ofElements changes those elements of a multi-valued attribute that the path's filter selects, all of them when it
// has none. To change an element that is not there is an error, to remove it is not.
func (c change) ofElements(old any, sub string) (any, error) {
	var kept, touched []any
	for _, element := range elements(old) {
		if !c.selects(element) {
			kept = append(kept, element)
			continue
		}
		if c.op == scim.PatchOperationRemove && sub == "" {
			continue
		}
		var after map[string]any
		if sub != "" {
			after = c.ofSub(copied(element), sub)
		} else {
			after = merged(element, c.value)
		}
		kept = append(kept, after)
		touched = append(touched, after)
	}
	if len(touched) == 0 && c.op != scim.PatchOperationRemove {
		return nil, scimerrors.ScimErrorNoTarget
	}
	return onePrimary(kept, touched), nil
}

// selects asks the library's own filter.
func (c change) selects(element any) bool {
	if c.path.ValueExpression == nil {
		return true
	}
	inner := schema.Schema{Attributes: scimfilter.MultiValuedFilterAttributes(c.attribute)}
	return scimfilter.NewFilterValidator(c.path.ValueExpression, inner).PassesFilter(copied(element)) == nil
}

// union adds the values that are not there yet.
func union(old, added any) any {
	all := slices.Clone(elements(old))
	var news []any
	for _, value := range elements(added) {
		if !slices.ContainsFunc(all, func(there any) bool { return reflect.DeepEqual(there, value) }) {
			all = append(all, value)
			news = append(news, value)
		}
	}
	return onePrimary(all, news)
}

// without takes out the elements whose value is one of the named.
func without(old, named any) any {
	gone := elements(named)
	return slices.DeleteFunc(slices.Clone(elements(old)), func(element any) bool {
		return slices.ContainsFunc(gone, func(other any) bool { return copied(other)["value"] == copied(element)["value"] })
	})
}

// onePrimary takes the primary mark from the other elements when one of the new ones carries it (RFC 7644 §3.5.2).
func onePrimary(all, news []any) []any {
	primary := func(element any) bool { return copied(element)["primary"] == true }
	newest := slices.IndexFunc(news, primary)
	if newest < 0 {
		return all
	}
	for i, element := range all {
		if primary(element) && !reflect.DeepEqual(element, news[newest]) {
			demoted := copied(element)
			demoted["primary"] = false
			all[i] = demoted
		}
	}
	return all
}

// assign stores the value, or removes the attribute when there is nothing left of it (RFC 7643 §2.5).
func assign(in map[string]any, name string, value any) {
	empty := value == nil
	switch v := value.(type) {
	case []any:
		empty = len(v) == 0
	case map[string]any:
		empty = len(v) == 0
	}
	if empty {
		delete(in, name)
		return
	}
	in[name] = value
}

func merged(old, values any) map[string]any {
	result := copied(old)
	maps.Copy(result, copied(values))
	return result
}

// copied is a complex value that may be changed; of anything else, an empty one.
func copied(value any) map[string]any {
	result := map[string]any{}
	if parts, ok := value.(map[string]any); ok {
		maps.Copy(result, parts)
	}
	return result
}

func elements(value any) []any {
	list, _ := value.([]any)
	return list
}
