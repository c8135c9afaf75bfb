package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/report"
)

// Run is one verification of one content of one submission.
type Run struct {
	ID          string       `json:"id"`
	ContentHash string       `json:"content_hash" doc:"What the verdict is bound to."`
	Profile     string       `json:"profile,omitempty"`
	Purpose     runs.Purpose `json:"purpose,omitempty" enum:"vendor,submit,reviewer" doc:"Why the lab runs."`
	State       runs.State   `json:"state" enum:"queued,running,ended"`
	Verdict     string       `json:"verdict,omitempty" enum:"passed,failed,not_run" doc:"Missing until the run has ended."`
	Reason      string       `json:"reason,omitempty"`
	Done        int          `json:"done" doc:"Checks that have ended."`
	Total       int          `json:"total" doc:"Checks planned; 0 until that is known."`
	CreatedAt   time.Time    `json:"created_at,omitzero"`
	EndedAt     time.Time    `json:"ended_at,omitzero"`
}

// RunList is a list of runs.
type RunList struct {
	Runs []Run `json:"runs" doc:"Newest first."`
}

func runOf(r runs.Run) Run {
	run := Run{
		ID: r.ID, ContentHash: r.Hash, Profile: r.Profile, Purpose: r.Purpose, State: r.State, Verdict: r.Verdict, Reason: r.Reason,
		Done: r.Done, Total: r.Total, CreatedAt: r.Created,
	}
	if r.EndedAt != nil {
		run.EndedAt = *r.EndedAt
	}
	return run
}

func (s *Server) verify(ctx context.Context, who access.Actor, in *OnSubmission) (*created[Run], error) {
	id, err := s.Registry.Verify(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	waiting := Run{ID: id, ContentHash: d.Submission.Hash, State: runs.Queued}
	return &created[Run]{tag(d.Submission.Version), prefix + "/submissions/" + in.ID + "/runs/" + id, waiting}, nil
}

func (s *Server) listRuns(ctx context.Context, who access.Actor, in *OnSubmission) (*plain[RunList], error) {
	if _, err := s.Registry.Get(ctx, who, in.ID); err != nil {
		return nil, err
	}
	list, err := s.Runs.Of(ctx, in.ID)
	return &plain[RunList]{RunList{each(list, runOf)}}, err
}

// OnRun is the path of a lab run.
type OnRun struct {
	OnSubmission
	Run string `path:"run" doc:"The run's id."`
}

// find returns a run of the submission. One that no worker has taken up yet has no row.
func (s *Server) find(ctx context.Context, who access.Actor, in *OnRun) (runs.Run, error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return runs.Run{}, err
	}
	run, err := s.Runs.Get(ctx, who, in.Run)
	if fault.CodeOf(err) == fault.NotFound && in.Run == d.Submission.RunID {
		return runs.Run{ID: in.Run, SubmissionID: in.ID, Hash: d.Submission.Hash, State: runs.Queued}, nil
	}
	if err == nil && run.SubmissionID != in.ID {
		err = fault.New(fault.NotFound, "There is no such run of this submission.")
	}
	return run, err
}

func (s *Server) getRun(ctx context.Context, who access.Actor, in *OnRun) (*plain[Run], error) {
	run, err := s.find(ctx, who, in)
	return &plain[Run]{runOf(run)}, err
}

func (s *Server) getReport(ctx context.Context, who access.Actor, in *OnRun) (*plain[report.Report], error) {
	rep, err := s.report(ctx, who, in)
	return &plain[report.Report]{rep}, err
}

// report reads what the lab has written. A run that has not ended has no report yet.
func (s *Server) report(ctx context.Context, who access.Actor, in *OnRun) (rep report.Report, err error) {
	run, err := s.find(ctx, who, in)
	if err != nil {
		return rep, err
	}
	if run.Going() {
		return rep, fault.New(fault.Conflict, "This run has not ended yet. Ask again when its state is ended.")
	}
	if err := json.Unmarshal(run.Report, &rep); err != nil {
		return rep, fmt.Errorf("read report of %s: %w", run.ID, err)
	}
	rep.Checks, rep.Leftovers, rep.Warnings = listed(rep.Checks), listed(rep.Leftovers), listed(rep.Warnings)
	for i, check := range rep.Checks {
		rep.Checks[i].Exchanges = listed(check.Exchanges)
	}
	return rep, nil
}

// file is an answer that is not JSON.
type file struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

func (s *Server) getJUnit(ctx context.Context, who access.Actor, in *OnRun) (*file, error) {
	rep, err := s.report(ctx, who, in)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := report.WriteJUnit(&out, rep); err != nil {
		return nil, err
	}
	return &file{"application/xml", out.Bytes()}, nil
}

// answersFile documents an answer that is not JSON.
func answersFile(contentType string) func(*huma.OpenAPI, *huma.Operation) {
	return func(_ *huma.OpenAPI, op *huma.Operation) {
		op.Responses["200"].Content = map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	}
}

// describeReport corrects what the types cannot say: the seed is written as text, for it is longer than a number of
// JavaScript.
func describeReport(doc *huma.OpenAPI, _ *huma.Operation) {
	doc.Components.Schemas.Map()["Report"].Properties["seed"] = &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]+$"}
}
