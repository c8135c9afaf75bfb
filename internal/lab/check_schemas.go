package lab

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// schemaChecks look closer at /Schemas, where there is one.
var schemaChecks = []Check{
	{
		ID: "discovery.schemas.get-one", Title: "A single schema is read by its URN", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §4, §3.12 table 8",
		Why:   "Clients read one schema at a time where the list is long.",
		Fix:   "Add the route /Schemas/{urn}, such as /Schemas/urn:ietf:params:scim:schemas:core:2.0:User, also with the colons escaped: the object itself, not a list; 404 for a URN that you do not have.",
		judge: (*run).judgeOneSchema,
	},
	{
		ID: "discovery.schemas.attr-complete", Title: "Each attribute of a schema is described in full", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §7",
		Why:   "Without type and multiValued nobody can map an attribute; the other characteristics then mean the RFC's defaults, which may not be yours.",
		Fix:   `Describe each attribute like {"name": "title", "type": "string", "multiValued": false, "required": false, "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none"}. One of type complex also has subAttributes.`,
		judge: (*run).judgeCharacteristics,
	},
	{
		ID: "discovery.schemas.enums", Title: "Characteristics of attributes are words of the RFC", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §7",
		Why:   "Words of your own are not understood, and some clients then refuse the whole document.",
		Fix:   `Spell them as the RFC does, such as "type": "dateTime", "mutability": "readWrite", "returned": "default", "uniqueness": "none". Case counts.`,
		judge: (*run).judgeWords,
	},
	{
		ID: "discovery.schemas.names", Title: "Attributes have names that SCIM allows, and nest one level at most", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §2.1, §2.3.8",
		Why:   "A name with a blank or a dot cannot stand in a filter or a path.",
		Fix:   "Begin a name with a letter, go on with letters, digits, - and _. An attribute inside a complex one cannot be complex itself: flatten it.",
		judge: (*run).judgeAttributeNames,
	},
	{
		ID: "discovery.schemas.reference-types", Title: "References say what they may point to", Family: discovery, Severity: report.Recommended,
		Needs: []string{root}, Reference: "RFC 7643 §2.3.7, §7",
		Why:   "Without it a client cannot tell a picture's address from a group's.",
		Fix:   `Add referenceTypes to each attribute of type reference: ["external"] for a web address, ["User", "Group"] for resources, ["uri"] for any URI.`,
		judge: (*run).judgeReferenceTypes,
	},
	{
		ID: "discovery.schemas.core-fidelity", Title: "The core schema of users is published as the RFC defines it", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7643 §3.1, §4.1",
		Why:   "Clients that map by the schema otherwise write what is read-only, and compare what ignores case by letter.",
		Fix:   "Start from the schema that the RFC prints in §8.7.1: userName required, not caseExact, unique; password writeOnly and never returned; groups readOnly.",
		judge: (*run).judgeCoreSchema,
	},
	{
		ID: "discovery.schemas.no-messages", Title: "/Schemas lists no schemas of messages", Family: discovery, Severity: report.RFC,
		Needs: []string{root}, Reference: "RFC 7644 §3.1",
		Why:   "Clients offer every schema of the list for mapping; a ListResponse is nothing to map.",
		Fix:   "Leave out every URN that has :api:messages: in it.",
		judge: (*run).judgeMessages,
	},
}

func (r *run) judgeOneSchema() Finding {
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	urn := r.schemas.list.Resources[0].ID()
	if urn == "" {
		return notApplicable("The first schema has no id, which is discovery.schemas.id-name-attrs' finding.")
	}
	a := r.send(ask{method: http.MethodGet, path: scim.Path("Schemas", urn), aside: true})
	if f, bad := a.wantOne(); bad {
		return f
	}
	if !strings.EqualFold(a.object.ID(), urn) {
		return fails("%s answered with the id %s.", a.request(), quote(excerpt(a.object.ID())))
	}
	return r.refusesUnknown("/Schemas/urn:ietf:params:scim:schemas:slipway:2.0:Unknown")
}

// published is one attribute of a published schema.
type published struct {
	schema string // URN
	path   string // within the schema, such as "name.givenName"
	about  scim.Resource
	parent scim.Resource // nil for an attribute of the first level
}

func (p published) String() string { return quote(excerpt(p.path)) + " of " + excerpt(p.schema) }

// attributes are those of every published schema, each sub-attribute after its parent. A schema without any is another
// check's finding.
func (r *run) attributes() []published {
	if r.known == nil {
		r.known = r.readAttributes()
	}
	return r.known
}

func (r *run) readAttributes() []published {
	all := []published{}
	for _, schema := range r.schemas.list.Resources {
		for _, about := range objectsOf(schema.Get("attributes")) {
			p := published{schema: schema.ID(), path: about.String("name"), about: about}
			all = append(all, p)
			for _, sub := range objectsOf(about.Get("subAttributes")) {
				all = append(all, published{schema.ID(), p.path + "." + sub.String("name"), sub, about})
			}
		}
	}
	return all
}

