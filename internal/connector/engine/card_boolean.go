package engine

import "slipway/internal/connector/value"

// booleanCards compute with true and false.
var booleanCards = []Card{
	{"boolean/compare", "Compare", "left-operand, operator, right-operand", "result", "", compare},
	{"boolean/and", "And", "a, b, …", "output", "", func(c *call) (Values, error) { return output(c.trues() == len(c.custom())) }},
	{"boolean/or", "Or", "a, b, …", "output", "", func(c *call) (Values, error) { return output(c.trues() > 0) }},
	{"boolean/xor", "Exclusive Or", "a, b, …", "output", "an odd number is true", func(c *call) (Values, error) { return output(c.trues()%2 == 1) }},
	{"boolean/not", "Not", "a", "output", "", func(c *call) (Values, error) { return output(!c.truth("a")) }},
}

func (c *call) trues() (n int) {
	for _, in := range c.custom() {
		if value.Truth(in.value) {
			n++
		}
	}
	return n
}
