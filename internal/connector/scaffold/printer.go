package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// pair is a member with the comment above it.
type pair struct {
	key   string
	value any
	above []string
}

// object keeps its members in the order in which they are written.
type object []pair

type list []any

// spaced is a list with an empty line between its items.
type spaced list

// inline is an object or a list that is written on one line.
type inline struct{ value any }

// block is a text of several lines.
type block string

// noted is an item of a list with the comment above it.
type noted struct {
	above []string
	value any
}

// printer writes YAML.
type printer struct{ strings.Builder }

func (p *printer) comment(lines []string, indent int) {
	for _, line := range lines {
		p.WriteString(strings.Repeat(" ", indent))
		p.WriteString(strings.TrimRight("# "+line, " "))
		p.WriteByte('\n')
	}
}

func (p *printer) members(o object, indent int) {
	for i, m := range o {
		if len(m.above) > 0 && i > 0 && indent == 0 {
			p.WriteByte('\n')
		}
		p.comment(m.above, indent)
		p.WriteString(strings.Repeat(" ", indent) + keyText(m.key) + ":")
		p.value(m.value, indent)
	}
}

// value writes what stands behind a colon, with the end of its line.
func (p *printer) value(v any, indent int) {
	switch v := v.(type) {
	case object:
		if len(v) == 0 {
			p.WriteString(" {}\n")
			return
		}
		p.WriteByte('\n')
		p.members(v, indent+2)
	case list:
		if len(v) == 0 {
			p.WriteString(" []\n")
			return
		}
		p.WriteByte('\n')
		p.items(v, indent+2, false)
	case spaced:
		p.WriteByte('\n')
		p.items(list(v), indent+2, true)
	case block:
		p.WriteString(" |-\n")
		for line := range strings.SplitSeq(string(v), "\n") {
			p.WriteString(strings.Repeat(" ", indent+2) + line + "\n")
		}
	default:
		p.WriteString(" " + oneLine(v, false) + "\n")
	}
}

func (p *printer) items(l list, indent int, apart bool) {
	for i, item := range l {
		if apart && i > 0 {
			p.WriteByte('\n')
		}
		if with, is := item.(noted); is {
			p.comment(with.above, indent)
			item = with.value
		}
		o, is := item.(object)
		if !is || len(o) == 0 {
			p.WriteString(strings.Repeat(" ", indent) + "- " + oneLine(item, false) + "\n")
			continue
		}
		var inner printer
		o = slices.Clone(o)
		p.comment(o[0].above, indent)
		o[0].above = nil
		inner.members(o, indent+2)
		p.WriteString(strings.Repeat(" ", indent) + "- " + inner.String()[indent+2:])
	}
}

// oneLine writes a value without line breaks; within is true between brackets.
func oneLine(v any, within bool) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return scalar(v, within)
	case block:
		return quoted(string(v))
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case inline:
		return oneLine(v.value, true)
	case object:
		if len(v) == 0 {
			return "{}"
		}
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = keyText(m.key) + ": " + oneLine(m.value, true)
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case list:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = oneLine(item, true)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quoted(fmt.Sprint(v))
}

var (
	duration   = regexp.MustCompile(`^[0-9]+s$`)
	statusKey  = regexp.MustCompile(`^[45][0-9][0-9]$`)
	plainBlock = regexp.MustCompile(`^[A-Za-z/$][\x20-\x7e]*$`)
	plainFlow  = regexp.MustCompile(`^[A-Za-z/$][A-Za-z0-9 /$._@;+=()-]*$`)
	// words that some reader of YAML takes for something else than text
	yamlWords = strings.Fields("true false null yes no on off y n nan inf")
)

func keyText(key string) string {
	if statusKey.MatchString(key) {
		return key
	}
	return scalar(key, true)
}

// scalar writes a text so that it is read back as this text: plain where nobody can take it for anything else.
func scalar(s string, within bool) string {
	form := plainBlock
	if within {
		form = plainFlow
	}
	if duration.MatchString(s) {
		return s
	}
	if !form.MatchString(s) || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") || strings.HasSuffix(s, " ") ||
		slices.Contains(yamlWords, strings.ToLower(s)) {
		return quoted(s)
	}
	return s
}

// quoted writes a text between double quotes (YAML 1.2 §7.3.1).
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaped is a text that is no expression, for where expressions may stand.
func escaped(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// expr is a text that is one expression.
func expr(format string, args ...any) string {
	return "${ " + fmt.Sprintf(format, args...) + " }"
}
