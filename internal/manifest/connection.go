package manifest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"slipway/internal/secret"
)

// Keys of the values of a test connection or an installation. A variable's key is VariablePrefix and its name.
const (
	ConnectionToken    = "connection.token"
	ConnectionUsername = "connection.username"
	ConnectionPassword = "connection.password"
	VariablePrefix     = "connection.var."
)

// Connection holds what ConnectionFields asks for, by key. Every value is sealed where it is stored.
type Connection map[string]secret.Text

// ConnectionFields returns what a tenant is reached with: a value for each declared variable, then the credentials
// that the authentication mode asks for. A draft's test connection and every installation ask for the same.
// OAuth asks for none: a grant replaces them.
func ConnectionFields(c Content) []Field {
	var all []Field
	seen := map[string]bool{}
	for _, v := range variables(c) {
		if v.Label != "" && nameForm.MatchString(v.Name) && !seen[v.Name] {
			all = append(all, v.field())
		}
		seen[v.Name] = true
	}
	return complete(append(all, credentialFields(c)...))
}

func (v Variable) field() Field {
	f := Field{
		Ref: "S-07", Key: VariablePrefix + v.Name, Label: v.Label, Help: v.Help,
		Tab: TabSCIM, Section: "Variables", Type: TypeText, Max: 1024, Visibility: VisInternal,
		Shown: always, Required: always,
	}
	if v.whole() {
		f.Type, f.Placeholder = TypeURL, "https://acme.example"
	}
	return f
}

func credentialFields(c Content) []Field {
	credential := func(key, label, help string, kind Type, maximum int) Field {
		f := Field{
			Ref: "S-02", Key: key, Label: label, Help: help,
			Tab: TabSCIM, Section: "Credentials", Type: kind, Max: maximum, Visibility: VisInternal,
			Shown: always, Required: always,
		}
		if kind == TypeSecret {
			f.Visibility = VisSecret
		}
		return f
	}
	switch s := authOf(c); s.mode {
	case AuthBearer, AuthHeader:
		return []Field{credential(ConnectionToken, "Token", "Sent as "+s.name+": "+s.format, TypeSecret, 8192)}
	case AuthBasic:
		return []Field{
			credential(ConnectionUsername, "User name", "The name that calls sign in with.", TypeText, 255),
			credential(ConnectionPassword, "Password", "Kept sealed, and sent with every call.", TypeSecret, 1024),
		}
	}
	return nil
}

// Variables returns the values of the variables by name, as BaseURL takes them.
func (v Connection) Variables() map[string]string {
	values := map[string]string{}
	for key, value := range v {
		if name, ok := strings.CutPrefix(key, VariablePrefix); ok {
			values[name] = value.Reveal()
		}
	}
	return values
}

// ValidateConnection returns every problem of the values that the content's ConnectionFields ask for. Those
// that env.Stored names need not be among them; the address is checked once all variables are.
func ValidateConnection(c Content, values Connection, env Env) []Problem {
	var problems []Problem
	for _, f := range ConnectionFields(c) {
		problems = append(problems, f.connectionProblems(c, values[f.Key].Reveal(), env)...)
	}
	if !slices.ContainsFunc(problems, Problem.blocking) {
		problems = append(problems, expandedProblems(c, values, env)...)
	}
	return problems
}

func (f Field) connectionProblems(c Content, value string, env Env) []Problem {
	var problems []Problem
	switch {
	case value == "" && !env.Stored[f.Key]:
		problems = []Problem{f.missing()}
	case value != "":
		problems = f.credentialRule(value)
		for _, v := range variables(c) {
			if VariablePrefix+v.Name == f.Key {
				problems = append(problems, v.check(value, env)...)
			}
		}
	}
	for i := range problems {
		problems[i].Key, problems[i].Rule = f.Key, or(problems[i].Rule, f.Ref)
	}
	return problems
}

// credentialRule checks that a value can be sent in a header. It never repeats the value.
func (f Field) credentialRule(value string) []Problem {
	switch {
	case len(value) > f.Max:
		return blocks("", "This is too long.", "Copy it again.")
	case f.Key == ConnectionToken && !printable.MatchString(value):
		return blocks("", "The token contains characters that a header cannot hold.", "Copy it again.")
	case f.Key == ConnectionUsername && strings.Contains(value, ":"): // RFC 7617 §2
		return blocks("", "With Basic authentication a user name has no colon.", "Take it out.")
	case strings.ContainsFunc(value, unicode.IsControl):
		return blocks("", "This contains characters that cannot be seen.", "Type it again.")
	}
	return nil
}

// expandedProblems checks the address that the values make. Where not all variables are given, or the content
// has no valid template, nothing is said here.
func expandedProblems(c Content, values Connection, env Env) []Problem {
	all, base := variables(c), baseOf(c)
	given := values.Variables()
	if base == nil || base.misplaced(all) != "" || slices.ContainsFunc(all, func(v Variable) bool { return given[v.Name] == "" }) {
		return nil
	}
	var problems []Problem
	expanded, wrong := base.expand(given)
	switch {
	case wrong != nil:
		problems = blocks("L-084", wrong.why, "Correct the value.")
		problems[0].Key = wrong.key(base)
	case base[0].variable == "": // a whole address has been checked as a value
		problems = webAddress("L-084")(expanded, env)
	}
	for i := range problems {
		problems[i].Key = or(problems[i].Key, misfit{}.key(base))
	}
	return problems
}

// Reenter returns the keys of the stored secrets that must not be kept when a content and its connection change
// from was to is: they would be sent to an address that their owner has not given them for (H-21).
func Reenter(was, is Content, wasValues, isValues Connection) []string {
	var keys []string
	if moved(destination(baseOf(was), wasValues), destination(baseOf(is), isValues)) {
		keys = append(keys, ConnectionToken, ConnectionUsername, ConnectionPassword)
	}
	if moved(destination(tokenEndpoint(was), wasValues), destination(tokenEndpoint(is), isValues)) {
		keys = append(keys, "scim.auth.clientSecret")
	}
	return keys
}

// moved lets a first address be given after the secret, and nothing else.
func moved(was, is string) bool { return was != "" && was != is }

// destination spells out an address with the values in it, valid or not; only equality matters.
func destination(t template, values Connection) string {
	given := values.Variables()
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.literal)
		if p.variable != "" {
			fmt.Fprintf(&b, "{%q}", given[p.variable])
		}
	}
	return b.String()
}

func tokenEndpoint(c Content) template {
	text := c.Text("scim.auth.tokenUrl")
	t, err := parseTemplate(text)
	if err != nil {
		return template{{literal: text}}
	}
	return t
}
