package store

import (
	"context"
	"fmt"

	"slipway/internal/access"
	"slipway/internal/fault"
)

var _ access.Places = (*Store)(nil)

// Place returns where the user was in the thing, "" where none was kept.
func (s *Store) Place(ctx context.Context, userID, thing string) (place string, err error) {
	err = s.get(ctx, &place, `SELECT place FROM places WHERE user_id = $1 AND thing = $2`, userID, thing)
	if fault.CodeOf(err) == fault.NotFound {
		return "", nil
	}
	return place, err
}

// KeepPlace replaces where the user is in the thing.
func (s *Store) KeepPlace(ctx context.Context, userID, thing, place string) error {
	if _, err := s.exec(ctx, `
		INSERT INTO places (user_id, thing, place) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, thing) DO UPDATE SET place = excluded.place`, userID, thing, place); err != nil {
		return fmt.Errorf("keep place in %s: %w", thing, err)
	}
	return nil
}
