package expression

import (
	"errors"
	"math"
	"strings"
)

// oktaFunctions have the names and the meaning of Okta's. A missing separator follows the rules of Apache Commons:
// substringBefore returns the whole text, substringAfter nothing.
var oktaFunctions = []Function{
	{
		Signature: "String.len(text: text|null)", Sentence: "How many characters there are.",
		Example: `String.len(null) + String.len('This')`, Result: `4`,
		call: func(r *run, a []any) (any, error) { return r.length(orEmpty(a[0])) },
	},
	{
		Signature: "String.append(text: text|null, end: text|null)", Sentence: "Both texts, one after the other.",
		Example: `String.append('This is', ' a test')`, Result: `"This is a test"`,
		call: func(r *run, a []any) (any, error) { return r.join(a, "") },
	},
	{
		Signature: "String.join(separator: text, ...texts: text|number|null)", Sentence: "The texts with the separator between them.",
		Example: `String.join(',', 'This', 'is')`, Result: `"This,is"`,
		call: func(r *run, a []any) (any, error) { return r.join(a[1:], a[0].(string)) },
	},
	{
		Signature: "String.replace(text: text|null, part: text, by: text)", Sentence: "Every occurrence replaced.",
		Example: `String.replace('This is a test', 'is', 'at')`, Result: `"That at a test"`,
		call: func(r *run, a []any) (any, error) { return r.replace(orEmpty(a[0]), a[1].(string), a[2].(string), -1) },
	},
	{
		Signature: "String.replaceFirst(text: text|null, part: text, by: text)", Sentence: "The first occurrence replaced.",
		Example: `String.replaceFirst('This is a test', 'is', 'at')`, Result: `"That is a test"`,
		call: func(r *run, a []any) (any, error) { return r.replace(orEmpty(a[0]), a[1].(string), a[2].(string), 1) },
	},
	{
		Signature: "String.removeSpaces(text: text|null)", Sentence: "The text without its spaces.",
		Example: `String.removeSpaces('This is a test')`, Result: `"Thisisatest"`,
		call: func(r *run, a []any) (any, error) { return r.replace(orEmpty(a[0]), " ", "", -1) },
	},
	{
		Signature: "String.stringContains(text: text|null, part: text)", Sentence: "Whether the text has the part.",
		Example: `String.stringContains('This is a test', 'test')`, Result: `true`,
		call: func(r *run, a []any) (any, error) { return r.contains(orEmpty(a[0]), a[1]) },
	},
	{
		Signature: "String.startsWith(text: text|null, part: text)", Sentence: "Whether the text begins with the part.",
		Example: `String.startsWith('Kiss', 'K')`, Result: `true`,
		call: func(_ *run, a []any) (any, error) { return strings.HasPrefix(orEmpty(a[0]), a[1].(string)), nil },
	},
	{
		Signature: "String.substring(text: text|null, start: number, end: number)", Sentence: "The characters from start up to before end.",
		Example: `String.substring('This is a test', 2, 9)`, Result: `"is is a"`,
		call: func(r *run, a []any) (any, error) { return r.cut(orEmpty(a[0]), a[1], a[2]) },
	},
	{
		Signature: "String.substringAfter(text: text|null, separator: text)", Sentence: "What stands behind the first separator; nothing where there is none.",
		Example: `String.substringAfter('abc@okta.com', '@')`, Result: `"okta.com"`,
		call: func(r *run, a []any) (any, error) {
			_, after, _ := strings.Cut(orEmpty(a[0]), a[1].(string))
			return after, r.spend(len(orEmpty(a[0])))
		},
	},
	{
		Signature: "String.substringBefore(text: text|null, separator: text)", Sentence: "What stands before the first separator; all where there is none.",
		Example: `String.substringBefore('abc@okta.com', '@')`, Result: `"abc"`,
		call: func(r *run, a []any) (any, error) {
			before, _, _ := strings.Cut(orEmpty(a[0]), a[1].(string))
			return before, r.spend(len(orEmpty(a[0])))
		},
	},
	{
		Signature: "String.stringSwitch(text: text|null, otherwise: text|null, ...pairs: text|null)",
		Sentence:  "The value of the first pair whose key is part of the text, else the second argument.",
		Example:   `String.stringSwitch('First match wins', 'default', 'absent', 'value1', 'wins', 'value2', 'match', 'value3')`,
		Result:    `"value2"`,
		call:      func(r *run, a []any) (any, error) { return r.stringSwitch(a) },
	},
	{
		Signature: "String.toUpperCase(text: text|null)", Sentence: "The text in capital letters.",
		Example: `String.toUpperCase('This')`, Result: `"THIS"`,
		call: func(r *run, a []any) (any, error) { return r.made(2, orEmpty(a[0]), strings.ToUpper) },
	},
	{
		Signature: "String.toLowerCase(text: text|null)", Sentence: "The text in small letters.",
		Example: `String.toLowerCase('This')`, Result: `"this"`,
		call: func(r *run, a []any) (any, error) { return r.made(2, orEmpty(a[0]), strings.ToLower) },
	},
	{
		Signature: "Arrays.add(list: list|text|null, value: any)", Sentence: "The list with one entry more.",
		Example: `Arrays.add([10, 20, 30], 40)`, Result: `[10,20,30,40]`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			return append(list, a[1]), err
		},
	},
	{
		Signature: "Arrays.remove(list: list|text|null, value: any)", Sentence: "The list without entries of that value.",
		Example: `Arrays.remove([10, 20, 30], 20)`, Result: `[10,30]`,
		call: func(r *run, a []any) (any, error) { return r.without(a[0], a[1]) },
	},
	{
		Signature: "Arrays.clear(list: list|text|null)", Sentence: "An empty list.",
		Example: `Arrays.clear([10, 20])`, Result: `[]`,
		call: func(*run, []any) (any, error) { return []any{}, nil },
	},
	{
		Signature: "Arrays.get(list: list|text|null, index: number)", Sentence: "The entry at that place, from 0; null where there is none.",
		Example: `Arrays.get([10, 20, 30], 1)`, Result: `20`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			if err != nil {
				return nil, err
			}
			return r.entry(list, a[1])
		},
	},
	{
		Signature: "Arrays.flatten(...values: any)", Sentence: "One list of all values, and of what is in lists among them.",
		Example: `Arrays.flatten(10, [20, 30], 40)`, Result: `[10,20,30,40]`,
		call: func(r *run, a []any) (any, error) { return r.flatten([]any{}, a, 0) },
	},
	{
		Signature: "Arrays.contains(list: list|text|null, value: any)", Sentence: "Whether the list has an entry of that value.",
		Example: `Arrays.contains([10, 20, 30], 10)`, Result: `true`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			if err != nil {
				return nil, err
			}
			return r.contains(list, a[1])
		},
	},
	{
		Signature: "Arrays.size(list: list|text|null)", Sentence: "How many entries there are.",
		Example: `Arrays.size('a,b,c')`, Result: `3`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			return float64(len(list)), err
		},
	},
	{
		Signature: "Arrays.isEmpty(list: list|text|null)", Sentence: "Whether there is no entry.",
		Example: `Arrays.isEmpty(null)`, Result: `true`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			return len(list) == 0, err
		},
	},
	{
		Signature: "Arrays.toCsvString(list: list|text|null)", Sentence: "The entries with commas between them.",
		Example: `Arrays.toCsvString(['This', 'is', ' a test'])`, Result: `"This,is, a test"`,
		call: func(r *run, a []any) (any, error) {
			list, err := r.array(a[0])
			if err != nil {
				return nil, err
			}
			return r.join(list, ",")
		},
	},
	{
		Signature: "Convert.toInt(value: text|number)", Sentence: "The whole number nearest to the number or to the text; halves go up.",
		Example: `Convert.toInt('1234') + Convert.toInt(123.6)`, Result: `1358`,
		call: func(r *run, a []any) (any, error) {
			n, err := r.number(a[0])
			if err != nil {
				return nil, err
			}
			return rounded(n, func(n float64) float64 { return math.Floor(n + 0.5) }), nil
		},
	},
	{
		Signature: "Convert.toNum(value: text|number)", Sentence: "The number that the text is.",
		Example: `Convert.toNum('3.141')`, Result: `3.141`,
		call: func(r *run, a []any) (any, error) { return r.number(a[0]) },
	},
	{
		Signature: "Time.now()", Sentence: "The time of the evaluation as text, RFC 3339 in UTC.",
		Example: `Time.now()`, Result: `"2026-01-02T03:04:05.000Z"`, volatile: true,
		call: func(r *run, _ []any) (any, error) {
			t, err := r.now()
			return t.Format(TimeFormat), err
		},
	},
	{
		Signature: "Time.fromIso8601ToString(time: text, format: text)", Sentence: "The time in UTC as the format says, as in formatDate.",
		Example: `Time.fromIso8601ToString('2026-01-02T03:04:05Z', 'yyyy-MM-dd HH:mm')`, Result: `"2026-01-02 03:04"`,
		call: func(r *run, a []any) (any, error) {
			t, err := readTime(a[0])
			if err != nil {
				return nil, err
			}
			return r.formatTime(t, a[1].(string))
		},
	},
}

