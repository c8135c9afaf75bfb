package main

import (
	"context"
	"io/fs"

	"slipway/internal/connector"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/manual"
	"slipway/internal/connector/outline"
	flows "slipway/internal/connector/program"
	"slipway/internal/connector/suite"
)

// connectorLintCmd says what is wrong with a connector without running it.
type connectorLintCmd struct {
	connectorArg
	Format string `help:"text, json or sarif." enum:"text,json,sarif" default:"text"`
	Online bool   `help:"Also read the connector's public pages, and say what they leave out."`
}

// Run ends with 0 where there is no error, whatever the warnings, and with 1 where there is one.
func (c *connectorLintCmd) Run(ctx context.Context) error { return c.ended("lint", c.lint(ctx)) }

func (c *connectorLintCmd) lint(ctx context.Context) error {
	read, dir, err := c.load()
	if err != nil {
		return err
	}
	findings := unrun(read, dir)
	if c.Online {
		findings = append(findings, manual.Check(ctx, connectionFlags{}.api(), read)...)
	}
	findings = findings.Sorted()
	if err := lint.Formats[c.Format](c.stdout, findings); err != nil {
		return err
	}
	if findings.Errors() > 0 {
		return exitStatus(exitFailed)
	}
	return nil
}

// unrun is all that is found without running a connector: in its files, in its suite and in the flows that the suite names.
func unrun(read *connector.Connector, dir fs.FS) flows.Findings {
	findings := read.Findings
	if findings.Errors() == 0 || len(read.Program.Flows()) > 0 { // of what could not be read the rules know nothing
		findings = append(findings, lint.Check(read, lint.Options{})...)
	}
	if text, err := fs.ReadFile(dir, suite.File); err == nil && (read.Definition != nil || read.Sound() == nil) { // of a connector that could not be read, it knows no action
		s, found := suite.Read(suite.File, text, read)
		findings = append(append(findings, found...), suite.CheckFlows(suite.File, text, s, dir)...)
	}
	return findings.Sorted()
}

// connectorShowCmd prints a connector for those who review it.
type connectorShowCmd struct{ connectorArg }

// Run prints how the connector connects, every flow and every event.
func (c *connectorShowCmd) Run(context.Context) error { return c.ended("show", c.show()) }

func (c *connectorShowCmd) show() error {
	read, _, err := c.load()
	if err == nil {
		err = read.Sound()
	}
	if err != nil {
		return err
	}
	return outline.Print(c.stdout, read)
}
