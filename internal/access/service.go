package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"slipway/internal/fault"
)

// Store keeps orgs, users, one-time links and the counters of failed sign-ins.
type Store interface {
	SaveOrg(ctx context.Context, org Org) error
	OrgBySlug(ctx context.Context, slug string) (Org, error)
	OrgByID(ctx context.Context, id string) (Org, error)
	// SaveUser inserts the user or, for a known address, replaces name, roles and password hash.
	SaveUser(ctx context.Context, user User) error
	UserByEmail(ctx context.Context, email string) (User, error)
	UserByID(ctx context.Context, id string) (User, error)
	CountUsers(ctx context.Context) (int, error)
	SaveLink(ctx context.Context, link Link) error
	// TakeLink marks an unused, unexpired link as used and returns it; fault.NotFound for any other.
	TakeLink(ctx context.Context, hash string, now time.Time) (Link, error)
	LinkByHash(ctx context.Context, hash string, now time.Time) (Link, error)
	// CountFailure adds a failed sign-in for the key and returns how many there were since the given time.
	CountFailure(ctx context.Context, key string, now, since time.Time) (int, error)
	Failures(ctx context.Context, key string, since time.Time) (int, error)
	// EndSessions signs the user out everywhere.
	EndSessions(ctx context.Context, userID string) error
}

// Link is a one-time sign-in link. Only its hash is stored.
type Link struct {
	Hash      string    `db:"hash"` // SHA-256 of the token, hex
	UserID    string    `db:"user_id"`
	ExpiresAt time.Time `db:"expires_at"`
}

// SessionUser is the key under which a session holds its user's id.
const SessionUser = "user"

const (
	LinkLife      = 72 * time.Hour   // how long a one-time link works
	MinPassword   = 12               // code points, as NIST SP 800-63B asks for a password alone (15) or with more (8): between
	maxPassword   = 256              // bytes; argon2id must not be fed megabytes
	failureWindow = 15 * time.Minute // failed sign-ins are counted over this time
	maxFailures   = 10               // per address within failureWindow
)

// argon2Params are the OWASP figures: 19 MiB, two passes, one lane; about 25 ms a hash.
var argon2Params = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// noUserHash is compared when no user has the address, so that the answer takes as long (H-61).
var noUserHash, _ = argon2id.CreateHash("nobody has this password", argon2Params)

// Service is how doors and commands use access.
type Service struct {
	Store Store
	Clock func() time.Time
	hash  chan struct{}
}

// NewService returns a service that computes at most two password hashes at a time: each takes 19 MiB.
func NewService(store Store, clock func() time.Time) *Service {
	return &Service{Store: store, Clock: clock, hash: make(chan struct{}, 2)}
}

// NewID returns prefix and 20 unguessable base32 characters (100 bits).
func NewID(prefix string) string {
	return prefix + "_" + strings.ToLower(rand.Text()[:20])
}

// CreateOrg adds an org. The slug must be free.
func (s *Service) CreateOrg(ctx context.Context, slug, name string, network bool) (Org, error) {
	org := Org{ID: NewID("org"), Slug: slug, Name: name, Network: network, CreatedAt: s.Clock()}
	return org, s.Store.SaveOrg(ctx, org)
}

// Invite makes the user if the address is new, adds the roles, and returns the token of a one-time link.
// Team roles are given in the network's own org only, and there are no other roles in it.
func (s *Service) Invite(ctx context.Context, email, name string, org Org, roles ...Role) (User, string, error) {
	email, err := cleanEmail(email)
	if err != nil {
		return User{}, "", err
	}
	for _, r := range roles {
		if r.OfTeam() != org.Network {
			return User{}, "", fault.Newf(fault.Invalid, "The role %s does not exist in the org %s. Reviewer, qa and operator belong to the network's own org.", r, org.Slug)
		}
	}
	user, err := s.Store.UserByEmail(ctx, email)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		user = User{ID: NewID("usr"), OrgID: org.ID, Email: email, Name: orElse(name, email), CreatedAt: s.Clock()}
	case err != nil:
		return User{}, "", err
	case user.OrgID != org.ID:
		return User{}, "", fault.New(fault.Conflict, "This address already signs in to another org. Use another address.")
	}
	for _, r := range roles {
		if !slices.Contains(user.Roles, r) {
			user.Roles = append(user.Roles, r)
		}
	}
	if err := s.Store.SaveUser(ctx, user); err != nil {
		return User{}, "", err
	}
	token, err := s.newLink(ctx, user.ID)
	return user, token, err
}

