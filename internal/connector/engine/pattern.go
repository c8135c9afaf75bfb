package engine

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dlclark/regexp2"

	"slipway/internal/connector/value"
)

// Limits of regular expressions: a pattern of JavaScript may take time that doubles with each character of the text.
const (
	patternTime   = 100 * time.Millisecond // of one match
	patternsTime  = time.Second            // of all patterns and places of one card
	longestSource = 1_000                  // bytes of a pattern
	longestSought = 1 << 20                // bytes of a text that is searched
)

// pattern compiles a regular expression of JavaScript.
func (c *call) pattern(name, source string, sensitive bool) (*regexp2.Regexp, error) {
	if len(source) > longestSource {
		return nil, fail(Limit, "%s: a pattern of %d bytes is longer than %d.", name, len(source), longestSource)
	}
	options := regexp2.RegexOptions(regexp2.ECMAScript)
	if !sensitive {
		options |= regexp2.IgnoreCase
	}
	p, err := regexp2.Compile(source, options)
	if err != nil {
		return nil, fail(Unfit, "%s: %q is no regular expression: %s", name, shorten(source), sentence(err.Error()))
	}
	p.MatchTimeout = patternTime
	return p, nil
}

// sought is a text to search, not longer than may be.
func (c *call) sought(name string) (string, error) {
	text := c.text(name)
	if len(text) > longestSought {
		return "", fail(Limit, "%s: a text of %d bytes is longer than a pattern may search (%d).", name, len(text), longestSought)
	}
	return text, nil
}

func tooSlow(name string) *Error {
	return fail(Limit, "%s: the pattern takes longer than %s on this text. Make it simpler: no repetition within a repetition.", name, patternTime)
}

func matchPattern(c *call) (Values, error) {
	text, err := c.sought("string")
	if err != nil {
		return nil, err
	}
	p, err := c.pattern("target", c.text("target"), true)
	if err != nil {
		return nil, err
	}
	runes := []rune(text)
	m, err := p.FindRunesMatch(runes)
	switch {
	case err != nil:
		return nil, tooSlow("target")
	case m == nil:
		return output(-1.0)
	}
	return output(float64(len(utf16.Encode(runes[:m.Index]))))
}

func replaceAny(c *call) (Values, error) {
	text, err := c.sought("text")
	if err != nil {
		return nil, err
	}
	replacement, all, sensitive := c.text("replacement"), c.truth("global"), c.truth("case sensitive")
	ctx, cancel := context.WithTimeout(c.ctx, patternsTime)
	defer cancel()
	for _, in := range c.custom("text", "replacement", "global", "case sensitive") {
		source := value.Text(in.value)
		if source == "" {
			continue
		}
		p, err := c.pattern(in.key.String(), source, sensitive)
		if err != nil {
			return nil, err
		}
		text, err = c.replaceMatches(ctx, p, text, replacement, all)
		if errors.Is(err, errSlow) {
			return nil, tooSlow(in.key.String())
		}
		if err != nil {
			return nil, err
		}
	}
	return c.textOutput(text)
}

var errSlow = errors.New("too slow")

// replaceMatches replaces the first match, or all.
func (c *call) replaceMatches(ctx context.Context, p *regexp2.Regexp, text, replacement string, all bool) (string, error) {
	runes := []rune(text)
	var b strings.Builder
	last := 0
	m, err := p.FindRunesMatch(runes)
	for ; m != nil && err == nil; m, err = p.FindNextMatch(m) {
		b.WriteString(string(runes[last:m.Index]))
		b.WriteString(expanded(replacement, m))
		last = m.Index + m.Length
		if b.Len() > longestSought {
			return "", fail(Limit, "The replaced text would be longer than a pattern may search (%d bytes).", longestSought)
		}
		if !all {
			break
		}
		if ctx.Err() != nil {
			return "", errSlow
		}
	}
	if err != nil {
		return "", errSlow
	}
	b.WriteString(string(runes[last:]))
	return b.String(), nil
}

// expanded is a replacement with $$, $&, $1 to $99 as JavaScript fills them in; what names no group stays.
func expanded(replacement string, m *regexp2.Match) string {
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		if replacement[i] != '$' || i+1 == len(replacement) {
			b.WriteByte(replacement[i])
			continue
		}
		switch replacement[i+1] {
		case '$':
			b.WriteByte('$')
			i++
		case '&':
			b.WriteString(m.String())
			i++
		default:
			n, digits := groupNumber(replacement[i+1:], m.GroupCount())
			if digits == 0 {
				b.WriteByte('$')
				continue
			}
			b.WriteString(m.GroupByNumber(n).String())
			i += digits
		}
	}
	return b.String()
}

// groupNumber reads one or two digits that name a group; no digits where they name none.
func groupNumber(text string, groups int) (n, digits int) {
	for i := 0; i < 2 && i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		if wider := n*10 + int(text[i]-'0'); wider < groups {
			n, digits = wider, i+1
		}
	}
	if n == 0 {
		return 0, 0
	}
	return n, digits
}
