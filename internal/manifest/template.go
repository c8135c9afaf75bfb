package manifest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// template is an address in which variables stand: a list of literals and references.
type template []part

// part is a literal, or the name of a variable.
type part struct{ literal, variable string }

// zone is the piece of an address that a part stands in. Only literals lead from one zone to the next; what a
// customer enters never does, so a value cannot change the host that a vendor has written.
type zone int

const (
	zoneStart zone = iota // nothing has been written yet
	zoneScheme
	zoneHost
	zonePort
	zonePath
	zoneQuery
)

var reference = regexp.MustCompile(`^\$\{app\.([a-z][a-z0-9_]*)\}`)

// parseTemplate splits an address at its references. The error is a sentence for its author.
func parseTemplate(v string) (template, error) {
	var t template
	for v != "" {
		start := strings.Index(v, "${")
		if start < 0 {
			return append(t, part{literal: v}), nil
		}
		if start > 0 {
			t = append(t, part{literal: v[:start]})
		}
		match := reference.FindStringSubmatch(v[start:])
		if match == nil {
			return nil, fmt.Errorf("%q is no reference to a variable", cut(v[start:]))
		}
		t = append(t, part{variable: match[1]})
		v = v[start+len(match[0]):]
	}
	return t, nil
}

// zones returns the zone in which each part begins.
func (t template) zones() []zone {
	zones := make([]zone, len(t))
	before := ""
	for i, p := range t {
		zones[i] = zoneAfter(before)
		switch {
		case p.variable == "":
			before += p.literal
		case before == "":
			before = "https://whole.example/" // a variable that begins an address is a whole address
		default:
			before += "x"
		}
	}
	return zones
}

func zoneAfter(before string) zone {
	_, rest, absolute := strings.Cut(before, "://")
	switch {
	case before == "":
		return zoneStart
	case !absolute:
		return zoneScheme
	case strings.ContainsAny(rest, "?#"):
		return zoneQuery
	case strings.Contains(rest, "/"):
		return zonePath
	case strings.HasSuffix(rest, ":"):
		return zonePort
	default:
		return zoneHost
	}
}

// misplaced returns what is wrong with where the variables stand, as a sentence; "" if nothing is.
func (t template) misplaced(variables []Variable) string {
	zones := t.zones()
	for i, p := range t {
		if p.variable == "" {
			if strings.ContainsFunc(p.literal, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\\' }) {
				return "The address contains blanks or backslashes."
			}
			continue
		}
		at := slices.IndexFunc(variables, func(v Variable) bool { return v.Name == p.variable })
		if at < 0 {
			return fmt.Sprintf("There is no variable named %q.", cut(p.variable))
		}
		if why := t.misplacedAt(i, zones[i], variables[at]); why != "" {
			return why
		}
	}
	return ""
}

func (t template) misplacedAt(i int, z zone, v Variable) string {
	next := t.follows(i)
	switch {
	case v.whole() && z != zoneStart:
		return fmt.Sprintf("%s holds a whole address, so it can only stand at the beginning.", v.Reference())
	case v.whole() && next != "" && next[0] != '/':
		return fmt.Sprintf("After %s only a path can follow, beginning with /.", v.Reference())
	case !v.whole() && (z == zoneStart || z == zoneScheme):
		return fmt.Sprintf("The address must begin with https://, or %s must be of the type HTTPS URL.", v.Reference())
	case z == zoneHost && (next == "" || strings.ContainsAny(next[:1], "/:?#")) && !t.beginsLabel(i):
		// https://acme.example${app.x} would let a customer's value turn acme.example into another domain.
		return fmt.Sprintf("%s decides how the host's name ends. Put a dot before it, or end the name with your own domain.", v.Reference())
	}
	return ""
}

// follows returns the literal after part i, "" at the end. Another variable counts as a letter.
func (t template) follows(i int) string {
	switch {
	case i+1 == len(t):
		return ""
	case t[i+1].variable != "":
		return "x"
	default:
		return t[i+1].literal
	}
}

