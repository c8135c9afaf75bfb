package scimtest

import (
	"maps"
	"slices"
	"strings"

	"slipway/internal/scim"
)

// names splits the value of attributes or excludedAttributes.
func names(list string) []string {
	var out []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// project applies attributes and excludedAttributes (RFC 7644 §3.9). With both, attributes wins. id and schemas
// are always there.
func project(r scim.Resource, attributes, excluded []string) scim.Resource {
	switch {
	case len(attributes) > 0:
		out := scim.Resource{"schemas": r["schemas"], "id": r["id"]}
		for _, name := range attributes {
			copyPath(out, r, name)
		}
		return out
	case len(excluded) > 0:
		out := maps.Clone(r)
		for _, name := range excluded {
			dropPath(out, name)
		}
		return out
	}
	return r
}

// place is where a projected name leads: the object that holds the attribute, its key there, and a part of it.
type place struct{ extension, key, sub string }

// placeOf resolves a name as a client writes it: in any case, dotted, behind its URN, or a URN alone.
func placeOf(r scim.Resource, name string) (place, bool) {
	holder := map[string]any(r)
	var p place
	for key, value := range r {
		if rest, ok := behind(name, key); ok && strings.Contains(key, ":") {
			if rest == "" {
				return place{key: key}, true
			}
			p.extension, name = key, rest
			holder, _ = value.(map[string]any)
			break
		}
	}
	for _, k := range kinds {
		if rest, ok := behind(name, k.schema); ok && rest != "" {
			name = rest
		}
	}
	name, p.sub, _ = strings.Cut(name, ".")
	for key := range holder {
		if strings.EqualFold(key, name) {
			p.key = key
			return p, true
		}
	}
	return place{}, false
}

// behind returns what follows "prefix:" in name, "" where name is the prefix.
func behind(name, prefix string) (rest string, ok bool) {
	if len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return "", false
	}
	rest = name[len(prefix):]
	return strings.TrimPrefix(rest, ":"), rest == "" || rest[0] == ':'
}

func copyPath(out, r scim.Resource, name string) {
	p, ok := placeOf(r, name)
	if !ok {
		return
	}
	from, to := map[string]any(r), map[string]any(out)
	if p.extension != "" {
		from = r[p.extension].(map[string]any)
		inner, _ := out[p.extension].(map[string]any)
		to = maps.Clone(inner)
		if to == nil {
			to = map[string]any{}
		}
		out[p.extension] = to
	}
	if p.sub == "" {
		to[p.key] = from[p.key]
	} else {
		to[p.key] = withPart(to[p.key], from[p.key], p.sub)
	}
}

// withPart returns have with the part sub of from added, element by element for lists.
func withPart(have, from any, sub string) any {
	switch from := from.(type) {
	case map[string]any:
		object, _ := have.(map[string]any)
		out := maps.Clone(object)
		if out == nil {
			out = map[string]any{}
		}
		if key, ok := keyOf(from, sub); ok {
			out[key] = from[key]
		}
		return out
	case []any:
		list, _ := have.([]any)
		out := make([]any, len(from))
		for i, element := range from {
			var before any
			if i < len(list) {
				before = list[i]
			}
			out[i] = withPart(before, element, sub)
		}
		return out
	}
	return have
}

func dropPath(out scim.Resource, name string) {
	p, ok := placeOf(out, name)
	if !ok || slices.Contains([]string{"id", "schemas"}, p.key) && p.extension == "" {
		return
	}
	holder := map[string]any(out)
	if p.extension != "" {
		holder = maps.Clone(out[p.extension].(map[string]any))
		out[p.extension] = holder
	}
	if p.sub == "" {
		delete(holder, p.key)
	} else {
		holder[p.key] = withoutPart(holder[p.key], p.sub)
	}
}

func withoutPart(value any, sub string) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		if key, ok := keyOf(v, sub); ok {
			delete(out, key)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = withoutPart(element, sub)
		}
		return out
	}
	return value
}

func keyOf(object map[string]any, name string) (string, bool) {
	for key := range object {
		if strings.EqualFold(key, name) {
			return key, true
		}
	}
	return "", false
}