func orEmpty(v any) string {
	s, _ := v.(string)
	return s
}

// array is a copy of the list; a text counts as a list with commas, and null as an empty one.
func (r *run) array(v any) ([]any, error) {
	if s, ok := v.(string); ok && s != "" {
		list, err := r.split(s, ",")
		if err != nil {
			return nil, err
		}
		v = list
	}
	list, _ := v.([]any)
	if err := r.spend(2 * entryBytes * (1 + len(list))); err != nil {
		return nil, err
	}
	return append([]any{}, list...), nil
}

func (r *run) without(v, unwanted any) (any, error) {
	list, err := r.array(v)
	if err != nil {
		return nil, err
	}
	kept := list[:0]
	for _, entry := range list {
		same, err := r.equal(entry, unwanted, 0)
		if err != nil {
			return nil, err
		}
		if !same {
			kept = append(kept, entry)
		}
	}
	return kept, nil
}

func (r *run) stringSwitch(args []any) (any, error) {
	text, pairs := orEmpty(args[0]), args[2:]
	if len(pairs)%2 != 0 {
		return nil, errors.New("keys and values come in pairs")
	}
	for i := 0; i < len(pairs); i += 2 {
		if err := r.spend(len(text)); err != nil {
			return nil, err
		}
		if key, ok := pairs[i].(string); ok && strings.Contains(text, key) {
			return pairs[i+1], nil
		}
	}
	return args[1], nil
}
