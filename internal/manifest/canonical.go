package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// Canonical returns the one byte form of what is submitted (see Submitted): JSON as RFC 8785 writes it,
// restricted to objects, arrays and strings.
//
//   - Keys are sorted by their bytes (all are ASCII), nothing is empty, and there is no white space.
//   - Every value is the text that was typed: "yes", "100". No number and no literal occurs.
//   - A string escapes only '"', '\' and U+0000 to U+001F: \b \t \n \f \r, \u00xx for the rest. All other code
//     points stand as UTF-8, in the normal form in which they were typed; a byte that is no UTF-8 becomes U+FFFD.
//
// Secrets, the test connection and evidence are not in it. A logo stands in it by its own hash.
func Canonical(c Content) []byte {
	return appendObject(nil, map[string]any(c.Submitted()))
}

// Hash returns the content hash: the SHA-256 of Canonical, in lower-case hexadecimal.
func Hash(c Content) string {
	sum := sha256.Sum256(Canonical(c))
	return hex.EncodeToString(sum[:])
}

func appendObject[V any](b []byte, object map[string]V) []byte {
	b = append(b, '{')
	for i, key := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, key), ':')
		b = appendValue(b, object[key])
	}
	return append(b, '}')
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendString(b, v)
	case []string:
		return appendArray(b, v)
	case []map[string]string:
		return appendArray(b, v)
	case map[string]string:
		return appendObject(b, v)
	case map[string]any:
		return appendObject(b, v)
	default:
		panic(fmt.Sprintf("canonical content holds a %T", value)) // Submitted lets nothing else through
	}
}

func appendArray[V any](b []byte, list []V) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v)
	}
	return append(b, ']')
}

// escapes holds the short forms of RFC 8785 §3.2.2.2.
var escapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // a byte that is no UTF-8 arrives as utf8.RuneError
		switch short, ok := escapes[r]; {
		case ok:
			b = append(b, short...)
		case r < 0x20:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
