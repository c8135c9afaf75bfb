package api

import (
	"context"

	"slipway/internal/access"
	"slipway/internal/registry"
)

// Queue is what waits for the network's team.
type Queue struct {
	Submissions []Submission `json:"submissions" doc:"The longest waiting first."`
	Waivers     []Waiver     `json:"waivers" doc:"Those that wait for a decision, the oldest first."`
}

func (s *Server) listReviews(ctx context.Context, who access.Actor, _ *struct{}) (*plain[Queue], error) {
	subs, err := s.Registry.Queue(ctx, who)
	if err != nil {
		return nil, err
	}
	waivers, err := s.Registry.PendingWaivers(ctx, who)
	return &plain[Queue]{Queue{submissionsOf(subs, who), each(waivers, waiverOf)}}, err
}

func (s *Server) claim(ctx context.Context, who access.Actor, in *OnSubmission) (*tagged[Submission], error) {
	sub, err := s.Registry.Claim(ctx, who, in.ID)
	return answerWith(sub, who, err)
}

// NewFinding is what a reviewer writes.
type NewFinding struct {
	Field    string            `json:"field,omitempty" doc:"The key of the field that it is about."`
	Check    string            `json:"check,omitempty" doc:"The check of the lab that it is about."`
	Severity registry.Severity `json:"severity" enum:"blocking,advice"`
	Text     string            `json:"text" doc:"What is wrong."`
	Fix      string            `json:"fix,omitempty" doc:"What to do about it."`
}

type returnRequest struct {
	Move
	Body struct {
		Findings []NewFinding `json:"findings,omitempty"`
		Keep     []string     `json:"keep,omitempty" doc:"Ids of earlier findings that are not settled; all others are resolved."`
	} `nameHint:"ReturnRequest"`
}

// returnFindings gives a submission back to its vendor: from the initial review with findings, from QA with bugs.
func (s *Server) returnFindings(ctx context.Context, who access.Actor, in *returnRequest) (*tagged[Submission], error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	giveBack := s.Registry.ReturnBugs
	if d.Submission.State == registry.ToReview {
		giveBack = s.Registry.Return
	}
	found := each(in.Body.Findings, func(f NewFinding) registry.NewFinding {
		return registry.NewFinding{Key: f.Field, CheckID: f.Check, Severity: f.Severity, Text: f.Text, Fix: f.Fix}
	})
	sub, err := giveBack(ctx, who, in.ID, in.version(), found, in.Body.Keep)
	return answerWith(sub, who, err)
}

type passRequest struct {
	Move
	Body struct {
		Checked []string `json:"checked" doc:"The items of the checklist that were gone through: identity, description, guide, account, evidence."`
	} `nameHint:"PassRequest"`
}

func (s *Server) passReview(ctx context.Context, who access.Actor, in *passRequest) (*tagged[Submission], error) {
	sub, err := s.Registry.PassInitial(ctx, who, in.ID, in.version(), in.Body.Checked)
	return answerWith(sub, who, err)
}

type rejectRequest struct {
	Move
	Body struct {
		Code   string `json:"code" enum:"wrong_org,duplicate,policy"`
		Reason string `json:"reason" doc:"The vendor reads it."`
	} `nameHint:"RejectRequest"`
}

func (s *Server) reject(ctx context.Context, who access.Actor, in *rejectRequest) (*tagged[Submission], error) {
	sub, err := s.Registry.Reject(ctx, who, in.ID, in.version(), registry.Reason{Code: in.Body.Code, Text: in.Body.Reason})
	return answerWith(sub, who, err)
}
