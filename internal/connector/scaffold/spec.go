package scaffold

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v4"

	"slipway/internal/fault"
)

// MaxDocument is the size of an OpenAPI document, in bytes.
const MaxDocument = 5 << 20

// limits of a document.
const (
	maxSpec  = MaxDocument
	maxNodes = 250_000
	maxChain = 40 // references that lead to references
	maxNest  = 200
)

// spec is an OpenAPI document.
type spec struct {
	*openapi3.T
	operations []*operation
}

// operation is one request that an API knows.
type operation struct {
	*openapi3.Operation
	method, path string
	params       []*openapi3.Parameter // of the path and of the operation
	taken        bool                  // a contract or the ping is made of it
}

// readSpec reads a document. It follows references within the document only: nothing is opened and nobody is asked.
func readSpec(text []byte) (s *spec, err error) {
	if len(text) > maxSpec {
		return nil, fault.Newf(fault.TooLarge, "The OpenAPI document has more than %d MB. Cut it down to the operations that matter.", maxSpec>>20)
	}
	if err := measure(text); err != nil {
		return nil, err
	}
	defer func() { // whatever a strange document does to the reader, it is the document's fault
		if r := recover(); r != nil {
			s, err = nil, fault.Wrap(fmt.Errorf("read an OpenAPI document: %v", r), fault.Invalid, "The OpenAPI document cannot be read.")
		}
	}()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if outside, is := errors.AsType[*openapi3.DisallowedExternalRefError](err); is {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The OpenAPI document refers to another document, %q, which is not opened. Bundle it into one document first.", line(outside.Ref, 100)))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("It is no OpenAPI document that can be read: %s.", strings.TrimSuffix(line(err.Error(), 300), ".")))
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.") {
		return nil, fault.New(fault.Invalid, "The document is not OpenAPI 3.0 or 3.1. Convert it first.")
	}
	s = &spec{T: doc}
	s.collect()
	return s, nil
}

// measure refuses a document that would take the reader long: too many values, too deep, references that lead to
// references without end.
func measure(text []byte) error {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("The OpenAPI document is neither YAML nor JSON: %s.", strings.TrimSuffix(line(err.Error(), 300), ".")))
	}
	if err := versionOf(&root); err != nil {
		return err
	}
	m := &measurer{refs: map[string]string{}}
	if err := m.walk(&root, "#", 0); err != nil {
		return err
	}
	for from := range m.refs {
		at := from
		for n := 0; at != ""; n++ {
			if n > maxChain {
				return fault.Newf(fault.Invalid, "In the OpenAPI document more than %d references lead to each other, beginning at %q.", maxChain, line(from, 100))
			}
			at = m.refs[at]
		}
	}
	return nil
}

// versionOf refuses a document of another version than those that are read. One without a version is the reader's to refuse.
func versionOf(root *yaml.Node) error {
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	members := root.Content[0].Content
	for i := 0; i+1 < len(members); i += 2 {
		name, said := members[i].Value, members[i+1]
		switch {
		case name != "openapi" && name != "swagger":
		case name == "swagger", !strings.HasPrefix(said.Value, "3."):
			return fault.Newf(fault.Invalid, "The document says %s: %s. OpenAPI 3.0 and 3.1 are read. Convert it first.", name, line(said.Value, 20))
		case said.Tag != "!!str":
			return fault.Newf(fault.Invalid, "The document says openapi: %s, which is a number. Write the version out, such as 3.0.3 or \"3.1\".", line(said.Value, 20))
		}
	}
	return nil
}

type measurer struct {
	nodes int
	refs  map[string]string // from where, to where
}