// beginsLabel reports whether part i stands at the beginning of one of the host's labels.
func (t template) beginsLabel(i int) bool {
	before := t[i-1].literal // a variable before it is not at a beginning: its literal is empty
	return strings.HasSuffix(before, ".") || strings.HasSuffix(before, "/")
}

var hostValue = regexp.MustCompile(`(?i)^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// expand puts the values into the template. A text is escaped for the place where it stands, and refused where
// no escape exists, so that no value can lead to a host, a port or a folder that the template does not name.
// That the variables stand where they may is misplaced's to say; their types are for Variable.check.
func (t template) expand(values map[string]string) (string, *misfit) {
	var b strings.Builder
	zones := t.zones()
	for i, p := range t {
		if p.variable == "" {
			b.WriteString(p.literal)
			continue
		}
		text, why := insert(zones[i], values[p.variable])
		if why != "" {
			return "", &misfit{variable: p.variable, why: why}
		}
		b.WriteString(text)
	}
	if why := leadsElsewhere(b.String()); why != "" {
		return "", &misfit{why: why}
	}
	return b.String(), nil
}

// misfit says which value cannot stand in an address, and why; variable is "" where it is the address as a whole.
type misfit struct{ variable, why string }

// key names the field at which the misfit is shown: the value's own, or the first variable of the address.
func (m misfit) key(base template) string {
	if m.variable != "" {
		return VariablePrefix + m.variable
	}
	for _, p := range base {
		if p.variable != "" {
			return VariablePrefix + p.variable
		}
	}
	return "scim.baseUrl"
}

// insert returns the value as it stands in the zone, or why it cannot stand there.
func insert(z zone, value string) (text, why string) {
	switch port, err := strconv.ParseUint(value, 10, 16); {
	case value == "":
		return "", "A value is missing."
	case z == zoneStart:
		return strings.TrimRight(value, "/"), "" // a path follows
	case z == zoneHost && !hostValue.MatchString(value):
		return "", "This stands in a host's name: only letters, digits, dots and hyphens are allowed."
	case z == zonePort && (err != nil || port == 0):
		return "", "This stands for a port: only a number from 1 to 65535 is allowed."
	case z == zonePath:
		return url.PathEscape(value), ""
	case z == zoneQuery:
		return url.QueryEscape(value), ""
	}
	return value, ""
}

// leadsElsewhere says why an expanded text is no address, or has a folder that leads upwards; "" if it is sound.
func leadsElsewhere(expanded string) string {
	u, problems := parseAddress("L-084", expanded)
	if problems != nil {
		return problems[0].Message
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return "The address contains a folder named . or .. and would lead elsewhere."
		}
	}
	return ""
}

// Preview is what a field with variables in it becomes with sample values; "" for other fields, and while it cannot
// be expanded.
func (f Field) Preview(c Content) string {
	t, err := parseTemplate(c.Text(f.Key))
	if all := variables(c); f.Type == TypeTemplate && err == nil && t.varied() && t.misplaced(all) == "" {
		expanded, _ := t.expand(t.samples(all))
		return expanded
	}
	return ""
}

// varied reports whether a variable stands in the template.
func (t template) varied() bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.variable != "" })
}

// samples returns a harmless value for each variable, to see what the template would make of it.
func (t template) samples(variables []Variable) map[string]string {
	values, zones := map[string]string{}, t.zones()
	for _, v := range variables {
		values[v.Name] = "sample"
		if v.whole() {
			values[v.Name] = "https://sample.example"
		}
	}
	for i, p := range t {
		switch {
		case zones[i] == zonePort && p.variable != "":
			values[p.variable] = "443"
		case zones[i] == zoneHost && p.variable != "" && !strings.HasPrefix(t.follows(i), "."):
			values[p.variable] = "sample.example"
		}
	}
	return values
}
