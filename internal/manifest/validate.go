package manifest

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"slipway/internal/fault"
)

// Severity says what a problem stands in the way of.
type Severity string

const (
	SeverityError   Severity = "E" // the content cannot be submitted
	SeverityWarning Severity = "W" // it can, and the reviewer sees the warning
	SeverityHint    Severity = "I" // advice
)

// Problem is one broken rule at one field, with what to do about it.
type Problem struct {
	Key        string   `json:"field"` // of the field; inside a table "scim.variables.0.label"
	Rule       string   `json:"rule"`  // "L-004", or the field's row in the field list, "S-08"
	Severity   Severity `json:"severity"`
	Message    string   `json:"message"`
	Fix        string   `json:"fix,omitempty"`
	Suggestion string   `json:"suggestion,omitempty"` // a value that can be taken over as it is
	Missing    bool     `json:"missing,omitempty"`    // nothing was typed yet: to be filled in, not to be marked wrong
}

// Env is what rules need to know that is not in the content. The zero value is the strictest.
type Env struct {
	AllowHTTP    bool            // the operator has opened http: it is valid, with a warning
	AllowPrivate bool            // the operator has opened private addresses: valid, with a warning
	Opened       []string        // values of gated options that the network's team has opened for the org, for now
	Stored       map[string]bool // keys of the secrets and of the test connection's values that are stored
	Others       []string        // names of other orgs' listings, which a name must not resemble (L-002)
	Own          []string        // names of this org's listings; nil means unknown, and nothing is compared
	TestAccount  string          // the user name that the network's team prefers to sign in with, "" for any
	First        bool            // this is the first version of its integration, not the update of a listing
	Marks        []string        // words that only their owners may use in a name, the network's own first (L-003)
}

// rule looks at one field of a content. What it leaves empty in a Problem (key, rule) is the field's own.
type rule func(f Field, c Content, env Env) []Problem

// text makes a rule of a check on what was typed; nothing typed is not checked.
func text(check func(v string, env Env) []Problem) rule {
	return func(f Field, c Content, env Env) []Problem {
		if v := c.Text(f.Key); v != "" {
			return check(v, env)
		}
		return nil
	}
}

// Validate returns every problem of what the form shows, in the order of the fields. Nothing is asked of the
// network: a valid address may still not answer.
func Validate(c Content, env Env) []Problem {
	var problems []Problem
	for _, f := range fields {
		if f.Shown(c) {
			problems = append(problems, f.check(c, env)...)
		}
	}
	return append(problems, anyProtocol(c)...)
}

// anyProtocol asks that at least one protocol is on.
func anyProtocol(c Content) []Problem {
	for _, tab := range []Tab{TabSCIM, TabConnector} {
		if tab.On(c) {
			return nil
		}
	}
	return []Problem{{
		Key: "scim.enabled", Rule: "R-067", Severity: SeverityError, Missing: true,
		Message: "No protocol is on.", Fix: "Switch SCIM support on and fill in its section.",
	}}
}

// Refusal turns what is wrong into the fault that the API answers. What is only missing is not wrong: a draft
// may be incomplete. It returns nil when nothing is wrong.
func Refusal(problems []Problem) error {
	var faults []fault.Field
	for _, p := range problems {
		if p.Severity == SeverityError && !p.Missing {
			faults = append(faults, p.fault())
		}
	}
	if faults == nil {
		return nil
	}
	return fault.New(fault.Invalid, "Some fields break a rule. Nothing was changed.").With(faults...)
}

func (p Problem) fault() fault.Field {
	message := p.Message
	if p.Fix != "" {
		message += " " + p.Fix
	}
	return fault.Field{Key: p.Key, Rule: p.Rule, Message: message}
}

// check runs everything that is declared about the field and fills in what the rules left to it.
func (f Field) check(c Content, env Env) []Problem {
	var problems []Problem
	if f.empty(c, env) {
		if f.Required(c) {
			problems = append(problems, f.missing())
		}
	} else {
		problems = append(problems, f.form(c, env)...)
	}
	for _, r := range f.rules {
		problems = append(problems, r(f, c, env)...)
	}
	for i := range problems {
		problems[i].Key = or(problems[i].Key, f.Key)
		problems[i].Rule = or(problems[i].Rule, f.rule)
	}
	return problems
}