func (m *measurer) walk(n *yaml.Node, path string, depth int) error {
	if m.nodes++; m.nodes > maxNodes {
		return fault.Newf(fault.TooLarge, "The OpenAPI document has more than %d values. Cut it down to the operations that matter.", maxNodes)
	}
	if depth > maxNest {
		return fault.Newf(fault.Invalid, "In the OpenAPI document more than %d lists and objects lie in each other.", maxNest)
	}
	if n.Kind == yaml.AliasNode {
		return fault.New(fault.Invalid, "The OpenAPI document uses YAML anchors, which are not followed. Write the values out, or use $ref.")
	}
	for i, inner := range n.Content {
		at := path
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			name := n.Content[i-1].Value
			if name == "$ref" && inner.Kind == yaml.ScalarNode {
				m.refs[path] = inner.Value
			}
			if depth < 6 { // deeper ones are not what references lead to
				at = path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			}
		}
		if err := m.walk(inner, at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// methods in the order in which operations of one path are shown.
var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

func (s *spec) collect() {
	if s.Paths == nil {
		return
	}
	all := s.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(all)) {
		item := all[path]
		if item == nil || !strings.HasPrefix(path, "/") || !printable(path) {
			continue
		}
		for _, method := range methods {
			if op := item.GetOperation(method); op != nil {
				s.operations = append(s.operations, &operation{Operation: op, method: method, path: path, params: parameters(item.Parameters, op.Parameters)})
			}
		}
	}
}

// parameters are those of a path and of an operation, whose own replace the path's.
func parameters(shared, own openapi3.Parameters) []*openapi3.Parameter {
	var all []*openapi3.Parameter
	for _, ref := range slices.Concat(shared, own) {
		if ref == nil || ref.Value == nil || ref.Value.Name == "" {
			continue
		}
		p := ref.Value
		all = slices.DeleteFunc(all, func(have *openapi3.Parameter) bool { return have.Name == p.Name && have.In == p.In })
		all = append(all, p)
	}
	return all
}

// ignored are headers that are no parameters (OpenAPI 3.1 §4.8.12.2), and those that the engine sets.
var ignored = []string{"accept", "contenttype", "authorization", "host", "connection", "contentlength", "transferencoding", "te", "trailer", "upgrade", "keepalive", "proxyconnection", "proxyauthorization"}

// demands are parameters that have to be given besides those of the path.
func (o *operation) demands() []*openapi3.Parameter {
	return slices.DeleteFunc(slices.Clone(o.params), func(p *openapi3.Parameter) bool {
		return !p.Required || p.In == "path" || p.In == "header" && slices.Contains(ignored, plain(p.Name))
	})
}

// query finds a parameter of the query by its names, the first name first.
func (o *operation) query(names ...string) *openapi3.Parameter {
	for _, name := range names {
		for _, p := range o.params {
			if p.In == "query" && plain(p.Name) == name && nameable(p.Name) {
				return p
			}
		}
	}
	return nil
}

// open reports whether an operation says that it needs no credentials.
func (o *operation) open() bool { return o.Security != nil && len(*o.Security) == 0 }

// content is the schema of a body, and its media type: that of JSON where there is one.
func content(c openapi3.Content) (*openapi3.Schema, string) {
	names := slices.Sorted(maps.Keys(c))
	rank := func(name string) int {
		switch name, _, _ = strings.Cut(strings.ToLower(name), ";"); {
		case name == "application/json":
			return 0
		case strings.HasSuffix(name, "json"):
			return 1
		case name == "application/x-www-form-urlencoded":
			return 2
		case name == "multipart/form-data":
			return 3
		}
		return 4
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	if len(names) == 0 {
		return nil, ""
	}
	form := []string{"json", "json", "form", "multipart", "text"}[rank(names[0])]
	if media := c[names[0]]; media != nil && media.Schema != nil {
		return media.Schema.Value, form
	}
	return nil, form
}

// body is the schema of what an operation takes, and the form in which it is sent, "" for none.
func (o *operation) body() (*openapi3.Schema, string) {
	if o.RequestBody == nil || o.RequestBody.Value == nil || o.method == "GET" {
		return nil, ""
	}
	return content(o.RequestBody.Value.Content)
}

// answer is the schema of what an operation gives when it went well.
func (o *operation) answer() (*openapi3.Schema, string) {
	if o.Responses == nil {
		return nil, ""
	}
	all := o.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(all)) {
		if ref := all[status]; strings.HasPrefix(status, "2") && ref != nil && ref.Value != nil && len(ref.Value.Content) > 0 {
			return content(ref.Value.Content)
		}
	}
	return nil, ""
}

// typeOf is the JSON type of a schema: the first that is not null.
func typeOf(s *openapi3.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Type != nil:
		for _, t := range s.Type.Slice() {
			if t != "null" {
				return t
			}
		}
	}
	switch {
	case len(s.Properties) > 0 || len(s.AllOf) > 0:
		return "object"
	case s.Items != nil:
		return "array"
	case len(s.Enum) > 0:
		if _, is := s.Enum[0].(string); is {
			return "string"
		}
	}
	return ""
}

