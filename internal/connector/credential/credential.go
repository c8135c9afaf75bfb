// Package credential recognises texts that look like secrets: what must not stand in a connector's definition.
//
// Its one rule: better to miss a weak password than to call an id, an address or a sentence a secret, for what is called
// one stops a connector. Secrets that are known, such as those of a connection, are redacted by their value elsewhere.
package credential

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"unicode"
)

// known are the forms that a vendor or a standard gives to secrets.
var known = []struct {
	what  string
	holds string // a piece of each, for a quick look
	form  *regexp.Regexp
}{
	{"a private key", "PRIVATE KEY", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a JSON Web Token", "eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)},
	{"an AWS access key", "A", regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`)},
	{"a GitHub token", "g", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{10,}`)},
	{"a Google API key", "AIza", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}`)},
	{"a live API key", "k_live_", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{16,}`)},
	{"an address with a password", "://", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@{]+:[^/\s@{]+@[^\s/]+`)},
	{"an address with a secret in its query", "=", regexp.MustCompile(`(?i)[?&](?:api[_-]?key|access[_-]?token|client[_-]?secret|password|secret)=[^&\s{}$]{8,}`)},
}

var (
	bearer      = regexp.MustCompile(`(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{6,})`)
	basic       = regexp.MustCompile(`(?i)\bbasic\s+([A-Za-z0-9+/]{8,}={0,2})`)
	placeholder = regexp.MustCompile(`\{\{\{[^{}]*\}\}\}|\$\{[^}]*\}`)
	address     = regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://\S+`)
	token       = regexp.MustCompile(`[A-Za-z0-9+/_=-]{32,}`)
	uuid        = regexp.MustCompile(`(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
)

// Find returns what kind of secret the text holds, and where; "" for none.
func Find(text string) (what string, from, to int) {
	if len(text) < 12 {
		return "", 0, 0
	}
	for _, k := range known {
		if !strings.Contains(text, k.holds) {
			continue
		}
		if at := k.form.FindStringIndex(text); at != nil {
			return k.what, at[0], at[1]
		}
	}
	plain := blank(text, placeholder, uuid)
	for _, m := range bearer.FindAllStringSubmatchIndex(plain, -1) {
		if said := plain[m[2]:m[3]]; mixed(said) || m[0] == 0 && m[1] == len(plain) && !ordinary[strings.ToLower(said)] {
			return "a bearer token", m[2], m[3]
		}
	}
	for _, m := range basic.FindAllStringSubmatchIndex(plain, -1) {
		if read, err := base64.StdEncoding.DecodeString(plain[m[2]:m[3]]); err == nil && strings.Contains(string(read), ":") {
			return "a user name with its password", m[2], m[3]
		}
	}
	plain = blank(plain, address)
	for _, at := range token.FindAllStringIndex(plain, -1) {
		if random(plain[at[0]:at[1]]) {
			return "a key or token", at[0], at[1]
		}
	}
	return "", 0, 0
}

// ordinary are words that follow "Bearer" in labels and sentences.
var ordinary = map[string]bool{"token": true, "tokens": true, "authentication": true, "authorization": true, "scheme": true, "header": true}

// Mask replaces the secrets of a text.
func Mask(text string) string {
	for range 20 {
		what, from, to := Find(text)
		if what == "" {
			return text
		}
		text = text[:from] + "•••" + text[to:]
	}
	return "•••"
}

// Named reports whether a field of that name is there to hold a secret.
func Named(name string) bool {
	name = strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
	for _, word := range []string{"password", "passwd", "secret", "apikey", "accesstoken", "refreshtoken", "apitoken", "authtoken", "privatekey"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return name == "authorization" || name == "token"
}

// blank overwrites what the forms match, so that places stay where they are.
func blank(text string, forms ...*regexp.Regexp) string {
	for _, form := range forms {
		text = form.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
	}
	return text
}

// mixed holds for what no word is: letters and digits, or capitals inside.
func mixed(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.ContainsFunc(text, unicode.IsLetter) && len(text) >= 8
}

// random tells a key from a long name: digits stand among its letters all over, and it has many different characters. Names
// have theirs together, as have paths and alphabets.
func random(text string) bool {
	text = strings.Trim(text, "=-_/")
	if len(text) < 32 || strings.Count(text, "/") > 3 {
		return false
	}
	count := map[rune]int{}
	var changes, steps int
	var before rune
	for i, r := range text {
		count[r]++
		if i > 0 && unicode.IsDigit(r) != unicode.IsDigit(before) && unicode.IsLetter(r) != unicode.IsLetter(before) {
			changes++
		}
		if r == before+1 {
			steps++
		}
		before = r
	}
	n := float64(len(text))
	return float64(changes) >= 0.12*n && float64(steps) < 0.4*n && entropy(count, n) >= 3
}

// entropy is in bits per character.
func entropy(count map[rune]int, n float64) (bits float64) {
	for _, c := range count {
		p := float64(c) / n
		bits -= p * math.Log2(p)
	}
	return bits
}
