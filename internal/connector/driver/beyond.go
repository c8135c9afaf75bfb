package driver

import (
	"context"
	"net/http"

	"slipway/internal/connector/value"
	"slipway/internal/scim"
	"slipway/internal/target"
)

func pagination(p target.Page) map[string]any {
	in := map[string]any{}
	if p.Cursor != "" {
		in["cursor"] = p.Cursor
	}
	if p.Limit > 0 {
		in["limit"] = float64(p.Limit)
	}
	return in
}

// Users returns one page of all accounts.
func (d *Driver) Users(ctx context.Context, page target.Page) (target.List, error) {
	return d.list(ctx, "provisioning.listUsers", map[string]any{"pagination": pagination(page)})
}

func (d *Driver) list(ctx context.Context, contract string, in map[string]any) (target.List, error) {
	answer, err := d.run(ctx, contract, in)
	if err != nil {
		return target.List{}, err
	}
	l := target.List{Next: next(answer)}
	for _, item := range items(answer["resources"]) {
		l.Resources = append(l.Resources, resource(item))
	}
	return l, nil
}

func next(answer map[string]any) string {
	return value.Text(value.Get(answer["pagination"], "nextCursor"))
}

func items(v any) []any { list, _ := v.([]any); return list }

// Group returns one group.
func (d *Driver) Group(ctx context.Context, id string) (scim.Resource, error) {
	return d.group(ctx, "provisioning.getGroupById", map[string]any{"groupId": id})
}

// Groups returns one page of all groups.
func (d *Driver) Groups(ctx context.Context, page target.Page) (target.List, error) {
	return d.list(ctx, "provisioning.listGroups", map[string]any{"pagination": pagination(page)})
}

// FindGroups returns one page of the groups that the connector finds by name. Whether they bear it is for callers to see.
func (d *Driver) FindGroups(ctx context.Context, name string, page target.Page) (target.List, error) {
	return d.list(ctx, "provisioning.listGroupsByDisplayName", map[string]any{"displayName": name, "pagination": pagination(page)})
}

// CreateGroup makes a group and returns it as the connector answers.
func (d *Driver) CreateGroup(ctx context.Context, name, description string) (scim.Resource, error) {
	return d.group(ctx, "provisioning.createGroup", map[string]any{"group": groupOf("", name, description)})
}

// UpdateGroup gives a group a name and a description, and returns it as the connector answers.
func (d *Driver) UpdateGroup(ctx context.Context, id, name, description string) (scim.Resource, error) {
	return d.group(ctx, "provisioning.updateGroup", map[string]any{"group": groupOf(id, name, description)})
}

// RemoveGroup removes a group; its members stay.
func (d *Driver) RemoveGroup(ctx context.Context, id string) error {
	_, err := d.run(ctx, "provisioning.removeGroup", map[string]any{"groupId": id})
	return err
}

func (d *Driver) group(ctx context.Context, contract string, in map[string]any) (scim.Resource, error) {
	answer, err := d.run(ctx, contract, in)
	if err != nil {
		return nil, err
	}
	return resource(answer["group"]), nil
}

func groupOf(id, name, description string) map[string]any {
	g := map[string]any{"schemas": []any{scim.SchemaGroup}, "displayName": name, "description": description}
	if id != "" {
		g["id"] = id
	}
	return g
}

// Members returns one page of a group's members, and the cursor of the next.
func (d *Driver) Members(ctx context.Context, group string, page target.Page) ([]target.Member, string, error) {
	answer, err := d.run(ctx, "provisioning.listGroupMembers", map[string]any{"groupId": group, "pagination": pagination(page)})
	if err != nil {
		return nil, "", err
	}
	var members []target.Member
	for _, item := range items(answer["resources"]) {
		members = append(members, target.Member{ID: value.Text(value.Get(item, "value")), Display: value.Text(value.Get(item, "display"))})
	}
	return members, next(answer), nil
}

