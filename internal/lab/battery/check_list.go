package battery

import (
	"fmt"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

var findChecks = []Check{
	{
		ID: "contract.find.unknown", Title: "A user name that nobody has finds nobody", Contracts: []string{findUser}, Needs: []string{"contract.connect"},
		Severity: report.Network,
		Why:      "An error here stops every new account; somebody else's account here would be taken over.",
		Fix:      "Let Get User by UserName end with 404, of the type RESOURCE_NOT_FOUND, where nobody has the name.",
		judge:    func(r *run) finding { return r.findsNobody("a user name that nobody has", r.names.nobody) },
	},
	{
		ID: "contract.find.exact", Title: "The beginning of a user name finds nobody", Contracts: []string{findUser, listUsers, getUser}, Needs: []string{"contract.connect"},
		Severity: report.Network,
		Why:      "ann@example.co would be handed the account of ann@example.com.",
		Fix:      "Ask the API for exactly this name, or compare what it answers.",
		judge: func(r *run) finding {
			somebody, err := r.anybody()
			switch {
			case err != nil:
				return r.trouble("Looking for somebody whose name is known", err)
			case somebody == nil || len(somebody.UserName()) < 3:
				return aside("There is nobody whose name could be cut.")
			}
			name := somebody.UserName()
			return r.findsNobody("a user name without its last letter", name[:len(name)-1])
		},
	},
}

func (r *run) findsNobody(what, name string) finding {
	hits, err := r.Target.FindUsers(r.ctx, target.UserName, name)
	switch {
	case err != nil:
		return r.trouble("Looking for "+what, err)
	case len(hits) > 0:
		return fails("Looking for %s finds the user %q.", what, hits[0].ID())
	}
	return passes()
}

const listed = "contract.list"

var listChecks = []Check{
	{
		ID: "contract.list.read", Title: "Who is in the list reads by id and by user name as the same account", Contracts: []string{listUsers, getUser, findUser},
		Needs: []string{"contract.connect"}, Severity: report.Network, Plan: []string{"C9303"},
		Why:   "An import and a look-up must speak of one account, or people are linked to the wrong one.",
		Fix:   "Map id and userName alike in List Users, Get User by ID and Get User by UserName.",
		judge: (*run).judgeListedReads,
	},
	{
		ID: listed, Title: "Who was created is in the list over all pages, once", Contracts: []string{createUser, listUsers}, Needs: []string{created},
		Changes: true, Severity: report.Network, Plan: []string{"C9303", "C9304"},
		Why: "An import takes who is not in the list for gone.",
		Fix: "List everybody, and hand the API's cursor on as nextCursor until there is none.",
		judge: func(r *run) finding {
			wanted := map[string]string{r.ada.id: r.ada.name}
			if r.bea != nil {
				wanted[r.bea.id] = r.bea.name
			}
			return r.lists(roll{"users", r.accounts().Users}, wanted)
		},
	},
}

func (r *run) judgeListedReads() finding {
	list, err := r.accounts().Users(r.ctx, target.Page{Limit: wholePage})
	if err != nil {
		return r.trouble("Listing users", err)
	}
	var first scim.Resource
	for _, user := range list.Resources {
		if user.ID() != "" && user.UserName() != "" {
			first = user
			break
		}
	}
	if first == nil {
		return aside("There is nobody in the list.")
	}
	byID, err := r.accounts().User(r.ctx, first.ID())
	if err != nil {
		return r.trouble("Reading the first user of the list by id", err)
	}
	hits, err := r.Target.FindUsers(r.ctx, target.UserName, first.UserName())
	switch {
	case err != nil:
		return r.trouble("Looking for the first user of the list by name", err)
	case !strings.EqualFold(byID.UserName(), first.UserName()):
		return fails("The user %q has another name by id than in the list.", first.ID())
	case len(hits) != 1 || hits[0].ID() != first.ID():
		return fails("The user %q of the list is not who is found by that user name.", first.ID())
	}
	return passes()
}

var pageChecks = []Check{
	{
		ID: "contract.page.limit", Title: "A page holds no more than was asked for", Contracts: []string{listUsers}, Needs: []string{"contract.connect"},
		Severity: report.Recommended,
		Why:      "An import plans its memory and its pace by the size of a page.",
		Fix:      "Hand pagination.limit on to the API.",
		judge:    (*run).judgePageLimit,
	},
	{
		ID: "contract.page.walk", Title: "Small pages lead through each list: everything once, to an end", Contracts: []string{listUsers}, Needs: []string{"contract.connect"},
		Severity: report.Network, Plan: []string{"C9303"},
		Why:   "Who falls between two pages is taken for gone; a list without an end stops every import.",
		Fix:   "Hand the API's cursor on as nextCursor, take it back as pagination.cursor, and leave it out on the last page.",
		judge: (*run).judgePageWalk,
	},
	{
		ID: "contract.page.cursor", Title: "The same cursor gives the same page again", Contracts: []string{listUsers}, Needs: []string{"contract.connect"},
		Severity: report.Recommended,
		Why:      "A page whose answer was lost is asked for again.",
		Fix:      "Use a cursor that names a place in the list, and no running number of the request.",
		judge:    (*run).judgePageCursor,
	},
}

const nothingToPage = "No list is long enough for a second page."

func (r *run) judgePageLimit() finding {
	tried := 0
	for _, l := range r.rolls() {
		whole, err := r.all(l)
		if err != nil {
			return r.trouble("Listing the "+l.name, err)
		}
		if len(whole.items) < 2 {
			continue
		}
		tried++
		page, err := l.read(r.ctx, target.Page{Limit: 1})
		switch {
		case err != nil:
			return r.trouble("Asking for one of the "+l.name, err)
		case len(page.Resources) > 1:
			return fails("Asked for one of the %s, it sent %d.", l.name, len(page.Resources))
		}
	}
	if tried == 0 {
		return aside(nothingToPage)
	}
	return passes()
}

const smallPages = 20 // about how many a list is walked in

func (r *run) judgePageWalk() finding {
	var walked []string
	for _, l := range r.rolls() {
		before, err := r.all(l)
		if err != nil {
			return r.trouble("Listing the "+l.name, err)
		}
		limit := max(2, (len(before.items)+smallPages-1)/smallPages)
		if len(before.items) <= limit && before.wrong == "" {
			continue
		}
		wrong := before.wrong
		var small reading
		for range 2 { // somebody may have come or gone between two pages: once is no proof
			if small, err = r.follow(l, limit); err != nil {
				return r.trouble(fmt.Sprintf("Reading the %s in pages of %d", l.name, limit), err)
			}
			if wrong = small.astray(l.name); wrong == "" && before.ended && small.ended {
				after, err := r.all(l)
				if err != nil {
					return r.trouble("Listing the "+l.name, err)
				}
				wrong = missed(l.name, small, before, after)
			}
			if wrong == "" {
				break
			}
		}
		if wrong != "" {
			return fails("In pages of %d: %s", limit, sentence(wrong))
		}
		walked = append(walked, fmt.Sprintf("%d %s on %d pages", len(small.items), l.name, small.pages))
	}
	if len(walked) == 0 {
		return aside(nothingToPage)
	}
	return passed("%s.", strings.Join(walked, ", "))
}

// astray says what is wrong with a walk in itself.
func (d reading) astray(list string) string {
	seen := map[string]bool{}
	for _, item := range d.items {
		if id := item.ID(); seen[id] {
			return fmt.Sprintf("%q comes twice among the %s", id, list)
		}
		seen[item.ID()] = true
	}
	return d.wrong
}

// missed names what was in a list before a walk and after it, and not on the way.
func missed(list string, walk, before, after reading) string {
	for _, item := range before.items {
		if id := item.ID(); len(walk.of(id)) == 0 && len(after.of(id)) > 0 {
			return fmt.Sprintf("%q is among the %s, and on none of their %d small pages", id, list, walk.pages)
		}
	}
	return ""
}

func (r *run) judgePageCursor() finding {
	tried := 0
	for _, l := range r.rolls() {
		first, err := l.read(r.ctx, target.Page{Limit: 1})
		if err != nil {
			return r.trouble("Asking for one of the "+l.name, err)
		}
		if first.Next == "" {
			continue
		}
		tried++
		once, err := l.read(r.ctx, target.Page{Limit: 1, Cursor: first.Next})
		if err != nil {
			return r.trouble("Asking for the second page of the "+l.name, err)
		}
		again, err := l.read(r.ctx, target.Page{Limit: 1, Cursor: first.Next})
		switch {
		case err != nil:
			return fails("The second page of the %s cannot be asked for again: %s", l.name, sentence(err.Error()))
		case ids(once) != ids(again):
			return fails("Asked for twice, the second page of the %s is %s, then %s.", l.name, ids(once), ids(again))
		}
	}
	if tried == 0 {
		return aside(nothingToPage)
	}
	return passes()
}

func ids(l target.List) string {
	var all []string
	for _, item := range l.Resources {
		all = append(all, item.ID())
	}
	return fmt.Sprintf("%q", all)
}
