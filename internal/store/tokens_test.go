package store_test

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

const day = 24 * time.Hour

// holder is a user with tokens, at a time that the test moves.
type holder struct {
	*testing.T
	store  *store.Store
	people *access.Service
	tokens *access.Tokens
	user   access.User
	now    time.Time
}

func newHolder(t *testing.T, s *store.Store) *holder {
	h := &holder{T: t, store: s, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	h.people = access.NewService(s, func() time.Time { return h.now })
	h.tokens = &access.Tokens{Store: s, People: h.people}
	org, err := h.people.CreateOrg(t.Context(), "acme", "Acme", false)
	if err != nil {
		t.Fatal(err)
	}
	if h.user, _, err = h.people.Invite(t.Context(), "ann@example.com", "Ann", org, access.Vendor); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *holder) issue(name string, life time.Duration) (access.Token, secret.Text) {
	h.Helper()
	token, text, err := h.tokens.Issue(h.Context(), h.user, name, life)
	if err != nil {
		h.Fatal(err)
	}
	return token, text
}

// refused says that the token's text does not work, and why it should not.
func (h *holder) refused(why string, text secret.Text) {
	h.Helper()
	if _, _, err := h.tokens.Actor(h.Context(), text); fault.CodeOf(err) != fault.Unauthenticated {
		h.Errorf("%s: %v, want unauthenticated", why, err)
	}
}

// Covers H-28, H-56, H-60 where tokens are concerned.
func TestToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHolder(t, s)
		token, text := h.issue("ci", 90*day)
		if !strings.HasPrefix(text.Reveal(), "slw_") || len(text.Reveal()) != len("slw_")+32 || strings.Contains(token.Hash, text.Reveal()) {
			t.Errorf("the token is not slw_ and 32 characters, or its text is stored")
		}
		actor, used, err := h.tokens.Actor(t.Context(), text)
		if err != nil || actor.Email != "ann@example.com" || !actor.Has(access.Vendor) || used.ID != token.ID || used.UsedAt != nil {
			t.Fatalf("the first use: %+v, %+v, %v", actor, used, err)
		}
		first := h.now
		h.now = h.now.Add(30 * time.Second)
		if _, used, err = h.tokens.Actor(t.Context(), text); err != nil || used.UsedAt == nil || !used.UsedAt.Equal(first) {
			t.Errorf("half a minute later: last used %v, want %v (%v)", used.UsedAt, first, err)
		}
		for why, wrong := range map[string]string{
			"no token":                  "",
			"only the prefix":           "slw_",
			"a letter is missing":       text.Reveal()[:len(text.Reveal())-1],
			"a letter is too many":      text.Reveal() + "A",
			"letters in the other case": strings.ToLower(text.Reveal()),
			"a blank in front":          " " + text.Reveal(),
			"another prefix":            "tok_" + text.Reveal()[4:],
		} {
			h.refused(why, secret.NewText(wrong))
		}
		h.user.Roles = []access.Role{access.EndUser}
		if err := s.SaveUser(t.Context(), h.user); err != nil {
			t.Fatal(err)
		}
		if actor, _, err = h.tokens.Actor(t.Context(), text); err != nil || actor.Has(access.Vendor) {
			t.Errorf("the role was taken away, and the token keeps it: %+v, %v", actor, err)
		}
	})
}

func TestTokenEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHolder(t, s)
		kept, keptText := h.issue("kept", access.MaxTokenLife)
		revoked, revokedText := h.issue("ci", day)
		if _, _, err := h.tokens.Issue(t.Context(), h.user, "ci", day); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second token of one name: %v, want conflict", err)
		}
		if err := h.tokens.Revoke(t.Context(), "usr_somebody_else", revoked.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("somebody else revokes it: %v, want not found", err)
		}
		if err := h.tokens.Revoke(t.Context(), h.user.ID, revoked.ID); err != nil {
			t.Fatal(err)
		}
		h.refused("revoked", revokedText)
		if err := h.tokens.Revoke(t.Context(), h.user.ID, revoked.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("revoked twice: %v, want not found", err)
		}
		_, text := h.issue("ci", day)
		h.now = h.now.Add(day - time.Microsecond)
		if _, _, err := h.tokens.Actor(t.Context(), text); err != nil {
			t.Errorf("in its last moment: %v", err)
		}
		h.now = h.now.Add(time.Microsecond)
		h.refused("expired", text)
		h.issue("ci", day) // the name of an expired one is free
		if _, _, err := h.tokens.Actor(t.Context(), keptText); err != nil {
			t.Errorf("the other token: %v", err)
		}
		list, err := h.tokens.Of(t.Context(), h.user.ID)
		if err != nil || len(list) != 2 || list[1].ID != kept.ID {
			t.Errorf("%d tokens, %v; want ci and kept", len(list), err)
		}
	})
}

func TestTokenIsRefused(t *testing.T) {
	h := newHolder(t, storetest.Open(t, storetest.SQLite(t)))
	for _, tt := range []struct {
		why, name string
		life      time.Duration
	}{
		{"no name", " ", day},
		{"a name of 65 characters", strings.Repeat("ä", 65), day},
		{"a name with a line break", "ci\nroot", day},
		{"no time", "ci", 0},
		{"more than a year", "ci", access.MaxTokenLife + time.Second},
	} {
		if _, _, err := h.tokens.Issue(t.Context(), h.user, tt.name, tt.life); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", tt.why, err)
		}
	}
}
