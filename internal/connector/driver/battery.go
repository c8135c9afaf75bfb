package driver

import (
	"context"

	"slipway/internal/connector/value"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// What targets may be able to do beside keeping accounts. Whoever needs one asks for it alone, and a SCIM server may offer
// it as well. All methods return a *target.Failure; Rejected where the connector has no action for it.
type (
	// Accounts are read one by one and page by page.
	Accounts interface {
		User(ctx context.Context, id string) (scim.Resource, error)
		Users(ctx context.Context, page Page) (List, error)
	}
	// Passwords are set, and never shown.
	Passwords interface {
		SetPassword(ctx context.Context, id string, password secret.Text) error
	}
	// Groups are made, renamed, found and removed.
	Groups interface {
		Group(ctx context.Context, id string) (scim.Resource, error)
		Groups(ctx context.Context, page Page) (List, error)
		FindGroups(ctx context.Context, name string, page Page) (List, error)
		CreateGroup(ctx context.Context, name, description string) (scim.Resource, error)
		UpdateGroup(ctx context.Context, id, name, description string) (scim.Resource, error)
		RemoveGroup(ctx context.Context, id string) error
	}
	// Membership is who is in a group.
	Membership interface {
		Members(ctx context.Context, group string, page Page) ([]Member, string, error)
		AddMembers(ctx context.Context, group string, members ...Member) error
		RemoveMembers(ctx context.Context, group string, members ...Member) error
	}
	// Schemas say which attributes and entitlements there are, and which values these may have.
	Schemas interface {
		Properties(ctx context.Context, of Subject) ([]Property, error)
		Values(ctx context.Context, of Subject) ([]Value, error)
	}
	// Sessions of users can be ended.
	Sessions interface {
		LogOut(ctx context.Context, id, userName string) (done bool, err error)
	}
)

var (
	_ Accounts   = (*Driver)(nil)
	_ Passwords  = (*Driver)(nil)
	_ Groups     = (*Driver)(nil)
	_ Membership = (*Driver)(nil)
	_ Schemas    = (*Driver)(nil)
	_ Sessions   = (*Driver)(nil)
)

// Page is which part of a list is wanted: at most Limit items, as many as the vendor likes where it is 0, from the Cursor
// that the page before gave.
type Page struct {
	Cursor string
	Limit  int
}

func (p Page) input() map[string]any {
	in := map[string]any{}
	if p.Cursor != "" {
		in["cursor"] = p.Cursor
	}
	if p.Limit > 0 {
		in["limit"] = float64(p.Limit)
	}
	return in
}

// List is one page; Next is "" on the last.
type List struct {
	Resources []scim.Resource
	Next      string
}

// Member is who is in a group.
type Member struct {
	ID      string // of the account
	Display string
}

// Subject is what a schema is about.
type Subject string

const (
	OfUsers        Subject = "users"
	OfEntitlements Subject = "entitlements"
)

// Property is one attribute, or one kind of entitlement.
type Property struct {
	Name, Title, Type string
	ExternalName      string // its path in a SCIM user, "" where that is its name
	ExternalNamespace string // URN of the schema that the path belongs to
	Required          bool
	Raw               map[string]any // all that the connector says of it
}

// Value is one value that a property may have.
type Value struct {
	Property, ID, Display string
}

// Users returns one page of all accounts.
func (d *Driver) Users(ctx context.Context, page Page) (List, error) {
	return d.list(ctx, "provisioning.listUsers", map[string]any{"pagination": page.input()})
}

func (d *Driver) list(ctx context.Context, contract string, in map[string]any) (List, error) {
	answer, err := d.run(ctx, contract, in)
	if err != nil {
		return List{}, err
	}
	l := List{Next: next(answer)}
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
func (d *Driver) Groups(ctx context.Context, page Page) (List, error) {
	return d.list(ctx, "provisioning.listGroups", map[string]any{"pagination": page.input()})
}

// FindGroups returns one page of the groups that the connector finds by name. Whether they bear it is for callers to see.
func (d *Driver) FindGroups(ctx context.Context, name string, page Page) (List, error) {
	return d.list(ctx, "provisioning.listGroupsByDisplayName", map[string]any{"displayName": name, "pagination": page.input()})
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
func (d *Driver) Members(ctx context.Context, group string, page Page) ([]Member, string, error) {
	answer, err := d.run(ctx, "provisioning.listGroupMembers", map[string]any{"groupId": group, "pagination": page.input()})
	if err != nil {
		return nil, "", err
	}
	var members []Member
	for _, item := range items(answer["resources"]) {
		members = append(members, Member{ID: value.Text(value.Get(item, "value")), Display: value.Text(value.Get(item, "display"))})
	}
	return members, next(answer), nil
}

// AddMembers puts accounts into a group.
func (d *Driver) AddMembers(ctx context.Context, group string, members ...Member) error {
	return d.join(ctx, "provisioning.addGroupMembers", group, members)
}

// RemoveMembers takes accounts out of a group.
func (d *Driver) RemoveMembers(ctx context.Context, group string, members ...Member) error {
	return d.join(ctx, "provisioning.removeGroupMembers", group, members)
}

func (d *Driver) join(ctx context.Context, contract, group string, members []Member) error {
	list := []any{}
	for _, m := range members {
		list = append(list, map[string]any{"value": m.ID, "display": m.Display})
	}
	_, err := d.run(ctx, contract, map[string]any{"groupId": group, "groupMembers": list})
	return err
}

// Properties returns what accounts, or entitlements, have.
func (d *Driver) Properties(ctx context.Context, of Subject) ([]Property, error) {
	contract := "provisioning.listUserSchema"
	if of == OfEntitlements {
		contract = "entitlements.listSchema"
	}
	answer, err := d.run(ctx, contract, nil)
	if err != nil {
		return nil, err
	}
	var all []Property
	for _, item := range items(answer["schemaProperties"]) {
		raw, _ := item.(map[string]any)
		text := func(name string) string { return value.Text(raw[name]) }
		all = append(all, Property{
			Name: text("name"), Title: text("title"), Type: text("propertyType"), ExternalName: text("externalName"),
			ExternalNamespace: text("externalNamespace"), Required: raw["required"] == true, Raw: raw,
		})
	}
	return all, nil
}

// Values returns which values properties may have, for those that are not free.
func (d *Driver) Values(ctx context.Context, of Subject) ([]Value, error) {
	contract := "provisioning.listUserSchemaPropertyValues"
	if of == OfEntitlements {
		contract = "entitlements.listSchemaPropertyValues"
	}
	answer, err := d.run(ctx, contract, nil)
	if err != nil {
		return nil, err
	}
	var all []Value
	for _, item := range items(answer["schemaPropertyValues"]) {
		text := func(name string) string { return value.Text(value.Get(item, name)) }
		all = append(all, Value{Property: text("schemaPropertyName"), ID: text("id"), Display: text("displayName")})
	}
	return all, nil
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
