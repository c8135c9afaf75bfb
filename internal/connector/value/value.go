// Package value is what connectors compute with: the values of JSON, and dates and files beside them.
//
// It owns how such values are read, written, converted, compared and measured, and how a path reaches into them. Its one
// rule: what looks alike is alike, whoever made it. A card of an imported flow converts as JavaScript does, for that is
// what its author saw. What a conversion is for is left to its callers.
//
// A value is one of nil, bool, float64, int64, string, time.Time, []any, map[string]any and File. Numbers are float64;
// int64 is used only for whole numbers beyond ±2^53, such as ids, which float64 would change.
package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// File is bytes with a name: what a download answers, and what an upload wants.
type File struct {
	Name, MediaType string
	Bytes           []byte
}

// MaxDepth is how deep lists and objects may lie in each other.
const MaxDepth = 200

const maxExact = 1 << 53 // whole numbers up to here are exact in float64

// Decode reads one JSON document. It refuses what is deeper than MaxDepth, and anything after the document.
func Decode(text []byte) (any, error) {
	if err := CheckDepth(text); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("read JSON: there is something after the document, at byte %d", dec.InputOffset())
	}
	return Of(v), nil
}

// CheckDepth refuses JSON with more than MaxDepth lists and objects in each other. It only counts brackets outside of strings, which
// costs less than to build what is then refused.
func CheckDepth(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("read JSON: more than %d lists and objects in each other, at byte %d", MaxDepth, i)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// Of makes a value of what decoders and other packages return: numbers of any Go type, json.Number, []string, and maps and
// lists of them. Maps and lists are changed in place.
func Of(v any) any {
	switch v := v.(type) {
	case json.Number:
		return ofNumber(v)
	case map[string]any:
		for key, member := range v {
			v[key] = Of(member)
		}
		return v
	case []any:
		for i, item := range v {
			v[i] = Of(item)
		}
		return v
	case []string:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = item
		}
		return list
	case int:
		return ofInt(int64(v))
	case int64:
		return ofInt(v)
	case uint64:
		if v > math.MaxInt64 {
			return float64(v)
		}
		return ofInt(int64(v))
	case float32:
		return float64(v)
	}
	return v
}

func ofInt(n int64) any {
	if n > maxExact || n < -maxExact {
		return n
	}
	return float64(n)
}

func ofNumber(text json.Number) any {
	if n, err := text.Int64(); err == nil {
		return ofInt(n)
	}
	f, err := text.Float64()
	if err != nil { // beyond float64: JavaScript says Infinity, which no JSON can hold
		return text.String()
	}
	return f
}

// Encode writes v as compact JSON, members in the order of their names. A date is written as Text shows it, a file as an
// object with its name and its bytes in base64, and what is not a number as null, as JavaScript does.
func Encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain(v)); err != nil { // no value of this package does that
		return []byte("null")
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// plain is v with dates and files as JSON knows them.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return Text(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return json.RawMessage(formatNumber(v))
	case File:
		return map[string]any{"name": v.Name, "mediaType": v.MediaType, "content": v.Bytes}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, member := range v {
			object[key] = plain(member)
		}
		return object
	}
	return v
}

const dateFormat = "2006-01-02T15:04:05.000Z"

// Text is v as text: "" for nil, numbers as JavaScript prints them, a date in UTC with milliseconds, lists and objects as JSON.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return formatNumber(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return v.UTC().Format(dateFormat)
	case File:
		if utf8.Valid(v.Bytes) {
			return string(v.Bytes)
		}
		return v.Name
	}
	return string(Encode(v))
}

// formatNumber prints a number as JavaScript does: without exponent from 1e-6 up to 1e21.
func formatNumber(f float64) string {
	size := math.Abs(f)
	if size != 0 && (size < 1e-6 || size >= 1e21) {
		text := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(text, "e")
		sign, digits := exponent[:1], strings.TrimLeft(exponent[1:], "0")
		return mantissa + "e" + sign + digits
	}
	if f == 0 {
		return "0" // also for the negative zero
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Number is v as a number: text is read, true is 1, a date is its milliseconds since 1970.
func Number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	case time.Time:
		return float64(v.UnixMilli()), true
	}
	return 0, false
}

// Truth is v as true or false, as JavaScript sees it, but that the text "false" is false: exports of flows have it.
func Truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case int64:
		return v != 0
	case string:
		return v != "" && !strings.EqualFold(v, "false")
	}
	return true
}

// Empty holds for nil, "", a list without items and an object without members.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// dateForms are read in this order; the first that fits is taken.
var dateForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02",
	time.RFC1123, time.RFC1123Z, time.RFC850, "01/02/2006",
}

// Date is v as a date: text in the forms of ISO 8601 (UTC where no zone is said) and of HTTP, a number as milliseconds since 1970.
func Date(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		for _, form := range dateForms {
			if at, err := time.Parse(form, strings.TrimSpace(v)); err == nil {
				return at, true
			}
		}
	case float64:
		if math.Abs(v) <= 8.64e15 { // JavaScript's dates end there
			return time.UnixMilli(int64(v)).UTC(), true
		}
	}
	return time.Time{}, false
}

// Size estimates the memory that v takes, in bytes; it stops counting above limit.
func Size(v any, limit int64) int64 {
	const header = 16
	switch v := v.(type) {
	case string:
		return header + int64(len(v))
	case File:
		return header + int64(len(v.Name)+len(v.Bytes))
	case []any:
		size := int64(24)
		for _, item := range v {
			if size += Size(item, limit-size); size > limit {
				break
			}
		}
		return size
	case map[string]any:
		size := int64(48)
		for key, member := range v {
			if size += header + int64(len(key)) + Size(member, limit-size); size > limit {
				break
			}
		}
		return size
	}
	return header
}

// Shorten is text as a message shows it: at most so many bytes, whole characters, with a mark where something was left out.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// Shown is a value as a message shows it: JSON, of which the beginning is enough.
func Shown(v any) string {
	const most = 60
	return Shorten(string(Encode(v)), most)
}
