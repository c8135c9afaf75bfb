package api

import (
	"context"
	"mime"
	"slices"
	"strings"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// Content is what the form edits, as JSON. Its schema is made from the declaration of the fields.
type Content manifest.Content

// MarshalJSON writes booleans and numbers where the form keeps text.
func (c Content) MarshalJSON() ([]byte, error) { return manifest.Content(c).JSON(), nil }

// Saved is what a change of the content led to.
type Saved struct {
	Version  int64     `json:"version"`
	Content  Content   `json:"content"`
	Cleared  []string  `json:"cleared" doc:"Stored secrets that were removed, because the address that they are sent to has changed. Send them again."`
	Progress []Section `json:"progress"`
}

func (s *Server) getContent(ctx context.Context, who access.Actor, in *OnSubmission) (*tagged[Content], error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &tagged[Content]{tag(d.Submission.Version), Content(d.Submission.Content)}, nil
}

// The media types in which a content is taken.
const (
	typeJSON       = "application/json"
	typeMergePatch = "application/merge-patch+json"
)

type contentRequest struct {
	Move
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte
}

// read parses the body, unless it says that it is something else.
func (r contentRequest) read(types ...string) (manifest.Content, error) {
	if kind, _, err := mime.ParseMediaType(r.ContentType); err != nil || !slices.Contains(types, kind) {
		return nil, refuse("header.Content-Type", "Send the content as "+strings.Join(types, " or ")+".")
	}
	return manifest.ParseJSON(r.RawBody)
}

// putContent replaces the whole content: a field that is not sent is emptied.
func (s *Server) putContent(ctx context.Context, who access.Actor, in *contentRequest) (*tagged[Saved], error) {
	sent, err := in.read(typeJSON)
	if err != nil {
		return nil, err
	}
	for _, key := range fieldsUnder("") {
		name(sent, key)
	}
	return s.save(ctx, who, in.Move, sent)
}

// patchContent changes the fields that are sent, as a JSON merge patch does (RFC 7396): null empties a field.
func (s *Server) patchContent(ctx context.Context, who access.Actor, in *contentRequest) (*tagged[Saved], error) {
	rest, emptied, err := takeNulls(in.RawBody)
	if err != nil {
		return nil, err
	}
	in.RawBody = rest
	sent, err := in.read(typeMergePatch, typeJSON)
	if err != nil {
		return nil, err
	}
	for _, key := range emptied {
		name(sent, key)
	}
	return s.save(ctx, who, in.Move, sent)
}

// save lets nothing into a draft that breaks a rule: what a form keeps for its author to mend, a program must not send.
func (s *Server) save(ctx context.Context, who access.Actor, to Move, sent manifest.Content) (*tagged[Saved], error) {
	d, err := s.Registry.Get(ctx, who, to.ID)
	if err != nil {
		return nil, err
	}
	if err := s.acceptable(ctx, d, to.version(), sent); err != nil {
		return nil, err
	}
	// Whoever saves between our look and this call is merged with, field by field, or it is a conflict.
	saved, err := s.Registry.SaveDraft(ctx, who, to.ID, to.version(), sent)
	if err != nil {
		return nil, err
	}
	return s.savedOf(ctx, who, saved)
}

func (s *Server) savedOf(ctx context.Context, who access.Actor, saved registry.Saved) (*tagged[Saved], error) {
	d, err := s.Registry.Get(ctx, who, saved.Submission.ID)
	if err != nil {
		return nil, err
	}
	ready, err := s.Registry.Readiness(ctx, d)
	sub := saved.Submission
	return &tagged[Saved]{tag(sub.Version), Saved{sub.Version, Content(sub.Content), listed(saved.Cleared), sectionsOf(ready)}}, err
}
