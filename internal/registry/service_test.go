package registry

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
)

// must is for calls that a test does not expect to fail: must(call())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func allChecked() []string {
	var ids []string
	for _, item := range InitialChecklist {
		ids = append(ids, item.ID)
	}
	return ids
}

// toReview brings a fresh submission into the queue.
func toReview(t *testing.T, s *Service) Submission {
	t.Helper()
	sub := filled(t, s, start(t, s))
	pass(t, s, sub.ID)
	return must(s.Submit(t.Context(), ann, sub.ID, sub.Version, true))(t)
}

//
func TestFromDraftToUpdate(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	moved := func(sub Submission, err error) Submission { t.Helper(); return must(sub, err)(t) }
	sub := toReview(t, s)
	if sub.State != ToReview || !slices.Equal(kinds(m.mails), []MailID{M01, M11}) {
		t.Fatalf("after submit: %s, mails %v", sub.State, kinds(m.mails))
	}
	if date := dateText(sub.ETA); !strings.Contains(m.mails[0].Body, date) {
		t.Errorf("M-01 does not name %s:\n%s", date, m.mails[0].Body)
	}
	if _, err := s.CatalogEntry(ctx, "acme-directory"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("in the catalog before it is published: %v", err)
	}
	sub = moved(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))
	sub = moved(s.PassQA(ctx, quinn, sub.ID, sub.Version))
	listing := must(s.CatalogEntry(ctx, "acme-directory"))(t)
	if sub.State != Published || listing.Name() != "Acme Directory" || listing.Number != 1 || listing.ProvenAt.IsZero() {
		t.Fatalf("published: %s, %+v", sub.State, listing)
	}

	next := moved(s.StartUpdate(ctx, bob, sub.IntegrationID))
	if next.Number != 2 || next.State != Draft || next.Content.Text("description") != sub.Content.Text("description") {
		t.Fatalf("update: version %d, %s", next.Number, next.State)
	}
	if again := moved(s.StartUpdate(ctx, ann, sub.IntegrationID)); again.ID != next.ID {
		t.Errorf("a second update opened %s beside %s", again.ID, next.ID)
	}
	saved := must(s.SaveDraft(ctx, bob, next.ID, next.Version, manifest.Content{"name": "Acme Directory Plus", "changeSummary": "A new name."}))(t)
	if unchanged := must(s.CatalogEntry(ctx, "acme-directory"))(t); unchanged.Name() != "Acme Directory" {
		t.Errorf("the catalog shows the draft: %s", unchanged.Name())
	}
	pass(t, s, next.ID)
	next = moved(s.Submit(ctx, bob, next.ID, saved.Submission.Version, true))
	next = moved(s.PassInitial(ctx, rita, next.ID, next.Version, allChecked()))
	next = moved(s.PassQA(ctx, quinn, next.ID, next.Version))
	listing = must(s.CatalogEntry(ctx, "acme-directory"))(t)
	old := must(s.Get(ctx, ann, sub.ID))(t)
	if listing.Number != 2 || listing.Name() != "Acme Directory Plus" || old.Submission.State != Superseded || next.State != Published {
		t.Errorf("after the update: listing %d %q, old %s, new %s", listing.Number, listing.Name(), old.Submission.State, next.State)
	}
	if all := must(s.Catalog(ctx, CatalogQuery{}))(t); len(all) != 1 {
		t.Errorf("%d listings, want one", len(all))
	}
	grouped := Group(must(s.List(ctx, ann, Query{}))(t))
	if len(grouped) != 1 || grouped[0].Published.ID != next.ID || len(grouped[0].Past) != 1 {
		t.Errorf("grouped: %+v", grouped)
	}
	if r := must(s.Release(ctx, sub.ID))(t); r.Number != 1 { // an installation keeps its version
		t.Errorf("release of the superseded version: %+v", r)
	}
}

func kinds(mails []Mail) []MailID {
	var ids []MailID
	for _, m := range mails {
		ids = append(ids, m.Kind)
	}
	return ids
}

