// Package document reads what people write for connectors in YAML, and keeps where each value stands.
//
// It owns reading, the check against a JSON Schema, and the place of every value. Its one rule: a file is read once, as
// plain data; it holds no anchors, tags or duplicate keys, for they let a short file stand for an endless one, or say two
// things. What the values mean is left to its callers.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// Rules of any such file.
var (
	NotYAML       = program.Rule{Code: "SW001", Level: program.Error, Says: "The file is YAML of at most 1 MB, without anchors, tags and duplicate keys.", Fix: "Correct the file at the line that is named."}
	AgainstSchema = program.Rule{Code: "SW002", Level: program.Error, Says: "The file has the members that the schema allows, of the types that it wants.", Fix: "See the guide, or let an editor complete with the schema."}
)

// MaxBytes is the size of one file.
const MaxBytes = 1 << 20

// Document is a file that was read.
type Document struct {
	File  string
	Value any // of package value
	lines map[string]int
}

// Read reads YAML, or JSON, which is YAML too. Where it cannot, the findings say why and the document is nil.
func Read(file string, text []byte) (*Document, program.Findings) {
	var found program.Findings
	src := program.Src{File: file}
	if len(text) > MaxBytes {
		found.Add(NotYAML, src, "The file has %d bytes, more than %d.", len(text), MaxBytes)
		return nil, found
	}
	tokens := lexer.Tokenize(string(text))
	if sentence, line := tooMuch(tokens); sentence != "" {
		found.Add(NotYAML, program.Src{File: file, Line: line}, "%s", sentence)
		return nil, found
	}
	parsed, err := parser.Parse(tokens, 0)
	if err != nil {
		found.Add(NotYAML, program.Src{File: file, Line: lineOf(err)}, "%s", sentenceOf(err))
		return nil, found
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		found.Add(NotYAML, src, "The file holds %d documents, and must hold one.", len(parsed.Docs))
		return nil, found
	}
	r := &reader{file: file, lines: map[string]int{}}
	v := r.read(parsed.Docs[0].Body, "", 0)
	if len(r.findings) > 0 {
		return nil, r.findings
	}
	return &Document{File: file, Value: v, lines: r.lines}, nil
}

var tooManyLevels = fmt.Sprintf("More than %d lists and objects lie in each other.", value.MaxDepth)

// maxMembers is how many members one object may have.
const maxMembers = 4_000

// tooMuch says what of a file is too deep or too wide, and in which line; "" where nothing is. The parser's time and memory
// grow with the square of both: 200 kB of brackets would take tens of gigabytes. How deep lines are indented is no such
// danger, for it takes as many blanks.
func tooMuch(tokens token.Tokens) (sentence string, line int) {
	var flow []int         // members of the objects in brackets that are open, 0 for a list
	block := map[int]int{} // members of the object that is indented so far
	dashes := 0            // of this line
	for i, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		members := 0
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow = append(flow, 0)
		case token.SequenceEndType, token.MappingEndType:
			flow = flow[:max(0, len(flow)-1)]
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
			maps.DeleteFunc(block, func(column, _ int) bool { return column > t.Position.Column })
		case token.MappingValueType:
			if len(flow) > 0 {
				flow[len(flow)-1]++
				members = flow[len(flow)-1]
			} else if i > 0 {
				at := tokens[i-1].Position.Column
				maps.DeleteFunc(block, func(column, _ int) bool { return column > at })
				block[at]++
				members = block[at]
			}
		}
		switch {
		case max(len(flow), dashes) > value.MaxDepth:
			return tooManyLevels, line
		case members > maxMembers:
			return fmt.Sprintf("An object has more than %d members.", maxMembers), line
		}
	}
	return "", 0
}

func lineOf(err error) int {
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok && syntax.GetToken() != nil {
		return syntax.GetToken().Position.Line
	}
	return 0
}

func sentenceOf(err error) string {
	text := err.Error()
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		text = syntax.GetMessage()
	}
	text, _, _ = strings.Cut(text, "\n")
	return "It is no YAML: " + strings.TrimSuffix(text, ".") + "."
}

// Src is where the value at a path stands: that of the nearest one above it where it has none of its own.
func (d *Document) Src(path string) program.Src {
	for {
		if line, ok := d.lines[path]; ok {
			return program.Src{File: d.File, Line: line}
		}
		up := strings.LastIndexByte(path, '/')
		if up < 0 {
			return program.Src{File: d.File}
		}
		path = path[:up]
	}
}

