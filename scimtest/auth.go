package scimtest

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

// standing is what a request's credentials are worth.
type standing int

const (
	missing   standing = iota // none were sent
	malformed                 // something was sent that is no credentials of a scheme in use
	wrong                     // well formed, and not ours
	welcome
)

type credential interface {
	judge(http.Header) standing
	challenge() string      // for WWW-Authenticate (RFC 7235 §4.1)
	scheme() map[string]any // for authenticationSchemes (RFC 7643 §5)
}

// authorize returns the best standing that any of the credentials gives.
func (s *Server) authorize(header http.Header) standing {
	if len(s.credentials) == 0 {
		return welcome
	}
	best := missing
	for _, c := range append(s.guests(), s.credentials...) {
		best = max(best, c.judge(header))
	}
	return best
}

// admit is the sound way of letting requests in: nil for who may come in, the 401 for who may not.
func (s *Server) admit(x *exchange) *answer {
	if s.authorize(x.r.Header) == welcome {
		return s.admitReader(x)
	}
	return s.unauthorized("The credentials are missing or not valid.")
}

func (s *Server) unauthorized(detail string) *answer {
	a := refusal(scim.Refuse(http.StatusUnauthorized, "", "%s", detail))
	for _, c := range s.credentials {
		a.header.Add("WWW-Authenticate", c.challenge())
	}
	return &a
}

type bearer string

func (b bearer) judge(header http.Header) standing {
	return judgeScheme(header, "Bearer", func(token string) standing { return judgeText(token, string(b)) })
}

func (bearer) challenge() string { return `Bearer realm="scim"` }

type basic struct{ user, password string }

func (b basic) judge(header http.Header) standing {
	return judgeScheme(header, "Basic", func(given string) standing {
		pair, err := base64.StdEncoding.DecodeString(given)
		if err != nil || !strings.Contains(string(pair), ":") {
			return malformed
		}
		return judgeText(string(pair), b.user+":"+b.password)
	})
}

func (basic) challenge() string { return `Basic realm="scim", charset="UTF-8"` }

type apiKey struct{ name, value string }

func (k apiKey) judge(header http.Header) standing {
	values := header.Values(k.name)
	if len(values) == 0 {
		return missing
	}
	return judgeText(values[0], k.value)
}

func (apiKey) challenge() string { return `Bearer realm="scim"` }

// judgeScheme compares the scheme's name without regard to case (RFC 7235 §2.1).
func judgeScheme(header http.Header, scheme string, judge func(string) standing) standing {
	values := header.Values("Authorization")
	if len(values) == 0 {
		return missing
	}
	name, given, found := strings.Cut(values[0], " ")
	if !found || given == "" || !strings.EqualFold(name, scheme) {
		return malformed
	}
	return judge(given)
}

func judgeText(given, want string) standing {
	if subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1 {
		return welcome
	}
	return wrong
}
