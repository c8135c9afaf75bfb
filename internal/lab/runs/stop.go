package runs

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Stop asks for the end of a run that the actor may see. The worker hears of it within a second, removes what the run has
// made, and ends it as not run. A run that belongs to submitting is not stopped: withdraw the submission instead.
func (s *Service) Stop(ctx context.Context, actor access.Actor, id string) error {
	run, err := s.Get(ctx, actor, id)
	switch {
	case err != nil:
		return err
	case !run.Going():
		return fault.New(fault.Conflict, "This run has ended already.")
	case run.Purpose == ForSubmit:
		return fault.New(fault.Conflict, "This run belongs to the submission. Withdraw the submission instead.")
	}
	return s.Store.AskStop(ctx, id, actor.Name)
}

// Stoppable returns a context that ends when somebody asks to stop the run. by, called afterwards, says who did.
func (s *Service) Stoppable(ctx context.Context, id string) (stoppable context.Context, end func(), by func() string) {
	stoppable, cancel := context.WithCancel(ctx)
	asked := make(chan string, 1)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stoppable.Done():
				return
			case <-tick.C:
			}
			// What cannot be read now is read again in a second.
			if who, err := s.Store.StopAskedBy(stoppable, id); err == nil && who != "" {
				asked <- who
				cancel()
				return
			}
		}
	}()
	return stoppable, cancel, func() string {
		select {
		case who := <-asked:
			return who
		default:
			return ""
		}
	}
}
