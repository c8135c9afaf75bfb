package api

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/registry"
)

// Waiver lets one check of the lab fail without blocking. It always ends.
type Waiver struct {
	ID           string               `json:"id"`
	SubmissionID string               `json:"submission_id" doc:"The version from which it was asked for."`
	Check        string               `json:"check" example:"users.create.duplicate-409"`
	NotRun       bool                 `json:"not_run" doc:"It is contested that the check did not run; a failure would block."`
	State        registry.WaiverState `json:"state" enum:"asked,granted,refused"`
	Reason       string               `json:"reason" doc:"The vendor's."`
	AskedBy      string               `json:"asked_by"`
	AskedAt      time.Time            `json:"asked_at"`
	Decision     string               `json:"decision,omitempty" doc:"The reviewer's reason."`
	DecidedAt    time.Time            `json:"decided_at,omitzero"`
	ExpiresAt    time.Time            `json:"expires_at,omitzero" doc:"The last moment at which a granted waiver holds."`
}

func waiverOf(w registry.Waiver) Waiver {
	return Waiver{
		ID: w.ID, SubmissionID: w.SubmissionID, Check: w.CheckID, NotRun: w.NotRun, State: w.State, Reason: w.Reason, AskedBy: w.AskedBy.Name, AskedAt: w.AskedAt,
		Decision: w.Decision, DecidedAt: w.DecidedAt, ExpiresAt: w.Expires,
	}
}

type askWaiverRequest struct {
	OnSubmission
	Body struct {
		Check  string `json:"check" doc:"The id of a check that blocks in the newest run of this content."`
		Reason string `json:"reason" doc:"Why its result is wrong, or why it must not block."`
	} `nameHint:"AskWaiverRequest"`
}

func (s *Server) askWaiver(ctx context.Context, who access.Actor, in *askWaiverRequest) (*plain[Waiver], error) {
	w, err := s.Registry.AskWaiver(ctx, who, in.ID, in.Body.Check, in.Body.Reason)
	return &plain[Waiver]{waiverOf(w)}, err
}

type decideWaiverRequest struct {
	OnSubmission
	Waiver string `path:"waiver" doc:"The waiver's id."`
	Body   struct {
		Grant   bool      `json:"grant"`
		Reason  string    `json:"reason" doc:"The vendor reads it."`
		Expires time.Time `json:"expires,omitzero" doc:"Until when a granted waiver holds: at most a year."`
	} `nameHint:"DecideWaiverRequest"`
}

func (s *Server) decideWaiver(ctx context.Context, who access.Actor, in *decideWaiverRequest) (*plain[Waiver], error) {
	decision := registry.WaiverDecision{Grant: in.Body.Grant, Reason: in.Body.Reason, Expires: in.Body.Expires}
	w, err := s.Registry.DecideWaiver(ctx, who, in.ID, in.Waiver, decision)
	return &plain[Waiver]{waiverOf(w)}, err
}
