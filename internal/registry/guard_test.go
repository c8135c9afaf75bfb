package registry

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// Each row takes one fact away from facts under which the move is legal; the refusal must say what is missing.
// Covers, L-121, H-53.
func TestGuardsRefuseAndSayWhy(t *testing.T) {
	gap := []fault.Field{{Key: "name", Rule: "L-001", Message: "App name is missing."}}
	for _, tt := range []struct {
		name  string
		from  State
		do    Action
		actor access.Actor
		spoil func(*Submission, *Facts)
		code  fault.Code
		says  string
		field string
	}{
		{"an eleventh submission", None, Start, ann, func(_ *Submission, f *Facts) { f.Counted = 10 }, fault.TooMany, "10 is the limit", ""},
		{"an eleventh by update", None, StartUpdate, ann, func(_ *Submission, f *Facts) { f.Counted = 10 }, fault.TooMany, "Delete a draft", ""},
		{"an update of what was never published", None, StartUpdate, ann, func(_ *Submission, f *Facts) { f.HasPublished = false }, fault.Conflict, "nothing to update", ""},
		{"a second open version", None, StartUpdate, ann, func(_ *Submission, f *Facts) { f.Other = "sub_2" }, fault.Conflict, "Another version", ""},
		{"reopened beside an open version", Withdrawn, Reopen, ann, func(_ *Submission, f *Facts) { f.Other = "sub_2" }, fault.Conflict, "Another version", ""},
		{"a deletion without confirmation", Draft, Delete, ann, func(_ *Submission, f *Facts) { f.Confirmed = false }, fault.Conflict, "Confirm", ""},
		{"a run without a connection", Draft, Verify, ann, func(_ *Submission, f *Facts) { f.Connection = []string{"Token is missing."} }, fault.Conflict, "test connection", "connection"},
		{"a second run at the same time", Draft, Verify, ann, func(s *Submission, _ *Facts) { s.RunID, s.RunAskedAt = "run_9", noon.Add(-time.Minute) }, fault.Conflict, "already at work", ""},
		{"below 100 %", Draft, Submit, ann, func(_ *Submission, f *Facts) {
			f.Readiness = Readiness{Protocols: 1, Missing: gap, Sections: []manifest.SectionProgress{{Label: "General settings", Percent: 87}}}
		}, fault.Conflict, "General settings 87 %", "name"},
		{"no protocol", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Readiness.Protocols = 0 }, fault.Conflict, "one protocol", "scim.enabled"},
		{"not certified", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Certified = false }, fault.Conflict, "tested it", "certified"},
		{"never verified", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Verdicts = nil }, fault.Conflict, "no passed lab run", "verdict"},
		{"verified with other content", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Verdicts[0].Hash = "older" }, fault.Conflict, "content changed", "verdict"},
		{"a pass of 48 hours and a second", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Verdicts[0].At = noon.Add(-48*time.Hour - time.Second) }, fault.Conflict, "48 hours", "verdict"},
		{"a pass of 48 hours", Draft, Submit, ann, func(_ *Submission, f *Facts) { f.Verdicts[0].At = noon.Add(-48 * time.Hour) }, "", "", ""},
		{"a failure after the pass", Draft, Submit, ann, func(_ *Submission, f *Facts) {
			f.Verdicts = append(Verdicts{{Outcome: Failed, Hash: "hash", Failed: []FailedCheck{{ID: "users.get.404"}}}}, f.Verdicts...)
		}, fault.Conflict, "failed 1 check", "verdict"},
		{"a breakdown after the pass", Draft, Submit, ann, func(_ *Submission, f *Facts) {
			f.Verdicts = append(Verdicts{{Outcome: NotRun, Hash: "hash"}}, f.Verdicts...)
		}, fault.Conflict, "could not be carried out", "verdict"},
		{"a pass on a waiver that expired", Draft, Submit, ann, func(_ *Submission, f *Facts) {
			f.Verdicts[0].Waived = []string{"users.get.404"}
			f.Waivers = Waivers{{CheckID: "users.get.404", State: Granted, Expires: noon.Add(-time.Second)}}
		}, fault.Conflict, "users.get.404", "verdict"},
		{"a pass on a waiver that holds", Draft, Submit, ann, func(_ *Submission, f *Facts) {
			f.Verdicts[0].Waived = []string{"users.get.404"}
			f.Waivers = Waivers{{CheckID: "users.get.404", State: Granted, Expires: noon}}
		}, "", "", ""},
		{"into the queue without a pass", Verifying, VerifyPassed, access.System, func(_ *Submission, f *Facts) { f.Verdicts = nil }, fault.Conflict, "no passed lab run", ""},
		{"failed without a failure", Verifying, VerifyFailed, access.System, func(_ *Submission, f *Facts) { f.Verdicts[0].Outcome = Passed }, fault.Conflict, "has failed", ""},
		{"a fourth repetition", Verifying, VerifyBroke, access.System, func(s *Submission, _ *Facts) { s.Attempts = MaxAttempts }, fault.Conflict, "three times", ""},
		{"giving up too early", Verifying, VerifyGaveUp, access.System, func(s *Submission, _ *Facts) { s.Attempts = MaxAttempts - 1 }, fault.Conflict, "repeated first", ""},
		{"returned without a finding", ToReview, Return, rita, func(_ *Submission, f *Facts) { f.Given = 0 }, fault.Invalid, "at least one finding", "findings"},
		{"half a checklist", ToReview, PassInitial, rita, func(_ *Submission, f *Facts) { f.Checked = f.Checked[:3] }, fault.Conflict, "checklist", "checklist.evidence"},
		{"rejected without a code", ToReview, Reject, rita, func(_ *Submission, f *Facts) { f.Reason.Code = "whim" }, fault.Invalid, "reasons", "code"},
		{"rejected without a reason", ToReview, Reject, rita, func(_ *Submission, f *Facts) { f.Reason.Text = " " }, fault.Invalid, "reason", "reason"},
		{"an open finding on resubmission", VendorReview, Resubmit, ann, func(_ *Submission, f *Facts) { f.Findings = Findings{{ID: "fnd_1", Key: "name", Text: "Too long."}} }, fault.Conflict, "Answer every finding", "findings.fnd_1"},
		{"an old pass is enough where nothing changed", VendorReview, Resubmit, ann, func(s *Submission, f *Facts) {
			s.ReviewedHash = s.Hash
			f.Verdicts[0].At = noon.Add(-30 * day)
		}, "", "", ""},
		{"an old pass is not enough where something changed", VendorReview, Resubmit, ann, func(s *Submission, f *Facts) {
			s.ReviewedHash = "other"
			f.Verdicts[0].At = noon.Add(-30 * day)
		}, fault.Conflict, "48 hours", "verdict"},
		{"bugs fixed, but no new run", VendorFix, Resubmit, ann, func(s *Submission, _ *Facts) { s.EnteredAt = noon.Add(-time.Minute) }, fault.Conflict, "from before the bugs", "verdict"},
		{"published on an older content's pass", ToQA, PassQA, quinn, func(_ *Submission, f *Facts) { f.Verdicts[0].Hash = "older" }, fault.Conflict, "content changed", "verdict"},
		{"published after a failed re-run", FinalReview, PassQA, quinn, func(_ *Submission, f *Facts) { f.Verdicts[0].Outcome = Failed }, fault.Conflict, "failed", "verdict"},
		{"a reviewer of the same org", ToReview, PassInitial, access.Actor{PersonID: "x", OrgID: ann.OrgID, Roles: []access.Role{access.Reviewer}}, nil, fault.Forbidden, "your own org", ""},
		{"published past the rings", Approved, Publish, access.System, func(_ *Submission, f *Facts) { f.Rings = true }, fault.Conflict, "rollout", ""},
		{"staged without rings", Approved, Stage, access.System, func(_ *Submission, f *Facts) { f.Rings = false }, fault.Conflict, "rollout", ""},
		{"a reminder too early", VendorReview, RemindVendor, access.System, func(s *Submission, _ *Facts) { s.EnteredAt = noon.Add(-RemindAfter + time.Second) }, fault.Conflict, "not time", ""},
		{"a reminder for the second time", VendorReview, RemindVendor, access.System, func(s *Submission, _ *Facts) { s.Fired = []Action{RemindVendor} }, fault.Conflict, "already", ""},
		{"withdrawn on the 60th day", VendorFix, GoStale, access.System, func(s *Submission, _ *Facts) { s.EnteredAt = noon.Add(-StaleAfter) }, "", "", ""},
		{"withdrawn a second before", VendorFix, GoStale, access.System, func(s *Submission, _ *Facts) { s.EnteredAt = noon.Add(-StaleAfter + time.Second) }, fault.Conflict, "not time", ""},
		{"the promised day is not over", ToQA, MissETA, access.System, func(s *Submission, _ *Facts) { s.ETA = noon }, fault.Conflict, "not over", ""},
		{"purged on day 29", Published, Purge, access.System, func(s *Submission, _ *Facts) { s.PublishedAt = noon.Add(-29 * day) }, fault.Conflict, "not time", ""},
		{"catalog text only, says somebody who changed the URL", Draft, SubmitText, ann, func(_ *Submission, f *Facts) { f.CatalogOnly = false }, fault.Conflict, "whole way", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sub, facts := subject(tt.from, tt.do), willing(tt.do)
			if tt.spoil != nil {
				tt.spoil(&sub, &facts)
			}
			_, _, err := Advance(sub, tt.do, tt.actor, facts, noon)
			if fault.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want code %q", err, tt.code)
			}
			if tt.code == "" {
				return
			}
			shown := fault.Show(err)
			if !strings.Contains(shown.Message, tt.says) {
				t.Errorf("the sentence %q does not say %q", shown.Message, tt.says)
			}
			if tt.field != "" && !hasField(shown, tt.field) {
				t.Errorf("no field %q in %v", tt.field, shown.Fields)
			}
		})
	}
}

