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
	breaks := lint.Compare(before.Program, after.Program)
	for _, f := range breaks {
		_, _ = fmt.Fprintln(c.stdout, f)
	}
	changed, err := c.wire(ctx, after, dir)
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
	case changed:
		return nil
	}
	_, err = fmt.Fprintln(c.stdout, "Nothing changes for those who use the connector, nor on the wire.")
	return err
}

// wire runs the recordings of the version before against the new one.
func (c *connectorDiffCmd) wire(ctx context.Context, after *connector.Connector, dir fs.FS) (changed bool, err error) {
	text, err := fs.ReadFile(dir, suite.File)
	recordings, errSub := fs.Sub(dir, "cassettes")
	if err != nil || errSub != nil {
		_, err := fmt.Fprintln(c.stdout, "The version before has no suite with recordings, so nothing can be said about the wire.")
		return false, err
	}
	s, found := suite.Read(suite.File, text, after)
	if s == nil {
		return false, fault.Newf(fault.Invalid, "The suite of the version before cannot be read for the new one: %s", found[0])
	}
	r := &suite.Runner{Connector: after, Suite: s, Mode: suite.Replay, Cassettes: recordings, HTTP: true, Hosts: []string{engine.AnyHost}}
	for _, d := range r.Diff(ctx) {
		if len(d.Lines) == 0 && d.Ended == "" {
			continue
		}
		changed = true
		_, _ = fmt.Fprintf(c.stdout, "%s\n", d.Case)
		for _, line := range d.Lines {
			_, _ = fmt.Fprintf(c.stdout, "  %s\n", line)
		}
		if d.Ended != "" {
			_, _ = fmt.Fprintf(c.stdout, "  %s\n", d.Ended)
		}
	}
	return changed, nil
}
