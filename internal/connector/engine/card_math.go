package engine

import (
	"math"
	"math/big"
	"strings"

	"slipway/internal/connector/value"
)

// mathCards compute with numbers. A result that no JSON can hold is an error.
var mathCards = []Card{
	{"math/add", "Add", "a, b, …", "output", "", func(c *call) (Values, error) {
		return c.fold(exactly((*big.Int).Add), func(a, b float64) float64 { return a + b })
	}},
	{"math/subtract", "Subtract", "a, b, …", "output", "", func(c *call) (Values, error) {
		return c.fold(exactly((*big.Int).Sub), func(a, b float64) float64 { return a - b })
	}},
	{"math/multiply", "Multiply", "a, b, …", "output", "", func(c *call) (Values, error) {
		return c.fold(exactly((*big.Int).Mul), func(a, b float64) float64 { return a * b })
	}},
	{"math/divide", "Divide", "a, b", "output, percentage", "by zero is an error", divide},
	{"math/modulo", "Modulo", "a, b", "output", "the sign is that of a, as in JavaScript; by zero is an error", modulo},
	{"math/ceil", "Ceiling", "a", "output", "", func(c *call) (Values, error) { return c.rounded(math.Ceil) }},
	{"math/floor", "Floor", "a", "output", "", func(c *call) (Values, error) { return c.rounded(math.Floor) }},
	{"math/abs", "Absolute", "a", "output", "", absolute},
	{"math/round", "Round", "a, decimals", "output", "a half away from zero; to whole numbers unless decimals says otherwise", round},
	{"math/min", "Minimum", "a, b, …", "output", "", func(c *call) (Values, error) { return c.extreme(-1) }},
	{"math/max", "Maximum", "a, b, …", "output", "", func(c *call) (Values, error) { return c.extreme(1) }},
	{"math/random", "Random", "a, b", "output", "a whole number from a to b, both included; from 0 to 100 unless told", randomNumber},
	{"math/expression", "Formula", "a formula with placeholders, …", "output", "+ - * / % ^ !, brackets, # before a comment, and abs, ceil, floor, round, min, max, sqrt, pow, exp, log, log10, random, pi", formula},
}

// whole returns an input as a whole number from low to high, cut off after the point.
func (c *call) whole(name string, otherwise, low, high int64) int64 {
	n := c.number(name, float64(otherwise))
	if n >= float64(low) && n <= float64(high) {
		return int64(n)
	}
	if c.err == nil {
		c.err = fail(Unfit, "%s: %s is not from %d to %d.", name, value.Text(n), low, high)
	}
	return otherwise
}

// numbers are all inputs of the card, in their order; what is nothing counts as 0, and a list as its items.
func (c *call) numbers(own ...string) []any {
	var all []any
	take := func(name string, v any) {
		if v == nil || v == "" {
			v = 0.0
		}
		if _, exact := v.(int64); !exact {
			n, ok := value.Number(v)
			if !ok && c.err == nil {
				c.err = fail(Unfit, "%s: %q is no number.", name, shorten(value.Text(v)))
			}
			v = n
		}
		all = append(all, v)
	}
	for _, in := range c.custom(own...) {
		if list, is := in.value.([]any); is {
			for _, item := range c.bounded(in.key.String(), list) {
				take(in.key.String(), item)
			}
			continue
		}
		take(in.key.String(), in.value)
	}
	return all
}

// exact computes with whole numbers beyond what float64 holds, as ids are.
type exact func(a, b int64) (int64, bool)

func exactly(op func(z, a, b *big.Int) *big.Int) exact {
	return func(a, b int64) (int64, bool) {
		z := op(new(big.Int), big.NewInt(a), big.NewInt(b))
		return z.Int64(), z.IsInt64()
	}
}

// wholeNumber is v as an int64, where it is one without loss.
func wholeNumber(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		const maxExact = 1 << 53
		return int64(v), math.Abs(v) <= maxExact && v == math.Trunc(v)
	}
	return 0, false
}

// fold computes from left to right. Numbers of more digits than float64 has keep them where one of the two came with them.
func (c *call) fold(whole exact, op func(a, b float64) float64) (Values, error) {
	all := c.numbers()
	if len(all) == 0 {
		return output(0.0)
	}
	result := all[0]
	for _, next := range all[1:] {
		result = compute(result, next, whole, op)
	}
	return finite(result)
}

func compute(a, b any, whole exact, op func(a, b float64) float64) any {
	_, long := a.(int64)
	_, alsoLong := b.(int64)
	if long || alsoLong {
		x, okA := wholeNumber(a)
		y, okB := wholeNumber(b)
		if okA && okB {
			if z, fits := whole(x, y); fits {
				return value.Of(z)
			}
		}
	}
	x, _ := value.Number(a)
	y, _ := value.Number(b)
	return op(x, y)
}

