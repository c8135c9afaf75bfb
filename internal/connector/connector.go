// Package connector is the way in to Workflows connectors: their definition, their flows, their runs and their tests.
//
// Its one rule: a connector is text. It is read, checked and run from a folder or a file alone, without a database and
// without an account, and what is found says where it stands. The rooms below it own one part each: value what connectors
// compute with, program what both front ends compile to, flopack the files of exported flows, document and definition
// connector.yaml, contract what an action may promise, connection how a customer's credentials are used, engine the
// running, suite the tests, lint the rules that need no running, outline what reviewers see, credential what looks like a
// secret.
package connector

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"slipway/internal/connector/connection"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/fault"
)

// Connector is what was read from a folder or a file.
type Connector struct {
	Key, Name  string
	Definition *definition.Definition // nil where there are only files of exported flows
	Program    *program.Program
	Methods    []definition.Method
	Files      []*flopack.File
	Findings   program.Findings // of reading and linking; lint adds its own
	broken     program.Findings // of the definition: with an error among them nothing of it can be run
	Hash       string           // SHA-256 of the canonical form, hex: equal for what means the same
}

// File is the name of a connector's definition in its folder.
const File = "connector.yaml"

// limits of a folder.
const (
	maxFiles = 100
	maxTotal = 40 << 20
)

// Load reads a connector from a folder that holds connector.yaml, or files of exported flows, or both.
func Load(dir fs.FS) (*Connector, error) {
	text, err := fs.ReadFile(dir, File)
	switch {
	case err == nil:
		return load(dir, text)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(err, fault.Invalid, "connector.yaml cannot be read: "+err.Error()+".")
	}
	names, err := flowFiles(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fault.Newf(fault.Invalid, "There is neither %s nor a .flow, .folder or .flopack file. To begin one: slipway connector init", File)
	}
	return LoadFlows(dir, names...)
}

// LoadFlows reads a connector from files of exported flows alone. They are one connector: helpers are found over all of them.
func LoadFlows(dir fs.FS, names ...string) (*Connector, error) {
	c := &Connector{}
	canonical := map[string]any{}
	if err := c.include(dir, names, canonical); err != nil {
		return nil, err
	}
	c.finish(nil, canonical)
	return c, nil
}

// load reads a folder with a definition.
func load(dir fs.FS, text []byte) (*Connector, error) {
	c := &Connector{}
	d, found := definition.Read(File, text)
	c.Findings, c.broken = found, found
	canonical := map[string]any{}
	if d == nil {
		c.Program = program.New()
		return c, nil
	}
	c.Definition, c.Key, c.Name, c.Methods = d, d.Metadata.Key, d.Metadata.Name, d.Methods
	canonical["definition"] = d.Document.Value
	if icon := d.Metadata.Icon; icon != "" {
		if info, err := fs.Stat(dir, path.Clean(icon)); err != nil || !info.Mode().IsRegular() {
			c.Findings.Add(definition.BrokenName, d.Document.Src("/metadata/icon"), "There is no file %q beside %s.", icon, File)
		}
	}
	var names []string
	for _, pattern := range d.Include {
		matched, err := fs.Glob(dir, path.Clean(pattern))
		if err != nil || len(matched) == 0 {
			c.Findings.Add(definition.BrokenName, d.Document.Src("/flopack/include"), "No file matches %q.", pattern)
		}
		names = append(names, matched...)
	}
	if err := c.include(dir, names, canonical); err != nil {
		return nil, err
	}
	c.finish(d.Flows, canonical)
	return c, nil
}

// flowFiles lists the files of exported flows in the folder itself.
func flowFiles(dir fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The folder cannot be read: "+err.Error()+".")
	}
	var names []string
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.IsDir() && (ext == ".flow" || ext == ".folder" || ext == ".flopack") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// include reads files of exported flows.
func (c *Connector) include(dir fs.FS, names []string, canonical map[string]any) error {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxFiles {
		return fault.Newf(fault.TooMany, "There are %d files of flows, more than %d.", len(names), maxFiles)
	}
	total, files := 0, map[string]any{}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name))
		}
		if total += len(text); total > maxTotal {
			return fault.Newf(fault.TooLarge, "The files of flows have more than %d MB together.", maxTotal>>20)
		}
		f := flopack.Read(name, text)
		c.Files = append(c.Files, f)
		c.Findings = append(c.Findings, f.Findings...)
		if len(c.Methods) == 0 {
			c.Methods = imported(flopack.Credentials(text))
		}
		sum := sha256.Sum256(text)
		files[name] = hex.EncodeToString(sum[:])
	}
	if len(files) > 0 {
		canonical["files"] = files
	}
	return nil
}

// imported is how a connector of exported flows is connected: its flows put the credentials where the API wants them.
func imported(credentials []flopack.Credential) []definition.Method {
	if credentials == nil {
		return nil
	}
	m := definition.Method{ID: "flows", Label: "Connection", Kind: definition.Custom}
	for _, f := range credentials {
		typ := "text"
		if f.Secret {
			typ = "secret"
		}
		m.Fields = append(m.Fields, definition.Field{Key: f.Key, Label: cmp.Or(f.Label, f.Key), Type: typ, Choices: f.Choices, Default: f.Default})
	}
	return []definition.Method{m}
}

