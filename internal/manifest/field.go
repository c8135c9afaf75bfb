// Package manifest owns the content of an integration's version: what the form edits, the API carries, a
// hash binds, a reviewer reads, the catalog shows and an installation uses.
//
// Its one rule: a field is declared once, in fields.go. The form, the API, the percentages, the diff and the
// field reference are all read from that declaration. The package knows form only: whether an address
// answers, whether a person confirmed a mail and whether a run was green is found out elsewhere. Secrets
// are declared here and never kept here: a Content has no place for them.
package manifest

import (
	"slices"
	"strings"
)

// Tab is one page of the form and one section of the progress card.
type Tab string

const (
	TabGeneral   Tab = "general"
	TabSCIM      Tab = "scim"
	TabConnector Tab = "connector"
)

// Tabs returns every tab in the order in which the form shows them.
func Tabs() []Tab { return []Tab{TabGeneral, TabSCIM, TabConnector} }

// Label is the tab's name on the page.
func (t Tab) Label() string {
	switch t {
	case TabSCIM:
		return "SCIM"
	case TabConnector:
		return "Connector"
	default:
		return "General settings"
	}
}

// Note is what the page says about a tab that cannot be filled in yet; empty for all others.
func (t Tab) Note() string {
	if t == TabConnector {
		return "Connectors are not offered yet. Leave this off; nothing here has to be filled in."
	}
	return ""
}

// On reports whether the tab takes part in a submission: general settings always do, SCIM once it is
// switched on, and connectors never, for they are not offered yet.
func (t Tab) On(c Content) bool {
	switch t {
	case TabGeneral:
		return true
	case TabSCIM:
		return c.Yes("scim.enabled")
	default:
		return false
	}
}

// Type says how a field is typed in, kept and rendered.
type Type string

const (
	TypeText       Type = "text"       // one line
	TypeTextArea   Type = "textarea"   // several lines
	TypeURL        Type = "url"        // an absolute address
	TypeTemplate   Type = "template"   // an address in which ${app.name} stands for a variable
	TypeEmail      Type = "email"      // one mail address
	TypePhone      Type = "phone"      // one telephone number
	TypeYesNo      Type = "yesno"      // "yes", "no" or not answered; true or false in JSON
	TypeSwitch     Type = "switch"     // "yes" or "no", and "no" when nothing was said; true or false in JSON
	TypeChoice     Type = "choice"     // one of Options
	TypeChoices    Type = "choices"    // any of Options, each at most once
	TypeInteger    Type = "integer"    // a whole number between Min and Max
	TypeRows       Type = "rows"       // a table with Columns
	TypeLogo       Type = "logo"       // the SHA-256 of an image that SniffLogo has accepted
	TypeSecret     Type = "secret"     // kept sealed, never in a Content
	TypeConnection Type = "connection" // the values of ConnectionFields, kept sealed, never in a Content
	TypeEvidence   Type = "evidence"   // a lab run that the product refers to, or the address of a report elsewhere
)

// Visibility says who may read a field.
type Visibility string

const (
	VisPublic   Visibility = "pub"  // everybody, in the catalog
	VisInstall  Visibility = "inst" // customer admins who install the integration
	VisInternal Visibility = "int"  // the vendor and the network's team
	VisSecret   Visibility = "sec"  // nobody: write-only for the vendor, revealed to reviewers on the record
)

// Option is one value that a choice can take.
type Option struct {
	Value string
	Label string
	Help  string // what choosing it means, where the label does not say it
	Gated bool   // only for orgs for which the network's team has opened it, and for as long
}

