package suite

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/value"
)

// fault is something done to one answer of a recording.
type fault struct {
	kind   faultKind
	at     int              // which exchange
	hits   int              // how often it has struck
	now    func() time.Time // of the case
	asked  []time.Time      // when the exchange was asked for
	astray bool             // something was asked for that was not recorded: what came after shows nothing
}

// faultKind is what is done to an answer. A status, or an answer that cannot be used.
type faultKind struct {
	name   string
	status int
	after  time.Duration // Retry-After
	once   bool          // it strikes once; then the API answers as recorded
	change func(engine.Response) (engine.Response, error)
	benign bool // a connector may take it as if nothing were wrong
	ruined bool // nothing can be read any more: who succeeds all the same must not have needed it
}

// statusFaults are the answers of G04, with a Retry-After that the connector can wait for.
func statusFaults(after time.Duration) []faultKind {
	return []faultKind{
		{name: "401", status: 401}, {name: "403", status: 403}, {name: "404", status: 404}, {name: "429 with Retry-After", status: 429, after: after},
		{name: "429 with Retry-After, once", status: 429, after: after, once: true}, {name: "500", status: 500}, {name: "503", status: 503},
	}
}

const noAnswer = "no answer"

// brokenFaults are the answers of G05.
var brokenFaults = []faultKind{
	{name: noAnswer, change: func(engine.Response) (engine.Response, error) {
		return engine.Response{}, &engine.Error{Kind: engine.Unanswered, Message: "The API did not answer in time."}
	}},
	{name: "an empty body", ruined: true, change: body("")},
	{name: "an HTML page", ruined: true, change: func(a engine.Response) (engine.Response, error) {
		a.Header = http.Header{"Content-Type": {"text/html"}}
		a.Body = []byte("<!doctype html><title>Sign in</title><p>Please sign in.</p>")
		return a, nil
	}},
	{name: "truncated JSON", ruined: true, change: func(a engine.Response) (engine.Response, error) {
		a.Body = bytes.Clone(a.Body[:len(a.Body)/2])
		return a, nil
	}},
	{name: "null members", change: each(func(string, any) any { return nil })},
	{name: "unknown members", benign: true, change: func(a engine.Response) (engine.Response, error) {
		if object, is := decoded(a).(map[string]any); is {
			more := maps.Clone(object)
			more["slipwayUnknownMember"] = map[string]any{"nested": []any{1.0, nil}}
			a.Body = value.Encode(more)
		}
		return a, nil
	}},
}

func body(text string) func(engine.Response) (engine.Response, error) {
	return func(a engine.Response) (engine.Response, error) {
		a.Body = []byte(text)
		return a, nil
	}
}

func decoded(a engine.Response) any {
	v, err := value.Decode(a.Body)
	if err != nil {
		return nil
	}
	return v
}

// each changes every simple member of an object, and of the objects in it.
func each(change func(name string, v any) any) func(engine.Response) (engine.Response, error) {
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for name, member := range v {
				switch member.(type) {
				case map[string]any, []any:
					out[name] = walk(member)
				default:
					out[name] = change(name, member)
				}
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, item := range v {
				out[i] = walk(item)
			}
			return out
		}
		return v
	}
	return func(a engine.Response) (engine.Response, error) {
		if v := decoded(a); v != nil {
			a.Body = value.Encode(walk(v))
		}
		return a, nil
	}
}

// strike gives the spoilt answer, and whether it is this exchange's turn.
func (f *fault) strike(at int, e Exchange) (engine.Response, error, bool) { //nolint:revive // the answer and its error belong together
	if at != f.at {
		return engine.Response{}, nil, false
	}
	if f.asked = append(f.asked, f.now()); f.kind.once && f.hits > 0 {
		return engine.Response{}, nil, false
	}
	f.hits++
	if f.kind.change != nil {
		answer, err := f.kind.change(e.Response)
		return answer, err, true
	}
	answer := engine.Response{Status: f.kind.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{}`)}
	if f.kind.after > 0 {
		answer.Header.Set("Retry-After", fmt.Sprint(int(f.kind.after.Seconds())))
	}
	return answer, nil, true
}

// spoils reports whether the fault can do anything to the exchange: null members need some, a body must be there to be cut.
func (k faultKind) spoils(e Exchange) bool {
	if k.once {
		return !forToken(e)
	}
	if k.change == nil || k.name == noAnswer {
		return true
	}
	if len(e.Response.Body) == 0 {
		return false
	}
	changed, err := k.change(e.Response)
	return err != nil || !slices.Equal(changed.Body, e.Response.Body)
}

// forToken reports whether an exchange got a token (RFC 6749 §4): no connector says how often that is asked for.
func forToken(e Exchange) bool {
	form, err := url.ParseQuery(string(e.Request.Body))
	return err == nil && form.Has("grant_type") && strings.HasPrefix(e.Request.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
