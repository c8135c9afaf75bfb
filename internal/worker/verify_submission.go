package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"slipway/internal/fault"
	"slipway/internal/lab"
	"slipway/internal/lab/runs"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/report"
)

// verifySubmission runs the lab on a submission and carries the verdict to the registry.
type verifySubmission struct {
	river.WorkerDefaults[registry.VerifySubmission]
	Rooms
}

const (
	labDeadline = 8 * time.Minute                                     // for the checks, beside the server's answers; cleaning up comes after
	jobDeadline = lab.LongestRun + lab.LongestCleanUp + 5*time.Minute // for all of it
	busyRetry   = 3 * time.Second                                     // when another run of the same submission has not ended
	stillOut    = 5 * time.Second                                     // how long a killed attempt's request may be in the target's hands
)

// Timeout is the whole job's.
func (w *verifySubmission) Timeout(*river.Job[registry.VerifySubmission]) time.Duration {
	return jobDeadline
}

// Work runs the lab once. After a crash it begins again with the names that it had, and first removes what the
// killed attempt may have left. A breakdown of ours ends as not run, never as a finding.
func (w *verifySubmission) Work(ctx context.Context, job *river.Job[registry.VerifySubmission]) error {
	subject, err := w.Registry.Subject(ctx, job.Args.SubmissionID)
	if fault.CodeOf(err) == fault.NotFound {
		return nil // the draft was deleted meanwhile
	}
	if err != nil {
		return err
	}
	run, err := w.Runs.Begin(ctx, runOf(job.Args, subject.Submission, w.Profile))
	if errors.Is(err, runs.ErrGoing) {
		return river.JobSnooze(busyRetry)
	}
	if err != nil {
		return err
	}
	if run.Going() {
		if run, err = w.verify(ctx, run, subject); err != nil {
			return err
		}
	}
	verdict, err := verdictOf(run)
	if err != nil {
		return err
	}
	return w.Registry.RecordVerdict(ctx, verdict)
}

func runOf(args registry.VerifySubmission, sub registry.Submission, profile report.Profile) runs.Run {
	return runs.Run{
		ID: args.RunID, SubmissionID: sub.ID, OrgID: sub.OrgID, Hash: sub.Hash, Profile: string(profile),
		Purpose: runs.Purpose(args.Purpose), AskedBy: args.AskedBy,
	}
}

// verify lets the lab run and ends the run with its report. When our own process is asked to stop, the run stays
// open: the next attempt begins it anew.
func (w *verifySubmission) verify(ctx context.Context, run runs.Run, about registry.Subject) (runs.Run, error) {
	left, err := w.Runs.Store.ObjectsOf(ctx, run.ID)
	if err != nil {
		return run, err
	}
	if err := letArrive(ctx, left); err != nil {
		return run, err
	}
	rep := w.report(ctx, run, about, left)
	if err := ctx.Err(); err != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return run, err
	}
	if about.Submission.Hash != run.Hash { // an attempt before the crash was about an earlier content
		rep.Verdict, rep.Reason = report.NotRun, "The content changed while the lab was at work. Run it again."
	}
	data, err := json.Marshal(rep)
	if err != nil {
		return run, fmt.Errorf("write report of %s: %w", run.ID, err)
	}
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return w.Runs.End(save, run, string(rep.Verdict), rep.Reason, data)
}

