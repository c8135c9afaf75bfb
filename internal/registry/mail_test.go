package registry

import (
	"strings"
	"testing"

	"slipway/internal/manifest"
)

// Covers R-146: each letter to a vendor states where it stands, what is expected when, and what is open.
func TestLettersStateTheThreeParts(t *testing.T) {
	sub := standing(ToReview)
	open := Findings{{Key: "name", Text: "Too long.", Fix: "Shorten it."}}
	facts := factsOf(sub, open, nil)
	facts.Link = "https://network.example.com/submissions/sub_1"
	for id, letter := range letters {
		subject, body, err := facts.write(id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if subject == "" || strings.Contains(subject+body, "<no value>") || strings.Contains(subject+body, "{{") {
			t.Errorf("%s is not whole: %s\n%s", id, subject, body)
		}
		if letter.to == theTeam || letter.to == theCustomers {
			continue
		}
		for _, part := range []string{"Status: To be reviewed by the network", "Expected: a decision by " + dateText(sub.ETA), "Open issues: 1", facts.Link} {
			if !strings.Contains(body, part) {
				t.Errorf("%s does not say %q:\n%s", id, part, body)
			}
		}
	}
}

// What each letter must carry beside that (manager §4.5).
func TestLettersCarryTheirFacts(t *testing.T) {
	f := mailFacts{
		Name: "Acme", Title: "Acme, version 2", Org: "Acme Inc", Kind: "an update", State: "Initial review", ETA: "the-eta", OldETA: "the-old-eta",
		Link: "the-link", CatalogLink: "the-catalog-link", Reason: "the-reason", Code: "the-code", By: "the-person", Changes: "the-changes",
		Contact: "the-contact", Successor: "the-successor", SuccessorLink: "the-successor-link", TeamLink: "the-team-link", Breaking: true, Date: "the-date", PurgeOn: "the-purge-date", WithdrawOn: "the-withdrawal",
		Findings: Findings{{Key: "the-field", Text: "the-text", Fix: "the-fix"}}, Failed: []FailedCheck{{ID: "the-check", Title: "the-title", Message: "the-message", Fix: "the-fix"}},
	}
	for id, parts := range map[MailID][]string{
		M01: {"the-eta", "the-link"}, M01b: {"the-eta", "keeps its place"}, M02: {"the-check", "the-title", "the-message", "the-fix"}, M02b: {"the-reason"},
		M03: {"the-field", "the-text", "the-fix", "Resubmit"}, M04: {"the-eta", "QA"}, M05: {"the-text", "the-fix", "same submission"},
		M06: {"the-catalog-link", "version 2", "the-changes"}, M07: {"the-person", "opened again"}, M08: {"the-code", "the-reason", "the-contact"},
		M09: {"the-code", "the-reason", "keep working"}, M10: {"the-purge-date", "next update"}, M11: {"the-link", "an update", "the-changes", "the-eta"},
		M12: {"the-changes", "breaking"}, M13: {"the-reason", "the-contact"}, M14: {"the-date", "the-contact", "the-successor", "the-successor-link"}, M15: {"the-text", "the-withdrawal"},
		M16: {"the-old-eta", "the-eta"}, M17: {"the-reason", "the-link"}, M18: {"Acme Inc", "the-catalog-link", "the-date", "the-successor", "the-team-link"}, M19: {"the-catalog-link", "the-reason"},
	} {
		subject, body, err := f.write(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(subject+"\n"+body, part) {
				t.Errorf("%s lacks %q:\n%s\n%s", id, part, subject, body)
			}
		}
	}
}

// Covers H-46 for mails: what a vendor typed stays on its line.
func TestNoHeaderCanBeSmuggledIn(t *testing.T) {
	sub := standing(ToReview)
	sub.Content = manifest.Content{"name": "Acme\r\nBcc: everybody@example.com"}
	subject, body, err := factsOf(sub, nil, nil).write(M01)
	if err != nil || strings.ContainsAny(subject, "\r\n") || strings.Contains(body, "\nBcc:") {
		t.Errorf("%v\n%q\n%q", err, subject, body)
	}
}

// Customers do not see each other's addresses, and vendors not those of reviewers. Covers R-055 in part: the escalation
// contact hears of a publication.
func TestWhoGetsWhichMail(t *testing.T) {
	s, m := inMemory()
	ctx := t.Context()
	sub := toReview(t, s)
	must(s.Claim(ctx, rita, sub.ID))(t)
	must(s.Withdraw(ctx, bob, sub.ID, must(s.Get(ctx, bob, sub.ID))(t).Submission.Version))(t)
	other := toReview(t, s)
	other = must(s.PassInitial(ctx, rita, other.ID, other.Version, allChecked()))(t)
	must(s.PassQA(ctx, quinn, other.ID, other.Version))(t)
	got := map[MailID][]string{}
	for _, mail := range m.mails {
		got[mail.Kind] = append(got[mail.Kind], strings.Join(mail.To, ","))
	}
	vendors := "ann@example.com,bob@example.com"
	for id, want := range map[MailID][]string{
		M01: {vendors, vendors}, M11: {"rita@example.com,quinn@example.com", "rita@example.com,quinn@example.com"},
		M07: {vendors, "rita@example.com"}, M06: {vendors + ",network-escalations@acme.example"}, M12: {"one@example.com", "two@example.com"},
	} {
		if strings.Join(got[id], " | ") != strings.Join(want, " | ") {
			t.Errorf("%s went to %v, want %v", id, got[id], want)
		}
	}
}
