package battery

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const schemaListed = "contract.schema"

var schemaChecks = []Check{
	{
		ID: schemaListed, Title: "The schema of users is listed: every attribute with a name and a known type", Contracts: []string{userSchema},
		Needs: []string{"contract.connect"}, Severity: report.Network, Plan: []string{"C9289", "C9344", "C9390"},
		Why:   "Customers map what the schema lists; what it does not list cannot be mapped.",
		Fix:   "List every attribute once, with name, propertyType and, where that is not its name, externalName; userName among them.",
		judge: (*run).judgeSchema,
	},
	{
		ID: "contract.schema.values", Title: "Listed values belong to attributes of the schema, each once", Contracts: []string{userSchema, userValues},
		Needs: []string{schemaListed}, Severity: report.Network, Plan: []string{"C9391"},
		Why: "Customers choose from them, and a choice that belongs nowhere is lost.",
		Fix: "Let schemaPropertyName be the name of a property that List User Schema lists.",
		judge: func(r *run) finding {
			values, err := r.Target.(Schemas).Values(r.ctx)
			if err != nil {
				return r.trouble("Listing the values of attributes", err)
			}
			s := r.knownSchema()
			return judgeValues(s.properties, values)
		},
	},
	{
		ID: "contract.schema.conforms", Title: "Every member of a user is in the schema, and of its type", Contracts: []string{userSchema, listUsers, getUser},
		Needs: []string{schemaListed}, Severity: report.Network, Plan: []string{"C9392", "C9393"},
		Why:   "What comes unannounced cannot be mapped; what comes in another type breaks the mapping.",
		Fix:   "List what users show, or do not show it; and let types agree.",
		judge: (*run).judgeConforms,
	},
}

func (r *run) judgeSchema() finding {
	properties, err := r.Target.(Schemas).Properties(r.ctx)
	if err != nil {
		return r.trouble("Listing the schema of users", err)
	}
	if f := judgeProperties(properties); f.outcome != report.Pass {
		return f
	}
	if !slices.ContainsFunc(properties, func(p target.Property) bool { return strings.EqualFold(place(p), "userName") }) {
		return fails("No attribute of the schema is userName: none has that name or externalName.")
	}
	return passed("%d attributes.", len(properties))
}

