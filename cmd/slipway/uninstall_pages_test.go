package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/scimtest"
)

// customers are two orgs that use one listing, one person in each.
type customers struct {
	*site
	t               *testing.T
	desk            *desk
	first, second   scene
	ada, cleo, cara *client // ada and cleo have the app; cara is the first org's admin
}

func (s *site) customers(t *testing.T) *customers {
	t.Helper()
	c := &customers{site: s, t: t, desk: s.desk(t)}
	c.first.listed = c.desk.draft(whole("Harbor HR"))
	c.desk.publish(c.first.listed)
	c.first.slug, c.second.slug = "harbor-hr", "harbor-hr"
	c.first.admin = s.actor(t, "lighthouse", "admin@example.com", access.CustomerAdmin)
	c.second.admin = s.actor(t, "buoy", "boss@example.com", access.CustomerAdmin)
	c.first = s.installed(t, c.first, "ada")
	c.second = s.installed(t, c.second, "cleo")
	c.drain(c.first)
	c.drain(c.second)
	c.ada = s.as(t, "lighthouse", "ada@example.com", access.EndUser)
	c.cleo = s.as(t, "buoy", "cleo@example.com", access.EndUser)
	c.cara = s.as(t, "lighthouse", "cara@example.com", access.CustomerAdmin)
	return c
}

// drain does what the workers do for an installation.
func (c *customers) drain(sc scene) {
	c.t.Helper()
	if _, err := c.provision.Drain(c.t.Context(), sc.installation.ID); err != nil {
		c.t.Fatal(err)
	}
}

// has reports whether the app stands on somebody's home page.
func (c *customers) has(who *client) bool {
	return strings.Contains(who.read("/apps").text(), "Harbor HR")
}

// on reports whether the account at the vendor can be used.
func (c *customers) on(userName string) bool {
	c.t.Helper()
	for _, account := range c.vendor.Users() {
		if account.UserName() == userName {
			active, _ := account.Active()
			return active
		}
	}
	c.t.Fatalf("the vendor has no account %s", userName)
	return false
}

// A customer's admin uninstalls: the page asks once more and says what happens; the app leaves the home pages of that org
// and of no other, the accounts are deactivated, and the ledger is still there to be read.
//
func TestUninstallOnThePages(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	c := s.customers(t)
	path := "/installations/" + c.first.installation.ID
	ask := c.cara.read(c.cara.read(path).only(t, "a", "Uninstall").attr("href"))
	for _, words := range []string{"Uninstall Harbor HR?", "leaves their home page at once", "1 account will be deactivated, never deleted", "credentials are removed for good", "neither created nor adopted"} {
		if !strings.Contains(ask.text(), words) {
			t.Errorf("the page does not say %q: %s", words, ask.text())
		}
	}
	if cancel := ask.only(t, "a", "Cancel").attr("href"); cancel != path || !c.has(c.ada) {
		t.Errorf("Cancel leads to %q; Ada has the app: %v", cancel, c.has(c.ada))
	}
	chosen := ""
	for _, input := range ask.all("input", "") {
		if input.has("checked") {
			chosen = input.attr("value")
		}
	}
	if chosen != "deactivate" {
		t.Errorf("the page proposes %q", chosen)
	}
	form := ask.only(t, "form", "Uninstall").attr("action")
	if got := c.cara.post(form, url.Values{}); got.Status != http.StatusUnprocessableEntity || !c.has(c.ada) {
		t.Errorf("without an answer about the accounts: %d", got.Status)
	}
	if got := c.cara.post(form, url.Values{"accounts": {chosen}}); got.Status != http.StatusSeeOther {
		t.Fatalf("uninstall: %d %s", got.Status, got.Body)
	}
	if c.has(c.ada) || !c.has(c.cleo) {
		t.Errorf("on the home pages: Ada %v, Cleo %v; want Cleo's only", c.has(c.ada), c.has(c.cleo))
	}
	if text := c.cara.read(path).text(); !strings.Contains(text, "Being uninstalled since") || !strings.Contains(text, "1 account still to be deactivated") {
		t.Errorf("on its way out the page says: %s", text)
	}
	c.drain(c.first)
	c.drain(c.second)
	if c.on("ada@example.com") || !c.on("cleo@example.com") {
		t.Errorf("accounts that are on: Ada %v, Cleo %v; want Cleo's only", c.on("ada@example.com"), c.on("cleo@example.com"))
	}
	list := c.cara.read("/installations")
	if list.all("table", "Harbor HR") != nil {
		t.Errorf("it is still listed as installed: %s", list.text())
	}
	ledger := c.cara.read(list.section(t, "Uninstalled").only(t, "a", "Harbor HR").attr("href"))
	if text := ledger.text(); !strings.Contains(text, "Uninstalled on") || len(ledger.all("tr", "Deactivate")) != 1 || len(ledger.all("tr", "Create")) != 1 {
		t.Errorf("the ledger reads: %s", text)
	}
	if got := c.cara.get(path); got.Location != path+"/operations" {
		t.Errorf("the page of one that is gone: %d to %q", got.Status, got.Location)
	}
	if got := c.cara.get(path + "/plan"); got.Status != http.StatusConflict {
		t.Errorf("the plan of one that is gone: %d", got.Status)
	}
}

// What could not be deactivated is said, and an admin leaves it as it is.
func TestUninstallThatFailsOnThePages(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	c := s.customers(t)
	path := "/installations/" + c.first.installation.ID
	c.vendor.On(scimtest.Rule{Method: http.MethodPatch, Effect: scimtest.Status(http.StatusBadRequest)})
	c.cara.post(path+"/uninstall", url.Values{"accounts": {"deactivate"}})
	c.drain(c.first)
	page := c.cara.read(path)
	if !strings.Contains(page.text(), "1 account could not be deactivated") || !page.offers("Try again") {
		t.Errorf("with a failure the page says: %s", page.text())
	}
	ask := c.cara.read(page.only(t, "a", "Leave the rest").attr("href"))
	if inputs := ask.all("input", ""); len(inputs) != 1 || inputs[0].attr("value") != "leave" || !inputs[0].has("checked") {
		t.Errorf("the page offers %d answers: %s", len(inputs), ask.text())
	}
	if got := c.cara.post(path+"/uninstall", url.Values{"accounts": {"leave"}}); got.Location != "/installations" {
		t.Errorf("leave the rest: %d to %q", got.Status, got.Location)
	}
	if !c.on("ada@example.com") {
		t.Error("the account was touched")
	}
}
