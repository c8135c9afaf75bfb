package api

import (
	"context"
	"time"

	"slipway/internal/access"
)

// Me is the user as whom a token acts.
type Me struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	Email string        `json:"email"`
	Org   Org           `json:"org"`
	Roles []access.Role `json:"roles"`
}

func (s *Server) getMe(_ context.Context, who access.Actor, _ *struct{}) (*plain[Me], error) {
	return &plain[Me]{Me{who.PersonID, who.Name, who.Email, Org{who.OrgID, who.OrgName}, listed(who.Roles)}}, nil
}

// Token is a personal token. Its text was shown when it was made, and never again.
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero" doc:"Within a minute; missing while it was not used."`
}

// TokenList is a list of tokens.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

func tokenOf(t access.Token) Token {
	token := Token{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt}
	if t.UsedAt != nil {
		token.UsedAt = *t.UsedAt
	}
	return token
}

func (s *Server) listTokens(ctx context.Context, who access.Actor, _ *struct{}) (*plain[TokenList], error) {
	all, err := s.Tokens.Of(ctx, who.PersonID)
	return &plain[TokenList]{TokenList{each(all, tokenOf)}}, err
}

type onToken struct {
	ID string `path:"token" doc:"The token's id."`
}

func (s *Server) revokeToken(ctx context.Context, who access.Actor, in *onToken) (*struct{}, error) {
	return nil, s.Tokens.Revoke(ctx, who.PersonID, in.ID)
}
