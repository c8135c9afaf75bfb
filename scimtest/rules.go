package scimtest

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"slipway/internal/scim"
)

// Phase says when an effect takes place.
type Phase int

const (
	Before Phase = iota // instead of the work: nothing is stored
	After               // the work is done and stored, and the client learns something else
)

// Rule is a scripted fault: which requests it hits, and what happens to them.
type Rule struct {
	Method     string // "" is any
	PathPrefix string // below BasePath, such as "/Users"; "" is any
	Nth        int    // only the nth request that fits, counted from 1; 0 is each of them
	Every      int    // only each Every-th request that fits; 0 is each of them
	Phase      Phase
	Effect     Effect
}

// Effect is what happens to a request that a rule hits. The zero Effect does nothing.
type Effect struct {
	run   func(x *exchange) *answer // nil: the work goes on, or its answer stands
	after bool                      // makes sense only once the work is done
}

// Status answers with the status, a SCIM error where it is one, and the headers given as name, value, ….
func Status(code int, headers ...string) Effect {
	return replaced(func() answer {
		a := statusOnly(code)
		for i := 0; i+1 < len(headers); i += 2 {
			a.header.Add(headers[i], headers[i+1])
		}
		return a
	})
}

// HTML answers with an HTML page, as gateways do.
func HTML(code int) Effect {
	return replaced(func() answer { return plain(code, "text/html; charset=utf-8", htmlPage(code)) })
}

// Text answers with any text of any type.
func Text(code int, contentType, text string) Effect {
	return replaced(func() answer { return plain(code, contentType, text) })
}

// Huge answers 200 with a JSON text of at least so many bytes.
func Huge(bytes int) Effect {
	return replaced(func() answer {
		return plain(http.StatusOK, "application/scim+json", `{"padding":"`+strings.Repeat("x", bytes)+`"}`)
	})
}

// Reset cuts the connection.
func Reset() Effect { return replaced(func() answer { return answer{hangUp: true} }) }

// DropAnswer does the work, stores it, and cuts the connection before the answer, whatever the rule's Phase.
func DropAnswer() Effect { return Effect{run: Reset().run, after: true} }

// Hang never answers: it waits until the client goes away or the server stops.
func Hang() Effect {
	return Effect{run: func(x *exchange) *answer {
		select {
		case <-x.r.Context().Done():
		case <-x.s.closed:
		}
		return &answer{hangUp: true}
	}}
}

// Delay waits and then goes on as if nothing had been.
func Delay(d time.Duration) Effect {
	return Effect{run: func(x *exchange) *answer { x.pause(d); return nil }}
}

func statusOnly(code int) answer {
	if code >= 400 {
		return refusal(scim.Refuse(code, "", "%s.", http.StatusText(code)))
	}
	return answered(code, nil)
}

func replaced(with func() answer) Effect {
	return Effect{run: func(*exchange) *answer { a := with(); return &a }}
}

func htmlPage(code int) string {
	return "<!DOCTYPE html>\n<html><head><title>" + http.StatusText(code) + "</title></head><body><h1>" +
		http.StatusText(code) + "</h1></body></html>\n"
}

// Armed is a rule that is in force.
type Armed struct {
	rule  Rule
	mu    sync.Mutex
	met   int // requests that fit
	fired int
}

// Fired returns how many requests the rule has hit.
func (a *Armed) Fired() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fired
}

// On puts a rule in force. A request is hit by the first rule, in the order of their coming, that wants it.
func (s *Server) On(rule Rule) *Armed {
	armed := &Armed{rule: rule}
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	s.rules.list = append(s.rules.list, armed)
	return armed
}

// ClearRules puts every rule out of force.
func (s *Server) ClearRules() {
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	s.rules.list = nil
}

type ruleBook struct {
	mu   sync.Mutex
	list []*Armed
}

// scripted does the work under the rule that hits the request, if there is one.
func (s *Server) scripted(x *exchange, work func() answer) answer {
	rule := s.rules.hit(x)
	if rule == nil || rule.Effect.run == nil {
		return work()
	}
	if rule.Phase == After || rule.Effect.after {
		a := work()
		if other := rule.Effect.run(x); other != nil {
			return *other
		}
		return a
	}
	if a := rule.Effect.run(x); a != nil {
		return *a
	}
	return work()
}

func (b *ruleBook) hit(x *exchange) *Rule {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, armed := range b.list {
		if armed.wants(x) {
			return &armed.rule
		}
	}
	return nil
}

func (a *Armed) wants(x *exchange) bool {
	if a.rule.Method != "" && a.rule.Method != x.r.Method || !strings.HasPrefix(x.path, a.rule.PathPrefix) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.met++
	if a.rule.Nth != 0 && a.met != a.rule.Nth || a.rule.Every != 0 && a.met%a.rule.Every != 0 {
		return false
	}
	a.fired++
	return true
}
