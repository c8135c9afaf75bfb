package provision

import (
	"context"
	"errors"
	"strings"
	"time"

	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
)

// stillOut is how long after a POST nobody looks for its account: should we die now, the request may still be
// on its way to the target, or in its hands, when the next process takes over.
const stillOut = 5 * time.Second

// errAbandoned ends a create that nobody wants any more, and that has made no account.
var errAbandoned = errors.New("abandoned")

// create looks, and sends a POST only if there is no account. LookedAt is in the ledger from before a POST
// until the target has answered it for certain; an account that appears in that time is this POST's.
func (a *apply) create(ctx context.Context) error {
	posted := !a.op.LookedAt.IsZero() // in a try before this one, and nobody knows what became of it
	hit, err := a.find(ctx, posted)
	if err != nil {
		return err
	}
	if hit != nil {
		return a.claim(ctx, hit, posted)
	}
	if a.op.Abandoned {
		return errAbandoned
	}
	if !posted {
		a.op.State, a.op.LookedAt = Sending, a.now()
		a.op.NotBefore = a.op.LookedAt.Add(stillOut)
		if err := a.save(ctx); err != nil {
			return &unrecorded{err}
		}
	}
	user, err := a.post(ctx)
	if err == nil {
		a.know(Link{RemoteID: user.ID(), Origin: Created, Active: On}.after(a.op.Changes))
		return nil
	}
	return a.afterPost(ctx, target.FailureOf(err), posted)
}

// post sends no password unless the integration syncs passwords: most targets make accounts for people who sign
// in elsewhere. A target that refuses for want of one, and so has made nothing, gets a random one that nobody
// knows. Where one is sent it is used once and kept nowhere.
func (a *apply) post(ctx context.Context) (scim.Resource, error) {
	var password secret.Text
	if a.features.Password {
		password = a.oneTimePassword()
	}
	user, err := a.target.CreateUser(ctx, profile(a.op.Changes), password)
	if f, ok := errors.AsType[*target.Failure](err); ok && password.IsZero() && wantsPassword(f) {
		return a.target.CreateUser(ctx, profile(a.op.Changes), a.oneTimePassword())
	}
	return user, err
}

func (a *apply) oneTimePassword() secret.Text {
	password := a.password()
	a.recorder.hide(password)
	return password
}

func wantsPassword(f *target.Failure) bool {
	return f.Kind == target.Rejected && strings.Contains(strings.ToLower(f.Detail), "password")
}

// afterPost looks at once where the target all but says that the account is there: after a 409, and after a
// success that names no id. After a lost answer it does not: the target may still be at work on the POST.
func (a *apply) afterPost(ctx context.Context, f *target.Failure, posted bool) error {
	ours := posted || f.Kind == target.Unread // a POST that was answered with 409 made nothing
	if f.Kind == target.Taken || f.Kind == target.Unread {
		hit, err := a.find(ctx, true)
		if err != nil {
			return err
		}
		if hit != nil {
			return a.claim(ctx, hit, ours)
		}
	}
	if refused := !maybeDone(f); refused && (!posted || f.Kind == target.Rejected) {
		a.op.LookedAt = time.Time{} // with the same body, an earlier POST was refused like this one
	}
	return f
}

// find looks for this person's account by user name; where a POST may be out, by our own id first.
func (a *apply) find(ctx context.Context, byOurID bool) (scim.Resource, error) {
	if byOurID {
		hits, err := a.target.FindUsers(ctx, target.ExternalID, a.op.PersonID)
		if err != nil && !cannotFilter(target.FailureOf(err)) {
			return nil, err
		}
		if len(hits) == 1 {
			return hits[0], nil
		}
	}
	hits, err := a.target.FindUsers(ctx, target.UserName, userName(a.op))
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	if len(hits) > 1 {
		return nil, &held{note: heldSeveral}
	}
	return hits[0], nil
}

// cannotFilter reports that the target does not know the filter, so that only the user name is left to look by.
// Breakdowns count: some targets answer an unknown filter with 500, and the next request tells a real one.
func cannotFilter(f *target.Failure) bool {
	return f.Kind == target.Rejected || f.Kind == target.Suspicious || f.Kind == target.Lost && f.Status != 0
}

// claim decides whose account a lookup has found. It is this person's if it carries the person's id, if it is
// linked to the person already, or if it has appeared since a POST of ours whose answer is not known.
func (a *apply) claim(ctx context.Context, user scim.Resource, posted bool) error {
	owner, err := a.ledger.LinkedTo(ctx, a.op.InstallationID, user.ID())
	if err != nil {
		return &unrecorded{err}
	}
	id := user.ExternalID()
	switch {
	case owner != "" && owner != a.op.PersonID:
		return &held{heldLinked, user.ID()}
	case id == a.op.PersonID, owner == a.op.PersonID, id == "" && posted:
		return a.takeBack(ctx, user, posted)
	}
	return &held{heldExists, user.ID()}
}

// tie records that the account is this person's, before it is known to be what it should be.
func (a *apply) tie(ctx context.Context, user scim.Resource) error {
	a.know(Link{RemoteID: user.ID(), Origin: Created, Active: Unknown}.doubting(a.op.Changes))
	a.op.State = Sending
	err := a.save(ctx)
	if errors.Is(err, ErrLinked) {
		a.learn = false
		return &held{heldLinked, user.ID()}
	}
	if err != nil {
		return &unrecorded{err}
	}
	return nil
}

// takeBack links an account of ours, and sends what differs: an earlier life may have left it old, or off.
func (a *apply) takeBack(ctx context.Context, user scim.Resource, posted bool) error {
	if a.op.Abandoned {
		a.know(Link{RemoteID: user.ID(), Origin: Created, Active: Unknown}.doubting(a.op.Changes))
		return nil
	}
	if !posted {
		a.op.Note = noteFound
	}
	// Linked before anything is sent: should the person leave now, the account is known and switched off.
	if err := a.tie(ctx, user); err != nil {
		return err
	}
	if active, known := user.Active(); known && !active && a.features.Deactivate {
		if err := a.target.SetActive(ctx, user.ID(), true); err != nil {
			return err
		}
	}
	if changes := target.Differences(user, profile(a.op.Changes)); len(changes) > 0 && a.features.Update {
		if err := a.target.UpdateUser(ctx, user.ID(), changes, true); err != nil {
			return err
		}
	}
	a.know(Link{RemoteID: user.ID(), Origin: Created, Active: On}.after(a.op.Changes))
	return nil
}
