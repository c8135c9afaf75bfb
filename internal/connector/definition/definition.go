// Package definition reads connector.yaml: a connector over a REST API, written as text.
//
// It owns the file's schema, its meaning, and the way from there to a program. Its one rule: everything that can be known
// without running is known after reading: each expression is compiled against the names that are there at its place, and
// what is wrong is a finding with its line. How a step is run is the engine's; what a contract wants is package contract's.
package definition

import (
	_ "embed"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/document"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// Schema is the JSON Schema of connector.yaml, for editors.
//
//go:embed connector.schema.json
var Schema []byte

var schema = document.MustSchema("https://slipway.dev/schemas/connector.schema.json", Schema)

// Rules of connector.yaml.
var (
	WrongStep     = program.Rule{Code: "SW003", Level: program.Error, Says: "A step does one thing, and has what belongs to it.", Fix: "See the table of steps in the guide."}
	NameTwice     = program.Rule{Code: "SW004", Level: program.Error, Says: "Names of actions, helpers, events and steps are unique.", Fix: "Rename one of them."}
	BadExpression = program.Rule{Code: "SW012", Level: program.Error, Says: "Every expression compiles, with names that are known at its place.", Fix: "Correct the expression; the guide lists names and functions."}
	BrokenName    = program.Rule{Code: "SW013", Level: program.Error, Says: "Every helper, map and file that is named is there.", Fix: "Correct the name, or add what it names."}
	WrongContract = program.Rule{Code: "SW017", Level: program.Error, Says: "An action implements one of the contracts; the contracts that belong together are all there.", Fix: "Add the action, or remove the claim."}
)

// Definition is a connector as its file describes it.
type Definition struct {
	Document *document.Document
	Metadata Metadata
	Methods  []Method
	Hosts    []string
	BaseURL  program.Formula
	Retry    engine.Retry
	Errors   map[int]engine.APIError
	Events   []Event
	Include  []string // patterns of files of exported flows, relative to the file
	Flows    []*program.Flow
}

// Metadata is who the connector is.
type Metadata struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Icon        string `json:"icon"`
	AccentColor string `json:"accentColor"`
	Docs        struct {
		UserGuide    string `json:"userGuide"`
		APIReference string `json:"apiReference"`
	} `json:"docs"`
	Support struct {
		Email string `json:"email"`
		URL   string `json:"url"`
	} `json:"support"`
}

// Kind is how a connection proves who it is.
type Kind string

const (
	None        Kind = "none"
	Basic       Kind = "basic"
	Custom      Kind = "custom"
	OAuthClient Kind = "oauth2-client" // RFC 6749 §4.4
	OAuthCode   Kind = "oauth2-code"   // RFC 6749 §4.1
)

// Method is one way to connect.
type Method struct {
	ID, Label    string
	Kind         Kind
	Fields       []Field
	Headers      map[string]program.Formula // of every request
	Query        map[string]program.Formula
	TokenURL     program.Formula
	AuthorizeURL program.Formula
	RefreshURL   program.Formula
	InBody       bool // client id and secret go along in the body, not in a header
	Scopes       []string
	Extra        map[string]string // further parameters of the authorize request
	Src          program.Src
}

// Field is one thing that a customer enters.
type Field struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Help     string   `json:"help"`
	Type     string   `json:"type"` // text, secret or choice
	Pattern  string   `json:"pattern"`
	Choices  []string `json:"choices"`
	Default  string   `json:"default"`
	Optional bool     `json:"optional"`
}

// Event is something that a connector tells of.
type Event struct {
	Name, Description string
	Webhook           bool
	MinInterval       time.Duration
	Initial           program.Formula // of the cursor
	Steps             *program.Flow   // sees cursor; of a webhook also body and headers; returns Items and Cursor
	DedupeBy          program.Formula // sees item
	HMAC              *HMAC
	Register          *program.Flow // takes eventUrl; what it returns is the registration
	Deregister        *program.Flow // takes registration
	Src               program.Src
}

// Flows are the event's, each called as what it does.
func (e *Event) Flows() []*program.Flow {
	return slices.DeleteFunc([]*program.Flow{e.Steps, e.Register, e.Deregister}, func(f *program.Flow) bool { return f == nil })
}