func hasField(f *fault.Error, key string) bool {
	for _, field := range f.Fields {
		if field.Key == key {
			return true
		}
	}
	return false
}

// Covers R-098: a refused submit names everything at once, so that nobody has to try five times.
func TestSubmitNamesEverythingThatIsMissing(t *testing.T) {
	facts := willing(Submit)
	facts.Readiness = Readiness{Missing: []fault.Field{{Key: "logo", Message: "There is no icon yet."}}}
	facts.Verdicts, facts.Certified = nil, false
	_, _, err := Advance(standing(Draft), Submit, ann, facts, noon)
	shown := fault.Show(err)
	for _, key := range []string{"logo", "scim.enabled", "verdict", "certified"} {
		if !hasField(shown, key) {
			t.Errorf("%s is not named: %v", key, err)
		}
	}
	if shown.Code != fault.Conflict {
		t.Errorf("code %q, want conflict", shown.Code)
	}
}

// Two-person rule, reasons and dates of the listing's moves.
func TestListingGuards(t *testing.T) {
	for _, tt := range []struct {
		name  string
		from  State
		do    Action
		actor access.Actor
		spoil func(*Facts)
		code  fault.Code
		to    State
	}{
		{"delisted by two people", Listed, Delist, quinn, nil, "", Delisted},
		{"delisted by one", Listed, Delist, quinn, func(f *Facts) { f.Second = Person{} }, fault.Conflict, Listed},
		{"delisted by the same person twice", Listed, Delist, quinn, func(f *Facts) { f.Second = personOf(quinn) }, fault.Conflict, Listed},
		{"delisted by its vendor", Listed, Delist, ann, nil, fault.Forbidden, Listed},
		{"revoked for no listed reason", Listed, Revoke, quinn, func(f *Facts) { f.Reason.Code = "duplicate" }, fault.Invalid, Listed},
		{"revoked for security", Deprecated, Revoke, quinn, func(f *Facts) { f.Reason.Code = "security" }, "", Revoked},
		{"relisted", Delisted, Relist, quinn, nil, "", Listed},
		{"a revoked one replaced by a new version", Revoked, Replace, access.System, nil, fault.Conflict, Revoked},
		{"retired in the past", Listed, Deprecate, quinn, func(f *Facts) { f.Date = noon }, fault.Conflict, Listed},
		{"removal asked for by the owner", Listed, RequestRemoval, ann, nil, "", Listed},
		{"removal asked for by somebody else", Listed, RequestRemoval, eve, nil, fault.NotFound, Listed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facts := willing(tt.do)
			if tt.spoil != nil {
				tt.spoil(&facts)
			}
			got, event, err := AdvanceListing(Listing{OrgID: ann.OrgID, State: tt.from}, tt.do, tt.actor, facts, noon)
			if fault.CodeOf(err) != tt.code || got.State != tt.to {
				t.Errorf("got %s, %v; want %s, code %q", got.State, err, tt.to, tt.code)
			}
			if (err == nil) != (event.Action == tt.do) {
				t.Errorf("event %+v for error %v", event, err)
			}
		})
	}
}