// Object notes what is wrong with the expressions below a path, each at its own place.
func (d *Document) Object(found *program.Findings, rule program.Rule, path string, err error) {
	if all, many := errors.AsType[expression.Errors](err); many {
		for _, e := range all {
			found.Add(rule, d.Src(path+e.Path), "%s", e.Sentence)
		}
	} else if e, one := errors.AsType[*expression.Error](err); one {
		found.Add(rule, d.Src(path+e.Path), "%s", e.Sentence)
	} else {
		found.Add(rule, d.Src(path), "%s", err)
	}
}

// Join is the path of a member or item.
func Join(path string, part any) string { return path + "/" + escape(fmt.Sprint(part)) }

// escape writes a name as a part of a JSON pointer (RFC 6901 §3).
func escape(part string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(part) }

// Decode fills a Go value from the document, by its json tags.
func (d *Document) Decode(into any) error { return json.Unmarshal(value.Encode(d.Value), into) }

// reader turns the syntax tree into values.
type reader struct {
	file     string
	lines    map[string]int
	findings program.Findings
}

func (r *reader) object(n ast.Node, format string, args ...any) {
	r.findings.Add(NotYAML, program.Src{File: r.file, Line: n.GetToken().Position.Line}, format, args...)
}

func (r *reader) read(n ast.Node, path string, depth int) any {
	r.lines[path] = n.GetToken().Position.Line
	if depth > value.MaxDepth {
		r.object(n, "%s", tooManyLevels)
		return nil
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		return value.Of(n.Value)
	case *ast.FloatNode:
		return n.Value
	case *ast.InfinityNode:
		return math.Inf(1)
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			list[i] = r.read(item, Join(path, i), depth+1)
		}
		return list
	case *ast.MappingNode:
		return r.members(n.Values, path, depth)
	case *ast.MappingValueNode:
		return r.members([]*ast.MappingValueNode{n}, path, depth)
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.object(n, "Anchors, aliases and tags are not used here; write the value out.")
		return nil
	}
	r.object(n, "This is no value that is used here.")
	return nil
}

func (r *reader) members(values []*ast.MappingValueNode, path string, depth int) any {
	object := make(map[string]any, len(values))
	for _, m := range values {
		name := m.Key.GetToken().Value
		if key, is := m.Key.(*ast.StringNode); is {
			name = key.Value
		}
		if m.Key.Type() == ast.MergeKeyType || m.Key.Type() == ast.TagType {
			r.object(m, "Anchors, aliases and tags are not used here; write the value out.")
			continue
		}
		if _, twice := object[name]; twice {
			r.object(m, "%q is said twice.", name)
			continue
		}
		at := Join(path, name)
		object[name] = r.read(m.Value, at, depth+1)
		r.lines[at] = m.Key.GetToken().Position.Line
	}
	return object
}

// Schema checks documents.
type Schema struct {
	schema *jsonschema.Schema
	names  []string // that members have anywhere in it
}

// MustSchema reads a schema that is part of the program.
func MustSchema(name string, text []byte) *Schema {
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic(fmt.Sprintf("read schema %s: %v", name, err))
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, read); err != nil {
		panic(fmt.Sprintf("add schema %s: %v", name, err))
	}
	return &Schema{schema: compiler.MustCompile(name), names: slices.Compact(slices.Sorted(slices.Values(membersOf(read))))}
}

// membersOf are the names of all members that a schema describes.
func membersOf(schema any) (names []string) {
	switch v := schema.(type) {
	case map[string]any:
		described, _ := v["properties"].(map[string]any)
		for name := range described {
			names = append(names, name)
		}
		for _, below := range v {
			names = append(names, membersOf(below)...)
		}
	case []any:
		for _, below := range v {
			names = append(names, membersOf(below)...)
		}
	}
	return names
}

