package runscope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"slipway/internal/fault"
)

// Environment is what a suite is run with: values, scripts and settings that its export does not contain.
type Environment struct {
	ID            string
	Name          string
	Variables     map[string]string
	Script        string // runs before the first step
	Headers       []Field
	Auth          Auth
	Before, After []string // scripts around every request
	Library       Library
	StopOnFailure bool
	Certificate   bool         // its requests show a client certificate, which is not in the file
	Parent        *Environment // a shared environment, which this one outweighs
	Warnings      []string     // settings that are not applied here, and what that means for a verdict
	Problems      []string     // why no request can be sent as the environment wants it

	parentID string
}

// ImportEnvironment reads an environment's own file. Errors are *fault.Error.
func ImportEnvironment(data []byte) (Environment, error) {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) > maxFile {
		return Environment{}, fault.New(fault.TooLarge, "The environment is larger than 5 MB.")
	}
	if !json.Valid(text) || text[0] != '{' {
		return Environment{}, fault.New(fault.Invalid, "The environment is not a JSON object. Export it again as a JSON file.")
	}
	if m, _ := readMembers(text); m.has("steps") {
		return Environment{}, fault.New(fault.Invalid, "This is a suite, not an environment. Give the file that the environment was exported to.")
	}
	in := newImporter()
	e := in.environment(text)
	e.Warnings = append(e.Warnings, in.told()...)
	return e, nil
}

func (in *importer) environment(raw json.RawMessage) Environment {
	m, _ := readMembers(raw)
	e := Environment{
		ID: m.text("id", "uuid"), Name: m.text("name"), Variables: map[string]string{}, Script: m.text("script"),
		Headers: m.fields("headers"), Auth: in.auth(m), Before: m.texts("pre_request_scripts"), After: m.texts("post_response_scripts"),
		Library: m.library("script_library"), StopOnFailure: m.flag("stop_on_failure"), parentID: m.text("parent_environment_id"),
	}
	for _, f := range m.fields("initial_variables") {
		e.Variables[f.Name] = f.Value
	}
	for _, s := range notApplied {
		if m.isSet(s.key) {
			e.Warnings = append(e.Warnings, fmt.Sprintf("The environment's setting %s is not applied. %s", s.key, s.means))
		}
	}
	if raw, ok := m.get("verify_ssl"); ok && compact(raw) == "false" {
		e.Warnings = append(e.Warnings, "The environment turns the check of certificates off. It stays on: a server with a wrong certificate is not reached, and the verdict is then not run.")
	}
	e.Certificate = m.isSet("client_certificate")
	m.ignore("regions", "remote_agents", "webhooks", "emails", "integrations", "version", "exported_at", "http_version_support",
		"test_id", "created_at", "updated_at")
	for _, problem := range m.problems {
		e.Problems = append(e.Problems, "The environment cannot be used whole: "+problem)
	}
	in.learn("environment", m)
	return e
}

// notApplied are settings without which a run can still prove something.
var notApplied = []struct{ key, means string }{
	{"retry_on_failure", "The suite is run once, so a failure that would have gone away counts."},
	{"preserve_cookies", "Each request is sent without the cookies of earlier answers; a server that needs them fails."},
	{"force_h2c", "The protocol is negotiated; the verdict says nothing about HTTP/2 without TLS."},
}

// Environment returns the suite's default environment, with its parent where the file has both; nil if it has none.
func (s Suite) Environment() *Environment {
	if len(s.Environments) == 0 {
		return nil
	}
	named := func(id string) *Environment {
		at := slices.IndexFunc(s.Environments, func(e Environment) bool { return id != "" && e.ID == id })
		if at < 0 {
			return nil
		}
		e := s.Environments[at]
		return &e
	}
	e := named(s.defaultEnvironment)
	if e == nil {
		first := s.Environments[0]
		e = &first
	}
	if parent := named(e.parentID); parent != nil && parent.ID != e.ID && e.Parent == nil {
		e.Parent = parent
	}
	return e
}

// chain is the environment after those it inherits from. All the methods below accept a nil environment.
func (e *Environment) chain() []*Environment {
	var out []*Environment
	for ; e != nil && len(out) < maxNesting; e = e.Parent {
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}

func (e *Environment) initial() map[string]string {
	out := map[string]string{}
	for _, one := range e.chain() {
		maps.Copy(out, one.Variables)
	}
	return out
}

func (e *Environment) scripts() []string {
	var out []string
	for _, one := range e.chain() {
		out = append(out, one.Script)
	}
	return out
}

func (e *Environment) before() []string {
	var out []string
	for _, one := range e.chain() {
		out = append(out, one.Before...)
	}
	return out
}

func (e *Environment) after() []string {
	var out []string
	for _, one := range e.chain() {
		out = append(out, one.After...)
	}
	return out
}

// headers and auth come from the environment itself before those it inherits.
func (e *Environment) headers() []Field {
	var out []Field
	for _, one := range slices.Backward(e.chain()) {
		out = append(out, one.Headers...)
	}
	return out
}

func (e *Environment) auth() Auth {
	for _, one := range slices.Backward(e.chain()) {
		if one.Auth.Type != "" {
			return one.Auth
		}
	}
	return Auth{}
}

func (e *Environment) problems() []string {
	var out []string
	for _, one := range e.chain() {
		out = append(out, one.Problems...)
	}
	return out
}

func (e *Environment) wantsCertificate() bool {
	return slices.ContainsFunc(e.chain(), func(one *Environment) bool { return one.Certificate })
}

func (e *Environment) stops() bool {
	return slices.ContainsFunc(e.chain(), func(one *Environment) bool { return one.StopOnFailure })
}
