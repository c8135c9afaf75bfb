package scaffold

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// limits of what is written.
const (
	maxActions = 100
	maxInputs  = 40
	maxWritten = 600 << 10 // bytes of actions; a definition has 1 MB
	maxNamed   = 300       // operations that are named in a comment
)

// free is an action that fulfils no contract.
type free struct {
	object
	name     string
	required bool // it has required inputs
	reads    bool
}

// free makes an action of an operation.
func (g *guesser) free(o *operation) free {
	f := free{name: g.name(o), reads: o.method == "GET"}
	in := &inputs{keys: keys{}}
	path := o.fillPath(in)
	var query, headers object
	for _, p := range o.params {
		if !nameable(p.Name) || p.In == "header" && slices.Contains(ignored, plain(p.Name)) {
			continue
		}
		switch {
		case p.In == "query":
			if key := in.add(p.Name, schemaOf(p), p.Required, p.Description); key != "" {
				query = append(query, pair{key: p.Name, value: expr("input.%s", key)})
			}
		case p.In == "header" && p.Required && headerName.MatchString(p.Name):
			if key := in.add(p.Name, schemaOf(p), true, p.Description); key != "" {
				headers = append(headers, pair{key: p.Name, value: expr("input.%s", key)})
			}
		}
	}
	content := o.fillBody(in)
	var more []pair
	if len(query) > 0 {
		more = append(more, pair{key: "query", value: query})
	}
	if content.key == "text" {
		headers = append(headers, pair{key: "Content-Type", value: escaped(o.media())})
	}
	if len(headers) > 0 {
		more = append(more, pair{key: "headers", value: headers})
	}
	if content.key != "" {
		more = append(more, content)
	}
	f.required = in.required
	f.object = object{{key: "name", value: f.name}, {key: "description", value: o.says()}}
	if len(in.all) > 0 {
		f.object = append(f.object, pair{key: "inputs", value: in.all})
	}
	steps := list{step("answer", request(o, path, more...))}
	if o.alwaysAnswers() {
		steps = append(steps, object{{key: "if", value: expr("steps.answer.body == null")}, {key: "then", value: list{object{{key: "fail", value: inline{object{
			{key: "status", value: 502}, {key: "message", value: "The API answered with nothing."}}}}}}}})
	}
	f.object = append(f.object,
		pair{key: "outputs", value: list{inline{field("status", "Status", "number")}, inline{o.output()}}},
		pair{key: "steps", value: append(steps,
			object{{key: "return", value: inline{object{{key: "status", value: expr("steps.answer.status")}, {key: "body", value: expr("steps.answer.body")}}}}},
		), above: in.note})
	return f
}

// alwaysAnswers reports whether each success of an operation brings a list or an object, so that one without is none.
func (o *operation) alwaysAnswers() bool {
	s, _ := o.answer()
	if simple(s) {
		return false
	}
	for status, ref := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") && (ref == nil || ref.Value == nil || len(ref.Value.Content) == 0) {
			return false
		}
	}
	return true
}

// says is what an operation does.
func (o *operation) says() string {
	for _, text := range []string{o.Summary, o.Description} {
		if s := sentence(text); s != "" {
			if !strings.ContainsAny(s[len(s)-1:], ".!?…") {
				s += "."
			}
			return s
		}
	}
	return "Asks " + o.method + " " + cut(o.path, 150) + "."
}

// output is the body of the answer as a field.
func (o *operation) output() object {
	s, form := o.answer()
	switch {
	case form == "text":
		return field("body", "Body", "text")
	case typeOf(s) == "array":
		return field("body", "Body", "object", pair{key: "list", value: true})
	}
	return field("body", "Body", "object")
}

func schemaOf(p *openapi3.Parameter) *openapi3.Schema {
	if p.Schema != nil && p.Schema.Value != nil {
		return p.Schema.Value
	}
	return nil
}

// inputs of an action under way.
type inputs struct {
	keys     keys
	all      list
	note     []string
	required bool
}

// add makes an input and returns its key, "" where there are too many.
func (in *inputs) add(name string, s *openapi3.Schema, required bool, help string) string {
	if len(in.all) >= maxInputs && !required || len(in.all) >= 3*maxInputs {
		in.leave(name)
		return ""
	}
	key := in.keys.of(name)
	f := field(key, labelOf(name), "text")
	typed, isList := fieldType(s), false
	if typed == "array" {
		isList, typed = true, fieldType(items(s))
		if typed == "array" {
			typed = "object"
		}
		s = items(s)
	}
	var choices list
	if s != nil && typed == "text" {
		for _, text := range texts(s) {
			choices = append(choices, text)
		}
	}
	if len(choices) > 0 && len(choices) <= 50 && !isList {
		typed = "choice"
	}
	f[2].value = typed
	if isList {
		f = append(f, pair{key: "list", value: true})
	}
	if required {
		f = append(f, pair{key: "required", value: true})
		in.required = true
	}
	if typed == "choice" {
		f = append(f, pair{key: "choices", value: choices})
	}
	if d, ok := standard(s, typed, choices); ok && !required && !isList {
		f = append(f, pair{key: "default", value: d})
	}
	if help == "" && s != nil {
		help = s.Description
	}
	if help = sentence(help); help != "" {
		f = append(f, pair{key: "help", value: cut(help, 140)})
	}
	in.all = append(in.all, inline{f})
	return key
}

// leave notes a parameter that has no input.
func (in *inputs) leave(name string) {
	if len(in.note) == 0 {
		in.note = []string{"To decide: there is no input for"}
	}
	if len(in.note[0]) < 200 {
		in.note[0] += " " + line(name, 60)
	}
}

