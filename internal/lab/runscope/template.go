package runscope

import (
	"errors"
	"fmt"
	"strings"
)

const (
	maxExpanded = 4 << 20 // of one expanded text: a short template can ask for a long value many times
	maxNesting  = 10      // of templates within templates
)

// piece is a part of a template: text that stands for itself, or the inside of {{…}}.
type piece struct {
	text       string
	expression bool
}

// splitTemplate finds the shortest {{…}}, with templates nested in it. Braces that belong to none stay text:
// {{x}}}} is x and two braces.
func splitTemplate(text string) []piece {
	var out []piece
	literal := 0
	for at := 0; at < len(text); {
		end := -1
		if strings.HasPrefix(text[at:], "{{") && !strings.HasPrefix(text[at:], "{{{") {
			end = closing(text, at)
		}
		if end < 0 {
			at++
			continue
		}
		if at > literal {
			out = append(out, piece{text: text[literal:at]})
		}
		out = append(out, piece{text: text[at+2 : end], expression: true})
		at, literal = end+2, end+2
	}
	if literal < len(text) {
		out = append(out, piece{text: text[literal:]})
	}
	return out
}

// closing returns where the }} of the {{ at open begins, -1 if there is none. It gives up beyond maxNesting, so
// that a line of opening braces is not searched once for each of them.
func closing(text string, open int) int {
	depth := 0
	for at := open; at+1 < len(text); {
		switch text[at : at+2] {
		case "{{":
			if depth++; depth > maxNesting {
				return -1
			}
			at += 2
		case "}}":
			if depth--; depth == 0 {
				return at
			}
			at += 2
		default:
			at++
		}
	}
	return -1
}

// call is a function with its arguments, each a template itself.
type call struct {
	name string
	args []string
}

// parseCall reads name(a, b); commas within nested templates and brackets separate nothing.
func parseCall(expression string) (call, bool) {
	name, rest, ok := strings.Cut(expression, "(")
	name = strings.TrimSpace(name)
	if !ok || !strings.HasSuffix(rest, ")") || name == "" || strings.ContainsAny(name, " {}") {
		return call{}, false
	}
	rest = strings.TrimSuffix(rest, ")")
	c := call{name: name}
	depth, from := 0, 0
	for i := range len(rest) {
		switch rest[i] {
		case '{', '(':
			depth++
		case '}', ')':
			depth--
		case ',':
			if depth == 0 {
				c.args = append(c.args, strings.TrimSpace(rest[from:i]))
				from = i + 1
			}
		}
	}
	if last := strings.TrimSpace(rest[from:]); last != "" || len(c.args) > 0 {
		c.args = append(c.args, last)
	}
	return c, true
}

// missingError names the variables that a template needs and nobody has set.
type missingError struct{ names []string }

func (e *missingError) Error() string { return "no value for " + strings.Join(e.names, ", ") }

// scope gives templates their values.
type scope struct {
	lookup   func(name string) (string, bool)
	builtins *builtins
	used     func(value string) // told every value that is put in; nil where nobody listens
}

// expand replaces every template in text. The error is a *missingError when variables have no value, naming all
// of them; any other error is a function that cannot work with its arguments.
func (s scope) expand(text string) (string, error) { return s.expandNested(text, 0) }

func (s scope) expandNested(text string, depth int) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	var out strings.Builder
	var missing missingError
	for _, p := range splitTemplate(text) {
		value := p.text
		if p.expression {
			var err error
			if value, err = s.evaluate(p.text, depth); err != nil {
				lacking, ok := errors.AsType[*missingError](err)
				if !ok {
					return "", err
				}
				missing.names = append(missing.names, lacking.names...)
			}
		}
		if out.Len()+len(value) > maxExpanded {
			return "", fmt.Errorf("a text grows beyond 4 MiB when its variables are put in")
		}
		out.WriteString(value)
	}
	if len(missing.names) > 0 {
		return "", &missing
	}
	return out.String(), nil
}

// evaluate returns the value of the inside of {{…}}: a variable, which may have the name of a function, or a function.
func (s scope) evaluate(expression string, depth int) (string, error) {
	name := strings.TrimSpace(expression)
	value, ok := s.lookup(name)
	var err error
	if !ok {
		value, err = s.evaluateFunction(name, depth)
	}
	if err == nil && s.used != nil {
		s.used(value)
	}
	return value, err
}

func (s scope) evaluateFunction(expression string, depth int) (string, error) {
	if value, ok, err := s.builtins.call(call{name: expression}); ok {
		return value, err
	}
	c, ok := parseCall(expression)
	if !ok || !isBuiltin(c.name) {
		return "", &missingError{[]string{expression}}
	}
	for i, arg := range c.args {
		value, err := s.expandNested(arg, depth+1)
		if err != nil {
			return "", err
		}
		c.args[i] = value
	}
	value, _, err := s.builtins.call(c)
	return value, err
}

// templateNames returns the variables that text refers to, in their order; functions are not among them.
func templateNames(text string) []string {
	var out []string
	for _, p := range splitTemplate(text) {
		if !p.expression {
			continue
		}
		name := strings.TrimSpace(p.text)
		c, isCall := parseCall(name)
		switch {
		case isBuiltin(name):
		case isCall && isBuiltin(c.name):
			for _, arg := range c.args {
				out = append(out, templateNames(arg)...)
			}
		default:
			out = append(out, name)
		}
	}
	return out
}
