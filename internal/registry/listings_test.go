package registry

import (
	"context"
	"slices"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// dora is a second person of QA.
var dora = access.Actor{PersonID: "usr_dora", Name: "Dora", Email: "dora@example.com", OrgID: "org_net", OrgName: "Network", Roles: []access.Role{access.QA}}

// shelf is a catalog with Ann's listing, and nothing in the outbox yet.
func shelf(t *testing.T) (*Service, *memory, Listing) {
	t.Helper()
	s, m := inMemory()
	sub := toReview(t, s)
	sub = must(s.PassInitial(t.Context(), rita, sub.ID, sub.Version, allChecked()))(t)
	sub = must(s.PassQA(t.Context(), quinn, sub.ID, sub.Version))(t)
	m.mails = nil
	return s, m, m.listings[sub.IntegrationID]
}

// beside puts a second listing on the shelf.
func (m *memory) beside(slug, name string, state State) {
	l := listed(name, "Buoy", "")
	l.IntegrationID, l.OrgID, l.Slug, l.State, l.Version = "int_"+slug, "org_buoy", slug, state, 1
	m.listings[l.IntegrationID] = l
}

func (m *memory) letters(kind MailID) (to []string, text string) {
	for _, mail := range m.mails {
		if mail.Kind == kind {
			to, text = append(to, mail.To...), mail.Subject+"\n"+mail.Body
		}
	}
	return to, text
}

// Covers: two people of the team take a listing out of the catalog, and two put it back; one cannot, a reviewer
// may only be the first, and a vendor neither.
func TestTwoPeopleRemoveAListing(t *testing.T) {
	s, m, l := shelf(t)
	ctx := t.Context()
	why := Reason{"policy", "It sends passwords by mail."}
	propose := func(name string, actor access.Actor, do Action, why Reason, want fault.Code) string {
		t.Helper()
		_, err := s.Propose(ctx, actor, l.Slug, m.listings[l.IntegrationID].Version, do, why)
		wantCode(t, name, err, want)
		if err != nil {
			return ""
		}
		return m.requests[len(m.requests)-1].ID
	}
	confirm := func(name string, actor access.Actor, id string, want fault.Code) {
		t.Helper()
		_, err := s.Confirm(ctx, actor, l.Slug, m.listings[l.IntegrationID].Version, id)
		wantCode(t, name, err, want)
	}
	propose("without a reason code", quinn, Delist, Reason{"", "Because."}, fault.Invalid)
	propose("without a reason", quinn, Delist, Reason{"policy", " "}, fault.Invalid)
	propose("something that one decides", quinn, Deprecate, why, fault.Conflict)
	propose("what is not possible now", quinn, Relist, why, fault.Conflict)
	propose("by its vendor", ann, Delist, why, fault.Forbidden)
	propose("by another org's vendor", eve, Delist, why, fault.NotFound)
	id := propose("by a reviewer", rita, Delist, why, "")
	propose("twice", quinn, Delist, why, fault.Conflict)
	if m.listings[l.IntegrationID].State != Listed || len(m.mails) != 0 {
		t.Fatalf("a proposal alone: %s, %d mails", m.listings[l.IntegrationID].State, len(m.mails))
	}
	confirm("by a reviewer", rita, id, fault.Forbidden)
	confirm("what does not wait", quinn, "lrq_none", fault.NotFound)
	if _, err := s.TakeBack(ctx, rita, l.Slug, id); err != nil {
		t.Fatal(err)
	}
	confirm("what was taken back", quinn, id, fault.NotFound)
	id = propose("by QA", quinn, Delist, why, "")
	confirm("by the same person", quinn, id, fault.Conflict)
	revoke := propose("something else beside", rita, Revoke, Reason{"security", "It leaks."}, "")
	stale := m.listings[l.IntegrationID].Version - 1
	_, err := s.Confirm(ctx, dora, l.Slug, stale, id)
	wantCode(t, "by somebody who has not seen the newest", err, fault.Conflict)
	confirm("by a second person", dora, id, "")

	now := m.listings[l.IntegrationID]
	if now.State != Delisted || now.Ending.Reason != why {
		t.Errorf("it is %s for %+v", now.State, now.Ending)
	}
	if found := must(s.Catalog(ctx, CatalogQuery{}))(t); len(found) != 0 {
		t.Errorf("the catalog still shows %v", found)
	}
	if to, text := m.letters(M09); len(to) != 2 || !strings.Contains(text, why.Text) || !strings.Contains(text, Delisted.Label()) {
		t.Errorf("its vendors got to %v: %s", to, text)
	}
	if to, _ := m.letters(M13); !slices.Equal(to, []string{"one@example.com", "two@example.com"}) {
		t.Errorf("customers' admins got it to %v", to)
	}
	confirm("what cannot be any more", dora, revoke, fault.NotFound)

	m.mails = nil
	id = propose("back again", dora, Relist, Reason{Text: "It is fixed."}, "")
	confirm("by a second person", quinn, id, "")
	if now = m.listings[l.IntegrationID]; now.State != Listed || now.Ending != (Ending{}) || now.Slug != l.Slug {
		t.Errorf("put back it is %+v", now)
	}
	if _, text := m.letters(M06); !strings.Contains(text, "back in the catalog") {
		t.Errorf("its vendors are told %q", text)
	}
	id = propose("revoked", rita, Revoke, Reason{"security", "It leaks."}, "")
	m.mails = nil
	confirm("by a second person", quinn, id, "")
	if _, text := m.letters(M13); m.listings[l.IntegrationID].State != Revoked || !strings.Contains(text, "removed for security") {
		t.Errorf("revoked, customers are told %q", text)
	}
	file := must(s.ListingFile(ctx, rita, l.Slug))(t)
	var story []Action
	for _, e := range file.Events {
		story = append(story, e.Action)
	}
	if want := []Action{List, Propose, TakeBack, Propose, Propose, Delist, Propose, Relist, Propose, Revoke}; !slices.Equal(story, want) {
		t.Errorf("the history is %v, want %v", story, want)
	}
}

// Covers R-127: a vendor asks for removal; the team hears of it with org, name and link, and does it or says why not.
func TestAVendorAsksForRemoval(t *testing.T) {
	s, m, l := shelf(t)
	ctx := t.Context()
	ask := func(name string, actor access.Actor, reason string, want fault.Code) {
		t.Helper()
		_, err := s.RequestRemoval(ctx, actor, l.Slug, reason)
		wantCode(t, name, err, want)
	}
	ask("without a reason", ann, " ", fault.Invalid)
	ask("for another org", eve, "It is mine.", fault.NotFound)
	ask("for its own", ann, "We close the product.", "")
	ask("twice", bob, "We close the product.", fault.Conflict)
	to, text := m.letters(M18)
	if !slices.Equal(to, []string{"rita@example.com", "quinn@example.com"}) {
		t.Errorf("the team got it to %v", to)
	}
	for _, part := range []string{"Acme asks", "Acme Directory", "https://network.example.com/catalog/" + l.Slug, "We close the product.", "/listings/" + l.Slug} {
		if !strings.Contains(text, part) {
			t.Errorf("the letter lacks %q: %s", part, text)
		}
	}
	waiting := must(s.ListingRequests(ctx, rita))(t)
	if len(waiting) != 1 || waiting[0].By.Name != "Ann" || waiting[0].Do != RequestRemoval {
		t.Fatalf("the team's queue: %+v", waiting)
	}
	if _, err := s.ListingRequests(ctx, ann); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a vendor reads the team's queue: %v", err)
	}
	_, err := s.Decline(ctx, rita, l.Slug, waiting[0].ID, "")
	wantCode(t, "declined without a reason", err, fault.Invalid)
	_, err = s.TakeBack(ctx, rita, l.Slug, waiting[0].ID)
	wantCode(t, "taken back by the team", err, fault.NotFound)
	_, err = s.Decline(ctx, ann, l.Slug, waiting[0].ID, "No.")
	wantCode(t, "declined by its vendor", err, fault.Forbidden)
	must(s.Decline(ctx, rita, l.Slug, waiting[0].ID, "Name a replacement first."))(t)
	if to, text := m.letters(M19); len(to) != 2 || !strings.Contains(text, "Name a replacement first.") {
		t.Errorf("its vendors got to %v: %s", to, text)
	}

	ask("once more", bob, "We close the product. Buoy replaces it.", "")
	must(s.Propose(ctx, rita, l.Slug, latest, Delist, Reason{"owner_request", "Its vendor closes it."}))(t)
	must(s.Confirm(ctx, quinn, l.Slug, latest, m.requests[len(m.requests)-1].ID))(t)
	if waiting = must(s.ListingRequests(ctx, rita))(t); len(waiting) != 0 {
		t.Errorf("removed, and still waiting: %+v", waiting)
	}
	if file := must(s.ListingFile(ctx, rita, l.Slug))(t); file.Requests[1].State != Fulfilled || file.Requests[1].ClosedBy.Name != "Quinn" {
		t.Errorf("the request ended %+v", file.Requests)
	}
	ask("when it is gone", ann, "Again.", fault.Conflict)
}

