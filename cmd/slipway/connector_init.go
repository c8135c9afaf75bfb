package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/scaffold"
	"slipway/internal/connector/suite"
	"slipway/internal/fault"
)

// connectorInitCmd writes a first connector.yaml and suite.yaml.
type connectorInitCmd struct {
	Dir     string `arg:"" help:"Folder for the connector. It is made where it is missing; nothing in it is overwritten."`
	OpenAPI string `name:"openapi" placeholder:"FILE" help:"OpenAPI 3.0 or 3.1 document of the API, YAML or JSON, at most 5 MB."`
	Key     string `help:"Key of the connector: small letters and digits. It never changes. Guessed from the name where it is not given."`
	Name    string `help:"Name of the connector. The document's title where it is not given."`

	stdout, stderr io.Writer // of a test; nil is the process's own
}

// Run writes both files and says what was guessed.
func (c *connectorInitCmd) Run(context.Context) error {
	if c.stdout == nil {
		c.stdout, c.stderr = os.Stdout, os.Stderr
	}
	ended := (&connectorArg{Path: c.Dir, stdout: c.stdout, stderr: c.stderr}).ended
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return ended("init", err)
	}
	o := scaffold.Options{Folder: filepath.Base(dir), Key: c.Key, Name: c.Name}
	if c.OpenAPI != "" {
		text, err := readSome(c.OpenAPI, scaffold.MaxDocument)
		if err != nil {
			return ended("init", err)
		}
		o.OpenAPI = text
	}
	files, err := scaffold.Make(o)
	if err != nil {
		return ended("init", err)
	}
	if err := scaffold.Write(c.Dir, files); err != nil {
		return ended("init", err)
	}
	c.tell(files.Report)
	return nil
}

// readSome reads a file up to its limit and one byte more, so that whoever limits it sees that there is more.
func readSome(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be opened.", name))
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name))
	}
	return text, nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// quoted is a name as a shell takes it.
func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

func (c *connectorInitCmd) tell(r scaffold.Report) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(c.stdout, format+"\n", args...) }
	say("Wrote %s and %s. The key is %s; it never changes once it is published.", filepath.Join(c.Dir, connector.File), filepath.Join(c.Dir, suite.File), r.Key)
	if c.OpenAPI != "" {
		say("")
		if n := len(r.Guessed); n > 0 {
			say("%d contracts were guessed: %s.", n, strings.Join(r.Guessed, ", "))
		} else {
			say("No contract was guessed: the document has no users or groups that are known as such.")
		}
		if n := len(r.Stubs); n > 0 {
			say("%d more belong to them and have to be written: %s.", n, strings.Join(r.Stubs, ", "))
		}
		say("Further actions: %d. Operations that only a comment names: %d.", r.Actions, r.Left)
	}
	say("")
	say("Look for “To decide” in both files. Then: slipway connector ping %s", quoted(c.Dir))
}
