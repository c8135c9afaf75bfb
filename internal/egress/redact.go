package egress

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/secret"
)

// shortest is the length below which a secret is replaced in headers only: "T" in a body is more often a letter.
const shortest = 4

// credentialHeaders carry credentials whatever their value is.
var credentialHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// redactor replaces secrets in every form in which a server may throw them back (H-22).
type redactor struct {
	everywhere, inHeaders *strings.Replacer
	forms                 []string // what everywhere replaces, longest first
}

// Redact returns a function that takes the secrets out of any text, in every form in which they may stand there.
func Redact(secrets []secret.Text) func(string) string { return newRedactor(secrets).text }

func newRedactor(secrets []secret.Text) redactor {
	var long, all []string
	for _, s := range secrets {
		if s.IsZero() {
			continue
		}
		all = append(all, forms(s.Reveal())...)
		if len(s.Reveal()) >= shortest {
			long = append(long, forms(s.Reveal())...)
		}
	}
	return redactor{everywhere: replacer(long), inHeaders: replacer(all), forms: long}
}

// forms are the spellings of a secret: as it is, and as base64, in a URL, in JSON and in HTML.
func forms(s string) []string {
	query, path := url.QueryEscape(s), url.PathEscape(s)
	out := []string{
		s, query, path, lowerEscapes(query), lowerEscapes(path), html.EscapeString(s),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)),
		base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
	}
	if quoted, err := json.Marshal(s); err == nil { // with < > & as \u003c and so on
		out = append(out, strings.Trim(string(quoted), `"`))
	}
	plain := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "/", `\/`).Replace(s) // as PHP writes JSON
	return append(out, plain, strings.ReplaceAll(plain, `\/`, "/"))
}

// lowerEscapes writes %2F as %2f: servers do both.
func lowerEscapes(s string) string { return escapes(s, strings.ToLower) }

func escapes(s string, spell func(string) string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], spell(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// replacer takes the longest form first, so that no tail of a secret is left behind a shorter one.
func replacer(forms []string) *strings.Replacer {
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		if form != "" {
			pairs = append(pairs, form, secret.Redacted)
		}
	}
	return strings.NewReplacer(pairs...)
}

// url writes all escapes alike first: %2f%2B is a spelling of its own.
func (d redactor) url(s string) string { return d.text(escapes(s, strings.ToUpper)) }

func (d redactor) text(s string) string { return d.everywhere.Replace(s) }

// body redacts before it cuts: a secret that lies across the edge must not leave its first half. whole says
// that b is all there was; a part may itself end in half a secret.
func (d redactor) body(b []byte, whole bool) (kept string, cut bool) {
	text := d.text(string(b))
	if !whole {
		text = d.withoutHalf(text)
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > keptBody {
		return strings.ToValidUTF8(text[:keptBody], ""), true
	}
	return text, !whole
}

// withoutHalf cuts off the beginning of a secret at the end of text.
func (d redactor) withoutHalf(text string) string {
	for _, form := range d.forms {
		for n := len(form) - 1; n >= shortest; n-- {
			if strings.HasSuffix(text, form[:n]) {
				return text[:len(text)-n] + secret.Redacted
			}
		}
	}
	return text
}

func (d redactor) header(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			if slices.Contains(credentialHeaders, http.CanonicalHeaderKey(name)) {
				value = credential(value)
			}
			out[name] = append(out[name], d.inHeaders.Replace(value))
		}
	}
	return out
}

// credential keeps the word that names the scheme: it tells a reader how the request was authorized.
func credential(value string) string {
	scheme, rest, ok := strings.Cut(value, " ")
	if ok && rest != "" && slices.Contains([]string{"bearer", "basic", "digest"}, strings.ToLower(scheme)) {
		return scheme + " " + secret.Redacted
	}
	if value == "" {
		return ""
	}
	return secret.Redacted
}
