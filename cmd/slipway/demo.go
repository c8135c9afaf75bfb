package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"slipway/internal/access"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/web/views"
	"slipway/scimtest"
)

// demoCmd starts a network that shows everything: sample orgs, a sample vendor inside the process, and one
// sign-in link per role.
type demoCmd struct {
	place
	Listen string `help:"Address to listen on." default:"127.0.0.1:8080" env:"SLIPWAY_LISTEN" placeholder:"HOST:PORT"`
	Vendor string `help:"Address of the sample vendor's SCIM server." default:"127.0.0.1:8081" placeholder:"HOST:PORT"`
}

const (
	demoBanner = "This is a demo. Private addresses and plain http are open, so that the sample vendor inside this process can be reached."
	demoToken  = "demo-vendor-token"
)

// Run fills the database if it is new, prints the links, and serves until it is interrupted.
func (c demoCmd) Run(ctx context.Context) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	vendor, stop, err := startVendor(c.Vendor)
	if err != nil {
		return err
	}
	defer stop()
	var n *network
	var people players
	n = assemble(s, settings{
		Address: "http://" + listener.Addr().String(), Contact: "reviewer@example.com", Policy: c.own(egress.AllowPrivate(), listener), Banner: demoBanner,
		Tour: func(ctx context.Context) ([]views.TourStep, error) { return n.tour(ctx, people) },
		Log:  slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	people, err = n.invite(ctx)
	if err != nil {
		return err
	}
	if err := people.print(os.Stdout, n.Address, vendor); err != nil {
		return err
	}
	seeded := make(chan error, 1)
	go func() { seeded <- n.seed(ctx, people, vendor) }()
	err = n.serve(ctx, listener)
	if seedErr := <-seeded; seedErr != nil && ctx.Err() == nil {
		return seedErr
	}
	return err
}

// startVendor serves the sample vendor's system: a SCIM server that keeps its accounts in memory.
func startVendor(address string) (baseURL string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("listen on %s for the sample vendor (choose another address with --vendor): %w", address, err)
	}
	server := &http.Server{Handler: scimtest.New(scimtest.WithToken(demoToken)), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return "http://" + listener.Addr().String() + "/scim/v2", func() { _ = server.Close() }, nil
}

// part is one person of the demo's cast.
type part struct {
	org, orgName string
	network      bool
	email, name  string
	roles        []access.Role
}

var cast = []part{
	{"harbor", "Harbor HR (sample vendor)", false, "vendor@example.com", "Vera Vendor", []access.Role{access.Vendor}},
	{"network", "Network team", true, "reviewer@example.com", "Rex Reviewer", []access.Role{access.Reviewer, access.QA, access.Operator}},
	{"lighthouse", "Lighthouse Ltd (sample customer)", false, "admin@example.com", "Cara Customer", []access.Role{access.CustomerAdmin}},
	{"lighthouse", "Lighthouse Ltd (sample customer)", false, "user@example.com", "Eli Enduser", []access.Role{access.EndUser}},
}

// player is a part with its user and a fresh link.
type player struct {
	part
	actor access.Actor
	token string
}

type players []player

// invite makes the cast where it is missing, and a fresh link for each part.
func (n *network) invite(ctx context.Context) (players, error) {
	var all players
	for _, p := range cast {
		org, err := n.store.OrgBySlug(ctx, p.org)
		if fault.CodeOf(err) == fault.NotFound {
			org, err = n.access.CreateOrg(ctx, p.org, p.orgName, p.network)
		}
		if err != nil {
			return nil, err
		}
		user, token, err := n.access.Invite(ctx, p.email, p.name, org, p.roles...)
		if err != nil {
			return nil, err
		}
		actor, err := n.access.ActorFor(ctx, user.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, player{p, actor, token})
	}
	return all, nil
}

// as returns the actor who holds the role.
func (all players) as(role access.Role) access.Actor {
	for _, p := range all {
		if p.actor.Has(role) {
			return p.actor
		}
	}
	return access.Actor{}
}

func (all players) print(out io.Writer, address, vendor string) error {
	text := fmt.Sprintf("\n  Slipway demo: %s\n\n  Sign in by opening a link; each works once and sets a password. Afterwards sign in by address.\n\n", address)
	for _, p := range all {
		text += fmt.Sprintf("  %-15s %-21s %s/join/%s\n", p.roles[0].Label(), p.email, address, p.token)
	}
	text += fmt.Sprintf("\n  The sample vendor's SCIM server: %s\n  and its token:                   %s\n", vendor, demoToken)
	_, err := fmt.Fprintln(out, text)
	return err
}
