package outline

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/connector/credential"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Lengths of what is shown, in bytes.
const (
	shortText = 60
	longText  = 160
)

// branch is the cards of one side of an if, or those on none: the trunk.
type branch struct {
	parent *branch
	depth  int
	value  bool
	cards  []int
}

// view is a scope as it is shown: which branch each card lies on, and what is known by which name.
type view struct {
	outer    *view         // of an inline flow
	holder   *program.Node // the card that it lies in
	scope    *program.Scope
	trunk    *branch
	on       []*branch         // by card
	branches map[int][]*branch // of an if, that which holds first
	titles   map[string]int    // how many cards of the flow bear each
	numbers  map[int]int
}

func newView(outer *view, holder *program.Node, s *program.Scope) *view {
	v := &view{outer: outer, holder: holder, scope: s, trunk: &branch{}, on: make([]*branch, len(s.Nodes)), branches: map[int][]*branch{}, numbers: map[int]int{}}
	if outer != nil {
		v.titles = outer.titles
	} else {
		v.titles = map[string]int{}
		v.count(s)
	}
	for i, n := range s.Nodes {
		v.on[i] = v.common(n)
		if n.Branch != nil {
			v.on[i] = v.side(n.Branch)
		}
		v.on[i].cards = append(v.on[i].cards, i)
	}
	return v
}

func (v *view) count(s *program.Scope) {
	for _, n := range s.Nodes {
		if !v.silent(n) {
			v.titles[n.Title]++
		}
		for _, sub := range n.Sub {
			v.count(sub.Scope)
		}
	}
}

// side is one side of an if, which it begins where it is new.
func (v *view) side(of *program.Branch) *branch {
	for _, b := range v.branches[of.If] {
		if b.value == of.Value {
			return b
		}
	}
	around := v.on[of.If]
	b := &branch{parent: around, depth: around.depth + 1, value: of.Value}
	v.branches[of.If] = append(v.branches[of.If], b)
	slices.SortFunc(v.branches[of.If], func(a, b *branch) int {
		if a.value {
			return -1
		}
		return 1
	})
	return b
}

// common is the branch that all cards before n lie on: where branches join, the one around them.
func (v *view) common(n *program.Node) *branch {
	before := n.After
	if len(before) == 0 { // the editor's own cards may have wires alone
		for _, in := range n.In {
			for _, w := range in.Wires {
				before = append(before, w.Node)
			}
		}
	}
	var common *branch
	for _, b := range before {
		on := v.on[b]
		if common == nil {
			common = on
		}
		for on != common {
			if on.depth >= common.depth {
				on = on.parent
			} else {
				common = common.parent
			}
		}
	}
	if common == nil {
		return v.trunk
	}
	return common
}

// silent are the cards that the editor makes: what they do is shown where it is used.
func (v *view) silent(n *program.Node) bool {
	switch n.Op {
	case "object/expand":
		return n.Hidden
	case "control/noop":
		return n.Hidden || n.Branch != nil
	case "control/callable": // an inline flow's
		return v.outer != nil
	}
	return false
}

func (v *view) title(n *program.Node) string { return oneLine(n.Title, shortText) }

// name is how a card is referred to: by its title, and its number where the title is not the only one.
func (v *view) name(i int) string {
	n := v.scope.Nodes[i]
	if v.titles[n.Title] > 1 {
		return fmt.Sprintf("%s #%d", v.title(n), v.numbers[i])
	}
	return v.title(n)
}

// source is where a wire comes from, as people call it.
func (v *view) source(w program.Wire, steps int) string {
	n := v.scope.Nodes[w.Node]
	if v.outer != nil && n.Op == "control/callable" && w.From.Group == "context" {
		return v.outside(w.From, steps)
	}
	if n.Op == "object/expand" && n.Hidden {
		return v.part(n, w.From, steps)
	}
	out := label("", w.From)
	for _, in := range n.In { // what is mirrored bears its label at the input
		if in.Key == w.From && in.Label != "" {
			out = in.Label
		}
	}
	if w.From.Group == "auth" {
		out = "connection"
	}
	return v.name(w.Node) + "." + oneLine(out, shortText)
}

