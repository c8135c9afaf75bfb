// Package contract is what a connector may promise: 22 actions with fixed inputs and outputs, which the network's engine
// calls to keep people and groups (connectors §1.9).
//
// It owns their names, inputs and outputs, and the form in which an action that fulfils one answers. Its one rule: a
// contract is tested by a machine, so an answer that lacks what the contract promises is a failure, never an empty success.
package contract

import (
	"slices"
	"strings"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// Contract is one action that the engine can call.
type Contract struct {
	ID      string // "provisioning.createUser"
	Name    string // "Create User"
	Block   Block
	Writes  bool // it changes the vendor's data
	Inputs  []program.Parameter
	Returns Shape
}

// Block is a set of contracts that are wanted together.
type Block string

const (
	Basic        Block = "basic"        // wanted of every connector that provisions
	Users        Block = "users"        // each for itself
	Groups       Block = "groups"       // all four, where the connector has one
	Membership   Block = "membership"   // all three, where the connector has one
	Entitlements Block = "entitlements" // both, where the connector has one
	Logout       Block = "logout"       // for itself
)

// Shape is what an action has to return beside how it went.
type Shape string

const (
	Nothing    Shape = ""
	User       Shape = "user"                 // {user: {id, userName, …}}
	UserList   Shape = "users"                // {resources: [user], pagination: {nextCursor}}
	Group      Shape = "group"                // {group: {id, displayName, …}}
	GroupList  Shape = "groups"               // {resources: [group], pagination}
	Members    Shape = "members"              // {resources: [{value, display}], pagination}
	Properties Shape = "schemaProperties"     // {schemaProperties: [{name, propertyType, …}]}
	Options    Shape = "schemaPropertyValues" // {schemaPropertyValues: [{id, displayName, schemaPropertyName}]}
	LogoutDone Shape = "logoutStatus"         // {logoutStatus: SUCCESS or FAILURE}
)

func input(name string, t value.Type, required bool) program.Parameter {
	return program.Parameter{Key: program.Key{Name: name}, Label: name, Type: t, Required: required}
}

var (
	user       = input("user", value.Object, true)
	userID     = input("userId", value.String, true)
	group      = input("group", value.Object, true)
	groupID    = input("groupId", value.String, true)
	pagination = input("pagination", value.Object, false) // {cursor, limit}
	scim       = input("scim", value.Object, false)       // {baseUri, authMode, entitlementTypes}
)

func members() program.Parameter {
	p := input("groupMembers", value.Object, true)
	p.List = true
	return p
}

// All is every contract, in the order of the documentation.
var All = []Contract{
	{"provisioning.createUser", "Create User", Users, true, []program.Parameter{user}, User},
	{"provisioning.updateUser", "Update User", Users, true, []program.Parameter{user}, User},
	{"provisioning.updateUserPassword", "Update User Password", Users, true, []program.Parameter{userID, input("password", value.Secret, true)}, Nothing},
	{"provisioning.activateUser", "Activate User", Users, true, []program.Parameter{userID}, Nothing},
	{"provisioning.deactivateUser", "Deactivate User", Users, true, []program.Parameter{userID}, Nothing},
	{"provisioning.getUserById", "Get User by ID", Basic, false, []program.Parameter{userID}, User},
	{"provisioning.getUserByUserName", "Get User by UserName", Basic, false, []program.Parameter{input("userName", value.String, true)}, User},
	{"provisioning.listUsers", "List Users", Basic, false, []program.Parameter{pagination}, UserList},
	{"provisioning.listUserSchema", "List User Schema", Basic, false, []program.Parameter{scim, pagination}, Properties},
	{"provisioning.listUserSchemaPropertyValues", "List User Schema Property Values", Basic, false, []program.Parameter{scim, pagination}, Options},
	{"provisioning.getGroupById", "Get Group by ID", Basic, false, []program.Parameter{groupID}, Group},
	{"provisioning.listGroups", "List Groups", Basic, false, []program.Parameter{pagination}, GroupList},
	{"provisioning.listGroupsByDisplayName", "List Groups by Display Name", Groups, false, []program.Parameter{input("displayName", value.String, true), pagination}, GroupList},
	{"provisioning.createGroup", "Create Group", Groups, true, []program.Parameter{group}, Group},
	{"provisioning.updateGroup", "Update Group", Groups, true, []program.Parameter{group}, Group},
	{"provisioning.removeGroup", "Remove Group", Groups, true, []program.Parameter{groupID}, Nothing},
	{"provisioning.listGroupMembers", "List Group Members", Membership, false, []program.Parameter{groupID, pagination}, Members},
	{"provisioning.addGroupMembers", "Add Group Members", Membership, true, []program.Parameter{groupID, members()}, Nothing},
	{"provisioning.removeGroupMembers", "Remove Group Members", Membership, true, []program.Parameter{groupID, members()}, Nothing},
	{"entitlements.listSchema", "List Entitlement Schema", Entitlements, false, []program.Parameter{scim, pagination}, Properties},
	{"entitlements.listSchemaPropertyValues", "List Entitlement Schema Property Values", Entitlements, false, []program.Parameter{scim, pagination}, Options},
	{"logout.universal", "Proprietary Universal Logout", Logout, true, []program.Parameter{
		input("externalUserId", value.String, false), input("externalUserName", value.String, false), input("oktaUserId", value.String, false),
	}, LogoutDone},
}

// Of returns the contract with the id, or of the name, without regard to case; false where there is none.
func Of(id string) (Contract, bool) {
	i := slices.IndexFunc(All, func(c Contract) bool { return strings.EqualFold(c.ID, id) || strings.EqualFold(c.Name, id) })
	if i < 0 {
		return Contract{}, false
	}
	return All[i], true
}

// IDs returns the ids of all contracts.
func IDs() []string {
	ids := make([]string, len(All))
	for i, c := range All {
		ids[i] = c.ID
	}
	return ids
}

// Missing returns the contracts that a connector lacks which has these: the basic ones where it has any, and the rest of
// each block of which it has some.
func Missing(has []string) []Contract {
	if len(has) == 0 {
		return nil
	}
	begun := map[Block]bool{Basic: true}
	for _, c := range All {
		if slices.Contains(has, c.ID) && (c.Block == Groups || c.Block == Membership || c.Block == Entitlements) {
			begun[c.Block] = true
		}
	}
	var missing []Contract
	for _, c := range All {
		if begun[c.Block] && !slices.Contains(has, c.ID) {
			missing = append(missing, c)
		}
	}
	return missing
}
