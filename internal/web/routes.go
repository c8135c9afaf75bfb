package web

import (
	"net/http"

	"slipway/internal/access"
)

// handler serves one route; its error is rendered by fail.
type handler func(http.ResponseWriter, *http.Request) error

// route is one line of the list: its fields are positional, so that a route without an action does not compile.
type route struct {
	pattern string
	action  access.Action
	serve   handler
}

// routes is everything that is served.
func (s *Server) routes() []route {
	return []route{
		// for everybody
		{"GET /{$}", access.Anyone, s.showHome},
		{"GET /static/", access.Anyone, s.serveStatic},
		{"GET /healthz", access.Anyone, s.healthz},

		// signing in
		{"GET /sign-in", access.Anyone, s.showSignIn},
		{"POST /sign-in", access.Anyone, s.signIn},
		{"POST /sign-out", access.UseAccount, s.signOut},
		{"GET /join/{token}", access.Anyone, s.showJoin},
		{"POST /join/{token}", access.Anyone, s.join},
	}
}
