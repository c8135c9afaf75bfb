// Package connection is a customer's way into a vendor's system: what was entered, and how requests prove it.
//
// It owns the values of one connection and the tokens that are got with them. Its one rule: what is secret is known to be,
// so that whoever records can take it out: the values of secret fields, and every token that an authorization server gave.
package connection

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
	"slipway/internal/fault"
	"slipway/internal/secret"
)

// ByCode reports whether a person has to agree to the connection before it works.
func (c *Connection) ByCode() bool { return c.method.Kind == definition.OAuthCode }

// Connection is one way to connect, with what a customer entered. It may be used by several goroutines.
type Connection struct {
	method definition.Method
	values map[string]any
	api    engine.API
	clock  engine.Clock

	asking chan struct{} // holds one: whoever asks for a token

	mu      sync.Mutex
	refresh string // the newest refresh token
	token   *oauth2.Token
	issued  []secret.Text // every token that was given, for whoever records
	fresh   bool          // the token was got since the last refusal
}

// New checks what was entered and returns the connection. api sends what is asked of an authorization server. Its error is
// a fault that names each field.
func New(method definition.Method, entered map[string]string, api engine.API, clock engine.Clock) (*Connection, error) {
	values := map[string]any{}
	var wrong []fault.Field
	object := func(key, format string, args ...any) {
		wrong = append(wrong, fault.Field{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	for _, f := range method.Fields {
		v := entered[f.Key]
		if v == "" {
			v = f.Default
		}
		switch {
		case v == "" && !f.Optional:
			object(f.Key, "Enter %s.", f.Label)
		case v == "":
		case f.Pattern != "" && !matches(f.Pattern, v):
			object(f.Key, "%s does not have the form %s.", f.Label, f.Pattern)
		case len(f.Choices) > 0 && !slices.Contains(f.Choices, v):
			object(f.Key, "%s must be one of %s.", f.Label, strings.Join(f.Choices, ", "))
		}
		values[f.Key] = v
	}
	for _, key := range slices.Sorted(maps.Keys(entered)) {
		if !slices.ContainsFunc(method.Fields, func(f definition.Field) bool { return f.Key == key }) {
			object(key, "The connection has no field %q; it has %s.", key, fieldsOf(method))
		}
	}
	if len(wrong) > 0 {
		return nil, fault.New(fault.Invalid, "The connection is not complete.").With(wrong...)
	}
	return &Connection{method: method, values: values, refresh: value.Text(values["refresh_token"]), api: api, clock: clock, asking: make(chan struct{}, 1)}, nil
}

// fieldsOf names the fields of a way to connect.
func fieldsOf(m definition.Method) string {
	var keys []string
	for _, f := range m.Fields {
		keys = append(keys, f.Key)
	}
	return cmp.Or(strings.Join(keys, ", "), "none")
}

// matches holds the whole text against a pattern that the connector's author wrote. A pattern that does not compile matches nothing.
func matches(pattern, text string) bool {
	compiled, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && compiled.MatchString(text)
}

// Values are what flows and expressions see of the connection.
func (c *Connection) Values() map[string]any { return maps.Clone(c.values) }

// Secrets are the values of secret fields, and the tokens given so far.
func (c *Connection) Secrets() []secret.Text {
	var secrets []secret.Text
	for _, f := range c.method.Fields {
		if f.Type == "secret" && c.values[f.Key] != "" {
			secrets = append(secrets, secret.NewText(value.Text(c.values[f.Key])))
		}
	}
	if c.method.Kind == definition.Basic {
		secrets = append(secrets, secret.NewText(c.pair()))
	}
	secrets = append(secrets, c.derived()...)
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(secrets, c.issued...)
}

// derived are what headers and query make of secrets, such as base64 of a key and a colon: APIs that repeat a request show them.
func (c *Connection) derived() []secret.Text {
	var all []secret.Text
	for _, formulas := range []map[string]program.Formula{c.method.Headers, c.method.Query} {
		for _, name := range slices.Sorted(maps.Keys(formulas)) {
			secretly := func(use string) bool {
				return slices.ContainsFunc(c.method.Fields, func(f definition.Field) bool {
					return f.Type == "secret" && use == "conn."+f.Key && c.values[f.Key] != ""
				})
			}
			if !slices.ContainsFunc(formulas[name].Uses(), secretly) {
				continue
			}
			made, err := c.eval(formulas[name])
			if err != nil {
				continue // no request goes out with it
			}
			if scheme, credentials, found := strings.Cut(made, " "); found && !strings.ContainsAny(scheme, ":=,") {
				made = credentials
			}
			if !slices.ContainsFunc(c.method.Fields, func(f definition.Field) bool { return value.Text(c.values[f.Key]) == made }) {
				all = append(all, secret.NewText(made))
			}
		}
	}
	return all
}

func (c *Connection) env() expression.Env {
	return expression.Env{Values: map[string]any{"conn": c.values}}
}

func (c *Connection) eval(f program.Formula) (string, error) {
	v, err := f.Eval(c.env())
	return value.Text(v), err
}

// BaseURL evaluates a connector's base URL over this connection.
func (c *Connection) BaseURL(f program.Formula) (string, error) { return c.eval(f) }

// pair is user name and password as Basic sends them (RFC 7617).
func (c *Connection) pair() string {
	return value.Text(c.values["username"]) + ":" + value.Text(c.values["password"])
}

// Authorize puts the credentials on a request, getting a token first where the method has one.
func (c *Connection) Authorize(ctx context.Context, r *engine.Request) error {
	for _, name := range slices.Sorted(maps.Keys(c.method.Headers)) {
		v, err := c.eval(c.method.Headers[name])
		if err != nil {
			return err
		}
		r.Header.Set(name, v)
	}
	for _, name := range slices.Sorted(maps.Keys(c.method.Query)) {
		v, err := c.eval(c.method.Query[name])
		if err != nil {
			return err
		}
		*r = r.With(name, v)
	}
	switch c.method.Kind {
	case definition.Basic:
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.pair())))
	case definition.OAuthClient, definition.OAuthCode:
		token, err := c.bearer(ctx)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// Renew forgets the token that was refused, once for each that was got. Where another request has renewed it meanwhile, the
// new one is used.
func (c *Connection) Renew(refused engine.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.token == nil:
		return false
	case refused.Header.Get("Authorization") != "Bearer "+c.token.AccessToken:
		return true
	case c.fresh:
		return false
	}
	c.token = nil
	return true
}

// early is how long before its end a token is no longer used: the request has to arrive too.
const early = 30 * time.Second

// bearer returns a token that is still good, asking for one where there is none. One caller asks, the others wait, as long
// as they may. Nothing is locked meanwhile but the asking: what goes over the wire is masked by what Secrets says.
func (c *Connection) bearer(ctx context.Context) (string, error) {
	if token, good := c.standing(); good {
		return token, nil
	}
	select {
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token, good := c.standing(); good { // somebody else has asked
		return token, nil
	}
	token, err := c.ask(ctx)
	if err != nil {
		return "", refusal(err)
	}
	c.keep(token)
	return token.AccessToken, nil
}

// standing is the token that was given last, where it is still good.
func (c *Connection) standing() (token string, good bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == nil || !c.token.Expiry.IsZero() && !c.clock.Now().Add(early).Before(c.token.Expiry) {
		return "", false
	}
	c.fresh = false
	return c.token.AccessToken, true
}

// keep takes a token that was just given. Some servers give a new refresh token with each.
func (c *Connection) keep(token *oauth2.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token, c.fresh, c.refresh = token, true, cmp.Or(token.RefreshToken, c.refresh)
	for _, t := range []string{token.AccessToken, token.RefreshToken} {
		if t != "" {
			c.issued = append(c.issued, secret.NewText(t))
		}
	}
}

// ask gets a token (RFC 6749 §4.4 and §6).
func (c *Connection) ask(ctx context.Context) (*oauth2.Token, error) {
	config, err := c.oauth()
	if err != nil {
		return nil, err
	}
	ctx = c.over(ctx)
	if c.method.Kind == definition.OAuthClient {
		client := clientcredentials.Config{
			ClientID: config.ClientID, ClientSecret: config.ClientSecret, TokenURL: config.Endpoint.TokenURL, Scopes: config.Scopes, AuthStyle: config.Endpoint.AuthStyle,
		}
		return c.dated(client.Token(ctx))
	}
	if refresh, err := c.eval(c.method.RefreshURL); err == nil && refresh != "" {
		config.Endpoint.TokenURL = refresh
	}
	c.mu.Lock()
	refresh := c.refresh
	c.mu.Unlock()
	if refresh == "" {
		return nil, fault.New(fault.Invalid, "Nobody has agreed to this connection yet. Open the address that connects it, and enter the refresh token.")
	}
	return c.dated(config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh, Expiry: time.Unix(1, 0)}).Token())
}