func judgeProperties(properties []target.Property) finding {
	if len(properties) == 0 {
		return fails("The schema is empty.")
	}
	seen := map[string]bool{}
	for _, p := range properties {
		switch {
		case p.Name == "":
			return fails("An attribute has no name.")
		case seen[p.Name]:
			return fails("%s is listed twice.", p.Name)
		case kinds[p.Type] == "":
			return fails("The type of %s is %q, which is none of %s.", p.Name, p.Type, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		}
		seen[p.Name] = true
	}
	return passes()
}

func judgeValues(properties []target.Property, values []target.Value) finding {
	seen := map[target.Value]bool{}
	for _, v := range values {
		one := target.Value{Property: v.Property, ID: v.ID}
		switch {
		case v.ID == "":
			return fails("A value of %s has no id.", v.Property)
		case !slices.ContainsFunc(properties, func(p target.Property) bool { return p.Name == v.Property }):
			return fails("The value %q belongs to %q, which the schema does not list.", v.ID, v.Property)
		case seen[one]:
			return fails("The value %q of %s is listed twice.", v.ID, v.Property)
		}
		seen[one] = true
	}
	return passed("%d values.", len(values))
}

// judgeConforms looks at the first page of users and at the run's own.
func (r *run) judgeConforms() finding {
	s := r.knownSchema()
	if s == nil {
		return blocked(schemaListed)
	}
	list, err := r.accounts().Users(r.ctx, target.Page{Limit: wholePage})
	if err != nil {
		return r.trouble("Listing users", err)
	}
	looked := list.Resources
	for _, own := range []*account{r.ada, r.bea} {
		if own == nil {
			continue
		}
		user, err := r.accounts().User(r.ctx, own.id)
		if err != nil {
			return r.trouble("Reading a user by id", err)
		}
		if wrong := s.lacking(user); wrong != "" {
			return fails("The user %q %s.", user.ID(), wrong)
		}
		looked = append(looked, user)
	}
	for _, user := range looked {
		if wrong := s.unfit(user); wrong != "" {
			return fails("The user %q %s.", user.ID(), wrong)
		}
	}
	if len(looked) == 0 {
		return aside("There is no user to look at.")
	}
	return passed("%d users.", len(looked))
}

// lacking names a required attribute that a user does not show. Others than the run's own may be older than the requirement.
func (s *schema) lacking(user scim.Resource) string {
	shown := leavesOf(user)
	for _, p := range s.properties {
		at := place(p)
		if p.Required && !slices.ContainsFunc(shown, func(l leaf) bool {
			return strings.EqualFold(l.path, at) || len(l.path) > len(at) && strings.EqualFold(l.path[:len(at)+1], at+".")
		}) {
			return fmt.Sprintf("shows no %s, which the schema marks as required", at)
		}
	}
	return ""
}

// leaf is a value of a user that has no parts.
type leaf struct {
	path  string // without regard to which element of a list it is in
	value any
}

func (l leaf) text() string { text, _ := l.value.(string); return text }

func leavesOf(user scim.Resource) []leaf {
	var all []leaf
	var walk func(path, separator string, v any)
	walk = func(path, separator string, v any) {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(path+separator+name, ".", v[name])
			}
		case []any:
			for _, item := range v {
				walk(path, separator, item)
			}
		default:
			if v != "" {
				all = append(all, leaf{path, v})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(user)) {
		separator := "."
		if strings.Contains(name, ":") { // an extension
			separator = ":"
		}
		walk(name, separator, user[name])
	}
	return all
}

// envelope is what every user may show without its being listed.
var envelope = []string{"schemas", "id", "meta", "groups", "active"}

// qualifiers say what an element of a list is, and are no attributes of their own.
var qualifiers = []string{"type", "primary", "display", "$ref"}

// unfit says what of a user is not as the schema says; "" where all is. It repeats no value: users may be anybody.
func (s *schema) unfit(user scim.Resource) string {
	all := leavesOf(user)
	known := map[string]bool{}
	for _, l := range all {
		if p, is := s.covering(l.path); is {
			known[l.text()] = true
			if wrong := s.mistyped(p, l, user); wrong != "" {
				return wrong
			}
		}
	}
	for _, l := range all {
		_, rest := split(l.path)
		name, sub, _ := strings.Cut(rest, ".")
		_, is := s.covering(l.path)
		// A value that repeats a listed one is no attribute that anybody could map: an address that is the user name.
		if is || slices.Contains(envelope, name) || slices.Contains(qualifiers, sub) || l.text() != "" && known[l.text()] {
			continue
		}
		return fmt.Sprintf("shows %s, which the schema does not list", l.path)
	}
	return ""
}

// mistyped says that a value is of another type than its property, or none of its values.
func (s *schema) mistyped(p target.Property, l leaf, user scim.Resource) string {
	at := place(p)
	if !strings.EqualFold(at, l.path) { // a part of what is listed as a whole
		if kinds[p.Type] == "list" && user.Get(at) != nil {
			if _, list := user.Get(at).([]any); !list {
				return fmt.Sprintf("shows %s, which is no list, and the schema says ARRAY", at)
			}
		}
		return ""
	}
	if !fits(p.Type, l.value) {
		return fmt.Sprintf("shows %s with a value that is no %s", l.path, p.Type)
	}
	options := s.options(p)
	if text, is := l.value.(string); is && len(options) > 0 && p.Raw["canonicalValues"] == nil && !slices.Contains(options, text) {
		return fmt.Sprintf("shows %s with a value that is none of those listed for it", l.path)
	}
	return ""
}

func fits(typ string, v any) bool {
	switch v := v.(type) {
	case string:
		return kinds[typ] == "text" || kinds[typ] == "list" || typ == "BOOLEAN" && (strings.EqualFold(v, "true") || strings.EqualFold(v, "false"))
	case bool:
		return typ == "BOOLEAN" || kinds[typ] == "list"
	case float64:
		return typ == "NUMBER" || typ == "INTEGER" && v == math.Trunc(v) || kinds[typ] == "list"
	}
	return true
}
