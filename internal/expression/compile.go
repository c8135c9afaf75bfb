package expression

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// part is a compiled piece of an expression. A constant one has its value already.
type part struct {
	do       func(*run) (any, error)
	constant bool
	value    any
}

func constant(v any) part {
	return part{do: func(*run) (any, error) { return v, nil }, constant: true, value: v}
}

// compiler turns one tree into parts. Its switch in node is the list of all that exists.
type compiler struct {
	names       Names
	functions   map[string]Function
	seen        map[any]bool
	run         *run // for the constant parts
	uses, texts []string
}

// foldedWork is how much a constant part may cost to be kept as its value: it shall not make a source of 4 KiB a
// value of 1 MiB that stays.
const foldedWork = 4 << 10

// errNullInChain ends a chain of ?. at its first null.
var errNullInChain = errors.New("null in a chain")

func (c *compiler) source(src string) (part, error) {
	c.functions = c.names.functions()
	root, err := parse(src, c.functions)
	if err != nil {
		return part{}, err
	}
	return c.node(root)
}

// functions are those of the language and the caller's, by name.
func (n Names) functions() map[string]Function {
	if len(n.Functions) == 0 {
		return language
	}
	all := maps.Clone(language)
	for _, f := range n.Functions {
		f.volatile = true // whether it always returns the same, only the caller knows
		all[f.Name()] = f
	}
	return all
}

