package main

import (
	"testing"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// desk brings submissions of one vendor to where a test wants them, without a lab: it records the verdicts itself.
type desk struct {
	*site
	t            *testing.T
	vendor, team access.Actor
}

func (s *site) desk(t *testing.T) *desk {
	t.Helper()
	return &desk{
		site: s, t: t, vendor: s.actor(t, "harbor", "vendor@example.com", access.Vendor),
		team: s.actor(t, "network", "team@example.com", access.Reviewer, access.QA),
	}
}

// whole is a content with nothing missing.
func whole(name string) manifest.Content {
	return sample(name, name+" keeps a crew's papers. This integration creates an account for everybody who is assigned and deactivates it when they leave.")
}

func (d *desk) draft(content manifest.Content) string {
	d.t.Helper()
	id, err := d.seedDraft(d.t.Context(), d.vendor, content, "https://vendor.example.com")
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) dossier(id string) registry.Dossier {
	d.t.Helper()
	found, err := d.registry.Get(d.t.Context(), access.System, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

// must returns the submission that a step led to.
func (d *desk) must(sub registry.Submission, err error) registry.Submission {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return sub
}

// prove lets the lab have passed the present content.
func (d *desk) prove(id string) {
	d.t.Helper()
	d.record(id, registry.Verdict{Outcome: registry.Passed})
}

// record lets the lab have spoken on the present content.
func (d *desk) record(id string, v registry.Verdict) {
	d.t.Helper()
	v.RunID, v.SubmissionID, v.Hash, v.Profile, v.At = access.NewID("run"), id, d.dossier(id).Submission.Hash, "network", store.Now()
	if err := d.registry.RecordVerdict(d.t.Context(), v); err != nil {
		d.t.Fatal(err)
	}
}

// edit saves fields of a draft.
func (d *desk) edit(id string, content manifest.Content) {
	d.t.Helper()
	if _, err := d.registry.SaveDraft(d.t.Context(), d.vendor, id, d.dossier(id).Submission.Version, content); err != nil {
		d.t.Fatal(err)
	}
}

// submit takes a draft to the initial review.
func (d *desk) submit(id string) {
	d.t.Helper()
	d.prove(id)
	d.must(d.registry.Submit(d.t.Context(), d.vendor, id, d.dossier(id).Submission.Version, true))
}

// verifying submits a draft whose test connection was changed after its pass: the lab must run again first.
func (d *desk) verifying(id string) {
	d.t.Helper()
	d.prove(id)
	if _, err := d.registry.SaveConnection(d.t.Context(), d.vendor, id, manifest.Connection{manifest.ConnectionToken: secret.NewText("another-token")}); err != nil {
		d.t.Fatal(err)
	}
	d.must(d.registry.Submit(d.t.Context(), d.vendor, id, d.dossier(id).Submission.Version, true))
}

// giveBack returns a submission with a finding: from the initial review, or as a bug from QA.
func (d *desk) giveBack(id string) {
	d.t.Helper()
	found := []registry.NewFinding{{Key: "description", Severity: "blocking", Text: "Say which roles people get."}}
	sub := d.dossier(id).Submission
	giveBack := d.registry.Return
	if sub.State != registry.ToReview {
		giveBack = d.registry.ReturnBugs
	}
	d.must(giveBack(d.t.Context(), d.team, id, sub.Version, found, nil))
}

// answer answers every finding, and sends the submission back.
func (d *desk) answer(id string) {
	d.t.Helper()
	for _, f := range d.dossier(id).Findings.Open() {
		d.must(d.registry.Answer(d.t.Context(), d.vendor, id, f.ID, registry.FixedOnServer, ""))
	}
	d.prove(id)
	d.must(d.registry.Resubmit(d.t.Context(), d.vendor, id, d.dossier(id).Submission.Version))
}

// toQA takes a draft through the initial review.
func (d *desk) toQA(id string) {
	d.t.Helper()
	d.submit(id)
	var items []string
	for _, item := range registry.InitialChecklist {
		items = append(items, item.ID)
	}
	d.must(d.registry.PassInitial(d.t.Context(), d.team, id, d.dossier(id).Submission.Version, items))
}

// toFinalReview takes a draft through QA and the fixing of a bug.
func (d *desk) toFinalReview(id string) {
	d.t.Helper()
	d.toQA(id)
	d.giveBack(id)
	d.answer(id)
}

// withdraw submits a draft and takes it back.
func (d *desk) withdraw(id string) {
	d.t.Helper()
	d.submit(id)
	d.must(d.registry.Withdraw(d.t.Context(), d.vendor, id, d.dossier(id).Submission.Version))
}

// reject submits a draft, which the team refuses for good.
func (d *desk) reject(id string) {
	d.t.Helper()
	d.submit(id)
	why := registry.Reason{Code: "policy", Text: "It does not fit."}
	d.must(d.registry.Reject(d.t.Context(), d.team, id, d.dossier(id).Submission.Version, why))
}

// publish takes a draft through all of it to the catalog.
func (d *desk) publish(id string) {
	d.t.Helper()
	d.toQA(id)
	d.must(d.registry.PassQA(d.t.Context(), d.team, id, d.dossier(id).Submission.Version))
}

// update starts the next version of what is published.
func (d *desk) update(id string) string {
	d.t.Helper()
	return d.must(d.registry.StartUpdate(d.t.Context(), d.vendor, d.dossier(id).Submission.IntegrationID)).ID
}
