package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"slipway/internal/secret"
)

// answer is a 2xx answer whose body has been read.
type answer struct {
	method, path string
	status       int
	body         []byte   // without surrounding white space and byte order mark
	object       Resource // what the body says, whatever its Content-Type; nil where it is no JSON object
	secrets      []secret.Text
}

// send does one exchange and returns its answer, or an error for anything that is not 2xx.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body any) (answer, error) {
	request, err := c.Request(ctx, method, path, query, body)
	if err != nil {
		return answer{}, err
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	a := answer{method: method, path: path, status: response.StatusCode}
	if c.Auth != nil {
		a.secrets = c.Auth.Secrets()
	}
	if a.body, err = readBody(response.Body); err != nil {
		if errors.Is(err, ErrTooLarge) {
			return answer{}, a.unreadable(err)
		}
		return answer{}, fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	a.object = objectIn(a.body)
	if refusal := a.refusal(response.Header); refusal != nil {
		return answer{}, refusal
	}
	return a, nil
}

func readBody(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, MaxBody+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBody {
		return nil, ErrTooLarge
	}
	return bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))), nil
}

// refusal returns the error of an answer that is not 2xx, or that is an error in the clothes of a 200.
func (a answer) refusal(header http.Header) error {
	fine := a.status >= 200 && a.status < 300
	if fine && !a.object.HasSchema(SchemaError) {
		return nil
	}
	if a.object == nil && len(a.body) > 0 {
		return a.unreadable(ErrNotJSON)
	}
	e := &Error{
		Status:     a.status,
		ScimType:   a.redact(a.object.String("scimType")),
		Detail:     a.redact(a.object.String("detail")),
		RetryAfter: retryAfter(header),
	}
	if inner, err := strconv.Atoi(a.object.String("status")); fine && err == nil {
		e.Status = inner // the body knows better than the status line
	}
	if len(e.Detail) > maxDetail {
		e.Detail = strings.ToValidUTF8(e.Detail[:maxDetail], "")
	}
	return fmt.Errorf("%s %s: %w", a.method, a.path, e)
}

func objectIn(body []byte) (object Resource) {
	if json.Unmarshal(body, &object) != nil {
		return nil
	}
	return object
}

func (a answer) resource() (Resource, error) {
	if a.object == nil {
		return nil, a.unreadable(errNoObject)
	}
	return a.object, nil
}

// unreadable says why the body cannot be used, and shows its start.
func (a answer) unreadable(reason error) error {
	switch {
	case len(a.body) == 0 && !errors.Is(reason, ErrTooLarge):
		reason = ErrNoBody
	case len(a.body) > 0 && !json.Valid(a.body):
		reason = ErrNotJSON
	}
	// Redacted before it is cut: half a token is still a leak.
	shown := excerpt(a.redact(string(a.body[:min(len(a.body), 4096)])), maxExcerpt)
	return fmt.Errorf("%s %s: %w", a.method, a.path, &AnswerError{Status: a.status, Reason: reason, Excerpt: shown})
}

// redact takes the client's own credentials out of text: some targets echo them.
func (a answer) redact(text string) string {
	for _, s := range a.secrets {
		text = strings.ReplaceAll(text, s.Reveal(), secret.Redacted)
	}
	return text
}

// retryAfter reads whole seconds only; a date counts as none (RFC 9110 §10.2.3 allows both).
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