// Covers, H-52.
func TestReturnedAnsweredAndFixed(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	moved := func(sub Submission, err error) Submission { t.Helper(); return must(sub, err)(t) }
	sub := toReview(t, s)
	found := []NewFinding{
		{Key: "description", Severity: Blocking, Text: "Too short.", Fix: "Say what it does."},
		{CheckID: "users.get.404", Severity: Blocking, Text: "It answers 500 now."},
		{Severity: Advice, Text: "The guide could have pictures."},
	}
	_, err := s.Return(ctx, rita, sub.ID, sub.Version, []NewFinding{{Key: "nonsense", Severity: "high"}}, nil)
	wantCode(t, "a finding nobody could act upon", err, fault.Invalid)
	sub = moved(s.Return(ctx, rita, sub.ID, sub.Version, found, nil))
	mail := m.mails[len(m.mails)-1]
	for _, part := range []string{"Too short.", "Say what it does.", "It answers 500 now.", "The guide could have pictures.", "Open issues: 3"} {
		if mail.Kind != M03 || !strings.Contains(mail.Body, part) {
			t.Errorf("%s does not say %q:\n%s", mail.Kind, part, mail.Body)
		}
	}
	_, err = s.Resubmit(ctx, ann, sub.ID, sub.Version)
	wantCode(t, "unanswered findings", err, fault.Conflict)
	findings := must(s.Get(ctx, ann, sub.ID))(t).Findings
	_, err = s.Answer(ctx, ann, sub.ID, findings[1].ID, Disputed, " ")
	wantCode(t, "a dispute without a reason", err, fault.Invalid)
	for i, answer := range []AnswerKind{Fixed, FixedOnServer, Disputed} {
		moved(s.Answer(ctx, bob, sub.ID, findings[i].ID, answer, "We think so."))
	}
	place := sub.QueuedAt
	at(s, noon.Add(10*day)) // the pass is old, and nothing in the form was changed: R-144
	sub = moved(s.Resubmit(ctx, ann, sub.ID, sub.Version))
	if sub.State != ToReview || !sub.QueuedAt.Equal(place) {
		t.Fatalf("resubmitted: %s, place %v, want %v", sub.State, sub.QueuedAt, place)
	}
	sub = moved(s.Return(ctx, rita, sub.ID, sub.Version, nil, []string{findings[1].ID}))
	open := must(s.Get(ctx, ann, sub.ID))(t).Findings.Open()
	if len(open) != 1 || open[0].ID != findings[1].ID || open[0].Answer != Unanswered {
		t.Fatalf("still open: %+v", open)
	}
	saved := must(s.SaveDraft(ctx, ann, sub.ID, sub.Version, manifest.Content{"website": "https://acme.example/scim"}))(t)
	moved(s.Answer(ctx, ann, sub.ID, open[0].ID, Fixed, ""))
	_, err = s.Resubmit(ctx, ann, sub.ID, saved.Submission.Version)
	wantCode(t, "changed content without a pass of its own", err, fault.Conflict)
	pass(t, s, sub.ID)
	sub = moved(s.Resubmit(ctx, ann, sub.ID, saved.Submission.Version))
	if changes := must(s.Get(ctx, rita, sub.ID))(t).ChangesSinceReviewed(); len(changes) != 1 || changes[0].Key != "website" {
		t.Errorf("the reviewer sees as changed: %+v", changes)
	}
	sub = moved(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))
	at(s, noon.Add(10*day+time.Hour))
	sub = moved(s.ReturnBugs(ctx, quinn, sub.ID, sub.Version, found[1:2], nil))
	open = must(s.Get(ctx, ann, sub.ID))(t).Findings.Open()
	moved(s.Answer(ctx, ann, sub.ID, open[0].ID, FixedOnServer, ""))
	_, err = s.Resubmit(ctx, ann, sub.ID, sub.Version)
	wantCode(t, "bugs fixed without a new run", err, fault.Conflict)
	at(s, noon.Add(11*day))
	pass(t, s, sub.ID)
	sub = moved(s.Resubmit(ctx, ann, sub.ID, sub.Version))
	sub = moved(s.PassQA(ctx, quinn, sub.ID, sub.Version))
	if sub.State != Published {
		t.Errorf("after the final review: %s", sub.State)
	}
}

