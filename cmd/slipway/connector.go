package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/connection"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/suite"
	"slipway/internal/connector/value"
	"slipway/internal/egress"
	"slipway/internal/fault"
)

// connectorCmd are the commands for Workflows connectors. None needs a database or an account.
type connectorCmd struct {
	Init    connectorInitCmd    `cmd:"" help:"Write a first connector.yaml and suite.yaml, from an OpenAPI document where there is one."`
	Lint    connectorLintCmd    `cmd:"" help:"Say what is wrong with a connector, without running it."`
	Show    connectorShowCmd    `cmd:"" help:"Print a connector's flows: cards in order, wires by name."`
	Connect connectorConnectCmd `cmd:"" help:"Let a person agree to a connection by OAuth, and print its refresh token."`
	Ping    connectorPingCmd    `cmd:"" help:"Ask whether a connection works."`
	Run     connectorRunCmd     `cmd:"" help:"Run one action."`
	Test    connectorTestCmd    `cmd:"" help:"Run the suite, the generated cases and the checks of contracts against the live API."`
	Record  connectorRecordCmd  `cmd:"" help:"Do that, and keep what the API answers."`
	Replay  connectorReplayCmd  `cmd:"" help:"Run all that out of the recordings, without the API."`
	Pack    connectorPackCmd    `cmd:"" help:"Put a connector with its suite and recordings into one file."`
	Schema  connectorSchemaCmd  `cmd:"" help:"Print the JSON Schema of connector.yaml or suite.yaml, for editors."`
	Diff    connectorDiffCmd    `cmd:"" help:"Say what a new version changes: for those who use it, and on the wire."`
}

// connectorArg is the connector that a command is about.
type connectorArg struct {
	Path string `arg:"" help:"Folder with connector.yaml or exported flows, one such file, or a packed connector." placeholder:"DIR|FILE" default:"."`

	stdout, stderr io.Writer // of a test; nil is the process's own
}

func (a *connectorArg) load() (*connector.Connector, fs.FS, error) {
	if a.stdout == nil {
		a.stdout, a.stderr = os.Stdout, os.Stderr
	}
	return loadConnector(a.Path)
}

// cassettes is the folder of the recordings, beside the connector, unless somebody says another.
const cassettes = "cassettes"

// loadConnector reads a folder, a packed connector, or a single file of a folder.
func loadConnector(path string) (*connector.Connector, fs.FS, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, because(err, path+" cannot be read")
	case filepath.Ext(path) == ".zip":
		packed, err := zip.OpenReader(path)
		if err != nil {
			return nil, nil, because(err, path+" is no packed connector")
		}
		return loadFrom(connector.Unpacked(&packed.Reader))
	case info.IsDir():
		return loadFrom(os.DirFS(path), nil)
	case filepath.Base(path) == connector.File, filepath.Base(path) == suite.File:
		return loadFrom(os.DirFS(filepath.Dir(path)), nil)
	case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
		return nil, nil, fault.Newf(fault.Invalid, "%s is no connector: that is a folder with %s, or exported flows. To make one of an OpenAPI document: "+
			"slipway connector init DIR --openapi FILE", path, connector.File)
	case !slices.Contains([]string{".flow", ".folder", ".flopack"}, filepath.Ext(path)):
		return nil, nil, fault.Newf(fault.Invalid, "%s is no connector: that is a folder with %s, exported flows (.flow, .folder, .flopack), or a packed connector (.zip).", path, connector.File)
	}
	dir := os.DirFS(filepath.Dir(path))
	c, err := connector.LoadFlows(dir, filepath.Base(path))
	return c, dir, err
}

func loadFrom(dir fs.FS, err error) (*connector.Connector, fs.FS, error) {
	if err != nil {
		return nil, nil, err
	}
	c, err := connector.Load(dir)
	return c, dir, err
}

