package expression

import "errors"

// part is a compiled piece of an expression.
type part struct {
	do       func(*run) (any, error)
	constant bool
	value    any
}

// errNullInChain ends a chain of ?. at its first null.
var errNullInChain = errors.New("null in a chain")

type compiler struct {
	names       Names
	seen        map[any]bool
	run         *run
	uses, texts []string
}

func (c *compiler) source(src string) (part, error) { return part{}, nil }
