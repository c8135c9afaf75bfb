package flopack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// builder makes one flow of what the file says, and checks it on the way.
type builder struct {
	file   *File
	flow   *program.Flow
	fields map[string]bool // ids of fields, which are unique in a flow
	root   *card           // the first card of the outermost scope
	inputs map[*field]int  // where the input of a field stands in its node
}

func (b *builder) object(r program.Rule, c *card, format string, args ...any) {
	b.file.Findings.Add(r, b.src(c), format, args...)
}

func (b *builder) src(c *card) program.Src {
	src := b.flow.Src
	if c != nil {
		src.Card = fmt.Sprintf("%q (%s)", c.title(), shorten(c.UUID))
	}
	return src
}

func (c *card) title() string {
	if c.op() == "object/expand" { // named by chance
		return "Take apart"
	}
	return shorten(cmp.Or(string(c.Node.Data.Name), c.Node.Key))
}

// Op names a card as cards are registered: "list/at" of the kernel, "app/okta/readUser" of an app.
func (c *card) op() string {
	parts := strings.SplitN(c.Address, ":", 10)
	if len(parts) == 5 && parts[1] == "kernel" && parts[2] != "step" { // steps are of connector.yaml: they see names, and send the connection's credentials
		return parts[2] + "/" + parts[4]
	}
	if len(parts) >= 4 {
		return "app/" + appOf(parts[len(parts)-3]) + "/" + parts[len(parts)-1]
	}
	return "app/" + c.Address
}

// appOf is the key of a connector without the suffix of 32 hex digits that a network gives to those of partners.
func appOf(name string) string {
	key, suffix, found := strings.Cut(name, "_")
	if found && len(suffix) == 32 && strings.Trim(suffix, "0123456789abcdef") == "" {
		return key
	}
	return name
}

// errRefused says that the scope cannot be built; why was said as a finding.
var errRefused = errors.New("refused")

// scope builds the cards of a flow, or of an inline flow, in running order.
func (b *builder) scope(d *flowData, name string) (*program.Scope, error) {
	cards := make([]*card, 0, len(d.Methods))
	at := map[string]int{}
	for _, c := range d.Methods {
		if c == nil || c.UUID == "" {
			b.object(program.Unreadable, nil, "There is a card without an id.")
			return nil, errRefused
		}
		if _, twice := at[c.UUID]; twice {
			b.object(program.WrongKey, c, "Two cards have this id.")
			return nil, errRefused
		}
		at[c.UUID] = len(cards)
		cards = append(cards, c)
	}
	nodes := make([]*program.Node, len(cards))
	for i, c := range cards {
		nodes[i] = b.node(c)
	}
	b.order(d, nodes, at)
	b.branches(cards, nodes, at)
	b.wires(cards, nodes, at)
	b.joins(cards, nodes)
	b.checkStart(cards, nodes, name == "")
	sorted, err := program.Order(nodes)
	if err != nil {
		b.object(program.Cycle, nil, "%s", sentence(err))
		return nil, errRefused
	}
	return &program.Scope{Name: name, Nodes: sorted}, nil
}

// node is a card with its fields, not yet connected.
func (b *builder) node(c *card) *program.Node {
	n := &program.Node{ID: c.UUID, Op: c.op(), Title: c.title(), Src: b.src(c)}
	n.Hidden, n.Note = string(c.Node.Model.Displayed) == "false", c.note()
	if want := c.Parents.Version.Address + ":" + c.Node.Key; c.Parents.Version.Address != "" && want != c.Address {
		b.object(program.WrongAddress, c, "The card's address is %q, its parents say %q.", c.Address, want)
	}
	for _, f := range b.sorted(c, c.Node.Model.Inputs) {
		b.inputs[f] = len(n.In)
		n.In = append(n.In, b.input(c, n, f))
	}
	for _, f := range b.sorted(c, c.Node.Model.Outputs) {
		typ, list := typeOf(f)
		out := program.Output{Key: f.name(), Type: typ, List: list}
		if read, err := value.Decode(f.Metadata.is.Path); err == nil {
			parts, _ := read.([]any)
			for _, part := range parts {
				out.Path = append(out.Path, value.Text(part))
			}
		}
		n.Out = append(n.Out, out)
	}
	n.Policy = b.policy(c, n)
	if n.Op == "string/compose" || n.Op == "math/expression" {
		b.checkPlaceholders(c, n)
	}
	return n
}

func (f *field) name() program.Key { return program.Key{Group: string(f.Group), Name: string(f.Key)} }

// note is what the author wrote on a comment card; other cards have only their help there.
func (c *card) note() string {
	var comment struct {
		Title    word `json:"title"`
		Markdown word `json:"markdown"`
	}
	if c.op() != "control/comment" || json.Unmarshal(c.Node.Model.Comments, &comment) != nil {
		return ""
	}
	return strings.TrimSpace(string(comment.Title) + "\n" + string(comment.Markdown))
}

