package api

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/secret"
)

var (
	errNoToken = fault.New(fault.Unauthenticated, "Send a personal token as \"Authorization: Bearer slw_…\". Your operator makes one with `slipway token`.")
	errManner  = fault.New(fault.Unauthenticated, "Send one Authorization header: the word Bearer, a blank, and the token.")
)

// identify returns who asks, the zero Actor where nobody says so, and under which key their requests are counted: a
// token that works counts for itself, everything else for the address it comes from.
func (s *Server) identify(r *http.Request) (access.Actor, string, error) {
	address := "address " + hostOf(r.RemoteAddr)
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return access.Actor{}, address, nil
	}
	scheme, text, ok := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") {
		return access.Actor{}, address, errManner
	}
	who, token, err := s.Tokens.Actor(r.Context(), secret.NewText(text))
	if err != nil {
		return access.Actor{}, address, err
	}
	return who, "token " + token.ID, nil
}

// challenge is the header of a 401. Only who has sent a token is told that it is wrong (RFC 6750 §3).
func challenge(err error) string {
	if errors.Is(err, errNoToken) {
		return `Bearer realm="Slipway"`
	}
	return `Bearer realm="Slipway", error="invalid_token"`
}

func hostOf(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}
