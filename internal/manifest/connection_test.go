package manifest

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/secret"
)

func connection(pairs ...string) Connection {
	v := Connection{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = secret.NewText(pairs[i+1])
	}
	return v
}

func TestWhatAConnectionAsksFor(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(Content) Content
		want   []string
	}{
		{"a value for each variable, and a token", change("x", nil), []string{"connection.var.sub_domain", ConnectionToken}},
		{"a user name and a password with Basic", change("scim.auth.mode", "basic"), []string{"connection.var.sub_domain", ConnectionUsername, ConnectionPassword}},
		{"no credentials with OAuth", change("scim.auth.mode", "oauth"), []string{"connection.var.sub_domain"}},
		{"no credentials as long as no mode is chosen", change("scim.auth.mode", nil), []string{"connection.var.sub_domain"}},
		{"no variables where the address does not vary", change("scim.perTenant", No), []string{ConnectionToken}},
		{"no value for a variable that is not finished or there twice", change("scim.variables", []map[string]string{
			{"label": "A", "name": "a", "type": "url"}, {"name": "b"}, {"label": "C", "name": "C"}, {"label": "A2", "name": "a"}, {}}), []string{"connection.var.a", ConnectionToken}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range ConnectionFields(tt.change(acme())) {
				got = append(got, f.Key)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestValidateConnection(t *testing.T) {
	whole := acme().With("scim.variables", []map[string]string{baseVariable}).With("scim.baseUrlTemplate", "${app.base}/scim")
	basic := static().With("scim.auth.mode", "basic")
	for _, tt := range []struct {
		name   string
		c      Content
		values Connection
		env    Env
		want   []string
	}{
		{"all values are there", acme(), connection("connection.var.sub_domain", "eu", ConnectionToken, "t"), Env{}, nil},
		{"nothing is there", acme(), nil, Env{}, []string{"connection.token S-02 E", "connection.var.sub_domain S-07 E"}},
		{"a stored token need not be typed again", acme(), connection("connection.var.sub_domain", "eu"), Env{Stored: map[string]bool{ConnectionToken: true}}, nil},
		{"a value that would leave the host", acme(), connection("connection.var.sub_domain", "eu/", ConnectionToken, "t"), Env{}, []string{"connection.var.sub_domain L-084 E"}},
		{"an address is not made as long as a value is missing", acme(), connection(ConnectionToken, "t"), Env{Stored: map[string]bool{"connection.var.sub_domain": true}}, nil},
		{"an address is not made from a template that is wrong", acme().With("scim.baseUrlTemplate", "https://acme.example${app.sub_domain}"),
			connection("connection.var.sub_domain", "eu/", ConnectionToken, "t"), Env{}, nil},
		{"a value of just the allowed length is refused for what it makes, not for that", acme(),
			connection("connection.var.sub_domain", strings.Repeat("x", 1024), ConnectionToken, "t"), Env{}, []string{"connection.var.sub_domain L-084 E"}},
		{"a value that is too long", acme(), connection("connection.var.sub_domain", strings.Repeat("x", 1025), ConnectionToken, "t"), Env{}, []string{"connection.var.sub_domain S-07 E"}},
		{"a token with a line end", acme(), connection("connection.var.sub_domain", "eu", ConnectionToken, "a\nb"), Env{}, []string{"connection.token S-02 E"}},
		{"a token with a letter that no header holds", acme(), connection("connection.var.sub_domain", "eu", ConnectionToken, "tökén"), Env{}, []string{"connection.token S-02 E"}},
		{"a password with a character that cannot be seen", basic, connection(ConnectionUsername, "a", ConnectionPassword, "p\x00q"), Env{}, []string{"connection.password S-02 E"}},
		{"a password with letters of any script", basic, connection(ConnectionUsername, "a", ConnectionPassword, "пароль: ü"), Env{}, nil},
		{"a user name with a colon", basic, connection(ConnectionUsername, "a:b", ConnectionPassword, "p:q"), Env{}, []string{"connection.username S-02 E"}},
		{"a whole address by http", whole, connection("connection.var.base", "http://contoso.example", ConnectionToken, "t"), Env{}, []string{"connection.var.base S-07d E"}},
		{"a whole address by http stays refused for HTTPS", whole, connection("connection.var.base", "http://contoso.example", ConnectionToken, "t"), Env{AllowHTTP: true}, []string{"connection.var.base S-07d E"}},
		{"a private address", whole, connection("connection.var.base", "https://127.0.0.1", ConnectionToken, "t"), Env{}, []string{"connection.var.base S-07d E"}},
		{"a private address where it is opened", whole, connection("connection.var.base", "https://127.0.0.1", ConnectionToken, "t"), Env{AllowPrivate: true}, []string{"connection.var.base S-07d W"}},
		{"a private address that values make", acme().With("scim.baseUrlTemplate", "https://${app.sub_domain}/scim"),
			connection("connection.var.sub_domain", "localhost", ConnectionToken, "t"), Env{}, []string{"connection.var.sub_domain L-084 E"}},
		{"a private address that the vendor wrote", static().With("scim.baseUrl", "https://localhost/scim"), connection(ConnectionToken, "t"), Env{}, []string{"scim.baseUrl L-084 E"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			problems := ValidateConnection(tt.c, tt.values, tt.env)
			if got := brief(problems); !slices.Equal(got, tt.want) && len(got)+len(tt.want) > 0 {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			for _, p := range problems {
				if strings.Contains(p.Message, "tökén") || p.Fix == "" {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

// Covers H-21: a stored token never goes to an address that it was not given for.
func TestReenter(t *testing.T) {
	credentials := []string{ConnectionToken, ConnectionUsername, ConnectionPassword}
	eu, us := connection("connection.var.sub_domain", "eu"), connection("connection.var.sub_domain", "us")
	oauth := acme().With("scim.auth.mode", "oauth").With("scim.auth.tokenUrl", "https://${app.sub_domain}.acme.example/token")
	for _, tt := range []struct {
		name      string
		was, is   Content
		wasV, isV Connection
		want      []string
	}{
		{"nothing changed", acme(), acme(), eu, eu, nil},
		{"another text changed", acme(), acme().With("name", "X").With("scim.patch", No), eu, eu, nil},
		{"another template", acme(), acme().With("scim.baseUrlTemplate", "https://${app.sub_domain}.evil.example"), eu, eu, credentials},
		{"another value", acme(), acme(), eu, us, credentials},
		{"a static address instead", acme(), static(), eu, eu, credentials},
		{"another static address", static(), static().With("scim.baseUrl", "https://evil.example"), nil, nil, credentials},
		{"the address is taken away", static(), static().With("scim.baseUrl", nil), nil, nil, credentials},
		{"a first address after the token", static().With("scim.baseUrl", nil), static(), nil, nil, nil},
		{"an address that was no address", static().With("scim.baseUrl", "x"), static(), nil, nil, credentials},
		{"another token endpoint", oauth, oauth.With("scim.auth.tokenUrl", "https://evil.example/token"), eu, eu, []string{"scim.auth.clientSecret"}},
		{"a token endpoint that is no template", oauth, oauth.With("scim.auth.tokenUrl", "https://${x"), eu, eu, []string{"scim.auth.clientSecret"}},
		{"another value in both", oauth, oauth, eu, us, append(slices.Clone(credentials), "scim.auth.clientSecret")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Reenter(tt.was, tt.is, tt.wasV, tt.isV); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
