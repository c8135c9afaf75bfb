package target

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// Profile is an account's attributes, flat: path → value. A path is an attribute ("title"), a part of one
// ("name.givenName"), a part of the primary element of a list ("emails[primary eq true].value"), or any of
// these behind the URN of an extension and a colon. "" and absent mean the same.
type Profile map[string]string

const primaryMark = "[primary eq true]"

// path is one key of a Profile, taken apart.
type path struct {
	schema  string // URN of an extension, "" for the core
	name    string
	sub     string // "" for a simple attribute
	primary bool   // sub belongs to the primary element of the list called name
}

func parsePath(text string) path {
	var p path
	if rest, ok := strings.CutPrefix(text, scim.SchemaEnterpriseUser+":"); ok {
		p.schema, text = scim.SchemaEnterpriseUser, rest
	}
	name, sub, _ := strings.Cut(text, ".")
	p.name, p.primary = strings.CutSuffix(name, primaryMark)
	p.sub = sub
	return p
}

// Resource returns the profile as a SCIM user (RFC 7643 §4.1), without the attributes that have no value.
func (p Profile) Resource() scim.Resource {
	user := scim.Resource{"schemas": []any{scim.SchemaUser}}
	for _, key := range slices.Sorted(maps.Keys(p)) {
		if p[key] != "" {
			set(user, parsePath(key), p[key])
		}
	}
	return user
}

// Differences returns what has to change for the account to have every value of wanted.
func Differences(account scim.Resource, wanted Profile) []Change {
	var changes []Change
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		if have := read(account, parsePath(key)); have != wanted[key] {
			changes = append(changes, Change{Attribute: key, From: have, To: wanted[key]})
		}
	}
	return changes
}

// read returns the text at p, "" where there is none.
func read(account scim.Resource, p path) string {
	object := map[string]any(account)
	if p.schema != "" {
		object, _ = account[keyOf(account, p.schema)].(map[string]any)
	}
	value := object[keyOf(object, p.name)]
	switch {
	case p.primary:
		list, _ := value.([]any)
		i := primaryIndex(list)
		if i < 0 {
			return ""
		}
		element, _ := list[i].(map[string]any)
		value = element[keyOf(element, p.sub)]
	case p.sub != "":
		whole, _ := value.(map[string]any)
		value = whole[keyOf(whole, p.sub)]
	}
	text, _ := value.(string)
	return text
}

// apply writes the changes into a user, in place.
func apply(user scim.Resource, changes []Change) {
	ordered := slices.Clone(changes)
	// The type comes first: when the rest of an element goes, what is left of it says nothing and goes too.
	slices.SortStableFunc(ordered, func(a, b Change) int {
		return cmp.Compare(rank(a), rank(b))
	})
	for _, c := range ordered {
		set(user, parsePath(c.Attribute), c.To)
	}
}

// Edited returns a copy of a user with the changes made, for a target that leaves alone what it is not told: what a change
// removes is not left out but empty, a text or a list.
func Edited(user scim.Resource, changes []Change) scim.Resource {
	edited := user.Clone()
	apply(edited, changes)
	for _, c := range changes {
		if c.To == "" {
			blank(edited, parsePath(c.Attribute))
		}
	}
	return edited
}

// blank says of what was removed that it is empty.
func blank(user scim.Resource, p path) {
	object := map[string]any(user)
	if p.schema != "" {
		object = extension(user, p.schema, true)
	}
	key := keyOf(object, p.name)
	switch {
	case p.primary:
		list, _ := object[key].([]any)
		if i := primaryIndex(list); i >= 0 && list[i].(map[string]any)[p.sub] == nil && !isHollow(list[i].(map[string]any)) {
			list[i].(map[string]any)[p.sub] = ""
		}
		if len(list) == 0 {
			object[key] = []any{}
		}
	case p.sub != "":
		whole, ok := object[key].(map[string]any)
		if !ok {
			whole = map[string]any{}
			object[key] = whole
		}
		whole[keyOf(whole, p.sub)] = ""
	default:
		object[key] = ""
	}
}

func rank(c Change) int {
	if p := parsePath(c.Attribute); p.primary && p.sub == "type" {
		return 0
	}
	return 1
}

// set writes one value into a user, in place; "" removes it. Whatever else the document holds stays.
func set(user scim.Resource, p path, value string) {
	object := map[string]any(user)
	if p.schema != "" {
		object = extension(user, p.schema, value != "")
	}
	switch {
	case object == nil: // nothing to remove it from
	case p.primary:
		setPrimary(object, p, value)
	case p.sub != "":
		setPart(object, p, value)
	default:
		put(object, p.name, value)
	}
}

// extension returns the extension's object; where it is missing, a new one if make, else nil.
func extension(user scim.Resource, urn string, make bool) map[string]any {
	key := keyOf(user, urn)
	if object, ok := user[key].(map[string]any); ok {
		return object
	}
	if !make {
		return nil
	}
	object := map[string]any{}
	user[key] = object
	schemas, _ := user["schemas"].([]any)
	if !slices.Contains(schemas, any(urn)) {
		user["schemas"] = append(slices.Clone(schemas), urn)
	}
	return object
}

func setPart(object map[string]any, p path, value string) {
	key := keyOf(object, p.name)
	whole, ok := object[key].(map[string]any)
	if !ok {
		if value == "" {
			return
		}
		whole = map[string]any{}
		object[key] = whole
	}
	put(whole, p.sub, value)
	if len(whole) == 0 {
		delete(object, key)
	}
}

// setPrimary changes the element of a list that we mean, or adds it. Other elements are not ours.
func setPrimary(object map[string]any, p path, value string) {
	key := keyOf(object, p.name)
	list, _ := object[key].([]any)
	i := primaryIndex(list)
	if i < 0 {
		if value == "" {
			return
		}
		list, i = append(list, map[string]any{"primary": true}), len(list)
		object[key] = list
	}
	element := list[i].(map[string]any)
	put(element, p.sub, value)
	if value == "" && isHollow(element) {
		object[key] = slices.Delete(list, i, i+1)
	}
}

// primaryIndex finds the primary element. A server that forgets "primary" would get a new element with every
// change, so the one of type work counts as well, and then a single one whatever it is; -1 if there is none.
func primaryIndex(list []any) int {
	work := -1
	for i, raw := range list {
		element, ok := raw.(map[string]any)
		if !ok {
			continue
		}
		switch primary := element[keyOf(element, "primary")].(type) {
		case bool:
			if primary {
				return i
			}
		case string: // some servers keep booleans as text
			if strings.EqualFold(primary, "true") {
				return i
			}
		}
		if text, _ := element[keyOf(element, "type")].(string); work < 0 && strings.EqualFold(text, "work") {
			work = i
		}
	}
	if _, object := first(list).(map[string]any); work < 0 && len(list) == 1 && object {
		return 0
	}
	return work
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// isHollow reports whether an element says nothing any more but what kind of element it was.
func isHollow(element map[string]any) bool {
	for key := range element {
		if !strings.EqualFold(key, "primary") && !strings.EqualFold(key, "type") && !strings.EqualFold(key, "display") {
			return false
		}
	}
	return true
}

func put(object map[string]any, name, value string) {
	key := keyOf(object, name)
	if value == "" {
		delete(object, key)
		return
	}
	object[key] = value
}

// keyOf returns the key under which object already holds the attribute: names are case-insensitive (RFC 7643 §2.1).
func keyOf(object map[string]any, name string) string {
	if _, ok := object[name]; ok {
		return name
	}
	for key := range object {
		if strings.EqualFold(key, name) {
			return key
		}
	}
	return name
}
