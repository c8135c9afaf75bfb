// Package driver lets a connector be a target: accounts, groups and all else that its contracts promise.
//
// Its one rule is that of package target: an error says whether the request can have had an effect. It looks at what the
// action sent for that, and not only at how it ended: an action of several requests may fail after the first has made the
// account. Which contracts there are, and what their answers must hold, is package contract's; when and how often to try
// is up to callers.
package driver

import (
	"context"
	"net/http"
	"strings"

	"slipway/internal/connector"
	"slipway/internal/connector/contract"
	"slipway/internal/connector/engine"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// Driver is the vendor's system behind one connection of a connector. It may be used by several goroutines.
type Driver struct {
	connector *connector.Connector
	machine   *engine.Machine
}

var _ target.Target = (*Driver)(nil)

// New returns the target that the connector makes of the machine's connection.
func New(c *connector.Connector, m *engine.Machine) *Driver { return &Driver{c, m} }

// Implements reports whether the connector has an action for the contract with the id.
func (d *Driver) Implements(id string) bool { return d.connector.Implementing(id) != nil }

// Probe asks for two users.
func (d *Driver) Probe(ctx context.Context) error {
	_, err := d.Users(ctx, target.Page{Limit: 2})
	return err
}

// FindUsers looks by user name. No contract looks by external id, so that is Rejected before anything is sent: callers
// then go by the user name alone, and know an account as theirs by the externalId that it shows.
func (d *Driver) FindUsers(ctx context.Context, by target.Attribute, value string) ([]scim.Resource, error) {
	if by != target.UserName {
		return nil, target.NewFailure(target.Rejected, 0, "connectors have no contract to look for an account by "+string(by), nil)
	}
	user, err := d.askUser(ctx, "provisioning.getUserByUserName", map[string]any{"userName": value})
	switch {
	case isGone(err):
		return nil, nil
	case err != nil:
		return nil, err
	case !target.UsableID(user.ID()) || !strings.EqualFold(user.UserName(), value):
		// The contract answers with one account: behind the wrong one there may be the right one.
		return nil, target.NewFailure(target.Suspicious, http.StatusOK, "asked for one account by user name, the connector answered with another", nil)
	}
	return []scim.Resource{user}, nil
}

// User returns one account; Gone where the connector says that there is none.
func (d *Driver) User(ctx context.Context, id string) (scim.Resource, error) {
	user, err := d.askUser(ctx, "provisioning.getUserById", map[string]any{"userId": id})
	if err == nil && user.ID() != id {
		return nil, target.NewFailure(target.Suspicious, http.StatusOK, "asked for one account, the connector answered with another", nil)
	}
	return user, err
}

// CreateUser runs Create User once. The password goes along as the user's password.
func (d *Driver) CreateUser(ctx context.Context, profile target.Profile, password secret.Text) (scim.Resource, error) {
	user := profile.Resource()
	user["active"] = true
	var secrets []secret.Text
	if !password.IsZero() {
		user["password"] = password.Reveal()
		secrets = append(secrets, password)
	}
	answer, err := d.run(ctx, "provisioning.createUser", map[string]any{"user": map[string]any(user)}, secrets...)
	if isGone(err) { // there is no account yet that could be gone
		f := target.FailureOf(err)
		err = target.NewFailure(target.Rejected, f.Status, f.Detail, err)
	}
	if err != nil {
		return nil, err
	}
	made := resource(answer["user"])
	if !target.UsableID(made.ID()) {
		return nil, target.NewFailure(target.Suspicious, http.StatusCreated, "the answer's id is too long, or has characters that no address can hold", nil)
	}
	return made, nil
}

// UpdateUser reads the account, edits it and sends it back whole; what a change removes is sent as empty.
func (d *Driver) UpdateUser(ctx context.Context, id string, changes []target.Change, active bool) error {
	user, err := d.User(ctx, id)
	if err != nil {
		return err
	}
	edited := target.Edited(user, changes)
	edited["id"], edited["active"] = id, active
	return d.write(ctx, id, "provisioning.updateUser", map[string]any{"user": map[string]any(edited)})
}

// SetActive runs Activate User or Deactivate User; without these, Update User with the account as it is.
func (d *Driver) SetActive(ctx context.Context, id string, active bool) error {
	contract := "provisioning.deactivateUser"
	if active {
		contract = "provisioning.activateUser"
	}
	if !d.Implements(contract) && d.Implements("provisioning.updateUser") {
		return d.UpdateUser(ctx, id, nil, active)
	}
	return d.write(ctx, id, contract, map[string]any{"userId": id})
}

// SetPassword runs Update User Password. No error repeats the password.
func (d *Driver) SetPassword(ctx context.Context, id string, password secret.Text) error {
	return d.write(ctx, id, "provisioning.updateUserPassword", map[string]any{"userId": id, "password": password.Reveal()}, password)
}

// write runs an action on an account. A 404 may mean the account or anything else that the action asked for: only
// reading the account tells.
func (d *Driver) write(ctx context.Context, id, contract string, in map[string]any, secrets ...secret.Text) error {
	_, err := d.run(ctx, contract, in, secrets...)
	if !isGone(err) {
		return err
	}
	if _, missing := d.User(ctx, id); missing != nil {
		return missing
	}
	f := target.FailureOf(err)
	return target.NewFailure(target.Rejected, f.Status, "the account is there, but: "+f.Detail, err)
}

func (d *Driver) askUser(ctx context.Context, contract string, in map[string]any) (scim.Resource, error) {
	answer, err := d.run(ctx, contract, in)
	if err != nil {
		return nil, err
	}
	return resource(answer["user"]), nil
}

// run runs the action that fulfils a contract. Its error is a *target.Failure; Gone says that the connector did not find
// something, which is confirmed only where the action did nothing but look for it.
func (d *Driver) run(ctx context.Context, id string, in map[string]any, secrets ...secret.Text) (map[string]any, error) {
	kept, _ := contract.Of(id)
	action := d.connector.Implementing(id)
	if action == nil {
		return nil, target.NewFailure(target.Rejected, 0, "the connector has no action for "+kept.Name, nil)
	}
	watched := &wire{api: d.machine.API}
	m := *d.machine
	m.API = watched
	m.Secrets = func() []secret.Text {
		if d.machine.Secrets == nil {
			return secrets
		}
		return append(d.machine.Secrets(), secrets...)
	}
	answer, err := connector.Run(ctx, &m, action, in)
	if err != nil {
		return nil, d.failure(err, watched, kept.Writes)
	}
	if answer.Result.Halted { // what stood behind its Continue If has not happened
		halted := &engine.Error{Kind: engine.Raised, Message: "The action halted before its end: " + answer.Result.Message}
		return nil, d.failure(halted, watched, kept.Writes)
	}
	return answer.Outputs, nil
}

// resource is a user or group as the connector answers, without what is null and without a password.
func resource(v any) scim.Resource {
	object, _ := said(v).(map[string]any)
	delete(object, "password")
	return object
}

// said copies a value without the members that are null.
func said(v any) any {
	switch v := v.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			if member != nil {
				object[name] = said(member)
			}
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = said(item)
		}
		return list
	}
	return v
}
