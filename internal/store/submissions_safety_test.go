package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/store/storetest"
)

// Covers R-009, H-25, H-27: every read keeps to the org, and the zero Scope reads nothing.
func TestReadsKeepToTheOrg(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		sub := n.filled(n.sub(n.registry.StartSubmission(ctx, n.ann)), "Acme")
		err := n.registry.RecordVerdict(ctx, registry.Verdict{RunID: "run_1", SubmissionID: sub.ID, Outcome: registry.Failed, Hash: sub.Hash, At: *n.clock.Load(), Failed: []registry.FailedCheck{{ID: "c"}}})
		if err != nil {
			t.Fatal(err)
		}
		must(n.registry.AskWaiver(ctx, n.ann, sub.ID, "c", "Please."))(t)
		r := s.Registry()
		for name, scope := range map[string]registry.Scope{"another org": {OrgID: n.eve.OrgID}, "nobody": {}} {
			_, err := r.Dossier(ctx, scope, sub.ID)
			n.code(name+" reads the dossier", err, fault.NotFound)
			_, err = r.History(ctx, scope, sub.ID)
			n.code(name+" reads the history", err, fault.NotFound)
			if got := must(r.Submissions(ctx, scope, registry.Query{IntegrationID: sub.IntegrationID}))(t); len(got) > 0 {
				t.Errorf("%s lists %d", name, len(got))
			}
			if got := must(r.Edits(ctx, scope, sub.ID, 0))(t); len(got) > 0 {
				t.Errorf("%s reads %d edits", name, len(got))
			}
			if got := must(r.Secrets(ctx, scope, sub.ID))(t); len(got) > 0 {
				t.Errorf("%s opens %d secrets", name, len(got))
			}
			if got := must(r.PendingWaivers(ctx, scope))(t); len(got) > 0 {
				t.Errorf("%s reads %d waivers", name, len(got))
			}
		}
		for name, scope := range map[string]registry.Scope{"the owner": {OrgID: n.ann.OrgID}, "the team": {All: true}} {
			if d, err := r.Dossier(ctx, scope, sub.ID); err != nil || len(d.Secrets) != 2 || len(d.Waivers) != 1 {
				t.Errorf("%s: %+v, %v", name, d, err)
			}
			if got := must(r.Edits(ctx, scope, sub.ID, 0))(t); len(got) == 0 {
				t.Errorf("%s reads no edits", name)
			}
		}
		moved := sub
		moved.OrgID = n.eve.OrgID
		moved.Version++
		n.code("a change that takes a submission to another org", r.Advance(ctx, registry.Change{Before: n.dossier(sub.ID).Submission.Version, Submission: moved}), fault.Conflict)
	})
}

// broken is a job that cannot be stored. It stands for a process that is killed before the last write of a change.
type broken struct{ Never func() }

func (broken) Kind() string { return "broken" }

// Covers R-114: publication is whole, or it has not happened.
func TestPublicationIsWholeOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		old := n.dossier(n.published("Acme").ID)
		update := n.sub(n.registry.StartUpdate(ctx, n.ann, old.Submission.IntegrationID))
		before := must(store.Dump(ctx, s))(t)
		superseded, shown, listing := old.Submission, update, *old.Listing
		superseded.State, superseded.Version = registry.Superseded, superseded.Version+1
		shown.State, shown.Version = registry.Published, shown.Version+1
		listing.SubmissionID, listing.Number, listing.Version = shown.ID, 2, listing.Version+1
		publication := func() (registry.Change, registry.Change) {
			return registry.Change{Before: old.Submission.Version, Submission: superseded},
				registry.Change{Before: update.Version, Submission: shown, Listing: &listing,
					Events: []registry.Event{{ID: "evt_x", SubmissionID: shown.ID}}, Mails: []registry.Mail{{ID: "mail_x", Kind: registry.M06}}}
		}
		for name, spoil := range map[string]func(first, second *registry.Change){
			"killed before the last job":           func(_, second *registry.Change) { second.Jobs = []registry.Job{{Args: broken{}}} },
			"the old version changed meanwhile":    func(first, _ *registry.Change) { first.Before-- },
			"the new version changed meanwhile":    func(_, second *registry.Change) { second.Before++ },
			"the listing changed meanwhile":        func(_, second *registry.Change) { second.Listing.Version++ },
			"the old version would stay published": func(first, _ *registry.Change) { first.Submission.State = registry.Published },
		} {
			first, second := publication()
			kept := listing
			spoil(&first, &second)
			if err := s.Registry().Advance(ctx, first, second); err == nil {
				t.Fatalf("%s, and it was published", name)
			}
			listing = kept
			if after := must(store.Dump(ctx, s))(t); after != before {
				t.Errorf("%s, and something was written:\n%s", name, cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")))
			}
		}
		first, second := publication()
		if err := s.Registry().Advance(ctx, first, second); err != nil {
			t.Fatal(err)
		}
		if l := must(n.registry.CatalogEntry(ctx, "acme"))(t); l.Number != 2 {
			t.Errorf("the catalog shows version %d", l.Number)
		}
	})
}

