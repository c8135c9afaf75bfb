package provision

import (
	"context"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Farewell is what becomes of the accounts at the target when an installation goes.
type Farewell string

// Neither touches an account that we neither created nor adopted.
const (
	DeactivateAccounts Farewell = "deactivate" // they are deactivated first, and the installation goes when that is done
	LeaveAccounts      Farewell = "leave"      // nothing is sent, and it goes at once
)

var (
	errLeaving = fault.New(fault.Conflict, "This installation is being uninstalled. Nobody can be assigned and nothing planned any more.")
	errGone    = fault.New(fault.Conflict, "This installation was uninstalled. Only its ledger is kept. To use the app again, install it from the catalog.")
)

// Parting is what uninstalling would do now.
type Parting struct {
	Deactivate int // accounts that we created or adopted and that are on
	Stay       int // such accounts that stay on, because the integration does not deactivate
}

// Parting counts the accounts that are still on, for the page that asks once more. Nothing is stored or sent.
func (s *Service) Parting(ctx context.Context, actor access.Actor, id string) (Parting, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return Parting{}, err
	}
	leave, err := leaver(i, version)
	if err != nil {
		return Parting{}, err
	}
	var parting Parting
	err = s.Store.View(ctx, i, nil, func(people People) error {
		draft := leave(people).Draft
		parting.Deactivate += len(draft.Operations)
		parting.Stay += len(draft.Withheld)
		return nil
	})
	return parting, err
}

// Uninstall takes an installation out of the org. Nobody has the app any more from then on. With DeactivateAccounts a
// paused one goes on, and it is gone once every account is switched off; what fails waits for an admin, who retries it or
// calls again with LeaveAccounts. When it is gone its credentials are purged, and the ledger stays.
func (s *Service) Uninstall(ctx context.Context, actor access.Actor, id string, how Farewell) (Installation, error) {
	i, version, err := s.open(ctx, actor, id)
	if err != nil {
		return Installation{}, err
	}
	var leave func(People) Revision
	switch {
	case how == LeaveAccounts:
		leave = leaveAll
	case how != DeactivateAccounts:
		return Installation{}, fault.New(fault.Invalid, "Choose what becomes of the accounts.").
			With(fault.Field{Key: "accounts", Message: "Choose one of the two."})
	case !i.Leaving.IsZero():
		return Installation{}, errLeaving
	default:
		if leave, err = leaver(i, version); err != nil {
			return Installation{}, err
		}
	}
	if err := s.Store.Leave(ctx, i, actor.Name, s.Clock(), leave); err != nil {
		return Installation{}, err
	}
	return s.Store.Installation(ctx, actor.OrgID, id)
}

// leaver plans as if nobody were assigned.
func leaver(i Installation, version Version) (func(People) Revision, error) {
	settings, err := version.settings()
	return func(people People) Revision {
		people.Wanted = nil
		return revise(i, settings, people)
	}, err
}

// leaveAll plans nothing, and takes back what has not ended.
func leaveAll(people People) Revision {
	var r Revision
	for _, op := range people.Open {
		r.Supersede = append(r.Supersede, op.ID)
	}
	return r
}

// conclude lets an installation that is being uninstalled go, after a drain that has left nothing to do. It plans once
// more: a create that was under way may have made an account. What has failed is not tried again by itself.
func (s *Service) conclude(ctx context.Context, installationID string) error {
	i, err := s.Store.Installation(ctx, "", installationID)
	if err != nil || i.Leaving.IsZero() || !i.Gone.IsZero() {
		return err
	}
	counts, err := s.Store.CountOperations(ctx, i)
	if err != nil || counts[Failed] > 0 {
		return err
	}
	version, err := s.Versions.Version(ctx, i.SubmissionID)
	if err != nil {
		return err
	}
	leave, err := leaver(i, version)
	if err != nil {
		return err
	}
	return s.Store.Leave(ctx, i, i.LeavingBy, s.Clock(), leave)
}