// connectionFlags say how to reach the vendor's system, and as whom.
type connectionFlags struct {
	Auth         string            `help:"Which of the connector's ways to connect; the first unless said." placeholder:"ID"`
	Set          map[string]string `help:"Value of a field of the connection; may be repeated. Secrets are better given as SLIPWAY_CONN_FIELD in the environment." placeholder:"FIELD=VALUE" mapsep:"none"`
	AllowHost    []string          `help:"Host that exported flows may ask, which name none themselves; may be repeated." placeholder:"HOST" sep:"none"`
	AllowPrivate bool              `help:"Also reach private addresses, over plain http too."`
}

// fromEnvironment is how the environment names a field of the connection.
const fromEnvironment = "SLIPWAY_CONN_"

// entered are the connection's fields from the environment and the flags.
func (f connectionFlags) entered(c *connector.Connector) map[string]string {
	values := map[string]string{}
	way, _ := c.Way(f.Auth)
	for _, field := range way.Fields {
		if v, set := os.LookupEnv(fromEnvironment + strings.ToUpper(field.Key)); set {
			values[field.Key] = v
		}
	}
	for key, v := range f.Set {
		values[key] = v
	}
	return values
}

func (f connectionFlags) api() engine.API {
	policy := egress.Closed()
	if f.AllowPrivate {
		policy = egress.AllowPrivate()
	}
	return engine.Live{Client: egress.New(policy, egress.Options{Timeout: 30 * time.Second, MaxBody: 10 << 20})}
}

func (f connectionFlags) machine(c *connector.Connector) (*engine.Machine, *connection.Connection, error) {
	return f.over(c, f.api())
}

// over is that machine over an API of the caller's.
func (f connectionFlags) over(c *connector.Connector, api engine.API) (*engine.Machine, *connection.Connection, error) {
	m, conn, err := c.Machine(connector.Setting{Method: f.Auth, Entered: f.entered(c), API: api, Hosts: f.AllowHost, HTTP: f.AllowPrivate, RunID: fmt.Sprintf("%x", newSeed())})
	return m, conn, f.howTo(c, err)
}

// howTo says of each field that is missing or wrong how a command is given it.
func (f connectionFlags) howTo(c *connector.Connector, err error) error {
	shown, is := errors.AsType[*fault.Error](err)
	if !is || len(shown.Fields) == 0 {
		return err
	}
	told := *shown
	told.Fields = slices.Clone(shown.Fields)
	way, _ := c.Way(f.Auth)
	for i, field := range told.Fields {
		if slices.ContainsFunc(way.Fields, func(known definition.Field) bool { return known.Key == field.Key }) {
			told.Fields[i].Message += fmt.Sprintf(" Set %s%s, or give --set %s=…", fromEnvironment, strings.ToUpper(field.Key), field.Key)
		}
	}
	return &told
}

// hint is what opens what was refused; "" where nothing on the command line does.
func hint(e *engine.Error) string {
	switch {
	case e.Kind != engine.Refused && e.Kind != engine.Unanswered:
		return ""
	case strings.Contains(e.Message, "is not asked over http;"), strings.Contains(e.Message, "on a private or reserved network"):
		return " For an API on this machine or in your network, add --allow-private."
	case strings.Contains(e.Message, "is not among those that this connector may ask"):
		return " Add it to allowedHosts in connector.yaml; for exported flows, give --allow-host."
	}
	return ""
}

// ended says why a command did not come to its end, and with which exit status: 64 where it was called wrongly, 2 where
// nothing is known, 1 where the connector is at fault.
func (a *connectorArg) ended(command string, err error) error {
	if err == nil {
		return nil
	}
	if status, is := errors.AsType[exitStatus](err); is {
		return status
	}
	message, status := "", exitStatus(exitUsage)
	if errors.Is(err, connector.ErrUnsound) {
		status = exitFailed
	}
	if e, is := errors.AsType[*engine.Error](err); is {
		message, status = e.Error()+hint(e), exitFailed
		switch e.Kind {
		case engine.Unanswered, engine.Unsupported, engine.Stopped:
			status = exitNotRun
		}
	} else {
		message = forPeople(err)
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			status = exitNotRun
		}
	}
	if a.stderr == nil {
		a.stderr = os.Stderr
	}
	_, _ = fmt.Fprintf(a.stderr, "slipway connector %s: %s\n", command, message)
	return status
}

