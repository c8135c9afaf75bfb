package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// demoCmd starts a network that shows everything: sample orgs and one sign-in link per role.
type demoCmd struct {
	place
	Listen string `help:"Address to listen on." default:"127.0.0.1:8080" env:"SLIPWAY_LISTEN" placeholder:"HOST:PORT"`
}

const demoBanner = "This is a demo. Private addresses and plain http are open, so that the demo vendor inside this process can be reached."

// Run fills the database if it is new, prints the links, and serves until it is interrupted.
func (c demoCmd) Run(ctx context.Context) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	n := assemble(s, settings{Banner: demoBanner, Tour: true, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	address := "http://" + listener.Addr().String()
	if err := n.printDemo(ctx, os.Stdout, address); err != nil {
		return err
	}
	return n.serve(ctx, listener)
}

// cast is who plays in the demo.
var cast = []struct {
	org, orgName string
	network      bool
	email, name  string
	roles        []access.Role
}{
	{"harbor", "Harbor HR (sample vendor)", false, "vendor@example.com", "Vera Vendor", []access.Role{access.Vendor}},
	{"network", "Network team", true, "reviewer@example.com", "Rex Reviewer", []access.Role{access.Reviewer, access.QA, access.Operator}},
	{"lighthouse", "Lighthouse Ltd (sample customer)", false, "admin@example.com", "Cara Customer", []access.Role{access.CustomerAdmin}},
	{"lighthouse", "Lighthouse Ltd (sample customer)", false, "user@example.com", "Eli Enduser", []access.Role{access.EndUser}},
}

// printDemo makes the cast where it is missing and prints a fresh link for each part.
func (n *network) printDemo(ctx context.Context, out io.Writer, address string) error {
	lines := fmt.Sprintf("\n  Slipway demo: %s\n\n  Sign in by opening a link; each works once and sets a password.\n\n", address)
	for _, part := range cast {
		org, err := n.store.OrgBySlug(ctx, part.org)
		if fault.CodeOf(err) == fault.NotFound {
			org, err = n.access.CreateOrg(ctx, part.org, part.orgName, part.network)
		}
		if err != nil {
			return err
		}
		_, token, err := n.access.Invite(ctx, part.email, part.name, org, part.roles...)
		if err != nil {
			return err
		}
		lines += fmt.Sprintf("  %-15s %s/join/%s\n", part.roles[0].Label(), address, token)
	}
	_, err := fmt.Fprintln(out, lines)
	return err
}
