package runscope

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// maxActual is how much of an actual value a result keeps.
const maxActual = 2 << 10

// AssertionResult is one assertion with what was found.
type AssertionResult struct {
	Source     string  `json:"source"`
	Property   string  `json:"property,omitempty"`
	Comparison string  `json:"comparison"`
	Target     string  `json:"target,omitempty"` // with its variables put in
	Actual     string  `json:"actual,omitempty"` // at most 2 kB
	Outcome    Outcome `json:"outcome"`
	Message    string  `json:"message,omitempty"` // why it did not pass, or how it differs from the vendor's runner
}

// assert evaluates a on r. A construct that is not understood is Unsupported, whatever the response says.
func (a Assertion) assert(r *reply, s scope) AssertionResult {
	out := AssertionResult{Source: a.Source, Property: a.Property, Comparison: a.Comparison, Outcome: Failed}
	c, ok := comparisonOf(a.Comparison)
	if !ok {
		out.Outcome, out.Message = Unsupported, fmt.Sprintf("the comparison %q is not known", a.Comparison)
		return out
	}
	if !c.unary {
		target, err := s.expand(a.Target)
		if err != nil {
			out.Outcome, out.Message = outcomeOfTemplate(err), err.Error()
			return out
		}
		out.Target = target
	}
	f := r.find(a.Source, a.Property)
	if len(f.values) == 0 {
		if f.unsupported {
			out.Outcome = Unsupported
		}
		out.Message = fmt.Sprintf("%s %s: %s", a.subject(), c.expects(out.Target, r.head), f.problem)
		return out
	}
	return out.judge(a, c, f.values, r.head)
}

// judge lets one of several values of a header suffice.
func (out AssertionResult) judge(a Assertion, c comparison, values []any, head func(string, int) string) AssertionResult {
	actual := values[0]
	for _, value := range values {
		if c.compare(value, out.Target) {
			actual, out.Outcome = value, Passed
		}
	}
	out.Actual = cast(actual)
	if out.Outcome == Passed {
		return out
	}
	out.Message = fmt.Sprintf("%s %s, and is %s", a.subject(), c.expects(out.Target, head), shown(actual, head))
	if list := cast(actual); c.name == "not_empty" && (list == "[]" || list == "{}") {
		out.Message += ". Runscope itself may let this pass"
	}
	return out
}

// expects is the comparison in words, with its target: must be the number 200.
func (c comparison) expects(target string, head func(string, int) string) string {
	if c.unary {
		return c.words
	}
	if _, ok := number(target); ok {
		return c.words + " " + shown(json.Number(target), head)
	}
	return c.words + " " + shown(target, head)
}

func shown(value any, head func(string, int) string) string {
	text := head(cast(value), 200)
	if _, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return text
}

// subject names what an assertion looks at, as people would.
func (a Assertion) subject() string {
	switch a.Source {
	case sourceStatus:
		return "The status"
	case sourceHeader:
		return "The header " + a.Property
	case sourceJSON:
		if a.Property == "" {
			return "The document"
		}
		return a.Property
	case sourceText:
		return "The body"
	case sourceSize:
		return "The body's size in bytes"
	case sourceTime:
		return "The answer time in ms"
	}
	return strings.TrimSpace(a.Source + " " + a.Property)
}

// outcomeOfTemplate: a missing value blocks; a function that is used wrongly is the suite's fault.
func outcomeOfTemplate(err error) Outcome {
	if _, missing := errors.AsType[*missingError](err); missing {
		return Blocked
	}
	return Unsupported
}

// ExtractorResult is one variable taken out of a response. Its value stands among the run's variables.
type ExtractorResult struct {
	Name     string  `json:"name"`
	Source   string  `json:"source"`
	Property string  `json:"property,omitempty"`
	Outcome  Outcome `json:"outcome"`
	Message  string  `json:"message,omitempty"`
}

// extract returns the value as text. A null is no value: put into a URL it would name a resource called null.
func (x Extractor) extract(r *reply) (string, ExtractorResult) {
	out := ExtractorResult{Name: x.Name, Source: x.Source, Property: x.Property, Outcome: Failed}
	f := r.find(x.Source, x.Property)
	switch {
	case f.unsupported:
		out.Outcome, out.Message = Unsupported, fmt.Sprintf("the variable %s was not set: %s", x.Name, f.problem)
	case f.problem == noSuchProperty:
		out.Message = fmt.Sprintf("the variable %s was not set: the answer has no %q", x.Name, x.Property)
	case len(f.values) == 0:
		out.Message = fmt.Sprintf("the variable %s was not set: %s", x.Name, f.problem)
	case f.values[0] == nil:
		out.Message = fmt.Sprintf("the variable %s was not set: %s is null", x.Name, x.Property)
	default:
		out.Outcome = Passed
		return cast(f.values[0]), out
	}
	return "", out
}

// setLiteral finds variables.set("name", …) in a script.
var setLiteral = regexp.MustCompile(`variables\s*\.\s*set\s*\(\s*(?:"([^"\\]+)"|'([^'\\]+)')`)

// scriptSets returns the variables that a script sets by a literal name.
func scriptSets(script string) []string {
	var out []string
	for _, match := range setLiteral.FindAllStringSubmatch(script, -1) {
		out = append(out, match[1]+match[2])
	}
	return out
}
