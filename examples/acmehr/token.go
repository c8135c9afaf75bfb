package acmehr

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// TokenLife is how long a token of POST /oauth/token is good for.
const TokenLife = time.Hour

type grant struct {
	token string
	ends  time.Time
}

// admit lets in who bears the token of the API, or one that was granted; nil means come in.
func (s *Server) admit(x *exchange) *answer {
	token, bears := strings.CutPrefix(x.Header.Get("Authorization"), "Bearer ")
	if bears && (token == s.token || slices.ContainsFunc(s.granted, func(g grant) bool { return g.token == token && s.now().Before(g.ends) })) {
		return nil
	}
	if s.has(MeWithoutToken) && strings.HasSuffix(x.URL.Path, "/me") {
		return nil
	}
	message := "The token is missing, wrong or too old."
	if s.has(TokenInError) {
		message = fmt.Sprintf("The token %q is wrong or too old.", token)
	}
	a := problem(401, "unauthorized", message)
	a.header = map[string]string{"WWW-Authenticate": `Bearer realm="acmehr"`}
	return &a
}

// grantToken is RFC 6749 §4.4: client credentials, in a header or in the body.
func (s *Server) grantToken(x *exchange) answer {
	form, err := url.ParseQuery(string(x.text))
	if err != nil || form.Get("grant_type") != "client_credentials" {
		return answer{status: 400, body: map[string]any{"error": "unsupported_grant_type", "error_description": "Only client_credentials."}}
	}
	id, key, basic := x.BasicAuth()
	if !basic {
		id, key = form.Get("client_id"), form.Get("client_secret")
	}
	if id != s.clientID || key != s.clientSecret {
		return answer{status: http.StatusUnauthorized, body: map[string]any{"error": "invalid_client", "error_description": "The client or its secret is wrong."}}
	}
	g := grant{token: fmt.Sprintf("acme-granted-%d", s.next("token")), ends: s.now().Add(TokenLife)}
	s.granted = append(s.granted, g)
	return answer{status: 200, body: map[string]any{"access_token": g.token, "token_type": "Bearer", "expires_in": int(TokenLife.Seconds())}}
}

// me is whom the token belongs to.
func (s *Server) me(*exchange) answer {
	return answer{status: 200, body: map[string]any{"name": "Integration", "email": "integration@acmehr.example.com", "active": true}}
}
