package flopack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/internal/connector/value"
)

// MaxNesting is how many inline flows may lie in each other. More than two were never seen.
const MaxNesting = 10

// scanned is what one look at the bytes tells, before anything is built of them.
type scanned struct {
	long string // path to the first text of more than MaxString bytes, "" for none
}

// scan refuses what two readers could read in two ways, and what would take much more room than the file itself: broken
// UTF-8, halves of characters, a member that is there twice, and too many lists, objects and inline flows in each other.
// Whether the rest is JSON it leaves to the decoder.
func scan(text []byte) (scanned, error) {
	if !utf8.Valid(text) {
		return scanned{}, fmt.Errorf("it is not UTF-8, at byte %d", invalidAt(text))
	}
	s := scanner{text: text}
	for s.at < len(text) {
		if err := s.step(); err != nil {
			return s.found, err
		}
	}
	return s.found, nil
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

type scanner struct {
	text  []byte
	at    int
	open  []level
	flows int // how many of the open levels are lists of cards
	found scanned
}

// level is a list or object that is not closed yet.
type level struct {
	object bool
	key    string // the member at hand
	index  int    // of the item at hand
	isKey  bool   // the next text is a member's name
	few    []string
	many   map[string]bool // in place of few, once they are many
}

func (s *scanner) step() error {
	c := s.text[s.at]
	switch c {
	case '{', '[':
		return s.down(c == '{')
	case '}', ']':
		s.up()
	case ',':
		if top := s.top(); top != nil {
			top.index++
			top.isKey = top.object
		}
	case ':':
		if top := s.top(); top != nil {
			top.isKey = false
		}
	case '"':
		return s.quoted()
	}
	s.at++
	return nil
}

func (s *scanner) top() *level {
	if len(s.open) == 0 {
		return nil
	}
	return &s.open[len(s.open)-1]
}

func (s *scanner) down(object bool) error {
	if len(s.open) == value.MaxDepth {
		return fmt.Errorf("more than %d lists and objects lie in each other, at %s (byte %d)", value.MaxDepth, s.path(), s.at)
	}
	if top := s.top(); top != nil && !object && top.key == "methods" {
		if s.flows++; s.flows > MaxNesting+1 {
			return fmt.Errorf("more than %d inline flows lie in each other, at %s (byte %d)", MaxNesting, s.path(), s.at)
		}
	}
	s.open = append(s.open, level{object: object, isKey: object})
	s.at++
	return nil
}

func (s *scanner) up() {
	if len(s.open) == 0 {
		return
	}
	list := !s.top().object
	s.open = s.open[:len(s.open)-1]
	if top := s.top(); list && top != nil && top.key == "methods" {
		s.flows--
	}
}

// quoted passes over a text, and takes it as a member's name where one is due.
func (s *scanner) quoted() error {
	start, escaped, size := s.at, false, 0
	for s.at++; s.at < len(s.text) && s.text[s.at] != '"'; s.at++ {
		size++
		if s.text[s.at] != '\\' {
			continue
		}
		escaped = true
		if s.at++; s.at < len(s.text) && s.text[s.at] == 'u' {
			if err := s.unicode(); err != nil {
				return err
			}
			size++ // at least two bytes, but for the escapes of ASCII
		}
	}
	s.at = min(s.at+1, len(s.text))
	if size > MaxString && s.found.long == "" {
		s.found.long = s.path()
	}
	if top := s.top(); top != nil && top.isKey {
		return s.member(top, s.text[start:s.at], escaped)
	}
	return nil
}

// unicode passes over an escape, which stands at its u, and over the second half of a character that two of them make.
func (s *scanner) unicode() error {
	first := s.hex(s.at)
	switch {
	case first >= 0xDC00 && first < 0xE000:
		return fmt.Errorf("a text holds half of a character, \\u%x, at %s (byte %d)", first, s.path(), s.at-1)
	case first >= 0xD800 && first < 0xDC00:
		second := -1
		if s.at+6 < len(s.text) && s.text[s.at+5] == '\\' && s.text[s.at+6] == 'u' {
			second = s.hex(s.at + 6)
		}
		if second < 0xDC00 || second >= 0xE000 {
			return fmt.Errorf("a text holds half of a character, \\u%x, at %s (byte %d)", first, s.path(), s.at-1)
		}
		s.at += 6
	}
	return nil
}

// hex reads the four digits after the u at i; -1 where they are none, which the decoder will say.
func (s *scanner) hex(i int) int {
	if i+5 > len(s.text) {
		return -1
	}
	n, err := strconv.ParseUint(string(s.text[i+1:i+5]), 16, 32)
	if err != nil {
		return -1
	}
	return int(n)
}

// structural are the names that make a flow. Go's decoder takes them in any case, others do not: "Methods" beside
// "methods" would be one flow for us, and another one for the editor.
var structural = []string{"address", "branches", "configs", "data", "flos", "inputs", "joins", "methods", "model", "node", "orderings", "outputs", "pins", "policy", "uuid"}

func (s *scanner) member(top *level, quoted []byte, escaped bool) error {
	name := string(quoted[1:max(1, len(quoted)-1)])
	if escaped {
		var read string
		if json.Unmarshal(quoted, &read) == nil {
			name = read
		}
	}
	top.key = name
	if folded := strings.ToLower(name); folded != name && len(folded) <= 9 && slices.Contains(structural, folded) {
		name = folded
	}
	if !top.add(name) {
		return fmt.Errorf("the member %q is there twice, at %s (byte %d)", shorten(name), s.path(), s.at)
	}
	return nil
}

// add notes a member; false where it is there already.
func (l *level) add(name string) bool {
	const few = 8
	if l.many == nil {
		if slices.Contains(l.few, name) {
			return false
		}
		if l.few = append(l.few, name); len(l.few) > few {
			l.many = make(map[string]bool, 4*few)
			for _, have := range l.few {
				l.many[have] = true
			}
		}
		return true
	}
	if l.many[name] {
		return false
	}
	l.many[name] = true
	return true
}

// path is where the scanner stands, as in "data.flos.x.data.methods.0".
func (s *scanner) path() string {
	const shown = 24
	var b strings.Builder
	for i, l := range s.open {
		if i > 0 {
			b.WriteByte('.')
		}
		if i == shown {
			b.WriteString("…")
			break
		}
		if l.object {
			b.WriteString(shorten(l.key))
		} else {
			b.WriteString(strconv.Itoa(l.index))
		}
	}
	if b.Len() == 0 {
		return "the top"
	}
	return b.String()
}

// shorten is a name as messages show it.
func shorten(text string) string { return value.Shorten(text, 80) }
