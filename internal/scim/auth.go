package scim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/secret"
)

// Authorizer puts credentials on a request.
type Authorizer interface {
	Authorize(*http.Request)
	// Secrets returns every text that must not be recorded, in each form in which it goes over the wire.
	Secrets() []secret.Text
}

// Bearer sends "Authorization: Bearer token" (RFC 6750 §2.1).
func Bearer(token secret.Text) Authorizer {
	return header{"Authorization", secret.NewText("Bearer " + token.Reveal()), []secret.Text{token}}
}

// Basic sends user and password in base64 of their UTF-8 (RFC 7617 §2.1).
func Basic(user string, password secret.Text) Authorizer {
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password.Reveal()))
	return header{"Authorization", secret.NewText("Basic " + pair), []secret.Text{password, secret.NewText(pair)}}
}

// Token sends one header whose value is format with the token in the place of {token}. Both the whole value and
// the token alone are secrets: a server may echo either.
func Token(name, format string, token secret.Text) Authorizer {
	value := secret.NewText(strings.ReplaceAll(format, "{token}", token.Reveal()))
	return header{name, value, []secret.Text{value, token}}
}

// Header sends one header as it is; a whole "Authorization" value is possible too.
func Header(name string, value secret.Text) Authorizer {
	return header{name, value, []secret.Text{value}}
}

type header struct {
	name    string
	value   secret.Text
	secrets []secret.Text
}

func (h header) Authorize(r *http.Request) { r.Header.Set(h.name, h.value.Reveal()) }

// Format keeps the value out of logs: fmt does not ask a Text in an unexported field to hide itself.
func (h header) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "%s: %s", h.name, secret.Redacted) }

func (h header) Secrets() []secret.Text {
	var secrets []secret.Text
	for _, s := range h.secrets {
		if !s.IsZero() {
			secrets = append(secrets, s)
		}
	}
	return secrets
}
