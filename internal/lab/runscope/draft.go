package runscope

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// draft is a request with its variables put in, before it is encoded. Scripts may still edit it.
type draft struct {
	method  string
	url     string
	query   []Field
	headers []Field
	body    string
	form    []Field
	auth    Auth

	multipart []Field
	boundary  string
	plus      bool // a value with a plus sign was put into the URL
}

// expander expands many templates and reports all missing variables together.
type expander struct {
	scope
	missing missingError
	err     error
}

func (x *expander) text(template string) string {
	value, err := x.expand(template)
	if lacking, ok := errors.AsType[*missingError](err); ok {
		for _, name := range lacking.names {
			if !slices.Contains(x.missing.names, name) {
				x.missing.names = append(x.missing.names, name)
			}
		}
	} else if err != nil && x.err == nil {
		x.err = err
	}
	return value
}

func (x *expander) fields(templates []Field) []Field {
	var out []Field
	for _, f := range templates {
		out = append(out, Field{x.text(f.Name), x.text(f.Value)})
	}
	return out
}

func (x *expander) result() error {
	if len(x.missing.names) > 0 {
		return &x.missing
	}
	return x.err
}

// expand puts the variables into r. defaults are the environment's headers, for names that r does not set.
func (r *Request) expand(s scope, defaults []Field) (draft, error) {
	x := expander{scope: s}
	d := draft{method: strings.TrimSpace(x.text(r.Method)), boundary: "slipway-boundary-7e3fb1c2"}
	var values []string
	x.used = func(value string) { values = append(values, value) }
	d.url = x.text(r.URL)
	x.used = nil
	_, query, _ := strings.Cut(d.url, "?")
	d.plus = slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "+") && strings.Contains(query, v) })
	d.query = x.fields(r.Query)
	d.headers = x.fields(r.Headers)
	for _, h := range x.fields(defaults) {
		if !d.hasHeader(h.Name) {
			d.headers = append(d.headers, h)
		}
	}
	d.body, d.form, d.multipart = x.text(r.Body), x.fields(r.Form), x.fields(r.Multipart)
	if r.GraphQL != nil && d.body == "" {
		d.body = r.GraphQL.body(&x)
		d.defaultType("application/json")
	}
	d.auth = r.Auth.expand(&x)
	return d, x.result()
}

func (a Auth) expand(x *expander) Auth {
	return Auth{Type: a.Type, User: x.text(a.User), Password: x.text(a.Password), ClientID: x.text(a.ClientID),
		Secret: x.text(a.Secret), TokenURL: x.text(a.TokenURL), Audience: x.text(a.Audience), Scope: x.text(a.Scope)}
}

func (g *GraphQL) body(x *expander) string {
	body := map[string]any{"query": x.text(g.Query)}
	if variables := strings.TrimSpace(x.text(g.Variables)); json.Valid([]byte(variables)) {
		body["variables"] = json.RawMessage(variables)
	}
	out, err := json.Marshal(body)
	if err != nil && x.err == nil {
		x.err = err
	}
	return string(out)
}

func (d *draft) hasHeader(name string) bool {
	return slices.ContainsFunc(d.headers, func(h Field) bool { return strings.EqualFold(h.Name, name) })
}

func (d *draft) setDefault(name, value string) {
	if !d.hasHeader(name) {
		d.headers = append(d.headers, Field{name, value})
	}
}

func (d *draft) defaultType(mediaType string) { d.setDefault("Content-Type", mediaType) }

// payload returns the body that is sent, and sets the Content-Type that goes with a form. An empty body is none;
// a Content-Type that the suite sets beside it is sent all the same.
func (d *draft) payload() ([]byte, error) {
	switch {
	case d.body != "":
		return []byte(d.body), nil
	case len(d.form) > 0:
		d.defaultType("application/x-www-form-urlencoded")
		return []byte(encodeForm(d.form)), nil
	case len(d.multipart) > 0:
		return d.multipartBody()
	}
	return nil, nil
}

func (d *draft) multipartBody() ([]byte, error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.SetBoundary(d.boundary); err != nil {
		return nil, err
	}
	for _, part := range d.multipart {
		if err := w.WriteField(part.Name, part.Value); err != nil {
			return nil, err
		}
	}
	// The boundary is ours, so a Content-Type of the suite would not match it.
	d.headers = slices.DeleteFunc(d.headers, func(h Field) bool { return strings.EqualFold(h.Name, "Content-Type") })
	d.headers = append(d.headers, Field{"Content-Type", w.FormDataContentType()})
	err := w.Close() // writes the last boundary
	return out.Bytes(), err
}

func encodeForm(fields []Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, url.QueryEscape(f.Name)+"="+url.QueryEscape(f.Value))
	}
	return strings.Join(out, "&")
}

// build returns the request to send. The errors are sentences for people: the suite asks for something that
// cannot be sent.
func (d *draft) build(ctx context.Context) (*http.Request, error) {
	payload, err := d.payload()
	if err != nil {
		return nil, err
	}
	target, err := d.target()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, d.method, target.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("the method %q cannot be sent", d.method)
	}
	if len(payload) == 0 {
		req.Body, req.GetBody = http.NoBody, nil
	}
	return req, d.setHeaders(req)
}

func (d *draft) target() (*url.URL, error) {
	encoded := encodeURL(d.url)
	if query := encodeForm(d.query); query != "" {
		separator := "?"
		if strings.Contains(encoded, "?") {
			separator = "&"
		}
		encoded += separator + query
	}
	target, err := url.Parse(encoded)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return nil, fmt.Errorf("%q is not a web address", d.url)
	}
	return target, nil
}

// setHeaders sends what the suite writes, trimmed. It leaves the length and the compression to the transport,
// and does not let a suite name another host than the one that is checked.
func (d *draft) setHeaders(req *http.Request) error {
	for _, h := range d.headers {
		name, value := strings.TrimSpace(h.Name), strings.TrimSpace(h.Value)
		switch textproto.CanonicalMIMEHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding":
			continue
		case "Host":
			if !strings.EqualFold(value, req.URL.Host) {
				return fmt.Errorf("the header Host names another host than the address")
			}
			continue
		}
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("the header %q cannot be sent", name)
		}
		req.Header.Add(name, value)
	}
	return nil
}

// encodeURL escapes what RFC 3986 does not allow, and nothing else: a suite writes filter=userName eq "x" as it
// is, and %20 where it has escaped already. A plus sign stays one.
func encodeURL(raw string) string {
	raw = strings.TrimSpace(raw)
	authority := 0
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		authority = len(raw) - len(rest)
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			authority += end
		} else {
			authority = len(raw)
		}
	}
	var out strings.Builder
	for i := range len(raw) {
		c := raw[i]
		switch {
		case isURLByte(c), c == '%' && i+2 < len(raw) && isHex(raw[i+1]) && isHex(raw[i+2]), (c == '[' || c == ']') && i < authority:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func isURLByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@/?#", c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
