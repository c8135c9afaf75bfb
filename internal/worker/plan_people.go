package worker

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"slipway/internal/provision"
)

// planPeople plans again for people who changed, or whose assignment did.
type planPeople struct {
	river.WorkerDefaults[provision.PlanPeople]
	Rooms
}

// waitingRetry is when to plan again for somebody whose account is just being made.
const waitingRetry = 2 * time.Second

// Work plans; the drain that follows is ordered in the same transaction.
func (w *planPeople) Work(ctx context.Context, job *river.Job[provision.PlanPeople]) error {
	waiting, err := w.Provision.PlanPeople(ctx, job.Args)
	if err == nil && waiting {
		return river.JobSnooze(waitingRetry)
	}
	return err
}
