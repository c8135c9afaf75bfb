package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/web/views"
)

// The queue holds what waits for the team, and no draft, not even beside a submission of the same org or of the same
// integration.
//
func TestQueueHoldsNoDraft(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	d.draft(whole("Draft Dock"))
	d.submit(d.draft(whole("Review Reef")))
	d.toQA(d.draft(whole("Quality Key")))
	tide := d.draft(whole("Tide Two"))
	d.publish(tide)
	d.update(tide)
	returned := d.draft(whole("Return Rock"))
	d.submit(returned)
	d.giveBack(returned)
	d.verifying(d.draft(whole("Verify Vale")))
	rex := s.as(t, "network", "rex@example.com", access.Reviewer)
	var queued []string
	for _, link := range rex.read("/reviews").only(t, "tbody", "").all("a", "") {
		queued = append(queued, link.text())
	}
	slices.Sort(queued)
	if want := []string{"Quality Key", "Review Reef"}; !slices.Equal(queued, want) {
		t.Errorf("the queue holds %q, want %q", queued, want)
	}
}

// A reviewer reads first which listing is meant, or that there is none, and what changes.
//
func TestWhatAReviewerReadsFirst(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	tide := d.draft(whole("Tide Two"))
	d.publish(tide)
	update := d.update(tide)
	d.edit(update, manifest.Content{}.With("name", "Tide Three").With("changeSummary", "It imports groups, too."))
	other := *d
	other.vendor = s.actor(t, "rival", "rita@example.com", access.Vendor)
	claim := func(who *desk, app, name string) string {
		return who.draft(whole(app).With("existing", manifest.Yes).With("existingName", name).With("changeSummary", "It imports groups, too."))
	}
	for _, tt := range []struct {
		name, id string
		says     []string
		link     string // to the listing that is meant
	}{
		{"an update of a listing, even under a new name", update, []string{"Tide Two", "It imports groups, too."}, "/catalog/tide-two"},
		{"a new app", d.draft(whole("Review Reef")), []string{"None.", "new to the catalog"}, ""},
		{"a second submission of what the org has listed", claim(d, "Tide Again", "Tide Two"), []string{"has a listing Tide Two already", "It imports groups, too."}, "/catalog/tide-two"},
		{"a listing that does not exist", claim(d, "Ghost Gate", "Ghost"), []string{"Ghost is listed already, but there is no such listing", "It imports groups, too."}, ""},
		{"another org's listing", claim(&other, "Raft Raid", "Tide Two"), []string{"belongs to another org", "It imports groups, too."}, "/catalog/tide-two"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := s.desk(t)
			d.vendor = s.owner(t, tt.id)
			d.submit(tt.id)
			rex := s.as(t, "network", "rex@example.com", access.Reviewer)
			page := rex.read("/reviews/" + tt.id)
			if top := page.all("h2", "")[0].text(); top != "Read this first" {
				t.Fatalf("the page begins with %q", top)
			}
			first := page.section(t, "Read this first")
			for _, words := range tt.says {
				if !strings.Contains(first.text(), words) {
					t.Errorf("it does not say %q: %s", words, first.text())
				}
			}
			links := first.all("a", "")
			if len(links) != 0 && links[0].attr("href") != tt.link || len(links) == 0 && tt.link != "" {
				t.Errorf("%d links, want one to %q: %s", len(links), tt.link, first.text())
			}
			for _, evidence := range page.all("dd", "Lab run of") {
				if run := evidence.only(t, "a", "").attr("href"); !strings.Contains(run, "/runs/run_") {
					t.Errorf("the evidence leads to %q, which is no run", run)
				}
			}
			if n := len(page.all("dd", "Lab run of")); n != 2 {
				t.Errorf("%d fields name the lab's run, want protocol and lifecycle", n)
			}
			if tt.link != "" && !strings.Contains(rex.read(tt.link).only(t, "h1", "").text(), "Tide Two") {
				t.Errorf("%s is not that listing", tt.link)
			}
		})
	}
}

