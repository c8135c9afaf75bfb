// Package web is Slipway's pages for people: it reads a request, asks a room, and shows the answer.
//
// Its one rule: a handler decides nothing. Every route stands in routes.go with the action it needs, and
// every error is rendered in one place (fail). The package knows no SQL; the program hands its rooms in.
package web

import (
	"context"
	"crypto/ed25519"
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

//go:embed static
var static embed.FS

// Config is what the pages need from the program.
type Config struct {
	Access    *access.Service
	Places    access.Places
	Operators access.Operators
	Registry  *registry.Service
	Runs      *runs.Service
	Directory *directory.Directory
	Provision *provision.Service
	Sessions  scs.CtxStore
	Healthy   func(context.Context) error // answers whether the database can be read
	Clock     func() time.Time
	Log       *slog.Logger
	Address   string                                            // where people reach the network, for transcripts
	SignWith  func(context.Context) (ed25519.PrivateKey, error) // the key of transcripts
	Contact   string                                            // mail address of the network's team
	Banner    string                                            // a sentence on every page, such as that private addresses are open; "" for none
	Tour      func(context.Context) ([]views.TourStep, error)   // steps on the first page; nil for none
}

// Server serves the pages.
type Server struct {
	Config
	sessions *scs.SessionManager
	mux      *http.ServeMux
	handler  http.Handler
}

// sessionLife is how long a sign-in lasts without a request, and at most.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
)

// New mounts every route of the list in routes.go.
func New(c Config) *Server {
	s := &Server{Config: c, sessions: newSessions(c.Sessions), mux: http.NewServeMux()}
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	for _, route := range s.routes() {
		s.mux.Handle(route.pattern, s.guard(route))
	}
	s.handler = s.protected()
	return s
}

func newSessions(store scs.CtxStore) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.IdleTimeout, m.Lifetime, m.HashTokenInStore = sessionIdle, sessionLife, true
	// The prefix makes browsers insist on Secure and on this very host; on loopback they accept Secure over plain http.
	m.Cookie.Name, m.Cookie.Secure, m.Cookie.HttpOnly, m.Cookie.SameSite = "__Host-slipway", true, true, http.SameSiteLaxMode
	return m
}

// csp allows our own files and nothing inline. Tabler's CSS carries its small icons as data URLs.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP adds what holds for every answer, then serves the route.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if !strings.HasPrefix(r.URL.Path, "/static/") {
		h.Set("Cache-Control", "no-store")
	}
	s.handler.ServeHTTP(w, r)
}

// protected loads the session and refuses cross-site writes before a handler sees the request.
func (s *Server) protected() http.Handler {
	cop := http.NewCrossOriginProtection()
	cop.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.write(w, r, http.StatusForbidden, views.Fault(views.FaultPage{Page: views.Page{Title: "Access denied"}, Status: http.StatusForbidden, Fault: fault.New(fault.Forbidden, "This form was sent from another site. Open the page here and try again.")}))
	}))
	return s.sessions.LoadAndSave(cop.Handler(http.HandlerFunc(s.dispatch)))
}

// dispatch serves a route, or the not-found page for an address that is none.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	// No id of ours holds a NUL, and PostgreSQL refuses to look one up.
	if _, pattern := s.mux.Handler(r); pattern == "" || strings.ContainsRune(r.URL.Path, 0) {
		actor, err := s.actor(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.fail(w, r.WithContext(withActor(r.Context(), actor)), fault.New(fault.NotFound, "There is no page at this address."))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// guard asks who it is and whether the role allows it, then serves. Whose data it is, the rooms ask.
func (s *Server) guard(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, err := s.actor(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		r = r.WithContext(withActor(r.Context(), actor))
		switch {
		case access.Can(actor, route.action):
			err = route.serve(w, r)
		case !actor.SignedIn():
			err = errSignInFirst
		default:
			err = notAllowed(route.action)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

var errSignInFirst = fault.New(fault.Unauthenticated, "Sign in to go on.")

func notAllowed(action access.Action) error {
	var who []string
	for _, role := range access.Holders(action) {
		who = append(who, strings.ToLower(role.Label()))
	}
	return fault.Newf(fault.Forbidden, "Your role does not allow this. It needs: %s. Ask an admin of your org or the network's operator.", strings.Join(who, " or "))
}

type actorKey struct{}

func withActor(ctx context.Context, a access.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// actor returns who is signed in; the zero Actor for a visitor.
func actor(r *http.Request) access.Actor {
	a, _ := r.Context().Value(actorKey{}).(access.Actor)
	return a
}

// actor reads roles anew on each request; a user who is gone is a visitor.
func (s *Server) actor(r *http.Request) (access.Actor, error) {
	id := s.sessions.GetString(r.Context(), access.SessionUser)
	if id == "" {
		return access.Actor{}, nil
	}
	a, err := s.Access.ActorFor(r.Context(), id)
	if fault.CodeOf(err) == fault.NotFound {
		return access.Actor{}, s.sessions.Destroy(r.Context())
	}
	return a, err
}

// page is what every page shows besides its own content.
func (s *Server) page(r *http.Request, title string) views.Page {
	p := s.plainPage(r, title)
	p.Flash = s.sessions.PopString(r.Context(), "flash")
	return p
}

// plainPage is a page beside which "Saved." would be read as its own: that sentence waits for the next one.
func (s *Server) plainPage(r *http.Request, title string) views.Page {
	return views.Page{Title: title, Actor: actor(r), Path: r.URL.Path, Banner: s.Banner, Contact: s.Contact, Now: s.Clock()}
}

// flash is a sentence for the next page.
func (s *Server) flash(r *http.Request, sentence string) {
	s.sessions.Put(r.Context(), "flash", sentence)
}

// redirect sends the browser to a page of ours after a write (303, so that a reload does not write again).
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
