package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/directory"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/store"
	"slipway/internal/web/views"
)

// letters returns who got a kind of mail, and the text of the last one.
func (s *site) letters(t *testing.T, kind registry.MailID) (to []string, text string) {
	t.Helper()
	mails, err := s.registry.Outbox(t.Context(), access.Actor{PersonID: "usr_o", Roles: []access.Role{access.Operator}}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, mail := range slices.Backward(mails) {
		if mail.Kind == kind {
			to, text = append(to, mail.To...), mail.Subject+"\n"+mail.Body
		}
	}
	slices.Sort(to)
	return to, text
}

// hidden is what a form sends besides what is typed.
func hidden(form element, more url.Values) url.Values {
	values := url.Values{}
	for _, input := range form.all("input", "") {
		if input.attr("type") == "hidden" {
			values.Set(input.attr("name"), input.attr("value"))
		}
	}
	for name, all := range more {
		values[name] = all
	}
	return values
}

// send sends a form of a page, which must be taken.
func (c *client) send(form element, more url.Values) {
	c.t.Helper()
	if got := c.post(form.attr("action"), hidden(form, more)); got.Status != http.StatusSeeOther {
		c.t.Fatalf("%s: %d %.2000s", form.attr("action"), got.Status, got.Body)
	}
}

// A vendor asks, one of the team proposes, another confirms: the listing is gone from the catalog, and nothing changes for
// those who use it, until an admin of theirs uninstalls it.
//
func TestTheEndOfAListing(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	c := s.customers(t)
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	rex := s.as(t, "network", "rex@example.com", access.Reviewer)
	quinn := s.as(t, "network", "quinn@example.com", access.QA)

	ask := vera.read(vera.read("/submissions").only(t, "a", "Ask for removal").attr("href"))
	for label, want := range map[string]string{"f-org": "Org harbor", "f-app": "Harbor HR", "f-link": "http://network.example.com/catalog/harbor-hr"} {
		if got := ask.anchor(label).attr("value"); got != want {
			t.Errorf("%s is filled in with %q, want %q", label, got, want)
		}
	}
	form := ask.only(t, "form", "Ask for removal")
	if got := vera.post(form.attr("action"), url.Values{"reason": {" "}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("asked without a reason: %d", got.Status)
	}
	vera.send(form, url.Values{"reason": {"We close the product."}})
	if to, text := s.letters(t, registry.M18); !slices.Contains(to, "rex@example.com") || !strings.Contains(text, "We close the product.") {
		t.Errorf("the team's mail went to %v: %s", to, text)
	}
	waiting := rex.read("/reviews").section(t, "Removals and retirements")
	if !strings.Contains(waiting.text(), "Its vendor asks for its removal") {
		t.Errorf("the queue says: %s", waiting.text())
	}

	managed := waiting.only(t, "a", "Harbor HR").attr("href")
	if got := vera.post(managed+"/propose", url.Values{"version": {"1"}, "action": {"delist"}, "code": {"policy"}, "reason": {"x"}}); got.Status != http.StatusForbidden {
		t.Errorf("proposed by its vendor: %d", got.Status)
	}
	page := rex.read(managed)
	proposal := page.only(t, "form", "Propose its removal")
	chosen := ""
	for _, option := range proposal.anchor("f-code").all("option", "") {
		if option.has("selected") {
			chosen = option.attr("value")
		}
	}
	if reason := proposal.anchor("f-reason").text(); chosen != "owner_request" || reason != "We close the product." {
		t.Errorf("the form is filled in with %q, %q", chosen, reason)
	}
	if got := rex.post(proposal.attr("action"), hidden(proposal, url.Values{"action": {"delist"}, "reason": {"x"}})); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Choose a reason") {
		t.Errorf("without a reason code: %d", got.Status)
	}
	rex.send(proposal, url.Values{"action": {"delist"}, "code": {chosen}, "reason": {"Its vendor closes it."}})
	if page = rex.read(managed); page.offers("Confirm") || !page.offers("Take it back") || !strings.Contains(page.text(), "A second person of the team must confirm this.") {
		t.Errorf("to who has proposed it the page says: %s", page.text())
	}
	if !strings.Contains(s.client(t).read("/catalog").text(), "Harbor HR") {
		t.Error("it is gone after one person's word")
	}
	quinn.send(quinn.read(managed).only(t, "form", "Confirm"), nil)

	for _, path := range []string{"/catalog/harbor-hr", "/catalog/harbor-hr/install"} {
		if got := c.cara.get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s of what was removed: %d", path, got.Status)
		}
	}
	if found := cards(s.client(t).read("/catalog?search=harbor")); found != nil {
		t.Errorf("the search finds %q", found)
	}
	if row := vera.read("/submissions"); !strings.Contains(row.text(), "Removed from the catalog") || row.offers("Ask for removal") {
		t.Errorf("its vendor reads: %s", row.text())
	}
	if to, text := s.letters(t, registry.M13); !slices.Equal(to, []string{"admin@example.com", "boss@example.com", "cara@example.com"}) || !strings.Contains(text, "Its vendor closes it.") {
		t.Errorf("customers' admins got it to %v: %s", to, text)
	}
	c.goesOn()
	c.cara.post("/installations/"+c.first.installation.ID+"/uninstall", url.Values{"accounts": {"deactivate"}})
	if c.has(c.ada) || !c.has(c.cleo) {
		t.Errorf("after one org has uninstalled it: Ada %v, Cleo %v; want Cleo's only", c.has(c.ada), c.has(c.cleo))
	}

	page = quinn.read(managed)
	quinn.send(page.only(t, "form", "Propose to put it back"), url.Values{"action": {"relist"}, "reason": {"They changed their mind."}})
	if got := quinn.post(managed+"/propose", url.Values{"version": {"1"}}); got.Status != http.StatusConflict {
		t.Errorf("decided on an older state: %d", got.Status)
	}
	other := s.as(t, "network", "dora@example.com", access.QA)
	other.send(other.read(managed).only(t, "form", "Confirm"), nil)
	if found := cards(s.client(t).read("/catalog?search=harbor")); !slices.Equal(found, []string{"Harbor HR"}) {
		t.Errorf("put back, the search finds %q", found)
	}
}

