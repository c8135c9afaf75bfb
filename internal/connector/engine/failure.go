package engine

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Kind says who is to blame for an error.
type Kind string

const (
	Raised      Kind = "raised"      // the flow itself returned an error
	Answered    Kind = "answered"    // the API answered with a status that is none of success
	Unanswered  Kind = "unanswered"  // the API did not answer, or its answer could not be read
	Unfit       Kind = "unfit"       // a card could not do with its inputs what it should
	Refused     Kind = "refused"     // a request that must not be sent
	Limit       Kind = "limit"       // the run was stopped at one of its limits
	Unsupported Kind = "unsupported" // a card that is not known, or a flow that is not there: nothing is proved
	Stopped     Kind = "stopped"     // whoever started the run stopped it
)

// Error is why a run ended without result.
type Error struct {
	Kind    Kind
	Message string      // a sentence
	Status  int         // of the API's answer, or what the flow gave; 0 for none
	Type    string      // the contract's type of error, "" where nobody said
	Code    string      // the connector's own word for it
	Body    any         // what the API answered, where it did
	Src     program.Src // the card
	flow    string      // ids, for the flow's own error handlers
	card    string
	headers map[string]any
	cause   error
}

func (e *Error) Error() string {
	if place := e.Src.String(); place != "" {
		return place + ": " + e.Message
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// catchable tells what a flow may handle from what ends its run.
func (e *Error) catchable() bool {
	switch e.Kind {
	case Limit, Unsupported, Refused, Stopped:
		return false
	}
	return true
}

// object is the error as a flow's handler sees it. Older flows read errors.code and statusCode (connectors §1.5).
func (e *Error) object() map[string]any {
	var code any = e.Code
	if e.Code == "" {
		code = float64(e.Status)
	}
	return map[string]any{
		"message": e.Message, "code": code, "status": float64(e.Status), "statusCode": float64(e.Status), "type": e.Type,
		"method": e.card, "flo": e.flow, "execution": "", "body": e.Body,
		"errors": map[string]any{"code": code, "message": e.Message},
	}
}

var errTooLong = errors.New("too long")

// fail makes an error of a card.
func fail(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// ended translates the end of a context.
func (r *run) ended() *Error {
	if errors.Is(context.Cause(r.ctx), errTooLong) {
		return fail(Limit, "The run took longer than its limit of %s.", r.limits.Time)
	}
	e := fail(Stopped, "The run was stopped.")
	e.cause = r.ctx.Err()
	return e
}

// asError is err as an *Error; one of another kind counts as the card's.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Unfit, Message: sentence(err.Error()), cause: err}
}

func sentence(text string) string {
	if text == "" {
		return "Something went wrong."
	}
	switch text[len(text)-1] {
	case '.', '!', '?':
		return text
	}
	return text + "."
}

// within refuses a value that is larger than a run may hold.
func (r *run) within(v any) *Error {
	if text, is := v.(string); is && len(text) > r.limits.Text {
		return fail(Limit, "A text of %d bytes is more than a run may hold (%d).", len(text), r.limits.Text)
	}
	if value.Size(v, r.limits.Memory) > r.limits.Memory {
		return r.full()
	}
	return nil
}
