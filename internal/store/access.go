package store

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
)

var _ access.Store = (*Store)(nil)

// SaveOrg adds an org; a taken slug is a conflict.
func (s *Store) SaveOrg(ctx context.Context, org access.Org) error {
	_, err := s.exec(ctx, `INSERT INTO orgs (id, slug, name, network, created_at) VALUES ($1, $2, $3, $4, $5)`,
		org.ID, org.Slug, org.Name, org.Network, org.CreatedAt)
	if isUnique(err) {
		return fault.Newf(fault.Conflict, "There is an org called %s already.", org.Slug)
	}
	return err
}

const orgColumns = `id, slug, name, network, created_at`

// OrgBySlug finds an org by its short name.
func (s *Store) OrgBySlug(ctx context.Context, slug string) (org access.Org, err error) {
	err = s.get(ctx, &org, `SELECT `+orgColumns+` FROM orgs WHERE slug = $1`, slug)
	return org, err
}

// OrgByID finds an org.
func (s *Store) OrgByID(ctx context.Context, id string) (org access.Org, err error) {
	err = s.get(ctx, &org, `SELECT `+orgColumns+` FROM orgs WHERE id = $1`, id)
	return org, err
}

// SaveUser inserts the user or replaces name, password and roles of the one with this id, in one transaction.
func (s *Store) SaveUser(ctx context.Context, user access.User) error {
	return s.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `
			INSERT INTO users (id, org_id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash`,
			user.ID, user.OrgID, user.Email, user.Name, user.PasswordHash, user.CreatedAt); err != nil {
			return fmt.Errorf("save user %s: %w", user.ID, err)
		}
		if _, err := tx.exec(ctx, `DELETE FROM user_roles WHERE user_id = $1`, user.ID); err != nil {
			return fmt.Errorf("save roles of %s: %w", user.ID, err)
		}
		for _, role := range user.Roles {
			if _, err := tx.exec(ctx, `INSERT INTO user_roles (user_id, role) VALUES ($1, $2)`, user.ID, string(role)); err != nil {
				return fmt.Errorf("save roles of %s: %w", user.ID, err)
			}
		}
		return nil
	})
}

const userColumns = `id, org_id, email, name, password_hash, created_at`

// UserByEmail finds a user by the lower-case address.
func (s *Store) UserByEmail(ctx context.Context, email string) (access.User, error) {
	return s.user(ctx, `SELECT `+userColumns+` FROM users WHERE email = $1`, email)
}

// UserByID finds a user.
func (s *Store) UserByID(ctx context.Context, id string) (access.User, error) {
	return s.user(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

func (s *Store) user(ctx context.Context, query, arg string) (user access.User, err error) {
	if err := s.get(ctx, &user, query, arg); err != nil {
		return access.User{}, err
	}
	err = s.selectAll(ctx, &user.Roles, `SELECT role FROM user_roles WHERE user_id = $1 ORDER BY role`, user.ID)
	return user, err
}

// CountUsers tells an empty network from a used one.
func (s *Store) CountUsers(ctx context.Context) (n int, err error) {
	err = s.get(ctx, &n, `SELECT count(*) FROM users`)
	return n, err
}

// SaveLink stores a one-time link by its hash.
func (s *Store) SaveLink(ctx context.Context, link access.Link) error {
	_, err := s.exec(ctx, `INSERT INTO signin_links (hash, user_id, expires_at) VALUES ($1, $2, $3)`, link.Hash, link.UserID, link.ExpiresAt)
	return err
}

// LinkByHash returns a link that still works.
func (s *Store) LinkByHash(ctx context.Context, hash string, now time.Time) (link access.Link, err error) {
	err = s.get(ctx, &link, `SELECT hash, user_id, expires_at FROM signin_links WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`, hash, now)
	return link, err
}

// TakeLink uses a link up. Of two that try at once, one gets it: the UPDATE matches an unused link only.
func (s *Store) TakeLink(ctx context.Context, hash string, now time.Time) (access.Link, error) {
	link, err := s.LinkByHash(ctx, hash, now)
	if err != nil {
		return access.Link{}, err
	}
	n, err := s.exec(ctx, `UPDATE signin_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`, hash, now)
	if err == nil && n == 0 {
		err = errGone
	}
	return link, err
}

// CountFailure records a failed sign-in, forgets older ones, and returns how many there are since then.
func (s *Store) CountFailure(ctx context.Context, key string, now, since time.Time) (n int, err error) {
	err = s.tx(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `DELETE FROM signin_failures WHERE failed_at < $1`, since); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `INSERT INTO signin_failures (key, failed_at) VALUES ($1, $2)`, key, now); err != nil {
			return err
		}
		return tx.get(ctx, &n, `SELECT count(*) FROM signin_failures WHERE key = $1 AND failed_at >= $2`, key, since)
	})
	return n, err
}

// Failures counts the failed sign-ins of an address.
func (s *Store) Failures(ctx context.Context, key string, since time.Time) (n int, err error) {
	err = s.get(ctx, &n, `SELECT count(*) FROM signin_failures WHERE key = $1 AND failed_at >= $2`, key, since)
	return n, err
}

// EndSessions signs the user out everywhere.
func (s *Store) EndSessions(ctx context.Context, userID string) error {
	_, err := s.exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, userID)
	return err
}
