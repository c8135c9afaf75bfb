package acmehr

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entry is a request as it came, and the status of its answer.
type Entry struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
	Status              int
}

// Journal returns a copy of all requests so far, in the order in which they were answered.
func (s *Server) Journal() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

// Forget empties the journal.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = nil
}

// answer is what goes back. A nil body is none.
type answer struct {
	status int
	body   any
	header map[string]string
}

// problem is an answer that says what is wrong.
func problem(status int, code, message string) answer {
	return answer{status: status, body: map[string]any{"error": map[string]any{"code": code, "message": message}}}
}

func notFound(what string) answer { return problem(404, "not_found", "There is no such "+what+".") }

func invalid(message string) answer { return problem(422, "invalid", message) }

// exchange is one request under way.
type exchange struct {
	*http.Request
	text   []byte         // the body as it came
	body   map[string]any // and as JSON, where it is an object
	answer answer
}

// id is a number in the path; 0, which nobody has, where it is none.
func (x *exchange) id(name string) int {
	n, _ := strconv.Atoi(x.PathValue(name))
	return n
}

const maxBody = 1 << 20

// ServeHTTP answers one request: the work is done under the lock, the events of it leave when it is answered.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if !s.waited(r) {
		return
	}
	x := &exchange{Request: r, text: text}
	_ = json.Unmarshal(text, &x.body)
	a, events := s.work(x)
	write(w, a)
	for _, e := range events {
		if s.send == nil {
			continue
		}
		if answered, err := s.send(e); err == nil {
			_ = answered.Body.Close()
		}
	}
}

// waited is false where nobody waits for the answer any more.
func (s *Server) waited(r *http.Request) bool {
	s.mu.Lock()
	slow := s.has(Slow)
	s.mu.Unlock()
	if !slow {
		return true
	}
	timer := time.NewTimer(s.slowness)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// work does what is asked and writes it down.
func (s *Server) work(x *exchange) (answer, []*http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.spoiled(x, s.answerTo(x))
	s.journal = append(s.journal, Entry{x.Method, x.URL.EscapedPath(), x.URL.RawQuery, x.Header.Clone(), string(x.text), a.status})
	events := s.pending
	s.pending = nil
	return a, events
}

func (s *Server) answerTo(x *exchange) answer {
	if s.throttle.requests > 0 {
		s.throttle.requests--
		a := problem(429, "too_many_requests", "Too many requests.")
		if s.throttle.after != "" {
			a.header = map[string]string{"Retry-After": s.throttle.after}
		}
		return a
	}
	x.answer = notFound("address")
	s.routes.ServeHTTP(carrier{x}, x.Request)
	return x.answer
}

// carrier brings an exchange through the mux, which knows responses only. What the mux itself would answer is dropped.
type carrier struct{ x *exchange }

func (carrier) Header() http.Header            { return http.Header{} }
func (carrier) Write(text []byte) (int, error) { return len(text), nil }
func (carrier) WriteHeader(int)                {}

// mux is every route. Each asks for a token, but the one that gives them.
func (s *Server) mux() *http.ServeMux {
	m := http.NewServeMux()
	open := func(pattern string, serve func(*exchange) answer) {
		s.patterns = append(s.patterns, pattern)
		method, path, _ := strings.Cut(pattern, " ")
		m.HandleFunc(method+" "+BasePath+path, func(w http.ResponseWriter, r *http.Request) {
			x := w.(carrier).x
			x.Request = r // with the values of the path
			x.answer = serve(x)
		})
	}
	on := func(pattern string, serve func(*exchange) answer) {
		open(pattern, func(x *exchange) answer {
			if refused := s.admit(x); refused != nil {
				return *refused
			}
			return serve(x)
		})
	}
	open("POST /oauth/token", s.grantToken)
	on("GET /me", s.me)
	on("GET /users", s.listUsers)
	on("POST /users", s.createUser)
	on("GET /users/{id}", s.getUser)
	on("PATCH /users/{id}", s.updateUser)
	on("POST /users/{id}/activate", s.activate)
	on("POST /users/{id}/deactivate", s.deactivate)
	on("POST /users/{id}/password", s.setPassword)
	on("POST /sessions/{id}/revoke", s.revokeSessions)
	on("GET /teams", s.listTeams)
	on("POST /teams", s.createTeam)
	on("GET /teams/{id}", s.getTeam)
	on("PATCH /teams/{id}", s.updateTeam)
	on("DELETE /teams/{id}", s.deleteTeam)
	on("GET /teams/{id}/members", s.listMembers)
	on("PUT /teams/{id}/members/{user}", s.addMember)
	on("DELETE /teams/{id}/members/{user}", s.removeMember)
	on("GET /roles", s.listRoles)
	on("GET /schema/users", s.listAttributes)
	on("GET /schema/users/values", s.listValues)
	on("POST /hooks", s.createHook)
	on("DELETE /hooks/{id}", s.deleteHook)
	return m
}

// Routes lists what is served below BasePath, as "GET /users/{id}".
func (s *Server) Routes() []string { return slices.Clone(s.patterns) }

func write(w http.ResponseWriter, a answer) {
	for name, v := range a.header {
		w.Header().Set(name, v)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	if page, is := a.body.(string); is {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, page)
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(a.body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(b.Bytes())
}
