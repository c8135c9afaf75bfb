package store

import (
	"context"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

var _ access.TokenStore = (*Store)(nil)

const tokenColumns = `id, user_id, name, hash, created_at, expires_at, used_at`

// AddToken stores a token. The user's expired ones go, so that their names are free again.
func (s *Store) AddToken(ctx context.Context, token access.Token) error {
	return s.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `DELETE FROM tokens WHERE user_id = $1 AND expires_at <= $2`, token.UserID, token.CreatedAt); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, NULL)`,
			token.ID, token.UserID, token.Name, token.Hash, token.CreatedAt, token.ExpiresAt)
		if isUnique(err) {
			return fault.Newf(fault.Conflict, "There is a token with the name %q already. Revoke that one first, or choose another name.", token.Name)
		}
		return err
	})
}

// TokenByHash returns a token that still works.
func (s *Store) TokenByHash(ctx context.Context, hash string, now time.Time) (token access.Token, err error) {
	err = s.get(ctx, &token, `SELECT `+tokenColumns+` FROM tokens WHERE hash = $1 AND expires_at > $2`, hash, now)
	return token, err
}

// TokensOf lists a user's tokens by name.
func (s *Store) TokensOf(ctx context.Context, userID string) (tokens []access.Token, err error) {
	err = s.selectAll(ctx, &tokens, `SELECT `+tokenColumns+` FROM tokens WHERE user_id = $1 ORDER BY name`, userID)
	return tokens, err
}

// TouchToken remembers when a token was last used.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE tokens SET used_at = $2 WHERE id = $1`, id, now)
	return err
}

// RemoveToken forgets a user's token. No row: there is none, or it is somebody else's.
func (s *Store) RemoveToken(ctx context.Context, userID, id string) error {
	n, err := s.exec(ctx, `DELETE FROM tokens WHERE user_id = $1 AND id = $2`, userID, id)
	if err == nil && n == 0 {
		return errGone
	}
	return err
}