// What the steps of an event return.
const (
	Items  = "items"
	Cursor = "cursor" // null where it stays
)

// HMAC is how a webhook's sender proves itself.
type HMAC struct {
	Header    string          `json:"header"`
	Algorithm string          `json:"algorithm"`
	Encoding  string          `json:"encoding"`
	Prefix    string          `json:"prefix"`
	Secret    program.Formula `json:"-"` // sees conn and registration, which is what register has returned
	Src       program.Src     `json:"-"`
}

// builtin are the fields that a method has by its kind.
var builtin = map[Kind][]Field{
	Basic:       {{Key: "username", Label: "User name", Type: "text"}, {Key: "password", Label: "Password", Type: "secret"}},
	OAuthClient: {{Key: "client_id", Label: "Client ID", Type: "text"}, {Key: "client_secret", Label: "Client secret", Type: "secret"}},
	OAuthCode:   {{Key: "client_id", Label: "Client ID", Type: "text"}, {Key: "client_secret", Label: "Client secret", Type: "secret"}, {Key: "refresh_token", Label: "Refresh token", Type: "secret", Optional: true}},
}

// Read reads connector.yaml. The definition is nil where it is so broken that nothing can be said about its parts.
func Read(file string, text []byte) (*Definition, program.Findings) {
	doc, found := document.Read(file, text)
	if doc == nil {
		return nil, found
	}
	if found = schema.Check(doc); len(found) > 0 {
		return nil, found
	}
	c := &compiler{doc: doc, found: &found}
	return c.definition(), found.Sorted()
}

// compiler turns the document into a definition.
type compiler struct {
	doc      *document.Document
	found    *program.Findings
	raw      map[string]any
	maps     map[string]any
	applying []string // maps under way, for such as use themselves
	applied  int      // how often maps were applied so far
	conn     expression.Members
	helpers  []string
}

func (c *compiler) object(r program.Rule, path, format string, args ...any) {
	c.found.Add(r, c.doc.Src(path), format, args...)
}

// wrong notes what is wrong with an expression at the path.
func (c *compiler) wrong(err error, path string) { c.doc.Object(c.found, BadExpression, path, err) }

func members(v any) map[string]any { m, _ := v.(map[string]any); return m }
func items(v any) []any            { l, _ := v.([]any); return l }
func text(v any) string            { t, _ := v.(string); return t }

func (c *compiler) definition() *Definition {
	c.raw = members(c.doc.Value)
	c.maps = members(c.raw["maps"])
	d := &Definition{Document: c.doc}
	var decoded struct {
		Metadata   Metadata
		Connection struct{ AllowedHosts []string }
		Flopack    struct{ Include []string }
	}
	if err := c.doc.Decode(&decoded); err != nil {
		c.object(document.AgainstSchema, "", "%s.", err)
		return nil
	}
	d.Metadata, d.Hosts, d.Include = decoded.Metadata, decoded.Connection.AllowedHosts, decoded.Flopack.Include
	connection := members(c.raw["connection"])
	d.Methods = c.methods(items(connection["auth"]))
	c.conn = expression.Members{}
	for _, m := range d.Methods {
		for _, f := range m.Fields {
			c.conn[f.Key] = expression.Anything
		}
	}
	c.applyMethods(d.Methods, items(connection["auth"]))
	d.BaseURL = c.template(text(connection["baseUrl"]), "/connection/baseUrl", c.connNames())
	d.Retry = retry(members(connection["retry"]))
	d.Errors = apiErrors(members(connection["errors"]))
	c.flows(d, connection)
	c.contracts(d)
	return d
}

// connNames are what an expression of the connection sees.
func (c *compiler) connNames() expression.Names {
	return expression.Names{Values: expression.Members{"conn": c.conn}}
}

