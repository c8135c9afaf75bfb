// Package suite tests connectors: cases that their authors wrote, flows that they exported, and cases made of both.
//
// It owns how a case is judged, and how a run is recorded and replayed. Its one rule: a case has passed only when all of it
// ran and held; what could not be run says so and counts for nothing. What is recorded holds no secret, and a replay that
// asks for something else than was recorded fails, whatever the flow made of it.
package suite

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/document"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// Schema is the JSON Schema of suite.yaml, for editors.
//
//go:embed suite.schema.json
var Schema []byte

var schema = document.MustSchema("https://slipway.dev/schemas/suite.schema.json", Schema)

// File is the name of a suite in its connector's folder.
const File = "suite.yaml"

// NoSuchAction is the rule of suites that no file breaks by itself.
var NoSuchAction = program.Rule{
	Code: "SW005", Level: program.Error, Says: "A case calls actions of the connector: those that it covers, with expectError where it is negative and without where it is not.",
	Fix: "Correct the name of the action, or kind, covers and expectError.",
}

// Suite is what a suite.yaml says.
type Suite struct {
	Cases    []Case
	FlowFile string     // of exported test flows, "" for none
	Flows    []FlowCase // what their end shall be; a flow that is not listed shall pass
	vars     program.Formula
}

// Case is one scenario.
type Case struct {
	ID, Title string
	Negative  bool
	Covers    []string // actions
	Steps     []Step
	Cleanup   []Step
	Src       program.Src

	broken string // why it cannot be run
}

// Step calls an action, tries an event, or asserts.
type Step struct {
	ID      string
	Action  *program.Flow
	Event   *definition.Event
	With    program.Formula // the action's inputs, or what the event is given
	Error   *Expected
	Assert  program.Formula
	Source  string // of the assertion
	Message string
	Src     program.Src
}

// name is what the step calls.
func (s Step) name() string {
	if s.Event != nil {
		return s.Event.Name
	}
	return s.Action.Name
}

// Expected is an error that a step has to end with.
type Expected struct {
	Status  int
	Type    string
	Code    string
	Message *regexp.Regexp
}

// FlowCase says how an exported test flow shall end.
type FlowCase struct {
	Flow   string
	Expect string // pass, error, halt
	Status int
	With   map[string]any
	Covers []string

	id string
	of *program.Flow // nil where the file has none of that name
}

// Read reads a suite for a connector. It is nil where nothing can be said about its cases.
func Read(file string, text []byte, c *connector.Connector) (*Suite, program.Findings) {
	doc, found := document.Read(file, text)
	if doc == nil {
		return nil, found
	}
	if found = schema.Check(doc); len(found) > 0 {
		return nil, found
	}
	r := &reader{doc: doc, connector: c}
	s := r.suite()
	return s, r.found.Sorted()
}

type reader struct {
	doc       *document.Document
	connector *connector.Connector
	found     program.Findings
}

func (r *reader) object(rule program.Rule, path, format string, args ...any) {
	r.found.Add(rule, r.doc.Src(path), format, args...)
}

func members(v any) map[string]any { m, _ := v.(map[string]any); return m }
func items(v any) []any            { l, _ := v.([]any); return l }
func text(v any) string            { t, _ := v.(string); return t }

func texts(v any) []string {
	var all []string
	for _, item := range items(v) {
		all = append(all, text(item))
	}
	return all
}

