package runscope

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// path is a parsed property such as Resources[0].name.givenName; no segments mean the whole document.
type path []segment

// segment is a member's name or an element's index.
type segment struct {
	key     string
	index   int // from the end where negative
	isIndex bool
	quoted  bool // a name in brackets: its dots are part of it
}

// parsePath reads segment ( "." segment | "[" int "]" | "['key']" | ["key"] )*.
func parsePath(text string) (path, error) {
	text = strings.TrimSpace(text)
	var out path
	for rest := text; rest != ""; {
		s, after, err := nextSegment(rest)
		if err != nil {
			return nil, fmt.Errorf("the property %q cannot be read: %w", text, err)
		}
		out = append(out, s)
		if after == "." || strings.HasPrefix(after, ".[") || strings.HasPrefix(after, "..") {
			return nil, fmt.Errorf("the property %q cannot be read: a name is missing after a dot", text)
		}
		rest = strings.TrimPrefix(after, ".")
	}
	return out, nil
}

func nextSegment(text string) (segment, string, error) {
	if text[0] == '[' {
		return bracket(text[1:])
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return segment{}, "", fmt.Errorf("a name is missing before a dot")
	}
	return segment{key: text[:end]}, text[end:], nil
}

// bracket reads 0], 'key'] or "key"].
func bracket(text string) (segment, string, error) {
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		key, after, ok := strings.Cut(text[1:], text[:1]+"]")
		if !ok {
			return segment{}, "", fmt.Errorf("a bracket is not closed")
		}
		return segment{key: key, quoted: true}, separated(after), nil
	}
	number, after, ok := strings.Cut(text, "]")
	if !ok {
		return segment{}, "", fmt.Errorf("a bracket is not closed")
	}
	index, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return segment{}, "", fmt.Errorf("[%s] is neither an index nor a quoted name", number)
	}
	return segment{index: index, isIndex: true}, separated(after), nil
}

// separated lets a name follow a bracket with or without its dot.
func separated(after string) string {
	if after == "" || after[0] == '.' || after[0] == '[' {
		return after
	}
	return "." + after
}

// find returns what the path names in a decoded document.
func (p path) find(document any) (any, bool) {
	steps := 10_000 // a hostile document can make the search for dotted names branch
	return p.walk(document, &steps)
}

func (p path) walk(value any, steps *int) (any, bool) {
	if len(p) == 0 {
		return value, true
	}
	if *steps--; *steps < 0 {
		return nil, false
	}
	switch value := value.(type) {
	case map[string]any:
		return p.member(value, steps)
	case []any:
		return p.element(value, steps)
	}
	return nil, false
}

func (p path) element(list []any, steps *int) (any, bool) {
	s := p[0]
	if !s.isIndex {
		if s.key == "length" && !s.quoted && len(p) == 1 {
			return json.Number(strconv.Itoa(len(list))), true
		}
		return nil, false
	}
	index := s.index
	if index < 0 {
		index += len(list)
	}
	if index < 0 || index >= len(list) {
		return nil, false
	}
	return p[1:].walk(list[index], steps)
}

// member tries the name as it is and then, for names that contain dots, joined with the names that follow:
// in urn:…:2.0:User.department the first dot is part of the name.
func (p path) member(object map[string]any, steps *int) (any, bool) {
	if p[0].isIndex {
		return nil, false
	}
	key := p[0].key
	for n := 1; ; n++ {
		if child, ok := object[key]; ok {
			if found, ok := p[n:].walk(child, steps); ok {
				return found, true
			}
		}
		if n == len(p) || p[0].quoted || p[n].isIndex || p[n].quoted {
			return nil, false
		}
		key += "." + p[n].key
	}
}
