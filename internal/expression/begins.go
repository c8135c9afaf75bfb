package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Beginning is one way in which the text of a template may begin.
type Beginning struct {
	Text string // what stands there in any case
	Then string // the name with its members that goes on, "input.user.id"; Computed; "" where the text is whole
}

// Computed stands for what no single name brings.
const Computed = "?"

// mostBeginnings is how many are told apart: each ?: doubles them.
const mostBeginnings = 20

// Begins returns how the text that a template makes may begin, as far as its source tells: for those who ask where an
// address leads. It is nil for what does not compile.
func Begins(text string) []Beginning {
	pieces, err := scan(text)
	if err != nil {
		return nil
	}
	all := []Beginning{{}}
	for _, p := range pieces {
		if !p.expression {
			all = after(all, []Beginning{{Text: p.text}})
			continue
		}
		root, err := parse(p.text, language)
		if err != nil {
			return nil
		}
		all = after(all, begins(root, 0))
	}
	return all
}

// after puts what follows behind all beginnings that go on.
func after(all, follow []Beginning) []Beginning {
	var longer []Beginning
	for _, b := range all {
		if b.Then != "" {
			longer = append(longer, b)
			continue
		}
		for _, f := range follow {
			longer = append(longer, Beginning{b.Text + f.Text, f.Then})
		}
	}
	if len(longer) > mostBeginnings {
		return []Beginning{{Then: Computed}}
	}
	return longer
}

// passing are functions whose text begins as that of their first argument does, but for case and blanks; taking are those
// that give a part of it.
var (
	passing = []string{"string", "trim", "lower", "upper"}
	taking  = []string{"get", "first", "last"}
)

func begins(n ast.Node, depth int) []Beginning {
	if depth > MaxNodes {
		return []Beginning{{Then: Computed}}
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return []Beginning{{Text: n.Value}}
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		if name := named(n); name != "" {
			return []Beginning{{Then: name}}
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "+":
			return after(begins(n.Left, depth+1), begins(n.Right, depth+1))
		case "??":
			return either(begins(n.Left, depth+1), begins(n.Right, depth+1))
		}
	case *ast.ConditionalNode:
		return either(begins(n.Exp1, depth+1), begins(n.Exp2, depth+1))
	case *ast.CallNode:
		callee, is := n.Callee.(*ast.IdentifierNode)
		if !is || len(n.Arguments) == 0 {
			break
		}
		from := begins(n.Arguments[0], depth+1)
		switch name := calledName(callee.Value); {
		case slices.Contains(passing, name):
			return from
		case slices.Contains(taking, name):
			for i := range from {
				from[i].Text = ""
			}
			return from
		case name == "default" && len(n.Arguments) == 2:
			return either(from, begins(n.Arguments[1], depth+1))
		}
	}
	return []Beginning{{Then: Computed}}
}

func either(a, b []Beginning) []Beginning {
	if all := slices.Concat(a, b); len(all) <= mostBeginnings {
		return all
	}
	return []Beginning{{Then: Computed}}
}

// named is a name with its members as far as they are words, "" for what is no name.
func named(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return named(n.Node)
	case *ast.MemberNode:
		object := named(n.Node)
		member, isWord := n.Property.(*ast.StringNode)
		if object == "" || !isWord || strings.Contains(member.Value, ".") {
			return object
		}
		return object + "." + member.Value
	}
	return ""
}