// letArrive waits if a killed attempt may have been about to make something. What appears only after the cleaning up
// would stay for ever, and what appears in between would look like a defect of the vendor's.
func letArrive(ctx context.Context, left []runs.Object) error {
	if !slices.ContainsFunc(left, func(o runs.Object) bool { return o.RemoteID == "" }) {
		return nil
	}
	select {
	case <-time.After(stillOut):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// report runs the lab, or says why it could not be run.
func (w *verifySubmission) report(ctx context.Context, run runs.Run, about registry.Subject, left []runs.Object) report.Report {
	subject, err := w.subject(about)
	if err != nil {
		return report.Report{
			CatalogueVersion: lab.CatalogueVersion, SCIM: about.Submission.Content.Text("scim.version"), Profile: w.Profile, Verdict: report.NotRun, Reason: fault.Show(err).Message, Started: *run.Started,
			Checks: []report.Result{}, Leftovers: []report.Object{}, Warnings: []string{},
		}
	}
	subject.Seed, subject.ReadOnly = uint64(run.Seed), run.Purpose == runs.ForWatch
	if subject.ReadOnly {
		subject.Proven = w.provenWith(ctx, run)
	}
	for _, o := range left {
		subject.Leftovers = append(subject.Leftovers, report.Object{Resource: o.Kind, Name: o.Name, ID: o.RemoteID})
	}
	stoppable, end, stoppedBy := w.Runs.Stoppable(ctx, run.ID)
	defer end()
	rep := lab.Run(stoppable, subject, &observer{ctx: context.WithoutCancel(ctx), store: w.Runs.Store, run: run.ID})
	if who := stoppedBy(); who != "" {
		rep.Verdict, rep.Reason = report.NotRun, "It was stopped by "+who+"."
	}
	return rep
}

// provenWith is the catalogue with which the content of a run has passed; "" where nobody knows, and then every check counts.
func (w *verifySubmission) provenWith(ctx context.Context, run runs.Run) string {
	proved, err := w.Runs.Store.RunThatProved(ctx, run.SubmissionID, run.Hash)
	if err != nil {
		return ""
	}
	var rep report.Report
	if json.Unmarshal(proved.Report, &rep) != nil {
		return ""
	}
	return rep.CatalogueVersion
}

// subject is what the lab is told: where the target is, how to sign in, what the manifest claims.
func (w *verifySubmission) subject(about registry.Subject) (lab.Subject, error) {
	claims, err := about.Submission.Content.SCIM()
	if err != nil {
		return lab.Subject{}, err
	}
	base, err := claims.BaseURL(about.Connection.Variables())
	if err != nil {
		return lab.Subject{}, err
	}
	auth, _, err := provision.Authorizer(claims, about.Connection)
	if err != nil {
		return lab.Subject{}, err
	}
	subject := lab.Subject{
		BaseURL: base, Version: lab.Version(claims.Version), Auth: auth, Policy: w.Policy, Profile: w.Profile, Features: claims.Features, Patch: &claims.Patch,
		UserNameIsEmail: claims.UsernameIsEmail, Domain: claims.TestDomain, Deadline: labDeadline,
	}
	for _, waiver := range about.Waivers {
		subject.Waivers = append(subject.Waivers, report.Waiver{
			CheckID: waiver.CheckID, NotRun: waiver.NotRun, Reason: waiver.Decision, GrantedBy: waiver.DecidedBy.Name, Expires: waiver.Expires,
		})
	}
	return subject, nil
}

// verdictOf is what the registry needs to know of an ended run.
func verdictOf(run runs.Run) (registry.Verdict, error) {
	var rep report.Report
	if err := json.Unmarshal(run.Report, &rep); err != nil {
		return registry.Verdict{}, fmt.Errorf("read report of %s: %w", run.ID, err)
	}
	v := registry.Verdict{
		RunID: run.ID, SubmissionID: run.SubmissionID, Outcome: registry.Outcome(run.Verdict), Hash: run.Hash,
		Profile: run.Profile, At: *run.EndedAt, Reason: run.Reason, ReadOnly: rep.ReadOnly,
	}
	for _, c := range rep.Checks {
		switch {
		case c.Outcome == report.Waived:
			v.Waived = append(v.Waived, c.ID)
		case c.Blocking && c.Verdict == report.Failed:
			v.Failed = append(v.Failed, registry.FailedCheck{ID: c.ID, Title: c.Title, Message: c.Message, Fix: c.Fix})
		case c.Outcome.Open() && (c.Blocking || c.Waiver != nil):
			v.Open = append(v.Open, registry.OpenCheck{ID: c.ID, Title: c.Title, Message: c.Message, Waived: c.Waiver != nil})
		}
	}
	return v, nil
}

// observer writes down how far a run is, and what it makes before it makes it.
type observer struct {
	ctx   context.Context
	store runs.Store
	run   string
}

// Planned and Finished are for the page that watches; that they could not be written changes nothing about the run.
func (o *observer) Planned(total int) { _ = o.store.SaveProgress(o.ctx, o.run, 0, total) }

func (o *observer) Finished(_ report.Result, done, total int) {
	_ = o.store.SaveProgress(o.ctx, o.run, done, total)
}

func (o *observer) Creating(made report.Object) error {
	return o.store.SaveObject(o.ctx, o.run, objectOf(made))
}

func (o *observer) Created(made report.Object) error {
	return o.store.SaveObject(o.ctx, o.run, objectOf(made))
}

func (o *observer) Removed(gone report.Object) error {
	return o.store.ForgetObject(o.ctx, o.run, objectOf(gone))
}

func objectOf(o report.Object) runs.Object {
	return runs.Object{Kind: o.Resource, Name: o.Name, RemoteID: o.ID}
}
