package runs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Share is a link under which anybody who has it can read the report of a run. Only its token's hash is stored.
type Share struct {
	Hash  string    `db:"token_hash"` // SHA-256 of the token, hex
	RunID string    `db:"run_id"`     //
	By    string    `db:"shared_by"`  // a name, for the page
	At    time.Time `db:"created_at"` //
}

// Share makes a new link to a run that has ended and that the actor may see, and returns its token.
func (s *Service) Share(ctx context.Context, actor access.Actor, id string) (token string, err error) {
	run, err := s.Get(ctx, actor, id)
	if err != nil {
		return "", err
	}
	if run.Going() {
		return "", fault.New(fault.Conflict, "This run has not ended yet. Wait for it, then share it.")
	}
	token = rand.Text()
	return token, s.Store.SaveShare(ctx, Share{Hash: shareHash(token), RunID: id, By: actor.Name, At: s.Clock()})
}

// Shares lists the links to a run that the actor may see.
func (s *Service) Shares(ctx context.Context, actor access.Actor, id string) ([]Share, error) {
	if _, err := s.Get(ctx, actor, id); err != nil {
		return nil, err
	}
	return s.Store.SharesOf(ctx, id)
}

// Unshare ends every link to the run.
func (s *Service) Unshare(ctx context.Context, actor access.Actor, id string) error {
	if _, err := s.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.Store.EndShares(ctx, id)
}

// Shared returns the run that a link leads to; fault.NotFound for a link that never was, or that was ended.
func (s *Service) Shared(ctx context.Context, token string) (Run, error) {
	return s.Store.RunByShare(ctx, shareHash(token))
}

func shareHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
