package expression

import (
	"errors"
	"fmt"
	"strings"
)

// Error says what is wrong with an expression, or why it could not be evaluated.
type Error struct {
	Path     string // where in a template, as a JSON pointer: "/headers/Authorization"; "" elsewhere
	Offset   int    // characters of the source, or of the template's text, before the place
	Sentence string // what is wrong and what to do, to be shown to people; without values of the environment
	cause    error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("character %d: %s", e.Offset+1, e.Sentence)
	}
	return fmt.Sprintf("%s, character %d: %s", e.Path, e.Offset+1, e.Sentence)
}

func (e *Error) Unwrap() error { return e.cause }

// Errors is everything that is wrong with a template, in the order of its paths.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// located gives err its place, unless it has one or is only the end of a chain.
func located(offset int, err error) error {
	if err == nil || errors.Is(err, errNullInChain) {
		return err
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Offset: offset, Sentence: err.Error(), cause: err}
}

func at(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Sentence: fmt.Sprintf(format, args...)}
}
