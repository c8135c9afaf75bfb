// Package acmehr is a small HR service that nobody sells: an API of its own kind, the connector over it (connector.yaml),
// and its description (openapi.yaml). The guide for vendors is written along it, and connectors are tested against it.
//
// Its one rule: it behaves as openapi.yaml says, and each defect breaks one thing only. It keeps everything in memory and
// in order, so the same requests give the same ids. It is no SCIM: ids are numbers, people have first and last, errors have
// codes. What Slipway makes of it is left to the connector.
package acmehr

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// BasePath is where the API begins.
const BasePath = "/api/v2"

// What lets callers in, unless options say otherwise.
const (
	Token        = "acme-token-1" // of the API
	ClientID     = "acme-client"  // of POST /oauth/token
	ClientSecret = "acme-secret-1"
)

// Server is one service. It is an http.Handler, and safe for concurrent use.
type Server struct {
	token, clientID, clientSecret string
	now                           func() time.Time
	send                          func(*http.Request) (*http.Response, error)
	slowness                      time.Duration
	routes                        *http.ServeMux
	patterns                      []string      // of the routes
	closed                        chan struct{} // ends what is slow
	close                         func()

	mu       sync.Mutex
	defects  map[Defect]bool
	users    []*User // by id
	teams    []*Team // by id
	hooks    []*hook
	granted  []grant // tokens of POST /oauth/token
	counts   map[string]int
	journal  []Entry
	throttle throttle
	pending  []*http.Request // events that leave once the request is answered
}

// Option sets up a Server.
type Option func(*Server)

// WithToken replaces Token.
func WithToken(token string) Option { return func(s *Server) { s.token = token } }

// WithClock replaces the clock of created_at, updated_at and of tokens.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithSender says how events travel to the hooks. Without it they do not.
func WithSender(send func(*http.Request) (*http.Response, error)) Option {
	return func(s *Server) { s.send = send }
}

// WithDefects switches defects on from the start.
func WithDefects(defects ...Defect) Option { return func(s *Server) { s.Switch(defects...) } }

// New returns a server with nobody in it.
func New(options ...Option) *Server {
	s := &Server{
		token: Token, clientID: ClientID, clientSecret: ClientSecret,
		now: time.Now, slowness: 61 * time.Second, closed: make(chan struct{}), counts: map[string]int{"user": 1000, "team": 500},
	}
	for _, option := range options {
		option(s)
	}
	s.close = sync.OnceFunc(func() { close(s.closed) })
	s.routes = s.mux()
	return s
}

// Start serves on a free port of the loopback interface. stop ends the listener and what is slow; it may be called twice.
func (s *Server) Start() (url string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("acmehr: no free port on the loopback interface: " + err.Error())
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() {
		s.close()
		_ = server.Close()
	}
}

// Switch puts exactly these defects on, and all others off. It panics on one that is unknown: that is a mistake of the test.
func (s *Server) Switch(defects ...Defect) {
	on := map[Defect]bool{}
	for _, d := range defects {
		if d.Sentence() == "" {
			panic("acmehr: there is no defect " + string(d))
		}
		on[d] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defects = on
}

// On lists the defects that are on.
func (s *Server) On() []Defect {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(Defects(), func(d Defect) bool { return !s.defects[d] })
}

// has reports whether a defect is on. Callers hold the lock.
func (s *Server) has(d Defect) bool { return s.defects[d] }

// Users returns a copy of everybody, in the order of their ids.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]User, len(s.users))
	for i, u := range s.users {
		all[i] = s.shown(u)
	}
	return all
}

// Teams returns a copy of all teams, in the order of their ids.
func (s *Server) Teams() []Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Team, len(s.teams))
	for i, t := range s.teams {
		all[i] = *t
		all[i].Members = slices.Clone(t.Members)
	}
	return all
}

// AddUser puts somebody in without asking the API, and returns what is stored: with an id, active unless it says otherwise.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown(s.keepUser(&u))
}

// AddTeam puts a team in without asking the API, with the users of these ids in it.
func (s *Server) AddTeam(name string, members ...int) Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.keepTeam(&Team{Name: name, Members: slices.Clone(members)})
}

// Password returns the password that a user was last given, "" for none.
func (s *Server) Password(id int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(id); u != nil {
		return u.password
	}
	return ""
}

// SignIn opens a session of a user, as their browser would.
func (s *Server) SignIn(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(id); u != nil {
		u.sessions++
	}
}

// Sessions returns how many sessions of a user are open.
func (s *Server) Sessions(id int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(id); u != nil {
		return u.sessions
	}
	return 0
}

// RevokeTokens makes every token of POST /oauth/token worthless, before its time.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.granted = nil
}

type throttle struct {
	requests int
	after    string
}

// Throttle answers the next requests with 429 and, unless it is "", this Retry-After.
func (s *Server) Throttle(requests int, after string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle = throttle{requests, after}
}

// next counts up the ids of one kind.
func (s *Server) next(kind string) int {
	s.counts[kind]++
	return s.counts[kind]
}
