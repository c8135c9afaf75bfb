package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

var valueFunctions = []Function{
	{
		Signature: "string(value: any)",
		Sentence:  "The value as text: null is empty, a time is RFC 3339 in UTC, a list or an object is JSON.",
		Example:   `string(4711)`, Result: `"4711"`,
		call: func(r *run, a []any) (any, error) { return r.text(a[0]) },
	},
	{
		Signature: "number(value: text|number)",
		Sentence:  "The number that the text is.",
		Example:   `number(' 3.14 ')`, Result: `3.14`,
		call: func(r *run, a []any) (any, error) { return r.number(a[0]) },
	},
	{
		Signature: "int(value: text|number)",
		Sentence:  "The number, without what stands behind its point.",
		Example:   `int('-7.9')`, Result: `-7`,
		call: func(r *run, a []any) (any, error) {
			n, err := r.number(a[0])
			if f, ok := n.(float64); ok {
				return math.Trunc(f), err
			}
			return n, err
		},
	},
	{
		Signature: "bool(value: text|bool)",
		Sentence:  "True or false, as the text says it, in any case.",
		Example:   `bool('True')`, Result: `true`,
		call: func(_ *run, a []any) (any, error) {
			switch v := a[0].(type) {
			case string:
				if strings.EqualFold(v, "true") || strings.EqualFold(v, "false") {
					return strings.EqualFold(v, "true"), nil
				}
				return nil, errors.New("the text is neither true nor false")
			default:
				return v, nil
			}
		},
	},
	{
		Signature: "default(value: any, otherwise: any)",
		Sentence:  "The value, unless it is null or an empty text, list or object; ?? looks for null only.",
		Example:   `default('', 'none')`, Result: `"none"`,
		call: func(_ *run, a []any) (any, error) {
			switch v := a[0].(type) {
			case nil:
				return a[1], nil
			case string:
				if v == "" {
					return a[1], nil
				}
			case []any:
				if len(v) == 0 {
					return a[1], nil
				}
			case map[string]any:
				if len(v) == 0 {
					return a[1], nil
				}
			}
			return a[0], nil
		},
	},
	{
		Signature: "json(value: any)",
		Sentence:  "The value as JSON, without spaces, members in the order of their names.",
		Example:   `json({b: [1, null], a: 'x'})`, Result: `"{\"a\":\"x\",\"b\":[1,null]}"`,
		call: func(r *run, a []any) (any, error) { return r.json(a[0]) },
	},
	{
		Signature: "parseJson(text: text)",
		Sentence:  "The value that the JSON text holds.",
		Example:   `parseJson('{"id": 7}').id`, Result: `7`,
		call: func(r *run, a []any) (any, error) { return r.parseJSON(a[0].(string)) },
	},
}

// number reads a text as a number of JSON, and exactly if it is an integer.
func (r *run) number(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return v, nil
	}
	s = strings.TrimSpace(s)
	if len(s) > 400 {
		return nil, errors.New("the text is no number")
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return integer(n), nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xXpP_nN") { // hexadecimal, NaN and Inf are Go's
		return nil, errors.New("the text is no number")
	}
	return finite(n)
}

// What decoding JSON allocates, at worst, for an object, a list and an entry of either.
const (
	parsedObject = 320
	parsedList   = 64
	parsedEntry  = 64
)

// parseJSON decodes one JSON value. Its price is estimated before, by the characters that make values.
func (r *run) parseJSON(text string) (any, error) {
	if len(text) > MaxText {
		return nil, errors.New("the text is longer than 1 MiB")
	}
	price := 2*len(text) + parsedObject*strings.Count(text, "{") + parsedList*strings.Count(text, "[") +
		parsedEntry*strings.Count(text, ",")
	if err := r.spend(price); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewBufferString(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, errors.New("the text is not JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the text is not JSON: something is left over")
	}
	return r.plainNumbers(v, 0)
}

// plainNumbers turns the decoder's numbers into ours, in place.
func (r *run) plainNumbers(v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, errTooDeep
	}
	var err error
	switch v := v.(type) {
	case json.Number:
		return r.number(string(v))
	case []any:
		for i := range v {
			if v[i], err = r.plainNumbers(v[i], depth+1); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			if v[name], err = r.plainNumbers(v[name], depth+1); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