// finite gives a number, if it is one.
func finite(v any) (Values, error) {
	if f, is := v.(float64); is && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil, fail(Unfit, "The result is too large for a number, or none.")
	}
	return output(v)
}

func divide(c *call) (Values, error) {
	a, b := c.number("a", 0), c.number("b", 0)
	if b == 0 {
		return nil, fail(Unfit, "b is 0, and nothing can be divided by 0.")
	}
	quotient := a / b
	if math.IsNaN(quotient) || math.IsInf(quotient*100, 0) {
		return nil, fail(Unfit, "The result is too large for a number, or none.")
	}
	return Values{key("output"): quotient, key("percentage"): quotient * 100}, nil
}

func modulo(c *call) (Values, error) {
	a, b := c.number("a", 0), c.number("b", 0)
	if b == 0 {
		return nil, fail(Unfit, "b is 0, and nothing can be divided by 0.")
	}
	return finite(math.Mod(a, b))
}

// rounded applies op to a; a whole number of many digits is rounded already.
func (c *call) rounded(op func(float64) float64) (Values, error) {
	if v, is := c.get("a").(int64); is {
		return output(v)
	}
	return finite(op(c.number("a", 0)))
}

func absolute(c *call) (Values, error) {
	if v, is := c.get("a").(int64); is && v != math.MinInt64 {
		return output(max(v, -v))
	}
	return finite(math.Abs(c.number("a", 0)))
}

func round(c *call) (Values, error) {
	decimals := c.whole("decimals", 0, -15, 15)
	return c.rounded(func(a float64) float64 { return toDecimals(a, int(decimals)) })
}

// toDecimals rounds the number as it is written: 1.005 to two decimals is 1.01, though the float64 next to it is below.
func toDecimals(a float64, decimals int) float64 {
	if math.IsNaN(a) || math.IsInf(a, 0) || math.Abs(a) >= 1<<53 && decimals >= 0 {
		return a
	}
	written, ok := new(big.Rat).SetString(value.Text(a))
	if !ok {
		return a
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(decimals, -decimals))), nil))
	if decimals < 0 {
		scale.Inv(scale)
	}
	written.Mul(written, scale)
	half := big.NewRat(1, 2)
	if written.Sign() < 0 {
		half.Neg(half)
	}
	written.Add(written, half)
	whole := new(big.Rat).SetInt(new(big.Int).Quo(written.Num(), written.Denom())) // cut off towards zero
	f, _ := whole.Quo(whole, scale).Float64()
	return f
}

// extreme gives the largest input, or with -1 the smallest.
func (c *call) extreme(sign int) (Values, error) {
	all := c.numbers()
	if len(all) == 0 {
		return output(0.0)
	}
	best := all[0]
	for _, next := range all[1:] {
		if order, _ := value.Order(next, best); order*sign > 0 {
			best = next
		}
	}
	return finite(best)
}

func randomNumber(c *call) (Values, error) {
	low, high := "a", "b"
	if c.field("min") != nil || c.field("max") != nil {
		low, high = "min", "max"
	}
	const far = 1 << 53
	from, to := c.whole(low, 0, -far, far), c.whole(high, 100, -far, far)
	if to < from {
		return nil, fail(Unfit, "%s is %d, less than %s, which is %d.", high, to, low, from)
	}
	return output(float64(from + c.dice.upTo(to-from)))
}

// upTo draws a number from 0 to n.
func (d *dice) upTo(n int64) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.Int64N(n + 1)
}

// formula computes the card's text, its placeholders replaced by numbers in brackets, so that a negative one stays one.
func formula(c *call) (Values, error) {
	inputs := map[string]any{}
	for _, in := range c.custom(textKey) {
		inputs[in.key.Name] = in.value
	}
	var missing string
	text := placeholder.ReplaceAllStringFunc(c.text(textKey), func(at string) string {
		v := inputs[strings.Trim(at, "{}")]
		n, ok := value.Number(v)
		if v == nil || v == "" {
			n, ok = 0, true
		}
		if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
			missing = value.Text(v)
			return "0"
		}
		return "(" + value.Text(n) + ")"
	})
	if missing != "" {
		return nil, fail(Unfit, "_text_: %q is no number, and the formula computes with it.", shorten(missing))
	}
	result, err := calculate(text, c.dice)
	if err != nil {
		return nil, err
	}
	return finite(result)
}

// textKey is the input that holds the text with placeholders.
const textKey = "_text_"