// Covers: what a state brings with it.
func TestEnteringAState(t *testing.T) {
	advance := func(sub Submission, do Action, actor access.Actor) Submission {
		t.Helper()
		facts := willing(do)
		facts.Verdicts[0].At = noon
		next, _, err := Advance(sub, do, actor, facts, noon)
		if err != nil {
			t.Fatalf("%s from %s: %v", do, sub.State, err)
		}
		return next
	}
	sub := advance(standing(Draft), Submit, ann)
	if sub.SubmittedBy.Email != ann.Email || !sub.SubmittedAt.Equal(noon) || sub.Attempts != 1 {
		t.Errorf("submitted by %v at %v, attempt %d", sub.SubmittedBy, sub.SubmittedAt, sub.Attempts)
	}
	sub = advance(sub, VerifyPassed, access.System)
	if !sub.QueuedAt.Equal(noon) || sub.ETA.IsZero() || sub.ContentVersion != sub.Version {
		t.Errorf("queued at %v, expected %v, content version %d of %d", sub.QueuedAt, sub.ETA, sub.ContentVersion, sub.Version)
	}
	place := noon.Add(-5 * day)
	sub.QueuedAt = place
	sub = advance(sub, Claim, rita)
	if sub.Assignee.ID != rita.PersonID || sub.ContentVersion == sub.Version {
		t.Errorf("claimed by %v; a claim is nothing that a decision is about", sub.Assignee)
	}
	sub = advance(sub, Return, rita)
	if !sub.ETA.IsZero() || sub.Round != 1 || sub.ReviewedHash != sub.Hash || sub.Assignee.ID == "" {
		t.Errorf("returned: the clock stops, the round counts, the reviewer stays: %+v", sub)
	}
	sub = advance(sub, Resubmit, ann)
	if !sub.QueuedAt.Equal(place) || sub.ETA.IsZero() {
		t.Errorf("resubmitted: place %v, want %v; expected %v", sub.QueuedAt, place, sub.ETA)
	}
	sub = advance(sub, PassInitial, rita)
	if sub.Assignee.ID != "" {
		t.Error("QA starts unassigned")
	}
	id, number := sub.ID, sub.Number
	sub = advance(advance(sub, ReturnBugs, quinn), Resubmit, ann)
	if sub.State != FinalReview || sub.ID != id || sub.Number != number {
		t.Errorf("after bugs: %s, %s version %d", sub.State, sub.ID, sub.Number)
	}
	sub = advance(advance(sub, PassQA, quinn), Publish, access.System)
	if sub.State != Published || !sub.PublishedAt.Equal(noon) || !sub.ETA.IsZero() {
		t.Errorf("published: %+v", sub)
	}
}
