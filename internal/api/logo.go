package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"slipway/internal/access"
)

// logoLimit is a little above the largest logo, so that one that is too large is told so by its own rule.
const logoLimit = 2 << 20

func (s *Server) getLogo(ctx context.Context, who access.Actor, in *OnSubmission) (*file, error) {
	logo, err := s.Registry.Logo(ctx, who, in.ID)
	return &file{"image/png", logo.Served}, err
}

type putLogoRequest struct {
	OnSubmission
	RawBody []byte
}

// putLogo looks at the bytes, whatever they are said to be. A file that is refused leaves the earlier one in place.
func (s *Server) putLogo(ctx context.Context, who access.Actor, in *putLogoRequest) (*tagged[Submission], error) {
	sub, err := s.Registry.UploadLogo(ctx, who, in.ID, in.RawBody)
	return answerWith(sub, who, err)
}

func (s *Server) removeLogo(ctx context.Context, who access.Actor, in *OnSubmission) (*noContent, error) {
	sub, err := s.Registry.RemoveLogo(ctx, who, in.ID)
	return &noContent{tag(sub.Version)}, err
}

func takesImage(_ *huma.OpenAPI, op *huma.Operation) {
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	op.RequestBody.Content = map[string]*huma.MediaType{"image/png": binary, "image/jpeg": binary, "image/gif": binary}
}
