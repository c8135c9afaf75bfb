package scim

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"slipway/internal/fault"
)

// MaxBody is the largest answer that a Client reads: 4 MiB.
const MaxBody = 4 << 20

// UserAgent is sent by whoever asks: a target cannot tell the lab from the engine that will provision later, and behave.
const UserAgent = "Slipway SCIM Client/1"

// Doer sends one request. egress.Client is one, *http.Client another.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Client asks one SCIM 2.0 service. It is safe for concurrent use. It never repeats a request by itself.
//
// Its verbs return an *Error for a refusal (any status that is not 2xx), an *AnswerError for an answer that
// cannot be read, and the Doer's own error where there was no answer; all are wrapped with method and path.
type Client struct {
	Base  *url.URL // with or without trailing slash
	HTTP  Doer
	Auth  Authorizer // nil: no credentials
	Media string     // of bodies, and asked for; "": MediaType
}

// NewClient returns a client of the service at base: an absolute http(s) URL without query, fragment or
// credentials. A base of another form is refused with a fault.Invalid that people may read.
func NewClient(base string, http Doer, auth Authorizer) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return nil, fault.New(fault.Invalid, "The base URL must be a full address such as https://example.com/scim/v2.")
	case u.User != nil:
		return nil, fault.New(fault.Invalid, "The base URL must not hold a user name or password. Put them in the credentials.")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fault.New(fault.Invalid, "The base URL must not have a query or a fragment (the part after ? or #).")
	}
	return &Client{Base: u, HTTP: http, Auth: auth}, nil
}

// Query is what a list can be asked for (RFC 7644 §3.4.2). Zero fields are not sent, so that the target's
// defaults hold.
type Query struct {
	Filter             string
	SortBy             string
	Attributes         []string
	ExcludedAttributes []string
	StartIndex         int // 1-based
	Count              int
}

// Values returns the parameters in SCIM's spelling.
func (q Query) Values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("filter", q.Filter)
	set("sortBy", q.SortBy)
	set("attributes", strings.Join(q.Attributes, ","))
	set("excludedAttributes", strings.Join(q.ExcludedAttributes, ","))
	if q.StartIndex != 0 {
		values.Set("startIndex", strconv.Itoa(q.StartIndex))
	}
	if q.Count != 0 {
		values.Set("count", strconv.Itoa(q.Count))
	}
	return values
}

// Get reads one resource, such as Get(ctx, "Users", id).
func (c *Client) Get(ctx context.Context, resource, id string) (Resource, error) {
	return c.one(ctx, http.MethodGet, resource, id, nil)
}

// List reads one page. A target may send fewer than asked; an empty page is the end, not an error.
func (c *Client) List(ctx context.Context, resource string, q Query) (ListResponse, error) {
	var page ListResponse
	answer, err := c.send(ctx, http.MethodGet, Path(resource), q.Values(), nil)
	if err != nil {
		return page, err
	}
	if err := page.read(answer.object); err != nil {
		return page, answer.unreadable(err)
	}
	return page, nil
}

// Create sends a POST and returns the stored resource. An answer without a body is ErrNoBody: the resource
// probably exists, and its id has to be looked up.
func (c *Client) Create(ctx context.Context, resource string, r Resource) (Resource, error) {
	answer, err := c.send(ctx, http.MethodPost, Path(resource), nil, r)
	if err != nil {
		return nil, err
	}
	return answer.resource()
}

// Replace sends a PUT (RFC 7644 §3.5.1). It returns nil without an error where the target shows no body.
func (c *Client) Replace(ctx context.Context, resource, id string, r Resource) (Resource, error) {
	return c.one(ctx, http.MethodPut, resource, id, r)
}

// Patch sends the operations in one PATCH (RFC 7644 §3.5.2). It returns nil without an error where the
// target shows no body, as with 204.
func (c *Client) Patch(ctx context.Context, resource, id string, ops []PatchOp) (Resource, error) {
	return c.one(ctx, http.MethodPatch, resource, id, PatchRequest(ops))
}

// Delete sends a DELETE (RFC 7644 §3.6). A body in the answer is not looked at.
func (c *Client) Delete(ctx context.Context, resource, id string) error {
	if err := checkID(http.MethodDelete, resource, id); err != nil {
		return err
	}
	_, err := c.send(ctx, http.MethodDelete, Path(resource, id), nil, nil)
	return err
}

func (c *Client) one(ctx context.Context, method, resource, id string, body any) (Resource, error) {
	if err := checkID(method, resource, id); err != nil {
		return nil, err
	}
	answer, err := c.send(ctx, method, Path(resource, id), nil, body)
	if err != nil {
		return nil, err
	}
	if len(answer.body) == 0 && method != http.MethodGet {
		return nil, nil
	}
	return answer.resource()
}

// checkID refuses ids that would name the whole collection, or something above it.
func checkID(method, resource, id string) error {
	if id == "" || id == "." || id == ".." {
		return fmt.Errorf("%s %s: the id %q names no resource", method, resource, id)
	}
	return nil
}

// Path joins segments to a path below the base and escapes each of them.
func Path(segments ...string) string {
	var b strings.Builder
	for _, segment := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	return b.String()
}

// Request builds a request with SCIM's headers and the client's credentials, and does not send it. path is
// appended to the base as it stands (see Path). body may be nil, a string or []byte sent as they are, or
// anything that marshals to JSON.
func (c *Client) Request(ctx context.Context, method, path string, query url.Values, body any) (*http.Request, error) {
	text, err := encodeBody(body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.address(path, query), reader)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	c.setHeaders(r, body != nil)
	return r, nil
}

// address writes a blank as %20: some targets take "+" for a plus.
func (c *Client) address(path string, query url.Values) string {
	address := strings.TrimRight(c.Base.String(), "/") + path
	if len(query) > 0 {
		address += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	return address
}

func (c *Client) setHeaders(r *http.Request, hasBody bool) {
	media := cmp.Or(c.Media, MediaType)
	r.Header.Set("Accept", media)
	r.Header.Set("Accept-Charset", "utf-8")
	r.Header.Set("User-Agent", UserAgent)
	if hasBody {
		r.Header.Set("Content-Type", media+"; charset=utf-8")
	}
	if c.Auth != nil {
		c.Auth.Authorize(r)
	}
}

func encodeBody(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	case string:
		return []byte(b), nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	return text, nil
}