func (c *compiler) node(n ast.Node) (part, error) {
	offset := n.Location().From
	if c.seen[n] {
		// The parser hands the middle of a < b < c to both comparisons; nested, such a tree grows beyond all bounds.
		return part{}, at(offset, "a comparison has two sides; write a < b && b < c")
	}
	c.seen[n] = true
	switch n := n.(type) {
	case *ast.NilNode:
		return constant(nil), nil
	case *ast.BoolNode:
		return constant(n.Value), nil
	case *ast.IntegerNode:
		return constant(integer(int64(n.Value))), nil
	case *ast.FloatNode:
		return constant(n.Value), nil
	case *ast.StringNode:
		if len(n.Value) > 0 {
			c.texts = append(c.texts, n.Value)
		}
		return constant(strings.ToValidUTF8(n.Value, "\uFFFD")), nil
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		return c.chain(n)
	case *ast.CallNode:
		return c.callNode(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.ArrayNode:
		return c.list(n)
	case *ast.MapNode:
		return c.object(n)
	case *ast.BuiltinNode:
		return part{}, at(offset, "%s(…) goes through a list, and there are no loops in an expression; a template's $each and a step's forEach do that", n.Name)
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		return part{}, at(offset, "an expression holds no variables and no second expression; compute parts of it in steps before")
	default: // bytes, predicates, pointers
		return part{}, at(offset, "this does not exist in an expression")
	}
}

// fold makes a part of what depends on others: computed at once if they are constant.
func (c *compiler) fold(offset int, do func(*run) (any, error), from ...part) (part, error) {
	placed := func(r *run) (any, error) {
		v, err := do(r)
		return v, located(offset, err)
	}
	for _, p := range from {
		if !p.constant {
			return part{do: placed}, nil
		}
	}
	before := c.run.work
	v, err := placed(c.run)
	if err != nil && !errors.Is(err, errNullInChain) {
		return part{}, err
	}
	if err != nil || c.run.work-before > foldedWork {
		return part{do: placed}, nil
	}
	return constant(v), nil
}

func (c *compiler) nodes(nodes []ast.Node) ([]part, error) {
	parts := make([]part, len(nodes))
	for i, n := range nodes {
		var err error
		if parts[i], err = c.node(n); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// callNode compiles f(a, b) and String.len(a). Nothing else can be called: values have no methods.
func (c *compiler) callNode(n *ast.CallNode) (part, error) {
	offset := n.Location().From
	name, err := c.callee(n.Callee)
	if err != nil {
		return part{}, err
	}
	f, ok := c.functions[name]
	if !ok {
		return part{}, at(offset, "%s", unknown("function", name, slices.Collect(maps.Keys(c.functions))))
	}
	args, err := c.nodes(n.Arguments)
	if err != nil {
		return part{}, err
	}
	return c.call(offset, f, args)
}

func (c *compiler) callee(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return calledName(n.Value), nil
	case *ast.MemberNode:
		object, isName := n.Node.(*ast.IdentifierNode)
		method, isWord := n.Property.(*ast.StringNode)
		if isName && isWord && !n.Optional {
			if _, declared := c.names.Values[object.Value]; !declared && c.isObject(object.Value) {
				return object.Value + "." + method.Value, nil
			}
		}
		if isWord {
			return "", at(n.Location().From, "values have no functions of their own; write %s(…) with the value inside", method.Value)
		}
	}
	return "", at(n.Location().From, "this is no function")
}

// isObject tells whether functions belong to an object of that name: String, Arrays.
func (c *compiler) isObject(name string) bool {
	for f := range c.functions {
		if strings.HasPrefix(f, name+".") {
			return true
		}
	}
	return false
}

func (c *compiler) call(offset int, f Function, args []part) (part, error) {
	params := f.parameters()
	least, most := arity(params)
	if len(args) < least || most >= 0 && len(args) > most {
		return part{}, at(offset, "%s has other arguments: %s", f.Name(), f.Signature)
	}
	from := args
	if f.volatile {
		from = append(slices.Clone(args), part{})
	}
	if i := f.pattern - 1; i >= 0 && i < len(args) && args[i].constant {
		if text, ok := args[i].value.(string); ok {
			p, err := newPattern(text)
			if err != nil {
				return part{}, at(offset, "%s: %v", f.Name(), err)
			}
			args = slices.Clone(args)
			args[i] = constant(p)
		}
	}
	return c.fold(offset, func(r *run) (any, error) {
		values := make([]any, len(args))
		for i, arg := range args {
			var err error
			if values[i], err = arg.do(r); err != nil {
				return nil, err
			}
		}
		return f.invoke(r, params, values)
	}, from...)
}

func (f Function) invoke(r *run, params []parameter, args []any) (any, error) {
	if err := accept(params, args); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	call := f.call
	if call == nil {
		call = func(_ *run, args []any) (any, error) { return f.Call(args) }
	}
	v, err := call(r, args)
	if err == nil {
		v, err = known(v)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return v, nil
}

func (c *compiler) unary(n *ast.UnaryNode) (part, error) {
	inner, err := c.node(n.Node)
	if err != nil {
		return part{}, err
	}
	return c.fold(n.Location().From, func(r *run) (any, error) {
		v, err := inner.do(r)
		if err != nil {
			return nil, err
		}
		if n.Operator == "!" || n.Operator == "not" {
			yes, err := truth(n.Operator, v)
			return !yes, err
		}
		if kindOf(v) != "number" {
			return nil, fmt.Errorf("“%s” needs a number, not %s", n.Operator, someKind(kindOf(v)))
		}
		if n.Operator == "-" {
			return arithmetic("-", 0.0, v)
		}
		return v, nil
	}, inner)
}

func (c *compiler) binary(n *ast.BinaryNode) (part, error) {
	offset := n.Location().From
	sides, err := c.nodes([]ast.Node{n.Left, n.Right})
	if err != nil {
		return part{}, err
	}
	left, right := sides[0], sides[1]
	switch n.Operator {
	case "matches", "contains", "startsWith", "endsWith":
		return c.call(offset, language[n.Operator], sides)
	case "in":
		return c.call(offset, language["contains"], []part{right, left})
	case "..":
		return part{}, at(offset, "there are no ranges in an expression")
	case "??":
		return c.fold(offset, func(r *run) (any, error) {
			if v, err := left.do(r); v != nil || err != nil {
				return v, err
			}
			return right.do(r)
		}, sides...)
	case "&&", "and", "||", "or":
		return c.fold(offset, func(r *run) (any, error) {
			v, err := left.do(r)
			if err != nil {
				return nil, err
			}
			first, err := truth(n.Operator, v)
			if err != nil || first == (n.Operator == "||" || n.Operator == "or") {
				return first, err
			}
			if v, err = right.do(r); err != nil {
				return nil, err
			}
			return truth(n.Operator, v)
		}, sides...)
	}
	return c.fold(offset, func(r *run) (any, error) {
		a, err := left.do(r)
		if err != nil {
			return nil, err
		}
		b, err := right.do(r)
		if err != nil {
			return nil, err
		}
		return r.operate(n.Operator, a, b)
	}, sides...)
}

// conditional compiles a ? b : c, and a ?: b, which the parser writes as a ? a : b.
func (c *compiler) conditional(n *ast.ConditionalNode) (part, error) {
	offset := n.Cond.Location().From
	condition, err := c.node(n.Cond)
	if err != nil {
		return part{}, err
	}
	if n.Exp1 == n.Cond {
		otherwise, err := c.node(n.Exp2)
		if err != nil {
			return part{}, err
		}
		return c.fold(offset, func(r *run) (any, error) {
			v, err := condition.do(r)
			if err == nil && (v == nil || v == "" || v == false) {
				return otherwise.do(r)
			}
			return v, err
		}, condition, otherwise)
	}
	ways, err := c.nodes([]ast.Node{n.Exp1, n.Exp2})
	if err != nil {
		return part{}, err
	}
	return c.fold(offset, func(r *run) (any, error) {
		v, err := condition.do(r)
		if err != nil {
			return nil, err
		}
		yes, err := truth("?", v)
		switch {
		case err != nil:
			return nil, err
		case yes:
			return ways[0].do(r)
		default:
			return ways[1].do(r)
		}
	}, condition, ways[0], ways[1])
}

// slice compiles a[from:to] of a list or a text.
func (c *compiler) slice(n *ast.SliceNode) (part, error) {
	nodes := []ast.Node{n.Node, &ast.NilNode{}, &ast.NilNode{}}
	if n.From != nil {
		nodes[1] = n.From
	}
	if n.To != nil {
		nodes[2] = n.To
	}
	parts, err := c.nodes(nodes)
	if err != nil {
		return part{}, err
	}
	return c.call(n.Location().From, Function{
		Signature: "[from:to](list: list|text, from: number|null, to: number|null)",
		call:      func(r *run, a []any) (any, error) { return r.cut(a[0], a[1], a[2]) },
	}, parts)
}

func (c *compiler) list(n *ast.ArrayNode) (part, error) {
	parts, err := c.nodes(n.Nodes)
	if err != nil {
		return part{}, err
	}
	return c.fold(n.Location().From, func(r *run) (any, error) {
		if err := r.spend(entryBytes * len(parts)); err != nil {
			return nil, err
		}
		list := make([]any, len(parts))
		for i, p := range parts {
			var err error
			if list[i], err = p.do(r); err != nil {
				return nil, err
			}
		}
		return list, nil
	}, parts...)
}

func (c *compiler) object(n *ast.MapNode) (part, error) {
	var keys, values []part
	for _, node := range n.Pairs {
		pair, _ := node.(*ast.PairNode)
		both, err := c.nodes([]ast.Node{pair.Key, pair.Value})
		if err != nil {
			return part{}, err
		}
		keys, values = append(keys, both[0]), append(values, both[1])
	}
	return c.fold(n.Location().From, func(r *run) (any, error) {
		if err := r.spend(memberBytes * len(keys)); err != nil {
			return nil, err
		}
		object := make(map[string]any, len(keys))
		for i := range keys {
			k, err := keys[i].do(r)
			if err != nil {
				return nil, err
			}
			key, ok := k.(string)
			if !ok {
				return nil, fmt.Errorf("a key must be a text, not %s", someKind(kindOf(k)))
			}
			if object[key], err = values[i].do(r); err != nil {
				return nil, err
			}
		}
		return object, nil
	}, append(keys, values...)...)
}