func (f Field) empty(c Content, env Env) bool {
	switch f.Type {
	case TypeSecret:
		return !env.Stored[f.Key]
	case TypeConnection:
		return false // its rule says which of its values are missing
	}
	return withoutBlanks(f.shaped(c.Get(f.Key))) == nil
}

func (f Field) missing() Problem {
	p := Problem{Severity: SeverityError, Missing: true, Message: f.Label + " is missing.", Fix: "Fill it in."}
	switch f.Type {
	case TypeYesNo:
		p.Message, p.Fix = "This question is not answered.", "Choose Yes or No."
	case TypeChoice, TypeChoices:
		p.Message, p.Fix = "Nothing is chosen.", "Choose at least one."
	case TypeRows:
		p.Message, p.Fix = "There is none yet.", "Add at least one."
	case TypeLogo:
		p.Message, p.Fix = "There is no icon yet.", "Upload a PNG, JPEG or GIF."
	}
	return p
}

// form checks what the field's type, options and limits say.
func (f Field) form(c Content, env Env) []Problem {
	switch f.Type {
	case TypeYesNo, TypeSwitch, TypeChoice:
		return f.known(c.Text(f.Key))
	case TypeChoices:
		return f.choices(c.List(f.Key))
	case TypeInteger:
		return f.integer(c.Text(f.Key))
	case TypeRows:
		return f.rows(c, env)
	case TypeLogo:
		return logoHash(c.Text(f.Key))
	case TypeSecret, TypeConnection:
		return nil
	}
	if n := utf8.RuneCountInString(c.Text(f.Key)); n > f.Max {
		return blocks("", fmt.Sprintf("This is %d characters long, %d are allowed.", n, f.Max), "Shorten it.")
	}
	return nil
}

func (f Field) known(value string) []Problem {
	if _, ok := f.Option(value); ok {
		return nil
	}
	return blocks("", fmt.Sprintf("%q is not one of the choices.", cut(value)), "Choose one of the list.")
}

func (f Field) choices(list []string) []Problem {
	var problems []Problem
	seen, count := map[string]bool{}, 0
	for _, value := range list {
		if value == "" {
			continue
		}
		if count++; seen[value] {
			problems = append(problems, blocks("", fmt.Sprintf("%q is chosen twice.", cut(value)), "Remove one of the two.")...)
			continue
		}
		seen[value] = true
		problems = append(problems, f.known(value)...)
	}
	return append(problems, f.tooMany(count)...)
}

func (f Field) tooMany(count int) []Problem {
	if count <= f.Max {
		return nil
	}
	return blocks("", fmt.Sprintf("There are %d, at most %d are allowed.", count, f.Max), "Remove some.")
}

func (f Field) integer(value string) []Problem {
	n, err := strconv.Atoi(value)
	if err == nil && n >= f.Min && n <= f.Max {
		return nil
	}
	return blocks("", fmt.Sprintf("This must be a whole number from %d to %d.", f.Min, f.Max), "Leave it empty for "+f.Default+".")
}

// rows checks each row that is not blank, as a small content of its own.
func (f Field) rows(c Content, env Env) []Problem {
	var problems []Problem
	count := 0
	for i, row := range c.Rows(f.Key) {
		if blank(row) {
			continue
		}
		count++
		cells := rowContent(row)
		for _, column := range f.Columns {
			for _, p := range column.check(cells, env) {
				p.Key = fmt.Sprintf("%s.%d.%s", f.Key, i, p.Key)
				problems = append(problems, p)
			}
		}
	}
	return append(problems, f.tooMany(count)...)
}

func rowContent(row map[string]string) Content {
	cells := Content{}
	for key, cell := range row {
		cells[key] = cell
	}
	return cells
}

func blocks(rule, message, fix string) []Problem {
	return []Problem{{Rule: rule, Severity: SeverityError, Message: message, Fix: fix}}
}

func warns(rule, message, fix string) []Problem {
	return []Problem{{Rule: rule, Severity: SeverityWarning, Message: message, Fix: fix}}
}

func hints(rule, message, fix string) []Problem {
	return []Problem{{Rule: rule, Severity: SeverityHint, Message: message, Fix: fix}}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// cut shortens what a person typed so that a message stays a sentence.
func cut(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