// fieldType is a schema's type as fields have it.
func fieldType(s *openapi3.Schema) string {
	switch typeOf(s) {
	case "integer", "number":
		return "number"
	case "boolean":
		return "boolean"
	case "array":
		return "array"
	case "object":
		return "object"
	}
	if s != nil {
		switch s.Format {
		case "date-time":
			return "date"
		case "password":
			return "secret"
		case "binary":
			return "file"
		}
	}
	return "text"
}

// standard is a default that is of the field's type.
func standard(s *openapi3.Schema, typ string, choices list) (any, bool) {
	if s == nil {
		return nil, false
	}
	switch d := s.Default.(type) {
	case string:
		return d, typ == "text" && printable(d) && len(d) <= 30 || typ == "choice" && slices.Contains(choices, any(d))
	case float64:
		return d, typ == "number" && math.Abs(d) < 1e15
	case bool:
		return d, typ == "boolean"
	}
	return nil, false
}

// fillPath is the path with an input for each of its parameters, whether the document declares it or not.
func (o *operation) fillPath(in *inputs) string {
	var expressions []string
	known := map[string]string{}
	for _, at := range variable.FindAllStringSubmatch(o.path, -1) {
		name := at[1]
		if known[name] == "" {
			var s *openapi3.Schema
			help := ""
			for _, p := range o.params {
				if p.In == "path" && p.Name == name {
					s, help = schemaOf(p), p.Description
				}
			}
			if t := typeOf(s); t == "array" || t == "object" {
				s = nil
			}
			known[name] = in.add(name, s, true, help)
		}
		expressions = append(expressions, "input."+known[name])
	}
	return pathOf(o.path, expressions...)
}

func (o *operation) media() string {
	for _, name := range sortedKeys(o.RequestBody.Value.Content) {
		if printable(name) {
			return name
		}
	}
	return "application/octet-stream"
}

// fillBody is the content of the request, with an input for each of its members; without key where there is none.
func (o *operation) fillBody(in *inputs) pair {
	s, form := o.body()
	if form == "" {
		return pair{}
	}
	needed := o.RequestBody.Value.Required
	all := properties(s)
	if form == "text" {
		return pair{key: "text", value: expr("input.%s", in.add("content", nil, needed, ""))}
	}
	if len(all) == 0 && form != "json" {
		in.note = append(in.note, "To decide: the document does not say what the body holds.")
		return pair{key: form, value: object{}}
	}
	if len(all) == 0 {
		t := &openapi3.Schema{Type: &openapi3.Types{"object"}}
		if typeOf(s) == "array" {
			t = s
		}
		return pair{key: form, value: expr("input.%s", in.add("body", t, needed, ""))}
	}
	var members []given
	slices.SortStableFunc(all, func(a, b property) int {
		switch {
		case a.required == b.required:
			return 0
		case a.required:
			return -1
		}
		return 1
	})
	length, optional := 0, 0
	for _, p := range all {
		if p.schema.ReadOnly {
			continue
		}
		required := p.required && needed
		length += 4*len(p.name) + 60
		if !required {
			optional++
		}
		if length > maxExpression-500 || optional > maxOptional-2 {
			in.leave(p.name)
			continue
		}
		key := in.add(p.name, p.schema, required, "")
		if key == "" {
			continue
		}
		has := ""
		if !required {
			has = fmt.Sprintf("has(input, '%s')", key)
		}
		members = append(members, given{p.name, "input." + key, has})
	}
	rest := ""
	if len(in.note) > 0 && form == "json" {
		rest = "input." + in.add("more", &openapi3.Schema{Type: &openapi3.Types{"object"}, Description: "Further members of the body."}, false, "")
		in.note = nil
	}
	if rest == "input." {
		rest = ""
	}
	if form == "multipart" && optional > 0 {
		in.note = append(in.note, "To decide: inputs that are empty go along as empty parts; take out what the API does not want so.")
	}
	return pair{key: form, value: bodyOf(form, members, "", rest)}
}

// name is that of an action: as the document calls the operation, if that starts with a verb, else by what is asked.
func (g *guesser) name(o *operation) string {
	name := candidate(o)
	unique := name
	for n := 2; g.names[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s %d", name, n)
	}
	g.names[strings.ToLower(unique)] = true
	return unique
}

// fillers are words of an operation's id that say nothing.
var fillers = on("controller service api v1 v2 v3 resource endpoint")

func candidate(o *operation) string {
	id := slices.DeleteFunc(words(o.OperationID), func(w string) bool { return slices.Contains(fillers, strings.ToLower(w)) })
	for i, w := range id {
		if verb(w) && len(id) > 1 {
			return titled(slices.Concat(id[i:], id[:i]))
		}
	}
	article := func(w string) bool { return slices.Contains(on("a an the"), strings.ToLower(w)) }
	if summary := slices.DeleteFunc(words(o.Summary), article); len(summary) > 1 && len(summary) <= 8 {
		if verb(summary[0]) {
			return titled(summary)
		}
		if third := strings.TrimSuffix(summary[0], "s"); verb(third) { // “Creates a user”
			return titled(append([]string{third}, summary[1:]...))
		}
	}
	first := map[string]string{"GET": "Get", "POST": "Post", "PUT": "Put", "PATCH": "Update", "DELETE": "Delete"}[o.method]
	all := []string{first}
	for _, s := range segments(o.path) {
		if isParameter(s) {
			s = "by " + s
		}
		all = append(all, words(s)...)
	}
	if len(all) == 1 {
		all = append(all, "Root")
	}
	return titled(all)
}
