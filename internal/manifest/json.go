package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/internal/fault"
)

// JSON returns a content as the API shows it: everything that was typed, hidden answers included, with true and
// false for questions and switches and numbers for numbers. What was typed and is neither stays a string, for a
// draft may be wrong. Secrets are not in it.
func (c Content) JSON() []byte {
	out := Content{}
	for _, f := range fields {
		if value := withoutBlanks(f.shaped(c.Get(f.Key))); value != nil && !f.sealed() {
			out.put(f.Key, f.typed(value))
		}
	}
	data, err := json.Marshal(map[string]any(out))
	if err != nil {
		panic(fmt.Sprintf("content as JSON: %v", err)) // only text, lists, tables, booleans and integers are in it
	}
	return data
}

func (f Field) typed(value any) any {
	text, _ := value.(string)
	switch f.Type {
	case TypeYesNo, TypeSwitch:
		if text == Yes || text == No {
			return text == Yes
		}
	case TypeInteger:
		if n, err := strconv.Atoi(text); err == nil && strconv.Itoa(n) == text {
			return n
		}
	}
	return value
}

// ParseJSON reads a content as the API takes it: one object with the declared keys. It is strict (H-29, H-30): a
// key that is unknown or occurs twice, a value of another type (also null, and a number in quotes), an empty entry
// of a list and anything behind the object are refused, with a fault that names each field. Text is cleaned as in
// the form. Whether the values obey the rules is left to Validate; see Refusal.
func ParseJSON(data []byte) (Content, error) {
	if !utf8.Valid(data) {
		return nil, fault.New(fault.Invalid, "The body is not UTF-8.")
	}
	r := reader{content: Content{}}
	if err := r.object(data, "", r.field); err != nil {
		return nil, err
	}
	if r.faults != nil {
		return nil, fault.New(fault.Invalid, "Some fields cannot be read. Nothing was changed.").With(r.faults...)
	}
	return nameVariables(r.content), nil
}

// faultLimit ends the list of what is wrong: beyond it nobody reads on.
const faultLimit = 50

type reader struct {
	content Content
	faults  []fault.Field
}

func (r *reader) refuse(key, format string, args ...any) {
	if len(r.faults) < faultLimit {
		r.faults = append(r.faults, fault.Field{Key: key, Message: fmt.Sprintf(format, args...)})
	}
}

// object reads one object and hands each member on. Only an unreadable body is an error; the rest is noted.
func (r *reader) object(data []byte, path string, member func(key string, value json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		if err == nil && path != "" {
			r.refuse(path, "Expected an object in braces.")
			return nil
		}
		return notJSON()
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return notJSON()
		}
		key := name
		if path != "" {
			key = path + "." + name
		}
		if seen[name] {
			r.refuse(cut(key), "This key occurs twice.")
			continue
		}
		seen[name] = true
		if strings.Contains(name, ".") { // "scim.enabled" is written {"scim": {"enabled": …}}, and only so
			r.refuse(cut(key), "There is no such field.")
		} else if err := member(key, value); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return notJSON()
	}
	if _, err := decoder.Token(); err != io.EOF {
		return notJSON()
	}
	return nil
}

func notJSON() error {
	return fault.New(fault.Invalid, "The body is not one JSON object. Send the fields as an object in braces.")
}

// groups are the keys that hold no value of their own, such as "scim" and "scim.auth".
var groups = func() map[string]bool {
	names := map[string]bool{}
	for _, f := range fields {
		for i, r := range f.Key {
			if r == '.' {
				names[f.Key[:i]] = true
			}
		}
	}
	return names
}()

func (r *reader) field(key string, value json.RawMessage) error {
	if groups[key] {
		return r.object(value, key, r.field)
	}
	f, ok := Find(key)
	switch {
	case !ok || f.Key != key:
		r.refuse(cut(key), "There is no such field.")
	case f.sealed():
		r.refuse(key, "This is kept sealed and is not part of the content. Send it on its own.")
	case f.Type == TypeRows:
		return r.rows(f, value)
	case f.Type == TypeChoices:
		r.list(f, value)
	default:
		if text, ok := r.scalar(f, key, value); ok {
			r.content = r.content.With(key, text)
		}
	}
	return nil
}

var plainInteger = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})$`)

// scalar returns the text of a single value as a Content keeps it.
func (r *reader) scalar(f Field, key string, value json.RawMessage) (string, bool) {
	switch f.Type {
	case TypeYesNo, TypeSwitch:
		if answer, ok := map[string]string{"true": Yes, "false": No}[string(value)]; ok {
			return answer, true
		}
		r.refuse(key, "Expected true or false.")
	case TypeInteger:
		if plainInteger.Match(value) {
			n, err := strconv.Atoi(string(value))
			return strconv.Itoa(n), err == nil
		}
		r.refuse(key, "Expected a whole number, without quotes.")
	default:
		var text string
		if value[0] == '"' && json.Unmarshal(value, &text) == nil {
			return cleaned(f, text), true
		}
		r.refuse(key, "Expected text in quotes.")
	}
	return "", false
}

// entries splits an array. It returns nil for anything else, and for too many entries.
func (r *reader) entries(key string, value json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if value[0] != '[' || json.Unmarshal(value, &list) != nil {
		r.refuse(key, "Expected a list in brackets.")
		return nil
	}
	if len(list) > entryLimit {
		r.refuse(key, "Too many entries: %d are read at most.", entryLimit)
		return nil
	}
	return list
}

func (r *reader) list(f Field, value json.RawMessage) {
	var texts []string
	for i, entry := range r.entries(f.Key, value) {
		key := fmt.Sprintf("%s.%d", f.Key, i)
		if text, ok := r.scalar(Field{Type: TypeChoice}, key, entry); ok {
			if text == "" {
				r.refuse(key, "This entry is empty. Leave it out.")
			}
			texts = append(texts, text)
		}
	}
	r.content = r.content.With(f.Key, texts)
}

func (r *reader) rows(f Field, value json.RawMessage) error {
	var rows []map[string]string
	for i, entry := range r.entries(f.Key, value) {
		row, path, before := map[string]string{}, fmt.Sprintf("%s.%d", f.Key, i), len(r.faults)
		err := r.object(entry, path, func(key string, cell json.RawMessage) error {
			r.cell(f, row, path, key, cell)
			return nil
		})
		if err != nil {
			return err
		}
		if len(row) == 0 && len(r.faults) == before {
			r.refuse(path, "This entry is empty. Leave it out.")
		}
		rows = append(rows, row)
	}
	r.content = r.content.With(f.Key, rows)
	return nil
}

func (r *reader) cell(f Field, row map[string]string, path, key string, value json.RawMessage) {
	at := slices.IndexFunc(f.Columns, func(column Field) bool { return path+"."+column.Key == key })
	if at < 0 {
		r.refuse(cut(key), "There is no such field.")
		return
	}
	if text, ok := r.scalar(f.Columns[at], key, value); ok && text != "" {
		row[f.Columns[at].Key] = text
	}
}
