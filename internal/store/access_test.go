package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

const password = "four plain words here"

func people(t *testing.T, s *store.Store) (*access.Service, access.Org) {
	t.Helper()
	service := access.NewService(s, store.Now)
	org, err := service.CreateOrg(t.Context(), "acme", "Acme", false)
	if err != nil {
		t.Fatal(err)
	}
	return service, org
}

func TestOneTimeLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		service, org := people(t, s)
		ctx := t.Context()
		user, token, err := service.Invite(ctx, " Ann@Example.com ", "Ann", org, access.Vendor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.SignIn(ctx, "ann@example.com", ""); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("without a password: %v, want unauthenticated", err)
		}
		if _, err := service.Redeem(ctx, token, "short"); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a short password: %v, want invalid", err)
		}
		var won sync.Map
		var wait sync.WaitGroup
		for i := range 4 { // four browsers redeem at once
			wait.Go(func() {
				if _, err := service.Redeem(ctx, token, password); err == nil {
					won.Store(i, true)
				} else if fault.CodeOf(err) != fault.NotFound {
					t.Errorf("redeem: %v", err)
				}
			})
		}
		wait.Wait()
		winners := 0
		won.Range(func(any, any) bool { winners++; return true })
		if winners != 1 {
			t.Errorf("%d of 4 redeemed a one-time link, want 1", winners)
		}
		got, err := service.SignIn(ctx, "ANN@example.com", password)
		if err != nil || got.ID != user.ID {
			t.Errorf("sign in: %v, %v", got.ID, err)
		}
		actor, err := service.ActorFor(ctx, user.ID)
		if err != nil || actor.OrgName != "Acme" || !actor.Has(access.Vendor) {
			t.Errorf("actor: %+v, %v", actor, err)
		}
	})
}

func TestSignInIsThrottled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		service, org := people(t, s)
		now := store.Now()
		service.Clock = func() time.Time { return now }
		_, token, err := service.Invite(t.Context(), "ann@example.com", "Ann", org, access.Vendor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Redeem(t.Context(), token, password); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if _, err := service.SignIn(t.Context(), "ann@example.com", "wrong password here"); fault.CodeOf(err) != fault.Unauthenticated {
				t.Fatalf("a wrong password: %v", err)
			}
		}
		if _, err := service.SignIn(t.Context(), "ann@example.com", password); fault.CodeOf(err) != fault.TooMany {
			t.Errorf("after ten failures: %v, want too_many", err)
		}
		now = now.Add(16 * time.Minute)
		if _, err := service.SignIn(t.Context(), "ann@example.com", password); err != nil {
			t.Errorf("a quarter of an hour later: %v", err)
		}
	})
}

// Covers R-025: an address signs in to one org.
func TestInviteKeepsTeamRolesInTheNetworksOrg(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		service, org := people(t, s)
		network, err := service.CreateOrg(t.Context(), "network", "The network", true)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			org  access.Org
			role access.Role
			code fault.Code
		}{
			{"a reviewer in a customer's org is refused", org, access.Reviewer, fault.Invalid},
			{"a vendor in the network's org is refused", network, access.Vendor, fault.Invalid},
			{"a reviewer in the network's org is fine", network, access.Reviewer, ""},
			{"an address of another org is refused", org, access.Vendor, fault.Conflict},
		} {
			if _, _, err := service.Invite(t.Context(), "bo@example.com", "Bo", tt.org, tt.role); fault.CodeOf(err) != tt.code {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
			}
		}
		if _, err := service.CreateOrg(t.Context(), "acme", "Again", false); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a taken slug: %v, want conflict", err)
		}
	})
}

func TestSessionsEndTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, sessions := context.Background(), s.Sessions()
		for _, token := range []string{"laptop", "phone"} {
			data, err := scs.GobCodec{}.Encode(store.Now().Add(time.Hour), map[string]any{access.SessionUser: "usr_1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := sessions.CommitCtx(ctx, token, data, store.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, err := sessions.FindCtx(ctx, "phone"); !found || err != nil {
			t.Fatalf("find: %v, %v", found, err)
		}
		if err := s.EndSessions(ctx, "usr_1"); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{"laptop", "phone"} {
			if _, found, _ := sessions.FindCtx(ctx, token); found {
				t.Errorf("session %s survived", token)
			}
		}
		expired := strings.Repeat("x", 8)
		if err := sessions.CommitCtx(ctx, expired, mustEncode(t), store.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := sessions.FindCtx(ctx, expired); found {
			t.Error("an expired session was found")
		}
	})
}

func mustEncode(t *testing.T) []byte {
	t.Helper()
	data, err := scs.GobCodec{}.Encode(store.Now(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
