package expression

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// truth is the value as a condition. Null is no: what is missing does not hold.
func truth(operator string, v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	default:
		return false, fmt.Errorf("“%s” needs true or false, not %s; compare it with something", operator, someKind(kindOf(v)))
	}
}

func (r *run) operate(operator string, a, b any) (any, error) {
	switch operator {
	case "==", "!=":
		same, err := r.equal(a, b, 0)
		return same == (operator == "=="), err
	case "<", "<=", ">", ">=":
		order, err := r.compare(operator, a, b)
		return slices.Contains(orders[operator], order), err
	case "+":
		if kindOf(a) == "text" || kindOf(b) == "text" {
			return r.concatenate(a, b)
		}
	}
	if kindOf(a) != "number" || kindOf(b) != "number" {
		return nil, fmt.Errorf("“%s” needs numbers, not %s and %s", operator, someKind(kindOf(a)), someKind(kindOf(b)))
	}
	return arithmetic(operator, a, b)
}

var orders = map[string][]int{"<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {1, 0}}

// concatenate joins a text with a text, a number, a time, true or false.
func (r *run) concatenate(a, b any) (any, error) {
	for _, v := range []any{a, b} {
		switch kind := kindOf(v); kind {
		case "null":
			return nil, errors.New("“+” finds null beside a text; write ?? and what shall stand instead")
		case "list", "object":
			return nil, fmt.Errorf("“+” finds %s beside a text; write json(…) or join(…)", someKind(kind))
		}
	}
	left, err := r.text(a)
	if err != nil {
		return nil, err
	}
	right, err := r.text(b)
	if err != nil {
		return nil, err
	}
	if err := r.room(len(left) + len(right)); err != nil {
		return nil, err
	}
	return left + right, nil
}

// equal compares values of one kind, lists and objects by what they hold; values of two kinds are never equal.
func (r *run) equal(a, b any, depth int) (bool, error) {
	if depth > MaxDepth {
		return false, errTooDeep
	}
	if err := r.spend(entryBytes); err != nil {
		return false, err
	}
	kind := kindOf(a)
	if kind != kindOf(b) {
		return false, nil
	}
	switch kind {
	case "number":
		return compareNumbers(a, b) == 0, nil
	case "time":
		return a.(time.Time).Equal(b.(time.Time)), nil
	case "list":
		return r.equalLists(a.([]any), b.([]any), depth)
	case "object":
		return r.equalObjects(a.(map[string]any), b.(map[string]any), depth)
	case "text":
		one, other := a.(string), b.(string)
		return one == other, r.spend(min(len(one), len(other)))
	case "null", "bool":
		return a == b, nil
	default:
		return false, nil
	}
}

func (r *run) equalLists(a, b []any, depth int) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := r.equal(a[i], b[i], depth+1); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (r *run) equalObjects(a, b map[string]any, depth int) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for name, one := range a {
		other, there := b[name]
		if !there {
			return false, nil
		}
		if same, err := r.equal(one, other, depth+1); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// compare orders two numbers, two texts or two times.
func (r *run) compare(operator string, a, b any) (int, error) {
	if kind := kindOf(a); kind == kindOf(b) {
		switch kind {
		case "number":
			return compareNumbers(a, b), nil
		case "text":
			one, other := a.(string), b.(string)
			return strings.Compare(one, other), r.spend(min(len(one), len(other)))
		case "time":
			return a.(time.Time).Compare(b.(time.Time)), nil
		}
	}
	return 0, fmt.Errorf("“%s” needs two numbers, two texts or two times, not %s and %s", operator, someKind(kindOf(a)), someKind(kindOf(b)))
}

// compareNumbers is exact also where one is an integer that no float64 holds.
func compareNumbers(a, b any) int {
	x, xWhole := whole(a)
	y, yWhole := whole(b)
	if xWhole && yWhole {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(float(a), float(b))
}

// whole returns a number as an integer, if it is one that an int64 holds.
func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<63
	default:
		return 0, false
	}
}

func float(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case int:
		return float64(v)
	default:
		return math.NaN()
	}
}

// arithmetic computes exactly where both are integers and the result is one that an int64 holds.
func arithmetic(operator string, a, b any) (any, error) {
	x, xWhole := whole(a)
	y, yWhole := whole(b)
	if xWhole && yWhole {
		if n, exactly := integers(operator, x, y); exactly {
			return integer(n), nil
		}
	}
	n := math.NaN()
	switch p, q := float(a), float(b); operator {
	case "+":
		n = p + q
	case "-":
		n = p - q
	case "*":
		n = p * q
	case "/", "%":
		if q == 0 {
			return nil, errors.New("a number is divided by zero")
		}
		n = p / q
		if operator == "%" {
			n = math.Mod(p, q)
		}
	case "**", "^":
		n = math.Pow(p, q)
	}
	return finite(n)
}

func finite(n float64) (any, error) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, errors.New("the result is no number, or too large for one")
	}
	return n, nil
}

// integers computes what stays an integer.
func integers(operator string, x, y int64) (n int64, exactly bool) {
	switch operator {
	case "+":
		n = x + y
		return n, (n > x) == (y > 0)
	case "-":
		n = x - y
		return n, (n < x) == (y > 0)
	case "*":
		high, low := bits.Mul64(magnitude(x), magnitude(y))
		return x * y, high == 0 && low < 1<<63
	case "%":
		if y == 0 || y == -1 {
			return 0, y == -1
		}
		return x % y, true
	default:
		return 0, false
	}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
