package runscope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// longestPause is what the vendor's own product allows.
const longestPause = 180 * time.Second

func (in *importer) stepList(raws []json.RawMessage, parent string, depth int) []Step {
	var out []Step
	for i, raw := range raws {
		if in.steps++; in.steps > maxSteps {
			return out
		}
		number := strconv.Itoa(i + 1)
		if parent != "" {
			number = parent + "." + number
		}
		out = append(out, in.step(raw, number, depth))
	}
	return out
}

func (in *importer) step(raw json.RawMessage, number string, depth int) Step {
	m, ok := readMembers(raw)
	if !ok {
		m.problem("it is not an object")
	}
	s := Step{Number: number, Type: m.text("step_type"), Note: m.text("note"), Skipped: m.flag("skipped")}
	m.ignore("id", "uuid", "request_id", "rank", "fragment")
	switch strings.ReplaceAll(s.Type, "_", "-") {
	case "request":
		s.Kind, s.Request = RequestStep, in.request(m)
	case "pause":
		s.Kind, s.Pause = PauseStep, in.pause(m, number)
	case "condition", "conditional":
		s.Kind = ConditionStep
		in.condition(&s, m, depth)
	case "conditional-loop":
		s.Kind = LoopStep
		in.condition(&s, m, depth)
	case "subtest":
		s.Kind, s.Subtest = SubtestStep, in.subtest(m)
	default:
		s.Kind = OtherStep
		m.problem("steps of type %q are not supported", s.Type)
	}
	s.Problems = m.problems
	if s.Kind != OtherStep { // of a foreign step every member is unknown: its type says enough
		in.learn(string(s.Kind)+" step", m)
	}
	return s
}

func (in *importer) pause(m *members, number string) time.Duration {
	seconds, err := strconv.ParseFloat(m.text("duration"), 64)
	if err != nil || !(seconds >= 0) {
		m.problem("its duration is not a number of seconds")
		return 0
	}
	if seconds > longestPause.Seconds() {
		in.warn("Step %s: a pause of %g s is above the format's limit. It was cut to %s; a server that needs longer may fail the next step.", number, seconds, longestPause)
		return longestPause
	}
	return time.Duration(seconds * float64(time.Second))
}

func (in *importer) condition(s *Step, m *members, depth int) {
	s.Condition = &Condition{m.target("left_value"), m.text("comparison"), m.target("right_value")}
	if _, ok := comparisonOf(s.Condition.Comparison); !ok {
		m.problem("the comparison %q is not known", s.Condition.Comparison)
	}
	nested := m.list("steps")
	if depth == maxDepth {
		m.problem("conditions are nested more than %d deep", maxDepth)
		return
	}
	s.Steps = in.stepList(nested, s.Number, depth+1)
}

func (in *importer) subtest(m *members) *Subtest {
	s := &Subtest{UUID: strings.ToLower(m.text("test_uuid")), Shared: m.flag("use_parent_environment")}
	for _, raw := range m.list("params") {
		p, ok := readMembers(raw)
		if !ok {
			m.problem("a parameter is not an object")
			continue
		}
		s.Params = append(s.Params, Field{p.text("name"), p.target("value")})
		m.adopt("parameter", p)
		in.learn("parameter", p)
	}
	m.ignore("bucket_key", "environment_uuid", "trigger_token")
	if len(m.texts("before_scripts")) > 0 {
		m.problem("a subtest has no request that its script could edit")
	}
	s.Expect = in.expect(m)
	return s
}

func (in *importer) request(m *members) *Request {
	r := &Request{
		Method: m.text("method"), URL: m.text("url"), Query: m.fields("args"), Headers: m.fields("headers"),
		Body: m.text("body", "data"), Form: m.fields("form"), Before: m.texts("before_scripts"), Auth: in.auth(m),
	}
	if r.URL == "" {
		m.problem("it has no URL")
	}
	if r.Method == "" {
		r.Method = "GET"
	}
	r.Multipart = in.multipart(m)
	r.GraphQL = in.graphQL(m)
	if m.isSet("binary_body") {
		m.problem("it sends an uploaded file, and files are not part of an export")
	}
	r.Expect = in.expect(m)
	return r
}