func (r *reader) suite() *Suite {
	raw := members(r.doc.Value)
	if key := text(raw["connector"]); r.connector.Key != "" && key != r.connector.Key {
		r.object(definition.BrokenName, "/connector", "The suite is for the connector %q; this one is %q.", key, r.connector.Key)
	}
	s := &Suite{}
	names := expression.Names{Values: expression.Members{"run": expression.Only("id")}}
	s.vars = r.formula(raw["vars"], "/vars", names)
	vars := expression.Members{}
	for name := range members(raw["vars"]) {
		vars[name] = expression.Anything
	}
	for i, item := range items(raw["cases"]) {
		c := r.readCase(members(item), document.Join("/cases", i), vars)
		if slices.ContainsFunc(s.Cases, func(have Case) bool { return strings.EqualFold(have.ID, c.ID) }) {
			r.object(definition.NameTwice, document.Join("/cases", i), "Two cases have the id %q.", c.ID)
		}
		s.Cases = append(s.Cases, c)
	}
	if flopack := members(raw["flopack"]); flopack != nil {
		s.FlowFile = text(flopack["file"])
		for i, item := range items(flopack["cases"]) {
			m := members(item)
			status, _ := value.Number(m["status"])
			c := FlowCase{Flow: text(m["flow"]), Expect: cmp.Or(text(m["expect"]), "pass"), Status: int(status), With: members(m["with"]), Covers: texts(m["covers"])}
			r.known(c.Covers, document.Join("/flopack/cases", i))
			s.Flows = append(s.Flows, c)
		}
	}
	return s
}

func (r *reader) formula(v any, path string, names expression.Names) program.Formula {
	if v == nil {
		v = map[string]any{}
	}
	t, err := expression.CompileTemplate(v, names)
	if err != nil {
		r.wrong(err, path)
		return nil
	}
	return t
}

func (r *reader) wrong(err error, path string) {
	r.doc.Object(&r.found, definition.BadExpression, path, err)
}

func (r *reader) readCase(raw map[string]any, path string, vars expression.Members) Case {
	c := Case{ID: text(raw["id"]), Title: text(raw["title"]), Negative: raw["kind"] == "negative", Covers: texts(raw["covers"]), Src: r.doc.Src(path)}
	before := len(r.found)
	r.known(c.Covers, path)
	ids := expression.Members{}
	names := func() expression.Names {
		return expression.Names{Values: expression.Members{"vars": vars, "run": expression.Only("id"), "steps": ids}}
	}
	c.Steps = r.steps(items(raw["steps"]), path+"/steps", ids, names)
	c.Cleanup = r.steps(items(raw["cleanup"]), path+"/cleanup", ids, names)
	r.covered(&c, path)
	if len(r.found) > before {
		c.broken = r.found[before].String()
	}
	return c
}

// known names the actions as the connector does, and tells of those that it does not have.
func (r *reader) known(covers []string, path string) {
	for i, name := range covers {
		f, err := r.connector.Action(name)
		if err != nil {
			r.object(NoSuchAction, document.Join(path+"/covers", i), "The connector has no action %q.", name)
			continue
		}
		covers[i] = f.Name
	}
}

// covered holds what a case says that it covers against how its steps call actions: a negative case has to expect their
// error, any other their success. A case that says nothing covers what it calls so.
func (r *reader) covered(c *Case, path string) {
	called, steps := witness{}, 0
	for _, step := range c.Steps {
		if step.Action != nil {
			called.tried(step.Action.Name, step.Error != nil)
			steps++
		}
	}
	if c.Negative && len(called.Refused) == 0 && steps > 0 {
		r.object(NoSuchAction, path+"/kind", "The case is negative, and none of its steps has expectError.")
	}
	for i, name := range c.Covers {
		f, err := r.connector.Action(name)
		if err != nil {
			continue // that was told
		}
		switch {
		case called.shows(f.Name, c.Negative):
		case !called.shows(f.Name, !c.Negative):
			r.object(NoSuchAction, document.Join(path+"/covers", i), "No step of the case calls %q.", name)
		case !c.Negative:
			r.object(NoSuchAction, document.Join(path+"/covers", i), "Each step that calls %q has expectError, so the case does not show that it works.", name)
		case len(called.Refused) > 0: // else that was told
			r.object(NoSuchAction, document.Join(path+"/covers", i), "No step that calls %q has expectError, so the case does not show that it refuses anything.", name)
		}
	}
	if len(c.Covers) == 0 {
		if c.Covers = called.Did; c.Negative {
			c.Covers = called.Refused
		}
	}
}

