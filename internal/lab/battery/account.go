package battery

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// account is somebody whom the run has made.
type account struct {
	id, name string
	sent     target.Profile
}

func (a *account) member() target.Member { return target.Member{ID: a.id, Display: a.name} }

// crew is a group that the run has made.
type crew struct {
	id, name string
}

// announce notes what is about to be made: from now on it may be there.
func (r *run) announce(resource, name string) *report.Object {
	o := &report.Object{Resource: resource, Name: name}
	r.objects = append(r.objects, o)
	return o
}

// settled forgets what was refused: nothing was made. A lost answer leaves it open.
func (r *run) settled(o *report.Object, err error) {
	switch kindOf(err) {
	case target.Denied, target.Taken, target.Rejected, target.Gone:
		r.objects = slices.DeleteFunc(r.objects, func(other *report.Object) bool { return other == o })
	}
}

// create makes an account. One that the answer says is somebody else's is not ours, whatever its id.
func (r *run) create(profile target.Profile) (*account, error) {
	name := profile["userName"]
	o := r.announce("Users", name)
	made, err := r.Target.CreateUser(r.ctx, profile, secret.Text{})
	if err != nil {
		r.settled(o, err)
		return nil, err
	}
	if told := made.UserName(); told != "" && !strings.EqualFold(told, name) {
		return nil, target.NewFailure(target.Suspicious, http.StatusCreated, fmt.Sprintf("the answer is about another user than %s", name), nil)
	}
	o.ID = made.ID()
	return &account{id: made.ID(), name: name, sent: profile}, nil
}

// disown takes the id back from what turned out to be somebody else.
func (r *run) disown(id string) {
	for _, o := range r.objects {
		if o.ID == id {
			o.ID = ""
		}
	}
}

// createGroup makes a group without members.
func (r *run) createGroup(what string) (*crew, error) {
	name := r.names.group(what)
	o := r.announce("Groups", name)
	made, err := r.groups().CreateGroup(r.ctx, name, description)
	if err != nil {
		r.settled(o, err)
		return nil, err
	}
	if told := made.String("displayName"); told != "" && !strings.EqualFold(told, name) || made.ID() == "" {
		return nil, target.NewFailure(target.Suspicious, http.StatusCreated, fmt.Sprintf("the answer is about another group than %s", name), nil)
	}
	o.ID = made.ID()
	return &crew{id: made.ID(), name: name}, nil
}

const description = "Made by Slipway's contract battery."

// anybody is the run's own account, or else the first in the list; nil where there is nobody.
func (r *run) anybody() (scim.Resource, error) {
	if r.ada != nil {
		return r.accounts().User(r.ctx, r.ada.id)
	}
	list, err := r.accounts().Users(r.ctx, target.Page{Limit: wholePage})
	if err != nil {
		return nil, err
	}
	for _, user := range list.Resources {
		if user.ID() != "" && user.UserName() != "" {
			return user, nil
		}
	}
	return nil, nil
}

// unlike says in what an account differs from what was sent; "" where in nothing. What the schema does not list is not
// expected back.
func (r *run) unlike(user scim.Resource, sent target.Profile) string {
	expected := maps.Clone(sent)
	if s := r.knownSchema(); s != nil {
		maps.DeleteFunc(expected, func(path, _ string) bool { return path != "userName" && !s.declares(path) })
	}
	var wrong []string
	for _, d := range target.Differences(user, expected) {
		if d.Attribute == "userName" && strings.EqualFold(d.From, d.To) {
			continue // the case of user names does not count
		}
		wrong = append(wrong, fmt.Sprintf("%s is %q instead of %q", d.Attribute, d.From, d.To))
	}
	if len(wrong) == 0 {
		return ""
	}
	return fmt.Sprintf("Of the user %s, %s.", user.UserName(), few(wrong))
}

// few names the first of many.
func few(all []string) string {
	const shown = 5
	if len(all) > shown {
		return strings.Join(all[:shown], ", ") + fmt.Sprintf(", and %d more", len(all)-shown)
	}
	return strings.Join(all, ", ")
}
