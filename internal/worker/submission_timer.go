package worker

import (
	"context"

	"github.com/riverqueue/river"

	"slipway/internal/registry"
)

// submissionTimer takes a move that was due at a certain time: a reminder, a purge, a date that was missed.
type submissionTimer struct {
	river.WorkerDefaults[registry.Timer]
	Rooms
}

// Work takes the move if it is still due; if not, nothing happens.
func (w *submissionTimer) Work(ctx context.Context, job *river.Job[registry.Timer]) error {
	return w.Registry.Fire(ctx, job.Args)
}