// outside is what the card around an inline flow brings to it.
func (v *view) outside(k program.Key, steps int) string {
	for i := range v.holder.In {
		in := &v.holder.In[i]
		if in.Key != k {
			continue
		}
		if len(in.Wires) > 0 {
			return v.outer.traced(in, steps+1)
		}
		return constant(in)
	}
	return k.Name // "error", "index": given by the card itself
}

// part is a member of an object that the editor takes apart by a card of its own.
func (v *view) part(n *program.Node, k program.Key, steps int) string {
	object := "?"
	for i := range n.In {
		if len(n.In[i].Wires) > 0 {
			object = v.traced(&n.In[i], steps+1)
		}
	}
	for _, out := range n.Out {
		if out.Key == k && k.Name != "key" {
			return object + "." + oneLine(strings.Join(out.Path, "."), shortText)
		}
	}
	return "the path of " + object
}

// Wires are followed through cards of the editor's own. People have a few in a row; a file may have thousands.
const (
	mostSteps   = 6
	mostSources = 3
)

func (v *view) sources(in *program.Input) string { return v.traced(in, 0) }

func (v *view) traced(in *program.Input, steps int) string {
	if steps > mostSteps {
		return "…"
	}
	var all []string
	for i, w := range in.Wires {
		if i == mostSources {
			all = append(all, "others")
			break
		}
		text := v.source(w, steps)
		if w.Convert != "" && w.Convert != "wrapArray" {
			text = oneLine(w.Convert, shortText) + "(" + text + ")"
		}
		if w.Wrap || w.Convert == "wrapArray" {
			text = "[" + text + "]"
		}
		all = append(all, text)
	}
	return strings.Join(all, " or ")
}

// input is the line of one input, "" where there is nothing to say.
func (v *view) input(n *program.Node, in *program.Input) string {
	to := oneLine(label(in.Label, in.Key), shortText)
	switch {
	case in.Key.Group == "context" || in.Flow != "" || n.Scope(in.Key.String()) != nil || operands(n) && slices.Contains(operand, in.Key.Name):
		return ""
	case in.Key.Name == textKey:
		return v.composed(n, in) + " → text"
	case composes(n) && in.Key.Group == "": // stands in the text
		return ""
	case n.Op == "control/join":
		return v.joined(n, in)
	case in.Type == value.Flow:
		return "no flow is chosen"
	case len(in.Wires) > 0:
		return v.sources(in) + " → " + to
	case in.Formula != nil:
		return formula(in.Formula) + " → " + to
	case in.Item != nil && in.Item.Dynamic && in.Item.Path == "":
		return "each item → " + to
	case in.Item != nil && in.Item.Dynamic:
		return "each item's " + oneLine(in.Item.Path, shortText) + " → " + to
	case n.Op == "control/callable" || empty(in.Const):
		return ""
	}
	return constant(in) + " → " + to
}

func formula(f program.Formula) string {
	if known, is := f.(fmt.Stringer); is && known.String() != "" {
		return oneLine(credential.Mask(known.String()), longText)
	}
	uses := slices.Compact(slices.Sorted(slices.Values(f.Uses())))
	if len(uses) == 0 {
		return "a constant"
	}
	return "from " + oneLine(strings.Join(uses, ", "), longText)
}

// empty are constants that nobody has typed in.
func empty(v any) bool { return v == nil || v == "" || value.Empty(v) }

func constant(in *program.Input) string {
	if in.Type == value.Secret || credential.Named(in.Key.Name) || credential.Named(in.Label) {
		if text, is := in.Const.(string); !is || !strings.Contains(text, "{{{") {
			return `"•••"`
		}
	}
	return oneLine(credential.Mask(string(value.Encode(masked(in.Const)))), longText)
}

