// Package worker does what was enqueued: one file a kind of job, and Workers is the list of all.
//
// Its one rule: a job is safe to run twice, because one day it will. Arguments are ids; what a job is about is
// read when it starts. The rooms below decide; a job only joins them, as the lab's report becomes a
// submission's verdict. Queue, retries and the release of a dead process's jobs are the store's.
package worker

import (
	"log/slog"

	"github.com/riverqueue/river"

	"slipway/internal/egress"
	"slipway/internal/lab/runs"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/report"
)

// Rooms is what jobs work with.
type Rooms struct {
	Registry  *registry.Service
	Runs      *runs.Service
	Provision *provision.Service
	Policy    egress.Policy  // which addresses the operator has opened
	Profile   report.Profile // which checks block
	Log       *slog.Logger
}

// Workers lists every kind of job.
func Workers(r Rooms) *river.Workers {
	all := river.NewWorkers()
	river.AddWorker(all, &verifySubmission{Rooms: r})
	river.AddWorker(all, &submissionTimer{Rooms: r})
	river.AddWorker(all, &planPeople{Rooms: r})
	river.AddWorker(all, &drainInstallation{Rooms: r})
	return all
}
