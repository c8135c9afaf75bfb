package expression

import (
	"maps"
	"slices"
	"strings"
)

var listFunctions = []Function{
	{
		Signature: "len(value: text|list|object)",
		Sentence:  "How many characters, entries or members there are.",
		Example:   `len(['a', 'b']) + len('Zoë')`, Result: `5`,
		call: func(r *run, a []any) (any, error) { return r.length(a[0]) },
	},
	{
		Signature: "first(list: list|null)",
		Sentence:  "The first entry; null where there is none.",
		Example:   `first([]) ?? 'none'`, Result: `"none"`,
		call: func(r *run, a []any) (any, error) { return r.entry(a[0], 0.0) },
	},
	{
		Signature: "last(list: list|null)",
		Sentence:  "The last entry; null where there is none.",
		Example:   `last(['a', 'b'])`, Result: `"b"`,
		call: func(r *run, a []any) (any, error) { return r.entry(a[0], -1.0) },
	},
	{
		Signature: "get(from: list|object|null, key: text|number, otherwise?: any)",
		Sentence:  "What is there under a name, at a place, or at the end of a path; otherwise, or null, where there is nothing.",
		Example:   `get({emails: [{value: 'a@b.example'}]}, 'emails[0].value', 'none')`, Result: `"a@b.example"`,
		call: func(r *run, a []any) (any, error) {
			v, err := r.find(a[0], a[1])
			if v == nil && len(a) > 2 {
				v = a[2]
			}
			return v, err
		},
	},
	{
		Signature: "has(from: list|object|null, key: text|number)",
		Sentence:  "Whether there is something, not null, under a name, at a place, or at the end of a path.",
		Example:   `has({name: {givenName: null}}, 'name.givenName')`, Result: `false`,
		call: func(r *run, a []any) (any, error) {
			v, err := r.find(a[0], a[1])
			return v != nil, err
		},
	},
	{
		Signature: "keys(object: object)",
		Sentence:  "The names of the members, in their order.",
		Example:   `keys({b: 1, a: 2})`, Result: `["a","b"]`,
		call: func(r *run, a []any) (any, error) {
			names, err := r.names(a[0])
			list := make([]any, len(names))
			for i, name := range names {
				list[i] = name
			}
			return list, err
		},
	},
	{
		Signature: "values(object: object)",
		Sentence:  "What the members hold, in the order of their names.",
		Example:   `values({b: 1, a: 2})`, Result: `[2,1]`,
		call: func(r *run, a []any) (any, error) {
			names, err := r.names(a[0])
			list := make([]any, len(names))
			for i, name := range names {
				list[i] = a[0].(map[string]any)[name]
			}
			return list, err
		},
	},
	{
		Signature: "merge(...objects: object|null)",
		Sentence:  "One object with the members of all; the later one wins.",
		Example:   `merge({a: 1, b: 1}, {b: 2})`, Result: `{"a":1,"b":2}`,
		call: func(r *run, a []any) (any, error) {
			merged := map[string]any{}
			for _, one := range a {
				object, _ := one.(map[string]any)
				if err := r.spend(memberBytes * len(object)); err != nil {
					return nil, err
				}
				maps.Copy(merged, object)
			}
			return merged, nil
		},
	},
	{
		Signature: "pick(object: object, ...names: text|list)",
		Sentence:  "The object with these members only.",
		Example:   `pick({a: 1, b: 2, c: 3}, 'a', 'c')`, Result: `{"a":1,"c":3}`,
		call: func(r *run, a []any) (any, error) { return r.pick(a[0], a[1:], true) },
	},
	{
		Signature: "omit(object: object, ...names: text|list)",
		Sentence:  "The object without these members.",
		Example:   `omit({a: 1, b: 2, c: 3}, ['a', 'c'])`, Result: `{"b":2}`,
		call: func(r *run, a []any) (any, error) { return r.pick(a[0], a[1:], false) },
	},
	{
		Signature: "unique(list: list)",
		Sentence:  "The entries, each only once, where it was first.",
		Example:   `unique([1, 'a', 1.0, 'a'])`, Result: `[1,"a"]`,
		call: func(r *run, a []any) (any, error) { return r.unique(a[0].([]any)) },
	},
	{
		Signature: "flatten(list: list)",
		Sentence:  "The entries, with those of the lists inside in their place.",
		Example:   `flatten([1, [2, [3]], []])`, Result: `[1,2,3]`,
		call: func(r *run, a []any) (any, error) { return r.flatten([]any{}, a[0].([]any), 0) },
	},
	{
		Signature: "contains(in: text|list|object|null, what: any)",
		Sentence:  "Whether the text has the part, the list an equal entry, the object the name; in null there is nothing. Also what in list.",
		Example:   `contains('abc', 'b') && 2 in [1, 2]`, Result: `true`,
		call: func(r *run, a []any) (any, error) { return r.contains(a[0], a[1]) },
	},
}

// names returns the members' names in their order.
func (r *run) names(object any) ([]string, error) {
	members, _ := object.(map[string]any)
	if err := r.spend(memberBytes * len(members)); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(members)), nil
}

func (r *run) pick(object any, names []any, keep bool) (any, error) {
	named := map[string]bool{}
	list, err := r.flatten(nil, names, 0)
	if err != nil {
		return nil, err
	}
	if err := r.spend(memberBytes * len(list)); err != nil {
		return nil, err
	}
	for _, name := range list {
		if s, ok := name.(string); ok {
			named[s] = true
		}
	}
	members, _ := object.(map[string]any)
	if err := r.spend(memberBytes * len(members)); err != nil {
		return nil, err
	}
	picked := map[string]any{}
	for name, v := range members {
		if named[name] == keep {
			picked[name] = v
		}
	}
	return picked, nil
}

// unique tells lists, objects and times apart by their JSON, for which equal values are written alike.
func (r *run) unique(list []any) (any, error) {
	seen := map[any]bool{}
	found := []any{}
	for _, v := range list {
		if err := r.spend(2 * memberBytes); err != nil {
			return nil, err
		}
		same := v
		if kind := kindOf(v); kind == "list" || kind == "object" || kind == "time" {
			written, err := r.json(v)
			if err != nil {
				return nil, err
			}
			same = [2]string{kind, written}
		}
		if !seen[same] {
			seen[same] = true
			found = append(found, v)
		}
	}
	return found, nil
}

func (r *run) flatten(to, list []any, depth int) ([]any, error) {
	if depth > MaxDepth {
		return nil, errTooDeep
	}
	if err := r.spend(4 * entryBytes * (1 + len(list))); err != nil {
		return nil, err
	}
	var err error
	for _, v := range list {
		inner, ok := v.([]any)
		if !ok {
			to = append(to, v)
		} else if to, err = r.flatten(to, inner, depth+1); err != nil {
			return nil, err
		}
	}
	return to, nil
}

func (r *run) contains(in, what any) (bool, error) {
	switch in := in.(type) {
	case string:
		part, err := r.text(what)
		if err != nil {
			return false, err
		}
		if err := r.spend(len(in)); err != nil {
			return false, err
		}
		return strings.Contains(in, part), nil
	case []any:
		for _, v := range in {
			if same, err := r.equal(v, what, 0); same || err != nil {
				return same, err
			}
		}
	case map[string]any:
		name, _ := what.(string)
		_, there := in[name]
		return there, nil
	}
	return false, nil
}
