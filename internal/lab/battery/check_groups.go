package battery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const groupCreated = "contract.group.create"

var groupChecks = []Check{
	{
		ID: "contract.group.unknown", Title: "A group id that nothing has is not found", Contracts: []string{getGroup}, Needs: []string{"contract.connect"},
		Severity: report.Network,
		Why:      "Only a clear “not found” tells that a group is gone.",
		Fix:      "Let Get Group by ID end with 404, of the type RESOURCE_NOT_FOUND, where there is no such group.",
		judge: func(r *run) finding {
			group, err := r.groups().Group(r.ctx, r.names.unknown)
			if err == nil {
				return fails("Asked for the id %s, which nothing has, it answered with the group %q.", r.names.unknown, group.ID())
			}
			return r.notFound("Asking for a group id that nothing has", err)
		},
	},
	{
		ID: groupCreated, Title: "A group without members is created, and reads back by id", Contracts: []string{createGroup, getGroup},
		Needs: []string{"contract.connect"}, Changes: true, Severity: report.Network, Plan: []string{"C9312", "C9317", "C9320", "C9323", "C9329"},
		Why:   "A group is pushed before its members are.",
		Fix:   "Create a group from its displayName, and answer with its id.",
		judge: (*run).judgeCreateGroup,
	},
	{
		ID: "contract.group.list", Title: "A group that was created is in the list over all pages, once", Contracts: []string{createGroup, listGroups},
		Needs: []string{groupCreated}, Changes: true, Severity: report.Network, Plan: []string{"C9338"},
		Why: "An import takes what is not in the list for gone.",
		Fix: "List all groups, and hand the API's cursor on as nextCursor until there is none.",
		judge: func(r *run) finding {
			return r.lists(roll{"groups", r.groups().Groups}, map[string]string{r.crew.id: r.crew.name})
		},
	},
	{
		ID: "contract.group.find", Title: "A group is found by its exact name, and no other is", Contracts: []string{createGroup, findGroups},
		Needs: []string{groupCreated}, Changes: true, Severity: report.Network, Plan: []string{"C9315", "C9322", "C9330"},
		Why:   "A group that exists already is linked by its name; members pushed into another group get what they must not have.",
		Fix:   "Let List Groups by Display Name compare the whole name.",
		judge: (*run).judgeFindGroup,
	},
	{
		ID: "contract.group.rename", Title: "A group's new name arrives, under the old id", Contracts: []string{updateGroup, getGroup},
		Needs: []string{groupCreated}, Changes: true, Severity: report.Network, Plan: []string{"C9315", "C9316"},
		Why:   "A group that keeps its old name is made a second time.",
		Fix:   "Write displayName in Update Group.",
		judge: (*run).judgeRename,
	},
}

func (r *run) judgeCreateGroup() finding {
	c, err := r.createGroup("crew")
	if err != nil {
		return r.trouble("Creating a group", err)
	}
	f := r.readsGroup(c.id, c.name)
	if f.outcome == report.Pass {
		r.crew = c
	}
	return f
}

// readsGroup passes where, sooner or later, the group with the id has the name.
func (r *run) readsGroup(id, name string) finding {
	return r.holds("Reading the group by id", func() (string, error) {
		group, err := r.groups().Group(r.ctx, id)
		if err == nil && group.String("displayName") != name {
			return fmt.Sprintf("The group %q is called %q, and not %q.", id, group.String("displayName"), name), nil
		}
		return "", err
	})
}

// judgeFindGroup makes a second group whose name begins like that of the first.
func (r *run) judgeFindGroup() finding {
	if _, err := r.createGroup("crew-two"); err != nil {
		return r.trouble("Creating a second group", err)
	}
	return r.holds("Looking for a group by name", func() (string, error) {
		found, err := r.all(roll{"groups", func(ctx context.Context, page target.Page) (target.List, error) {
			return r.groups().FindGroups(ctx, r.crew.name, page)
		}})
		if err != nil {
			return "", err
		}
		if i := slices.IndexFunc(found.items, func(g scim.Resource) bool { return !strings.EqualFold(g.String("displayName"), r.crew.name) }); i >= 0 {
			return fmt.Sprintf("Looking for the group %s finds others too, such as the one with the id %q.", r.crew.name, found.items[i].ID()), nil
		}
		if n := len(found.of(r.crew.id)); n != 1 {
			return fmt.Sprintf("Looking for the group %s finds it %d times.", r.crew.name, n), nil
		}
		return "", nil
	})
}

func (r *run) judgeRename() finding {
	name := r.names.group("crew-renamed")
	if _, err := r.groups().UpdateGroup(r.ctx, r.crew.id, name, description); err != nil {
		return r.trouble("Renaming a group", err)
	}
	f := r.readsGroup(r.crew.id, name)
	if f.outcome == report.Pass {
		r.crew.name = name
	}
	return f
}

const removed = "contract.group.remove"

var removalChecks = []Check{
	{
		ID: removed, Title: "A group that was removed is gone", Contracts: []string{createGroup, removeGroup}, Needs: []string{groupCreated},
		Changes: true, Severity: report.Network, Plan: []string{"C9318", "C9325", "C9327"},
		Why:   "Its members would keep what it gives.",
		Fix:   "Delete the group, and answer Get Group by ID with 404 from then on.",
		judge: (*run).judgeRemove,
	},
	{
		ID: "contract.group.remove.users", Title: "When a group is removed, its members stay", Contracts: []string{removeGroup, addMembers, createUser, getUser},
		Needs: []string{removed}, Changes: true, Severity: report.Network, Plan: []string{"C9318", "C9325", "C9327"},
		Why: "Removing a group must cost nobody the account.",
		Fix: "Delete the group alone.",
		judge: func(r *run) finding {
			if r.dropped == nil || r.cid == nil {
				return aside("The group that was removed had no members, because none could be added.")
			}
			user, err := r.accounts().User(r.ctx, r.cid.id)
			switch {
			case kindOf(err) == target.Gone:
				return fails("%s was in the group that was removed, and is gone with it.", r.cid.name)
			case err != nil:
				return r.trouble("Reading a member of the group by id", err)
			}
			if active, known := user.Active(); known && !active {
				return fails("%s was in the group that was removed, and is inactive now.", r.cid.name)
			}
			return passes()
		},
	},
}

// judgeRemove removes a group of its own, with somebody in it where members can be added.
func (r *run) judgeRemove() finding {
	c, err := r.createGroup("gone")
	if err != nil {
		return r.trouble("Creating a group", err)
	}
	inhabited := r.cid != nil && r.can(addMembers) && r.membership().AddMembers(r.ctx, c.id, r.cid.member()) == nil
	if err := r.groups().RemoveGroup(r.ctx, c.id); err != nil {
		return r.trouble("Removing a group", err)
	}
	f := r.holds("Looking whether the group is gone", func() (string, error) {
		stays, err := r.groupStays(c.id)
		if stays && err == nil {
			return "It was answered with success, and the group is still there.", nil
		}
		return "", err
	})
	if inhabited && f.outcome == report.Pass {
		r.dropped = c
	}
	return f
}
