package scimtest

import (
	"net/http"

	"slipway/internal/scim"
)

// tenant is somebody else on the same service: the same address and the same defects, other users and groups.
type tenant struct {
	credential
	house *Server
}

// WithTenant adds a tenant: who sends "Authorization: Bearer token" works with users and groups of its own, which
// Users and Groups do not return.
func WithTenant(token string) Option {
	return func(s *Server) { s.tenants = append(s.tenants, &tenant{credential: bearer(token)}) }
}

// WithReader lets in who sends "Authorization: Bearer token", to read only.
func WithReader(token string) Option {
	return func(s *Server) { s.readers = append(s.readers, bearer(token)) }
}

// furnish gives each tenant a house of its own.
func (s *Server) furnish() {
	for _, t := range s.tenants {
		t.house = &Server{config: s.config, journal: &journal{}, closed: s.closed, close: s.close}
		t.house.tenants = nil
	}
}

// houseOf is the sound answer to whose users a request is about.
func (s *Server) houseOf(x *exchange) *Server {
	for _, t := range s.tenants {
		if t.judge(x.r.Header) == welcome {
			return t.house
		}
	}
	return s
}

// guests are the credentials of everybody who is let in, besides those of the service itself.
func (s *Server) guests() []credential {
	guests := append([]credential(nil), s.readers...)
	for _, t := range s.tenants {
		guests = append(guests, t.credential)
	}
	return guests
}

// admitReader refuses whoever may read only, and wants to do more.
func (s *Server) admitReader(x *exchange) *answer {
	for _, reader := range s.readers {
		if reader.judge(x.r.Header) == welcome && x.r.Method != http.MethodGet && x.route.deed != search {
			a := refusal(scim.Refuse(http.StatusForbidden, "", "These credentials may read, and nothing else."))
			return &a
		}
	}
	return nil
}

// housing lets everybody into the first tenant's house.
func housing(concerned when) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		next := st.house
		st.house = func(x *exchange) *Server {
			if concerned(x) {
				return s
			}
			return next(x)
		}
	}
}

var tenantDefects = []Defect{
	{"auth.tenant-isolation", "Finds a user by its id, whoever asks for it.",
		housing(func(x *exchange) bool { return x.route.kind == userKind && x.route.id != "" })},
	{"auth.tenant-isolation/group", "Shows a group by its id, whoever asks for it.", housing(on(groupKind, get))},
	{"auth.tenant-isolation/group-patch", "Changes a group by its id, whoever asks for it.", housing(on(groupKind, patch))},
	{"auth.tenant-isolation/group-delete", "Deletes a group by its id, whoever asks for it.", housing(on(groupKind, remove))},
	{"auth.tenant-isolation/search-users", "Searches among everybody's users where the search is posted.", housing(on(userKind, search))},
	{"auth.tenant-isolation/search-groups", "Searches among everybody's groups where the search is posted.", housing(on(groupKind, search))},
	{"auth.tenant-isolation/search", "Searches among everything of everybody.", housing(on(nil, search))},
	{"auth.tenant-isolation/bulk", "Forgets whose the request is where it comes in bulk.", housing(on(nil, bulk))},
	{"auth.forbidden-403", "Answers 401 to credentials that may only read.",
		func(s *Server, st *steps) {
			next := st.admit
			st.admit = func(x *exchange) *answer {
				a := next(x)
				if a != nil && a.status == http.StatusForbidden {
					return s.unauthorized("The credentials do not suffice.")
				}
				return a
			}
		}},
}
