package worker

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"slipway/internal/provision"
)

// drainInstallation carries out what is planned for one installation.
type drainInstallation struct {
	river.WorkerDefaults[provision.DrainInstallation]
	Rooms
}

const (
	drainTurn   = time.Minute     // then another installation may have this worker, and the job goes to the end of the queue
	drainLimit  = 3 * time.Minute // a turn, the requests that are under way at its end, and their records
	leasedRetry = 2 * time.Second // while another process works for the installation, or a dead one's lease runs out
)

// Timeout is the whole job's.
func (w *drainInstallation) Timeout(*river.Job[provision.DrainInstallation]) time.Duration {
	return drainLimit
}

// Work drains for one turn. When it is cut off nothing is lost: the ledger says where to go on. What becomes due
// later is ordered by the ledger itself.
func (w *drainInstallation) Work(ctx context.Context, job *river.Job[provision.DrainInstallation]) error {
	turn, cancel := context.WithTimeout(ctx, drainTurn)
	defer cancel()
	_, err := w.Provision.Drain(turn, job.Args.InstallationID)
	switch {
	case errors.Is(err, provision.ErrLeased), errors.Is(err, provision.ErrLeaseLost):
		return river.JobSnooze(leasedRetry)
	case err != nil && turn.Err() != nil: // the turn is over, or the process stops
		return river.JobSnooze(0)
	}
	return err
}
