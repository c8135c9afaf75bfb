package battery

import (
	"context"
	"fmt"

	"slipway/internal/scim"
	"slipway/internal/target"
)

// roll is a list that a target offers.
type roll struct {
	name string
	read func(ctx context.Context, page target.Page) (target.List, error)
}

// rolls are all lists that there are. Of members, it is those of the run's own group.
func (r *run) rolls() []roll {
	all := []roll{{"users", r.accounts().Users}}
	if r.can(listGroups) {
		all = append(all, roll{"groups", r.groups().Groups})
	}
	if r.can(listMembers) && r.crew != nil {
		all = append(all, r.membersOf(r.crew))
	}
	return all
}

// membersOf is the list of a group's members, each as a resource with its id.
func (r *run) membersOf(c *crew) roll {
	return roll{"members", func(ctx context.Context, page target.Page) (target.List, error) {
		members, next, err := r.membership().Members(ctx, c.id, page)
		l := target.List{Next: next}
		for _, m := range members {
			l.Resources = append(l.Resources, scim.Resource{"id": m.ID, "displayName": m.Display})
		}
		return l, err
	}}
}

const (
	wholePage = 100 // what is asked for where the size of a page does not matter
	mostPages = 30  // how far a list is followed
)

// reading is what came of following a list.
type reading struct {
	items []scim.Resource
	pages int
	ended bool   // it came to its end, and did not go on beyond mostPages
	wrong string // what no list may do, "" where nothing
}

// all follows a list in pages of the usual size.
func (r *run) all(l roll) (reading, error) { return r.follow(l, wholePage) }

// follow reads a list page by page.
func (r *run) follow(l roll, limit int) (reading, error) {
	var out reading
	cursor := ""
	for out.pages < mostPages {
		page, err := l.read(r.ctx, target.Page{Cursor: cursor, Limit: limit})
		if err != nil {
			return out, err
		}
		out.pages++
		out.items = append(out.items, page.Resources...)
		switch {
		case page.Next == "":
			out.ended = true
			return out, nil
		case page.Next == cursor:
			out.wrong = fmt.Sprintf("page %d of the %s names the cursor by which it was asked for, so that the list has no end", out.pages, l.name)
			return out, nil
		case len(page.Resources) == 0:
			out.wrong = fmt.Sprintf("page %d of the %s is empty, and says that there is more", out.pages, l.name)
			return out, nil
		}
		cursor = page.Next
	}
	return out, nil
}

// of returns the resources with the id.
func (d reading) of(id string) []scim.Resource {
	var hits []scim.Resource
	for _, item := range d.items {
		if item.ID() == id {
			hits = append(hits, item)
		}
	}
	return hits
}

// onceIn says that something of the run's own is not exactly once in a list; "" where it is.
func (d reading) onceIn(list, id, name string) string {
	switch n := len(d.of(id)); {
	case n == 1:
		return ""
	case n > 1:
		return fmt.Sprintf("%s is %d times in the list of %s.", name, n, list)
	case d.wrong != "":
		return sentence("A list cannot be read to its end: " + d.wrong)
	}
	return fmt.Sprintf("%s is not in the list of %s, on any of its %d pages.", name, list, d.pages)
}

// lists passes where, sooner or later, everything of this is once in a list.
func (r *run) lists(l roll, wanted map[string]string) finding {
	var found reading
	wrong, err := r.eventually(func() (wrong string, err error) {
		if found, err = r.all(l); err != nil {
			return "", err
		}
		for id, name := range wanted {
			if wrong = found.onceIn(l.name, id, name); wrong != "" {
				return wrong, nil
			}
		}
		return "", nil
	})
	switch {
	case err != nil:
		return r.trouble("Listing the "+l.name, err)
	case wrong != "" && !found.ended && found.wrong == "":
		return unproved("The list of %s goes on beyond %d pages of %d; whether it is complete was not looked at.", l.name, mostPages, wholePage)
	case wrong != "":
		return fails("%s", wrong)
	}
	return passes()
}