// oauth is the client as its authorization server knows it.
func (c *Connection) oauth() (oauth2.Config, error) {
	tokenURL, err := c.eval(c.method.TokenURL)
	style := oauth2.AuthStyleInHeader
	if c.method.InBody {
		style = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID: value.Text(c.values["client_id"]), ClientSecret: value.Text(c.values["client_secret"]), Scopes: c.method.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: style},
	}, err
}

// over lets the library's requests travel as a run's do.
func (c *Connection) over(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: transport{c.api}}) //nolint:forbidigo // it dials through the API that was handed in
}

// dated counts a token's life from the run's clock, not from the wall's.
func (c *Connection) dated(token *oauth2.Token, err error) (*oauth2.Token, error) {
	if err != nil {
		return nil, err
	}
	if token.ExpiresIn > 0 {
		token.Expiry = c.clock.Now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return token, nil
}

// refusal is why there is no token, as an error of the API.
func refusal(err error) error {
	if retrieved, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		said := retrieved.ErrorCode
		if retrieved.ErrorDescription != "" {
			said += ": " + strings.TrimSuffix(retrieved.ErrorDescription, ".")
		}
		status, kind := retrieved.Response.StatusCode, contract.Credentials
		if status >= 500 || status == http.StatusTooManyRequests { // a breakdown, or not now: it has not looked at them
			kind = contract.TypeOf(status)
		}
		return &engine.Error{Kind: engine.Answered, Status: status, Type: kind, Message: fmt.Sprintf("The authorization server gave no token: %d %s.", status, strings.TrimSpace(said))}
	}
	return err
}