// meant asks whether a member of another name was meant.
func (s *Schema) meant(name string) string {
	if near := expression.Nearest(name, s.names); near != "" && near != name {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "."
}

// Compile reads a schema that somebody wrote into a document. It refers to nothing outside of itself. Its error is a sentence
// without its full stop.
func Compile(raw any) (*Schema, error) {
	const name = inside + "schema.json" // an absolute address: a relative one is taken for that of a file here
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(nothing{})
	if err := compiler.AddResource(name, forSchema(raw)); err != nil {
		return nil, plainly(err)
	}
	compiled, err := compiler.Compile(name)
	if err != nil {
		return nil, plainly(err)
	}
	of := func() map[*jsonschema.Schema]bool { return map[*jsonschema.Schema]bool{} }
	if (circles{of(), of(), of()}).below(compiled) {
		return nil, errors.New("a $ref leads back to itself, so no value fits")
	}
	return &Schema{schema: compiled}, nil
}

const inside = "schema://document/"

// plainly is what is wrong with a schema on one line, without where the library keeps it.
func plainly(err error) error {
	if wrong, is := errors.AsType[*jsonschema.SchemaValidationError](err); is {
		if invalid, is := errors.AsType[*jsonschema.ValidationError](wrong.Err); is {
			return errors.New(strings.TrimSuffix(explain(leaves(invalid)[0]), "."))
		}
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(strings.TrimSuffix(strings.ReplaceAll(text, inside, ""), "."))
}

// circles looks for schemas that refer to themselves before they look at any part of the value.
type circles struct {
	seen       map[*jsonschema.Schema]bool
	open, done map[*jsonschema.Schema]bool // held against the same value: those on the way, and those that lead to no circle
}

// below reports whether there is one among a schema and all that it holds.
func (c circles) below(s *jsonschema.Schema) bool {
	if c.seen[s] {
		return false
	}
	c.seen[s] = true
	return c.from(s) || slices.ContainsFunc(slices.Concat(same(s), parts(s)), c.below)
}

func (c circles) from(s *jsonschema.Schema) bool {
	if c.open[s] || c.done[s] {
		return c.open[s]
	}
	c.open[s] = true
	found := slices.ContainsFunc(same(s), c.from)
	delete(c.open, s)
	c.done[s] = true
	return found
}

// same are the schemas that a schema holds against the same value, parts those that it holds against parts of it.
func same(s *jsonschema.Schema) []*jsonschema.Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*jsonschema.Schema{s.Ref, s.Not, s.If, s.Then, s.Else})
	return slices.DeleteFunc(all, func(s *jsonschema.Schema) bool { return s == nil })
}

func parts(s *jsonschema.Schema) []*jsonschema.Schema {
	all := slices.Concat(slices.Collect(maps.Values(s.Properties)), slices.Collect(maps.Values(s.PatternProperties)), s.PrefixItems,
		[]*jsonschema.Schema{s.Items2020, s.Contains, s.PropertyNames})
	for _, v := range []any{s.AdditionalProperties, s.Items} {
		if below, is := v.(*jsonschema.Schema); is {
			all = append(all, below)
		}
	}
	return slices.DeleteFunc(all, func(s *jsonschema.Schema) bool { return s == nil })
}

// nothing loads no other schema: neither files nor the network are read for one.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not read", url) }

// Fault says why a value does not fit the schema, "" where it does.
func (s *Schema) Fault(v any) string {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](s.schema.Validate(forSchema(v)))
	if !ok {
		return ""
	}
	return explain(leaves(invalid)[0])
}

// Check returns where the document is not as the schema wants it, one finding a place.
func (s *Schema) Check(d *Document) program.Findings {
	var found program.Findings
	err := s.schema.Validate(forSchema(d.Value))
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return nil
	}
	for _, leaf := range leaves(invalid) {
		path := ""
		for _, part := range leaf.InstanceLocation {
			path = Join(path, part)
		}
		if extra, is := leaf.ErrorKind.(*kind.AdditionalProperties); is {
			for _, name := range extra.Properties {
				found.Add(AgainstSchema, d.Src(Join(path, name)), "%q is not known here%s%s", name, under(leaf.InstanceLocation), s.meant(name))
			}
			continue
		}
		found.Add(AgainstSchema, d.Src(path), "%s", explain(leaf))
	}
	return found
}

// forSchema is v with numbers as the validator knows them.
func forSchema(v any) any {
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(value.Encode(v)))
	if err != nil { // what was encoded can be read
		return v
	}
	return read
}

func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

func under(location []string) string {
	if len(location) == 0 {
		return ""
	}
	return fmt.Sprintf(" under %s", strings.Join(location, "."))
}

func explain(e *jsonschema.ValidationError) string {
	name := "It"
	if len(e.InstanceLocation) > 0 {
		name = strings.Join(e.InstanceLocation, ".")
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return fmt.Sprintf("%s lacks %s.", name, strings.Join(k.Missing, ", "))
	case *kind.Enum:
		var words []string
		for _, want := range k.Want {
			words = append(words, fmt.Sprint(want))
		}
		return fmt.Sprintf("%s is %v, and must be one of %s.", name, k.Got, strings.Join(words, ", "))
	case *kind.Const:
		return fmt.Sprintf("%s is %v, and must be %v.", name, k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("%s is %q, which does not have the form %s.", name, k.Got, k.Want)
	case *kind.Type:
		return fmt.Sprintf("%s is a %s, and must be %s.", name, k.Got, strings.Join(k.Want, " or "))
	}
	return fmt.Sprintf("%s: %s.", name, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
}
