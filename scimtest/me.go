package scimtest

import (
	"net/http"

	"slipway/internal/scim"
)

const mePath = "/Me"

// routeOfMe is the route of the user whose credentials came, under another name (RFC 7644 §3.11).
func (s *Server) routeOfMe(x *exchange) route {
	if s.subject == "" {
		return rejected(http.StatusNotImplemented, "This service does not support %s.", mePath)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, rec := range s.users.byName[scim.Fold(s.subject)] {
		r := routeWithin(x, userKind, rec.id())
		r.alias = true
		return r
	}
	return rejected(http.StatusNotFound, "There is no user to whom these credentials belong.")
}

// named adds the permanent address to what /Me answers, refusals too.
func (a answer) named(x *exchange) answer {
	if x.route.alias {
		a.header = a.header.Clone()
		a.header.Set("Location", x.base+location(userKind, x.route.id))
	}
	return a
}
