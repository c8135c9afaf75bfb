package main

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/access"
)

// The form shows how a variable is referred to, and what the address becomes.
//
func TestVariablesOnTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	vendor := s.as(t, "acme", "vera@example.com", access.Vendor)
	draft := vendor.post("/submissions", nil).Location
	saved := vendor.post(draft+"/draft", url.Values{
		"tab": {"scim"}, "version": {"1"}, "scim.enabled": {"yes"}, "scim.perTenant": {"yes"},
		"scim.variables.0.label": {"Sub-domain"}, "scim.variables.0.name": {"subdomain"}, "scim.variables.0.type": {"string"},
		"scim.baseUrlTemplate": {"https://${app.subdomain}.acme.example/scim/v2"},
	})
	if saved.Status != 303 {
		t.Fatalf("save: %d", saved.Status)
	}
	page := vendor.get(draft + "?tab=scim").Body
	for _, want := range []string{
		`data-copy="${app.subdomain}"`, "https://sample.acme.example/scim/v2",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the form does not show %s", want)
		}
	}
}

// Who leaves a draft finds themselves on the tab where they were, also after signing in again, and a colleague does not.
//
func TestADraftOpensWhereOneWas(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	vera := s.as(t, "acme", "vera@example.com", access.Vendor)
	draft := vera.post("/submissions", nil).Location
	onTab := func(c *client, path, want string) {
		t.Helper()
		if body := c.get(path).Body; !strings.Contains(body, `href="`+draft+`?tab=`+want+`" aria-current="page"`) {
			t.Errorf("%s does not open %s", path, want)
		}
	}
	onTab(vera, draft, "general")
	onTab(vera, draft+"?tab=scim", "scim")
	onTab(vera, draft+"?tab=no-such-tab%00", "scim")
	vera.post("/sign-out", nil)
	again := s.as(t, "acme", "vera@example.com", access.Vendor)
	onTab(again, draft, "scim")
	onTab(s.as(t, "acme", "vito@example.com", access.Vendor), draft, "general")
}

// Profile sourcing can be ticked while an operator has opened it for the org, and says whom to ask before.
//
func TestProfileSourcingIsOpenedByAnOperator(t *testing.T) {
	t.Parallel()
	d := newIdleSite(t).desk(t)
	draft := d.draft(whole("Ship"))
	vera := d.as(t, "harbor", "vera@example.com", access.Vendor)
	box := func() *element {
		return vera.read("/submissions/" + draft + "?tab=scim").anchor("f-scim-features-profile_sourcing")
	}
	if !box().has("disabled") {
		t.Error("it can be ticked before it was opened")
	}
	oscar := d.as(t, "network", "oscar@example.com", access.Operator)
	open := "/orgs/" + d.vendor.OrgID + "/open"
	for _, day := range []string{"", "soon", "2001-01-01"} {
		if got := oscar.post(open, url.Values{"feature": {"profile_sourcing"}, "until": {day}}); got.Status != 422 || !strings.Contains(got.Body, "Give the last day") {
			t.Errorf("until %q: %d", day, got.Status)
		}
	}
	if got := oscar.post(open, url.Values{"feature": {"everything"}, "until": {"2099-01-01"}}); got.Status != 422 {
		t.Errorf("a feature that does not exist: %d", got.Status)
	}
	if got := vera.post(open, url.Values{"feature": {"profile_sourcing"}, "until": {"2099-01-01"}}); got.Status != 403 {
		t.Errorf("a vendor opens it: %d", got.Status)
	}
	oscar.post(open, url.Values{"feature": {"profile_sourcing"}, "until": {"2099-01-01"}})
	if box().has("disabled") {
		t.Error("it cannot be ticked after it was opened")
	}
	if got := oscar.read("/orgs").text(); !strings.Contains(got, "until 1 January 2099, opened by oscar") {
		t.Errorf("the list of orgs reads %q", got)
	}
	vera.post("/submissions/"+draft+"/draft", url.Values{"tab": {"scim"}, "version": {strconv.FormatInt(d.dossier(draft).Submission.Version, 10)}, "scim.features": {"import_users", "profile_sourcing"}})
	oscar.post(open, url.Values{"feature": {"profile_sourcing"}, "close": {"yes"}})
	if got := vera.read("/submissions/" + draft + "?tab=scim").text(); !strings.Contains(got, "Profile sourcing is not opened for your org. Ask the network's team") {
		t.Error("what was ticked still counts after it was closed")
	}
	if box().has("disabled") {
		t.Error("what was ticked cannot be taken back")
	}
}

// The form suggests the user name that the team likes best, and takes any other.
//
func TestTheTestAccountsNameIsSuggested(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	vera := s.as(t, "acme", "vera@example.com", access.Vendor)
	draft := vera.post("/submissions", nil).Location
	said := func() string { return vera.read(draft).anchor("f-testAccount-username-field").text() }
	if got := said(); !strings.Contains(got, "likes to sign in as network-review. Another name does as well.") {
		t.Errorf("the empty field says %q", got)
	}
	vera.post(draft+"/draft", url.Values{"tab": {"general"}, "version": {"1"}, "testAccount.username": {"somebody.else"}})
	if got := said(); strings.Contains(got, "network-review") || strings.Contains(got, "Fill it in") {
		t.Errorf("another name is not taken: %q", got)
	}
}
