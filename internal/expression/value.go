package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What an entry of a list and a member of an object cost when they are made.
const (
	entryBytes  = 16
	memberBytes = 64
)

// exact is the largest integer up to which a float64 holds every integer.
const exact = 1 << 53

// TimeFormat is how a time is written as text: RFC 3339 with milliseconds, always in UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// known returns v as one of the kinds that expressions know, or refuses it: nothing else may get in, or it would bring
// its methods along.
func known(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, float64, []any, map[string]any, time.Time, pattern:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return strings.ToValidUTF8(v, "\uFFFD"), nil
		}
		return v, nil
	case int64:
		return integer(v), nil
	case int:
		return integer(int64(v)), nil
	default:
		return nil, errors.New("there is a value of a kind that expressions do not know")
	}
}

// integer returns n as the number that it is here.
func integer(n int64) any {
	if n >= -exact && n <= exact {
		return float64(n)
	}
	return n
}

// kindOf names the kind of a value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case float64, int64, int:
		return "number"
	case string, pattern:
		return "text"
	case time.Time:
		return "time"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	default:
		return "unknown"
	}
}

// someKind is the kinds in a sentence: "a text or a list".
func someKind(kinds ...string) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		switch kind {
		case "null":
			words[i] = "null"
		case "bool":
			words[i] = "true or false"
		case "object":
			words[i] = "an object"
		case "unknown":
			words[i] = "something unknown"
		default:
			words[i] = "a " + kind
		}
	}
	return strings.Join(words, " or ")
}

// text writes a value as text: null is nothing, lists and objects are JSON.
func (r *run) text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return v.UTC().Format(TimeFormat), nil
	case []any, map[string]any:
		return r.json(v)
	default:
		return numberText(v), nil
	}
}

// numberText writes a number as JavaScript does: without an exponent from 1e-6 up to 1e21.
func numberText(v any) string {
	n, ok := v.(float64)
	if !ok {
		return fmt.Sprint(v)
	}
	switch size := math.Abs(n); {
	case math.IsInf(n, 0):
		return strings.Replace(strconv.FormatFloat(n, 'f', -1, 64), "Inf", "Infinity", 1)
	case n == 0:
		return "0" // and not -0
	case size >= 1e-6 && size < 1e21 || math.IsNaN(n):
		return strconv.FormatFloat(n, 'f', -1, 64)
	default:
		digits, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'e', -1, 64), "e")
		return digits + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
}

// json writes a value as compact JSON, with the members of objects in the order of their names.
func (r *run) json(v any) (string, error) {
	w := &jsonWriter{run: r}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return w.out.String(), nil
}

type jsonWriter struct {
	run *run
	out bytes.Buffer
}

func (w *jsonWriter) write(s string) error {
	if w.out.Len()+len(s) > MaxText {
		return errors.New("the text becomes longer than 1 MiB")
	}
	w.out.WriteString(s)
	return w.run.spend(len(s))
}

func (w *jsonWriter) value(v any, depth int) error {
	if depth > MaxDepth {
		return errTooDeep
	}
	switch v := v.(type) {
	case nil:
		return w.write("null")
	case string:
		return w.quoted(v)
	case bool:
		return w.write(strconv.FormatBool(v))
	case time.Time:
		return w.quoted(v.UTC().Format(TimeFormat))
	case []any:
		return w.list(v, depth)
	case map[string]any:
		return w.object(v, depth)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return w.write("null")
		}
		return w.write(numberText(v))
	case int64, int:
		return w.write(numberText(v))
	default:
		return errors.New("there is a value of a kind that expressions do not know")
	}
}

var errTooDeep = fmt.Errorf("lists and objects lie more than %d deep inside each other", MaxDepth)

func (w *jsonWriter) list(list []any, depth int) error {
	if err := w.write("["); err != nil {
		return err
	}
	for i, v := range list {
		if err := w.comma(i); err != nil {
			return err
		}
		if err := w.value(v, depth+1); err != nil {
			return err
		}
	}
	return w.write("]")
}

func (w *jsonWriter) object(object map[string]any, depth int) error {
	if err := w.run.spend(entryBytes * len(object)); err != nil {
		return err
	}
	if err := w.write("{"); err != nil {
		return err
	}
	for i, name := range slices.Sorted(maps.Keys(object)) {
		err := errors.Join(w.comma(i), w.quoted(name), w.write(":"))
		if err != nil {
			return err
		}
		if err := w.value(object[name], depth+1); err != nil {
			return err
		}
	}
	return w.write("}")
}

func (w *jsonWriter) comma(i int) error {
	if i == 0 {
		return nil
	}
	return w.write(",")
}

// quoted writes a JSON string with no more escapes than JSON asks for; what is not UTF-8 is replaced.
func (w *jsonWriter) quoted(s string) error {
	if err := w.run.room(2 * len(s)); err != nil {
		return err
	}
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return err
	}
	return w.write(strings.TrimSuffix(quoted.String(), "\n"))
}
