package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/secret"
)

// Covers, H-20: secrets are written, never read back, and kept when the form comes back blank.
func TestSecretsAreWriteOnly(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	subject := func() Subject { t.Helper(); return must(s.Subject(ctx, sub.ID))(t) }
	for name, value := range map[string]string{"blank": "", "dots": "••••••••", "stars": "********", "the mask of our API": secret.Redacted} {
		must(s.SaveSecret(ctx, ann, sub.ID, "testAccount.password", secret.NewText(value)))(t)
		must(s.SaveConnection(ctx, ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText(value)}))(t)
		if got := subject().Connection[manifest.ConnectionToken].Reveal(); got != "canary-token" {
			t.Errorf("%s replaced the token", name)
		}
	}
	_, err := s.SaveSecret(ctx, ann, sub.ID, "name", secret.NewText("x"))
	wantCode(t, "a secret where none belongs", err, fault.Invalid)
	_, err = s.SaveSecret(ctx, ann, sub.ID, "testAccount.password", secret.NewText(strings.Repeat("x", 300)))
	wantCode(t, "a secret that is too long", err, fault.Invalid)
	_, err = s.SaveConnection(ctx, ann, sub.ID, manifest.Connection{manifest.ConnectionToken: secret.NewText("a\r\nX-Evil: 1")})
	wantCode(t, "a token with a line end", err, fault.Invalid)

	d := must(s.Get(ctx, ann, sub.ID))(t)
	connection := must(s.Connection(ctx, ann, d))(t)
	if shown := fmt.Sprintf("%+v %+v %s", d, connection, d.Submission.Content.Encode()); strings.Contains(shown, "canary") {
		t.Errorf("a secret is shown: %s", shown)
	}
	pass(t, s, sub.ID)
	sub = must(s.Submit(ctx, ann, sub.ID, d.Submission.Version, true))(t)
	got, err := s.Reveal(ctx, quinn, sub.ID, "testAccount.password")
	if err != nil || got.Reveal() != "canary-password" {
		t.Fatalf("revealed %q, %v", got.Reveal(), err)
	}
	history := must(s.History(ctx, rita, sub.ID))(t)
	if e := history[len(history)-1]; e.Action != Reveal || e.ActorID != quinn.PersonID || e.Note != "Test account password" {
		t.Errorf("the reveal is not on record: %+v", e)
	}
	if e := must(s.History(ctx, ann, sub.ID))(t); e[len(e)-1].ActorName != "Network team" {
		t.Errorf("the vendor sees who looked: %+v", e[len(e)-1])
	}
	sub = must(s.Withdraw(ctx, ann, sub.ID, sub.Version))(t)
	if d := must(s.Get(ctx, ann, sub.ID))(t); len(d.Secrets) != 0 {
		t.Errorf("withdrawn, and still stored: %v", d.Secrets)
	}
}

// Covers H-21: a stored token is not sent to an address that it was not given for.
func TestChangedAddressClearsTheToken(t *testing.T) {
	for _, tt := range []struct {
		name string
		sent manifest.Content
		want bool // cleared
	}{
		{"another host", manifest.Content{}.With("scim.baseUrl", "https://evil.example/scim/v2"), true},
		{"no address", manifest.Content{"scim": map[string]any{"baseUrl": ""}}, true},
		{"another header at the same address", manifest.Content{}.With("scim.auth.mode", "header").With("scim.auth.headerName", "X-Key").With("scim.auth.headerFormat", "{token}"), false},
		{"an address that is not finished", manifest.Content{}.With("scim.baseUrl", "https:/"), true},
		{"another name", manifest.Content{}.With("name", "Acme 2"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := inMemory()
			sub := filled(t, s, start(t, s))
			saved := must(s.SaveDraft(t.Context(), ann, sub.ID, sub.Version, tt.sent))(t)
			d := must(s.Get(t.Context(), ann, sub.ID))(t)
			if d.Has(manifest.ConnectionToken) == tt.want || (len(saved.Cleared) > 0) != tt.want {
				t.Errorf("token stored: %v, said to be cleared: %v", d.Has(manifest.ConnectionToken), saved.Cleared)
			}
		})
	}
}

// Covers H-21 for variables.
func TestChangedVariableClearsTheToken(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	content := manifest.Content{}.With("scim.perTenant", "yes").With("scim.baseUrlTemplate", "https://${app.tenant}.acme.example/scim").
		With("scim.variables", []map[string]string{{"label": "Tenant", "name": "tenant", "type": "string"}})
	must(s.SaveDraft(ctx, ann, sub.ID, sub.Version, content))(t)
	connect := func(values manifest.Connection) Saved {
		t.Helper()
		return must(s.SaveConnection(ctx, ann, sub.ID, values))(t)
	}
	tenant := manifest.VariablePrefix + "tenant"
	connect(manifest.Connection{tenant: secret.NewText("one"), manifest.ConnectionToken: secret.NewText("first")})
	if saved := connect(manifest.Connection{tenant: secret.NewText("one")}); len(saved.Cleared) > 0 {
		t.Errorf("the same value cleared %v", saved.Cleared)
	}
	if saved := connect(manifest.Connection{tenant: secret.NewText("two")}); !slices.Equal(saved.Cleared, []string{"Token"}) {
		t.Errorf("another tenant cleared %v, want the token", saved.Cleared)
	}
	connect(manifest.Connection{tenant: secret.NewText("three"), manifest.ConnectionToken: secret.NewText("third")})
	connect(manifest.Connection{tenant: secret.NewText("four"), manifest.ConnectionToken: secret.NewText("fourth")})
	got := must(s.Subject(ctx, sub.ID))(t).Connection
	if got[manifest.ConnectionToken].Reveal() != "fourth" || got[tenant].Reveal() != "four" {
		t.Errorf("a token given together with the new tenant was not kept")
	}
	if shown := must(s.Connection(ctx, ann, must(s.Get(ctx, ann, sub.ID))(t)))(t); shown.Shown[tenant] != "four" {
		t.Errorf("the form shows %v", shown.Shown)
	}
	must(s.RemoveSecret(ctx, ann, sub.ID, manifest.ConnectionToken))(t)
	if d := must(s.Get(ctx, ann, sub.ID))(t); d.Has(manifest.ConnectionToken) || !d.Has(tenant) {
		t.Errorf("after the token was removed, %v is stored", d.Secrets)
	}
}