// sorted are the fields in the editor's order: that of their groups, then of their own index.
func (b *builder) sorted(c *card, s side) []*field {
	var fields []*field
	for _, id := range slices.Sorted(maps.Keys(s.Data)) {
		f := s.Data[id]
		if f == nil || f.ID != id {
			b.object(program.WrongKey, c, "The field under %q has another id.", id)
			continue
		}
		if b.fields[id] {
			b.object(program.FieldTwice, c, "The field id %q occurs twice in this flow.", id)
		}
		b.fields[id] = true
		fields = append(fields, f)
	}
	place := func(f figure) float64 {
		if f.known {
			return f.is
		}
		return math.MaxInt32
	}
	slices.SortStableFunc(fields, func(x, y *field) int {
		return cmp.Or(
			cmp.Compare(place(s.Groups[string(x.Group)].is.Index), place(s.Groups[string(y.Group)].is.Index)),
			cmp.Compare(place(x.Metadata.is.Index), place(y.Metadata.is.Index)),
			cmp.Compare(x.ID, y.ID))
	})
	return fields
}

var typeWords = map[string]value.Type{
	"string": value.String, "number": value.Num, "boolean": value.Boolean, "Date": value.Instant, "object": value.Object,
	"file": value.Binary, "flo": value.Flow, "folder": value.Flow,
}

// typeOf reads a field's type: a word, or a map of members, which is an object.
func typeOf(f *field) (value.Type, bool) {
	var name string
	switch text := bytes.TrimSpace(f.Value.Type); {
	case len(text) > 0 && text[0] == '{':
		return value.Object, bool(f.Value.Collection)
	case json.Unmarshal(text, &name) != nil:
		return value.Any, bool(f.Value.Collection)
	}
	return typeWords[name], bool(f.Value.Collection)
}

func (b *builder) input(c *card, n *program.Node, f *field) program.Input {
	typ, list := typeOf(f)
	in := program.Input{Key: f.name(), Type: typ, List: list, Required: bool(f.Required), Option: f.Flags == "p", Label: string(f.Metadata.is.Display)}
	ref, err := f.flow()
	switch {
	case err != nil:
		b.object(program.Unreadable, c, "The flow in %s cannot be read: %s", in.Key, explain(err))
	case ref.Inline != nil:
		b.inline(n, in.Key.String(), ref.Inline)
		return in
	case ref.ID != "":
		in.Flow = ref.ID
		return in
	case typ == value.Flow:
		return in
	}
	if data, err := value.Decode(f.Value.Data); err == nil {
		in.Const = data
	}
	if list {
		if _, is := in.Const.([]any); !is && in.Const != nil {
			if in.Const != "" {
				b.object(program.NoList, c, "%s is a list and holds %s.", in.Key, value.Shown(in.Const))
			}
			in.Const = nil
		}
	}
	b.checkStrings(c, in.Const)
	if id, is := in.Const.(string); is && id != "" && bool(f.Metadata.is.Table) && !b.file.tables[id] {
		b.object(program.NoSuchTable, c, "It uses a table with the id %q, which is not in the file.", id)
	}
	in.Item = itemOf(f)
	return in
}

// itemOf reads what a loop passes; nil where the file does not say, as old ones do.
func itemOf(f *field) *program.Item {
	var proxy struct {
		Dynamic bool   `json:"dynamic"`
		Path    string `json:"path"`
	}
	if len(f.Value.Proxy) == 0 || f.Value.Proxy[0] != '{' || json.Unmarshal(f.Value.Proxy, &proxy) != nil {
		return nil
	}
	return &program.Item{Path: proxy.Path, Dynamic: proxy.Dynamic}
}

// inline builds a flow that lies inside of a card.
func (b *builder) inline(n *program.Node, name string, d *flowData) {
	scope, err := b.scope(d, name)
	if err == nil {
		n.Sub = append(n.Sub, program.Sub{Name: name, Scope: scope})
	}
}

// Catch is the name of the scope that handles a card's error.
const Catch = "catch"

