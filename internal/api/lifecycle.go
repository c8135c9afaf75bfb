package api

import (
	"context"

	"slipway/internal/access"
	"slipway/internal/registry"
)

// Move is what every step of a submission says: which one, and the version that its sender has seen.
type Move struct {
	OnSubmission
	Seen
}

type submitRequest struct {
	Move
	Body struct {
		Certified bool `json:"certified" doc:"The vendor's word that the integration works and was tested."`
	} `nameHint:"SubmitRequest"`
}

func (s *Server) submit(ctx context.Context, who access.Actor, in *submitRequest) (*tagged[Submission], error) {
	sub, err := s.Registry.Submit(ctx, who, in.ID, in.version(), in.Body.Certified)
	return answerWith(sub, who, err)
}

// step makes an operation of a move that needs nothing but the version.
func step(take func(ctx context.Context, who access.Actor, id string, version int64) (registry.Submission, error)) handler {
	return call(func(ctx context.Context, who access.Actor, in *Move) (*tagged[Submission], error) {
		sub, err := take(ctx, who, in.ID, in.version())
		return answerWith(sub, who, err)
	})
}

// deleteDraft takes the version for the confirmation: whoever names it has looked at what they delete.
func (s *Server) deleteDraft(ctx context.Context, who access.Actor, in *Move) (*struct{}, error) {
	return nil, s.Registry.DeleteDraft(ctx, who, in.ID, in.version(), true)
}

type answerRequest struct {
	OnSubmission
	Finding string `path:"finding" doc:"The finding's id."`
	Body    struct {
		Answer registry.AnswerKind `json:"answer" enum:"fixed,disputed,fixed_on_server"`
		Note   string              `json:"note,omitempty" doc:"What was done, or why the finding is disputed."`
	} `nameHint:"AnswerRequest"`
}

func (s *Server) answerFinding(ctx context.Context, who access.Actor, in *answerRequest) (*tagged[Submission], error) {
	sub, err := s.Registry.Answer(ctx, who, in.ID, in.Finding, in.Body.Answer, in.Body.Note)
	return answerWith(sub, who, err)
}
