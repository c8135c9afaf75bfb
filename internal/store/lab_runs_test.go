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
		asked := runs.Run{ID: "run_1", SubmissionID: "sub_1", OrgID: org.ID, Hash: "hash1", Profile: "network", Purpose: runs.ForVendor, AskedBy: "Ann"}
		run, err := service.Begin(ctx, asked)
		if err != nil || run.Attempt != 1 || run.State != runs.Running {
			t.Fatalf("begin: %+v, %v", run, err)
		}
		other := asked
		other.ID = "run_2"
		if _, err := service.Begin(ctx, other); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a second run while the first goes on: %v, want conflict", err)
		}
		if again, err := service.Begin(ctx, asked); err != nil || again.Attempt != 2 || again.Seed != run.Seed {
			t.Errorf("after a crash the run begins again with the names it had: %+v, %v", again, err)
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
		if again, err := service.Begin(ctx, asked); err != nil || again.State != runs.Ended || again.Attempt != 2 {
			t.Errorf("an ended run began again: %+v, %v", again, err)
		}
		stranger := access.Actor{PersonID: "usr_2", OrgID: "org_other", Roles: []access.Role{access.Vendor}}
		if _, err := service.Get(ctx, stranger, run.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another org's run: %v, want not found", err)
		}
		if _, err := service.Get(ctx, access.Actor{}, run.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a visitor: %v, want not found", err)
		}
		if _, err := service.Begin(ctx, other); err != nil {
			t.Errorf("a new run after the end: %v", err)
		}
	})
}
