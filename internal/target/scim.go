package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// Dialect is which requests a SCIM server wants for changes (lcm §1.1). The zero value is PUT for both:
// the document is read, edited and sent back whole.
type Dialect struct {
	PatchProfile bool // attributes by PATCH
	PatchActive  bool // on and off by PATCH
}

// ByPatch is the dialect of a target whose manifest says that it supports PATCH.
var ByPatch = Dialect{PatchProfile: true, PatchActive: true}

// SCIM is a target that speaks SCIM 2.0.
type SCIM struct {
	client  *scim.Client
	dialect Dialect
}

var _ Target = (*SCIM)(nil)

// NewSCIM returns the target behind client. now is asked when a target wants to be left alone until a date.
func NewSCIM(client *scim.Client, dialect Dialect, now func() time.Time) *SCIM {
	c := *client
	c.HTTP = polite{client.HTTP, now}
	return &SCIM{&c, dialect}
}

const users = "Users"

// findCount is how many accounts a lookup asks for (lcm §1.5); more than one is already too many.
const findCount = 100

// Probe asks for the first two users: the constants of lcm §1.4.
func (t *SCIM) Probe(ctx context.Context) error {
	_, err := t.client.List(ctx, users, scim.Query{StartIndex: 1, Count: 2})
	return readFailure(err)
}

// FindUsers looks for accounts with one eq filter.
func (t *SCIM) FindUsers(ctx context.Context, by Attribute, value string) ([]scim.Resource, error) {
	list, err := t.client.List(ctx, users, scim.Query{Filter: equals(by, value), StartIndex: 1, Count: findCount})
	if isMissing(err) {
		return nil, nil // some targets answer a miss with 404 and an error body (lcm §1.3)
	}
	if err != nil {
		return nil, readFailure(err)
	}
	var hits []scim.Resource
	for _, user := range list.Resources {
		if matches(user, by, value) {
			hits = append(hits, user)
		}
	}
	// A target that ignores filters lists everybody, page by page: who is not here may be on the next (H-67).
	if received := len(list.Resources); len(hits) == 0 && list.TotalResults > received {
		return nil, &Failure{Kind: Suspicious, Status: http.StatusOK, Detail: fmt.Sprintf(
			"asked for one account by %s, the target answered with %d of %d others: it seems to ignore filters", by, received, list.TotalResults)}
	}
	return hits, nil
}

// matches compares exactly what was asked for: some targets filter by another attribute, or not at all.
func matches(user scim.Resource, by Attribute, value string) bool {
	if !UsableID(user.ID()) {
		return false
	}
	if by == ExternalID {
		return user.ExternalID() == value
	}
	return strings.EqualFold(user.UserName(), value)
}

// equals is the filter `by eq "value"`, with the value quoted as JSON (RFC 7644 §3.4.2.2).
func equals(by Attribute, value string) string {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false) // \u003c is correct JSON, and too much for some parsers
	_ = encoder.Encode(value)    // a string always encodes, and a Buffer takes all
	return fmt.Sprintf("%s eq %s", by, bytes.TrimSpace(quoted.Bytes()))
}

// told says what is wrong with the id that a target gave to what it made, nil where nothing is.
func told(id string) error {
	switch {
	case id == "":
		return &Failure{Kind: Unread, Status: http.StatusCreated, Detail: "the answer has no id"}
	case !UsableID(id):
		return &Failure{Kind: Suspicious, Status: http.StatusCreated, Detail: "the answer's id is too long, or has characters that no address can hold"}
	}
	return nil
}

// CreateUser sends one POST.
func (t *SCIM) CreateUser(ctx context.Context, profile Profile, password secret.Text) (scim.Resource, error) {
	user := profile.Resource()
	user["active"] = true
	if !password.IsZero() {
		user["password"] = password.Reveal()
	}
	made, err := t.client.Create(ctx, users, user)
	if err != nil {
		return nil, writeFailure(err)
	}
	if err := told(made.ID()); err != nil {
		return nil, err
	}
	return made, nil
}

const longestID = 512

// UsableID reports whether an id can be stored and asked for (H-63).
func UsableID(id string) bool {
	return id != "" && id != "." && id != ".." && len(id) <= longestID && utf8.ValidString(id) && !strings.ContainsFunc(id, unicode.IsControl)
}

// UpdateUser changes attributes by PATCH, or by reading, editing and sending back the whole document.
func (t *SCIM) UpdateUser(ctx context.Context, id string, changes []Change, active bool) error {
	if t.dialect.PatchProfile {
		return t.patchProfile(ctx, id, changes)
	}
	return t.rewrite(ctx, id, changes, active)
}

// SetActive switches by a path-less PATCH, as Okta does (lcm §1.7), or by a whole document.
func (t *SCIM) SetActive(ctx context.Context, id string, active bool) error {
	if !t.dialect.PatchActive {
		return t.rewrite(ctx, id, nil, active)
	}
	return t.patch(ctx, id, []scim.PatchOp{{Op: "replace", Value: map[string]any{"active": active}}})
}

