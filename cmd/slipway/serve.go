package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"slipway/internal/access"
	"slipway/internal/egress"
)

// serveCmd starts a network on its own data.
type serveCmd struct {
	place
	Listen       string `help:"Address to listen on." default:"127.0.0.1:8080" env:"SLIPWAY_LISTEN" placeholder:"HOST:PORT"`
	Address      string `help:"Where people reach this network, for links in mails." env:"SLIPWAY_ADDRESS" placeholder:"URL"`
	Contact      string `help:"Mail address of the network's team, named in mails; the first operator's unless given." env:"SLIPWAY_CONTACT" placeholder:"EMAIL"`
	TestAccount  string `help:"User name that the form suggests for the test account of the network's team." env:"SLIPWAY_TEST_ACCOUNT" placeholder:"NAME"`
	AllowPrivate bool   `help:"Let the lab and installations reach private addresses over http, too. Every page says so." env:"SLIPWAY_ALLOW_PRIVATE"`
	Operator     string `help:"Address of the first operator, used when the network is empty." default:"operator@example.com" placeholder:"EMAIL"`
}

// Run serves until it is interrupted. On an empty database it makes the network's own org and prints a link
// for its first operator.
func (c serveCmd) Run(ctx context.Context) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	address := c.Address
	if address == "" {
		address = "http://" + listener.Addr().String()
	}
	n := assemble(s, settings{Address: address, Contact: cmp.Or(c.Contact, c.Operator), TestAccount: c.TestAccount, Policy: c.own(c.policy(), listener), Banner: c.banner(), Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))})
	if err := n.welcome(ctx, os.Stdout, address, c.Operator); err != nil {
		return err
	}
	fmt.Println("Slipway listens on", address)
	return n.serve(ctx, listener)
}

// policy is which addresses vendors' systems may have.
func (c serveCmd) policy() egress.Policy {
	if c.AllowPrivate {
		return egress.AllowPrivate()
	}
	return egress.Closed()
}

func (c serveCmd) banner() string {
	if c.AllowPrivate {
		return "Private addresses and plain http are open in this network."
	}
	return ""
}

// welcome prepares an empty database: without a first link nobody could ever sign in.
func (n *network) welcome(ctx context.Context, out io.Writer, address, operator string) error {
	users, err := n.store.CountUsers(ctx)
	if err != nil || users > 0 {
		return err
	}
	org, err := n.access.CreateOrg(ctx, "network", "Network team", true)
	if err != nil {
		return err
	}
	_, token, err := n.access.Invite(ctx, operator, "Operator", org, access.Operator, access.Reviewer, access.QA)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "This network is empty. Its first operator signs in here, once, within three days:\n  %s/join/%s\n", address, token)
	return err
}
