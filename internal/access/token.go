package access

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"slipway/internal/fault"
	"slipway/internal/secret"
)

// Token lets a program act as the user it belongs to, with the roles that the user has at that moment. Its text is
// shown once; only the hash is stored.
type Token struct {
	ID        string     `db:"id"` // "tok_…"
	UserID    string     `db:"user_id"`
	Name      string     `db:"name"` // what it is for; a user has one of a name
	Hash      string     `db:"hash"` // SHA-256 of the text, hex
	CreatedAt time.Time  `db:"created_at"`
	ExpiresAt time.Time  `db:"expires_at"` // it works before this moment
	UsedAt    *time.Time `db:"used_at"`    // within a minute; nil while nobody has used it
}

// TokenStore keeps tokens.
type TokenStore interface {
	// AddToken stores a token and forgets the user's expired ones; fault.Conflict where the user has one of that name.
	AddToken(ctx context.Context, token Token) error
	// TokenByHash returns a token that still works; fault.NotFound for any other.
	TokenByHash(ctx context.Context, hash string, now time.Time) (Token, error)
	// TokensOf lists a user's tokens by name, expired ones too.
	TokensOf(ctx context.Context, userID string) ([]Token, error)
	TouchToken(ctx context.Context, id string, now time.Time) error
	// RemoveToken forgets a user's token; fault.NotFound where the user has none with that id.
	RemoveToken(ctx context.Context, userID, id string) error
}

const (
	// TokenPrefix begins every token, so that a scanner for leaked secrets can tell one.
	TokenPrefix = "slw_"
	// MaxTokenLife is how long a token works at most.
	MaxTokenLife = 365 * 24 * time.Hour

	maxTokenName = 64          // characters
	usedWithin   = time.Minute // how precisely the last use is known: a write for each request would be too many
)

// Tokens issues tokens and finds out who uses one.
type Tokens struct {
	Store  TokenStore
	People *Service
}

// Issue makes a token for the user and returns its text, which nobody can show again. life is above zero and at most
// MaxTokenLife.
func (t *Tokens) Issue(ctx context.Context, user User, name string, life time.Duration) (Token, secret.Text, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxTokenName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return Token{}, secret.Text{}, fault.New(fault.Invalid, "Name the token after what will use it, with 1 to 64 visible characters.")
	}
	if life <= 0 || life > MaxTokenLife {
		return Token{}, secret.Text{}, fault.New(fault.Invalid, "A token works for 1 to 365 days.")
	}
	text := TokenPrefix + rand.Text() + rand.Text()[:6]
	now := t.People.Clock()
	token := Token{ID: NewID("tok"), UserID: user.ID, Name: name, Hash: hashToken(text), CreatedAt: now, ExpiresAt: now.Add(life)}
	return token, secret.NewText(text), t.Store.AddToken(ctx, token)
}

// Actor returns who uses the token. Roles are read anew on each call, so a role that was taken away is gone with
// the next request (H-28). fault.Unauthenticated stands for unknown, revoked and expired alike.
func (t *Tokens) Actor(ctx context.Context, text secret.Text) (Actor, Token, error) {
	if !strings.HasPrefix(text.Reveal(), TokenPrefix) {
		return Actor{}, Token{}, errToken(nil)
	}
	now := t.People.Clock()
	token, err := t.Store.TokenByHash(ctx, hashToken(text.Reveal()), now)
	if err != nil {
		return Actor{}, Token{}, errToken(err)
	}
	actor, err := t.People.ActorFor(ctx, token.UserID)
	if err != nil {
		return Actor{}, Token{}, errToken(err)
	}
	if token.UsedAt == nil || now.Sub(*token.UsedAt) >= usedWithin {
		err = t.Store.TouchToken(ctx, token.ID, now)
	}
	return actor, token, err
}

// errToken hides which of the reasons it is; a breakdown of ours stays one.
func errToken(err error) error {
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	return fault.Wrap(err, fault.Unauthenticated, "This token does not work: it is not known here, was revoked, or has expired. Ask your operator for a new one.")
}

// Of lists a user's tokens by name.
func (t *Tokens) Of(ctx context.Context, userID string) ([]Token, error) {
	return t.Store.TokensOf(ctx, userID)
}

// Revoke ends a user's token with the next request.
func (t *Tokens) Revoke(ctx context.Context, userID, id string) error {
	err := t.Store.RemoveToken(ctx, userID, id)
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(err, fault.NotFound, "You have no such token.")
	}
	return err
}
