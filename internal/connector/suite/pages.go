package suite

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
	"slipway/internal/expression"
)

// pages reports whether an action gives a list page by page, by its contract, or asks for one so itself.
func pages(f *program.Flow) bool {
	if kept, is := contract.Of(f.Implements); is && f.Implements != "" {
		return takes(kept.Inputs, "pagination")
	}
	asks, _ := paginates(f)
	return asks
}

func takes(inputs []program.Parameter, name string) bool {
	for _, p := range inputs {
		if p.Key.Name == name {
			return true
		}
	}
	return false
}

// pages is G06: everything once, and an end.
func (r *Runner) pages(ctx context.Context, f *program.Flow, changes bool) Result {
	id, title := "G06-"+slug(f.Name), f.Name+" gives everything once and comes to an end"
	if f.Implements == "" {
		if why := unasked(f); why != "" {
			return label(Result{Status: Aside, Message: why}, id, title, f.Name)
		}
	}
	return label(r.one(ctx, id, r.Seed+1006, func(ctx context.Context, s *session) Result {
		if f.Implements == "" {
			return s.allPages(ctx, f)
		}
		return s.listed(ctx, f, changes)
	}), id, title, f.Name)
}

// listed asks for a list of a contract. Where it is that of one group, the group is made, or found.
func (s *session) listed(ctx context.Context, f *program.Flow, changes bool) Result {
	byID := takes(f.Inputs, "groupId")
	if !byID && !takes(f.Inputs, "displayName") {
		return s.twoByTwo(ctx, f, map[string]any{})
	}
	if s.play == nil {
		s.changes = changes
	}
	about, result := s.group(ctx, f, byID)
	if result.Status == Pass {
		in := map[string]any{"displayName": about.name}
		if byID {
			in = map[string]any{"groupId": about.id}
		}
		result = s.twoByTwo(ctx, f, in)
	}
	if gone := s.remove(ctx, about); result.Status == Pass {
		result.Status, result.Message = gone.Status, cmp.Or(gone.Message, result.Message)
	}
	return result
}

// mostPages is how far G06 walks.
const mostPages = 30

// twoByTwo asks for a list, two at a time.
func (s *session) twoByTwo(ctx context.Context, f *program.Flow, in map[string]any) Result {
	seen, cursor := map[string]bool{}, ""
	for page := 1; page <= mostPages; page++ {
		pagination := map[string]any{"limit": 2.0}
		if cursor != "" {
			pagination["cursor"] = cursor
		}
		in["pagination"] = pagination
		answer, err := s.run(ctx, f, in)
		if err != nil {
			return s.unlike(Step{Action: f, Src: f.Src}, err, func(format string, args ...any) Result {
				return Result{Status: Fail, Message: fmt.Sprintf("Page %d: ", page) + fmt.Sprintf(format, args...)}
			})
		}
		items := listOf(answer.Outputs)
		if again := once(seen, items, "id", "value", "name"); again != "" {
			return Result{Status: Fail, Message: fmt.Sprintf("Page %d has %s again, which was on a page before.", page, again)}
		}
		next := value.Text(value.Get(answer.Outputs, "pagination.nextCursor"))
		if next == "" {
			return Result{Status: Pass, Message: fmt.Sprintf("%d on %d pages.", len(seen), page)}
		}
		if next == cursor {
			return Result{Status: Fail, Message: fmt.Sprintf("Page %d names the cursor by which it was asked for: this list has no end.", page)}
		}
		if len(items) == 0 {
			return Result{Status: Fail, Message: fmt.Sprintf("Page %d is empty, and says that there is more.", page)}
		}
		cursor = next
	}
	return Result{Status: Pass, Message: fmt.Sprintf("The first %d pages; there are more.", mostPages)}
}

// once returns what was seen before, "" where nothing was.
func once(seen map[string]bool, items []any, names ...string) string {
	for _, item := range items {
		key := string(value.Encode(firstOf(item, names...)))
		if seen[key] {
			return key
		}
		seen[key] = true
	}
	return ""
}

func listOf(answer map[string]any) []any {
	for _, name := range []string{"resources", "schemaProperties", "schemaPropertyValues"} {
		if list, is := answer[name].([]any); is {
			return list
		}
	}
	return nil
}

func firstOf(v any, names ...string) any {
	for _, name := range names {
		if member := value.Member(v, name); member != nil {
			return member
		}
	}
	return v
}

// group is one to ask about.
type group struct {
	id, name string
	made     bool     // by the case, which takes it away
	people   []string // ids of those whom the case made
}

// group makes a group with three people in it where data may be changed, and else takes the first of those that are listed.
func (s *session) group(ctx context.Context, f *program.Flow, members bool) (*group, Result) {
	create, remove := s.Connector.Implementing("provisioning.createGroup"), s.Connector.Implementing("provisioning.removeGroup")
	if s.changes && create != nil && remove != nil {
		return s.ownGroup(ctx, create, "slipway-"+s.machine.ID+" for "+f.Name, members)
	}
	list := s.Connector.Implementing("provisioning.listGroups")
	if list == nil {
		return nil, Result{Status: Aside, Message: "No group is known to ask about: the connector does not list them."}
	}
	answer, err := s.run(ctx, list, nil)
	if err != nil {
		return nil, s.unlike(Step{Action: list, Src: list.Src}, err, failed)
	}
	for _, one := range listOf(answer.Outputs) {
		return &group{id: value.Text(value.Get(one, "id")), name: value.Text(value.Get(one, "displayName"))}, Result{Status: Pass}
	}
	return nil, Result{Status: Aside, Message: "There is no group to ask about. With --changes one is made."}
}