// Covers: a vendor names the day and what replaces it; the team confirms; then customers hear of it.
func TestRetirement(t *testing.T) {
	s, m, l := shelf(t)
	ctx := t.Context()
	m.beside("buoy-hr", "Buoy HR", Listed)
	m.beside("gone-hr", "Gone HR", Delisted)
	end := Ending{Retirement{noon.Add(90 * day), "buoy-hr"}, Reason{Text: "We close the data centre."}}
	for _, tt := range []struct {
		name string
		end  func(Ending) Ending
		by   access.Actor
		want fault.Code
	}{
		{"in the past", func(e Ending) Ending { e.Date = noon; return e }, ann, fault.Conflict},
		{"replaced by itself", func(e Ending) Ending { e.Successor = l.Slug; return e }, ann, fault.Invalid},
		{"replaced by what is not there", func(e Ending) Ending { e.Successor = "ghost"; return e }, ann, fault.Invalid},
		{"replaced by what was removed", func(e Ending) Ending { e.Successor = "gone-hr"; return e }, ann, fault.Invalid},
		{"by another org", func(e Ending) Ending { return e }, eve, fault.NotFound},
		{"by the team", func(e Ending) Ending { return e }, rita, fault.Forbidden},
		{"as it should be", func(e Ending) Ending { return e }, ann, ""},
		{"twice", func(e Ending) Ending { return e }, bob, fault.Conflict},
	} {
		_, err := s.AnnounceRetirement(ctx, tt.by, l.Slug, tt.end(end))
		wantCode(t, tt.name, err, tt.want)
	}
	if _, text := m.letters(M18); !strings.Contains(text, "22 February 2027") || !strings.Contains(text, "Buoy HR") {
		t.Errorf("the team reads %s", text)
	}
	if to, _ := m.letters(M14); to != nil || m.listings[l.IntegrationID].State != Listed {
		t.Errorf("before the team has confirmed it customers %v heard of it", to)
	}
	version := m.listings[l.IntegrationID].Version
	_, err := s.Deprecate(ctx, rita, l.Slug, version, end)
	wantCode(t, "confirmed by a reviewer", err, fault.Forbidden)
	_, err = s.Deprecate(ctx, quinn, l.Slug, version-1, end)
	wantCode(t, "confirmed on an older state", err, fault.Conflict)
	must(s.Deprecate(ctx, quinn, l.Slug, version, end))(t)
	to, text := m.letters(M14)
	if !slices.Equal(to, []string{"one@example.com", "two@example.com"}) {
		t.Errorf("customers' admins got it to %v", to)
	}
	for _, part := range []string{"22 February 2027", "Buoy HR", "https://network.example.com/catalog/buoy-hr", "We close the data centre.", "team@example.com"} {
		if !strings.Contains(text, part) {
			t.Errorf("the notice lacks %q: %s", part, text)
		}
	}
	entry := must(s.CatalogEntry(ctx, l.Slug))(t)
	if entry.State != Deprecated || entry.Ending != end || len(must(s.ListingRequests(ctx, quinn))(t)) != 0 {
		t.Errorf("the listing stands at %+v", entry)
	}
}

func TestListingLines(t *testing.T) {
	s, m, l := shelf(t)
	m.beside("buoy-hr", "Buoy HR", Delisted)
	must(s.RequestRemoval(t.Context(), ann, l.Slug, "We close it."))(t)
	lines := must(s.ListingLines(t.Context(), rita))(t)
	i := slices.IndexFunc(lines, func(line ListingLine) bool { return line.Slug == l.Slug })
	if len(lines) != 2 || lines[i].Waiting != 1 || lines[i].Installs != 2 || lines[1-i].State != Delisted || lines[1-i].Waiting != 0 {
		t.Errorf("the team's list: %+v", lines)
	}
	if own := must(s.OwnListings(t.Context(), ann))(t); len(own) != 1 || own[l.IntegrationID].Slug != l.Slug {
		t.Errorf("Ann's own: %+v", own)
	}
	_, err := s.ListingLines(context.Background(), ann)
	wantCode(t, "the list for a vendor", err, fault.Forbidden)
}
