package engine

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slipway/internal/connector/value"
	"slipway/internal/egress"
)

// httpCards ask the vendor's API.
var httpCards = []Card{
	{"http/raw", "Raw Request", "url, method, headers, query, body", "statusCode, headers, body", "the body is text; a status of 400 and more is an error once the card's retries are used up", rawRequest},
	{"http/accept", "API Endpoint", "…", "raw.headers, raw.body, raw.query, …", "starts a flow that is called over HTTP", start},
	{"http/delegated", "Delegated Flow", "…", "…", "starts a flow that a person calls", start},
}

func retryAfter(h http.Header, now time.Time) (time.Duration, bool) { return egress.RetryAfter(h, now) }

func rawRequest(c *call) (Values, error) {
	q := Request{Method: c.text("method"), URL: withQuery(c.text("url"), c.object("query")), Header: headers(c.object("headers"))}
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	if body := c.text("body"); body != "" {
		q.Body = []byte(body)
		if q.Header.Get("Content-Type") == "" && looksLikeJSON(body) {
			q.Header.Set("Content-Type", "application/json")
		}
	}
	for i := range c.node.In {
		if in := &c.node.In[i]; in.Key.Group == "ssl" && !value.Empty(c.value(in)) {
			return nil, fail(Unsupported, "The request wants a client certificate (%s), and there are none here.", in.Key.Name)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	answer, given, err := c.exchange(q)
	if err != nil {
		return nil, err
	}
	return Values{key("statusCode"): float64(answer.Status), key("headers"): given, key("body"): string(answer.Body)}, nil
}

// exchange sends a request and returns the answer, its headers as flows see them. An answer of 400 and more is an error.
func (r *run) exchange(q Request) (Response, map[string]any, error) {
	answer, err := r.send(q)
	if err != nil {
		return Response{}, nil, err
	}
	given := headerObject(answer.Header)
	if answer.Status >= 400 {
		return Response{}, nil, answered(answer, given)
	}
	return answer, given, nil
}

// answered is the error that an answer of 400 and more means.
func answered(a Response, given map[string]any) *Error {
	message := fmt.Sprintf("The API answered %d %s.", a.Status, http.StatusText(a.Status))
	var body any = string(a.Body)
	if read, err := value.Decode(a.Body); err == nil {
		body = read
		if said := sentenceIn(read); said != "" {
			message = fmt.Sprintf("The API answered %d: %s", a.Status, said)
		}
	}
	return &Error{Kind: Answered, Message: message, Status: a.Status, Body: body, headers: given}
}

// sentenceIn finds what an API says about its error, in the members where most say it.
func sentenceIn(body any) string {
	for _, path := range []string{"message", "error.message", "detail", "error_description", "error", "errors.0.message", "errors.0.detail", "errors.0.title", "errors.0", "title"} {
		if text, is := value.Get(body, path).(string); is && text != "" {
			return sentence(shorten(strings.Join(strings.Fields(text), " ")))
		}
	}
	return ""
}

func looksLikeJSON(body string) bool {
	body = strings.TrimSpace(body)
	return strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[")
}

// withQuery adds members to an address's query; a list is repeated, nothing is left out.
func withQuery(address string, query map[string]any) string {
	if len(query) == 0 {
		return address
	}
	added := url.Values{}
	for name, v := range query {
		switch v := v.(type) {
		case nil:
		case []any:
			for _, item := range v {
				added.Add(name, value.Text(item))
			}
		default:
			added.Add(name, value.Text(v))
		}
	}
	if len(added) == 0 {
		return address
	}
	base, _, _ := strings.Cut(address, "#") // a fragment is never sent
	switch {
	case !strings.Contains(base, "?"):
		base += "?"
	case !strings.HasSuffix(base, "?") && !strings.HasSuffix(base, "&"):
		base += "&"
	}
	return base + added.Encode()
}

func headers(object map[string]any) http.Header {
	h := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(object)) { // of two that differ in case, always the same wins
		if v := object[name]; v != nil {
			h[http.CanonicalHeaderKey(name)] = []string{value.Text(v)}
		}
	}
	return h
}

// headerObject is an answer's headers as flows see them: names in lower case, values of one name joined.
func headerObject(h http.Header) map[string]any {
	object := make(map[string]any, len(h))
	for name, values := range h {
		object[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return object
}
