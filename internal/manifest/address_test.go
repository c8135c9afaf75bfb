package manifest

import (
	"slices"
	"strings"
	"testing"
)

// Covers H-01, H-02, H-03, H-10, H-11, H-12, H-13 and L-084 as far as the form of an address tells; the room that dials looks
// at the address it dials.
func TestTheFormOfAnAddress(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		want      []string // severities
	}{
		{"an address by https", "https://acme.example", nil},
		{"a path, a query and a fragment", "https://acme.example/a/b?c=d#e", nil},
		{"a port", "https://acme.example:8443/", nil},
		{"a public IPv4 address", "https://93.184.215.14/", nil},
		{"a public IPv6 address", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443/", nil},
		{"capital letters", "HTTPS://ACME.Example/", nil},
		{"punycode", "https://xn--bcher-kva.example/", nil},
		{"an underscore in a host", "https://my_host.acme.example/", nil},

		{"http", "http://acme.example", []string{"E"}},
		{"http and private at once", "http://localhost", []string{"E", "E"}},
		{"a file", "file:///etc/passwd", []string{"E"}},
		{"a gopher in mixed case", "GoPher://acme.example", []string{"E"}},
		{"data", "data:text/html,x", []string{"E"}},
		{"no scheme", "acme.example/x", []string{"E"}},
		{"a relative path", "/x", []string{"E"}},
		{"no scheme, but slashes", "//acme.example", []string{"E"}},
		{"an opaque address", "https:acme.example", []string{"E"}},
		{"no host", "https://", []string{"E"}},
		{"only a port", "https://:443/", []string{"E"}},
		{"a user name", "https://good.example@evil.example", []string{"E"}},
		{"a user name behind a fragment", "https://evil.example#@good.example", nil},
		{"a backslash", `https://good.example\@evil.example`, []string{"E"}},
		{"an escaped slash in a user name", "https://good.example%2f@evil.example", []string{"E"}},
		{"a NUL in the host", "https://evil.example%00.good.example", []string{"E"}},
		{"a tab in the host", "https://evil\t.example", []string{"E"}},
		{"a line end", "https://acme.example/\nx", []string{"E"}},
		{"a trailing dot", "https://acme.example./", []string{"E"}},
		{"full-width dots", "https://acme．example/", []string{"E"}},
		{"a zero-width character", "https://ac\u200bme.example/", []string{"E"}},
		{"letters that are not ASCII", "https://bücher.example/", []string{"E"}},
		{"a label that begins with a hyphen", "https://-acme.example/", []string{"E"}},
		{"a host of 254 characters", "https://" + strings.Repeat("a.", 123) + "example1/", []string{"E"}},
		{"a label of 64 characters", "https://" + strings.Repeat("a", 64) + ".example/", []string{"E"}},
		{"port 0", "https://acme.example:0/", []string{"E"}},
		{"port 65536", "https://acme.example:65536/", []string{"E"}},
		{"a negative port", "https://acme.example:-1/", []string{"E"}},
		{"a port with a zero before it", "https://acme.example:0443/", []string{"E"}},
		{"an empty port", "https://acme.example:/", []string{"E"}},

		{"loopback", "https://127.0.0.1", []string{"E"}},
		{"localhost", "https://localhost:8080", []string{"E"}},
		{"a name below localhost", "https://a.LocalHost", []string{"E"}},
		{"loopback in short", "https://127.1", []string{"E"}},
		{"zero", "https://0", []string{"E"}},
		{"all zeros", "https://0.0.0.0", []string{"E"}},
		{"IPv6 nowhere", "https://[::]", []string{"E"}},
		{"IPv6 loopback", "https://[::1]", []string{"E"}},
		{"IPv4 loopback in IPv6", "https://[::ffff:127.0.0.1]", []string{"E"}},
		{"the same in hexadecimal", "https://[0:0:0:0:0:ffff:7f00:1]", []string{"E"}},
		{"an address as one number", "https://2130706433", []string{"E"}},
		{"an address in hexadecimal", "https://0x7f.1", []string{"E"}},
		{"an address in octal", "https://0177.0.0.1", []string{"E"}},
		{"an address with zeros before its numbers", "https://127.000.000.001", []string{"E"}},
		{"link-local metadata", "https://169.254.169.254", []string{"E"}},
		{"metadata by name", "https://metadata.google.internal", []string{"E"}},
		{"metadata of another cloud", "https://100.100.100.200", []string{"E"}},
		{"metadata by IPv6", "https://[fd00:ec2::254]", []string{"E"}},
		{"a private network", "https://192.168.1.1", []string{"E"}},
		{"documentation addresses", "https://[2001:db8::1]", []string{"E"}},
		{"a name without a dot", "https://intranet", []string{"E"}},
		{"a name of the local network", "https://printer.local", []string{"E"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			problems := webAddress("L-084")(tt.url, Env{})
			for _, p := range problems {
				got = append(got, string(p.Severity))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q: got %v, want %v", tt.url, problems, tt.want)
			}
		})
	}
}

func TestASuggestionCanBeTakenOver(t *testing.T) {
	for typed, want := range map[string]string{
		"acme.example/scim":               "https://acme.example/scim",
		"acme.example:8443":               "https://acme.example:8443",
		"//acme.example":                  "https://acme.example",
		"bücher.example":                  "https://bücher.example",
		"https://bücher.example:8443/x?y": "https://xn--bcher-kva.example:8443/x?y",
		"https://acme．example/":           "https://acme.example/",
		"notaurl":                         "",
		"javascript:alert(1)":             "",
	} {
		problems := webAddress("L-008")(typed, Env{})
		if len(problems) != 1 || problems[0].Suggestion != want {
			t.Errorf("%q: %+v, want the suggestion %q", typed, problems, want)
		}
	}
}
