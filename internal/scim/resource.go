package scim

import (
	"strconv"
	"strings"
)

// Resource is one SCIM object as JSON decodes it: strings, float64, bool, nil, []any and map[string]any.
// Attribute names are compared without regard to case (RFC 7643 §2.1); the zero value has no attributes.
type Resource map[string]any

// ID returns the target's identifier. A number, which some targets send, comes back as its digits.
func (r Resource) ID() string { return r.String("id") }

// ExternalID returns the identifier that the client gave (RFC 7643 §3.1).
func (r Resource) ExternalID() string { return r.String("externalId") }

// UserName returns a user's userName.
func (r Resource) UserName() string { return r.String("userName") }

// Active returns a user's active flag; known is false where the target does not tell.
// The strings "true" and "false" in any case count, because some targets store what Entra once sent.
func (r Resource) Active() (active, known bool) {
	switch v := r.Get("active").(type) {
	case bool:
		return v, true
	case string:
		return parseBool(v)
	}
	return false, false
}

// Schemas returns the URNs that the resource names.
func (r Resource) Schemas() []string {
	value := r.Get("schemas")
	if urns, ok := value.([]string); ok {
		return urns
	}
	list, _ := value.([]any)
	urns := make([]string, 0, len(list))
	for _, v := range list {
		if urn, ok := v.(string); ok {
			urns = append(urns, urn)
		}
	}
	return urns
}

// HasSchema reports whether the resource names urn, whose case does not matter (RFC 8141 §3).
func (r Resource) HasSchema(urn string) bool {
	for _, have := range r.Schemas() {
		if strings.EqualFold(have, urn) {
			return true
		}
	}
	return false
}

// String returns the value at path as text: "userName", "name.givenName", or a name behind its schema URN.
// Of a multi-valued attribute it takes the primary element, or the first ("emails.value").
// Numbers and booleans are spelled as JSON does; an absent, null or complex value is "".
func (r Resource) String(path string) string {
	switch v := r.Get(path).(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Get returns the value at path, in the form of String's paths, or nil.
func (r Resource) Get(path string) any {
	object, rest := r.container(path)
	name, sub, dotted := strings.Cut(rest, ".")
	if name == "" {
		return object
	}
	value := lookup(object, name)
	if !dotted {
		return value
	}
	return lookup(preferred(value), sub)
}

// container splits a URN-qualified path into the object that holds the attribute and the rest of the path.
// A core URN means the resource itself; a path that is nothing but an extension's URN leaves no rest.
func (r Resource) container(path string) (object map[string]any, rest string) {
	if !hasPrefixFold(path, "urn:") {
		return r, path
	}
	for key, value := range r {
		if !strings.Contains(key, ":") || !hasPrefixFold(path, key) {
			continue
		}
		extension, _ := value.(map[string]any)
		switch tail := path[len(key):]; {
		case tail == "":
			return extension, ""
		case tail[0] == ':':
			return extension, tail[1:]
		}
	}
	for _, core := range []string{SchemaUser, SchemaGroup} {
		if hasPrefixFold(path, core+":") {
			return r, path[len(core)+1:]
		}
	}
	return nil, path
}

// Clone returns a copy that shares nothing with r. Values that a Go literal may hold and JSON decoding does
// not (int, []string, []map[string]any, Resource) come out in their decoded form.
func (r Resource) Clone() Resource {
	if r == nil {
		return nil
	}
	return Resource(cloneValue(map[string]any(r)).(map[string]any))
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = cloneValue(inner)
		}
		return out
	case Resource:
		return cloneValue(map[string]any(v))
	case []any:
		return cloneList(v)
	case []string:
		return cloneList(v)
	case []map[string]any:
		return cloneList(v)
	case []Resource:
		return cloneList(v)
	case int:
		return float64(v)
	}
	return value
}

func cloneList[T any](list []T) []any {
	out := make([]any, len(list))
	for i, element := range list {
		out[i] = cloneValue(element)
	}
	return out
}

// preferred is the one element that stands for a multi-valued attribute: the primary one, or the first.
func preferred(value any) map[string]any {
	list, isList := value.([]any)
	if !isList {
		object, _ := value.(map[string]any)
		return object
	}
	var first map[string]any
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			continue
		}
		if primary, _ := lookup(object, "primary").(bool); primary {
			return object
		}
		if first == nil {
			first = object
		}
	}
	return first
}

// lookup finds an attribute by name without regard to case; the exact spelling wins.
func lookup(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	if key, ok := keyOf(object, name); ok {
		return object[key]
	}
	return nil
}

// keyOf returns the spelling under which object holds name.
func keyOf(object map[string]any, name string) (string, bool) {
	if _, ok := object[name]; ok {
		return name, true
	}
	for key := range object {
		if strings.EqualFold(key, name) {
			return key, true
		}
	}
	return name, false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}