// goesOn proves that an installation works after its listing was removed: it can be configured, and it provisions.
func (c *customers) goesOn() {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	path := "/installations/" + c.first.installation.ID
	if !c.has(c.ada) || !c.has(c.cleo) {
		t.Error("the app left the home pages")
	}
	if text := c.cara.read(path).text(); !strings.Contains(text, "no longer in the catalog") || !strings.Contains(text, "keeps working until you uninstall it") {
		t.Errorf("the installation's page says: %s", text)
	}
	if got := c.cara.post(path+"/connection", url.Values{manifest.VariablePrefix + "address": {strings.TrimSuffix(c.target, "/scim/v2")}, manifest.ConnectionToken: {demoToken}}); got.Status != http.StatusSeeOther {
		t.Errorf("the connection cannot be edited: %d", got.Status)
	}
	late, err := c.directory.Save(ctx, directory.Person{OrgID: c.first.admin.OrgID, Active: true, Profile: directory.Profile{
		UserName: "late@example.com", GivenName: "Late", FamilyName: "Sample", Email: "late@example.com",
	}}, store.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.cara.post(path+"/assign", url.Values{"person": {late.ID}}); got.Status != http.StatusSeeOther {
		t.Errorf("nobody can be assigned: %d", got.Status)
	}
	if _, err := c.provision.PlanPeople(ctx, provision.PlanPeople{InstallationID: c.first.installation.ID, PersonIDs: []string{late.ID}}); err != nil {
		t.Fatal(err)
	}
	c.drain(c.first)
	if !c.on("late@example.com") {
		t.Error("no account was made after the removal")
	}
}

// A vendor names the last day and what replaces the integration; the team confirms it; the catalog and the customers' pages
// say so, with a link, and their admins are mailed.
//
func TestRetirementOnThePages(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	c := s.customers(t)
	c.desk.publish(c.desk.draft(whole("Pier One")))
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	quinn := s.as(t, "network", "quinn@example.com", access.QA)
	last := store.Now().AddDate(0, 3, 0)

	announce := vera.read(vera.read("/submissions").only(t, "a", "Announce retirement of Harbor HR").attr("href"))
	form := announce.only(t, "form", "Announce the retirement")
	if got := vera.post(form.attr("action"), url.Values{"date": {"soon"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Give the last day") {
		t.Errorf("announced for no day: %d", got.Status)
	}
	vera.send(form, url.Values{"date": {last.Format(time.DateOnly)}, "successor": {"pier-one"}, "text": {"Pier One does it all."}})

	page := quinn.read(quinn.read("/listings").section(t, "Removals and retirements").only(t, "a", "Harbor HR").attr("href"))
	form = page.only(t, "form", "Announce it")
	if date := form.anchor("f-date").attr("value"); date != last.Format(time.DateOnly) {
		t.Errorf("the form is filled in with the day %q", date)
	}
	if strings.Contains(s.client(t).read("/catalog/harbor-hr").text(), "retires") {
		t.Error("the catalog says it before the team has confirmed it")
	}
	quinn.send(form, url.Values{"date": {last.Format(time.DateOnly)}, "successor": {"pier-one"}, "text": {"Pier One does it all."}})

	for place, banner := range map[string]element{
		"the listing": s.client(t).read("/catalog/harbor-hr"), "the page that installs it": c.cara.read("/catalog/harbor-hr/install"),
		"an installation": c.cara.read("/installations/" + c.first.installation.ID + "/people"),
	} {
		if text := banner.text(); !strings.Contains(text, "retires this integration on "+views.Day(last)) || !strings.Contains(text, "Pier One does it all.") {
			t.Errorf("%s does not say it: %s", place, text)
		}
		if link := banner.only(t, "a", "Pier One").attr("href"); link != "/catalog/pier-one" {
			t.Errorf("%s links to %q", place, link)
		}
	}
	to, text := s.letters(t, registry.M14)
	if !slices.Equal(to, []string{"admin@example.com", "boss@example.com", "cara@example.com"}) {
		t.Errorf("customers' admins got it to %v", to)
	}
	for _, part := range []string{last.Format("2 January 2006"), "Pier One, http://network.example.com/catalog/pier-one", "Pier One does it all."} {
		if !strings.Contains(text, part) {
			t.Errorf("the notice lacks %q: %s", part, text)
		}
	}
	if row := vera.read("/submissions"); !strings.Contains(row.text(), "Retires on "+views.Day(last)) {
		t.Errorf("its vendor reads: %s", row.text())
	}
}

// The team declines what a vendor asks for, and says why.
func TestDeclinedOnThePages(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	id := d.draft(whole("Harbor HR"))
	d.publish(id)
	if _, err := s.registry.RequestRemoval(t.Context(), d.vendor, "harbor-hr", "We close it."); err != nil {
		t.Fatal(err)
	}
	rex := s.as(t, "network", "rex@example.com", access.Reviewer)
	page := rex.read("/listings/harbor-hr")
	if page.offers("Announce it") {
		t.Error("a reviewer is offered what QA decides")
	}
	rex.send(page.only(t, "form", "Decline"), url.Values{"answer": {"Name a replacement first."}})
	if _, text := s.letters(t, registry.M19); !strings.Contains(text, "Name a replacement first.") {
		t.Errorf("its vendor is told: %s", text)
	}
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	if got := vera.get("/submissions/" + d.draft(whole("Draft Dock")) + "/removal"); got.Status != http.StatusConflict {
		t.Errorf("removal of what is not listed: %d", got.Status)
	}
	if !vera.read("/submissions").offers("Ask for removal") {
		t.Error("it cannot be asked for again")
	}
}