// AddMembers puts accounts into a group.
func (d *Driver) AddMembers(ctx context.Context, group string, members ...target.Member) error {
	return d.join(ctx, "provisioning.addGroupMembers", group, members)
}

// RemoveMembers takes accounts out of a group.
func (d *Driver) RemoveMembers(ctx context.Context, group string, members ...target.Member) error {
	return d.join(ctx, "provisioning.removeGroupMembers", group, members)
}

func (d *Driver) join(ctx context.Context, contract, group string, members []target.Member) error {
	list := []any{}
	for _, m := range members {
		list = append(list, map[string]any{"value": m.ID, "display": m.Display})
	}
	_, err := d.run(ctx, contract, map[string]any{"groupId": group, "groupMembers": list})
	return err
}

// Properties returns what accounts have.
func (d *Driver) Properties(ctx context.Context) ([]target.Property, error) {
	return d.properties(ctx, "provisioning.listUserSchema")
}

// Entitlements returns the kinds of entitlements that accounts may have.
func (d *Driver) Entitlements(ctx context.Context) ([]target.Property, error) {
	return d.properties(ctx, "entitlements.listSchema")
}

func (d *Driver) properties(ctx context.Context, contract string) ([]target.Property, error) {
	var all []target.Property
	err := d.pages(ctx, contract, func(answer map[string]any) {
		for _, item := range items(answer["schemaProperties"]) {
			raw, _ := item.(map[string]any)
			text := func(name string) string { return value.Text(raw[name]) }
			all = append(all, target.Property{
				Name: text("name"), Title: text("title"), Type: text("propertyType"), ExternalName: text("externalName"),
				ExternalNamespace: text("externalNamespace"), Required: raw["required"] == true, Raw: raw,
			})
		}
	})
	return all, err
}

// longestSchema is how many pages a schema may have: more than any, fewer than for ever.
const longestSchema = 100

// pages runs a contract for page after page, to the last.
func (d *Driver) pages(ctx context.Context, contract string, take func(answer map[string]any)) error {
	page := target.Page{}
	for range longestSchema {
		var in map[string]any
		if page.Cursor != "" {
			in = map[string]any{"pagination": pagination(page)}
		}
		answer, err := d.run(ctx, contract, in)
		if err != nil {
			return err
		}
		take(answer)
		switch cursor := next(answer); cursor {
		case "":
			return nil
		case page.Cursor:
			return target.NewFailure(target.Suspicious, http.StatusOK, "a page names the cursor by which it was asked for: the list has no end", nil)
		default:
			page.Cursor = cursor
		}
	}
	return target.NewFailure(target.Suspicious, http.StatusOK, "the list does not come to an end", nil)
}

// Values returns which values attributes may have, for those that are not free.
func (d *Driver) Values(ctx context.Context) ([]target.Value, error) {
	return d.values(ctx, "provisioning.listUserSchemaPropertyValues")
}

// EntitlementValues returns which entitlements of each kind there are.
func (d *Driver) EntitlementValues(ctx context.Context) ([]target.Value, error) {
	return d.values(ctx, "entitlements.listSchemaPropertyValues")
}

func (d *Driver) values(ctx context.Context, contract string) ([]target.Value, error) {
	var all []target.Value
	err := d.pages(ctx, contract, func(answer map[string]any) {
		for _, item := range items(answer["schemaPropertyValues"]) {
			text := func(name string) string { return value.Text(value.Get(item, name)) }
			all = append(all, target.Value{Property: text("schemaPropertyName"), ID: text("id"), Display: text("displayName")})
		}
	})
	return all, err
}

// LogOut ends every session of a user, named by id, user name or both; false where the vendor says that it could not.
func (d *Driver) LogOut(ctx context.Context, id, userName string) (bool, error) {
	in := map[string]any{}
	if id != "" {
		in["externalUserId"] = id
	}
	if userName != "" {
		in["externalUserName"] = userName
	}
	answer, err := d.run(ctx, "logout.universal", in)
	return answer["logoutStatus"] == "SUCCESS", err
}
