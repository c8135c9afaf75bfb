package expression

import (
	"strings"
	"unicode/utf8"
)

// piece is a part of a template's text: literal, or the source of an expression.
type piece struct {
	text       string
	expression bool
	offset     int // characters before it
}

// scan takes a text apart. $${ is a literal ${; the } that ends an expression is the first outside of its quotes and
// brackets. Line breaks behind an expression that stands alone are those of YAML's block texts, and do not count.
func scan(text string) ([]piece, *Error) {
	var pieces []piece
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			pieces = append(pieces, piece{text: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "$${"):
			literal.WriteString("${")
			i += len("$${")
		case strings.HasPrefix(rest, "${"):
			offset := utf8.RuneCountInString(text[:i])
			end := closing(rest[2:])
			if end < 0 {
				return nil, at(offset, "“${” has no “}” of its own: it, a bracket or a quotation mark is missing; write “$${” for the two characters")
			}
			flush()
			pieces = append(pieces, piece{rest[2 : 2+end], true, offset + 2})
			i += 2 + end + 1
		default:
			next := strings.IndexByte(rest[1:], '$') + 1
			if next == 0 {
				next = len(rest)
			}
			literal.WriteString(rest[:next])
			i += next
		}
	}
	if len(pieces) == 1 && strings.Trim(literal.String(), "\r\n") == "" {
		return pieces, nil
	}
	flush()
	return pieces, nil
}

// closing returns where the brace is that closes the expression, -1 if there is none.
func closing(source string) int {
	depth := 0
	for i := 0; i < len(source); i++ {
		switch c := source[i]; c {
		case '\'', '"', '`':
			length := quoted(source[i+1:], c)
			if length < 0 {
				return -1
			}
			i += length
		case '(', '[', '{':
			depth++
		case ')', ']':
			depth--
		case '}':
			if depth <= 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// quoted is the length of a text up to and with its closing quote. Between backquotes nothing is escaped.
func quoted(source string, quote byte) int {
	for i := 0; i < len(source); i++ {
		switch {
		case source[i] == quote:
			return i + 1
		case source[i] == '\\' && quote != '`':
			i++
		}
	}
	return -1
}
