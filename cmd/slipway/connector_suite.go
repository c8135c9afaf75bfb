package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/suite"
	"slipway/internal/fault"
	"slipway/internal/report"
)

// suiteFlags are what every run of a suite takes.
type suiteFlags struct {
	connectorArg
	Suite      string   `help:"The suite, relative to the connector's folder." placeholder:"FILE" default:"suite.yaml"`
	Recordings string   `help:"Folder of the recordings, relative to the connector's folder." placeholder:"DIR" default:"cassettes"`
	Only       []string `help:"Run only this case, or the generated cases of this kind, such as G04; may be repeated." placeholder:"ID" sep:"none"`
	Format     string   `help:"text, json, junit, sarif or html." enum:"text,json,junit,sarif,html" default:"text"`
	Out        string   `help:"Write the report to this file instead of standard output." placeholder:"FILE"`
}

// connectorTestCmd runs a suite against the live API.
type connectorTestCmd struct {
	suiteFlags
	connectionFlags
	Changes bool `help:"Also run generated cases and checks of contracts that create and change data; the suite's own cases always do what they say."`
}

// Run ends with the verdict as exit status.
func (c *connectorTestCmd) Run(ctx context.Context) error {
	return c.ended("test", c.tested(ctx, suite.Live, &c.connectionFlags, c.Changes))
}

// connectorRecordCmd runs a suite and keeps what the API answers.
type connectorRecordCmd struct {
	suiteFlags
	connectionFlags
	Changes bool `help:"Also record generated cases and checks of contracts that create and change data."`
}

// Run records the cases that pass. A case that fails keeps its old recording.
func (c *connectorRecordCmd) Run(ctx context.Context) error {
	return c.ended("record", c.tested(ctx, suite.Record, &c.connectionFlags, c.Changes))
}

// connectorReplayCmd runs a suite out of its recordings.
type connectorReplayCmd struct {
	suiteFlags
	Auth string `help:"The way to connect that was recorded; the first unless said." placeholder:"ID"`
}

// Run needs no network.
func (c *connectorReplayCmd) Run(ctx context.Context) error {
	return c.ended("replay", c.tested(ctx, suite.Replay, &connectionFlags{Auth: c.Auth}, true))
}

// tested runs the suite, the exported test flows, the generated cases and the contract battery, and writes the report.
func (f *suiteFlags) tested(ctx context.Context, mode suite.Mode, flags *connectionFlags, changes bool) error {
	read, dir, err := f.load()
	if err != nil {
		return err
	}
	if err := read.Sound(); err != nil {
		return err
	}
	if mode == suite.Record && filepath.Ext(f.Path) == ".zip" {
		return fault.Newf(fault.Invalid, "%s is a packed connector, which no recording is put into. Unpack it, record its folder, and pack that again.", f.Path)
	}
	if mode != suite.Replay { // rather than each case for itself
		if err := mayNotAsk(ctx, read, flags); err != nil {
			return err
		}
	}
	r := &suite.Runner{
		Connector: read, Method: flags.Auth, Entered: flags.entered(read), Mode: mode, HTTP: flags.AllowPrivate, Hosts: flags.AllowHost,
		Now: time.Now, Seed: newSeed(), Only: f.Only, Suite: &suite.Suite{},
	}
	var flows []*flopack.File
	if r.Suite, flows, err = f.readSuite(read, dir); err != nil {
		return err
	}
	if mode == suite.Replay {
		r.HTTP, r.Hosts = true, []string{engine.AnyHost} // nothing is dialled
		if r.Cassettes, err = fs.Sub(dir, filepath.ToSlash(f.Recordings)); err != nil {
			return because(err, f.Recordings+" cannot be read")
		}
	} else {
		r.API = flags.api()
	}
	if id := r.NoCase(flows, recordedContracts); id != "" {
		return fault.Newf(fault.Invalid, "There is no case %q.", id)
	}
	var file *os.File
	if f.Out != "" { // before the run: a run of minutes must not end in a typing error
		if file, err = os.Create(f.Out); err != nil {
			return because(err, f.Out+" cannot be written")
		}
	}
	kept := map[string][]byte{}
	r.Keep = func(name string, content []byte) error {
		kept[name] = content
		return f.keep(name, content)
	}
	ctx, cancel := suite.Limited(ctx)
	defer cancel()
	began := time.Now()
	results := r.Run(ctx)
	results = append(results, r.FlowResults(ctx, flows...)...)
	results = append(results, r.Generated(ctx, changes)...)
	if len(f.Only) == 0 || slices.Contains(f.Only, recordedContracts) {
		contracts(ctx, r, changes)
	}
	results = append(results, r.Overall(results, kept)...)
	return f.write(file, r.Report(results, cmp.Or(r.Target(), f.Path), began, time.Since(began)))
}

