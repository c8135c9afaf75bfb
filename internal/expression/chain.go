package expression

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// link is a chain up to one of its members.
type link struct {
	part
	members Members // what is known of its members
	path    string  // how the source calls it, "" once that is not known
	stops   bool    // a ?. may end the chain here
}

// chain compiles a name with its members, and records how deep it goes.
func (c *compiler) chain(n ast.Node) (part, error) {
	l, err := c.link(n)
	if err != nil {
		return part{}, err
	}
	c.use(l.path)
	if !l.stops {
		return l.part, nil
	}
	whole := l.part
	return c.fold(n.Location().From, func(r *run) (any, error) {
		v, err := whole.do(r)
		if errors.Is(err, errNullInChain) {
			return nil, nil
		}
		return v, err
	}, whole)
}

func (c *compiler) use(path string) {
	if path != "" {
		c.uses = append(c.uses, path)
	}
}

func (c *compiler) link(n ast.Node) (link, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.name(n)
	case *ast.ChainNode:
		return c.link(n.Node)
	case *ast.MemberNode:
		return c.member(n)
	default:
		p, err := c.node(n)
		return link{part: p}, err
	}
}

func (c *compiler) name(n *ast.IdentifierNode) (link, error) {
	name, offset := n.Value, n.Location().From
	members, declared := c.names.Values[name]
	if declared {
		do := func(r *run) (any, error) { return known(r.env.Values[name]) }
		return link{part: part{do: do}, members: members, path: name}, nil
	}
	if name == "null" {
		return link{part: constant(nil)}, nil
	}
	if f, ok := c.functions[calledName(name)]; ok {
		return link{}, at(offset, "“%s” is a function; write %s", f.Name(), f.Signature)
	}
	return link{}, at(offset, "%s", unknown("name", name, slices.Collect(maps.Keys(c.names.Values))))
}

func (c *compiler) member(n *ast.MemberNode) (link, error) {
	base, err := c.link(n.Node)
	if err != nil {
		return link{}, err
	}
	offset := n.Property.Location().From
	key, err := c.key(n.Property)
	if err != nil {
		return link{}, err
	}
	next := link{stops: base.stops || n.Optional}
	name, fixed := key.value.(string)
	if fixed && base.members != nil {
		members, there := base.members[name]
		if !there {
			return link{}, at(offset, "%s", unknown("member", name, slices.Collect(maps.Keys(base.members))))
		}
		next.members = members
	}
	if fixed && base.path != "" {
		next.path = base.path + step(name)
	} else {
		c.use(base.path)
	}
	what := base.path
	next.part, err = c.fold(offset, func(r *run) (any, error) {
		from, err := base.do(r)
		if err != nil {
			return nil, err
		}
		if from == nil && (n.Optional || base.stops && isChain(n.Node)) {
			return nil, errNullInChain
		}
		k, err := key.do(r)
		if err != nil {
			return nil, err
		}
		return r.member(what, from, k)
	}, base.part, key)
	return next, err
}

// key is what stands behind the dot or in the brackets. A member's name is no literal text.
func (c *compiler) key(n ast.Node) (part, error) {
	if name, ok := n.(*ast.StringNode); ok {
		return constant(name.Value), nil
	}
	return c.node(n)
}

// isChain tells whether the chain has ended in what the parser wrote: a?.b[0] goes on to be null where a is.
func isChain(n ast.Node) bool { _, ok := n.(*ast.ChainNode); return ok }

var word = regexp.MustCompile(`^[\pL_$][\pL\pN_$]*$`)

// step is a member as it stands behind its object.
func step(name string) string {
	if word.MatchString(name) {
		return "." + name
	}
	return fmt.Sprintf("[%q]", name)
}
