package manifest

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"slipway/internal/fault"
)

var (
	subVariable  = map[string]string{"label": "Sub", "name": "sub", "type": VariableString}
	pathVariable = map[string]string{"label": "Path", "name": "path", "type": VariableString}
	baseVariable = map[string]string{"label": "Base", "name": "base", "type": VariableHTTPS}
	anyVariable  = map[string]string{"label": "Any", "name": "any", "type": VariableURL}
)

// Covers, H-10.
func TestBaseURL(t *testing.T) {
	for _, tt := range []struct {
		name, template string
		values         map[string]string
		want           string // "" where it is refused
		at             string // the value that is refused
	}{
		{"a sub-domain", "https://${app.sub}.acme.example/scim/v2", map[string]string{"sub": "eu-1"}, "https://eu-1.acme.example/scim/v2", ""},
		{"a part of a label", "https://api-${app.sub}.acme.example/scim", map[string]string{"sub": "eu"}, "https://api-eu.acme.example/scim", ""},
		{"a host of the customer's own", "https://${app.sub}/scim", map[string]string{"sub": "scim.contoso.example"}, "https://scim.contoso.example/scim", ""},
		{"a domain of the customer's own", "https://scim.${app.sub}", map[string]string{"sub": "contoso.example"}, "https://scim.contoso.example", ""},
		{"a port", "https://acme.example:${app.sub}/scim", map[string]string{"sub": "8443"}, "https://acme.example:8443/scim", ""},
		{"a folder", "https://acme.example/${app.path}/scim", map[string]string{"path": "team one"}, "https://acme.example/team%20one/scim", ""},
		{"a folder with a slash in it is one folder", "https://acme.example/${app.path}/scim", map[string]string{"path": "a/b?c#d"}, "https://acme.example/a%2Fb%3Fc%23d/scim", ""},
		{"a folder that is escaped already stays as it was typed", "https://acme.example/${app.path}", map[string]string{"path": "%2e%2e"}, "https://acme.example/%252e%252e", ""},
		{"a whole address", "${app.base}/scim/v2", map[string]string{"base": "https://contoso.example/x/"}, "https://contoso.example/x/scim/v2", ""},
		{"a whole address and nothing else", "${app.base}", map[string]string{"base": "https://contoso.example/scim/"}, "https://contoso.example/scim", ""},
		{"a whole address by http where the type allows it", "${app.any}/scim", map[string]string{"any": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080/scim", ""},
		{"a slash at the end goes", "https://${app.sub}.acme.example/scim/", map[string]string{"sub": "eu"}, "https://eu.acme.example/scim", ""},

		{"a value is missing", "https://${app.sub}.acme.example", nil, "", "connection.var.sub"},
		{"a slash would end the host", "https://${app.sub}.acme.example", map[string]string{"sub": "evil.example/"}, "", "connection.var.sub"},
		{"a fragment would end the host", "https://${app.sub}.acme.example", map[string]string{"sub": "evil.example#"}, "", "connection.var.sub"},
		{"a query would end the host", "https://${app.sub}.acme.example", map[string]string{"sub": "evil.example?"}, "", "connection.var.sub"},
		{"a backslash would end the host", "https://${app.sub}.acme.example", map[string]string{"sub": `evil.example\`}, "", "connection.var.sub"},
		{"a colon would begin a port", "https://${app.sub}.acme.example", map[string]string{"sub": "evil.example:443"}, "", "connection.var.sub"},
		{"an @ would make it a user name", "https://${app.sub}", map[string]string{"sub": "acme.example@evil.example"}, "", "connection.var.sub"},
		{"an escape in a host is refused", "https://${app.sub}.acme.example", map[string]string{"sub": "evil.example%2f"}, "", "connection.var.sub"},
		{"a dot at the end of a label is refused", "https://${app.sub}.acme.example", map[string]string{"sub": "a."}, "", "connection.var.sub"},
		{"a line end is refused", "https://${app.sub}.acme.example", map[string]string{"sub": "a\r\nHost: evil"}, "", "connection.var.sub"},
		{"a port that is no number is refused", "https://acme.example:${app.sub}/", map[string]string{"sub": "443@evil.example"}, "", "connection.var.sub"},
		{"port 0 is refused", "https://acme.example:${app.sub}/", map[string]string{"sub": "0"}, "", "connection.var.sub"},
		{"the folder above is refused", "https://acme.example/a/${app.path}/scim", map[string]string{"path": ".."}, "", "connection.var.sub"},
		{"the folder above in two pieces is refused", "https://acme.example/${app.sub}${app.path}/scim", map[string]string{"sub": ".", "path": "."}, "", "connection.var.sub"},
		{"the folder above behind a slash is refused", "https://acme.example/${app.path}/scim", map[string]string{"path": "a/../b"}, "", "connection.var.path"},
		{"http is refused where the type is HTTPS", "${app.base}/scim", map[string]string{"base": "http://contoso.example"}, "", "connection.var.base"},
		{"a user name in a whole address is refused", "${app.base}/scim", map[string]string{"base": "https://a:b@contoso.example"}, "", "connection.var.base"},
		{"a query in a whole address is refused", "${app.base}/scim", map[string]string{"base": "https://contoso.example?x="}, "", "connection.var.base"},
		{"a word is no whole address", "${app.base}/scim", map[string]string{"base": "contoso"}, "", "connection.var.base"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values := map[string]string{"sub": "x", "path": "x", "base": "https://x.example", "any": "https://x.example"}
			for k, v := range tt.values {
				values[k] = v
			}
			if tt.values == nil {
				values = map[string]string{"base": "https://x.example", "any": "https://x.example"}
			}
			got, err := withTemplate(t, tt.template).BaseURL(values)
			if got != tt.want {
				t.Errorf("%s with %v: got %q, %v; want %q", tt.template, tt.values, got, err, tt.want)
			}
			if tt.want == "" && (fault.CodeOf(err) != fault.Invalid || !strings.HasPrefix(fault.Show(err).Fields[0].Key, VariablePrefix)) {
				t.Errorf("refused with %v", err)
			}
		})
	}
}

// withTemplate is the typed view of acme with this base URL.
func withTemplate(t interface{ Fatalf(string, ...any) }, template string) SCIM {
	c := acme().With("scim.variables", []map[string]string{subVariable, pathVariable, baseVariable, anyVariable}).With("scim.baseUrlTemplate", template)
	s, err := c.SCIM()
	if err != nil {
		t.Fatalf("%s: %v", template, err)
	}
	return s
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, template string }{
		{"an end of a host that a value could turn into another domain", "https://acme.example${app.sub}/scim"},
		{"the same before a port", "https://acme.example-${app.sub}:443/scim"},
		{"the same with two variables", "https://${app.sub}${app.path}/scim"},
		{"text between a whole address and the path", "${app.base}.evil.example/scim"},
		{"a variable right behind a whole address", "${app.base}${app.sub}"},
		{"a whole address in a path", "https://acme.example/${app.base}"},
		{"a whole address in the middle of a host", "https://${app.base}/scim"},
		{"a variable as the scheme", "${app.sub}://acme.example"},
		{"a variable that does not exist", "https://${app.nobody}.acme.example"},
		{"a reference that does not end", "https://${app.sub.acme.example"},
		{"an expression", "https://${app.sub + 'x'}.acme.example"},
		{"a blank", "https://${app.sub}.acme.example/sc im"},
		{"a user name", "https://user@${app.sub}.acme.example/"},
		{"a folder above", "https://${app.sub}.acme.example/a/../b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := acme().With("scim.variables", []map[string]string{subVariable, pathVariable, baseVariable, anyVariable}).With("scim.baseUrlTemplate", tt.template)
			if problems := Refusal(Validate(c, storedFor(c))); problems == nil {
				t.Errorf("%s is accepted", tt.template)
			}
			if s, err := c.SCIM(); err == nil {
				t.Errorf("%s has a typed view: %+v", tt.template, s)
			}
		})
	}
}

// Whatever a customer enters: what comes out is an address at the host that the vendor has written, or a refusal.
func TestNoValueLeavesTheVendorsHost(t *testing.T) {
	s := withTemplate(t, "https://${app.sub}.acme.example:8443/tenants/${app.path}/scim")
	values := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z.:/@#?%\\ -]{0,12}`), rapid.SampledFrom([]string{"..", "a/../..", "%2e%2e", "evil.example", "[::1]"}))
	rapid.Check(t, func(t *rapid.T) {
		given := map[string]string{"base": "https://x.example", "any": "https://x.example",
			"sub": values.Draw(t, "sub"), "path": values.Draw(t, "path")}
		base, err := s.BaseURL(given)
		if err != nil {
			return
		}
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "8443" || !strings.HasSuffix(u.Hostname(), ".acme.example") {
			t.Fatalf("%v leads to %s (%v)", given, base, err)
		}
		if path := u.EscapedPath(); !strings.HasPrefix(path, "/tenants/") || !strings.HasSuffix(path, "/scim") || strings.Count(path, "/") != 3 || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%v leads to %s", given, base)
		}
	})
}

// What values make of an address is shown to its author before a customer enters any.
//
func TestPreview(t *testing.T) {
	field, _ := Find("scim.baseUrlTemplate")
	for _, tt := range []struct{ name, template, want string }{
		{"a variable in the host's name", "https://${app.sub}.acme.example/scim", "https://sample.acme.example/scim"},
		{"a variable that is the whole beginning", "${app.base}/scim", "https://sample.example/scim"},
		{"an unknown variable", "https://${app.nobody}.acme.example", ""},
		{"a variable in the wrong place", "https://acme.example${app.sub}", ""},
		{"half a reference", "https://${app.su", ""},
		{"no variable", "https://acme.example/scim", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := acme().With("scim.variables", []map[string]string{subVariable, baseVariable}).With("scim.baseUrlTemplate", tt.template)
			if got := field.Preview(c); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.template, got, tt.want)
			}
		})
	}
}
