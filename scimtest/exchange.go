package scimtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"slipway/internal/scim"
)

const maxRequest = 4 << 20 // bytes of a request's body; more is answered with 413

// exchange is one request on its way through the server.
type exchange struct {
	s     *Server
	r     *http.Request
	path  string // below the base path, unescaped
	query url.Values
	body  []byte
	base  string // absolute URL of the service, as the client reached it
	route route
	early scim.Resource // what a defect saw before it was the request's turn
}

// answer is what goes back. Of body and text, one is set or none.
type answer struct {
	status      int
	header      http.Header
	body        any    // marshals to JSON
	text        string // sent as it is
	contentType string // of a body or text
	hangUp      bool   // the connection is cut instead
}

func answered(status int, body any) answer {
	return answer{status: status, header: http.Header{}, body: body, contentType: scim.MediaType}
}

func refusal(e *scim.Error) answer { return answered(e.Status, e) }

func plain(status int, contentType, text string) answer {
	return answer{status: status, header: http.Header{}, text: text, contentType: contentType}
}

// orRefused turns an error of a handler into its answer. Only *scim.Error is expected; anything else is a
// mistake of this package and becomes a 500.
func orRefused(a answer, err error) answer {
	if err == nil {
		return a
	}
	if e, ok := errors.AsType[*scim.Error](err); ok {
		return refusal(e)
	}
	return refusal(scim.Refuse(http.StatusInternalServerError, "", "%v", err))
}

// ServeHTTP journals the request, lets rules and steps do their work, and sends the answer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return // the client went away while it was talking
	}
	entry := s.journal.begin(Entry{
		Time: s.now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Body: string(body),
	})
	x := &exchange{s: s, r: r, query: r.URL.Query(), body: body, base: s.baseOf(r)}
	x.path, _ = strings.CutPrefix(r.URL.Path, s.basePath())
	a := s.stepsNow().speak(x, s.scripted(x, func() answer { return s.work(x) }))
	entry.AnsweredAt = s.now()
	if !a.hangUp {
		entry.Status = a.status
	}
	s.journal.end(entry)
	if r.TLS != nil {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	a.send(w)
}

func (s *Server) baseOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + s.basePath()
}

// work takes the steps: arrive, admit, serve, finish.
func (s *Server) work(x *exchange) answer {
	steps := s.stepsNow()
	x.route = routeOf(x)
	x.pause(s.latency)
	if a := steps.arrive(x); a != nil {
		return *a
	}
	a := steps.admit(x)
	if a == nil {
		served := s.served(x, steps).named(x)
		a = &served
	}
	return steps.finish(x, *a)
}

// served lets the house do the work to which the request belongs.
func (s *Server) served(x *exchange, steps steps) answer {
	if house := steps.house(x); house != s {
		return house.locked(x, house.stepsNow())
	}
	return s.locked(x, steps)
}

func (s *Server) stepsNow() steps {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.steps
}

func (s *Server) locked(x *exchange, steps steps) answer {
	if x.route.writes() {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	return steps.serve(x)
}

// pause waits, but no longer than the client does.
func (x *exchange) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.r.Context().Done():
	case <-x.s.closed:
	}
}

func (a answer) send(w http.ResponseWriter) {
	if a.hangUp {
		hangUp(w)
		return
	}
	body := []byte(a.text)
	if a.body != nil {
		var err error
		if body, err = json.Marshal(a.body); err != nil {
			panic(fmt.Sprintf("scimtest: encode answer: %v", err)) // it holds decoded JSON only
		}
	}
	w.Header().Set("Cache-Control", "private")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	maps.Copy(w.Header(), a.header)
	if len(body) > 0 {
		w.Header().Set("Content-Type", a.contentType)
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // who went away does not get it
}

// hangUp cuts the connection so that the client sees a reset rather than an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and recorders: the nearest there is
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