// forPeople is what people read of an error: its sentence, and a line for each field that it names.
func forPeople(err error) string {
	told := fault.Show(err)
	message := told.Message
	for _, field := range told.Fields {
		message += "\n  " + field.Key + ": " + field.Message
	}
	return message
}

// connectorPingCmd asks whether a connection works.
type connectorPingCmd struct {
	connectorArg
	connectionFlags
}

// Run ends with 0 where the connection works, with 1 where it does not, and with 2 where nobody answers, so that nobody knows.
func (c *connectorPingCmd) Run(ctx context.Context) error { return c.ended("ping", c.ping(ctx)) }

func (c *connectorPingCmd) ping(ctx context.Context) error {
	read, _, err := c.load()
	if err != nil {
		return err
	}
	m, conn, err := c.machine(read)
	if err != nil {
		return err
	}
	answered := true
	m.Observe = func(s engine.Step) {
		if e, is := errors.AsType[*engine.Error](s.Err); is {
			answered = e.Kind != engine.Unanswered
		}
	}
	status, err := read.Ping(ctx, m)
	if err != nil {
		return err
	}
	word, message := "works", status.Message
	if !status.Working {
		word = "does not work"
	}
	if conn != nil {
		message = egress.Redact(conn.Secrets())(message)
	}
	if message != "" {
		message = ": " + message
	}
	if _, err := fmt.Fprintf(c.stdout, "The connection %s%s\n", word, message); err != nil {
		return err
	}
	switch {
	case status.Working:
		return nil
	case !answered:
		return exitStatus(exitNotRun)
	}
	return exitStatus(exitFailed)
}