// mayNotAsk pings, and returns why the API may not be asked at all, or that nobody answers. Whether it works is for the
// cases to say.
func mayNotAsk(ctx context.Context, read *connector.Connector, flags *connectionFlags) error {
	api := &listening{api: flags.api()}
	m, _, err := flags.over(read, api)
	if err != nil {
		return err
	}
	_, err = read.Ping(ctx, m)
	if e, is := errors.AsType[*engine.Error](err); is && e.Kind == engine.Refused {
		return e
	}
	return api.silence()
}

// listening notices whether anybody answers. A ping may take silence for an answer; each case would wait for it again.
type listening struct {
	api      engine.API
	answered bool
	why      error // why the last request got no answer
}

func (l *listening) Call(ctx context.Context, q engine.Request) (engine.Response, error) {
	answer, err := l.api.Call(ctx, q)
	if err == nil {
		l.answered = true
	} else {
		l.why = err
	}
	return answer, err
}

// silence is the error that all requests were left without an answer; nil where one was not, or none was sent.
func (l *listening) silence() error {
	e, is := errors.AsType[*engine.Error](l.why)
	if l.answered || !is || e.Kind != engine.Unanswered {
		return nil
	}
	return &engine.Error{Kind: engine.Unanswered, Message: "Nothing was run, for the API does not answer the ping. " + e.Message}
}

// readSuite reads the suite and the exported test flows that it names. A connector without a suite has its generated cases.
func (f *suiteFlags) readSuite(read *connector.Connector, dir fs.FS) (*suite.Suite, []*flopack.File, error) {
	name := filepath.ToSlash(f.Suite)
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		if f.Suite == suite.File && errors.Is(err, fs.ErrNotExist) {
			return suite.Empty(), nil, nil
		}
		return nil, nil, because(err, f.Suite+" cannot be read")
	}
	if ext := filepath.Ext(name); ext == ".flow" || ext == ".folder" || ext == ".flopack" {
		return suite.Empty(), []*flopack.File{flopack.Read(name, text)}, nil
	}
	s, found := suite.Read(name, text, read)
	if err := connector.Unsound(f.Suite, found); err != nil {
		return nil, nil, err
	}
	var flows []*flopack.File
	if s.FlowFile != "" {
		text, err := fs.ReadFile(dir, s.FlowFile)
		if err != nil {
			return nil, nil, because(err, s.FlowFile+" cannot be read")
		}
		flows = append(flows, flopack.Read(s.FlowFile, text))
	}
	return s, flows, nil
}

// keep writes a recording beside the connector.
func (f *suiteFlags) keep(name string, content []byte) error {
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	folder := f.Path
	if !info.IsDir() {
		folder = filepath.Dir(f.Path)
	}
	folder = filepath.Join(folder, f.Recordings)
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // it holds no secret
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), content, 0o644) //nolint:gosec // it holds no secret
}

// write writes the report, to the file where there is one, and ends with its verdict.
func (f *suiteFlags) write(file *os.File, rep report.Report) error {
	write := func() error { return formats[f.Format](f.stdout, rep) }
	if file != nil {
		_, _ = fmt.Fprintln(f.stderr, report.Summary(rep))
		write = func() error { return errors.Join(formats[f.Format](file, rep), file.Close()) }
	}
	if err := write(); err != nil {
		return because(err, "The report cannot be written")
	}
	switch rep.Verdict {
	case report.Passed:
		return nil
	case report.Failed:
		return exitStatus(exitFailed)
	}
	return exitStatus(exitNotRun)
}
