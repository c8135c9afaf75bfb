package store_test

import (
	"slices"
	"strconv"
	"strings"
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

// The daily look reads the catalogue of the run that proved what it looks at.
func TestTheRunThatProved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		_, org := people(t, s)
		service := &runs.Service{Store: s, Clock: store.Now}
		if _, err := s.RunThatProved(ctx, "sub_1", "hash1"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("nothing has run: %v", err)
		}
		for i, r := range []struct {
			hash, verdict string
			purpose       runs.Purpose
		}{
			{"hash1", "passed", runs.ForVendor}, {"hash1", "passed", runs.ForSubmit}, {"hash1", "failed", runs.ForReviewer}, {"hash2", "passed", runs.ForSubmit},
			{"hash1", "passed", runs.ForWatch},
		} {
			run, err := service.Begin(ctx, runs.Run{ID: "run_" + strconv.Itoa(i), SubmissionID: "sub_1", OrgID: org.ID, Hash: r.hash, Profile: "network", Purpose: r.purpose})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := service.End(ctx, run, r.verdict, "", []byte(`{"catalogue_version":"`+run.ID+`"}`)); err != nil {
				t.Fatal(err)
			}
		}
		run, err := s.RunThatProved(ctx, "sub_1", "hash1")
		if err != nil || run.ID != "run_1" || !strings.Contains(string(run.Report), "run_1") {
			t.Errorf("%s, %s, %v; want run_1", run.ID, run.Report, err)
		}
	})
}

// What a run may have left is known at every step: another process may have to clean up after it.
func TestWhatARunMayHaveLeft(t *testing.T) {
	ada := runs.Object{Kind: "Users", Name: "ada"}
	withID := func(o runs.Object, id string) runs.Object { o.RemoteID = id; return o }
	type step struct {
		forget bool
		object runs.Object
	}
	for _, tt := range []struct {
		name  string
		steps []step
		want  []runs.Object
	}{
		{"what is announced", []step{{false, ada}}, []runs.Object{ada}},
		{"the target's id takes the place of none", []step{{false, ada}, {false, withID(ada, "7")}}, []runs.Object{withID(ada, "7")}},
		{"what is gone", []step{{false, ada}, {false, withID(ada, "7")}, {true, withID(ada, "7")}}, nil},
		{"a second one of the name is refused, and the first is still there",
			[]step{{false, ada}, {false, withID(ada, "7")}, {false, ada}, {true, ada}}, []runs.Object{withID(ada, "7")}},
		{"a second one of the name is made against expectation",
			[]step{{false, ada}, {false, withID(ada, "7")}, {false, ada}, {false, withID(ada, "8")}}, []runs.Object{withID(ada, "7"), withID(ada, "8")}},
		{"users and groups; what comes last is removed first",
			[]step{{false, ada}, {false, runs.Object{Kind: "Groups", Name: "crew"}}}, []runs.Object{ada, {Kind: "Groups", Name: "crew"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				ctx := t.Context()
				_, org := people(t, s)
				run, err := s.BeginRun(ctx, runs.Run{
					ID: "run_1", SubmissionID: "sub_1", OrgID: org.ID, Purpose: runs.ForVendor, Report: []byte("{}"), Created: store.Now(),
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, step := range tt.steps {
					do := s.SaveObject
					if step.forget {
						do = s.ForgetObject
					}
					if err := do(ctx, run.ID, step.object); err != nil {
						t.Fatal(err)
					}
				}
				if left, err := s.ObjectsOf(ctx, run.ID); err != nil || !slices.Equal(left, tt.want) {
					t.Errorf("left: %+v, %v; want %+v", left, err, tt.want)
				}
			})
		})
	}
}