// connectorRunCmd runs one action.
type connectorRunCmd struct {
	Action string            `arg:"" help:"Name of the action, or the contract that it implements." placeholder:"ACTION"`
	In     string            `help:"Folder or file of the connector." placeholder:"DIR|FILE" default:"."`
	Input  map[string]string `help:"An input; its value is JSON, or text. May be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
	Inputs string            `help:"All inputs as a JSON object: in this file, or - for standard input." placeholder:"FILE"`
	Trace  bool              `help:"Show each card as it runs."`
	connectionFlags

	connectorArg `kong:"-"`
	stdin        io.Reader
}

// Run prints the outputs as JSON.
func (c *connectorRunCmd) Run(ctx context.Context) error { return c.ended("run", c.run(ctx)) }

func (c *connectorRunCmd) run(ctx context.Context) error {
	c.Path = c.In
	read, _, err := c.load()
	if err != nil {
		return err
	}
	m, conn, err := c.machine(read)
	if err != nil {
		return err
	}
	flow, err := read.Action(c.Action)
	if err != nil {
		return err
	}
	given, err := c.given()
	if err != nil {
		return err
	}
	redact := func(text string) string {
		if conn == nil {
			return text
		}
		return egress.Redact(conn.Secrets())(text)
	}
	if c.Trace {
		m.Observe = func(s engine.Step) { c.show(s, redact) }
	}
	answer, err := connector.Run(ctx, m, flow, given)
	if err != nil {
		if e, is := errors.AsType[*engine.Error](err); is {
			e.Message = redact(e.Message)
			if flow.Implements != "" { // the network, which calls it, gets an answer all the same
				return errors.Join(c.print(connector.Failed(e), redact), err)
			}
		}
		return err
	}
	if answer.Result.Halted {
		_, err := fmt.Fprintln(c.stdout, "Halted:", redact(answer.Result.Message))
		return err
	}
	return c.print(answer.Outputs, redact)
}

func (c *connectorRunCmd) print(answer map[string]any, redact func(string) string) error {
	var out bytes.Buffer
	if err := json.Indent(&out, value.Encode(answer), "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.stdout, redact(out.String()))
	return err
}

// show prints one card that ran, indented by how deep it lies.
func (c *connectorRunCmd) show(s engine.Step, redact func(string) string) {
	outcome := ""
	if s.Err != nil {
		outcome = "  " + redact(s.Err.Error())
	}
	_, _ = fmt.Fprintf(c.stderr, "%s%s  %s%s\n", strings.Repeat("  ", s.Depth), s.Title, s.Took.Round(10*time.Microsecond), outcome)
}

// given are the inputs of the flags and the file.
func (c *connectorRunCmd) given() (map[string]any, error) {
	given := map[string]any{}
	if c.Inputs != "" {
		text, err := c.read(c.Inputs)
		if err != nil {
			return nil, because(err, c.Inputs+" cannot be read")
		}
		read, err := value.Decode(text)
		if err != nil {
			return nil, because(err, c.Inputs+" is no JSON object")
		}
		object, is := read.(map[string]any)
		if !is {
			return nil, fault.New(fault.Invalid, c.Inputs+" is no JSON object.")
		}
		given = object
	}
	for name, text := range c.Input {
		v, err := value.Decode([]byte(text))
		if err != nil {
			if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
				return nil, fault.Newf(fault.Invalid, "The input %q begins like JSON and is none: %s. Mind the quotation marks of your shell, or use --inputs FILE.", name, err)
			}
			v = text
		}
		given[name] = v
	}
	return given, nil
}

func (c *connectorRunCmd) read(name string) ([]byte, error) {
	if name != "-" {
		return os.ReadFile(name)
	}
	if c.stdin == nil {
		c.stdin = os.Stdin
	}
	return io.ReadAll(c.stdin)
}

// connectorPackCmd makes one file of a connector.
type connectorPackCmd struct {
	connectorArg
	Out string `help:"File to write; KEY.zip unless said." placeholder:"FILE"`
}

// Run refuses what lint finds an error in: the connector, its suite, or a file that either names.
func (c *connectorPackCmd) Run(context.Context) error { return c.ended("pack", c.pack()) }

func (c *connectorPackCmd) pack() error {
	read, dir, err := c.load()
	if err != nil {
		return err
	}
	if err := connector.Unsound("The connector", unrun(read, dir)); err != nil {
		return err
	}
	names, said, err := parts(read, dir)
	if err != nil {
		return err
	}
	content, err := connector.Pack(dir, names)
	if err != nil {
		return err
	}
	name := c.Out
	if name == "" {
		name = cmp.Or(read.Key, "connector") + ".zip"
	}
	if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // it holds no secret
		return because(err, name+" cannot be written")
	}
	_, err = fmt.Fprintf(c.stdout, "%s: %s, content %s\nIt holds %s.\n", name, read.Name, read.Hash, said)
	return err
}

// parts are the files that are packed, and what people read of them: recordings are many, and counted.
func parts(read *connector.Connector, dir fs.FS) (names []string, said string, err error) {
	names = read.Parts(dir)
	if text, err := fs.ReadFile(dir, suite.File); err == nil {
		names = append(names, suite.File)
		if s, _ := suite.Read(suite.File, text, read); s != nil && s.FlowFile != "" {
			names = append(names, s.FlowFile)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	recordings, err := fs.Glob(dir, cassettes+"/*.yaml")
	if err != nil {
		return nil, "", err
	}
	said = strings.Join(names, ", ")
	if len(recordings) > 0 {
		said += fmt.Sprintf(", %s (%d)", cassettes, len(recordings))
	}
	return append(names, recordings...), said, nil
}

// connectorSchemaCmd prints a schema.
type connectorSchemaCmd struct {
	Of string `arg:"" help:"connector or suite." enum:"connector,suite" default:"connector"`

	stdout io.Writer // of a test; nil is the process's own
}

// Run prints it.
func (c *connectorSchemaCmd) Run(context.Context) error {
	if c.stdout == nil {
		c.stdout = os.Stdout
	}
	_, err := c.stdout.Write(map[string][]byte{"connector": definition.Schema, "suite": suite.Schema}[c.Of])
	return err
}
