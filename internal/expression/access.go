package expression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// member returns what an object has under a name, null where it has nothing, or the entry of a list or the character of
// a text at a place; -1 is the last. what is how the source calls the object.
func (r *run) member(what string, from, key any) (any, error) {
	if what == "" {
		what = "this"
	}
	switch from := from.(type) {
	case nil:
		return nil, fmt.Errorf("%s is null and has no members; write ?. before the member", what)
	case map[string]any:
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("%s is an object; its members have names, not %s", what, someKind(kindOf(key)))
		}
		return known(from[name])
	case []any:
		i, err := place(what, "list", key)
		if err != nil {
			return nil, err
		}
		if i < 0 {
			i += int64(len(from))
		}
		if i < 0 || i >= int64(len(from)) {
			return nil, beyond(what, len(from))
		}
		return known(from[i])
	case string:
		return r.character(what, from, key)
	default:
		return nil, fmt.Errorf("%s is %s, which has no members", what, someKind(kindOf(from)))
	}
}

func place(what, kind string, key any) (int64, error) {
	if kindOf(key) == "text" {
		return 0, fmt.Errorf("%s is a %s and has no named members; its entries have numbers, and len(…) is how many there are", what, kind)
	}
	i, ok := whole(key)
	if !ok {
		return 0, fmt.Errorf("%s is a %s; its entries have whole numbers from 0", what, kind)
	}
	return i, nil
}

func beyond(what string, size int) error {
	return fmt.Errorf("%s has %d entries, and this one is not among them; first(…) and get(…) are null instead", what, size)
}

func (r *run) character(what, text string, key any) (any, error) {
	i, err := place(what, "text", key)
	if err != nil {
		return nil, err
	}
	if err := r.spend(len(text)); err != nil {
		return nil, err
	}
	size := int64(utf8.RuneCountInString(text))
	if i < 0 {
		i += size
	}
	if i < 0 || i >= size {
		return nil, beyond(what, int(size))
	}
	return cutText(text, i, i+1), nil
}

// cut returns the entries of a list, or the characters of a text, from one place up to before another. Places beyond the
// ends mean the ends; negative ones count from the end.
func (r *run) cut(v, from, to any) (any, error) {
	size := int64(0)
	text, isText := v.(string)
	list, _ := v.([]any)
	if isText {
		if err := r.spend(len(text)); err != nil {
			return nil, err
		}
		size = int64(utf8.RuneCountInString(text))
	} else {
		size = int64(len(list))
	}
	start, end, err := bounds(size, from, to)
	switch {
	case err != nil:
		return nil, err
	case isText:
		return cutText(text, start, end), nil
	default:
		return list[start:end:end], nil
	}
}

func bounds(size int64, from, to any) (start, end int64, err error) {
	end = size
	for _, side := range []struct {
		value any
		at    *int64
	}{{from, &start}, {to, &end}} {
		if side.value == nil {
			continue
		}
		i, ok := whole(side.value)
		if !ok {
			return 0, 0, errors.New("places are whole numbers")
		}
		if i < 0 {
			i = max(i+size, 0)
		}
		*side.at = min(i, size)
	}
	return min(start, end), end, nil
}

// cutText returns the characters from start up to before end, both within the text.
func cutText(text string, start, end int64) string {
	first, last, n := len(text), len(text), int64(0)
	for i := range text {
		if n == start {
			first = i
		}
		if n == end {
			last = i
			break
		}
		n++
	}
	return text[min(first, last):last]
}

// find follows a key, an index or a path ("name.givenName", "emails[0].value"); null where there is nothing. A key that
// the object has as a whole comes before a path, for names may hold dots.
func (r *run) find(from, key any) (any, error) {
	path, ok := key.(string)
	if !ok {
		return r.entry(from, key)
	}
	if object, ok := from.(map[string]any); ok {
		if v, there := object[path]; there {
			return known(v)
		}
	}
	if err := r.spend(len(path)); err != nil {
		return nil, err
	}
	var err error
	for step := range strings.FieldsFuncSeq(path, func(l rune) bool { return l == '.' || l == '[' || l == ']' }) {
		if from, err = r.entry(from, step); from == nil || err != nil {
			return nil, err
		}
	}
	return from, nil
}

// entry is member without its errors for what is missing.
func (r *run) entry(from, key any) (any, error) {
	name, isName := key.(string)
	switch from := from.(type) {
	case map[string]any:
		if isName {
			return known(from[name])
		}
	case []any:
		i, ok := whole(key)
		if isName {
			n, err := strconv.Atoi(name)
			i, ok = int64(n), err == nil
		}
		if i < 0 {
			i += int64(len(from))
		}
		if ok && i >= 0 && i < int64(len(from)) {
			return known(from[i])
		}
	}
	return nil, nil
}