func (r *reader) steps(raw []any, path string, ids expression.Members, names func() expression.Names) []Step {
	var all []Step
	for i, item := range raw {
		m, at := members(item), document.Join(path, i)
		s := Step{ID: text(m["id"]), Source: text(m["assert"]), Message: text(m["message"]), Src: r.doc.Src(at)}
		action, event, asserts := m["action"], m["event"], m["assert"] != nil
		switch {
		case count(action != nil, event != nil, asserts) != 1:
			r.object(definition.WrongStep, at, "A step of a case either calls an action, or tries an event, or asserts.")
			continue
		case asserts:
			s.Assert = r.formula(m["assert"], at+"/assert", names())
		case event != nil:
			if !r.event(&s, m, at, names()) {
				continue
			}
		default:
			flow, err := r.connector.Action(text(action))
			if err != nil {
				r.object(NoSuchAction, at+"/action", "The connector has no action %q.", text(action))
				continue
			}
			s.Action, s.With = flow, r.formula(m["with"], at+"/with", names())
			s.Error = r.expected(members(m["expectError"]), at+"/expectError")
		}
		if s.ID != "" {
			ids[s.ID] = expression.Anything
		}
		all = append(all, s)
	}
	return all
}

// count counts what holds.
func count(all ...bool) (n int) {
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}

// event reads a step that tries an event: what it is given depends on the event's kind.
func (r *reader) event(s *Step, raw map[string]any, at string, names expression.Names) bool {
	name := text(raw["event"])
	if s.Event = r.connector.Event(name); s.Event == nil {
		r.object(NoSuchAction, at+"/event", "The connector has no event %q.", name)
		return false
	}
	given := map[string]any{}
	for _, member := range []string{"cursor", "register", "deregister", "registration", "headers", "body"} {
		if v, has := raw[member]; has {
			given[member] = v
		}
	}
	if webhook := s.Event.Webhook; !webhook && count(given["cursor"] != nil) != len(given) || webhook && (given["cursor"] != nil || count(given["register"] != nil, given["deregister"] != nil, given["body"] != nil) != 1) {
		r.object(definition.WrongStep, at, "Polling takes a cursor, or nothing; a webhook one of register, deregister and body.")
		return false
	}
	s.With, s.Error = r.formula(given, at, names), r.expected(members(raw["expectError"]), at+"/expectError")
	return true
}

func (r *reader) expected(raw map[string]any, path string) *Expected {
	if raw == nil {
		return nil
	}
	status, _ := value.Number(raw["status"])
	e := &Expected{Status: int(status), Type: text(raw["type"]), Code: text(raw["code"])}
	if pattern := text(raw["messageMatches"]); pattern != "" {
		compiled, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			r.object(definition.BadExpression, path+"/messageMatches", "It is no regular expression: %s.", err)
			return e
		}
		e.Message = compiled
	}
	return e
}

// unlike says how an error differs from what was expected, "" where it does not.
func (e *Expected) unlike(status int, typ, code, message string) string {
	switch {
	case e.Status != 0 && e.Status != status:
		return fmt.Sprintf("%s: %s", otherStatus(e.Status, status), message)
	case e.Type != "" && e.Type != typ:
		return fmt.Sprintf("an error of type %s was expected, and %s came: %s", e.Type, typ, message)
	case e.Code != "" && e.Code != code:
		return fmt.Sprintf("the code %q was expected, and %q came: %s", e.Code, code, message)
	case e.Message != nil && !e.Message.MatchString(message):
		return fmt.Sprintf("a message like %q was expected, and this came: %s", strings.TrimPrefix(e.Message.String(), "(?i)"), message)
	}
	return ""
}

// otherStatus says that an error has another status than was expected. Errors of the connector's own making have none.
func otherStatus(want, got int) string {
	if got == 0 {
		return fmt.Sprintf("status %d was expected, and the error has none", want)
	}
	return fmt.Sprintf("status %d was expected, and %d came", want, got)
}

// Empty is a suite without cases, for connectors that have none: the generated cases are run all the same.
func Empty() *Suite {
	none, err := expression.CompileTemplate(map[string]any{}, expression.Names{})
	if err != nil {
		panic(err) // a constant
	}
	return &Suite{vars: none}
}
