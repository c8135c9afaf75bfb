package engine

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"slipway/internal/egress"
	"slipway/internal/fault"
)

// Live sends requests to the vendor's system, through the one way out.
type Live struct{ Client *egress.Client }

// Call sends the request. What the client refuses to dial is Refused, what did not come back Unanswered.
func (l Live) Call(ctx context.Context, q Request) (Response, error) {
	r, err := http.NewRequestWithContext(ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		return Response{}, fail(Refused, "%q is no address to send a request to.", shorten(q.URL))
	}
	for name, values := range q.Header {
		r.Header[name] = values
	}
	answer, err := l.Client.Do(r)
	if err != nil {
		kind := Unanswered
		switch egress.KindOf(err) {
		case egress.PrivateAddress, egress.NotAllowed:
			kind = Refused
		}
		return Response{}, &Error{Kind: kind, Message: fault.Show(err).Message, cause: err}
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return Response{}, &Error{Kind: Unanswered, Message: fault.Show(err).Message, cause: err}
	}
	return Response{Status: answer.StatusCode, Header: answer.Header, Body: body}, nil
}
