package expression

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// The limits of a regular expression. One that is tried on a text takes as many steps, at worst, as it has
// instructions for each byte.
const (
	maxPattern      = 256  // bytes
	maxInstructions = 1000 // with every repetition written out
)

// pattern is a regular expression that was compiled beforehand; to an expression it is a text.
type pattern struct {
	compiled     *regexp.Regexp
	instructions int
}

func newPattern(text string) (pattern, error) {
	if len(text) > maxPattern {
		return pattern{}, fmt.Errorf("the regular expression is longer than %d bytes", maxPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return pattern{}, errors.New("the regular expression cannot be read; it is written as for RE2, without look-around and back-references")
	}
	size := instructions(tree)
	if size > maxInstructions {
		return pattern{}, errors.New("the regular expression repeats too much")
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return pattern{}, errors.New("the regular expression is too large")
	}
	return pattern{compiled, size}, nil
}

// instructions is how many the tree becomes, about: a repetition is written out.
func instructions(tree *syntax.Regexp) int {
	size := 1
	if tree.Op == syntax.OpLiteral {
		size = len(tree.Rune)
	}
	for _, sub := range tree.Sub {
		size += instructions(sub)
	}
	if tree.Op == syntax.OpRepeat {
		size *= max(tree.Min, tree.Max, 1)
	}
	return min(size, maxInstructions+1)
}

func (r *run) matches(text string, by any) (bool, error) {
	p, ok := by.(pattern)
	if !ok {
		source, _ := by.(string)
		if err := r.spend(200 * len(source)); err != nil {
			return false, err
		}
		var err error
		if p, err = newPattern(source); err != nil {
			return false, err
		}
	}
	if err := r.spend(len(text)); err != nil {
		return false, err
	}
	if err := r.spend(len(text) * p.instructions); err != nil {
		return false, err
	}
	return p.compiled.MatchString(text), nil
}