func (s *Service) newLink(ctx context.Context, userID string) (string, error) {
	token := rand.Text() + rand.Text()[:6]
	return token, s.Store.SaveLink(ctx, Link{Hash: hashToken(token), UserID: userID, ExpiresAt: s.Clock().Add(LinkLife)})
}

// Peek returns whose link this is without using it up, so that the page can greet and ask for a password.
func (s *Service) Peek(ctx context.Context, token string) (User, error) {
	link, err := s.Store.LinkByHash(ctx, hashToken(token), s.Clock())
	if err != nil {
		return User{}, linkFault(err)
	}
	return s.Store.UserByID(ctx, link.UserID)
}

// Redeem uses the link up and sets the password. Every other session of the user ends.
func (s *Service) Redeem(ctx context.Context, token, password string) (User, error) {
	user, err := s.Peek(ctx, token)
	if err != nil {
		return User{}, err
	}
	if err := checkPassword(password, user); err != nil {
		return User{}, err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	if _, err := s.Store.TakeLink(ctx, hashToken(token), s.Clock()); err != nil {
		return User{}, linkFault(err)
	}
	user.PasswordHash = hash
	if err := s.Store.SaveUser(ctx, user); err != nil {
		return User{}, err
	}
	return user, s.Store.EndSessions(ctx, user.ID)
}

// SignIn checks address and password. The answer and its time do not tell whether the address is known.
func (s *Service) SignIn(ctx context.Context, email, password string) (User, error) {
	email, err := cleanEmail(email)
	if err != nil || len(password) > maxPassword {
		return User{}, errSignIn()
	}
	now := s.Clock()
	failed, err := s.Store.Failures(ctx, email, now.Add(-failureWindow))
	if err != nil {
		return User{}, err
	}
	if failed >= maxFailures {
		return User{}, fault.New(fault.TooMany, "Too many failed attempts for this address. Wait 15 minutes, or ask your operator for a new sign-in link.")
	}
	user, err := s.Store.UserByEmail(ctx, email)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return User{}, err
	}
	hash := user.PasswordHash
	if hash == "" {
		hash = noUserHash
	}
	match, err := s.matches(ctx, password, hash)
	if err != nil {
		return User{}, err
	}
	if !match || user.PasswordHash == "" {
		if _, err := s.Store.CountFailure(ctx, email, now, now.Add(-failureWindow)); err != nil {
			return User{}, err
		}
		return User{}, errSignIn()
	}
	return user, nil
}

// ActorFor returns the actor behind a session: roles are read anew on each request, so a role that was
// taken away is gone with the next click (H-28).
func (s *Service) ActorFor(ctx context.Context, userID string) (Actor, error) {
	user, err := s.Store.UserByID(ctx, userID)
	if err != nil {
		return Actor{}, err
	}
	org, err := s.Store.OrgByID(ctx, user.OrgID)
	if err != nil {
		return Actor{}, err
	}
	return Actor{PersonID: user.ID, Name: user.Name, Email: user.Email, OrgID: org.ID, OrgName: org.Name, Roles: user.Roles}, nil
}

func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer s.leave()
	return argon2id.CreateHash(password, argon2Params)
}

func (s *Service) matches(ctx context.Context, password, hash string) (bool, error) {
	if err := s.enter(ctx); err != nil {
		return false, err
	}
	defer s.leave()
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (s *Service) enter(ctx context.Context) error {
	select {
	case s.hash <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) leave() { <-s.hash }

func errSignIn() error {
	return fault.New(fault.Unauthenticated, "Address and password do not match. Check both; if you have no password yet, open your sign-in link first.")
}

func linkFault(err error) error {
	if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	return fault.Wrap(err, fault.NotFound, "This sign-in link was used already or has expired. Ask whoever invited you for a new one.")
}

func checkPassword(password string, user User) error {
	field := func(message string) error {
		return fault.New(fault.Invalid, message).With(fault.Field{Key: "password", Message: message})
	}
	switch lower := strings.ToLower(password); {
	case len([]rune(password)) < MinPassword:
		return field("Use at least 12 characters. A few words are fine.")
	case len(password) > maxPassword:
		return field("Use at most 256 characters.")
	case strings.Contains(lower, "slipway"), strings.Contains(lower, strings.Split(user.Email, "@")[0]):
		return field("Do not use your own name or the product's name in it.")
	}
	return nil
}

func cleanEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || len(email) > 255 {
		return "", fault.New(fault.Invalid, "This is not an e-mail address.").With(fault.Field{Key: "email", Message: "Enter an address such as name@example.com."})
	}
	return email, nil
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func orElse(value, fallback string) string {
	if strings.TrimSpace(value) == "" {
		return fallback
	}
	return strings.TrimSpace(value)
}