// finish links the flows of both front ends into one program.
func (c *Connector) finish(written []*program.Flow, canonical map[string]any) {
	linked, found := flopack.Link(c.Files...)
	for _, f := range written {
		linked.Add(f)
	}
	c.Program = linked
	c.Findings = append(c.Findings, found...).Sorted()
	if c.Name == "" && len(c.Files) > 0 {
		c.Name = strings.TrimSuffix(c.Files[0].Name, path.Ext(c.Files[0].Name))
	}
	sum := sha256.Sum256(value.Encode(canonical))
	c.Hash = hex.EncodeToString(sum[:])
}

// Flows are all flows that were read, for those who look at them: those of the program, which can be run by name, then those
// of events, which only Poll, Receive, Register and Deregister run.
func (c *Connector) Flows() []*program.Flow {
	flows := c.Program.Flows()
	for _, e := range c.Events() {
		flows = append(flows, e.Flows()...)
	}
	return flows
}

// Events are those that the definition has.
func (c *Connector) Events() []definition.Event {
	if c.Definition == nil {
		return nil
	}
	return c.Definition.Events
}

// ErrUnsound is wrapped by the error of what cannot be used because of what is wrong with it.
var ErrUnsound = errors.New("the connector has errors")

// Sound refuses a definition with errors, and a file of which no flow could be read. Flows that were imported with errors are
// run as far as they can.
func (c *Connector) Sound() error {
	if err := Unsound(File, c.broken); err != nil {
		return err
	}
	for _, f := range c.Files {
		if len(f.Flows) > 0 {
			continue
		}
		if err := Unsound(f.Name, f.Findings); err != nil {
			return err
		}
	}
	return nil
}

// Unsound is the error that what, by its name, may not be used for these findings; nil where they are warnings.
func Unsound(what string, found program.Findings) error {
	n := found.Errors()
	if n == 0 {
		return nil
	}
	first := found[slices.IndexFunc(found, func(f program.Finding) bool { return f.Level == program.Error })]
	if n == 1 {
		return fault.Wrap(ErrUnsound, fault.Invalid, fmt.Sprintf("%s has an error: %s", what, first))
	}
	return fault.Wrap(ErrUnsound, fault.Invalid, fmt.Sprintf("%s has %d errors, which slipway connector lint lists. The first: %s", what, n, first))
}

// Setting is what a machine needs from outside.
type Setting struct {
	Method  string            // id of the way to connect; "" for the first
	Entered map[string]string // what the customer entered, by field
	API     engine.API
	Clock   engine.Clock // nil: the wall's
	Hosts   []string     // for exported flows, which name none: those that may be asked, or engine.AnyHost
	HTTP    bool         // plain http is allowed, for development
	RunID   string
}

// Machine makes the connector ready to run over one connection. It refuses a definition with errors, and a
// connection that is not complete. Flows that were imported with errors run as far as they can: what is wrong shows where it is.
func (c *Connector) Machine(s Setting) (*engine.Machine, *connection.Connection, error) {
	if err := c.Sound(); err != nil {
		return nil, nil, err
	}
	if s.Clock == nil {
		s.Clock = engine.Wall{}
	}
	m := &engine.Machine{ID: s.RunID, Program: c.Program, Key: c.Key, Clock: s.Clock, Rules: engine.Rules{Hosts: s.Hosts, AllowHTTP: s.HTTP}}
	if m.Rules.Hosts == nil {
		m.Rules.Hosts = []string{} // their flows take the address from wherever they like
	}
	if c.Definition != nil {
		m.Rules.Hosts, m.Retry, m.Errors = c.Definition.Hosts, c.Definition.Retry, c.Definition.Errors
	}
	m.API = s.API
	conn, err := c.connect(s, m.Rules.Guard(s.API))
	if err != nil || conn == nil {
		return m, nil, err
	}
	m.Connection, m.Secrets = conn.Values(), conn.Secrets
	if c.Definition != nil {
		m.Authorize = conn
		if m.BaseURL, err = conn.BaseURL(c.Definition.BaseURL); err != nil {
			return nil, nil, fault.Wrap(err, fault.Invalid, "The base URL cannot be made from this connection: "+err.Error()+".")
		}
	}
	return m, conn, nil
}

// Way is the way to connect that has the id, the first one for "".
func (c *Connector) Way(id string) (way definition.Method, known bool) {
	for _, m := range c.Methods {
		if m.ID == id || id == "" {
			return m, true
		}
	}
	return definition.Method{}, false
}

// ways names the ways to connect.
func (c *Connector) ways() string {
	var ids []string
	for _, m := range c.Methods {
		ids = append(ids, m.ID)
	}
	return strings.Join(ids, ", ")
}

// connect picks the way to connect; nil where the connector has none.
func (c *Connector) connect(s Setting, api engine.API) (*connection.Connection, error) {
	if len(c.Methods) == 0 {
		return nil, nil
	}
	way, known := c.Way(s.Method)
	if !known {
		return nil, fault.Newf(fault.NotFound, "The connector has no way to connect called %q; it has %s.", s.Method, c.ways())
	}
	return connection.New(way, s.Entered, api, s.Clock)
}