func objectsOf(list any) []scim.Resource {
	var objects []scim.Resource
	elements, _ := list.([]any)
	for _, element := range elements {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// blameAttribute fails with the first attribute in which wrong finds something.
func (r *run) blameAttribute(wrong func(published) string) Finding {
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	r.cite(r.schemas.answer)
	first, more := "", 0
	for _, p := range r.attributes() {
		switch text := wrong(p); {
		case text == "":
		case first == "":
			first = "The attribute " + p.String() + " " + text
		default:
			more++
		}
	}
	switch {
	case first == "":
		return passes()
	case more > 0:
		return fails("%s The same is true of %d others.", first, more)
	}
	return fails("%s", first)
}

// judgeCharacteristics fails only for what has no default (RFC 7643 §2.2): name, type, and whether there are several values.
func (r *run) judgeCharacteristics() Finding {
	silent := ""
	f := r.blameAttribute(func(p published) string {
		if p.about.String("name") == "" {
			return "has no name."
		}
		if p.about.String("type") == "" {
			return "has no type."
		}
		if _, ok := p.about.Get("multiValued").(bool); !ok {
			return "needs multiValued true or false; it is " + shownJSON(p.about.Get("multiValued")) + "."
		}
		if p.about.String("type") == "complex" && len(objectsOf(p.about.Get("subAttributes"))) == 0 {
			return "is complex and has no subAttributes."
		}
		for _, name := range applicable(p.about.String("type")) {
			if p.about.Get(name) == nil && silent == "" {
				silent = "The attribute " + p.String() + " does not say " + name + "; the RFC's default counts then (§2.2)."
			}
		}
		return ""
	})
	if f.Outcome == report.Pass && silent != "" {
		return deviates("%s", silent)
	}
	return f
}

// applicable are the characteristics that mean something for a type.
func applicable(kind string) []string {
	if kind == "string" || kind == "reference" {
		return []string{"required", "mutability", "returned", "caseExact", "uniqueness"}
	}
	return []string{"required", "mutability", "returned"}
}

var characteristicWords = map[string][]string{
	"type":       {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"},
	"mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
	"returned":   {"always", "never", "default", "request"},
	"uniqueness": {"none", "server", "global"},
}

func (r *run) judgeWords() Finding {
	return r.blameAttribute(func(p published) string {
		for _, name := range []string{"type", "mutability", "returned", "uniqueness"} {
			value := p.about.Get(name)
			if word, _ := value.(string); value != nil && value != "" && !slices.Contains(characteristicWords[name], word) {
				return "has " + name + " " + shownJSON(value) + ", which is not one of " + strings.Join(characteristicWords[name], ", ") + "."
			}
		}
		return ""
	})
}

var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9$_-]*$`)

// serviceSchemas describe the documents of discovery. The RFC's own print of them nests deeper than it allows.
var serviceSchemas = []string{scim.SchemaSPC, scim.SchemaResourceType, scim.SchemaSchema}

func (r *run) judgeAttributeNames() Finding {
	return r.blameAttribute(func(p published) string {
		if slices.ContainsFunc(serviceSchemas, func(urn string) bool { return strings.EqualFold(urn, p.schema) }) {
			return ""
		}
		name := p.about.String("name")
		if name != "" && name != "$ref" && !attributeName.MatchString(name) {
			return "has a name that SCIM does not allow: a letter, then letters, digits, - and _."
		}
		if p.parent != nil && (p.about.String("type") == "complex" || len(objectsOf(p.about.Get("subAttributes"))) > 0) {
			return "is complex, and stands inside a complex attribute."
		}
		return ""
	})
}

func (r *run) judgeReferenceTypes() Finding {
	return r.blameAttribute(func(p published) string {
		if list, _ := p.about.Get("referenceTypes").([]any); p.about.String("type") == "reference" && len(list) == 0 {
			return "is a reference and has no referenceTypes."
		}
		return ""
	})
}

// coreRules are what the RFC says in words, not what only its printed schema has.
var coreRules = []struct {
	path, name string
	allowed    []any
}{
	{"userName", "required", []any{true}},
	{"userName", "caseExact", []any{false, nil}},
	{"userName", "uniqueness", []any{"server", "global"}},
	{"password", "mutability", []any{"writeOnly"}},
	{"password", "returned", []any{"never"}},
	{"groups", "mutability", []any{"readOnly"}},
	{"id", "mutability", []any{"readOnly"}},
	{"id", "returned", []any{"always"}},
	{"id", "caseExact", []any{true}},
}

func (r *run) judgeCoreSchema() Finding {
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	r.cite(r.schemas.answer)
	if !r.publishes(scim.SchemaUser) {
		return notApplicable("/Schemas does not list %s.", scim.SchemaUser)
	}
	if r.published("userName") == nil {
		return fails("The schema %s has no userName.", scim.SchemaUser)
	}
	for _, rule := range coreRules {
		about := r.published(rule.path)
		if about != nil && !slices.Contains(rule.allowed, about.Get(rule.name)) {
			return fails("%s of %s has %s %s; the RFC has %s.", rule.path, scim.SchemaUser, rule.name, shownJSON(about.Get(rule.name)), shownJSON(rule.allowed[0]))
		}
	}
	return passes()
}

// published is what /Schemas says of an attribute of the core user, nil where it does not list it.
func (r *run) published(path string) scim.Resource {
	for _, p := range r.attributes() {
		if strings.EqualFold(p.schema, scim.SchemaUser) && strings.EqualFold(p.path, path) {
			return p.about
		}
	}
	return nil
}

func (r *run) judgeMessages() Finding {
	if len(r.schemas.list.Resources) == 0 {
		return absent(r.schemas)
	}
	r.cite(r.schemas.answer)
	for _, schema := range r.schemas.list.Resources {
		if strings.Contains(strings.ToLower(schema.ID()), ":api:messages:") {
			return fails("/Schemas lists %s, which is the schema of a message.", excerpt(schema.ID()))
		}
	}
	return passes()
}