// owner is a vendor of the org that a submission belongs to.
func (s *site) owner(t *testing.T, id string) access.Actor {
	t.Helper()
	d, err := s.registry.Get(t.Context(), access.System, id)
	if err != nil {
		t.Fatal(err)
	}
	return access.Actor{PersonID: d.Submission.CreatedBy.ID, Name: d.Submission.CreatedBy.Name, OrgID: d.Submission.OrgID, OrgName: d.Submission.OrgName, Roles: []access.Role{access.Vendor}}
}

// A reviewer reads the vendor's instructions with the content and with the test account; a submission goes its way
// without any, too.
//
func TestInstructionsForTheTeam(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	const typed = "Press Reset in the lower left corner before each test."
	with := d.draft(whole("Review Reef").With("testAccount.instructions", typed))
	without := d.draft(whole("Quiet Quay").With("testAccount.instructions", ""))
	d.submit(with)
	d.submit(without)
	rex := s.as(t, "network", "rex@example.com", access.Reviewer)
	for id, want := range map[string]string{with: typed, without: "Not provided"} {
		page := rex.read("/reviews/" + id)
		if !slices.ContainsFunc(page.all("dd", want), func(value element) bool { return labelOf(value) == "Additional instructions" }) {
			t.Errorf("the reviewer does not read %q: %s", want, page.text())
		}
	}
	question := rex.read(rex.read("/reviews/"+with).only(t, "a", "Test account").attr("href")).only(t, "form", "Show it")
	account := rex.post(question.attr("action"), nil).page(t, 200)
	for _, want := range []string{typed, "https://review-reef.example.com/login", "network-review@review-reef.example.com", "sample-password"} {
		if len(account.all("dd", want)) != 1 {
			t.Errorf("the test account lacks %q: %s", want, account.text())
		}
	}
}

// That a required check did not run is seen wherever the team decides about it: in the list of waivers, beside the
// waiver, and in the evidence, first as what blocks, then with who accepted it until when.
//
func TestTheTeamSeesWhatDidNotRun(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	id := d.draft(whole("Review Reef"))
	d.submit(id)
	open := registry.OpenCheck{ID: "users.list.paging", Title: "Pages do not overlap", Message: "Too few users for a second page."}
	d.record(id, registry.Verdict{Outcome: registry.NotRun, Open: []registry.OpenCheck{open}})
	waiver, err := s.registry.AskWaiver(t.Context(), d.vendor, id, open.ID, "Our test tenant is empty.")
	if err != nil {
		t.Fatal(err)
	}
	rex := s.as(t, "network", "rex@example.com", access.Reviewer)
	waiting := rex.read("/reviews").section(t, "Waivers asked for").only(t, "li", "")
	review := rex.read("/reviews/" + id)
	for place, text := range map[string]string{"the queue": waiting.text(), "the waiver": review.section(t, "Waivers").text()} {
		if !strings.Contains(text, "users.list.paging did not run") {
			t.Errorf("%s does not say that the check did not run: %s", place, text)
		}
	}
	evidence := review.section(t, "Evidence").text()
	if !strings.Contains(evidence, "users.list.paging did not run Pages do not overlap: Too few users for a second page.") || strings.Contains(evidence, "Waived") {
		t.Errorf("the evidence reads: %s", evidence)
	}
	until := store.Now().Add(40 * 24 * time.Hour)
	decision := registry.WaiverDecision{Grant: true, Reason: "Looked at by hand.", Expires: until}
	if _, err := s.registry.DecideWaiver(t.Context(), d.team, id, waiver.ID, decision); err != nil {
		t.Fatal(err)
	}
	open.Waived = true
	d.record(id, registry.Verdict{Outcome: registry.Passed, Open: []registry.OpenCheck{open}})
	evidence = rex.read("/reviews/"+id).section(t, "Evidence").text()
	if want := "Waived by " + d.team.Name + " until " + views.Day(until) + "."; !strings.Contains(evidence, want) {
		t.Errorf("the evidence does not say %q: %s", want, evidence)
	}
}
