package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"slipway/internal/connector/value"
)

// methods that a connector may use.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// ownHeaders are the engine's to set: they say how a request travels, not what it means.
var ownHeaders = []string{"Host", "Connection", "Proxy-Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Proxy-Authorization"}

// Rules say what a connector may ask. They hold for every request: those of its steps, and those for a token.
type Rules struct {
	Hosts     []string // names, or "*." and a domain; nil for any that the API lets through
	AllowHTTP bool     // besides https; for development
	MaxBody   int      // bytes; 5 MiB unless set
}

// Guard returns an API that refuses what the rules do not allow.
func (r Rules) Guard(api API) API { return guarded{r, api} }

type guarded struct {
	rules Rules
	api   API
}

func (g guarded) Call(ctx context.Context, q Request) (Response, error) {
	if err := g.rules.check(&q); err != nil {
		return Response{}, err
	}
	return g.api.Call(ctx, q)
}

// check refuses what must not be sent: another host than the connector named, plain http, headers that would end early.
func (r Rules) check(q *Request) *Error {
	q.Method = strings.ToUpper(q.Method)
	if !slices.Contains(methods, q.Method) {
		return fail(Refused, "The method %q is none of %s.", q.Method, strings.Join(methods, ", "))
	}
	if err := r.checkAddress(q.URL); err != nil {
		return err
	}
	for name, values := range q.Header {
		if err := checkHeader(name, values); err != nil {
			return err
		}
	}
	most := r.MaxBody
	if most == 0 {
		most = 5 << 20
	}
	if len(q.Body) > most {
		return fail(Refused, "The request has %d bytes, more than %d.", len(q.Body), most)
	}
	return nil
}

func (r Rules) checkAddress(address string) *Error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fail(Unfit, "%q is no address to send a request to; one begins with https:// and a host.", shorten(address))
	}
	if u.User != nil {
		return fail(Refused, "The address holds a user name or password; put it into a header.")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !r.AllowHTTP) {
		return fail(Refused, "%s is not asked over %s; use https.", u.Host, u.Scheme)
	}
	if !r.Allows(u.Hostname()) {
		return fail(Refused, "The host %s is not among those that this connector may ask: %s.", u.Hostname(), cmp.Or(strings.Join(r.Hosts, ", "), "none is named"))
	}
	return nil
}

// AnyHost stands in a list of hosts for all.
const AnyHost = "*"

// Allows reports whether a host is in the list: by its name, or below "*.domain". Without a list every host is.
func (r Rules) Allows(host string) bool {
	if r.Hosts == nil {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, allowed := range r.Hosts {
		allowed = strings.ToLower(allowed)
		if domain, wild := strings.CutPrefix(allowed, "*."); wild {
			if strings.HasSuffix(host, "."+domain) {
				return true
			}
		} else if host == allowed || allowed == AnyHost {
			return true
		}
	}
	return false
}

// Unsettable says why a connector may not set a header, "" where it may.
func Unsettable(header string) string {
	if !httpguts.ValidHeaderFieldName(header) {
		return fmt.Sprintf("%q is no name of a header.", shorten(header))
	}
	if slices.Contains(ownHeaders, http.CanonicalHeaderKey(header)) {
		return fmt.Sprintf("The header %s is not a connector's to set.", header)
	}
	return ""
}

func checkHeader(name string, values []string) *Error {
	if why := Unsettable(name); why != "" {
		return fail(Refused, "%s", why)
	}
	for _, v := range values {
		if !httpguts.ValidHeaderFieldValue(v) {
			return fail(Refused, "The header %s would hold a line break or another character that no header may.", name)
		}
	}
	return nil
}

func shorten(text string) string { return value.Shorten(strings.ToValidUTF8(text, ""), 80) }

// send checks and sends one request. Every request of a run goes through here.
func (r *run) send(q Request) (Response, *Error) {
	if err := r.Rules.check(&q); err != nil {
		return Response{}, err
	}
	if r.used.requests.Add(1) > int64(r.limits.Requests) {
		return Response{}, fail(Limit, "More than %d requests were sent. Is there a loop without end?", r.limits.Requests)
	}
	answer, err := r.API.Call(r.ctx, q)
	if r.ctx.Err() != nil {
		return Response{}, r.ended()
	}
	if err != nil {
		if e := asError(err); e.Kind != Unfit {
			return Response{}, e
		}
		return Response{}, &Error{Kind: Unanswered, Message: sentence(err.Error()), cause: err}
	}
	return answer, nil
}

// RetryAfter reads how long an answer asks to be left alone: seconds or a date (RFC 9110 §10.2.3).
func (e *Error) RetryAfter(now time.Time) (time.Duration, bool) {
	header := http.Header{}
	for name, v := range e.headers {
		if text, is := v.(string); is {
			header.Set(name, text)
		}
	}
	return retryAfter(header, now)
}
