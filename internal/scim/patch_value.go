package scim

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
)

// change carries out one operation at one spot of the resource.
func (p *patching) change(do verb, s spot, path pathSyntax, value any) error {
	if do == add && value == nil {
		return nil // a null among the members of an add assigns nothing
	}
	if s.key == "" {
		return p.changeExtension(do, s, value)
	}
	holder := p.holder(s)
	next, err := changed(do, s.about, holder[s.key], path, value)
	if err != nil {
		return err
	}
	if isVoid(next) && s.about.Required {
		return Refuse(http.StatusBadRequest, Mutability, "The attribute %s is required and cannot be removed.", s.key)
	}
	p.store(s, holder, next)
	return nil
}

func (p *patching) holder(s spot) map[string]any {
	if s.urn == "" {
		return p.target
	}
	if extension, ok := p.target[s.urn].(map[string]any); ok {
		return extension
	}
	return map[string]any{}
}

func (p *patching) store(s spot, holder map[string]any, value any) {
	if isVoid(value) {
		delete(holder, s.key)
	} else {
		holder[s.key] = value
	}
	if s.urn == "" {
		return
	}
	if len(holder) == 0 {
		delete(p.target, s.urn)
	} else {
		p.target[s.urn] = holder
	}
}

// changeExtension treats an extension as a complex attribute: its members are changed one by one.
func (p *patching) changeExtension(do verb, s spot, value any) error {
	if do == remove || value == nil {
		delete(p.target, s.urn)
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Refuse(http.StatusBadRequest, InvalidValue, "The value of %s must be an object.", s.urn)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path, err := parsePath(name)
		if err != nil {
			return Refuse(http.StatusBadRequest, InvalidPath, "The name %q cannot be read: %v.", excerpt(name, 200), err)
		}
		path.urn = s.urn
		at, err := p.locateExtension(path)
		if err != nil || at.about.Mutability == "readOnly" {
			continue
		}
		if err := p.change(do, at, path, object[name]); err != nil {
			return err
		}
	}
	return nil
}

// changed returns an attribute's value after the operation; nil means unassigned.
func changed(do verb, about Attribute, old any, path pathSyntax, value any) (any, error) {
	switch {
	case path.filter != nil:
		return changedSelection(do, about, old, path, value)
	case path.sub != "":
		return changedSub(do, about, old, path.sub, value)
	}
	return changedWhole(do, about, old, value)
}

func changedWhole(do verb, about Attribute, old, value any) (any, error) {
	if do == remove && value != nil && isList(about, old) {
		return withoutListed(about, old, value), nil
	}
	if do == remove || value == nil {
		return nil, immutableStays(about, old, nil)
	}
	value, err := about.conform(value)
	if err != nil {
		return nil, err
	}
	if isList(about, old) {
		if do == add {
			return appended(about, asList(old), asList(value)), nil
		}
		return value, nil
	}
	if object, ok := value.(map[string]any); ok {
		return merged(about, old, object)
	}
	return value, immutableStays(about, old, value)
}

// isList says whether the attribute holds several values: by its schema, or else by what is there.
func isList(about Attribute, old any) bool {
	if about.Type != "" {
		return about.MultiValued
	}
	_, is := old.([]any)
	return is
}

func asList(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	if value == nil {
		return nil
	}
	return []any{value}
}

// merged sets the sub-attributes that the operation names and keeps their siblings (RFC 7644 §3.5.2.3).
func merged(about Attribute, old any, object map[string]any) (any, error) {
	out, ok := old.(map[string]any)
	if !ok {
		return object, nil
	}
	for name, value := range object {
		sub, _ := about.Sub(name)
		key := named(out, name, sub)
		if err := immutableStays(sub, out[key], value); err != nil {
			return nil, err
		}
		if isVoid(value) {
			delete(out, key)
		} else {
			out[key] = value
		}
	}
	return out, nil
}

// immutableStays refuses a second value for an attribute that is written once (RFC 7643 §2.2).
func immutableStays(about Attribute, old, value any) error {
	if about.Mutability != "immutable" || isEmpty(old) || reflect.DeepEqual(old, value) {
		return nil
	}
	return Refuse(http.StatusBadRequest, Mutability, "The attribute %s cannot be changed once it is set.", about.Name)
}

// appended adds the values that are not there yet. A new primary value takes the place of the old one.
func appended(about Attribute, list, values []any) []any {
	at := make(map[string][]int) // positions by "value", so that large groups stay quick
	for i, element := range list {
		key := about.elementKey(element)
		at[key] = append(at[key], i)
	}
	written := make([]int, 0, len(values))
	for _, value := range values {
		key := about.elementKey(value)
		same := slices.IndexFunc(at[key], func(i int) bool { return about.sameValue(list[i], value) })
		if same < 0 {
			written = append(written, len(list))
			at[key] = append(at[key], len(list))
			list = append(list, value)
			continue
		}
		i := at[key][same]
		written = append(written, i)
		list[i] = enriched(about, list[i], value)
	}
	onePrimary(list, written)
	return list
}

// elementKey is the same text for all elements that may be the same value.
func (a Attribute) elementKey(element any) string {
	object, _ := element.(map[string]any)
	value, _ := lookup(object, "value").(string)
	return a.key(value)
}

// enriched is a value that was there already, with what the new spelling of it adds.
func enriched(about Attribute, old, value any) any {
	out, ok := old.(map[string]any)
	if !ok {
		return old
	}
	more, _ := value.(map[string]any)
	for name, inner := range more {
		sub, _ := about.Sub(name)
		if key := named(out, name, sub); sub.Mutability != "immutable" || isEmpty(out[key]) {
			out[key] = inner
		}
	}
	return out
}

// onePrimary lets the last primary value among those just written win over all others (RFC 7644 §3.5.2).
func onePrimary(list []any, written []int) {
	winner := -1
	for _, i := range written {
		if isPrimary(list[i]) {
			winner = i
		}
	}
	for i, element := range list {
		if object, ok := element.(map[string]any); ok && winner >= 0 && i != winner && isPrimary(element) {
			key, _ := keyOf(object, "primary")
			object[key] = false
		}
	}
}

// withoutListed is Entra's form of a remove: the values to take out stand in the operation's value.
func withoutListed(about Attribute, old, value any) any {
	listed := make(map[string][]any)
	for _, want := range asList(value) {
		object := asObject(want)
		listed[about.elementKey(object)] = append(listed[about.elementKey(object)], object)
	}
	return slices.DeleteFunc(asList(old), func(element any) bool {
		object := asObject(element)
		return slices.ContainsFunc(listed[about.elementKey(object)], func(want any) bool { return about.sameValue(object, want) })
	})
}
