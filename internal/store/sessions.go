package store

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// Sessions is the session library's view of the table sessions. The library hashes the token itself.
type Sessions struct{ store *Store }

var _ scs.CtxStore = Sessions{}

// Sessions returns where the doors keep sign-ins.
func (s *Store) Sessions() Sessions { return Sessions{s} }

// FindCtx returns the session's bytes; an expired one is as good as none.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.store.get(ctx, &data, `SELECT data FROM sessions WHERE token = $1 AND expires_at > $2`, token, Now())
	if fault.CodeOf(err) == fault.NotFound {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx saves the session beside the id of its user, so that all sessions of a user can be ended.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	user, _ := values[access.SessionUser].(string)
	_, err = s.store.exec(ctx, `
		INSERT INTO sessions (token, user_id, data, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at, user_id = excluded.user_id`,
		token, user, data, expiry.UTC().Truncate(time.Microsecond))
	return err
}

// DeleteCtx ends one session.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.store.exec(ctx, `DELETE FROM sessions WHERE token = $1`, token)
	return err
}

// Sweep removes what has expired; sign-in calls it, so that no timer is needed.
func (s Sessions) Sweep(ctx context.Context) error {
	_, err := s.store.exec(ctx, `DELETE FROM sessions WHERE expires_at <= $1`, Now())
	return err
}

// Find, Commit and Delete complete the library's older interface, which it does not call for a CtxStore.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