// property is one member of an object.
type property struct {
	name     string
	schema   *openapi3.Schema
	required bool
}

// maxProperties is how many members of one object are looked at.
const maxProperties = 300

// properties are the members of an object, those of its parts among them, by name.
func properties(s *openapi3.Schema) []property {
	found, required := map[string]*openapi3.Schema{}, map[string]bool{}
	gather(s, found, required, map[*openapi3.Schema]bool{}, 0)
	var all []property
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if nameable(name) && len(all) < maxProperties {
			all = append(all, property{name, found[name], required[name]})
		}
	}
	return all
}

func gather(s *openapi3.Schema, found map[string]*openapi3.Schema, required map[string]bool, seen map[*openapi3.Schema]bool, depth int) {
	if s == nil || seen[s] || depth > 8 || len(found) > maxProperties {
		return
	}
	seen[s] = true
	for name, ref := range s.Properties {
		if ref != nil && ref.Value != nil {
			found[name] = ref.Value
		}
	}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, part := range s.AllOf {
		if part != nil {
			gather(part.Value, found, required, seen, depth+1)
		}
	}
	for _, either := range [][]*openapi3.SchemaRef{s.OneOf, s.AnyOf} {
		for _, part := range either { // the first that is an object speaks for all
			if part != nil && typeOf(part.Value) == "object" && len(s.Properties) == 0 {
				gather(part.Value, found, required, seen, depth+1)
				break
			}
		}
	}
}

// named finds a member by its names, the first name first.
func named(all []property, names ...string) *property {
	for _, name := range names {
		if i := slices.IndexFunc(all, func(p property) bool { return plain(p.name) == name }); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

// items is the schema of what a list holds.
func items(s *openapi3.Schema) *openapi3.Schema {
	if s == nil || s.Items == nil {
		return nil
	}
	return s.Items.Value
}

// texts are the values that a text may have.
func texts(s *openapi3.Schema) []string {
	var all []string
	for _, v := range s.Enum {
		if text, is := v.(string); is && printable(text) && len(all) < 100 && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// wrapped finds the object that an answer holds: the answer itself, or what stands under a name that says no more.
func wrapped(s *openapi3.Schema, names ...string) (*openapi3.Schema, string) {
	all := properties(s)
	if named(all, "id", "uuid", "uid", "userid", "groupid", "key") != nil {
		return s, ""
	}
	for _, name := range append(names, "data", "result", "item", "resource", "attributes") {
		if p := named(all, name); p != nil && typeOf(p.schema) == "object" {
			return p.schema, p.name
		}
	}
	return s, ""
}

// listed finds the list in an answer, and the name it stands under; "" for the answer itself. ok is false where there is none.
func listed(s *openapi3.Schema, names ...string) (item *openapi3.Schema, name string, ok bool) {
	if typeOf(s) == "array" {
		return items(s), "", true
	}
	all := properties(s)
	for _, name := range append(names, "items", "data", "results", "resources", "records", "entries", "values", "list", "content") {
		if p := named(all, name); p != nil && typeOf(p.schema) == "array" {
			return items(p.schema), p.name, true
		}
	}
	for _, p := range all {
		if typeOf(p.schema) == "array" && typeOf(items(p.schema)) == "object" {
			return items(p.schema), p.name, true
		}
	}
	return nil, "", false
}
