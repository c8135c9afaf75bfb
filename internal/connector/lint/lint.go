// Package lint holds a connector against rules without running it.
//
// It owns the rules of a whole connector; those of a single file belong to whoever reads it. Its one rule: it never
// executes anything, opens nothing and asks nobody, so every upload can be linted, by anybody. What it cannot know it does
// not object to.
package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/definition"
	"slipway/internal/connector/program"
	"slipway/internal/expression"
)

// Options is what the connector itself does not say.
type Options struct {
	Apps func(key string) bool // other connectors whose cards may be used; nil for none
}

// Check returns what is wrong with a connector, by place.
func Check(c *connector.Connector, o Options) program.Findings {
	l := &linter{connector: c, definition: c.Definition, program: c.Program, options: o, flows: c.Flows(), asks: map[*program.Flow]bool{}, starts: map[variable][]start{}}
	l.index()
	l.names()
	l.actions()
	l.contracts()
	l.circles()
	l.pings()
	l.methods()
	l.events()
	if l.definition != nil {
		l.base()
		l.retries()
	}
	for _, f := range l.flows {
		l.cards(f)
		l.size(f)
		l.uses(f)
		l.addresses(f)
	}
	return l.found.Sorted()
}

type linter struct {
	connector  *connector.Connector
	definition *definition.Definition // nil where there are only exported flows
	program    *program.Program
	options    Options
	flows      []*program.Flow // those of the program, and of events
	places     map[*program.Flow][]*place
	callers    map[*program.Flow][]call
	asks       map[*program.Flow]bool // it sends requests, by itself or through others
	starts     map[variable][]start   // how names of formulas begin, once they were looked up
	found      program.Findings
}

// hosts are those that the connector names; nil where it has no list.
func (l *linter) hosts() []string {
	if l.definition == nil {
		return nil
	}
	return l.definition.Hosts
}

// whole is the place of what concerns the connector as such.
func (l *linter) whole() program.Src {
	if len(l.flows) == 0 {
		return program.Src{}
	}
	return program.Src{File: l.flows[0].Src.File}
}

var properName = regexp.MustCompile(`^[A-Za-z0-9]+( [A-Za-z0-9]+)*$`)

// names checks what flows are called and how they start.
func (l *linter) names() {
	seen := map[string]bool{}
	pings, revokes := 0, 0
	for _, f := range l.flows {
		switch f.Kind {
		case program.Action:
			if name := strings.ToLower(f.Name); seen[name] {
				l.found.Add(SameName, f.Src, "Two actions are called %q.", f.Name)
			} else {
				seen[name] = true
			}
			if !properName.MatchString(f.Name) {
				l.found.Add(BadName, f.Src, "The action is called %q.", f.Name)
			}
		case program.Ping:
			if pings++; pings > 1 {
				l.found.Add(TwoPings, f.Src, "This is another authping flow.")
			}
		case program.Revoke:
			if revokes++; revokes > 1 {
				l.found.Add(TwoRevokes, f.Src, "This is another revoke flow.")
			}
		case program.Manual, program.Scheduled, program.Endpoint, program.AppEvent:
			if f.Kind != program.AppEvent || first(f).Op != "control/callable" { // an event of connectors that is not known yet
				l.found.Add(NoEvent, f.Src, "The flow %q starts with the card %q.", f.Name, first(f).Title)
			}
		}
		switch {
		case f.Name == "_authping" && f.Kind != program.Ping:
			l.found.Add(FalsePing, f.Src, "A flow of another kind (%s) is called _authping.", string(f.Kind))
		case f.Name == "_revoke" && f.Kind != program.Revoke:
			l.found.Add(FalseRevoke, f.Src, "A flow of another kind (%s) is called _revoke.", string(f.Kind))
		}
	}
}

// first is the card that a flow starts with.
func first(f *program.Flow) *program.Node {
	for _, n := range f.Body.Nodes {
		if n.Op != "control/comment" {
			return n
		}
	}
	return &program.Node{}
}

