package target

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"slipway/internal/scim"
)

const groups = "Groups"

// Member is who is in a group.
type Member struct {
	ID      string // of the account
	Display string
}

// Group returns one group; Gone where the target says that there is none.
func (t *SCIM) Group(ctx context.Context, id string) (scim.Resource, error) {
	return t.readOne(ctx, groups, "group", id)
}

// Groups returns one page of all groups.
func (t *SCIM) Groups(ctx context.Context, page Page) (List, error) {
	return t.list(ctx, groups, page, "")
}

// FindGroups returns one page of the groups that the target finds by name. Whether they bear it is for callers to see.
func (t *SCIM) FindGroups(ctx context.Context, name string, page Page) (List, error) {
	return t.list(ctx, groups, page, equals("displayName", name))
}

// CreateGroup makes a group and returns it as the target answers. SCIM's groups have no description, so that is left out.
func (t *SCIM) CreateGroup(ctx context.Context, name, _ string) (scim.Resource, error) {
	made, err := t.client.Create(ctx, groups, scim.Resource{"schemas": []any{scim.SchemaGroup}, "displayName": name})
	if err != nil {
		return nil, writeFailure(err)
	}
	return made, told(made.ID())
}

// UpdateGroup gives a group a name and returns it as it then reads.
func (t *SCIM) UpdateGroup(ctx context.Context, id, name, _ string) (scim.Resource, error) {
	err := t.changeGroup(ctx, id, []scim.PatchOp{{Op: "replace", Path: "displayName", Value: name}}, func(group scim.Resource) {
		group[keyOf(group, "displayName")] = name
	})
	if err != nil {
		return nil, err
	}
	return t.Group(ctx, id)
}

// RemoveGroup removes a group; its members stay.
func (t *SCIM) RemoveGroup(ctx context.Context, id string) error { return t.remove(ctx, groups, id) }

// RemoveUser deletes an account.
func (t *SCIM) RemoveUser(ctx context.Context, id string) error { return t.remove(ctx, users, id) }

func (t *SCIM) remove(ctx context.Context, resource, id string) error {
	err := t.client.Delete(ctx, resource, id)
	if isMissing(err) {
		return &Failure{Kind: Gone, Status: scim.StatusOf(err), Detail: "it is not there", cause: err}
	}
	return writeFailure(err)
}

// Members returns one page of a group's members, and the cursor of the next. SCIM shows them all at once, with the group: they
// are divided here.
func (t *SCIM) Members(ctx context.Context, group string, page Page) (members []Member, next string, err error) {
	read, err := t.Group(ctx, group)
	if err != nil {
		return nil, "", err
	}
	list, _ := read.Get("members").([]any)
	from, err := page.from(0)
	if err != nil {
		return nil, "", err
	}
	from = min(from, len(list))
	to := len(list)
	if page.Limit > 0 && from+page.Limit < to {
		to = from + page.Limit
		next = strconv.Itoa(to)
	}
	for _, item := range list[from:to] {
		object, _ := item.(map[string]any)
		m := scim.Resource(object)
		members = append(members, Member{ID: m.String("value"), Display: m.String("display")})
	}
	return members, next, nil
}

// AddMembers puts accounts into a group.
func (t *SCIM) AddMembers(ctx context.Context, group string, members ...Member) error {
	var added []any
	for _, m := range members {
		added = append(added, m.value())
	}
	return t.changeGroup(ctx, group, []scim.PatchOp{{Op: "add", Path: "members", Value: added}}, func(r scim.Resource) {
		key := keyOf(r, "members")
		list, _ := r[key].([]any)
		r[key] = append(without(list, members), added...)
	})
}

// RemoveMembers takes accounts out of a group, each by an operation of its own: few targets read a longer filter.
func (t *SCIM) RemoveMembers(ctx context.Context, group string, members ...Member) error {
	var ops []scim.PatchOp
	for _, m := range members {
		ops = append(ops, scim.PatchOp{Op: "remove", Path: "members[" + equals("value", m.ID) + "]"})
	}
	return t.changeGroup(ctx, group, ops, func(r scim.Resource) {
		key := keyOf(r, "members")
		list, _ := r[key].([]any)
		r[key] = without(list, members)
	})
}

func (m Member) value() map[string]any {
	v := map[string]any{"value": m.ID}
	if m.Display != "" {
		v["display"] = m.Display
	}
	return v
}

func without(list []any, members []Member) []any {
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool {
		object, _ := item.(map[string]any)
		id := scim.Resource(object).String("value")
		return slices.ContainsFunc(members, func(m Member) bool { return m.ID == id })
	})
}

// changeGroup changes a group by PATCH; where the dialect has none, it is read, edited and sent back whole.
func (t *SCIM) changeGroup(ctx context.Context, id string, ops []scim.PatchOp, edit func(scim.Resource)) error {
	if !t.dialect.PatchProfile {
		group, err := t.Group(ctx, id)
		if err != nil {
			return err
		}
		edit(group)
		_, err = t.client.Replace(ctx, groups, id, group)
		return writeFailure(err)
	}
	_, err := t.client.Patch(ctx, groups, id, ops)
	if scim.StatusOf(err) != http.StatusNotFound {
		return writeFailure(err)
	}
	if _, missing := t.Group(ctx, id); missing != nil {
		return missing
	}
	return &Failure{Kind: Rejected, Status: http.StatusNotFound, Detail: "the group is there, but PATCH on it is answered with 404", cause: err}
}