func (in *importer) multipart(m *members) []Field {
	var out []Field
	for _, raw := range m.list("multipart_form") {
		part, ok := readMembers(raw)
		kind := part.text("type")
		_, file := part.get("file")
		if !ok || file || kind != "" && kind != "text" {
			m.problem("a part of its multipart form is a file, and files are not part of an export")
			continue
		}
		out = append(out, Field{part.text("key", "name"), part.text("value")})
		m.adopt("multipart form", part)
		in.learn("multipart part", part)
	}
	return out
}

func (in *importer) graphQL(m *members) *GraphQL {
	raw, ok := m.get("graphql_body")
	if !ok || compact(raw) == "{}" || compact(raw) == "[]" {
		return nil
	}
	g, ok := readMembers(raw)
	if !ok {
		m.problem("its GraphQL body is not an object")
		return nil
	}
	query := &GraphQL{g.text("query"), g.target("variables")}
	m.adopt("GraphQL body", g)
	in.learn("GraphQL body", g)
	return query
}

func (in *importer) auth(m *members) Auth {
	raw, ok := m.get("auth")
	if !ok || compact(raw) == "{}" || compact(raw) == "[]" {
		return Auth{}
	}
	a, ok := readMembers(raw)
	if !ok {
		m.problem("its authorization is not an object")
		return Auth{}
	}
	out := Auth{Type: a.text("auth_type", "type")}
	switch out.Type {
	case "", "none":
		out.Type = ""
	case "basic":
		out.User, out.Password = a.text("username"), a.text("password")
	case "oauth2":
		out = a.clientCredentials()
	case certificateAuth: // whatever else is there tells where the vendor's runner keeps it
		return Auth{Type: certificateAuth}
	default:
		m.problem("authorization of type %q is not supported", out.Type)
		return Auth{}
	}
	m.adopt("authorization", a)
	in.learn("authorization", a)
	return out
}

func (m *members) clientCredentials() Auth {
	if !isClientCredentials(m.text("grant_type", "grant")) {
		m.problem("only the client credentials grant of OAuth 2 is supported")
	}
	return Auth{Type: "oauth2", ClientID: m.text("client_id"), Secret: m.text("client_secret"),
		TokenURL: m.text("access_token_url", "token_url"), Audience: m.text("audience"), Scope: m.text("scope")}
}

func isClientCredentials(grant string) bool { return grant == "" || grant == "client_credentials" }

// expect reads what happens with a response. A blank extractor is left out: the vendor's editor leaves one behind.
func (in *importer) expect(m *members) Expect {
	e := Expect{After: m.texts("scripts")}
	for _, raw := range m.list("variables") {
		v, ok := readMembers(raw)
		if !ok {
			m.problem("a variable is not an object")
			continue
		}
		x := Extractor{Source: sourceOf(v.text("source")), Property: v.text("property"), Name: strings.TrimSpace(v.text("name"))}
		if x.Name != "" && (x.Property != "" || !needsProperty(x.Source)) {
			e.Extractors = append(e.Extractors, x)
		}
		m.adopt("variable", v)
		in.learn("extractor", v)
	}
	for _, raw := range m.list("assertions") {
		a, ok := readMembers(raw)
		if !ok {
			m.problem("an assertion is not an object")
			continue
		}
		e.Assertions = append(e.Assertions, Assertion{sourceOf(a.text("source")), a.text("property"), a.text("comparison"), a.target("value")})
		m.adopt("assertion", a)
		in.learn("assertion", a)
	}
	return e
}

// describe says in words what a step does, for reports.
func (s Step) describe() string {
	switch s.Kind {
	case RequestStep:
		return strings.TrimSpace(s.Request.Method + " " + s.Request.URL)
	case PauseStep:
		return fmt.Sprintf("Pause of %s", s.Pause)
	case ConditionStep, LoopStep:
		c := s.Condition
		word := map[Kind]string{ConditionStep: "If", LoopStep: "While"}[s.Kind]
		return string(bytes.TrimSpace(fmt.Appendf(nil, "%s %q %s %q", word, c.Left, c.Comparison, c.Right)))
	case SubtestStep:
		return "Run the suite " + s.Subtest.UUID
	}
	return "Step of type " + s.Type
}

// Title is the step's note, or what it does where it has none.
func (s Step) Title() string {
	if note := strings.TrimSpace(s.Note); note != "" {
		return note
	}
	return s.describe()
}
