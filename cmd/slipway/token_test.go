package main

import (
	"bytes"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

func TestTokenCommand(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, storetest.SQLite(t))
	people := access.NewService(s, store.Now)
	org, err := people.CreateOrg(t.Context(), "acme", "Acme", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := people.Invite(t.Context(), "ann@example.com", "Ann", org, access.Vendor); err != nil {
		t.Fatal(err)
	}
	run := func(c tokenCmd) (string, fault.Code) {
		t.Helper()
		var out bytes.Buffer
		err := c.run(t.Context(), s, &out)
		return strings.TrimSpace(out.String()), fault.CodeOf(err)
	}
	text, code := run(tokenCmd{Email: "Ann@example.com", Name: "ci", Days: 90})
	tokens := &access.Tokens{Store: s, People: people}
	if actor, _, err := tokens.Actor(t.Context(), secret.NewText(text)); err != nil || actor.Email != "ann@example.com" {
		t.Fatalf("the printed token does not work: %q, %s, %v", text, code, err)
	}
	if list, code := run(tokenCmd{Email: "ann@example.com", List: true}); code != "" || !strings.HasPrefix(list, "ci") || strings.Contains(list, text) {
		t.Errorf("the list: %q, %s", list, code)
	}
	for _, tt := range []struct {
		why  string
		call tokenCmd
		want fault.Code
	}{
		{"an address that nobody has", tokenCmd{Email: "bob@example.com", Name: "ci", Days: 90}, fault.NotFound},
		{"a name that is taken", tokenCmd{Email: "ann@example.com", Name: "ci", Days: 90}, fault.Conflict},
		{"no name", tokenCmd{Email: "ann@example.com", Days: 90}, fault.Invalid},
		{"more than a year", tokenCmd{Email: "ann@example.com", Name: "long", Days: 366}, fault.Invalid},
		{"revoking what is not there", tokenCmd{Email: "ann@example.com", Name: "other", Revoke: true}, fault.NotFound},
		{"revoking", tokenCmd{Email: "ann@example.com", Name: "ci", Revoke: true}, ""},
	} {
		if out, code := run(tt.call); code != tt.want || out != "" {
			t.Errorf("%s: %q, printed %q; want %q and nothing", tt.why, code, out, tt.want)
		}
	}
	if _, _, err := tokens.Actor(t.Context(), secret.NewText(text)); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("the revoked token: %v", err)
	}
}
