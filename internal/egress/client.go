package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"slipway/internal/secret"
)

const (
	defaultTimeout = 60 * time.Second
	defaultMaxBody = 4 << 20
	maxHeader      = 256 << 10
)

// Options of a Client. The zero value is the lab's: one attempt, 60 s, 4 MiB.
type Options struct {
	Timeout     time.Duration  // a whole exchange, from the look-up to the last byte, over all attempts; 60 s unless set
	MaxBody     int64          // of an answer, after decompression; 4 MiB unless set
	Retry       bool           // repeat what is safe to repeat, and pause when the target is down; see retry.go
	MaxParallel uint           // with Retry: requests under way at once; 0 is no limit
	Redact      []secret.Text  // what must not stand in a recorded exchange, besides credentials in headers
	Record      func(Exchange) // called once for each attempt that was sent or refused, before Do returns
	Resolver    *net.Resolver  // nil is the system's

	Certificate *tls.Certificate // shown to a server that asks for one; nil is none
}

// Client sends requests to one target under one policy. It is safe for concurrent use.
type Client struct {
	policy    Policy
	options   Options
	redactor  redactor
	dialer    dialer
	wire      *http.Transport
	transport http.RoundTripper // exchange, with the retry policies around it where they are wanted
}

// New returns a client for one target: pauses and limits are that target's own.
func New(p Policy, o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	settings := &tls.Config{RootCAs: p.Roots}
	if o.Certificate != nil {
		settings.Certificates = []tls.Certificate{*o.Certificate}
	}
	d := dialer{p, o.Resolver}
	c := &Client{policy: p, options: o, redactor: newRedactor(o.Redact), dialer: d, wire: &http.Transport{
		DialContext:            d.dial,
		Proxy:                  nil, // an ambient HTTP_PROXY would get round the guard (H-17)
		TLSClientConfig:        settings,
		TLSHandshakeTimeout:    connectTimeout,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    max(2, int(o.MaxParallel)),
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}}
	c.transport = roundTrip(c.exchange)
	if o.Retry {
		c.transport = withRetries(c.transport, o.MaxParallel)
	}
	return c
}

// CloseIdle closes the connections that nobody uses. The client stays usable.
func (c *Client) CloseIdle() { c.wire.CloseIdleConnections() }

// Do sends r and returns the complete answer: its body is read, at most MaxBody long, and need not be closed.
// Redirects are not followed. Without a usable answer the error is a *fault.Error with one sentence for people,
// and KindOf tells the kind.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), c.options.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		return nil, classify(ctx, err, r.URL.Hostname())
	}
	// The retry policies tie the body to contexts that end here; it lies in memory, so it is freed of them.
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, classify(ctx, err, r.URL.Hostname())
	}
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(body)), r
	return resp, nil
}

// exchange is one attempt: checked, sent, read to its end, recorded.
func (c *Client) exchange(r *http.Request) (*http.Response, error) {
	sent, r, err := withBody(r)
	if err != nil {
		return nil, err
	}
	e := Exchange{Started: time.Now()}
	resp, body, err := c.send(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(conn httptrace.GotConnInfo) { e.Reused = conn.Reused },
	})))
	if err != nil {
		err = classify(r.Context(), err, r.URL.Hostname())
	}
	e.Duration = time.Since(e.Started)
	if c.options.Record != nil {
		c.options.Record(c.redactor.exchange(e, r, sent, resp, body, err))
	}
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// withBody reads the request's body, so that it can be both sent and recorded.
func withBody(r *http.Request) ([]byte, *http.Request, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, r, nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, r, fmt.Errorf("read request body: %w", err)
	}
	r = r.Clone(r.Context())
	// With GetBody the transport may send again on a fresh connection what it could not even begin to write.
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return body, r, nil
}

// send returns the answer with its body. On a refusal the part of an answer that did come is returned as well,
// for the record only.
func (c *Client) send(r *http.Request) (*http.Response, []byte, error) {
	if err := c.check(r); err != nil {
		return nil, nil, err
	}
	resp, err := c.wire.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if location := resp.Header.Get("Location"); resp.StatusCode/100 == 3 && location != "" {
		return resp, nil, refuse(Redirected, nil, redirectSentence(r.URL, resp.StatusCode, location)) // H-08: its body is not shown
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.options.MaxBody+1))
	if int64(len(body)) > c.options.MaxBody {
		return resp, body, refuse(TooLarge, nil, fmt.Sprintf("%s answered with more than %s. Nothing of it was used.", r.URL.Hostname(), size(c.options.MaxBody)))
	}
	return resp, body, err
}

// check refuses what could talk a server, or a proxy before it, into another destination than the one checked.
func (c *Client) check(r *http.Request) error {
	if r.Method == http.MethodConnect || r.Host != "" && !strings.EqualFold(r.Host, r.URL.Host) || r.Header.Get("Host") != "" {
		return refuse(NotAllowed, nil, "The request names another host than its address.")
	}
	return c.policy.checkURL(r.URL)
}

// redirectSentence names the host only: the rest of a Location is the target's text, and may be long or hostile.
func redirectSentence(from *url.URL, status int, location string) string {
	to := "an address that cannot be read"
	if u, err := from.Parse(location); err == nil {
		if host, err := canonicalHost(u.Hostname()); err == nil {
			to = strings.ToLower(u.Scheme) + "://" + host
		}
	}
	return fmt.Sprintf("%s answered with a redirect (%d) to %s. Redirects are not followed: enter the final address.", from.Hostname(), status, to)
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", max(1, n>>10))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
