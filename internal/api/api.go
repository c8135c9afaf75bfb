// Package api is Slipway's HTTP API for programs, under /v1: it reads a request, asks a room, and answers in JSON.
//
// Its one rule: a handler decides nothing. Every operation is a row of the list in operations.go with the action that
// it needs, what goes wrong becomes an RFC 9457 problem in one place (problem.go), and the OpenAPI document is made
// from the Go types that are sent. Pages for people are web's business; rules and storage are the rooms'.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/provision"
	"slipway/internal/registry"
)

// Config is what the API needs from the program.
type Config struct {
	Tokens    *access.Tokens
	Registry  *registry.Service
	Runs      *runs.Service
	Directory *directory.Directory
	Provision *provision.Service
	Clock     func() time.Time
	Log       *slog.Logger
}

// Server answers the API.
type Server struct {
	Config
	api    huma.API
	mux    *http.ServeMux
	limits *limits
}

// prefix begins the path of every operation.
const prefix = "/v1"

// New mounts every operation of the list in operations.go. The handler expects whole paths, with the prefix.
func New(c Config) *Server {
	s := &Server{Config: c, mux: http.NewServeMux(), limits: newLimits()}
	s.api = humago.NewWithPrefix(s.mux, prefix, document())
	for _, op := range s.operations() {
		s.mount(op)
	}
	s.mux.HandleFunc("GET "+prefix+"/openapi.json", serveDocument(s.api.OpenAPI()))
	return s
}

// ServeHTTP finds out who asks, holds them to their rate, and serves the operation.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	who, key, err := s.identify(r)
	if late := s.limits.take(key, s.Clock()); late != nil {
		err = late
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.dispatch(w, r.WithContext(withActor(r.Context(), who)))
}

// dispatch serves the operation at the address, or says that there is none.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	if s.serves(r, r.Method) {
		s.mux.ServeHTTP(w, r)
		return
	}
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if s.serves(r, method) {
			allowed = append(allowed, method)
		}
	}
	if allowed != nil {
		wrongMethod(r.Method, allowed).write(w)
		return
	}
	s.fail(w, r, fault.New(fault.NotFound, "There is no operation at this address. "+prefix+"/openapi.json lists them all."))
}

func (s *Server) serves(r *http.Request, method string) bool {
	asked := *r
	asked.Method = method
	_, pattern := s.mux.Handler(&asked)
	return pattern != ""
}

// fail answers with the problem; what broke on our side goes to the log, and only there.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.problem(r.Method+" "+r.URL.Path, err).write(w)
}

// problem is what the asker learns of an error.
func (s *Server) problem(operation string, err error) *Problem {
	p := problemOf(err)
	if p.Code == fault.Internal {
		s.Log.Error("request failed", "operation", operation, "error", err)
	}
	return p
}

type actorKey struct{}

func withActor(ctx context.Context, a access.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// actor returns who asks; the zero Actor for a visitor.
func actor(ctx context.Context) access.Actor {
	a, _ := ctx.Value(actorKey{}).(access.Actor)
	return a
}
