package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/store"
)

// tokenCmd prints a personal API token, or lists or revokes those there are. It works on the database directly, so
// it needs the same place as serve.
type tokenCmd struct {
	place
	Email  string `arg:"" help:"Address of the user as whom the token acts."`
	Name   string `help:"What will use the token. A user has one token of a name." placeholder:"NAME"`
	Days   int    `help:"For how many days it works, 365 at most." default:"90" placeholder:"N"`
	List   bool   `help:"List the user's tokens instead."`
	Revoke bool   `help:"Revoke the token with this name instead."`
}

// Run prints the token and nothing else, so that a script can use it.
func (c tokenCmd) Run(ctx context.Context) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	return c.run(ctx, s, os.Stdout)
}

func (c tokenCmd) run(ctx context.Context, s *store.Store, out io.Writer) error {
	user, err := s.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(c.Email)))
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Newf(fault.NotFound, "Nobody signs in with the address %s. `slipway invite` makes a user.", c.Email)
	}
	if err != nil {
		return err
	}
	tokens := &access.Tokens{Store: s, People: access.NewService(s, store.Now)}
	switch {
	case c.List:
		return c.list(ctx, tokens, user, out)
	case c.Revoke:
		return c.revoke(ctx, tokens, user)
	}
	_, text, err := tokens.Issue(ctx, user, c.Name, time.Duration(c.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, text.Reveal())
	return err
}

func (c tokenCmd) list(ctx context.Context, tokens *access.Tokens, user access.User, out io.Writer) error {
	all, err := tokens.Of(ctx, user.ID)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, t := range all {
		used := "never used"
		if t.UsedAt != nil {
			used = "used " + t.UsedAt.UTC().Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(table, "%s\tuntil %s\t%s\n", t.Name, t.ExpiresAt.UTC().Format(time.RFC3339), used); err != nil {
			return err
		}
	}
	return table.Flush()
}

func (c tokenCmd) revoke(ctx context.Context, tokens *access.Tokens, user access.User) error {
	all, err := tokens.Of(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Name == c.Name {
			return tokens.Revoke(ctx, user.ID, t.ID)
		}
	}
	return fault.Newf(fault.NotFound, "%s has no token with the name %q. --list shows those there are.", user.Email, c.Name)
}