// verbs are what actions do.
var verbs = strings.Fields(`accept activate add approve archive assign authenticate authorize block cancel change check clear close
	complete confirm connect convert copy count create custom deactivate decline delete deny deprovision disable disconnect download
	enable end enroll execute expire export fetch find force generate get grant import invite invoke issue join leave link list lock
	log look lookup make mark merge modify move notify open parse pause ping post provision publish put read refresh register
	reject release remove rename reopen replace request resend reset resolve restore resume retrieve retry revoke rotate run
	schedule search send set share start stop submit subscribe suspend swap sync synchronize tag test transfer trigger unassign
	unblock unenroll uninstall unlink unlock unpublish unregister unshare unsubscribe unsuspend untag update upload upsert validate
	verify view wipe write`)

// actions checks the faces of actions.
func (l *linter) actions() {
	all := l.program.OfKind(program.Action)
	if len(all) == 0 {
		l.found.Add(NoAction, l.whole(), "The connector has no action.")
	}
	for _, f := range all {
		if word, _, _ := strings.Cut(strings.ToLower(f.Name), " "); !slices.Contains(verbs, word) {
			l.found.Add(BadWords, f.Src, "The name %q does not start with a verb.", f.Name)
		}
		if strings.TrimSpace(f.Description) == "" && f.Implements == "" { // the contract says what it does
			l.found.Add(BadWords, f.Src, "The action %q has no description.", f.Name)
		}
		for _, p := range slices.Concat(f.Inputs, f.Outputs) {
			l.parameter(f, p)
		}
		l.checked(f)
		l.paged(f)
	}
}

func (l *linter) parameter(f *program.Flow, p program.Parameter) {
	switch {
	case p.Key.Group == "auth" || p.Key.Group == "selectedOutputs":
	case p.Loose && p.Option:
		l.found.Add(NoOption, f.Src, "The option %q is not defined.", p.Key.Name)
	case p.Loose:
		l.found.Add(NoField, f.Src, "%q is not defined.", p.Key)
	case f.Implements == "" && (p.Label == "" || p.Label == p.Key.Name):
		l.found.Add(BadWords, f.Src, "The field %q has no label.", p.Key)
	}
}

// contracts checks that an action gives what its contract promises. Which contracts belong together the definition says.
func (l *linter) contracts() {
	for _, f := range l.program.OfKind(program.Action) {
		c, known := contract.Of(f.Implements)
		if f.Implements == "" || !known {
			continue
		}
		for _, name := range promised[c.Returns] {
			given := func(p program.Parameter) bool { return cmp.Or(p.Label, p.Key.Name) == name || p.Key.Name == name }
			if len(f.Outputs) > 0 && !slices.ContainsFunc(f.Outputs, given) {
				l.found.Add(WrongContract, f.Src, "The contract %q promises %q, which the action does not give.", c.Name, name)
			}
			l.returns(f, c, name)
		}
	}
}

// returns looks for what a contract promises in all that an action written as text returns, as far as it is written out.
func (l *linter) returns(f *program.Flow, c contract.Contract, name string) {
	returned := false
	for _, at := range l.places[f] {
		for _, n := range at.scope.Nodes {
			if n.Op != "step/return" {
				continue
			}
			returned = true
			has := make([]string, len(n.Out))
			for i, out := range n.Out {
				has[i] = out.Key.Name
			}
			if len(has) == 0 || slices.Contains(has, name) { // computed, or there
				continue
			}
			instead := ""
			if near := expression.Nearest(name, has); near != "" {
				instead = fmt.Sprintf(" Was %q meant to be it?", near)
			}
			l.found.Add(WrongContract, n.Src, "The contract %q promises %q, which this return leaves out.%s", c.Name, name, instead)
		}
	}
	nodes := f.Body.Nodes
	if returned || len(nodes) == 0 || !strings.HasPrefix(nodes[0].Op, "step/") {
		return
	}
	if last := nodes[len(nodes)-1].Op; last != "step/fail" { // one that is still to be written only fails
		l.found.Add(WrongContract, f.Src, "The contract %q promises %q, and the action returns nothing.", c.Name, name)
	}
}

// promised are the members that an action of each shape gives.
var promised = map[contract.Shape][]string{
	contract.User: {"user"}, contract.UserList: {"resources"}, contract.Group: {"group"}, contract.GroupList: {"resources"}, contract.Members: {"resources"},
	contract.Properties: {"schemaProperties"}, contract.Options: {"schemaPropertyValues"}, contract.LogoutDone: {"logoutStatus"},
}