func (b *builder) policy(c *card, n *program.Node) program.Policy {
	raw := c.Node.Model.Policy.Error
	var p program.Policy
	p.Retries = int(min(max(raw.Retry.is, 0), 5))
	p.OnAny = p.Retries > 0 && raw.Condition != "" && raw.Condition != "ratelimits" // which is what holds where nothing is said
	var one float64
	var range2 []float64
	if json.Unmarshal(raw.Delay, &one) == nil {
		p.MinWait, p.MaxWait = milliseconds(one), milliseconds(one)
	} else if json.Unmarshal(raw.Delay, &range2) == nil && len(range2) == 2 {
		p.MinWait, p.MaxWait = milliseconds(range2[0]), milliseconds(range2[1])
	}
	switch raw.Type {
	case "return":
		p.Then = program.Continue
	case "flo":
		p.Then, p.Flow = program.CallFlow, raw.Flow.ID
	case "handler":
		p.Then = program.Handle
		if raw.Flow.Inline != nil {
			b.inline(n, Catch, raw.Flow.Inline)
		}
	}
	return p
}

// milliseconds is a wait of at most a day.
func milliseconds(n float64) int { return int(min(max(n, 0), 24*60*60*1000)) }

// order brings the lines between cards: pairs, among them such that lead from a card to itself, and such that are said twice.
func (b *builder) order(d *flowData, nodes []*program.Node, at map[string]int) {
	drawn := make(map[[2]int]bool, len(d.Orderings))
	for _, edge := range slices.Sorted(maps.Keys(d.Orderings)) {
		pair := d.Orderings[edge]
		if len(pair) != 2 {
			b.object(program.LooseWire, nil, "The line %q does not lead from one card to another.", edge)
			continue
		}
		from, known := at[pair[0]]
		to, knownTo := at[pair[1]]
		switch {
		case !known || !knownTo:
			b.object(program.LooseWire, nil, "The line %q leads from %q to %q, and one of them is no card of this flow.", edge, pair[0], pair[1])
		case from != to && !drawn[[2]int{from, to}]:
			drawn[[2]int{from, to}] = true
			nodes[to].After = append(nodes[to].After, from)
		}
	}
}

func (b *builder) branches(cards []*card, nodes []*program.Node, at map[string]int) {
	for i, c := range cards {
		for _, head := range slices.Sorted(maps.Keys(c.Branches)) {
			first, known := at[head]
			if !known {
				b.object(program.NoBranchHead, c, "Its branch %t starts with the card %q, which is not there.", c.Branches[head], head)
				continue
			}
			nodes[first].Branch = &program.Branch{If: i, Value: bool(c.Branches[head])}
		}
	}
}

// wires brings what flows from outputs to inputs. The file has them at their source, a program at their target.
func (b *builder) wires(cards []*card, nodes []*program.Node, at map[string]int) {
	for i, c := range cards {
		for _, out := range slices.Sorted(maps.Keys(c.Pins)) {
			source := c.Node.Model.Outputs.Data[out]
			if source == nil {
				b.object(program.LooseWire, c, "A wire starts at the output %q, which the card does not have.", out)
				continue
			}
			for _, to := range slices.Sorted(maps.Keys(c.Pins[out])) {
				target, known := at[to]
				if !known {
					b.object(program.LooseWire, c, "A wire from %s leads to the card %q, which is not in this flow.", source.name(), to)
					continue
				}
				for _, p := range c.Pins[out][to] {
					b.wire(c, cards[target], nodes[target], p.from(i, out, source))
				}
			}
		}
	}
}

// end is a wire on its way to the input with that id.
type end struct {
	program.Wire
	input string
}

func (p pin) from(node int, id string, source *field) end {
	e := end{program.Wire{Node: node, From: source.name()}, p.Input}
	t, named := p.Transform[id]
	if !named { // it names the output itself, always; a file that does not has one entry at most
		for _, key := range slices.Sorted(maps.Keys(p.Transform)) {
			t = p.Transform[key]
			break
		}
	}
	e.Convert, e.Wrap = string(t.Convert), bool(t.Wrap)
	return e
}

func (b *builder) wire(from, to *card, target *program.Node, e end) {
	sink := to.Node.Model.Inputs.Data[e.input]
	if sink == nil {
		b.object(program.LooseWire, from, "A wire from %s leads to an input %q of card %q, which it does not have.", e.From, e.input, to.title())
		return
	}
	if i, placed := b.inputs[sink]; placed {
		target.In[i].Wires = append(target.In[i].Wires, e.Wire)
	}
}

func (b *builder) joins(cards []*card, nodes []*program.Node) {
	for i, c := range cards {
		for _, from := range slices.Sorted(maps.Keys(c.Joins)) {
			in := c.Node.Model.Inputs.Data[from]
			for _, p := range c.Joins[from] {
				out := c.Node.Model.Outputs.Data[p.Output]
				if in == nil || out == nil {
					b.object(program.LooseJoin, c, "It joins %q to %q, and one of them is not there.", from, p.Output)
					continue
				}
				if nodes[i].Joins == nil {
					nodes[i].Joins = map[program.Key]program.Key{}
				}
				nodes[i].Joins[out.name()] = in.name()
			}
		}
	}
}
