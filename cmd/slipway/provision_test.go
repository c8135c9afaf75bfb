package main

import (
	"testing"
	"time"

	"slipway/internal/provision"
)

// An applied plan is carried out by the workers, without a person: the accounts exist at the vendor.
func TestAppliedPlanIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	for deadline := time.Now().Add(2 * time.Minute); ; {
		counts, err := s.provision.CountOperations(t.Context(), sc.admin, sc.installation.ID)
		if err != nil {
			t.Fatal(err)
		}
		if counts[provision.Done] == len(sc.people) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("operations %v, want %d done", counts, len(sc.people))
		}
		<-time.After(50 * time.Millisecond)
	}
	if users := s.vendor.Users(); len(users) != len(sc.people) {
		t.Errorf("%d accounts at the vendor, want %d", len(users), len(sc.people))
	}
}
