package store_test

import (
	"testing"

	"slipway/internal/access"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// Everybody finds their own place again, and nobody else's.
//
func TestPlacesArePersonal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		service, org := people(t, s)
		var users []access.User
		for _, email := range []string{"vera@example.com", "vito@example.com"} {
			user, _, err := service.Invite(t.Context(), email, "", org, access.Vendor)
			if err != nil {
				t.Fatal(err)
			}
			users = append(users, user)
		}
		for _, place := range []string{"scim", "lab"} {
			if err := s.KeepPlace(t.Context(), users[0].ID, "sub_1", place); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct{ user, thing, want string }{
			{users[0].ID, "sub_1", "lab"}, {users[0].ID, "sub_2", ""}, {users[1].ID, "sub_1", ""},
		} {
			if got, err := s.Place(t.Context(), tt.user, tt.thing); got != tt.want || err != nil {
				t.Errorf("place of %s in %s: %q, %v; want %q", tt.user, tt.thing, got, err, tt.want)
			}
		}
	})
}
