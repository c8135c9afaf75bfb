// Package expression is the mapping language: what stands between ${ and } in a connector, and alone in a dynamic URL.
//
// It owns how an expression is written, checked against the names in scope, and evaluated: Compile once, Eval often;
// a Template is a whole value in which texts hold expressions. Its one rule: an expression has no side effect and no
// loop, and it always ends in bounded time and memory. The grammar is that of github.com/expr-lang/expr, whose parser
// reads it; what is not listed in compile.go does not exist, and values have neither methods nor fields of Go. What
// the names mean, what may be done with a result, and how large the values of the environment are is left to callers.
package expression

import (
	"errors"
	"io"
	"slices"
	"time"
)

// The limits of one expression. The work of one evaluation is what it reads through and what it makes, in bytes; a
// value that is only passed on costs nothing.
const (
	MaxSource = 4 << 10  // bytes of the source
	MaxNodes  = 300      // names, literals, operators and calls
	MaxText   = 1 << 20  // bytes of a text that an expression makes
	MaxWork   = 16 << 20 // bytes that one evaluation reads and makes
	MaxDepth  = 500      // lists and objects inside each other, where they are compared or written
)

// Expression is compiled source. It may be evaluated by several goroutines at once.
type Expression struct {
	root  part
	uses  []string
	texts []string
}

// Env is what one evaluation sees. Values are what JSON knows: nil, bool, float64, int64 (for integers beyond ±2^53),
// string, []any and map[string]any, and also time.Time; no evaluation changes them, and results may share them.
type Env struct {
	Values map[string]any // by declared name; a name without a value is null
	Now    time.Time      // what now() returns; zero where now() is refused
	Random io.Reader      // what uuid() and random() draw from; nil where they are refused
}

// Compile reads src with the names in scope. Its error is an *Error that says where and what to do: of source that is
// too long, cannot be read, uses a name, member or function that is not declared, or of a constant part that cannot be
// computed ('a' * 2).
func Compile(src string, names Names) (*Expression, error) {
	c := &compiler{names: names, seen: map[any]bool{}, run: &run{}}
	root, err := c.source(src)
	if err != nil {
		return nil, err
	}
	return &Expression{root: root, uses: sorted(c.uses), texts: c.texts}, nil
}

// Eval computes the value. A number is a float64, an int64 only beyond ±2^53; the result must not be changed.
// Its error is an *Error without any value of the environment, so that it can be shown and logged.
func (e *Expression) Eval(env Env) (any, error) { return e.eval(&run{env: env}) }

func (e *Expression) eval(r *run) (any, error) {
	v, err := e.root.do(r)
	if err != nil {
		return nil, located(0, err)
	}
	return v, nil
}

// Uses returns the declared names and members that the expression reads, as deep as its source tells, sorted:
// "input.user", "conn.api_token", "steps.create.body". A member that is no plain word is quoted: input["a:b"].
func (e *Expression) Uses() []string { return slices.Clone(e.uses) }

// Texts returns the literal texts of the source, for those who look for credentials or hosts in them.
func (e *Expression) Texts() []string { return slices.Clone(e.texts) }

// Constant returns the value of an expression that is the same in every environment.
func (e *Expression) Constant() (value any, ok bool) { return e.root.value, e.root.constant }

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}

// run is one evaluation and what it has cost.
type run struct {
	env  Env
	work int
}

var errTooMuchWork = errors.New("the evaluation needs more than 16 MiB; work on smaller values")

// spend accounts for bytes that are about to be read or made.
func (r *run) spend(bytes int) error {
	if bytes < 0 || bytes > MaxWork-r.work {
		r.work = MaxWork
		return errTooMuchWork
	}
	r.work += bytes
	return nil
}

// room accounts for a text that is about to be made.
func (r *run) room(bytes int) error {
	if bytes > MaxText {
		return errors.New("the text becomes longer than 1 MiB")
	}
	return r.spend(bytes)
}
