package manifest

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/secret"
)

// Names of the buttons that change a list or a table without JavaScript. Their value is the key of the list
// ("supportContacts") or of the entry ("supportContacts.1").
const (
	AddEntry    = "add"
	RemoveEntry = "remove"
)

// entryLimit is how many entries of a list or table are read at all. A form that sends more was not made by us.
const entryLimit = 64

// ParseForm reads what a tab's form has posted, valid or not. The result holds each field that the form named,
// also as empty, and no other: lay it over the draft with Content.Overlay. Unknown names, secrets, the logo and
// fields of other tabs are ignored (H-29).
//
// A list or table is read from numbered names ("useCases.0", "scim.variables.0.label") or, for a list, from one
// name that occurs several times. A hidden input with the list's own name and no value says that it is there
// even if nothing in it is chosen. An add or remove button in the form is obeyed.
func ParseForm(tab Tab, form url.Values) Content {
	part := Content{}
	for _, f := range FieldsOf(tab) {
		if value, named := f.fromForm(form); named {
			part.put(f.Key, value)
		}
	}
	if len(part.Rows("scim.variables")) > 0 {
		return nameVariables(regrow(part))
	}
	return part
}

// put sets a key in place, keeping an empty value as present.
func (c Content) put(key string, value any) {
	path := strings.Split(key, ".")
	at := map[string]any(c)
	for _, name := range path[:len(path)-1] {
		inner, ok := at[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[name] = inner
		}
		at = inner
	}
	at[path[len(path)-1]] = value
}

// fromForm returns the field's value and whether the form named it.
func (f Field) fromForm(form url.Values) (value any, named bool) {
	switch f.Type {
	case TypeSecret, TypeConnection, TypeLogo:
		return nil, false
	case TypeRows:
		return f.rowsFromForm(form)
	case TypeChoices:
		return f.listFromForm(form)
	}
	posted := form[f.Key]
	if len(posted) == 0 {
		return nil, false
	}
	// Of several values the last one counts: a hidden "no" stands before the check box that says "yes".
	return cleaned(f, posted[len(posted)-1]), true
}

func (f Field) listFromForm(form url.Values) (any, bool) {
	_, named := form[f.Key]
	var list []string
	for _, value := range form[f.Key] {
		if value = cleaned(f, value); value != "" && len(list) < entryLimit {
			list = append(list, value)
		}
	}
	for _, i := range indices(form, f.Key) {
		posted := form[f.Key+"."+i]
		if len(posted) == 0 {
			continue
		}
		named = true
		if !f.removes(form, i) && len(list) < entryLimit {
			list = append(list, cleaned(f, posted[len(posted)-1]))
		}
	}
	if f.adds(form) && len(list) < f.Max {
		list = append(list, "")
	}
	return list, named || f.adds(form)
}

func (f Field) rowsFromForm(form url.Values) (any, bool) {
	_, named := form[f.Key]
	var rows []map[string]string
	for _, i := range indices(form, f.Key) {
		row, found := f.rowFromForm(form, f.Key+"."+i+".")
		named = named || found
		if found && !f.removes(form, i) && len(rows) < entryLimit {
			rows = append(rows, row)
		}
	}
	if f.adds(form) && len(rows) < f.Max {
		rows = append(rows, map[string]string{})
	}
	return rows, named || f.adds(form)
}

func (f Field) rowFromForm(form url.Values, prefix string) (row map[string]string, found bool) {
	row = map[string]string{}
	for _, column := range f.Columns {
		posted := form[prefix+column.Key]
		if len(posted) == 0 {
			continue
		}
		found = true
		if cell := cleaned(column, posted[len(posted)-1]); cell != "" {
			row[column.Key] = cell
		}
	}
	return row, found
}

func (f Field) adds(form url.Values) bool { return slices.Contains(form[AddEntry], f.Key) }

func (f Field) removes(form url.Values, i string) bool {
	return slices.Contains(form[RemoveEntry], f.Key+"."+i)
}

// indices returns the numbers that occur after a key, in numerical order. However large they are, they only
// sort: nothing is allocated by them.
func indices(form url.Values, key string) []string {
	found := map[int]string{}
	for name := range form {
		rest, ok := strings.CutPrefix(name, key+".")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.ParseUint(digits, 10, 31); err == nil && strconv.Itoa(int(n)) == digits {
			found[int(n)] = digits
		}
	}
	var sorted []string
	for _, n := range slices.Sorted(maps.Keys(found)) {
		sorted = append(sorted, found[n])
	}
	return sorted
}

// ParseSecrets reads the secrets among the fields that a form has posted. One that was left blank, or comes back
// as the dots that stood for it, is not among them: what is stored stays (H-20). Of ConnectionFields, a variable's
// value is no secret, and one that was emptied is there as the zero Text.
func ParseSecrets(fields []Field, form url.Values) map[string]secret.Text {
	secrets := map[string]secret.Text{}
	for _, f := range fields {
		posted := form[f.Key]
		if len(posted) == 0 || f.Type != TypeSecret && !strings.HasPrefix(f.Key, "connection.") {
			continue
		}
		value := typedSecret(f, posted[len(posted)-1])
		if f.Type == TypeSecret && (value == "" || isMask(value)) {
			continue
		}
		secrets[f.Key] = secret.NewText(value)
	}
	return secrets
}

// typedSecret forgives a line end that was copied along, and the blanks around a token. A password may have blanks.
func typedSecret(f Field, v string) string {
	switch {
	case f.Type != TypeSecret:
		return cleaned(f, v)
	case f.Key == ConnectionToken:
		return strings.TrimSpace(v)
	default:
		return strings.Trim(v, "\r\n")
	}
}

// isMask reports whether a value is only what pages show in place of a secret.
func isMask(v string) bool {
	return v == secret.Redacted || strings.Trim(v, "•●∙·") == "" || len(v) >= 8 && strings.Trim(v, "*") == ""
}
