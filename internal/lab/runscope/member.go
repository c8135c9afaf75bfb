package runscope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// members is a JSON object while it is read. A member of an unexpected type is a problem of its step, never an
// error of the import, and a member that nobody asked for is unknown.
type members struct {
	values   map[string]json.RawMessage
	asked    map[string]bool
	problems []string
}

// readMembers reports false for anything but an object.
func readMembers(raw json.RawMessage) (*members, bool) {
	m := &members{asked: map[string]bool{}}
	ok := json.Unmarshal(raw, &m.values) == nil && m.values != nil
	return m, ok
}

func (m *members) problem(format string, args ...any) {
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}

// get returns the member unless it is absent or null.
func (m *members) get(key string) (json.RawMessage, bool) {
	m.asked[key] = true
	raw, ok := m.values[key]
	return raw, ok && string(bytes.TrimSpace(raw)) != "null"
}

func (m *members) has(key string) bool {
	_, ok := m.get(key)
	return ok
}

// isSet reports a setting that is neither absent nor empty nor off.
func (m *members) isSet(key string) bool {
	raw, ok := m.get(key)
	return ok && !slices.Contains([]string{"false", `""`, "[]", "{}", "0"}, compact(raw))
}

// adopt takes over the problems of an object within this one: a part that cannot be read spoils the whole.
func (m *members) adopt(what string, part *members) {
	for _, problem := range part.problems {
		m.problem("of its %s, %s", what, problem)
	}
}

// ignore marks members that need no attention.
func (m *members) ignore(keys ...string) {
	for _, key := range keys {
		m.asked[key] = true
	}
}

func (m *members) unknown() []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		if !m.asked[key] {
			out = append(out, key)
		}
	}
	return out
}

// text returns the first of keys that has a value, as text: a number or a boolean as it is written.
func (m *members) text(keys ...string) string {
	found := ""
	for _, key := range keys {
		raw, ok := m.get(key)
		if !ok || found != "" {
			continue
		}
		text, ok := scalar(raw)
		if !ok {
			m.problem("%q is not a text", key)
		}
		found = text
	}
	return found
}

// target is text, but an array or object becomes compact JSON.
func (m *members) target(key string) string {
	raw, ok := m.get(key)
	if !ok {
		return ""
	}
	if text, ok := scalar(raw); ok {
		return text
	}
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return ""
	}
	return out.String()
}

func (m *members) flag(key string) bool {
	raw, ok := m.get(key)
	if !ok {
		return false
	}
	var value bool
	if json.Unmarshal(raw, &value) != nil {
		m.problem("%q is not true or false", key)
	}
	return value
}

// list returns the elements of an array; absent, null and {} are empty.
func (m *members) list(key string) []json.RawMessage {
	raw, ok := m.get(key)
	if !ok {
		return nil
	}
	var out []json.RawMessage
	if json.Unmarshal(raw, &out) != nil && compact(raw) != "{}" {
		m.problem("%q is not a list", key)
	}
	return out
}

// texts returns the non-blank texts of an array; one text stands for itself.
func (m *members) texts(key string) []string {
	raw, ok := m.get(key)
	if !ok {
		return nil
	}
	var out []string
	for _, text := range m.scalars(key, raw) {
		if strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return out
}

// scalars reads one scalar or an array of them.
func (m *members) scalars(key string, raw json.RawMessage) []string {
	if text, ok := scalar(raw); ok {
		return []string{text}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		m.problem("%q is neither a text nor a list of texts", key)
		return nil
	}
	var out []string
	for _, element := range list {
		text, ok := scalar(element)
		if !ok {
			m.problem("%q holds something else than texts", key)
			return nil
		}
		out = append(out, text)
	}
	return out
}

// fields reads an object of name → text or list of texts, in the order of the names.
func (m *members) fields(key string) []Field {
	raw, ok := m.get(key)
	if !ok || compact(raw) == "[]" {
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		m.problem("%q is not an object", key)
		return nil
	}
	var out []Field
	for _, name := range slices.Sorted(maps.Keys(object)) {
		for _, value := range m.scalars(key+"."+name, object[name]) {
			out = append(out, Field{name, value})
		}
	}
	return out
}

// scalar returns a string's value, "" for null, and the text of a number or boolean.
func scalar(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return "", false
	case raw[0] == '"':
		var text string
		return text, json.Unmarshal(raw, &text) == nil
	case string(raw) == "null":
		return "", true
	case raw[0] == '[' || raw[0] == '{':
		return "", false
	}
	return string(raw), true
}

func compact(raw json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return ""
	}
	return out.String()
}
