package engine

import (
	"maps"
	"slices"
	"strings"

	"slipway/internal/connector/value"
)

// objectCards make objects and take them apart.
var objectCards = []Card{
	{"object/construct", "Construct", "…", "output", "names are paths: errors.0.code makes objects and lists in each other", constructObject},
	{"object/expand", "Take apart", "object", "one for each path", "made by the editor when a part of an object is dragged out", expand},
	{"object/get", "Get", "object, path", "output", "a member of exactly that name comes before a path", getPath},
	{"object/pick", "Get Multiple", "object", "one for each path", "", pick},
	{"object/set", "Set", "object, path, value", "output", "", setPath},
	{"object/merge", "Merge", "start, sink", "output", "the sink wins", merge},
	{"object/move", "Move", "object, source, destination", "output", "", movePath},
	{"object/keys", "Keys", "object", "keys", "", objectKeys},
	{"object/values", "Values", "object", "values", "", objectValues},
	{"object/clearEmpty", "Clear Empty", "object, recursive", "output", "without members that are nothing, \"\", [] or {}", clearEmpty},
}

func constructObject(c *call) (Values, error) {
	var object any = map[string]any{}
	for _, in := range c.custom() {
		if !strings.Contains(in.key.Name, ".") {
			if members, is := object.(map[string]any); is {
				members[in.key.Name] = in.value
				continue
			}
		}
		changed, err := value.Set(object, in.key.Name, in.value)
		if err != nil {
			return nil, fail(Unfit, "%s: %s", in.key, sentence(err.Error()))
		}
		object = changed
	}
	return output(object)
}

// expand gives what lies at the path of each output.
func expand(c *call) (Values, error) {
	object := c.get("object")
	gave := Values{}
	for _, out := range c.node.Out {
		if out.Key.Name == "key" {
			gave[out.Key] = textList(out.Path)
			continue
		}
		v := object
		for _, part := range out.Path {
			v = value.Member(v, part)
		}
		gave[out.Key] = v
	}
	return gave, nil
}

func textList(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

func getPath(c *call) (Values, error) { return output(value.Get(c.get("object"), c.text("path"))) }

func pick(c *call) (Values, error) {
	object := c.get("object")
	gave := Values{}
	for _, out := range c.node.Out {
		gave[out.Key] = value.Get(object, out.Key.Name)
	}
	return gave, nil
}

func setPath(c *call) (Values, error) {
	object := any(c.object("object"))
	path := c.text("path")
	if members := object.(map[string]any); hasMember(members, path) {
		changed := maps.Clone(members)
		changed[path] = c.get("value")
		return output(changed)
	}
	changed, err := value.Set(object, path, c.get("value"))
	if err != nil {
		return nil, err
	}
	return output(changed)
}

func hasMember(object map[string]any, name string) bool {
	_, has := object[name]
	return has
}

func merge(c *call) (Values, error) {
	merged := maps.Clone(c.object("start"))
	maps.Copy(merged, c.object("sink"))
	return output(merged)
}

func movePath(c *call) (Values, error) {
	object, from := c.object("object"), c.text("source")
	moved := value.Get(object, from)
	changed, err := value.Set(without(object, strings.Split(from, ".")), c.text("destination"), moved)
	if err != nil {
		return nil, err
	}
	return output(changed)
}

// without is v without what lies at the path; what is on the way is copied.
func without(v any, path []string) any {
	object, is := v.(map[string]any)
	if !is || len(path) == 0 {
		return v
	}
	changed := maps.Clone(object)
	if len(path) == 1 {
		delete(changed, path[0])
		return changed
	}
	if _, has := changed[path[0]]; has {
		changed[path[0]] = without(changed[path[0]], path[1:])
	}
	return changed
}

func objectKeys(c *call) (Values, error) {
	return one("keys", textList(slices.Sorted(maps.Keys(c.object("object"))))), nil
}

func objectValues(c *call) (Values, error) {
	object := c.object("object")
	list := make([]any, 0, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		list = append(list, object[key])
	}
	return one("values", list), nil
}

func clearEmpty(c *call) (Values, error) {
	return output(withoutEmpty(c.object("object"), c.truth("recursive")))
}

func withoutEmpty(object map[string]any, deep bool) map[string]any {
	kept := map[string]any{}
	for key, member := range object {
		if inner, is := member.(map[string]any); is && deep {
			member = withoutEmpty(inner, deep)
		}
		if !value.Empty(member) {
			kept[key] = member
		}
	}
	return kept
}
