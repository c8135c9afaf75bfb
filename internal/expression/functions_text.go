package expression

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

var textFunctions = []Function{
	{
		Signature: "lower(text: text)",
		Sentence:  "The text in small letters.",
		Example:   `lower('Jane.DOE')`, Result: `"jane.doe"`,
		call: func(r *run, a []any) (any, error) { return r.made(2, a[0], strings.ToLower) },
	},
	{
		Signature: "upper(text: text)",
		Sentence:  "The text in capital letters.",
		Example:   `upper('de')`, Result: `"DE"`,
		call: func(r *run, a []any) (any, error) { return r.made(2, a[0], strings.ToUpper) },
	},
	{
		Signature: "trim(text: text)",
		Sentence:  "The text without white space at both ends.",
		Example:   `trim('  Jane ')`, Result: `"Jane"`,
		call: func(r *run, a []any) (any, error) { return r.made(1, a[0], strings.TrimSpace) },
	},
	{
		Signature: "split(text: text, separator: text)",
		Sentence:  "The texts between the separators; with an empty separator, the characters.",
		Example:   `split('a,b,,c', ',')`, Result: `["a","b","","c"]`,
		call: func(r *run, a []any) (any, error) { return r.split(a[0].(string), a[1].(string)) },
	},
	{
		Signature: "join(list: list, separator?: text)",
		Sentence:  "The entries as one text, with the separator between them; a comma unless told.",
		Example:   `join(['a', 'b', 3], ' - ')`, Result: `"a - b - 3"`,
		call: func(r *run, a []any) (any, error) {
			separator := ","
			if len(a) > 1 {
				separator = a[1].(string)
			}
			return r.join(a[0].([]any), separator)
		},
	},
	{
		Signature: "replace(text: text, part: text, by: text)",
		Sentence:  "The text with every occurrence of the part replaced.",
		Example:   `replace('a.b.c', '.', '-')`, Result: `"a-b-c"`,
		call: func(r *run, a []any) (any, error) { return r.replace(a[0].(string), a[1].(string), a[2].(string), -1) },
	},
	{
		Signature: "substring(text: text, start: number, end?: number)",
		Sentence:  "The characters from start, counted from 0, up to before end. Negative numbers count from the end.",
		Example:   `substring('Winston', 0, 1) + substring('Winston', -2)`, Result: `"Won"`,
		call: func(r *run, a []any) (any, error) {
			if len(a) == 2 {
				a = append(a, nil)
			}
			return r.cut(a[0], a[1], a[2])
		},
	},
	{
		Signature: "startsWith(text: text, part: text)",
		Sentence:  "Whether the text begins with the part; also text startsWith part.",
		Example:   `startsWith('https://a.example', 'https://')`, Result: `true`,
		call: func(r *run, a []any) (any, error) {
			return strings.HasPrefix(a[0].(string), a[1].(string)), r.spend(len(a[1].(string)))
		},
	},
	{
		Signature: "endsWith(text: text, part: text)",
		Sentence:  "Whether the text ends with the part; also text endsWith part.",
		Example:   `'jane@acme.example' endsWith '@acme.example'`, Result: `true`,
		call: func(r *run, a []any) (any, error) {
			return strings.HasSuffix(a[0].(string), a[1].(string)), r.spend(len(a[1].(string)))
		},
	},
	{
		Signature: "matches(text: text, pattern: text)",
		Sentence:  "Whether the regular expression (RE2) is found in the text; ^ and $ tie it to the ends. Also text matches pattern.",
		Example:   `matches('A-4711', '^[A-Z]-[0-9]+$')`, Result: `true`,
		pattern: 2,
		call:    func(r *run, a []any) (any, error) { return r.matches(a[0].(string), a[1]) },
	},
	{
		Signature: "base64(text: text)",
		Sentence:  "The text's bytes in Base64 (RFC 4648 §4).",
		Example:   `base64('user:password')`, Result: `"dXNlcjpwYXNzd29yZA=="`,
		call: func(r *run, a []any) (any, error) {
			return r.made(2, a[0], func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })
		},
	},
	{
		Signature: "base64Decode(text: text)",
		Sentence:  "The text that was encoded, with either alphabet of RFC 4648, padded or not; bytes that are no text are replaced.",
		Example:   `base64Decode('SGk_')`, Result: `"Hi?"`,
		call: func(r *run, a []any) (any, error) { return r.base64Decode(a[0].(string)) },
	},
	{
		Signature: "urlEncode(text: text)",
		Sentence:  "The text as one part of a URL's path or query: all but letters, digits and -._~ becomes %XX.",
		Example:   `urlEncode('a b/c')`, Result: `"a%20b%2Fc"`,
		call: func(r *run, a []any) (any, error) {
			return r.made(4, a[0], func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") })
		},
	},
}

// made accounts for a text of at most factor times the length before it is made.
func (r *run) made(factor int, from any, do func(string) string) (any, error) {
	s, _ := from.(string)
	if len(s) > MaxText {
		return nil, errors.New("the text is longer than 1 MiB")
	}
	if err := r.spend(factor * len(s)); err != nil {
		return nil, err
	}
	s = do(s)
	if len(s) > MaxText {
		return nil, errors.New("the text becomes longer than 1 MiB")
	}
	return s, nil
}

func (r *run) split(text, separator string) (any, error) {
	if err := r.spend(len(text)); err != nil {
		return nil, err
	}
	if err := r.spend(2 * entryBytes * (1 + strings.Count(text, separator))); err != nil {
		return nil, err
	}
	list := []any{}
	for s := range strings.SplitSeq(text, separator) {
		list = append(list, s)
	}
	return list, nil
}

func (r *run) join(list []any, separator string) (any, error) {
	var b strings.Builder
	for i, entry := range list {
		if i > 0 {
			b.WriteString(separator)
		}
		s, err := r.text(entry)
		if err != nil {
			return nil, err
		}
		if b.Len()+len(s)+len(separator) > MaxText {
			return nil, errors.New("the text becomes longer than 1 MiB")
		}
		if err := r.spend(2*len(s) + 2*len(separator) + entryBytes); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// replace replaces at most n occurrences, all if n is negative.
func (r *run) replace(text, part, by string, n int) (any, error) {
	if part == "" {
		return nil, errors.New("there is nothing to replace; “part” is empty")
	}
	if err := r.spend(len(text)); err != nil {
		return nil, err
	}
	found := strings.Count(text, part)
	if n >= 0 {
		found = min(found, n)
	}
	if found == 0 {
		return text, nil
	}
	if err := r.room(len(text) + found*(len(by)-len(part))); err != nil {
		return nil, err
	}
	return strings.Replace(text, part, by, found), nil
}

func (r *run) base64Decode(text string) (any, error) {
	if err := r.room(2 * len(text)); err != nil {
		return nil, err
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(strings.TrimSpace(text), "="))
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the text is not Base64")
	}
	if utf8.Valid(decoded) {
		return string(decoded), nil
	}
	if err := r.room(3 * len(decoded)); err != nil {
		return nil, err
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

// length is the number of characters, entries or members.
func (r *run) length(v any) (any, error) {
	switch v := v.(type) {
	case string:
		if err := r.spend(len(v)); err != nil {
			return nil, err
		}
		return float64(utf8.RuneCountInString(v)), nil
	case []any:
		return float64(len(v)), nil
	case map[string]any:
		return float64(len(v)), nil
	default:
		return nil, fmt.Errorf("%s has no length", someKind(kindOf(v)))
	}
}
