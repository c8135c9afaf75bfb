package scim

import (
	"net/http"
	"slices"
)

// changedSub sets or unsets one part of a complex attribute, in every value of a list.
func changedSub(do verb, about Attribute, old any, name string, value any) (any, error) {
	sub, err := subOf(about, name)
	if err != nil {
		return nil, err
	}
	if !isList(about, old) {
		object, _ := old.(map[string]any)
		return withPart(do, sub, object, name, value)
	}
	list := asList(old)
	if len(list) == 0 && do != remove {
		list = []any{map[string]any{}}
	}
	all := make([]int, len(list))
	for i := range list {
		all[i] = i
	}
	return withParts(do, sub, list, all, name, value)
}

func subOf(about Attribute, name string) (Attribute, error) {
	sub, known := about.Sub(name)
	switch {
	case about.Type != "" && !known:
		return sub, Refuse(http.StatusBadRequest, InvalidPath, "The attribute %s has no part %q.", about.Name, name)
	case sub.Mutability == "readOnly":
		return sub, Refuse(http.StatusBadRequest, Mutability, "The attribute %s.%s is read-only.", about.Name, name)
	}
	return sub, nil
}

// withPart returns the object with its part changed; an object without parts left is unassigned.
func withPart(do verb, sub Attribute, object map[string]any, name string, value any) (any, error) {
	if object == nil {
		object = map[string]any{}
	}
	key := named(object, name, sub)
	next, err := changedWhole(do, sub, object[key], value)
	if err != nil {
		return nil, err
	}
	if isVoid(next) {
		delete(object, key)
	} else {
		object[key] = next
	}
	return object, nil
}

func withParts(do verb, sub Attribute, list []any, chosen []int, name string, value any) (any, error) {
	for _, i := range chosen {
		object, ok := list[i].(map[string]any)
		if !ok {
			return nil, Refuse(http.StatusBadRequest, InvalidPath, "The values have no part %q.", name)
		}
		next, err := withPart(do, sub, object, name, value)
		if err != nil {
			return nil, err
		}
		list[i] = next
	}
	onePrimary(list, chosen)
	return slices.DeleteFunc(list, isVoid), nil
}

// changedSelection changes the values of a list that the path's filter chooses.
func changedSelection(do verb, about Attribute, old any, path pathSyntax, value any) (any, error) {
	if about.Type != "" && !about.MultiValued {
		return nil, Refuse(http.StatusBadRequest, InvalidPath, "The attribute %s has one value; a filter cannot choose among them.", about.Name)
	}
	list := asList(old)
	chosen := selected(list, path.filter)
	switch {
	case len(chosen) == 0 && do == remove:
		return old, nil
	case len(chosen) == 0:
		return nil, Refuse(http.StatusBadRequest, NoTarget, "No value of %s matches the filter of the path.", path.name)
	case path.sub != "":
		sub, err := subOf(about, path.sub)
		if err != nil {
			return nil, err
		}
		return withParts(do, sub, list, chosen, path.sub, value)
	case do == remove || value == nil:
		return without(list, chosen), nil
	}
	return withRecords(do, about, list, chosen, value)
}

func selected(list []any, filter node) []int {
	var chosen []int
	for i, element := range list {
		if element != nil && filter.match(asObject(element)) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

func without(list []any, chosen []int) []any {
	kept := make([]any, 0, len(list))
	for i, element := range list {
		if _, gone := slices.BinarySearch(chosen, i); !gone {
			kept = append(kept, element)
		}
	}
	return kept
}

// withRecords merges an add into each chosen value and puts a replace in its place.
func withRecords(do verb, about Attribute, list []any, chosen []int, value any) (any, error) {
	for _, i := range chosen {
		next, err := record(do, about, list[i], cloneValue(value))
		if err != nil {
			return nil, err
		}
		list[i] = next
	}
	onePrimary(list, chosen)
	return slices.DeleteFunc(list, isVoid), nil
}

func record(do verb, about Attribute, old, value any) (any, error) {
	if about.Type != "" {
		var err error
		if value, err = about.conformOne(value); err != nil {
			return nil, err
		}
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return value, nil
	}
	if do == add {
		return merged(about, old, object)
	}
	for _, sub := range about.SubAttributes {
		if err := immutableStays(sub, Resource(asObject(old)).Get(sub.Name), object[sub.Name]); err != nil {
			return nil, err
		}
	}
	return object, nil
}
