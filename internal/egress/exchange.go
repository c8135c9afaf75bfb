package egress

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

// keptBody is how much of a body an Exchange keeps.
const keptBody = 64 << 10

// Exchange is one request with what came back, redacted: safe to store and to show to whoever may see the target.
type Exchange struct {
	Method         string        `json:"method"`
	URL            string        `json:"url"`
	RequestHeader  http.Header   `json:"request_header"`
	RequestBody    string        `json:"request_body,omitempty"`
	Status         int           `json:"status"` // 0: no answer came
	ResponseHeader http.Header   `json:"response_header,omitempty"`
	ResponseBody   string        `json:"response_body,omitempty"`
	Truncated      bool          `json:"truncated,omitempty"` // a body was longer than what is kept (64 KiB)
	Started        time.Time     `json:"started"`
	Duration       time.Duration `json:"duration_ns"`
	Err            string        `json:"error,omitempty"`  // the sentence for people, where no usable answer came
	Reused         bool          `json:"reused,omitempty"` // over a connection that had served another exchange before
	TLS            *Handshake    `json:"tls,omitempty"`    // nil over plain http, and where no answer came
}

// Curl returns the request as a command for a POSIX shell. Credentials stand in it as $TOKEN.
func (e Exchange) Curl() string {
	var b strings.Builder
	b.WriteString("curl -sS -X " + shellQuote(e.Method))
	for _, name := range sortedNames(e.RequestHeader) {
		for _, value := range e.RequestHeader[name] {
			b.WriteString(" -H " + shellQuote(name+": "+value))
		}
	}
	if e.RequestBody != "" {
		b.WriteString(" --data-raw " + shellQuote(e.RequestBody))
	}
	b.WriteString(" " + shellQuote(e.URL))
	return b.String()
}

// shellQuote leaves nothing for the shell to interpret but our own $TOKEN.
func shellQuote(s string) string {
	parts := strings.Split(s, secret.Redacted)
	for i, part := range parts {
		parts[i] = "'" + strings.ReplaceAll(part, "'", `'\''`) + "'"
	}
	return strings.Join(parts, `"$TOKEN"`)
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// exchange completes e from what was sent and what came back.
func (d redactor) exchange(e Exchange, r *http.Request, sent []byte, resp *http.Response, body []byte, err error) Exchange {
	e.Method, e.URL = r.Method, d.url(r.URL.String())
	e.RequestHeader = d.header(r.Header)
	var cut bool
	e.RequestBody, e.Truncated = d.body(sent, true)
	if resp != nil {
		e.Status, e.ResponseHeader = resp.StatusCode, d.header(resp.Header)
		e.ResponseBody, cut = d.body(body, err == nil)
		e.Truncated = e.Truncated || cut && len(body) > 0
		e.TLS = handshakeOf(resp.TLS)
	}
	if err != nil {
		e.Err = d.text(fault.Show(err).Message)
	}
	return e
}