func (c *compiler) methods(raw []any) []Method {
	var all []Method
	for i, item := range raw {
		path := document.Join("/connection/auth", i)
		m := members(item)
		method := Method{ID: text(m["id"]), Label: text(m["label"]), Kind: Kind(text(m["type"])), InBody: m["clientAuth"] == "body", Extra: map[string]string{}, Src: c.doc.Src(path)}
		method.Fields = slices.Clone(builtin[method.Kind])
		for _, raw := range items(m["fields"]) {
			f := field(members(raw))
			if _, err := regexp.Compile(f.Pattern); err != nil {
				c.object(BadExpression, path+"/fields", "The pattern of the field %q is no regular expression: %s.", f.Key, err)
			}
			method.Fields = append(method.Fields, f)
		}
		for _, scope := range items(m["scopes"]) {
			method.Scopes = append(method.Scopes, text(scope))
		}
		for name, v := range members(m["authorizeParams"]) {
			method.Extra[name] = text(v)
		}
		if slices.ContainsFunc(all, func(have Method) bool { return have.ID == method.ID }) {
			c.object(NameTwice, path, "Two ways to connect are called %q.", method.ID)
		}
		for _, needed := range needs[method.Kind] {
			if text(m[needed]) == "" {
				c.object(document.AgainstSchema, path, "A connection of type %s needs %s.", method.Kind, needed)
			}
		}
		all = append(all, method)
	}
	return all
}

var needs = map[Kind][]string{OAuthClient: {"tokenUrl"}, OAuthCode: {"tokenUrl", "authorizeUrl"}}

func field(raw map[string]any) Field {
	f := Field{Key: text(raw["key"]), Label: text(raw["label"]), Help: text(raw["help"]), Type: text(raw["type"]), Pattern: text(raw["pattern"]), Default: text(raw["default"]), Optional: raw["optional"] == true}
	for _, choice := range items(raw["choices"]) {
		f.Choices = append(f.Choices, text(choice))
	}
	return f
}

// applyMethods compiles what methods do with a connection's fields; all fields are known by now.
func (c *compiler) applyMethods(methods []Method, raw []any) {
	for i := range methods {
		path, m, names := document.Join("/connection/auth", i), members(raw[i]), c.connNames()
		apply := members(m["apply"])
		c.headers(members(apply["headers"]), path+"/apply/headers")
		methods[i].Headers = c.each(members(apply["headers"]), path+"/apply/headers", names)
		methods[i].Query = c.each(members(apply["query"]), path+"/apply/query", names)
		methods[i].TokenURL = c.template(text(m["tokenUrl"]), path+"/tokenUrl", names)
		methods[i].AuthorizeURL = c.template(text(m["authorizeUrl"]), path+"/authorizeUrl", names)
		methods[i].RefreshURL = c.template(text(m["refreshUrl"]), path+"/refreshUrl", names)
	}
}

func (c *compiler) each(raw map[string]any, path string, names expression.Names) map[string]program.Formula {
	formulas := map[string]program.Formula{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		formulas[name] = c.formula(raw[name], document.Join(path, name), names)
	}
	return formulas
}

func retry(raw map[string]any) engine.Retry {
	if raw == nil {
		return engine.Retry{On: []int{429, 503}, Max: 3, Honor: true, MaxWait: time.Minute}
	}
	r := engine.Retry{Max: 3, Honor: raw["honorRetryAfter"] != false, MaxWait: time.Minute}
	for _, status := range items(raw["on"]) {
		n, _ := value.Number(status)
		r.On = append(r.On, int(n))
	}
	if n, ok := value.Number(raw["max"]); ok && raw["max"] != nil {
		r.Max = int(n)
	}
	if wait, ok := duration(text(raw["maxWait"])); ok {
		r.MaxWait = wait
	}
	return r
}

// duration reads "500ms", "30s", "5m", "2h", "1d".
func duration(text string) (time.Duration, bool) {
	if days, is := strings.CutSuffix(text, "d"); is {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

func apiErrors(raw map[string]any) map[int]engine.APIError {
	errors := map[int]engine.APIError{}
	for status, item := range raw {
		n, _ := strconv.Atoi(status)
		m := members(item)
		errors[n] = engine.APIError{Type: text(m["type"]), Code: text(m["code"]), Summary: text(m["summary"])}
	}
	return errors
}

// contracts checks that those are all there which belong together.
func (c *compiler) contracts(d *Definition) {
	var has []string
	for _, f := range d.Flows {
		if f.Implements != "" {
			has = append(has, f.Implements)
		}
	}
	for _, missing := range contract.Missing(has) {
		c.object(WrongContract, "/actions", "The connector provisions and has no action for %q (%s).", missing.Name, missing.ID)
	}
}
