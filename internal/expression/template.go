package expression

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Template is a value as YAML and JSON know it, in whose texts ${ … } stands for a value. Alone in its text it gives
// the value as it is, with its type; inside other text it is written as text: null is nothing, a time is RFC 3339 in
// UTC, a list or an object is JSON. $${ writes ${ itself. Keys of objects hold no expressions.
//
// A Template may be evaluated by several goroutines at once.
type Template struct {
	root        part
	source      string // of a template that is one text
	uses, texts []string
}

// CompileTemplate reads v with the names in scope. Its error is an Errors: all that is wrong, each with its path.
func CompileTemplate(v any, names Names) (*Template, error) {
	c := &templateCompiler{names: names, template: &Template{}}
	c.template.source, _ = v.(string)
	c.template.root = c.value("", v, 0)
	if c.errors != nil {
		return nil, c.errors
	}
	c.template.uses = sorted(c.template.uses)
	return c.template, nil
}

// Eval computes the value; see Expression.Eval. Parts of the template without an expression are not copied: the result
// must not be changed. All its expressions together have the MaxWork of one evaluation.
func (t *Template) Eval(env Env) (any, error) {
	v, err := t.root.do(&run{env: env})
	if err != nil {
		return nil, located(0, err)
	}
	return v, nil
}

// Uses returns the declared names and members that the template reads; see Expression.Uses.
func (t *Template) Uses() []string { return slices.Clone(t.uses) }

// Texts returns the literal texts: those around the expressions, and those inside; see Expression.Texts.
func (t *Template) Texts() []string { return slices.Clone(t.texts) }

// String returns the text that the template was made of, "" for lists and objects.
func (t *Template) String() string { return t.source }

// Constant returns the value of a template that holds no expression but constant ones.
func (t *Template) Constant() (value any, ok bool) { return t.root.value, t.root.constant }

type templateCompiler struct {
	names    Names
	template *Template
	errors   Errors
}

func (c *templateCompiler) refuse(path string, e *Error) part {
	located := *e
	located.Path = path
	c.errors = append(c.errors, &located)
	return constant(nil)
}

func (c *templateCompiler) value(path string, v any, depth int) part {
	if depth > MaxDepth {
		return c.refuse(path, at(0, "%v", errTooDeep))
	}
	switch v := v.(type) {
	case string:
		return c.text(path, v)
	case []any:
		return c.list(path, v, depth)
	case map[string]any:
		return c.object(path, v, depth)
	}
	v, err := known(v)
	if err != nil {
		return c.refuse(path, at(0, "%v", err))
	}
	return constant(v)
}

func (c *templateCompiler) list(path string, list []any, depth int) part {
	parts := make([]part, len(list))
	for i, v := range list {
		parts[i] = c.value(path+"/"+strconv.Itoa(i), v, depth+1)
	}
	return whenNeeded(parts, func(r *run) (any, error) {
		if err := r.spend(entryBytes * len(parts)); err != nil {
			return nil, err
		}
		made := make([]any, len(parts))
		for i, p := range parts {
			var err error
			if made[i], err = p.do(r); err != nil {
				return nil, err
			}
		}
		return made, nil
	})
}

var pointer = strings.NewReplacer("~", "~0", "/", "~1") // RFC 6901 §4

func (c *templateCompiler) object(path string, object map[string]any, depth int) part {
	names := slices.Sorted(maps.Keys(object))
	parts := make([]part, len(names))
	for i, name := range names {
		inside := path + "/" + pointer.Replace(name)
		parts[i] = c.value(inside, object[name], depth+1)
		if strings.Contains(name, "${") {
			c.refuse(inside, at(0, "a key holds no expression; only values do"))
		}
	}
	return whenNeeded(parts, func(r *run) (any, error) {
		if err := r.spend(memberBytes * len(parts)); err != nil {
			return nil, err
		}
		made := make(map[string]any, len(parts))
		for i, p := range parts {
			v, err := p.do(r)
			if err != nil {
				return nil, err
			}
			made[names[i]] = v
		}
		return made, nil
	})
}

// whenNeeded makes a part that is computed once where all it depends on is constant.
func whenNeeded(from []part, do func(*run) (any, error)) part {
	for _, p := range from {
		if !p.constant {
			return part{do: do}
		}
	}
	v, err := do(&run{})
	if err != nil {
		return part{do: do}
	}
	return constant(v)
}

func (c *templateCompiler) text(path, text string) part {
	pieces, err := scan(text)
	if err != nil {
		return c.refuse(path, err)
	}
	parts := make([]part, len(pieces))
	for i, piece := range pieces {
		if !piece.expression {
			parts[i] = constant(strings.ToValidUTF8(piece.text, "\uFFFD"))
			c.template.texts = append(c.template.texts, piece.text)
			continue
		}
		parts[i] = c.expression(path, piece)
	}
	switch len(parts) {
	case 0:
		return constant("")
	case 1:
		return parts[0]
	}
	return whenNeeded(parts, func(r *run) (any, error) {
		made, err := r.interpolate(parts)
		return made, placed(path, 0, err)
	})
}

// expression compiles a piece; its errors are at their place in the whole text.
func (c *templateCompiler) expression(path string, p piece) part {
	e, err := Compile(p.text, c.names)
	if err != nil {
		problem, _ := errors.AsType[*Error](err)
		return c.refuse(path, at(p.offset+problem.Offset, "%s", problem.Sentence))
	}
	c.template.uses = append(c.template.uses, e.uses...)
	c.template.texts = append(c.template.texts, e.texts...)
	if e.root.constant {
		return e.root
	}
	return part{do: func(r *run) (any, error) {
		v, err := e.eval(r)
		return v, placed(path, p.offset, err)
	}}
}

// placed moves an error to its place in a template.
func placed(path string, offset int, err error) error {
	inside, ok := errors.AsType[*Error](located(0, err))
	if !ok || inside.Path != "" {
		return err
	}
	moved := *inside
	moved.Path, moved.Offset = path, moved.Offset+offset
	return &moved
}

func (r *run) interpolate(parts []part) (any, error) {
	texts := make([]any, len(parts))
	for i, p := range parts {
		var err error
		if texts[i], err = p.do(r); err != nil {
			return nil, err
		}
	}
	return r.join(texts, "")
}
