package battery

import (
	"context"
	"slices"
	"strings"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/target"
)

const cleanUpLimit = time.Minute

// cleanUp removes what the run made, groups before their members, also after its context has ended. It returns what stays.
func (r *run) cleanUp() []report.Object {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), cleanUpLimit)
	defer cancel()
	r.ctx = ctx
	left := []report.Object{}
	dead := ""
	for _, o := range slices.Backward(r.objects) {
		if dead != "" {
			o.Why = dead
		} else if err := r.identify(o); err != nil {
			o.Why = "Its id is not known. " + sentence(err.Error())
		} else if o.ID != "" {
			o.Why = r.away(*o)
		}
		if o.Why != "" {
			o.Why = r.redact(o.Why)
			left = append(left, *o)
		}
		if ctx.Err() != nil {
			dead = "The target did not answer in time."
		}
	}
	return left
}

// identify finds the id of what only the name is known of; without one and without an error, nothing of the name is there.
func (r *run) identify(o *report.Object) error {
	switch {
	case o.ID != "":
		return nil
	case o.Name == "":
		return target.NewFailure(target.Lost, 0, "It has no name to look for", nil)
	case o.Resource == "Users":
		hits, err := r.Target.FindUsers(r.ctx, target.UserName, o.Name)
		if err == nil && len(hits) > 0 {
			o.ID = hits[0].ID()
		}
		return err
	}
	found, err := r.all(roll{"groups", r.groups().Groups})
	i := slices.IndexFunc(found.items, func(g scim.Resource) bool { return strings.EqualFold(g.String("displayName"), o.Name) })
	if err == nil && i >= 0 {
		o.ID = found.items[i].ID()
	}
	return err
}

// away removes one object, or deactivates it. It returns why it stays, "" where it does not.
func (r *run) away(o report.Object) string {
	if o.Resource == "Groups" {
		return r.groupAway(o.ID)
	}
	if removal, can := r.Target.(Removal); can {
		err := removal.RemoveUser(r.ctx, o.ID)
		if err == nil || kindOf(err) == target.Gone {
			return ""
		}
	}
	return r.userAway(o.ID)
}

// userAway deactivates an account, where it is not gone or inactive already.
func (r *run) userAway(id string) string {
	if over, err := r.over(id); err == nil && over {
		return ""
	}
	if !r.can(deactivateUser) && !r.can(updateUser) {
		return "The target offers nothing to deactivate it with."
	}
	refused := r.Target.SetActive(r.ctx, id, false)
	switch over, err := r.over(id); {
	case err == nil && over:
		return ""
	case refused != nil:
		return "It could not be deactivated. " + sentence(refused.Error())
	case err != nil:
		return "Whether it is deactivated cannot be told. " + sentence(err.Error())
	}
	return "It was deactivated, and is still active."
}

// over reports that an account is gone, or inactive.
func (r *run) over(id string) (bool, error) {
	if !r.can(getUser) {
		return false, nil
	}
	user, err := r.accounts().User(r.ctx, id)
	if kindOf(err) == target.Gone {
		return true, nil
	}
	active, known := user.Active()
	return err == nil && known && !active, err
}

func (r *run) groupAway(id string) string {
	if stays, err := r.groupStays(id); err == nil && !stays {
		return ""
	}
	if !r.can(removeGroup) {
		return "The target offers nothing to remove it with."
	}
	refused := r.groups().RemoveGroup(r.ctx, id)
	switch stays, err := r.groupStays(id); {
	case err == nil && !stays:
		return ""
	case refused != nil:
		return "It could not be removed. " + sentence(refused.Error())
	case err != nil:
		return "Whether it is removed cannot be told. " + sentence(err.Error())
	}
	return "It was removed, and is still there."
}

// groupStays asks for a group by its id and, where the answer says nothing clear, looks into the list.
func (r *run) groupStays(id string) (bool, error) {
	if r.can(getGroup) {
		group, err := r.groups().Group(r.ctx, id)
		switch {
		case err == nil && group.ID() == id:
			return true, nil
		case kindOf(err) == target.Gone:
			return false, nil
		case err != nil && target.FailureOf(err).Status == 0 && kindOf(err) == target.Lost:
			return true, err
		}
	}
	if !r.can(listGroups) {
		return true, target.NewFailure(target.Lost, 0, "the target offers no list of groups", nil)
	}
	found, err := r.all(roll{"groups", r.groups().Groups})
	return err != nil || slices.ContainsFunc(found.items, func(g scim.Resource) bool { return g.ID() == id }), err
}
