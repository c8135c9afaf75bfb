package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// roles of the accessibility tree, as Chromium names them.
var (
	pressable = []string{"button", "link", "tab", "menuitem", "switch", "checkbox", "radio", "DisclosureTriangle"}
	fillable  = []string{"textbox", "searchbox", "spinbutton", "combobox", "Date", "DateTime", "InputTime"}
	tickable  = []string{"checkbox", "switch", "menuitemcheckbox"}
)

// node is one thing on the page as a screen reader tells of it.
type node struct {
	*accessibility.Node
	parent *node
	said   string // everything that is said in it
}

// Near returns the same tab, looking for things close to a text: where several are named alike, as in the rows of a
// table, the one whose nearest surroundings contain the text is meant.
func (tab *Tab) Near(text string) *Tab {
	nearer := *tab
	nearer.near = text
	return &nearer
}

// find waits for the one thing with such a role and this name, and returns it.
func (tab *Tab) find(what, name string, roles []string) *node {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	var problem string
	for poll(ctx) {
		tree, err := tree(ctx)
		if err != nil {
			problem = err.Error() // the page is just being replaced
			continue
		}
		found := named(tree, name, roles)
		if tab.near != "" {
			found = nearest(found, tab.near)
		}
		if len(found) == 1 || len(found) > 1 && sameLink(found) {
			return found[0]
		}
		problem = describe(tree, found, roles)
	}
	tab.t.Fatalf("no %s %q%s on %s: %s\n%s", what, name, tab.whereabouts(), tab.Path(), problem, tab.failed())
	return nil
}

func (tab *Tab) whereabouts() string {
	if tab.near == "" {
		return ""
	}
	return fmt.Sprintf(" near %q", tab.near)
}

// tree reads what is on the page, in reading order.
func tree(ctx context.Context) ([]*node, error) {
	result, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("read the accessibility tree: %w", err)
	}
	byID := make(map[accessibility.NodeID]*node)
	for _, n := range result.Nodes {
		byID[n.NodeID] = &node{Node: n}
	}
	var ordered []*node
	var visit func(n, parent *node) string
	visit = func(n, parent *node) string {
		n.parent = parent
		ordered = append(ordered, n)
		var said []string
		if n.role() == "StaticText" {
			said = append(said, n.name())
		}
		for _, id := range n.ChildIDs {
			if child := byID[id]; child != nil {
				said = append(said, visit(child, n))
			}
		}
		n.said = strings.Join(said, " ")
		return n.said
	}
	for _, n := range result.Nodes {
		if n.ParentID == "" {
			visit(byID[n.NodeID], nil)
		}
	}
	return ordered, nil
}

// named returns the things with one of the roles and this name.
func named(tree []*node, name string, roles []string) []*node {
	var found []*node
	for _, n := range tree {
		if !n.Ignored && slices.Contains(roles, n.role()) && n.name() == spaced(name) {
			found = append(found, n)
		}
	}
	return found
}

// nearest keeps those whose surroundings contain the text after the fewest steps outwards.
func nearest(found []*node, text string) []*node {
	var closest []*node
	best := -1
	for _, n := range found {
		steps, within := 0, n
		for within != nil && !strings.Contains(folded(within.said), folded(text)) {
			steps, within = steps+1, within.parent
		}
		switch {
		case within == nil:
		case best < 0 || steps < best:
			best, closest = steps, []*node{n}
		case steps == best:
			closest = append(closest, n)
		}
	}
	return closest
}

// sameLink tells whether all of them lead to one place, as the links of a page's head and foot do.
func sameLink(found []*node) bool {
	first := found[0].property(accessibility.PropertyNameURL)
	return first != "" && !slices.ContainsFunc(found, func(n *node) bool {
		return n.property(accessibility.PropertyNameURL) != first
	})
}

func describe(tree, found []*node, roles []string) string {
	if len(found) > 1 {
		return fmt.Sprintf("%d things are named so; say which with Near", len(found))
	}
	var names []string
	for _, n := range tree {
		if !n.Ignored && slices.Contains(roles, n.role()) {
			names = append(names, fmt.Sprintf("%s %q", n.role(), n.name()))
		}
	}
	return "there are " + strings.Join(names, ", ")
}

func (n *node) role() string { return text(n.Role) }

// name is the accessible name. The star that marks a required field is not part of it.
func (n *node) name() string {
	return strings.TrimSpace(strings.TrimSuffix(spaced(text(n.Name)), "*"))
}

func (n *node) property(name accessibility.PropertyName) string {
	for _, property := range n.Properties {
		if property.Name == name {
			return text(property.Value)
		}
	}
	return ""
}

func (n *node) backend() cdp.BackendNodeID { return n.BackendDOMNodeID }

// text is a value of the accessibility tree as text: those that are none stand there as JSON.
func text(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var s string
	if json.Unmarshal(value.Value, &s) != nil {
		return string(value.Value)
	}
	return s
}

// spaced has single spaces, as a page shows a text.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// folded is for comparing: a style sheet may show a text in capitals.
func folded(s string) string { return strings.ToLower(spaced(s)) }
