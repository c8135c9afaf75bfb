package definition

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/internal/connector/document"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// constant is a formula without expressions.
type constant struct{ value any }

func (c constant) Eval(expression.Env) (any, error) { return c.value, nil }
func (c constant) Uses() []string                   { return nil }
func (c constant) Texts() []string                  { return textsIn(c.value) }
func (c constant) String() string                   { return value.Text(c.value) }

// textsIn are the texts of a value, and of what it holds.
func textsIn(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var texts []string
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
		return texts
	case map[string]any:
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, textsIn(v[name])...)
		}
		return texts
	}
	return nil
}

// object and list hold formulas where a map is applied somewhere below them.
type object map[string]program.Formula

func (o object) Eval(env expression.Env) (any, error) {
	members := make(map[string]any, len(o))
	for name, f := range o {
		v, err := f.Eval(env)
		if err != nil {
			return nil, err
		}
		members[name] = v
	}
	return members, nil
}

func (o object) Uses() []string  { return usesOf(slices.Collect(maps.Values(o))...) }
func (o object) Texts() []string { return textsOf(slices.Collect(maps.Values(o))...) }

type list []program.Formula

func (l list) Eval(env expression.Env) (any, error) {
	items := make([]any, len(l))
	for i, f := range l {
		v, err := f.Eval(env)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return items, nil
}

func (l list) Uses() []string  { return usesOf(l...) }
func (l list) Texts() []string { return textsOf(l...) }

// textsOf are the literal texts of formulas that can tell them.
func textsOf(formulas ...program.Formula) []string {
	var texts []string
	for _, f := range formulas {
		if told, can := f.(interface{ Texts() []string }); can {
			texts = append(texts, told.Texts()...)
		}
	}
	return texts
}

func usesOf(formulas ...program.Formula) []string {
	var uses []string
	for _, f := range formulas {
		uses = append(uses, f.Uses()...)
	}
	slices.Sort(uses)
	return slices.Compact(uses)
}

// mapped applies one of the connector's maps to a value, or to each item of a list.
type mapped struct {
	shape program.Formula // sees the value as it
	of    program.Formula
	each  bool
}

const (
	maxItems   = 100_000   // of one list that maps are applied to, with the lists within it
	maxMade    = 128 << 20 // bytes of what they make of it
	maxApplied = 1_000     // how often a connector's maps are applied; a map within a map counts wherever the outer one stands
)

// left is what an evaluation may still do with maps.
type left struct {
	items int
	bytes int64
}

// leftOver is where it stands; no expression can name it.
const leftOver = " left"

func (m mapped) Eval(env expression.Env) (any, error) {
	v, err := m.of.Eval(env)
	if err != nil || v == nil {
		return nil, err
	}
	if !m.each {
		return m.apply(env, v)
	}
	items, is := v.([]any)
	if !is {
		return nil, fmt.Errorf("$each wants a list")
	}
	may, within := env.Values[leftOver].(*left)
	if !within {
		may = &left{maxItems, maxMade}
		env.Values = maps.Clone(env.Values)
		if env.Values == nil {
			env.Values = map[string]any{}
		}
		env.Values[leftOver] = may
	}
	if may.items -= len(items); may.items < 0 {
		return nil, fmt.Errorf("$each has more than %d items, with the lists within", maxItems)
	}
	out := make([]any, len(items))
	for i, item := range items {
		if out[i], err = m.apply(env, item); err != nil {
			return nil, err
		}
		if may.bytes -= value.Size(out[i], may.bytes); may.bytes < 0 {
			return nil, fmt.Errorf("$each makes more than %d MiB", maxMade>>20)
		}
	}
	return out, nil
}

func (m mapped) apply(env expression.Env, it any) (any, error) {
	values := maps.Clone(env.Values)
	if values == nil {
		values = map[string]any{}
	}
	values["it"] = it
	env.Values = values
	return m.shape.Eval(env)
}

func (m mapped) Uses() []string {
	inner := slices.DeleteFunc(m.shape.Uses(), func(use string) bool { return use == "it" || strings.HasPrefix(use, "it.") })
	return append(inner, m.of.Uses()...)
}

func (m mapped) Texts() []string { return textsOf(m.shape, m.of) }

// address is a path with expressions, whose values are escaped. A path that is one expression is taken as it is.
type address struct {
	parts []program.Formula
	plain []bool
}

func (a address) Eval(env expression.Env) (any, error) {
	var b strings.Builder
	for i, part := range a.parts {
		v, err := part.Eval(env)
		if err != nil {
			return nil, err
		}
		text, _ := v.(string)
		if !a.plain[i] {
			text = escapePath(v)
			if text == "" || text == "." || text == ".." {
				return nil, fmt.Errorf("a part of the path is %q", text)
			}
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (a address) Uses() []string { return usesOf(a.parts...) }

// String writes a path as it stands in the file.
func (a address) String() string {
	var b strings.Builder
	for _, part := range a.parts {
		fmt.Fprint(&b, part)
	}
	return b.String()
}

// Texts begins with how the address begins: with "" where that is an expression.
func (a address) Texts() []string {
	texts := textsOf(a.parts...)
	if len(a.plain) > 0 && !a.plain[0] {
		return append([]string{""}, texts...)
	}
	return texts
}

// formula compiles a value in whose texts expressions may stand.
func (c *compiler) formula(v any, path string, names expression.Names) program.Formula {
	if !hasMap(v) {
		return c.template(v, path, names)
	}
	switch v := v.(type) {
	case map[string]any:
		if name, is := v["$map"]; is {
			return c.mapping(name, v, path, names)
		}
		members := object{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			members[key] = c.formula(v[key], document.Join(path, key), names)
		}
		return members
	case []any:
		items := make(list, len(v))
		for i, item := range v {
			items[i] = c.formula(item, document.Join(path, i), names)
		}
		return items
	}
	return c.template(v, path, names)
}

func hasMap(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, is := v["$map"]; is {
			return true
		}
		for _, member := range v {
			if hasMap(member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasMap)
	}
	return false
}

// template compiles a value without maps; what is wrong with its expressions becomes findings.
func (c *compiler) template(v any, path string, names expression.Names) program.Formula {
	t, err := expression.CompileTemplate(v, names)
	if err != nil {
		c.wrong(err, path)
		return constant{}
	}
	if value, fixed := t.Constant(); fixed {
		return constant{value}
	}
	return t
}

func (c *compiler) mapping(name any, v map[string]any, path string, names expression.Names) program.Formula {
	for key := range v {
		if key != "$map" && key != "$value" && key != "$each" {
			c.object(WrongStep, document.Join(path, key), "%q does not go with $map; there are $value and $each.", key)
		}
	}
	text, _ := name.(string)
	raw, known := c.maps[text].(map[string]any)
	if !known {
		c.object(BadExpression, document.Join(path, "$map"), "There is no map %q; there are %s.", text, words(slices.Sorted(maps.Keys(c.maps))))
		return constant{}
	}
	if c.applied++; c.applied > maxApplied {
		if c.applied == maxApplied+1 {
			c.object(BadExpression, document.Join(path, "$map"), "Maps are applied more than %d times, counting those within maps.", maxApplied)
		}
		return constant{}
	}
	if slices.Contains(c.applying, text) {
		c.object(BadExpression, document.Join(path, "$map"), "The map %q uses itself.", text)
		return constant{}
	}
	c.applying = append(c.applying, text)
	shape := c.formula(raw, "/maps/"+text, names.With("it", expression.Anything))
	c.applying = c.applying[:len(c.applying)-1]
	of, each := v["$value"], false
	at := document.Join(path, "$value")
	if list, is := v["$each"]; is {
		of, each, at = list, true, document.Join(path, "$each")
	}
	return mapped{shape: shape, of: c.formula(of, at, names), each: each}
}

// address compiles a path.
func (c *compiler) address(text, path string, names expression.Names) program.Formula {
	parts, err := expression.Parts(text)
	if err != nil {
		c.wrong(err, path)
		return constant{}
	}
	if len(parts) <= 1 {
		return c.template(text, path, names)
	}
	var a address
	for _, part := range parts {
		a.parts = append(a.parts, c.template(part.Source, path, names))
		a.plain = append(a.plain, !part.Expression)
	}
	return a
}
