package main

import (
	"context"
	"fmt"
	"io/fs"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/suite"
	"slipway/internal/fault"
)

// connectorDiffCmd compares a new version of a connector with the one before it.
type connectorDiffCmd struct {
	Before string `arg:"" help:"The version that is in use." placeholder:"DIR|FILE"`
	connectorArg
}

// Run ends with 0 where nobody has to change anything, and with 1 where those who use the connector would notice.
func (c *connectorDiffCmd) Run(ctx context.Context) error { return c.ended("diff", c.diff(ctx)) }

func (c *connectorDiffCmd) diff(ctx context.Context) error {
	after, _, err := c.load()
	if err != nil {
		return err
	}
	before, dir, err := loadConnector(c.Before)
	if err != nil {
		return err
	}
	for _, version := range []*connector.Connector{before, after} {
		if err := version.Sound(); err != nil {
			return err
		}
	}
	if before.Hash == after.Hash {
		_, err := fmt.Fprintf(c.stdout, "Both mean the same: content %s.\n", after.Hash)
		return err
	}
	breaks := lint.Compare(before, after)
	for _, f := range breaks {
		_, _ = fmt.Fprintln(c.stdout, f)
	}
	wire, err := c.wire(ctx, after, dir)
	if err != nil {
		return err
	}
	switch n := breaks.Errors(); {
	case n == 1:
		_, _ = fmt.Fprintln(c.stdout, "1 change breaks what those who use the connector have built.")
		return exitStatus(exitFailed)
	case n > 1:
		_, _ = fmt.Fprintf(c.stdout, "%d changes break what those who use the connector have built.\n", n)
		return exitStatus(exitFailed)
	}
	_, err = fmt.Fprintf(c.stdout, "Nothing changes for those who use the connector%s\n", wire)
	return err
}

// wire runs the recordings of the version before against the new one, prints what differs, and returns the end of a sentence
// that says what came of it.
func (c *connectorDiffCmd) wire(ctx context.Context, after *connector.Connector, dir fs.FS) (came string, err error) {
	const unknown = "; the wire was not compared."
	text, err := fs.ReadFile(dir, suite.File)
	recordings, errSub := fs.Sub(dir, cassettes)
	if err == nil && errSub == nil {
		_, err = fs.Stat(recordings, ".")
	}
	if err != nil || errSub != nil {
		_, err := fmt.Fprintln(c.stdout, "The version before has no suite with recordings, so nothing can be said about the wire.")
		return unknown, err
	}
	s, found := suite.Read(suite.File, text, after)
	if s == nil {
		return "", fault.Newf(fault.Invalid, "The suite of the version before cannot be read for the new one: %s", found[0])
	}
	r := &suite.Runner{Connector: after, Suite: s, Mode: suite.Replay, Cassettes: recordings, HTTP: true, Hosts: []string{engine.AnyHost}}
	if err := r.Connects(); err != nil {
		_, err := fmt.Fprintf(c.stdout, "The recordings cannot be replayed, so nothing can be said about the wire: %s\n", forPeople(err))
		return unknown, err
	}
	differ := 0
	for _, d := range r.Diff(ctx) {
		if len(d.Lines) == 0 && d.Ended == "" {
			continue
		}
		differ++
		_, _ = fmt.Fprintf(c.stdout, "%s\n", d.Case)
		for _, line := range d.Lines {
			_, _ = fmt.Fprintf(c.stdout, "  %s\n", line)
		}
		if d.Ended != "" {
			_, _ = fmt.Fprintf(c.stdout, "  %s\n", d.Ended)
		}
	}
	switch differ {
	case 0:
		return ", nor on the wire.", nil
	case 1:
		return "; 1 case differs on the wire.", nil
	}
	return fmt.Sprintf("; %d cases differ on the wire.", differ), nil
}