// Verifier returns a secret for one agreement, by which the server knows that whoever redeems the code began it (RFC 7636).
func Verifier() string { return oauth2.GenerateVerifier() }

// AuthorizeURL is where a person agrees to the connection (RFC 6749 §4.1.1). The verifier is that of Redeem.
func (c *Connection) AuthorizeURL(redirect, state, verifier string) (string, error) {
	address, err := c.eval(c.method.AuthorizeURL)
	if err != nil {
		return "", err
	}
	config := oauth2.Config{ClientID: value.Text(c.values["client_id"]), RedirectURL: redirect, Scopes: c.method.Scopes, Endpoint: oauth2.Endpoint{AuthURL: address}}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	for name, v := range c.method.Extra {
		options = append(options, oauth2.SetAuthURLParam(name, v))
	}
	return config.AuthCodeURL(state, options...), nil
}

// Redeem exchanges the code of a person's agreement for tokens (RFC 6749 §4.1.3) and returns the refresh token, to be kept.
func (c *Connection) Redeem(ctx context.Context, code, redirect, verifier string) (secret.Text, error) {
	config, err := c.oauth()
	if err != nil {
		return secret.Text{}, err
	}
	config.RedirectURL = redirect
	token, err := c.dated(config.Exchange(c.over(ctx), code, oauth2.VerifierOption(verifier)))
	if err != nil {
		return secret.Text{}, refusal(err)
	}
	c.keep(token)
	return secret.NewText(token.RefreshToken), nil
}

// transport lets a library's requests travel as a run's do.
type transport struct{ api engine.API }

// RoundTrip sends one request of an OAuth library.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		read, err := io.ReadAll(r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		body = read
	}
	if r.URL.Host == "" {
		return nil, fmt.Errorf("%q is no address", r.URL)
	}
	answer, err := t.api.Call(r.Context(), engine.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: answer.Status, Status: fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status)), Header: answer.Header,
		Body: io.NopCloser(strings.NewReader(string(answer.Body))), Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}
