package scim

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode"
)

// operator is a comparison of RFC 7644 table 3, in lower case.
type operator string

const (
	equal          operator = "eq"
	notEqual       operator = "ne"
	contains       operator = "co"
	startsWith     operator = "sw"
	endsWith       operator = "ew"
	present        operator = "pr"
	greater        operator = "gt"
	greaterOrEqual operator = "ge"
	less           operator = "lt"
	lessOrEqual    operator = "le"
)

func (o operator) known() bool {
	switch o {
	case equal, notEqual, contains, startsWith, endsWith, present:
		return true
	}
	return o.orders()
}

func (o operator) orders() bool {
	switch o {
	case greater, greaterOrEqual, less, lessOrEqual:
		return true
	}
	return false
}

// comparison is one condition. literal is a string, float64, bool or nil; about is what the RFC says of the
// attribute, and the zero Attribute where it says nothing.
type comparison struct {
	path    attrPath
	op      operator
	literal any
	about   Attribute
}

// check refuses an order where none exists (RFC 7644 table 3).
func (c comparison) check() error {
	if !c.op.orders() {
		return nil
	}
	_, isBool := c.literal.(bool)
	if isBool || c.literal == nil || c.about.Type == "boolean" || c.about.Type == "binary" {
		return fmt.Errorf("%q cannot be asked of booleans, binary values and null", c.op)
	}
	return nil
}

func (c comparison) match(object map[string]any) bool {
	switch {
	case c.op == notEqual:
		return !c.as(equal).match(object)
	case c.op == present:
		return c.isPresent(object)
	case c.literal == nil:
		return c.op == equal && !c.isPresent(object)
	}
	for value := range c.path.values(object) {
		if c.holds(value) {
			return true
		}
	}
	return false
}

func (c comparison) as(op operator) comparison { c.op = op; return c }

func (c comparison) isPresent(object map[string]any) bool {
	for value := range c.path.values(object) {
		if !isEmpty(value) {
			return true
		}
	}
	return false
}

// holds compares one value; a complex value stands for its "value".
func (c comparison) holds(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if inner, ok := lookup(v, "value").(string); ok {
			return c.holds(inner)
		}
	case string:
		literal, ok := c.literal.(string)
		return ok && c.holdsText(v, literal)
	case bool:
		literal, ok := c.literal.(bool)
		return ok && c.op == equal && v == literal
	case float64:
		literal, ok := c.literal.(float64)
		return ok && c.op.holds(cmp.Compare(v, literal))
	case int:
		return c.holds(float64(v))
	}
	return false
}

func (c comparison) holdsText(value, literal string) bool {
	if c.about.Type == "dateTime" {
		v, okValue := parseTime(value)
		l, okLiteral := parseTime(literal)
		if okValue && okLiteral {
			return c.op.holds(v.Compare(l))
		}
	}
	if !c.about.CaseExact {
		value, literal = Fold(value), Fold(literal)
	}
	switch c.op {
	case contains:
		return strings.Contains(value, literal)
	case startsWith:
		return strings.HasPrefix(value, literal)
	case endsWith:
		return strings.HasSuffix(value, literal)
	}
	return c.op.holds(strings.Compare(value, literal))
}

// holds turns the outcome of a three-way comparison into the operator's.
func (o operator) holds(order int) bool {
	switch o {
	case equal:
		return order == 0
	case greater:
		return order > 0
	case greaterOrEqual:
		return order >= 0
	case less:
		return order < 0
	case lessOrEqual:
		return order <= 0
	}
	return false
}

// values walks every value that the path names: each element of a list, each sub-attribute of each element.
func (p attrPath) values(object map[string]any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for element := range elements(p.top(object)) {
			if p.sub == "" {
				if !yield(element) {
					return
				}
				continue
			}
			inner, _ := element.(map[string]any)
			for value := range elements(lookup(inner, p.sub)) {
				if !yield(value) {
					return
				}
			}
		}
	}
}

// top returns the attribute itself, or a whole extension where the path is nothing but its URN.
func (p attrPath) top(object map[string]any) any {
	switch {
	case p.urn == "":
		return lookup(object, p.name)
	case isCore(p.urn):
		if r := Resource(object); len(r.Schemas()) > 0 && !r.HasSchema(p.urn) {
			return nil
		}
		return lookup(object, p.name)
	}
	if extension, ok := lookup(object, p.urn+":"+p.name).(map[string]any); ok && p.sub == "" {
		return extension
	}
	extension, _ := lookup(object, p.urn).(map[string]any)
	return lookup(extension, p.name)
}

// definition is what the RFC says of the path's last part; outer is the attribute before the brackets.
func (p attrPath) definition(outer *attrPath) Attribute {
	var about Attribute
	if outer != nil {
		parent, _ := definition(outer.urn, outer.name)
		about, _ = parent.Sub(p.name)
	} else {
		about, _ = definition(p.urn, p.name)
	}
	if p.sub != "" {
		about, _ = about.Sub(p.sub)
	}
	if about.Type == "complex" {
		if value, ok := about.Sub("value"); ok {
			return value
		}
	}
	return about
}

// elements yields each value of a list, a single value as it is, and nothing for null.
func elements(value any) iter.Seq[any] {
	return func(yield func(any) bool) {
		switch v := value.(type) {
		case nil:
		case []any:
			for _, element := range v {
				if element != nil && !yield(element) {
					return
				}
			}
		case []string:
			for _, element := range v {
				if !yield(element) {
					return
				}
			}
		default:
			yield(value)
		}
	}
}

// isEmpty is the opposite of "present": null, an empty text, and objects and lists of nothing else.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		for _, element := range v {
			if !isEmpty(element) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, inner := range v {
			if !isEmpty(inner) {
				return false
			}
		}
		return true
	}
	return false
}

// parseTime reads an xsd:dateTime; one without a zone counts as UTC.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Fold returns the form in which two texts are equal exactly when strings.EqualFold says so.
func Fold(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return strings.Map(foldRune, s)
		}
	}
	return strings.ToLower(s)
}

// foldRune returns the one rune that stands for all that fold to each other; ASCII letters in lower case.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		return least + 'a' - 'A'
	}
	return least
}
