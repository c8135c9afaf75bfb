package runscope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// comparison is one verb of the format, for assertions and conditions alike.
type comparison struct {
	name    string
	words   string // for messages: "must be equal to"
	unary   bool   // it has no target
	compare func(actual any, target string) bool
}

// comparisons is the whole list. An actual value that does not exist fails all of them before they are asked.
var comparisons = []comparison{
	{"equal", "must be equal to", false, func(a any, t string) bool { return cast(a) == t }},
	{"not_equal", "must not be equal to", false, func(a any, t string) bool { return cast(a) != t }},
	{"equal_number", "must be the number", false, numeric(func(a, t float64) bool { return a == t })},
	{"is_less_than", "must be less than", false, numeric(func(a, t float64) bool { return a < t })},
	{"is_less_than_or_equal", "must be at most", false, numeric(func(a, t float64) bool { return a <= t })},
	{"is_greater_than", "must be greater than", false, numeric(func(a, t float64) bool { return a > t })},
	{"is_greater_than_or_equal", "must be at least", false, numeric(func(a, t float64) bool { return a >= t })},
	{"is_a_number", "must be a number", true, func(a any, _ string) bool { _, ok := number(cast(a)); return ok }},
	{"empty", "must be empty", true, func(a any, _ string) bool { return isEmpty(a) }},
	{"not_empty", "must not be empty", true, func(a any, _ string) bool { return !isEmpty(a) }},
	{"is_null", "must be null", true, func(a any, _ string) bool { return a == nil }},
	{"contains", "must contain", false, contains},
	{"does_not_contain", "must not contain", false, func(a any, t string) bool { return !contains(a, t) }},
	{"has_value", "must be a list or an object with the value", false, hasValue},
	{"has_key", "must be an object with the key", false, hasKey},
}

var comparisonAliases = map[string]string{
	"equals": "equal", "is_equal": "equal", "equal_to": "equal", "does_not_equal": "not_equal",
	"greater_than": "is_greater_than", "not_contains": "does_not_contain",
}

func comparisonOf(name string) (comparison, bool) {
	if alias, ok := comparisonAliases[name]; ok {
		name = alias
	}
	for _, c := range comparisons {
		if c.name == name {
			return c, true
		}
	}
	return comparison{}, false
}

// cast is the text that the format compares: a string as it is, a number as it was written, else compact JSON.
func cast(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// decimal keeps out what strconv reads beyond JSON's and people's numbers: hexadecimal, Inf, NaN, 1_000.
var decimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func number(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if !decimal.MatchString(text) {
		return 0, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

// numeric compares where both sides can be read as numbers, and fails otherwise.
func numeric(compare func(actual, target float64) bool) func(any, string) bool {
	return func(actual any, target string) bool {
		a, ok := number(cast(actual))
		t, targetOK := number(target)
		return ok && targetOK && compare(a, t)
	}
}

// isEmpty is strict about [] and {}: the vendor's documents do not say, and an empty list proves nothing.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

func contains(actual any, target string) bool {
	if list, ok := actual.([]any); ok {
		for _, element := range list {
			if cast(element) == target {
				return true
			}
		}
	}
	return strings.Contains(cast(actual), target)
}

func hasValue(actual any, target string) bool {
	switch actual := actual.(type) {
	case []any:
		for _, element := range actual {
			if cast(element) == target {
				return true
			}
		}
	case map[string]any:
		for _, element := range actual {
			if cast(element) == target {
				return true
			}
		}
	}
	return false
}

func hasKey(actual any, target string) bool {
	object, ok := actual.(map[string]any)
	if !ok {
		return false
	}
	_, ok = object[target]
	return ok
}
