package expression

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
)

var numberFunctions = []Function{
	{
		Signature: "min(...numbers: number|list)",
		Sentence:  "The smallest of the numbers, or of the numbers in the lists; null of none.",
		Example:   `min(3, 1, 2)`, Result: `1`,
		call: func(r *run, a []any) (any, error) { return r.extreme(a, -1) },
	},
	{
		Signature: "max(...numbers: number|list)",
		Sentence:  "The largest of the numbers, or of the numbers in the lists; null of none.",
		Example:   `max([3, 1, 2])`, Result: `3`,
		call: func(r *run, a []any) (any, error) { return r.extreme(a, 1) },
	},
	{
		Signature: "round(number: number, digits?: number)",
		Sentence:  "The nearest number with so many digits behind the point, 0 unless told; halves go away from zero.",
		Example:   `round(2.345, 1) + round(2.5)`, Result: `5.3`,
		call: func(_ *run, a []any) (any, error) {
			digits := 0.0
			if len(a) > 1 {
				digits = float(a[1])
			}
			if digits != math.Trunc(digits) || digits < 0 || digits > 15 {
				return nil, errors.New("“digits” is a whole number from 0 to 15")
			}
			scale := math.Pow(10, digits)
			return rounded(a[0], func(n float64) float64 {
				if math.IsInf(n*scale, 0) {
					return n
				}
				return math.Round(n*scale) / scale
			}), nil
		},
	},
	{
		Signature: "floor(number: number)",
		Sentence:  "The next whole number below.",
		Example:   `floor(-1.5)`, Result: `-2`,
		call: func(_ *run, a []any) (any, error) { return rounded(a[0], math.Floor), nil },
	},
	{
		Signature: "ceil(number: number)",
		Sentence:  "The next whole number above.",
		Example:   `ceil(1.2)`, Result: `2`,
		call: func(_ *run, a []any) (any, error) { return rounded(a[0], math.Ceil), nil },
	},
	{
		Signature: "abs(number: number)",
		Sentence:  "The number without its sign.",
		Example:   `abs(-7)`, Result: `7`,
		call: func(_ *run, a []any) (any, error) {
			if compareNumbers(a[0], 0.0) < 0 {
				return arithmetic("-", 0.0, a[0])
			}
			return a[0], nil
		},
	},
	{
		Signature: "random(from: number, to: number)",
		Sentence:  "A whole number between the two, by chance; both may come.",
		Example:   `random(7, 7)`, Result: `7`,
		volatile: true,
		call:     func(r *run, a []any) (any, error) { return r.random(a[0], a[1]) },
	},
	{
		Signature: "uuid()",
		Sentence:  "A new UUID, by chance (RFC 9562, version 4).",
		Example:   `len(uuid())`, Result: `36`,
		volatile: true,
		call:     func(r *run, _ []any) (any, error) { return r.uuid() },
	},
}

// rounded leaves integers as they are: no float64 holds the large ones.
func rounded(v any, by func(float64) float64) any {
	if n, ok := v.(float64); ok {
		return by(n)
	}
	return v
}

// extreme returns the number that stands on that side of all others.
func (r *run) extreme(args []any, side int) (any, error) {
	list, err := r.flatten(nil, args, 0)
	if err != nil {
		return nil, err
	}
	var found any
	for _, v := range list {
		if kindOf(v) != "number" {
			return nil, errors.New("only numbers can be compared here, and there is " + someKind(kindOf(v)))
		}
		if found == nil || compareNumbers(v, found) == side {
			found = v
		}
	}
	return found, nil
}

func (r *run) draw(bytes []byte) error {
	if r.env.Random == nil {
		return errors.New("there is no chance here")
	}
	_, err := io.ReadFull(r.env.Random, bytes)
	return err
}

func (r *run) random(from, to any) (any, error) {
	low, lowWhole := whole(from)
	high, highWhole := whole(to)
	if !lowWhole || !highWhole || low > high {
		return nil, errors.New("from and to are whole numbers, the smaller one first")
	}
	var drawn [8]byte
	if err := r.draw(drawn[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint64(drawn[:])
	if span := uint64(high) - uint64(low) + 1; span != 0 {
		n %= span
	}
	return integer(int64(uint64(low) + n)), nil
}

func (r *run) uuid() (any, error) {
	var b [16]byte
	if err := r.draw(b[:]); err != nil {
		return nil, err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], r.spend(len(h))
}
