// Package fault is an error that can be shown: a code, a sentence for people, and a cause for the log.
//
// Only code, sentence and fields leave the house; the cause never does. How a code becomes an HTTP
// status, a page or an exit status is decided by the doors, not here.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code names the kind of a fault. It is part of the HTTP API and must not change its meaning.
type Code string

const (
	Invalid         Code = "invalid"         // what was sent breaks a rule; Fields say where
	Unauthenticated Code = "unauthenticated" // nobody is signed in, or the sign-in has expired
	Forbidden       Code = "forbidden"       // signed in, but the role does not allow it
	NotFound        Code = "not_found"       // it does not exist, or it is another org's
	Conflict        Code = "conflict"        // somebody was faster, or the state does not allow it
	TooLarge        Code = "too_large"       // the body is above its limit
	TooMany         Code = "too_many"        // a limit of how many or how often is reached
	Unavailable     Code = "unavailable"     // somebody else's system did not answer as it should
	Internal        Code = "internal"        // our breakdown: the log has the cause
)

// Field is one broken rule of one input. Key is the input's key ("scim.baseUrl"), Message what to do about it.
type Field struct {
	Key     string `json:"field"`
	Rule    string `json:"rule,omitempty"` // id of the rule, such as "L-004", where it has one
	Message string `json:"message"`
}

// Error is the one error type that doors show to people.
type Error struct {
	Code    Code
	Message string  // a sentence: what happened and what to do; never a secret
	Fields  []Field // for Invalid and Conflict: the inputs concerned
	cause   error
}

// New returns a fault with the sentence that people will read.
func New(code Code, sentence string) *Error { return &Error{Code: code, Message: sentence} }

// Newf is New with a formatted sentence.
func Newf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap keeps cause for the log beside the sentence for people.
func Wrap(cause error, code Code, sentence string) *Error {
	return &Error{Code: code, Message: sentence, cause: cause}
}

// With returns a copy of e that also names the inputs concerned.
func (e *Error) With(fields ...Field) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), fields...)
	return &c
}

// Error is for the log: code, sentence, fields and cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s: %s]", f.Key, f.Message)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is(err, fault.New(fault.NotFound, "")) true for every fault with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Message == "" || t.Message == e.Message)
}

// CodeOf returns the code of the first fault in err's chain, Internal for any other error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Show returns what people may see of err. An error that is no fault shows as Internal, without its text.
func Show(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Wrap(err, Internal, "Something broke on our side. Nothing was changed. Try again; if it stays, tell the operator.")
}
