package scaffold

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// collection is a path that lists resources, and what hangs on it.
type collection struct {
	noun                               string
	path                               string
	list, create, get, update, replace *operation
	remove                             *operation
	below                              []*operation // of one resource, deeper
	parameter                          string       // of the path of one resource
}

// segments of a path. A parameter begins with a brace.
func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

func isParameter(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") && strings.Count(segment, "{") == 1
}

// collection finds the one that one of the nouns names, the first noun first; nil for none.
func (s *spec) collection(nouns []string, not string) *collection {
	var best *collection
	rank := len(nouns)
	for _, o := range s.operations {
		all := segments(o.path)
		i := slices.Index(nouns, plain(all[len(all)-1]))
		if i < 0 || i > rank || o.path == not || strings.Contains(o.path, "{") || o.Deprecated || o.method != "GET" && o.method != "POST" {
			continue
		}
		if i < rank || best == nil || len(o.path) < len(best.path) {
			best, rank = &collection{noun: all[len(all)-1], path: o.path}, i
		}
	}
	if best == nil {
		return nil
	}
	for _, o := range s.operations {
		best.put(o)
	}
	if best.list == nil && best.get == nil {
		return nil
	}
	return best
}

// put finds the place of an operation in the collection.
func (c *collection) put(o *operation) {
	rest, under := strings.CutPrefix(o.path, c.path)
	if !under || o.Deprecated || len(o.demands()) > 0 {
		return
	}
	rest = strings.TrimSuffix(rest, "/")
	all := segments(rest)
	switch {
	case rest == "" && o.method == "GET":
		c.list = o
	case rest == "" && o.method == "POST":
		c.create = o
	case rest == "" || !strings.HasPrefix(rest, "/") || !isParameter(all[0]):
		if len(all) == 2 && isParameter(all[1]) && strings.HasPrefix(rest, "/") {
			c.below = append(c.below, o) // as in /users/by-email/{email}
		}
	case len(all) == 1:
		c.parameter = strings.Trim(all[0], "{}")
		switch o.method {
		case "GET":
			c.get = o
		case "PATCH":
			c.update = o
		case "PUT":
			c.replace = o
		case "DELETE":
			c.remove = o
		}
	default:
		c.below = append(c.below, o)
	}
}

// change is the operation that changes a resource: in part where there is one.
func (c *collection) change() *operation {
	if c.update != nil {
		return c.update
	}
	return c.replace
}

// sub finds an operation of one resource by what stands behind its parameter: words in small letters, * for a parameter.
func (c *collection) sub(methods string, shapes ...string) *operation {
	for _, shape := range shapes {
		for _, method := range strings.Fields(methods) {
			for _, o := range c.below {
				all := segments(strings.TrimPrefix(o.path, c.path))
				if o.method == method && isParameter(all[0]) && shapeOf(all[1:]) == shape {
					return o
				}
			}
		}
	}
	return nil
}

func shapeOf(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		if out[i] = plain(s); isParameter(s) {
			out[i] = "*"
		}
	}
	return strings.Join(out, "/")
}

// pathOf writes the path of an operation, with an expression for each parameter, in their order.
func pathOf(path string, expressions ...string) string {
	var b strings.Builder
	for path != "" {
		at := variable.FindStringIndex(path)
		if at == nil || len(expressions) == 0 {
			break
		}
		b.WriteString(safePath(path[:at[0]]) + expr("%s", expressions[0]))
		path, expressions = path[at[1]:], expressions[1:]
	}
	return b.String() + safePath(path)
}

// lookup is the parameter by which the API looks users up, "" for none.
func (c *collection) lookup() string {
	if c.list != nil {
		if p := c.list.query(lookups...); p != nil {
			return p.Name
		}
	}
	return ""
}

// userSchema is what the API calls a user: as one is read, else as one is listed, else as one is made.
func (c *collection) schema(names ...string) (s *openapi3.Schema, within string) {
	if c.get != nil {
		if s, _ := c.get.answer(); s != nil {
			return wrapped(s, names...)
		}
	}
	if c.list != nil {
		if s, _ := c.list.answer(); s != nil {
			if item, _, ok := listed(s); ok {
				return item, ""
			}
		}
	}
	if c.create != nil {
		if s, _ := c.create.answer(); s != nil {
			return wrapped(s, names...)
		}
	}
	return nil, ""
}
