package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"slipway/internal/connector/connection"
	"slipway/internal/connector/engine"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/secret"
)

// connectorConnectCmd lets a person agree to a connection of type oauth2-code.
type connectorConnectCmd struct {
	connectorArg
	connectionFlags
	Redirect string `help:"Address on this machine to which the person comes back. Register it with the vendor." default:"http://127.0.0.1:8910/callback" placeholder:"URL"`
}

// patience is how long a person has to agree.
const patience = 10 * time.Minute

// Run prints the address to open, waits for the person to come back, and prints the refresh token.
func (c *connectorConnectCmd) Run(ctx context.Context) error {
	return c.ended("connect", c.connect(ctx))
}

func (c *connectorConnectCmd) connect(ctx context.Context) error {
	read, _, err := c.load()
	if err != nil {
		return err
	}
	_, conn, err := c.machine(read)
	if err != nil {
		return err
	}
	if conn == nil || !conn.ByCode() {
		return fault.New(fault.Invalid, "This way to connect needs nobody's agreement; enter its fields.")
	}
	state, verifier := fmt.Sprintf("%x", newSeed()), connection.Verifier()
	address, err := conn.AuthorizeURL(c.Redirect, state, verifier)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	code, err := c.code(ctx, address, state)
	if err != nil {
		return err
	}
	token, err := conn.Redeem(ctx, code, c.Redirect, verifier)
	if err != nil {
		if e, is := errors.AsType[*engine.Error](err); is { // servers echo what they refuse
			e.Message = egress.Redact(append(conn.Secrets(), secret.NewText(code)))(e.Message)
		}
		return err
	}
	if token.IsZero() {
		return fault.New(fault.Unavailable, "The authorization server gave no refresh token. Often a scope such as offline_access is missing, or a parameter under authorizeParams.")
	}
	_, err = fmt.Fprintf(c.stdout, "%sREFRESH_TOKEN=%s\n", fromEnvironment, token.Reveal())
	return err
}

// back is what a person brings along when they come back (RFC 6749 §4.1.2).
type back struct{ code, problem string }

// code waits on the redirect address for the person who agrees at the other. A visit with another state is somebody else's.
func (c *connectorConnectCmd) code(ctx context.Context, address, state string) (string, error) {
	redirect, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Redirect, nil)
	if err != nil || redirect.URL.Hostname() != "127.0.0.1" && redirect.URL.Hostname() != "localhost" {
		return "", fault.Newf(fault.Invalid, "%s is no address on this machine; use one like http://127.0.0.1:8910/callback.", c.Redirect)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", redirect.URL.Host)
	if err != nil {
		return "", because(err, redirect.URL.Host+" cannot be listened on")
	}
	came := make(chan back, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != redirect.URL.Path || q.Get("state") != state {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintln(w, "That is all. You can close this page.")
		select {
		case came <- back{q.Get("code"), q.Get("error")}:
		default:
		}
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { // the answer to the person is still on its way
		goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = server.Shutdown(goodbye)
		_ = server.Close()
	}()
	_, _ = fmt.Fprintf(c.stderr, "Open this address, and agree there:\n\n  %s\n\n", address)
	select {
	case <-ctx.Done():
		return "", fault.Wrap(ctx.Err(), fault.Unavailable, fmt.Sprintf("Nobody agreed within %s.", patience))
	case b := <-came:
		if b.problem != "" || b.code == "" {
			return "", fault.Newf(fault.Unavailable, "The authorization server sent no code: %s.", b.problem)
		}
		return b.code, nil
	}
}
