package battery

import (
	"context"

	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// What a target may be able to do beside target.Target. Each is asked for alone; all methods return a *target.Failure.
type (
	// Accounts are read one by one and page by page.
	Accounts interface {
		User(ctx context.Context, id string) (scim.Resource, error)
		Users(ctx context.Context, page target.Page) (target.List, error)
	}
	// Removal makes accounts go; without it they are deactivated when a run is over.
	Removal interface {
		RemoveUser(ctx context.Context, id string) error
	}
	// Passwords are set, and never shown.
	Passwords interface {
		SetPassword(ctx context.Context, id string, password secret.Text) error
	}
	// Groups are made, renamed, found and removed.
	Groups interface {
		Group(ctx context.Context, id string) (scim.Resource, error)
		Groups(ctx context.Context, page target.Page) (target.List, error)
		FindGroups(ctx context.Context, name string, page target.Page) (target.List, error)
		CreateGroup(ctx context.Context, name, description string) (scim.Resource, error)
		UpdateGroup(ctx context.Context, id, name, description string) (scim.Resource, error)
		RemoveGroup(ctx context.Context, id string) error
	}
	// Membership is who is in a group.
	Membership interface {
		Members(ctx context.Context, group string, page target.Page) ([]target.Member, string, error)
		AddMembers(ctx context.Context, group string, members ...target.Member) error
		RemoveMembers(ctx context.Context, group string, members ...target.Member) error
	}
	// Schemas say which attributes accounts have, and which values these may have.
	Schemas interface {
		Properties(ctx context.Context) ([]target.Property, error)
		Values(ctx context.Context) ([]target.Value, error)
	}
	// Entitlements say what accounts may be granted.
	Entitlements interface {
		Entitlements(ctx context.Context) ([]target.Property, error)
		EntitlementValues(ctx context.Context) ([]target.Value, error)
	}
	// Sessions of users can be ended.
	Sessions interface {
		LogOut(ctx context.Context, id, userName string) (done bool, err error)
	}
	// Selective is a target that has methods for what it may not be able to do: a connector has all, and actions for some.
	Selective interface {
		Implements(contract string) bool
	}
)

// The contracts, by their ids.
const (
	createUser        = "provisioning.createUser"
	updateUser        = "provisioning.updateUser"
	setPassword       = "provisioning.updateUserPassword"
	activateUser      = "provisioning.activateUser"
	deactivateUser    = "provisioning.deactivateUser"
	getUser           = "provisioning.getUserById"
	findUser          = "provisioning.getUserByUserName"
	listUsers         = "provisioning.listUsers"
	userSchema        = "provisioning.listUserSchema"
	userValues        = "provisioning.listUserSchemaPropertyValues"
	getGroup          = "provisioning.getGroupById"
	listGroups        = "provisioning.listGroups"
	findGroups        = "provisioning.listGroupsByDisplayName"
	createGroup       = "provisioning.createGroup"
	updateGroup       = "provisioning.updateGroup"
	removeGroup       = "provisioning.removeGroup"
	listMembers       = "provisioning.listGroupMembers"
	addMembers        = "provisioning.addGroupMembers"
	removeMembers     = "provisioning.removeGroupMembers"
	entitlementSchema = "entitlements.listSchema"
	entitlementValues = "entitlements.listSchemaPropertyValues"
	logOut            = "logout.universal"
)

func is[T any](t target.Target) bool { _, ok := t.(T); return ok }

// offers tells for each contract whether a target has a method for it. Those that are missing here every target has.
var offers = map[string]func(target.Target) bool{
	getUser: is[Accounts], listUsers: is[Accounts], setPassword: is[Passwords],
	getGroup: is[Groups], listGroups: is[Groups], findGroups: is[Groups], createGroup: is[Groups], updateGroup: is[Groups], removeGroup: is[Groups],
	listMembers: is[Membership], addMembers: is[Membership], removeMembers: is[Membership],
	userSchema: is[Schemas], userValues: is[Schemas], entitlementSchema: is[Entitlements], entitlementValues: is[Entitlements], logOut: is[Sessions],
}

// can reports whether the target keeps a contract.
func (r *run) can(contract string) bool {
	if offered := offers[contract]; offered != nil && !offered(r.Target) {
		return false
	}
	selective, is := r.Target.(Selective)
	return !is || selective.Implements(contract)
}

// The target in each of its roles; whoever asks knows by can that it has it.
func (r *run) accounts() Accounts         { return r.Target.(Accounts) }
func (r *run) groups() Groups             { return r.Target.(Groups) }
func (r *run) membership() Membership     { return r.Target.(Membership) }
func (r *run) entitlements() Entitlements { return r.Target.(Entitlements) }