// masked hides members that are named as secrets, and what looks like one.
func masked(v any) any {
	switch v := v.(type) {
	case string:
		return credential.Mask(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = masked(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			if text, is := member.(string); is && text != "" && credential.Named(name) {
				member = "•••"
			}
			object[name] = masked(member)
		}
		return object
	}
	return v
}

// subTitle says when an inline flow runs.
func (v *view) subTitle(n *program.Node, sub program.Sub) string {
	switch {
	case n.Op == "control/tryCatch" && sub.Name == "flo":
		return "try"
	case sub.Name == "catch":
		return "after an error"
	case n.Op == "control/branch":
		return v.condition(n, strings.TrimSuffix(sub.Name, ".flo"))
	}
	return oneLine(sub.Name, shortText)
}

// operand are the inputs of a comparison.
var operand = []string{"left-operand", "operator", "right-operand"}

// operands reports whether the card compares, which is then said beside its title.
func operands(n *program.Node) bool {
	return slices.ContainsFunc(n.In, func(in program.Input) bool { return in.Key.Name == operand[0] })
}

// asks is what a card compares: " when Get.output is not empty".
func (v *view) asks(n *program.Node) string {
	if !operands(n) || n.Op == "control/branch" {
		return ""
	}
	return ": " + v.comparison(n, "")
}

func (v *view) comparison(n *program.Node, group string) string {
	said := make([]string, len(operand))
	for i := range n.In {
		in := &n.In[i]
		at := slices.Index(operand, in.Key.Name)
		switch {
		case in.Key.Group != group || at < 0:
		case len(in.Wires) > 0:
			said[at] = v.sources(in)
		case at == 1:
			said[at] = oneLine(value.Text(in.Const), shortText)
		default:
			said[at] = constant(in)
		}
	}
	if strings.Contains(said[1], "empty") {
		said[2] = ""
	}
	return strings.TrimSpace(strings.Join(said, " "))
}

// condition is what a group of an If/ElseIf asks.
func (v *view) condition(n *program.Node, group string) string {
	if asked := v.comparison(n, group); asked != "" {
		return "if " + asked
	}
	return "else"
}

// textKey is the input that holds a text with placeholders.
const textKey = "_text_"

func composes(n *program.Node) bool {
	return slices.ContainsFunc(n.In, func(in program.Input) bool { return in.Key.Name == textKey })
}

var placeholder = regexp.MustCompile(`\{\{\{([^{}]*)\}\}\}`)

// composed is a text with its placeholders named by what they stand for: "Bearer {Parse.output.access_token}".
func (v *view) composed(n *program.Node, in *program.Input) string {
	if len(in.Wires) > 0 {
		return v.sources(in)
	}
	filled := map[string]string{}
	for i := range n.In {
		if from := &n.In[i]; len(from.Wires) > 0 {
			filled[from.Key.Name] = "{" + v.sources(from) + "}"
		} else if from.Key.Name != textKey {
			filled[from.Key.Name] = "{" + constant(from) + "}"
		}
	}
	text := oneLine(credential.Mask(value.Text(in.Const)), 2*longText)
	return "`" + oneLine(placeholder.ReplaceAllStringFunc(text, func(m string) string {
		if known, has := filled[strings.Trim(m, "{}")]; has {
			return known
		}
		return m
	}), 3*longText) + "`"
}

// joined says what a join brings from whichever branch ran, by the name that it has from then on.
func (v *view) joined(n *program.Node, in *program.Input) string {
	to := in.Key
	for out, from := range n.Joins {
		if from == in.Key {
			to = out
		}
	}
	if len(in.Wires) == 0 {
		return ""
	}
	return v.sources(in) + " → " + oneLine(label("", to), shortText)
}

func label(said string, k program.Key) string {
	if said != "" {
		return said
	}
	if k.Group == "" || k.Group == "Inputs" || k.Group == "Outputs" || k.Group == "Options" {
		return k.Name
	}
	return k.String()
}

func quote(text string) string { return strconv.Quote(oneLine(text, longText)) }

// oneLine is a text on one line, shortened, without what would steer a terminal.
func oneLine(text string, shown int) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	return value.Shorten(text, shown)
}
