// Package scimtest is a real little SCIM 2.0 server to test against: compliant as it stands, with one switch
// for each known defect, scripted faults, and a journal of all it was asked.
//
// Its one rule: with every defect off it obeys RFC 7643 and RFC 7644, and a defect breaks that one thing.
// It serves Users with the enterprise extension, Groups, and the discovery documents below /scim/v2, with
// PATCH, filters, sorting, paging by index and by cursor (RFC 9865), searches by POST, projection, ETags and bulk.
// /Me is there where WithSubject says whose it is. Where it is told to, it serves other tenants beside the first one,
// and who may only read; WithEntitlements adds what users may hold, and an extension of users. With Version11 it speaks
// SCIM 1.1 instead, below /scim/v1.
//
// It keeps everything in memory, forgets it when it stops, and does not scale. The checks that look for the
// defects live in the lab.
package scimtest

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"slipway/internal/scim"
)

// BasePath is where the service begins; BasePath11 where it does with Version11.
const (
	BasePath   = "/scim/v2"
	BasePath11 = "/scim/v1"
)

// Server is one service. It is an http.Handler, and safe for concurrent use.
type Server struct {
	config
	journal *journal
	rules   ruleBook
	closed  chan struct{} // ends what hangs
	close   func()
	sealing []byte // the key of its cursors

	mu     sync.RWMutex
	steps  steps
	users  *collection
	groups *collection
	joined map[string][]string // ids of the groups in which a user or group is, in the order of joining
}

type config struct {
	credentials   []credential // none: everybody may come in
	readers       []credential // who may only read
	tenants       []*tenant
	defects       []Defect
	latency       time.Duration
	slowness      time.Duration
	lag           time.Duration
	cursorTimeout time.Duration
	now           func() time.Time
	version11     bool
	subject       string // userName of whom the credentials belong to; "" for nobody
	entitled      bool   // see WithEntitlements
}

// New returns a server with nobody in it. Without WithToken, WithBasic or WithHeader it asks for no
// credentials. It panics on an unknown defect and on a journal file that cannot be opened: both are mistakes
// of the test.
func New(opts ...Option) *Server {
	s := &Server{
		config:  config{now: time.Now, slowness: 61 * time.Second, cursorTimeout: cursorTimeout},
		journal: &journal{},
		closed:  make(chan struct{}),
		sealing: newSealingKey(),
	}
	for _, option := range opts {
		option(s)
	}
	s.close = sync.OnceFunc(func() { close(s.closed) })
	s.furnish()
	s.Reset()
	return s
}

// Reset forgets every user and group, of tenants too, and what defects remember. Journal and rules stay.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users, s.groups = newCollection(userKind), newCollection(groupKind)
	s.joined = map[string][]string{}
	s.steps = s.soundSteps()
	for _, d := range s.defects {
		d.spoil(s, &s.steps)
	}
	if s.lag > 0 {
		s.trail()
	}
	for _, t := range s.tenants {
		t.house.Reset()
	}
}

// Start serves on a free port of the loopback interface. stop ends the listener, every open connection and
// what hangs; it may be called twice.
func (s *Server) Start() (baseURL string, stop func()) {
	listener := loopback()
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String() + s.basePath(), func() {
		s.close()
		_ = server.Close()
	}
}

func loopback() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("scimtest: no free port on the loopback interface: " + err.Error())
	}
	return listener
}

// Users returns a copy of every user as it is stored: with its groups, without its password.
func (s *Server) Users() []scim.Resource { return s.all(func() *collection { return s.users }) }

// Groups returns a copy of every group as it is stored.
func (s *Server) Groups() []scim.Resource { return s.all(func() *collection { return s.groups }) }

func (s *Server) all(of func() *collection) []scim.Resource {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []scim.Resource{}
	for _, rec := range of().order {
		out = append(out, s.render(rec, s.basePath()).Clone())
	}
	return out
}

// Password returns the password that a user was last given, and false where there is no such user or none.
func (s *Server) Password(userName string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, rec := range s.users.byName[scim.Fold(userName)] {
		return rec.password, rec.password != ""
	}
	return "", false
}

// Option sets up a Server.
type Option func(*Server)

// WithToken lets in who sends "Authorization: Bearer token".
func WithToken(token string) Option { return withCredential(bearer(token)) }

// WithBasic lets in who sends this user and password (RFC 7617).
func WithBasic(user, password string) Option { return withCredential(basic{user, password}) }

// WithHeader lets in who sends this header, as services with API keys do.
func WithHeader(name, value string) Option { return withCredential(apiKey{name, value}) }

// WithSubject says that the credentials are those of the user with this userName: /Me is that user. Without it they
// belong to a client that is no user, and /Me is not supported.
func WithSubject(userName string) Option { return func(s *Server) { s.subject = userName } }

func withCredential(c credential) Option {
	return func(s *Server) { s.credentials = append(s.credentials, c) }
}

// WithDefects switches defects on, by the names that Defects and Defects11 list.
func WithDefects(names ...string) Option {
	return func(s *Server) {
		for _, name := range names {
			all := slices.Concat(catalogue, defects11)
			i := slices.IndexFunc(all, func(d Defect) bool { return d.Name == name })
			if i < 0 {
				panic("scimtest: there is no defect " + name)
			}
			s.defects = append(s.defects, all[i])
		}
	}
}

// WithLatency lets every answer take at least d.
func WithLatency(d time.Duration) Option { return func(s *Server) { s.latency = d } }

// WithSlowness sets how long the defect conn.latency.max lets one wait: 61 s unless set.
func WithSlowness(d time.Duration) Option { return func(s *Server) { s.slowness = d } }

// WithCursorTimeout sets how long a cursor is good for, in whole seconds: 10 minutes unless set.
func WithCursorTimeout(d time.Duration) Option { return func(s *Server) { s.cursorTimeout = d } }

// WithClock replaces the clock of meta.created, meta.lastModified and the journal.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }
