package connection_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/connector/connection"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/fault"
)

const byCode = `apiVersion: slipway.dev/v1
kind: Connector
metadata: { key: sample, name: Sample, description: A sample. }
connection:
  baseUrl: https://api.example.com
  allowedHosts: [api.example.com, id.example.com]
  auth:
    - id: oauth
      label: OAuth
      type: oauth2-code
      authorizeUrl: https://id.example.com/authorize
      tokenUrl: https://id.example.com/token
      scopes: [users, offline_access]
      authorizeParams: { access_type: offline }
      clientAuth: body
`

// server is an authorization server: it gives tokens for a code and its verifier, and for the newest refresh token.
type server struct {
	challenge string
	refresh   string
	gave      int
	asked     []url.Values
}

func (s *server) Call(_ context.Context, q engine.Request) (engine.Response, error) {
	form, _ := url.ParseQuery(string(q.Body))
	s.asked = append(s.asked, form)
	good := form.Get("client_id") == "id" && form.Get("client_secret") == "key"
	switch form.Get("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		good = good && form.Get("code") == "code-1" && base64.RawURLEncoding.EncodeToString(sum[:]) == s.challenge
	case "refresh_token":
		good = good && form.Get("refresh_token") == s.refresh
	default:
		good = false
	}
	if !good {
		return engine.Response{Status: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"error":"invalid_grant","error_description":"no longer good"}`)}, nil
	}
	s.gave++
	s.refresh = fmt.Sprintf("refresh-%d", s.gave) // a new one with each use, as some servers do
	return engine.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: fmt.Appendf(nil, `{"access_token":"access-%d","token_type":"Bearer","expires_in":3600,"refresh_token":%q}`, s.gave, s.refresh)}, nil
}

type clock struct{ now time.Time }

func (c *clock) Now() time.Time                                 { return c.now }
func (c *clock) Sleep(_ context.Context, d time.Duration) error { c.now = c.now.Add(d); return nil }

func method(t *testing.T) definition.Method {
	t.Helper()
	d, found := definition.Read("connector.yaml", []byte(byCode))
	if d == nil || len(found) > 0 {
		t.Fatal(found)
	}
	return d.Methods[0]
}

func authorization(t *testing.T, c *connection.Connection) string {
	t.Helper()
	r := engine.Request{Method: http.MethodGet, URL: "https://api.example.com/me", Header: http.Header{}}
	if err := c.Authorize(t.Context(), &r); err != nil {
		return "error: " + err.Error()
	}
	return r.Header.Get("Authorization")
}

func TestAPersonAgrees(t *testing.T) {
	api, now := &server{}, &clock{time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}
	c, err := connection.New(method(t), map[string]string{"client_id": "id", "client_secret": "key"}, api, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := authorization(t, c); !strings.Contains(got, "Nobody has agreed") {
		t.Errorf("before somebody has agreed: %s", got)
	}
	verifier := connection.Verifier()
	address, err := c.AuthorizeURL("http://127.0.0.1:8910/callback", "state-1", verifier)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": "id", "state": "state-1", "scope": "users offline_access", "access_type": "offline", "code_challenge_method": "S256", "redirect_uri": "http://127.0.0.1:8910/callback"} {
		if q.Get(name) != want {
			t.Errorf("%s is %q in %s, want %q", name, q.Get(name), address, want)
		}
	}
	api.challenge = q.Get("code_challenge")
	if _, err := c.Redeem(t.Context(), "code-1", "http://127.0.0.1:8910/callback", connection.Verifier()); err == nil {
		t.Error("a code is redeemed with another's verifier")
	}
	refresh, err := c.Redeem(t.Context(), "code-1", "http://127.0.0.1:8910/callback", verifier)
	if err != nil || refresh.Reveal() != "refresh-1" {
		t.Fatalf("redeemed: %q, %v", refresh.Reveal(), err)
	}
	if got := authorization(t, c); got != "Bearer access-1" {
		t.Errorf("after that: %q", got)
	}
	now.now = now.now.Add(time.Hour)
	if got := authorization(t, c); got != "Bearer access-2" {
		t.Errorf("after its end: %q", got)
	}
	now.now = now.now.Add(time.Hour)
	if got := authorization(t, c); got != "Bearer access-3" || api.asked[len(api.asked)-1].Get("refresh_token") != "refresh-2" {
		t.Errorf("a refresh token that was replaced is used again: %q, %v", got, api.asked[len(api.asked)-1])
	}
	var known []string
	for _, s := range c.Secrets() {
		known = append(known, s.Reveal())
	}
	for _, secret := range []string{"key", "access-1", "access-3", "refresh-1", "refresh-3"} {
		if !slices.Contains(known, secret) {
			t.Errorf("%q is not known as a secret", secret)
		}
	}
}

// with is a request that was sent with a token.
func with(token string) engine.Request {
	return engine.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

func TestARefusedTokenIsForgottenOnce(t *testing.T) {
	api, now := &server{refresh: "old"}, &clock{time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}
	c, err := connection.New(method(t), map[string]string{"client_id": "id", "client_secret": "key", "refresh_token": "old"}, api, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := authorization(t, c); got != "Bearer access-1" {
		t.Fatal(got)
	}
	if c.Renew(with("access-1")) {
		t.Error("a token that was just got and refused is got again: nothing would be better")
	}
	authorization(t, c)
	if !c.Renew(with("access-1")) {
		t.Error("a token that had worked and is refused is not renewed")
	}
	if got := authorization(t, c); got != "Bearer access-2" {
		t.Errorf("then: %q", got)
	}
	if !c.Renew(with("access-1")) || authorization(t, c) != "Bearer access-2" {
		t.Error("of two requests that were refused with one token, the second does not get the new one")
	}
	api.refresh = "revoked"
	authorization(t, c)
	c.Renew(with("access-2"))
	if got := authorization(t, c); !strings.Contains(got, "400 invalid_grant: no longer good") {
		t.Errorf("a refresh token that is no longer good: %q", got)
	}
}

func TestWhatIsEnteredIsChecked(t *testing.T) {
	m := definition.Method{Kind: definition.Custom, Fields: []definition.Field{
		{Key: "subdomain", Label: "Subdomain", Type: "text", Pattern: "[a-z]+"}, {Key: "region", Label: "Region", Type: "choice", Choices: []string{"eu", "us"}, Default: "eu"},
		{Key: "token", Label: "Token", Type: "secret"},
	}}
	for _, tt := range []struct {
		name    string
		entered map[string]string
		wrong   []string
	}{
		{"all is there", map[string]string{"subdomain": "acme", "token": "t"}, nil},
		{"something is missing", map[string]string{"subdomain": "acme"}, []string{"token"}},
		{"a form is not kept, by its end", map[string]string{"subdomain": "acme.evil.example.com/", "token": "t"}, []string{"subdomain"}},
		{"a choice that there is not", map[string]string{"subdomain": "acme", "token": "t", "region": "moon"}, []string{"region"}},
		{"a field that there is not", map[string]string{"subdomain": "acme", "token": "t", "tokne": "t"}, []string{"tokne"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := connection.New(m, tt.entered, &server{}, &clock{})
			var wrong []string
			for _, f := range fault.Show(err).Fields {
				wrong = append(wrong, f.Key)
			}
			if !slices.Equal(wrong, tt.wrong) {
				t.Errorf("wrong are %v (%v), want %v", wrong, err, tt.wrong)
			}
		})
	}
}