// Covers: of a deleted draft one line remains, in every table that there is.
func TestDeletedDraftLeavesOneLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		kept := n.published("Acme")
		sub := n.filled(n.sub(n.registry.StartSubmission(ctx, n.ann)), "Zombie")
		n.pass(sub.ID)
		sub = n.sub(n.registry.Submit(ctx, n.ann, sub.ID, sub.Version, true))
		sub = n.sub(n.registry.Return(ctx, n.rita, sub.ID, sub.Version, []registry.NewFinding{{Severity: registry.Blocking, Text: "A zombie's finding."}}, nil))
		sub = n.sub(n.registry.Withdraw(ctx, n.ann, sub.ID, sub.Version))
		sub = n.sub(n.registry.Reopen(ctx, n.ann, sub.ID, sub.Version))
		n.sub(n.registry.SaveSecret(ctx, n.ann, sub.ID, "testAccount.password", secret.NewText("x")))
		must(s.BeginRun(ctx, runs.Run{ID: "run_z", SubmissionID: sub.ID, OrgID: sub.OrgID, Profile: "network", Purpose: "vendor", Created: *n.clock.Load()}))(t)
		if err := n.registry.DeleteDraft(ctx, n.ann, sub.ID, n.dossier(sub.ID).Submission.Version, true); err != nil {
			t.Fatal(err)
		}
		var left []string
		for line := range strings.Lines(must(store.Dump(ctx, s))(t)) {
			if (strings.Contains(line, sub.ID) || strings.Contains(line, "Zombie") || strings.Contains(line, sub.LogoHash())) && !strings.HasPrefix(line, "river_job:") {
				left = append(left, line)
			}
		}
		if len(left) != 1 || !strings.HasPrefix(left[0], "submission_events:") || !strings.Contains(left[0], "T-04 delete draft deleted") {
			t.Errorf("of a deleted draft is left:\n%s", strings.Join(left, ""))
		}
		if _, err := n.registry.Logo(ctx, n.ann, kept.ID); err != nil || n.dossier(kept.ID).Submission.State != registry.Published {
			t.Errorf("another submission was touched: %v", err)
		}
	})
}

// Covers R-061, H-23, H-24: secrets lie sealed, each in its own place, and in no other table.
func TestSecretsLieSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := newNetwork(t, s)
		ctx := t.Context()
		n.published("Acme")
		one, two := n.queued("Beta"), n.queued("Gamma")
		if dump := must(store.Dump(ctx, s))(t); strings.Contains(dump, "canary") {
			t.Error("a secret can be read in the database")
		}
		if got := must(s.Registry().Secrets(ctx, registry.Scope{All: true}, one.ID))(t); len(got) != 2 || got[0].Value.Reveal() != "canary-token" {
			t.Errorf("opened %v", got)
		}
		if err := store.SwapSecrets(ctx, s, one.ID, two.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Registry().Secrets(ctx, registry.Scope{All: true}, two.ID); err == nil {
			t.Errorf("a sealed value that was moved to another submission opened: %v", got)
		}
	})
}