// SetPassword gives an account a password, by PATCH or in a whole document. No failure repeats it.
func (t *SCIM) SetPassword(ctx context.Context, id string, password secret.Text) error {
	if t.dialect.PatchProfile {
		return hiding(password, t.patch(ctx, id, []scim.PatchOp{{Op: "replace", Path: "password", Value: password.Reveal()}}))
	}
	user, err := t.read(ctx, id)
	if err != nil {
		return err
	}
	user[keyOf(user, "password")] = password.Reveal()
	_, err = t.client.Replace(ctx, users, id, user)
	return hiding(password, writeFailure(err))
}

// hiding takes a secret out of what a target said about it.
func hiding(s secret.Text, err error) error {
	if f, is := errors.AsType[*Failure](err); is {
		hidden := *f
		hidden.Detail = egress.Redact([]secret.Text{s})(f.Detail)
		return &hidden
	}
	return err
}

// rewrite is read, edit, PUT. What we do not know goes back unchanged (lcm §1.6); a password that the target
// shows does not, and active is what it shall be: the document may have been read before somebody switched it.
func (t *SCIM) rewrite(ctx context.Context, id string, changes []Change, active bool) error {
	user, err := t.read(ctx, id)
	if err != nil {
		return err
	}
	apply(user, changes)
	delete(user, keyOf(user, "password"))
	user[keyOf(user, "active")] = active
	_, err = t.client.Replace(ctx, users, id, user)
	return writeFailure(err)
}

// patchProfile names each attribute by its path: an object as value would wipe its other parts on some targets.
// A list is sent whole, with our element edited, because few targets agree on what a value filter does.
func (t *SCIM) patchProfile(ctx context.Context, id string, changes []Change) error {
	var ops []scim.PatchOp
	var lists []Change
	for _, c := range changes {
		switch p := parsePath(c.Attribute); {
		case p.primary:
			lists = append(lists, c)
		case c.To == "":
			ops = append(ops, scim.PatchOp{Op: "remove", Path: c.Attribute})
		default:
			ops = append(ops, scim.PatchOp{Op: "replace", Path: c.Attribute, Value: c.To})
		}
	}
	if len(lists) > 0 {
		user, err := t.read(ctx, id)
		if err != nil {
			return err
		}
		ops = append(ops, listOps(user, lists)...)
	}
	if len(ops) == 0 {
		return nil
	}
	return t.patch(ctx, id, ops)
}

// listOps applies the changes to user and returns one operation for each list that they touch.
func listOps(user scim.Resource, changes []Change) []scim.PatchOp {
	apply(user, changes)
	var names []string
	for _, c := range changes {
		if name := parsePath(c.Attribute).name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	ops := make([]scim.PatchOp, 0, len(names))
	for _, name := range names {
		if list, _ := user[keyOf(user, name)].([]any); len(list) > 0 {
			ops = append(ops, scim.PatchOp{Op: "replace", Path: name, Value: list})
		} else {
			ops = append(ops, scim.PatchOp{Op: "remove", Path: name})
		}
	}
	return ops
}

// patch sends one PATCH. A 404 may mean the account or the method: only reading the account tells.
func (t *SCIM) patch(ctx context.Context, id string, ops []scim.PatchOp) error {
	_, err := t.client.Patch(ctx, users, id, ops)
	if scim.StatusOf(err) != http.StatusNotFound {
		return writeFailure(err)
	}
	if _, missing := t.read(ctx, id); missing != nil {
		return missing
	}
	return &Failure{Kind: Rejected, Status: http.StatusNotFound, Detail: "the account is there, but PATCH on it is answered with 404", cause: err}
}

// read gets one account; Gone if the target says in so many words that there is none.
func (t *SCIM) read(ctx context.Context, id string) (scim.Resource, error) {
	return t.readOne(ctx, users, "account", id)
}

// readOne gets one resource of the kind that what names.
func (t *SCIM) readOne(ctx context.Context, resource, what, id string) (scim.Resource, error) {
	one, err := t.client.Get(ctx, resource, id)
	switch {
	case isMissing(err):
		return nil, &Failure{Kind: Gone, Status: scim.StatusOf(err), Detail: "there is no such " + what, cause: err}
	case err != nil:
		return nil, readFailure(err)
	case one.ID() != id:
		return nil, &Failure{Kind: Suspicious, Status: http.StatusOK, Detail: "asked for one " + what + ", the target answered with another", cause: err}
	}
	return one, nil
}

// isMissing reports a 404 or 410 that the target itself wrote. A web page with status 404 is a wrong address or
// a proxy, and no reason to believe that an account is gone.
func isMissing(err error) bool {
	if _, unreadable := errors.AsType[*scim.AnswerError](err); unreadable {
		return false
	}
	status := scim.StatusOf(err)
	return status == http.StatusNotFound || status == http.StatusGone
}