// Field is the whole declaration of one field. Those that Fields returns have every function set.
type Field struct {
	Ref         string // the row of the specification's field list, "G-04"; the rule id where no finer rule speaks
	Key         string // dotted path in a Content, in JSON and in form names
	Label       string
	Help        string
	Placeholder string
	Tab         Tab
	Section     string // heading under which the form shows it
	Type        Type
	Options     []Option
	Columns     []Field // of TypeRows; their keys are relative to the row
	Visibility  Visibility
	Min, Max    int                // code points of a text, entries of a list or table, value of an integer, bytes of a logo
	Default     string             // what an empty field means
	Required    func(Content) bool // false for a field that is not shown
	Shown       func(Content) bool // false while the tab is off, or an answer makes the question pointless

	reference func(text string) string // how what was typed is referred to elsewhere in the form; nil for no way

	needed bool   // Required was declared: there is a content that asks for it
	rule   string // id of the rule that asks for the field and its form; Ref unless set
	class  Class  // what a change of this field is to those who installed an earlier version
	breaks breaks
	rules  []rule
}

// fields is the declaration in fields.go, completed.
var fields = complete(declared())

// Fields returns every field in the order of the form. The slice is the caller's own.
func Fields() []Field { return slices.Clone(fields) }

// FieldsOf returns the fields of one tab in the order of the form.
func FieldsOf(tab Tab) []Field {
	return slices.DeleteFunc(Fields(), func(f Field) bool { return f.Tab != tab })
}

// Find returns the field that a key belongs to. A key inside a table ("scim.variables.0.label") finds the table.
func Find(key string) (Field, bool) {
	for _, f := range fields {
		if rest, ok := strings.CutPrefix(key, f.Key); ok && (rest == "" || rest[0] == '.' && f.holdsMany()) {
			return f, true
		}
	}
	return Field{}, false
}

// SecretKeys returns the keys of the fields that are kept sealed, apart from the test connection.
func SecretKeys() []string {
	var keys []string
	for _, f := range fields {
		if f.Type == TypeSecret {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// Option returns the option with this value.
func (f Field) Option(value string) (Option, bool) {
	for _, o := range f.Options {
		if o.Value == value {
			return o, true
		}
	}
	return Option{}, false
}

// OptionsLeft returns the options that entry i of a list may take: those that no other entry has taken.
func (f Field) OptionsLeft(c Content, i int) []Option {
	chosen := c.List(f.Key)
	return slices.DeleteFunc(slices.Clone(f.Options), func(o Option) bool {
		at := slices.Index(chosen, o.Value)
		return at >= 0 && at != i
	})
}

// CanAdd reports whether a list or table has room for one more entry.
func (f Field) CanAdd(c Content) bool {
	if f.Type == TypeRows {
		return len(c.Rows(f.Key)) < f.Max
	}
	return f.Type == TypeChoices && len(c.List(f.Key)) < f.Max
}

func (f Field) holdsMany() bool { return f.Type == TypeRows || f.Type == TypeChoices }

// sealed reports whether the field's value lies outside every Content.
func (f Field) sealed() bool { return f.Type == TypeSecret || f.Type == TypeConnection }

// Reference is how other fields refer to what was typed here, "" where nothing refers to it.
func (f Field) Reference(text string) string {
	if f.reference == nil || text == "" {
		return ""
	}
	return f.reference(text)
}

// complete gives every field its defaults, and lets no field of a tab that is off be shown or required.
func complete(all []Field) []Field {
	for i, f := range all {
		shown, required := orAlways(f.Shown), orNever(f.Required)
		f.needed = f.Required != nil
		f.Shown = func(c Content) bool { return (f.Tab.On(c) || f.Type == TypeSwitch) && shown(c) }
		f.Required = func(c Content) bool { return f.Shown(c) && required(c) }
		if f.rule == "" {
			f.rule = f.Ref
		}
		for j := range f.Columns {
			column := &f.Columns[j]
			column.Tab, column.rule, column.needed = f.Tab, f.rule, column.Required != nil
			column.Shown, column.Required = orAlways(column.Shown), orNever(column.Required)
		}
		all[i] = f
	}
	return all
}

func always(Content) bool { return true }
func never(Content) bool  { return false }

func orAlways(f func(Content) bool) func(Content) bool {
	if f == nil {
		return always
	}
	return f
}

func orNever(f func(Content) bool) func(Content) bool {
	if f == nil {
		return never
	}
	return f
}

// is makes a condition of one answer.
func is(key, value string) func(Content) bool {
	return func(c Content) bool { return c.Text(key) == value }
}
