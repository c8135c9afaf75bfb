package expression

// Template is a value as YAML and JSON know it, in whose texts ${ … } stands for a value. Alone in its text it gives
// the value as it is, with its type; inside other text it is written as text: null is nothing, a time is RFC 3339 in
// UTC, a list or an object is JSON. $${ writes ${ itself. Keys of objects hold no expressions.
//
// A Template may be evaluated by several goroutines at once.
type Template struct{}

// CompileTemplate reads v with the names in scope. Its error is an Errors: all that is wrong, each with its path.
func CompileTemplate(v any, names Names) (*Template, error) { return &Template{}, nil }

// Eval computes the value; see Expression.Eval. Parts of the template without an expression are not copied: the result
// must not be changed. All its expressions together have the MaxWork of one evaluation.
func (t *Template) Eval(env Env) (any, error) { return nil, nil }

// Uses returns the declared names and members that the template reads; see Expression.Uses.
func (t *Template) Uses() []string { return nil }

// Texts returns the literal texts: those around the expressions, and those inside; see Expression.Texts.
func (t *Template) Texts() []string { return nil }

// Constant returns the value of a template that holds no expression but constant ones.
func (t *Template) Constant() (value any, ok bool) { return nil, false }
