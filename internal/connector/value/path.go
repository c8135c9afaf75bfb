package value

import (
	"fmt"
	"strconv"
	"strings"
)

// Get returns what lies at the path. A member whose name is the whole path comes first, for names may hold dots and spaces;
// then each part is a member's name, or the index of a list. What is not there is nil.
func Get(v any, path string) any {
	if path == "" {
		return v
	}
	if object, ok := v.(map[string]any); ok {
		if member, has := object[path]; has {
			return member
		}
	}
	for part := range strings.SplitSeq(path, ".") {
		if v = Member(v, part); v == nil {
			return nil
		}
	}
	return v
}

// Member returns one member of an object, or one item of a list by its index; nil where there is none.
func Member(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
		if name == "length" {
			return float64(len(v))
		}
	case File:
		if name == "name" {
			return v.Name
		}
	}
	return nil
}

// maxIndex is how long a list may become by naming an index: "a.4000000000" must not fill memory.
const maxIndex = 10_000

// Set returns root with item at the path. Objects and lists on the way are made where they are missing, a list where the
// next part is an index. What it changes it copies first: a value may be held by others.
func Set(root any, path string, item any) (any, error) {
	return setParts(root, strings.Split(path, "."), item)
}

func setParts(root any, parts []string, item any) (any, error) {
	if len(parts) == 0 {
		return item, nil
	}
	index, isIndex := listIndex(parts[0])
	if list, is := root.([]any); is || root == nil && isIndex {
		if !isIndex {
			return nil, fmt.Errorf("%q is no index of a list", parts[0])
		}
		if index > maxIndex {
			return nil, fmt.Errorf("index %d is beyond %d", index, maxIndex)
		}
		grown := make([]any, max(len(list), index+1))
		copy(grown, list)
		inner, err := setParts(grown[index], parts[1:], item)
		grown[index] = inner
		return grown, err
	}
	object, _ := root.(map[string]any)
	changed := make(map[string]any, len(object)+1)
	for key, member := range object {
		changed[key] = member
	}
	inner, err := setParts(changed[parts[0]], parts[1:], item)
	changed[parts[0]] = inner
	return changed, err
}

func listIndex(part string) (int, bool) {
	i, err := strconv.Atoi(part)
	return i, err == nil && i >= 0
}
