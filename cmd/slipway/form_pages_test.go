package main

import (
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
)

// The form shows how a variable is referred to, and what the address becomes.
//
func TestVariablesOnTheForm(t *testing.T) {
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
