package expression

import "strings"

// Part is a stretch of a text in a template: an expression with its ${ and }, or what stands between two.
type Part struct {
	Source     string
	Expression bool
}

// Parts takes a text apart as CompileTemplate does. Its error is an *Error of an expression without an end.
func Parts(text string) ([]Part, error) {
	var parts []Part
	for rest := text; rest != ""; {
		start := strings.Index(rest, "${")
		for start > 0 && rest[start-1] == '$' {
			next := strings.Index(rest[start+2:], "${")
			if next < 0 {
				start = -1
				break
			}
			start += 2 + next
		}
		if start < 0 {
			return append(parts, Part{Source: rest}), nil
		}
		if start > 0 {
			parts = append(parts, Part{Source: rest[:start]})
		}
		end := closing(rest[start+2:])
		if end < 0 {
			return nil, &Error{Offset: len(text) - len(rest) + start, Sentence: "An expression begins with ${ and has no } at its end."}
		}
		parts = append(parts, Part{Source: rest[start : start+2+end+1], Expression: true})
		rest = rest[start+2+end+1:]
	}
	return parts, nil
}

// closing is where the } stands that ends an expression, -1 where none does: braces in texts and in each other do not.
func closing(source string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
