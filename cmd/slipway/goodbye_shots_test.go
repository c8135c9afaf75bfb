package main

import (
	"net/http"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/browser"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/require"
	"slipway/internal/store"
	"slipway/scimtest"
)

// The pages on which something ends, as people see them: pictures, and nothing that axe complains about.
func TestPagesOfEndings(t *testing.T) {
	t.Parallel() // a browser, or somebody else, is waited for most of the time
	require.Slow(t)
	s := newIdleSite(t)
	c := s.customers(t)
	c.desk.publish(c.desk.draft(whole("Pier One")))
	chromium := browser.Start(t)
	open := func(org, email string, roles ...access.Role) *browser.Tab {
		s.actor(t, org, email, roles...)
		tab := chromium.Open(s.url)
		tab.Join("/join/"+s.link(t, email), testPassword)
		return tab
	}
	shot := func(tab *browser.Tab, path, name string) {
		t.Helper()
		tab.Go(path)
		tab.Shot(name)
	}
	vera, rex := open("harbor", "vera@example.com", access.Vendor), open("network", "rita@example.com", access.Reviewer, access.QA)
	carl := open("lighthouse", "carl@example.com", access.CustomerAdmin)
	must := func(_ registry.Listing, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	listed := "/submissions/" + c.first.listed
	shot(vera, listed+"/removal", "removal-form")
	shot(vera, listed+"/retirement", "retirement-form")
	vera.Click("Announce the retirement")
	vera.See("Give a date in the future")
	vera.Shot("retirement-refused")
	end := registry.Ending{
		Retirement: registry.Retirement{Date: store.Now().Add(90 * 24 * time.Hour), Successor: "pier-one"},
		Reason:     registry.Reason{Text: "Pier One does all of it, and more."},
	}
	must(s.registry.AnnounceRetirement(t.Context(), c.desk.vendor, "harbor-hr", end))
	must(s.registry.RequestRemoval(t.Context(), c.desk.vendor, "pier-one", "It was a mistake."))
	shot(rex, "/reviews", "queue-with-requests")
	shot(rex, "/listings", "listings")
	shot(rex, "/listings/harbor-hr", "listing-to-retire")
	must(s.registry.Deprecate(t.Context(), c.desk.team, "harbor-hr", c.version("harbor-hr"), end))
	shot(vera, "/submissions", "submissions-with-ending")
	shot(carl, "/catalog/harbor-hr", "listing-retires")
	installation := "/installations/" + c.first.installation.ID
	shot(carl, installation, "installation-retires")
	why := registry.Reason{Code: "policy", Text: "It sends passwords by mail."}
	must(s.registry.Propose(t.Context(), c.desk.team, "harbor-hr", c.version("harbor-hr"), registry.Delist, why))
	shot(rex, "/listings/harbor-hr", "listing-proposed")

	shot(carl, installation+"/uninstall", "uninstall")
	c.vendor.On(scimtest.Rule{Method: http.MethodPatch, Effect: scimtest.Status(http.StatusBadRequest)})
	if _, err := s.provision.Uninstall(t.Context(), c.first.admin, c.first.installation.ID, provision.DeactivateAccounts); err != nil {
		t.Fatal(err)
	}
	c.drain(c.first)
	shot(carl, installation+"/operations", "uninstalling")
	shot(carl, installation+"/uninstall", "uninstall-rest")
	carl.Click("Uninstall")
	carl.See("is uninstalled")
	carl.Shot("installations-former")
	shot(carl, installation+"/operations", "uninstalled")
}

// version is the listing's, as whoever decides about it has seen it.
func (c *customers) version(slug string) int64 {
	c.t.Helper()
	file, err := c.registry.ListingFile(c.t.Context(), c.desk.team, slug)
	if err != nil {
		c.t.Fatal(err)
	}
	return file.Listing.Version
}
