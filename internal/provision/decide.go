package provision

import (
	"context"
	"crypto/rand"

	"slipway/internal/access"
	"slipway/internal/egress"
	"slipway/internal/fault"
	"slipway/internal/secret"
	"slipway/internal/target"
)

var (
	errPaused   = fault.New(fault.Conflict, "This installation is paused. Resume it first.")
	errUntested = fault.New(fault.Conflict, "Test the connection first: nothing is sent to an app that has not answered.")
	// ErrDecided answers a decision about an operation that needs none any more.
	ErrDecided = fault.New(fault.Conflict, "This operation is not waiting for a decision any more. Reload to see what became of it.")
)

// Adopt decides that the account which a held operation found belongs to the person: it is linked, and made what
// it should be. From then on it is switched off when the person leaves.
func (s *Service) Adopt(ctx context.Context, actor access.Actor, id, operationID string) error {
	i, err := s.staying(ctx, actor, id)
	if err != nil {
		return err
	}
	record, err := s.Store.Operation(ctx, i, operationID)
	if err != nil {
		return err
	}
	if record.State != Held || record.RemoteID == "" {
		return ErrDecided
	}
	now := s.Clock()
	return s.Store.Decide(ctx, i, Decision{
		OperationID: operationID, Note: "The account was adopted by " + actor.Name + ".", Now: now,
		Adopt: &Link{
			InstallationID: i.ID, PersonID: record.PersonID, RemoteID: record.RemoteID,
			Origin: Adopted, Active: Unknown, UpdatedAt: now,
		},
	})
}

// Skip decides to do nothing about a held or failed operation. The next change of the person plans anew.
func (s *Service) Skip(ctx context.Context, actor access.Actor, id, operationID string) error {
	i, err := s.staying(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.Store.Decide(ctx, i, Decision{OperationID: operationID, Note: "Skipped by " + actor.Name + ".", Now: s.Clock()})
}

// RetryFailed plans again for everybody whose newest operation failed, and returns how many people that are.
func (s *Service) RetryFailed(ctx context.Context, actor access.Actor, id string) (int, error) {
	i, err := s.live(ctx, actor, id)
	if err != nil {
		return 0, err
	}
	if i.Stage != Active {
		return 0, errPaused
	}
	return s.Store.RetryFailed(ctx, i, s.Clock())
}

// Drain works an installation's operations; see Drainer. An installation that cannot be worked as it is set up is
// paused with the reason, rather than tried for ever; one that was uninstalled has nothing to do, and one that is being
// uninstalled is gone when nothing is left.
func (s *Service) Drain(ctx context.Context, installationID string) (Drained, error) {
	i, err := s.Store.Installation(ctx, "", installationID)
	if fault.CodeOf(err) == fault.NotFound {
		return Drained{}, nil
	}
	if err != nil || !i.Gone.IsZero() {
		return Drained{}, err
	}
	drainer, err := s.drainer(ctx, i)
	if code := fault.CodeOf(err); code != "" && code != fault.Internal {
		return Drained{Paused: true}, s.giveUp(ctx, i, err)
	}
	if err != nil {
		return Drained{}, err
	}
	result, err := drainer.Drain(ctx)
	if err != nil || result.Paused || !result.Next.IsZero() {
		return result, err
	}
	return result, s.conclude(ctx, installationID)
}

func (s *Service) giveUp(ctx context.Context, i Installation, why error) error {
	if i.Stage != Active {
		return nil
	}
	i.Stage, i.Reason, i.UpdatedAt = Paused, fault.Show(why).Message, s.Clock()
	_, err := s.save(ctx, i, nil)
	return err
}

func (s *Service) drainer(ctx context.Context, i Installation) (*Drainer, error) {
	version, err := s.Versions.Version(ctx, i.SubmissionID)
	if err != nil {
		return nil, err
	}
	settings, err := version.settings()
	if err != nil {
		return nil, err
	}
	values, err := s.Store.Connection(ctx, i)
	if err != nil {
		return nil, err
	}
	_, close, err := s.Dialer.open(settings, values, nil) // whatever is missing shows now
	if err != nil {
		return nil, err
	}
	close()
	return &Drainer{
		Ledger: s.Store, InstallationID: i.ID, Owner: s.Process, Features: settings.features,
		Connect: func(record func(egress.Exchange)) (target.Target, func(), error) {
			return s.Dialer.open(settings, values, record)
		},
		Now: s.Clock, Password: OneTimePassword, Spread: s.Spread, Log: s.Log,
	}, nil
}

// OneTimePassword returns a fresh random password of letters, digits and a sign, 30 characters long: most password
// rules accept it, and nobody ever learns it.
func OneTimePassword() secret.Text { return secret.NewText("Aa1-" + rand.Text()) }
