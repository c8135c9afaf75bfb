package engine

import (
	"math"
	"strconv"
	"strings"
)

// Limits of a formula.
const (
	longestFormula = 10_000 // bytes
	deepestFormula = 100    // brackets, signs and powers in each other
)

// calculator reads a formula and computes it on the way: sums of products of signed powers of atoms.
type calculator struct {
	text  string
	at    int
	depth int
	dice  *dice
	err   *Error
}

// calculate returns the value of a formula. It may be no number or infinite, which is for the caller to refuse.
func calculate(text string, d *dice) (float64, error) {
	if len(text) > longestFormula {
		return 0, fail(Limit, "The formula has %d bytes, more than %d.", len(text), longestFormula)
	}
	p := &calculator{text: text, dice: d}
	result := p.sum()
	if p.skip(); p.err == nil && p.at < len(p.text) {
		p.refuse("%q is not expected there", p.text[p.at:])
	}
	if p.err != nil {
		return 0, p.err
	}
	return result, nil
}

func (p *calculator) refuse(format string, args ...any) {
	if p.err == nil {
		for i, arg := range args {
			if text, is := arg.(string); is {
				args[i] = shorten(text)
			}
		}
		p.err = fail(Unfit, "The formula cannot be computed: "+format+" (at character %d).", append(args, p.at+1)...)
	}
}

// skip passes spaces, and comments up to the end of their line.
func (p *calculator) skip() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		case '#':
			end := strings.IndexByte(p.text[p.at:], '\n')
			if end < 0 {
				end = len(p.text) - p.at
			}
			p.at += end
		default:
			return
		}
	}
}

// next takes one of the operators, if it stands there.
func (p *calculator) next(operators string) byte {
	p.skip()
	if p.err != nil || p.at >= len(p.text) || strings.IndexByte(operators, p.text[p.at]) < 0 {
		return 0
	}
	p.at++
	return p.text[p.at-1]
}

func (p *calculator) sum() float64 {
	total := p.product()
	for {
		switch p.next("+-") {
		case '+':
			total += p.product()
		case '-':
			total -= p.product()
		default:
			return total
		}
	}
}

func (p *calculator) product() float64 {
	total := p.signed()
	for {
		switch op := p.next("*/%"); op {
		case '*':
			total *= p.signed()
		case '/', '%':
			by := p.signed()
			if by == 0 {
				p.refuse("it divides by 0")
			}
			if op == '/' {
				total /= by
			} else {
				total = math.Mod(total, by)
			}
		default:
			return total
		}
	}
}

// signed is a power with a sign before it: -2^2 is -4.
func (p *calculator) signed() float64 {
	if p.depth++; p.depth > deepestFormula {
		p.refuse("more than %d brackets, signs or powers are in each other", deepestFormula)
		return 0
	}
	defer func() { p.depth-- }()
	switch p.next("+-") {
	case '-':
		return -p.signed()
	case '+':
		return p.signed()
	}
	base := p.atom()
	for p.next("!") != 0 {
		base = p.factorial(base)
	}
	if p.next("^") != 0 {
		return math.Pow(base, p.signed()) // from the right: 2^3^2 is 2^9
	}
	return base
}

func (p *calculator) factorial(n float64) float64 {
	const largest = 170 // beyond, the result is no number
	if n < 0 || n > largest || n != math.Trunc(n) {
		p.refuse("! follows something else than a whole number from 0 to %d", largest)
		return 0
	}
	product := 1.0
	for i := 2.0; i <= n; i++ {
		product *= i
	}
	return product
}

func (p *calculator) atom() float64 {
	p.skip()
	switch {
	case p.err != nil:
		return 0
	case p.at >= len(p.text):
		p.refuse("it ends where a number should stand")
		return 0
	case p.next("(") != 0:
		inner := p.sum()
		if p.next(")") == 0 {
			p.refuse("a bracket is not closed")
		}
		return inner
	}
	if c := p.text[p.at]; c >= '0' && c <= '9' || c == '.' {
		return p.literal()
	}
	return p.function()
}

func (p *calculator) run(in func(byte) bool) string {
	start := p.at
	for p.at < len(p.text) && in(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func digit(c byte) bool { return c >= '0' && c <= '9' || c == '.' }

func (p *calculator) literal() float64 {
	text := p.run(digit)
	if p.at+1 < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') && strings.IndexByte("+-0123456789", p.text[p.at+1]) >= 0 {
		text += p.text[p.at : p.at+2]
		p.at += 2
		text += p.run(func(c byte) bool { return c >= '0' && c <= '9' })
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		p.refuse("%q is no number", text)
	}
	return n
}

// functions of formulas, with the number of arguments that they take.
var functions = map[string]struct {
	takes int
	do    func(args []float64) float64
}{
	"abs":   {1, func(a []float64) float64 { return math.Abs(a[0]) }},
	"ceil":  {1, func(a []float64) float64 { return math.Ceil(a[0]) }},
	"floor": {1, func(a []float64) float64 { return math.Floor(a[0]) }},
	"round": {1, func(a []float64) float64 { return toDecimals(a[0], 0) }},
	"sqrt":  {1, func(a []float64) float64 { return math.Sqrt(a[0]) }},
	"exp":   {1, func(a []float64) float64 { return math.Exp(a[0]) }},
	"log":   {1, func(a []float64) float64 { return math.Log(a[0]) }},
	"log10": {1, func(a []float64) float64 { return math.Log10(a[0]) }},
	"pow":   {2, func(a []float64) float64 { return math.Pow(a[0], a[1]) }},
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func (p *calculator) function() float64 {
	name := p.run(letter)
	if name == "pi" {
		return math.Pi
	}
	if name == "" || p.next("(") == 0 {
		p.refuse("%q is no number", name+p.text[p.at:])
		return 0
	}
	args := p.arguments()
	if p.err != nil {
		return 0
	}
	switch f, known := functions[name]; {
	case name == "min" && len(args) > 0:
		return extremeOf(args, math.Min)
	case name == "max" && len(args) > 0:
		return extremeOf(args, math.Max)
	case name == "random" && len(args) < 2:
		return p.random(args)
	case known && f.takes == len(args):
		return f.do(args)
	}
	p.refuse("there is no function %q with %d arguments", name, len(args))
	return 0
}

func (p *calculator) arguments() (args []float64) {
	if p.next(")") != 0 {
		return nil
	}
	for p.err == nil {
		args = append(args, p.sum())
		switch p.next(",)") {
		case ')':
			return args
		case 0:
			p.refuse("a bracket is not closed")
		}
	}
	return args
}

func extremeOf(args []float64, pick func(a, b float64) float64) float64 {
	best := args[0]
	for _, a := range args[1:] {
		best = pick(best, a)
	}
	return best
}

// random is a number from 0 up to, and without, the argument or 1.
func (p *calculator) random(args []float64) float64 {
	const steps = 1 << 53
	share := float64(p.dice.upTo(steps-1)) / steps
	if len(args) == 0 {
		return share
	}
	return share * args[0]
}
