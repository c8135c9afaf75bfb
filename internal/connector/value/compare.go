package value

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// Operators of comparisons in flows, in the order in which their editor offers them.
var Operators = []string{"==", "!=", ">=", "<=", ">", "<", "%", "in", "not in", "has", "doesn't have", "is empty", "is not empty"}

// Holds evaluates a comparison. Both sides are taken as what the left one is declared to be: as numbers, "80" is less than
// "9"; as text it is more.
func Holds(left any, operator string, right any, declared Type) (bool, error) {
	switch operator {
	case "is empty":
		return Empty(left), nil
	case "is not empty":
		return !Empty(left), nil
	case "in":
		return contains(right, left), nil
	case "not in":
		return !contains(right, left), nil
	case "has":
		return hasMember(left, right), nil
	case "doesn't have":
		return !hasMember(left, right), nil
	}
	left, right = declared.alike(left), declared.alike(right)
	switch operator {
	case "==":
		return Equal(left, right), nil
	case "!=":
		return !Equal(left, right), nil
	case "%":
		a, okA := Number(left)
		b, okB := Number(right)
		return okA && okB && b != 0 && math.Mod(a, b) == 0, nil
	}
	order, comparable := Order(left, right)
	switch operator {
	case ">=":
		return comparable && order >= 0, nil
	case "<=":
		return comparable && order <= 0, nil
	case ">":
		return comparable && order > 0, nil
	case "<":
		return comparable && order < 0, nil
	}
	return false, fmt.Errorf("there is no operator %q; there are %s", operator, strings.Join(Operators, ", "))
}

// contains reports whether the list holds item, or the text has item in it.
func contains(whole, item any) bool {
	if list, ok := whole.([]any); ok {
		for _, have := range list {
			if Equal(have, item) {
				return true
			}
		}
		return false
	}
	return strings.Contains(Text(whole), Text(item))
}

func hasMember(object, key any) bool {
	members, _ := object.(map[string]any)
	_, has := members[Text(key)]
	return has
}

// Equal compares by value; 1, int64(1) and 1.0 are the same, "1" is another.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !Equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for key, member := range a {
			have, has := other[key]
			if !has || !Equal(member, have) {
				return false
			}
		}
		return true
	case time.Time:
		other, ok := b.(time.Time)
		return ok && a.Equal(other)
	case File:
		other, ok := b.(File)
		return ok && a.Name == other.Name && string(a.Bytes) == string(other.Bytes)
	case int64:
		if other, ok := b.(int64); ok {
			return a == other
		}
		return isNumber(b) && Text(a) == Text(b)
	case float64:
		if _, ok := b.(int64); ok {
			return Text(a) == Text(b)
		}
	}
	return a == b
}

func isNumber(v any) bool {
	switch v.(type) {
	case float64, int64:
		return true
	}
	return false
}

// Order compares two of a kind: numbers, dates, else their texts. It is false where one of them is nothing, a list or an object.
func Order(a, b any) (int, bool) {
	if ordered(a) && ordered(b) {
		if isNumber(a) && isNumber(b) {
			x, _ := Number(a)
			y, _ := Number(b)
			return cmp.Compare(x, y), true
		}
		at, okA := a.(time.Time)
		other, okB := b.(time.Time)
		if okA && okB {
			return at.Compare(other), true
		}
		return strings.Compare(Text(a), Text(b)), true
	}
	return 0, false
}

func ordered(v any) bool {
	switch v.(type) {
	case nil, []any, map[string]any, File:
		return false
	}
	return true
}
