package store_test

import (
	"slices"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// What is opened is open for that org, until that moment.
//
func TestOpeningsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		service, acme := people(t, s)
		rival, err := service.CreateOrg(t.Context(), "rival", "Rival", false)
		if err != nil {
			t.Fatal(err)
		}
		now := store.Now()
		save := func(orgID string, until time.Time) error {
			return s.SaveOpening(t.Context(), access.Opening{OrgID: orgID, Feature: "profile_sourcing", Until: until, OpenedBy: "Rex", OpenedAt: now})
		}
		open := func(orgID string, at time.Time) bool {
			t.Helper()
			features, err := s.Opened(t.Context(), orgID, at)
			if err != nil {
				t.Fatal(err)
			}
			return slices.Contains(features, "profile_sourcing")
		}
		if err := save(acme.ID, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if !open(acme.ID, now) || open(acme.ID, now.Add(time.Hour)) || open(rival.ID, now) {
			t.Error("it is not open for this org alone, until then")
		}
		lines, err := s.Orgs(t.Context(), now)
		if err != nil || len(lines) != 2 || len(lines[0].Openings) != 1 || len(lines[1].Openings) != 0 {
			t.Errorf("the list of orgs: %+v, %v", lines, err)
		}
		if err := save(acme.ID, now); err != nil || open(acme.ID, now) {
			t.Errorf("closing it: %v", err)
		}
		if err := save("org_nobody", now); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("an org that is not there: %v", err)
		}
	})
}