// Covers H-52, R-042 of the fault tests: nobody decides about what he has not seen.
func TestDecisionOnAnOlderVersionIsRefused(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := filled(t, s, start(t, s))
	pass(t, s, sub.ID)
	seen := sub.Version
	must(s.SaveDraft(ctx, bob, sub.ID, seen, manifest.Content{"website": "https://other.example"}))(t)
	pass(t, s, sub.ID)
	_, err := s.Submit(ctx, ann, sub.ID, seen, true)
	wantCode(t, "submit of a draft that a colleague has changed", err, fault.Conflict)
	_, err = s.Withdraw(ctx, ann, sub.ID, seen+1000)
	wantCode(t, "a version from the future", err, fault.Conflict)

	other := toReview(t, s)
	_, err = s.Claim(ctx, rita, other.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PassInitial(ctx, rita, other.ID, other.Version, allChecked()); err != nil {
		t.Errorf("a claim is nothing that a decision is about: %v", err)
	}
}

// Covers, H-25, H-50: others' submissions do not exist; rights are those of §4.4.
func TestWhoMayDoWhat(t *testing.T) {
	s, _ := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	v := sub.Version
	for _, tt := range []struct {
		name  string
		actor access.Actor
		call  func(access.Actor) error
		code  fault.Code
	}{
		{"read, by another org", eve, func(a access.Actor) error { _, err := s.Get(ctx, a, sub.ID); return err }, fault.NotFound},
		{"read what never was", ann, func(a access.Actor) error { _, err := s.Get(ctx, a, "sub_none"); return err }, fault.NotFound},
		{"read, by the org's customer admin", carl, func(a access.Actor) error { _, err := s.Get(ctx, a, sub.ID); return err }, fault.NotFound},
		{"read, by an operator", oscar, func(a access.Actor) error { _, err := s.Get(ctx, a, sub.ID); return err }, fault.NotFound},
		{"history, by another org", eve, func(a access.Actor) error { _, err := s.History(ctx, a, sub.ID); return err }, fault.NotFound},
		{"edit, by another org", eve, func(a access.Actor) error {
			_, err := s.SaveDraft(ctx, a, sub.ID, v, manifest.Content{"name": "Evil"})
			return err
		}, fault.NotFound},
		{"edit in review", ann, func(a access.Actor) error {
			_, err := s.SaveDraft(ctx, a, sub.ID, v, manifest.Content{"name": "New"})
			return err
		}, fault.Conflict},
		{"edit, by a reviewer", rita, func(a access.Actor) error { _, err := s.StartSubmission(ctx, a); return err }, fault.Forbidden},
		{"start, by a customer admin", carl, func(a access.Actor) error { _, err := s.StartSubmission(ctx, a); return err }, fault.Forbidden},
		{"delete in review", ann, func(a access.Actor) error { return s.DeleteDraft(ctx, a, sub.ID, v, true) }, fault.Conflict},
		{"update of another org's integration", eve, func(a access.Actor) error { _, err := s.StartUpdate(ctx, a, sub.IntegrationID); return err }, fault.NotFound},
		{"pass, by the vendor", ann, func(a access.Actor) error { _, err := s.PassInitial(ctx, a, sub.ID, v, allChecked()); return err }, fault.Forbidden},
		{"publish straight from the queue", quinn, func(a access.Actor) error { _, err := s.PassQA(ctx, a, sub.ID, v); return err }, fault.Conflict},
		{"withdraw, by a reviewer", rita, func(a access.Actor) error { _, err := s.Withdraw(ctx, a, sub.ID, v); return err }, fault.Forbidden},
		{"reveal, by the vendor", ann, func(a access.Actor) error { _, err := s.Reveal(ctx, a, sub.ID, "testAccount.password"); return err }, fault.Forbidden},
		{"the queue, for a vendor", ann, func(a access.Actor) error { _, err := s.Queue(ctx, a); return err }, fault.Forbidden},
		{"the outbox, for a reviewer", rita, func(a access.Actor) error { _, err := s.Outbox(ctx, a, 10); return err }, fault.Forbidden},
		{"flags, for a vendor", ann, func(a access.Actor) error { _, err := s.Flags(ctx, a, Dossier{}); return err }, fault.Forbidden},
	} {
		wantCode(t, tt.name, tt.call(tt.actor), tt.code)
	}
	for _, actor := range []access.Actor{eve, carl, oscar, nobody} {
		if list := must(s.List(ctx, actor, Query{}))(t); len(list) != 0 {
			t.Errorf("%s lists %d submissions", actor.Name, len(list))
		}
	}
	if queue := must(s.Queue(ctx, rita))(t); len(queue) != 1 {
		t.Errorf("the queue holds %d, want 1", len(queue))
	}
}

// Covers R-104, T-16: a rejected submission ends, its secrets go, and its vendor hears why.
func TestRejected(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	_, err := s.Reject(ctx, rita, sub.ID, sub.Version, Reason{Code: "mood", Text: "No."})
	wantCode(t, "a reason that is none", err, fault.Invalid)
	sub = must(s.Reject(ctx, rita, sub.ID, sub.Version, Reason{Code: "wrong_org", Text: "The listing is Other's."}))(t)
	d := must(s.Get(ctx, ann, sub.ID))(t)
	mail := m.mails[len(m.mails)-1]
	if sub.State != Rejected || len(d.Secrets) != 0 || mail.Kind != M08 || !strings.Contains(mail.Body, "The listing is Other's.") {
		t.Errorf("%s, secrets %v, mail %s:\n%s", sub.State, d.Secrets, mail.Kind, mail.Body)
	}
	_, err = s.Reopen(ctx, ann, sub.ID, sub.Version)
	wantCode(t, "a rejected one reopened", err, fault.Conflict)
}

func TestEditableStates(t *testing.T) {
	for _, state := range allStates() {
		want := state == Draft || state == VendorReview || state == VendorFix
		if state.Editable() != want {
			t.Errorf("%s editable: %v", state, state.Editable())
		}
	}
	if ToQA.LabelFor(ann) != "To be QA tested" || ToQA.LabelFor(quinn) != "QA test" {
		t.Errorf("labels: %q, %q", ToQA.LabelFor(ann), ToQA.LabelFor(quinn))
	}
}

// Covers: a removed listing is gone from the catalog, and what was installed of it goes on.
func TestDelistedListing(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	sub = must(s.PassInitial(ctx, rita, sub.ID, sub.Version, allChecked()))(t)
	sub = must(s.PassQA(ctx, quinn, sub.ID, sub.Version))(t)
	for _, state := range []State{Delisted, Revoked} {
		listing := m.listings[sub.IntegrationID]
		listing.State = state
		m.listings[sub.IntegrationID] = listing
		_, err := s.CatalogEntry(ctx, listing.Slug)
		wantCode(t, string(state)+", by its slug", err, fault.NotFound)
		if found := must(s.Catalog(ctx, CatalogQuery{Text: "acme"}))(t); len(found) != 0 {
			t.Errorf("%s, and found by search: %v", state, found)
		}
		if r := must(s.Release(ctx, sub.ID))(t); r.Content.Text("scim.baseUrl") == "" {
			t.Errorf("%s, and installations have lost their version", state)
		}
	}
	draft := start(t, s)
	_, err := s.Release(ctx, draft.ID)
	wantCode(t, "a draft, to be installed", err, fault.NotFound)
}
