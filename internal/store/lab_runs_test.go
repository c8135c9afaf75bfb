package store_test

import (
	"testing"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

func TestLabRunLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		_, org := people(t, s)
		service := &runs.Service{Store: s, Clock: store.Now}
		vendor := access.Actor{PersonID: "usr_1", Name: "Ann", OrgID: org.ID, Roles: []access.Role{access.Vendor}}
		run, err := service.Start(ctx, vendor, "sub_1", org.ID, "hash1", "network", runs.ForVendor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Start(ctx, vendor, "sub_1", org.ID, "hash1", "network", runs.ForVendor); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second run while the first goes on: %v, want conflict", err)
		}
		if began, err := s.BeginRun(ctx, run.ID, store.Now()); err != nil || began.Attempt != 1 || began.State != runs.Running {
			t.Errorf("begin: %+v, %v", began, err)
		}
		for _, o := range []runs.Object{{Kind: "Users", Name: "a@example.com"}, {Kind: "Groups", Name: "g"}, {Kind: "Users", Name: "a@example.com", RemoteID: "7"}} {
			if err := s.SaveObject(ctx, run.ID, o); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.ForgetObject(ctx, run.ID, runs.Object{Kind: "Groups", Name: "g"}); err != nil {
			t.Fatal(err)
		}
		if left, err := s.ObjectsOf(ctx, run.ID); err != nil || len(left) != 1 || left[0].RemoteID != "7" {
			t.Errorf("objects: %+v, %v", left, err)
		}
		if err := s.EndRun(ctx, run.ID, "failed", "", []byte(`{"verdict":"failed"}`), store.Now()); err != nil {
			t.Fatal(err)
		}
		if err := s.EndRun(ctx, run.ID, "passed", "", []byte(`{}`), store.Now()); err != nil {
			t.Fatal(err)
		}
		got, err := service.Get(ctx, vendor, run.ID)
		if err != nil || got.Verdict != "failed" {
			t.Errorf("an ended run changed: %q, %v", got.Verdict, err)
		}
		if again, err := s.BeginRun(ctx, run.ID, store.Now()); err != nil || again.State != runs.Ended {
			t.Errorf("an ended run began again: %+v, %v", again, err)
		}
		stranger := access.Actor{PersonID: "usr_2", OrgID: "org_other", Roles: []access.Role{access.Vendor}}
		if _, err := service.Get(ctx, stranger, run.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another org's run: %v, want not found", err)
		}
		if _, err := service.Get(ctx, access.Actor{}, run.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a visitor: %v, want not found", err)
		}
		if _, err := service.Start(ctx, vendor, "sub_1", org.ID, "hash1", "network", runs.ForVendor); err != nil {
			t.Errorf("a new run after the end: %v", err)
		}
	})
}
