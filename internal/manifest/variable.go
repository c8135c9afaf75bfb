package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Types of a variable.
const (
	VariableString = "string"
	VariableURL    = "url"
	VariableHTTPS  = "https_url"
)

// Variable is a value that every customer enters when installing.
type Variable struct {
	Label string
	Name  string // stands in an address as ${app.name}
	Help  string
	Type  string // VariableString, VariableURL or VariableHTTPS
}

// Reference is how the variable is written in a template.
func (v Variable) Reference() string { return "${app." + v.Name + "}" }

// whole reports whether the variable holds a whole address.
func (v Variable) whole() bool { return v.Type == VariableURL || v.Type == VariableHTTPS }

// variables returns the rows of the table that are not blank, valid or not; none unless addresses vary per tenant.
func variables(c Content) []Variable {
	if !c.Yes("scim.perTenant") {
		return nil
	}
	var all []Variable
	for _, row := range c.Rows("scim.variables") {
		if !blank(row) {
			all = append(all, Variable{row["label"], row["name"], row["help"], row["type"]})
		}
	}
	return all
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// reservedNames are names that the form of an installation uses for its own fields.
var reservedNames = []string{
	"access_token", "app", "client_id", "client_secret", "id", "label", "org", "password", "refresh_token",
	"scim_base_url", "scim_token", "token", "user", "username",
}

// variableName is the part of L-083 that looks at one name.
func variableName(v string, _ Env) []Problem {
	switch {
	case !nameForm.MatchString(v):
		return blocks("L-083", fmt.Sprintf("%q is not a variable's name.", cut(v)), "Use small letters, digits and _, and begin with a letter.")
	case slices.Contains(reservedNames, v):
		return blocks("L-083", fmt.Sprintf("The name %q is reserved.", v), "Choose another one.")
	}
	return nil
}

// distinctVariables is the part of L-083 that looks at all rows: no label and no name twice.
func distinctVariables(f Field, c Content, _ Env) []Problem {
	var problems []Problem
	seen := map[string]bool{}
	for i, row := range c.Rows(f.Key) {
		for _, column := range []string{"label", "name"} {
			cell := column + " " + strings.ToLower(row[column])
			if row[column] != "" && seen[cell] {
				p := blocks("L-083", fmt.Sprintf("Two variables have the %s %q.", column, cut(row[column])), "Change one of the two.")
				p[0].Key = fmt.Sprintf("%s.%d.%s", f.Key, i, column)
				problems = append(problems, p...)
			}
			seen[cell] = true
		}
	}
	return problems
}

// usedVariables is the last part of L-083.
func usedVariables(f Field, c Content, _ Env) []Problem {
	var problems []Problem
	used := usedIn(c)
	for i, row := range c.Rows(f.Key) {
		if row["name"] != "" && !used[row["name"]] {
			p := warns("L-083", fmt.Sprintf("The variable %q is not used in any address.", cut(or(row["label"], row["name"]))),
				fmt.Sprintf("Insert ${app.%s} where it belongs, or remove the variable.", cut(row["name"])))
			p[0].Key = fmt.Sprintf("%s.%d.name", f.Key, i)
			problems = append(problems, p...)
		}
	}
	return problems
}

// usedIn returns the names of the variables that the addresses of a content refer to.
func usedIn(c Content) map[string]bool {
	used := map[string]bool{}
	for _, key := range []string{"scim.baseUrlTemplate", "scim.auth.authorizeUrl", "scim.auth.tokenUrl"} {
		t, err := parseTemplate(c.Text(key))
		if err != nil {
			continue
		}
		for _, p := range t {
			if p.variable != "" {
				used[p.variable] = true
			}
		}
	}
	return used
}

// nameVariables gives each row without a name one that is made from its label (S-07b).
func nameVariables(c Content) Content {
	rows, taken := c.Rows("scim.variables"), map[string]bool{}
	for _, row := range rows {
		taken[row["name"]] = true
	}
	for _, row := range rows {
		if row["label"] != "" && row["name"] == "" {
			row["name"] = freeName(plainVariableName(row["label"]), taken)
			taken[row["name"]] = true
		}
	}
	return c.With("scim.variables", rows)
}

// regrow takes back a name that was made while its label was still being typed, so that it is made anew. A name
// that an address refers to stays, and so does one that its label did not grow out of.
func regrow(c Content) Content {
	rows, used := c.Rows("scim.variables"), usedIn(c)
	for _, row := range rows {
		if strings.HasPrefix(plainVariableName(row["label"]), row["name"]) && !used[row["name"]] {
			delete(row, "name")
		}
	}
	return c.With("scim.variables", rows)
}

// freeName appends to a name that is reserved or taken until it is neither.
func freeName(name string, taken map[string]bool) string {
	if slices.Contains(reservedNames, name) {
		name += "_value"
	}
	free := name
	for i := 2; taken[free]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	return free
}

// plainVariableName spells a label in small ASCII letters, digits and single underscores: "2nd Domäne" becomes
// "v_2nd_domane". A label without any such letter becomes "variable".
func plainVariableName(label string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(label)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	name := strings.Trim(b.String(), "_")
	switch {
	case name == "":
		return "variable"
	case name[0] <= '9':
		name = "v_" + name
	}
	return strings.TrimRight(name[:min(len(name), 56)], "_") // leaves room for what freeName appends
}

// check reports what is wrong with a value that a customer has entered, by the variable's type alone. Where
// in an address the value will stand is looked at when the template is expanded.
func (v Variable) check(value string, env Env) []Problem {
	if !v.whole() {
		return nil
	}
	if v.Type == VariableHTTPS {
		env.AllowHTTP = false
	}
	problems := webAddress("S-07d")(value, env)
	if strings.ContainsAny(value, "?#") {
		problems = append(problems, blocks("S-07d", "The address must have no ? and no #.", "End it with the path.")...)
	}
	return problems
}