func failed(format string, args ...any) Result {
	return Result{Status: Fail, Message: fmt.Sprintf(format, args...)}
}

// ownGroup makes a group, and people in it where these are to be listed and the connector can take them away again.
func (s *session) ownGroup(ctx context.Context, create *program.Flow, name string, members bool) (*group, Result) {
	answer, err := s.run(ctx, create, map[string]any{"group": map[string]any{"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": name}})
	if err != nil {
		return nil, s.unlike(Step{Action: create, Src: create.Src}, err, failed)
	}
	g := &group{id: value.Text(value.Get(answer.Outputs, "group.id")), name: name, made: true}
	person, off, join := s.Connector.Implementing("provisioning.createUser"), s.Connector.Implementing("provisioning.deactivateUser"), s.Connector.Implementing("provisioning.addGroupMembers")
	if !members || person == nil || off == nil || join == nil {
		return g, Result{Status: Pass}
	}
	var joining []any
	for i := range 3 {
		answer, err := s.run(ctx, person, somebody(fmt.Sprintf("slipway-%s-%d@example.com", s.machine.ID, i+1), "Member"))
		if err != nil {
			return g, s.unlike(Step{Action: person, Src: person.Src}, err, failed)
		}
		g.people = append(g.people, value.Text(value.Get(answer.Outputs, "user.id")))
		joining = append(joining, map[string]any{"value": g.people[i]})
	}
	if _, err := s.run(ctx, join, map[string]any{"groupId": g.id, "groupMembers": joining}); err != nil {
		return g, s.unlike(Step{Action: join, Src: join.Src}, err, failed)
	}
	return g, Result{Status: Pass}
}

// remove takes away a group that the case has made. People first: were the group removed with them in it, nobody could
// tell who made them inactive.
func (s *session) remove(ctx context.Context, g *group) Result {
	result := Result{Status: Pass}
	if g == nil || !g.made {
		return result
	}
	if ctx.Err() != nil {
		left, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
		defer cancel()
		ctx = left
	}
	take := func(id string, in map[string]any) {
		f := s.Connector.Implementing(id)
		if _, err := s.run(ctx, f, in); err != nil && result.Status == Pass {
			result = s.unlike(Step{Action: f, Src: f.Src}, err, failed)
		}
	}
	for _, id := range g.people {
		take("provisioning.deactivateUser", map[string]any{"userId": id})
	}
	take("provisioning.removeGroup", map[string]any{"groupId": g.id})
	return result
}

// paginates reports whether an action of connector.yaml has a paginate step, and whether all that it does is read.
func paginates(f *program.Flow) (asks, reads bool) {
	reads = true
	walk(f.Body, func(n *program.Node) {
		switch n.Op {
		case "step/paginate", "step/http":
			asks = asks || n.Op == "step/paginate"
			for _, in := range n.In {
				if in.Key.Name != "method" || in.Formula == nil {
					continue
				}
				if method, err := in.Formula.Eval(expression.Env{}); err != nil || !strings.EqualFold(value.Text(method), http.MethodGet) {
					reads = false
				}
			}
		case "step/call":
			reads = false
		default:
			reads = reads && strings.HasPrefix(n.Op, "step/")
		}
	})
	return asks, reads
}

// unasked says why an action that asks for pages by itself is not run by itself, "" where it is.
func unasked(f *program.Flow) string {
	for _, p := range f.Inputs {
		if p.Required && p.Default == nil {
			return fmt.Sprintf("It needs %s, which no one but the suite knows.", p.Label)
		}
	}
	if _, reads := paginates(f); !reads {
		return "It does more than to read, and so is run by the suite alone."
	}
	return ""
}

// allPages runs an action that asks for all pages by itself. The engine stops at a cursor that comes again.
func (s *session) allPages(ctx context.Context, f *program.Flow) Result {
	again, pages := "", 0.0
	watched := s.machine.Observe
	s.machine.Observe = func(step engine.Step) {
		watched(step)
		gave := step.Outputs[program.Key{Name: "output"}]
		if step.Op != "step/paginate" || step.Err != nil {
			return
		}
		n, _ := value.Number(value.Get(gave, "pages"))
		pages += n
		seen := map[string]bool{}
		for _, item := range items(value.Get(gave, "items")) {
			if key := value.Member(item, "id"); key != nil && again == "" { // what has no id may well be there twice
				again = once(seen, []any{key})
			}
		}
	}
	if _, err := s.run(ctx, f, nil); err != nil {
		return s.unlike(Step{Action: f, Src: f.Src}, err, failed)
	}
	if again != "" {
		return Result{Status: Fail, Message: fmt.Sprintf("The pages have %s more than once.", again)}
	}
	return Result{Status: Pass, Message: fmt.Sprintf("%.0f pages.", pages)}
}
