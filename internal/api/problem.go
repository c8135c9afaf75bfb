package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"slipway/internal/fault"
)

// Problem is what every refusal answers with (RFC 9457). Only the fault's sentence and fields leave; the cause goes
// to the log. Its type is always "about:blank", which RFC 9457 §4.2.1 lets us leave out.
type Problem struct {
	Title  string        `json:"title" doc:"The status in words."`
	Status int           `json:"status"`
	Code   fault.Code    `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,conflict,too_large,too_many,unavailable,internal" doc:"The kind of the problem. It does not change its meaning."`
	Detail string        `json:"detail" doc:"What happened and what to do, as a sentence."`
	Errors []fault.Field `json:"errors,omitempty" doc:"The inputs concerned."`
	header http.Header
}

// statuses joins a fault's code to HTTP; nothing else does.
var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.TooMany: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusBadGateway, fault.Internal: http.StatusInternalServerError,
}

// errStale is the cause of a conflict that If-Match has prevented: such a one is 412 instead of 409.
var errStale = errors.New("the version in If-Match is not the newest")

func problemOf(err error) *Problem {
	shown := fault.Show(err)
	p := newProblem(statuses[shown.Code], shown.Code, shown.Message, shown.Fields)
	switch late, _ := errors.AsType[*tooFast](err); {
	case errors.Is(err, errStale):
		p.setStatus(http.StatusPreconditionFailed)
	case late != nil:
		p.header.Set("Retry-After", late.seconds())
	case p.Status == http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", challenge(err))
	}
	return p
}

func newProblem(status int, code fault.Code, detail string, fields []fault.Field) *Problem {
	p := &Problem{Code: code, Detail: detail, Errors: fields, header: http.Header{}}
	p.setStatus(status)
	return p
}

func (p *Problem) setStatus(status int) { p.Status, p.Title = status, http.StatusText(status) }

// wrongMethod answers a method that the address does not take (RFC 9110 §15.5.6).
func wrongMethod(method string, allowed []string) *Problem {
	list := strings.Join(allowed, ", ")
	p := newProblem(http.StatusMethodNotAllowed, fault.Invalid, fmt.Sprintf("This address does not take %s. It takes %s.", method, list), nil)
	p.header.Set("Allow", list)
	return p
}

// Error, GetStatus, GetHeaders and ContentType are what huma asks of an error that it shall answer with.
func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) GetHeaders() http.Header   { return p.header }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the asker went away
}

// huma is told once, for the whole program, to speak of what it refuses as we do, and to read as strictly.
func init() {
	huma.NewError = refusal
	huma.NewErrorWithContext = func(_ huma.Context, status int, detail string, errs ...error) huma.StatusError {
		return refusal(status, detail, errs...)
	}
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
}

// refusal is the problem for what huma itself refuses while it reads a request. What was sent is not repeated: it
// may be a secret.
func refusal(status int, detail string, errs ...error) huma.StatusError {
	var fields []fault.Field
	for _, err := range errs {
		if wrong, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			fields = append(fields, fault.Field{Key: keyOf(wrong.Location), Message: sentence(wrong.Message)})
		}
	}
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return newProblem(http.StatusUnprocessableEntity, fault.Invalid, "The request cannot be read. Nothing was changed.", fields)
	case http.StatusUnsupportedMediaType:
		return newProblem(status, fault.Invalid, "Send the body as application/json.", nil)
	case http.StatusRequestEntityTooLarge:
		return newProblem(status, fault.TooLarge, "The body is too large for this operation.", nil)
	case http.StatusRequestTimeout:
		return newProblem(status, fault.Invalid, "The body did not arrive in time.", nil)
	}
	return newProblem(status, fault.Internal, sentence(detail), nil)
}

// keyOf writes a place as faults do: "body.findings[0].text" is "findings.0.text".
func keyOf(location string) string {
	key := strings.NewReplacer("[", ".", "]", "").Replace(location)
	if inner, ok := strings.CutPrefix(key, "body."); ok {
		return inner
	}
	return key
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
