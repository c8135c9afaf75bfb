package flopack

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// checkStart wants one first card, from which every other one can be reached. Comments may lie anywhere.
func (b *builder) checkStart(cards []*card, nodes []*program.Node, outermost bool) {
	leads := leading(nodes)
	var starts []int
	for i, n := range nodes {
		if len(n.After) == 0 && n.Branch == nil && n.Op != "control/comment" {
			starts = append(starts, i)
		}
	}
	if len(starts) == 0 {
		if outermost && len(nodes) > 0 {
			b.object(program.NotOneStart, nil, "No card stands first.")
		}
		return
	}
	first := slices.MinFunc(starts, func(x, y int) int {
		return cmp.Or(cmp.Compare(standing(nodes[x], leads[x]), standing(nodes[y], leads[y])), strings.Compare(nodes[x].ID, nodes[y].ID))
	})
	if outermost {
		b.root = cards[first]
	}
	for _, i := range starts {
		switch {
		case i == first:
		case startsFlow(nodes[i].Op) || !wired(nodes[i]):
			b.object(program.NotOneStart, cards[i], "No line leads to this card, and the flow starts with %q.", cards[first].title())
		default:
			b.object(program.LooseCard, cards[i], "No line leads to this card; it would run whenever it likes.")
		}
	}
}

// leading reports which nodes others come after.
func leading(nodes []*program.Node) []bool {
	leads := make([]bool, len(nodes))
	for _, n := range nodes {
		for _, before := range n.After {
			leads[before] = true
		}
	}
	return leads
}

// standing ranks cards that could come first: such that can start nothing but a flow, then such that lead to others. In
// which order the file has them means nothing.
func standing(n *program.Node, leads bool) int {
	switch {
	case startsFlow(n.Op):
		return 0
	case leads && !wired(n):
		return 1
	case leads:
		return 2
	case !wired(n):
		return 3
	}
	return 4
}

func startsFlow(op string) bool {
	switch op {
	case "control/callable", "http/accept", "http/delegated":
		return true
	}
	return false
}

func wired(n *program.Node) bool {
	for _, in := range n.In {
		if len(in.Wires) > 0 {
			return true
		}
	}
	return false
}

// placeholder is what a text card replaces: three braces, always.
var placeholder = regexp.MustCompile(`\{\{\{([^{}]*)\}\}\}`)

const textKey = "_text_"

func (b *builder) checkPlaceholders(c *card, n *program.Node) {
	inputs := map[string]bool{}
	text := ""
	for _, in := range n.In {
		inputs[in.Key.Name] = true
		if in.Key.Name == textKey {
			text = value.Text(in.Const)
		}
	}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !inputs[m[1]] {
			b.object(program.NoPlaceholder, c, "The text has the placeholder %s, and no value was dropped there.", m[0])
		}
	}
}

func (b *builder) checkStrings(c *card, v any) {
	switch v := v.(type) {
	case string:
		if len(v) > MaxString {
			b.object(program.TooMuch, c, "A text has %d bytes, more than %d.", len(v), MaxString)
		}
	case []any:
		for _, item := range v {
			b.checkStrings(c, item)
		}
	case map[string]any:
		for _, member := range v {
			b.checkStrings(c, member)
		}
	}
}

// eventKinds are the cards of connectors, by the address that the format gives to them.
var eventKinds = map[string]program.Kind{
	"connector_action":    program.Action,
	"connector_authping":  program.Ping,
	"connector_revoke":    program.Revoke,
	"connector_child_flo": program.Helper,
}

// returnCards end connectors' flows; they start none.
var returnCards = map[string]bool{"connector_return": true, "connector_authping_return": true, "connector_child_flo_return": true, "connector_revoke_return": true}

// eventOf is the address under which a card stands for a connector's event, "" for other cards.
func (c *card) eventOf() string {
	var meta struct {
		Type struct {
			Address string `json:"address"`
		} `json:"type"`
	}
	if len(c.Node.Model.Meta) == 0 || json.Unmarshal(c.Node.Model.Meta, &meta) != nil {
		return ""
	}
	return meta.Type.Address
}

// kind says what starts the flow.
func (b *builder) kind(d *flowData) program.Kind {
	for _, c := range d.Methods {
		event := c.eventOf()
		if event == "" || returnCards[event] {
			continue
		}
		if kind, known := eventKinds[event]; known {
			return kind
		}
		if strings.HasPrefix(event, "connector_") {
			b.object(program.UnknownEvent, c, "The card is of the kind %q, which is not known here; the flow cannot be started.", event)
			return program.AppEvent
		}
	}
	switch {
	case b.root == nil:
		return program.Manual
	case b.root.op() == "control/callable" && bool(d.Scheduled):
		return program.Scheduled
	case b.root.op() == "control/callable":
		return program.Helper
	case b.root.op() == "http/accept" || b.root.op() == "http/delegated":
		return program.Endpoint
	case strings.HasPrefix(b.root.op(), "app/"):
		return program.AppEvent
	}
	return program.Manual
}
