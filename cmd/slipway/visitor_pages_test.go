package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/lab"
	"slipway/internal/manifest"
)

// A visitor follows the link on the first page to everything that is asked of a submission; so does a vendor from the
// form, before and while submitting.
//
func TestRequirementsAreThereForEverybody(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	visitor, vera := s.client(t), s.as(t, "acme", "vera@example.com", access.Vendor)
	link := visitor.read("/").only(t, "a", "Read the requirements")
	page := visitor.read(link.attr("href"))
	for _, tab := range []manifest.Tab{manifest.TabGeneral, manifest.TabSCIM} {
		fields := page.section(t, tab.Label())
		for _, f := range manifest.FieldsOf(tab) {
			if len(fields.all("tr", f.Label+" "+strings.Join(strings.Fields(f.Help), " "))) == 0 {
				t.Errorf("%s: the field %q with its help is missing", tab.Label(), f.Label)
			}
		}
	}
	for _, check := range lab.Checks() {
		if row := page.section(t, check.Family).anchor(check.ID); row == nil || !strings.Contains(row.text(), check.ID) {
			t.Errorf("the check %s is not listed under %s", check.ID, check.Family)
		}
	}

	draft := vera.post("/submissions", nil).Location
	for _, path := range []string{"/submissions", draft, draft + "?tab=lab"} {
		if !strings.Contains(vera.get(path).Body, `href="/requirements"`) {
			t.Errorf("nothing on %s leads to the requirements", path)
		}
	}
}

// The first page's button leads a visitor to the sign-in, and from there to where a submission is started.
//
func TestStartLeadsThroughSignIn(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	s.as(t, "acme", "vera@example.com", access.Vendor)
	visitor := s.client(t)
	button := visitor.read("/").only(t, "a", "Start submission form")
	asked := visitor.get(button.attr("href"))
	if asked.Status != http.StatusSeeOther || !strings.HasPrefix(asked.Location, "/sign-in?") {
		t.Fatalf("the button leads to %d %q, want the sign-in", asked.Status, asked.Location)
	}
	signIn := visitor.read(asked.Location).only(t, "form", "Sign in")
	form := url.Values{}
	for _, input := range signIn.all("input", "") {
		form.Set(input.attr("name"), input.attr("value"))
	}
	if !form.Has("email") || !form.Has("password") {
		t.Fatalf("the sign-in asks for %v", form)
	}
	form.Set("email", "vera@example.com")
	form.Set("password", testPassword)
	signedIn := visitor.post(signIn.attr("action"), form)
	if signedIn.Status != http.StatusSeeOther || signedIn.Location != button.attr("href") {
		t.Fatalf("after signing in: %d %q, want %q", signedIn.Status, signedIn.Location, button.attr("href"))
	}
	if first := visitor.read(signedIn.Location); !first.offers("Add new submission") {
		t.Errorf("no submission can be started there: %q", first.controls())
	}
}

// Who lacks the role reads that, and whom to ask, and nothing else.
//
func TestWhoLacksTheRoleIsToldWhomToAsk(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	draft := d.draft(whole("Draft Dock"))
	person := samplePerson(t, s, d.vendor.OrgID)
	user := s.as(t, "harbor", "user@example.com", access.EndUser)
	user.read("/") // which welcomes them, once
	for path, who := range map[string]string{
		"/submissions": "vendor", "/submissions/" + draft: "vendor or reviewer or qa", "/submissions/" + draft + "/delete": "vendor",
		"/reviews": "reviewer or qa", "/reviews/" + draft + "/reveal": "reviewer or qa", "/installations": "customer admin or vendor",
		"/people": "customer admin or vendor", "/people/" + person.ID: "customer admin or vendor", "/outbox": "operator",
	} {
		want := "Access denied Your role does not allow this. It needs: " + who + ". Ask an admin of your org or the network's operator. Go to the first page"
		if got := user.get(path).page(t, http.StatusForbidden).text(); got != want {
			t.Errorf("%s says %q, want %q and nothing else", path, got, want)
		}
	}
}

// Who has just set a password, or signs in without having gone anywhere, comes to where their work begins; "Welcome" stands
// on a page that opened, and not on a refusal.
func TestWhereSigningInLeads(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	for _, tt := range []struct {
		role access.Role
		org  string
		page string
	}{
		{access.Vendor, "harbor", "/submissions"},
		{access.CustomerAdmin, "lighthouse", "/installations"},
		{access.EndUser, "lighthouse", "/apps"},
		{access.Reviewer, "network", "/reviews"},
		{access.QA, "network", "/reviews"},
		{access.Operator, "network", "/orgs"},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			email := string(tt.role) + "@example.com"
			s.actor(t, tt.org, email, tt.role)
			c := s.client(t)
			joined := c.post("/join/"+s.link(t, email), url.Values{"password": {testPassword}})
			if joined.Status != http.StatusSeeOther || joined.Location != tt.page {
				t.Errorf("joining leads to %q, want %q", joined.Location, tt.page)
			}
			closed := "/submissions"
			if tt.role == access.Vendor {
				closed = "/reviews"
			}
			if got := c.get(closed); got.Status != http.StatusForbidden || strings.Contains(got.Body, "Welcome") {
				t.Errorf("a page that is not theirs: %d, with a welcome: %v", got.Status, strings.Contains(got.Body, "Welcome"))
			}
			if got := c.get(joined.Location); got.Status != http.StatusOK || !strings.Contains(got.Body, "Welcome. Your password is set.") {
				t.Errorf("the first page: %d, with a welcome: %v", got.Status, strings.Contains(got.Body, "Welcome"))
			}
			again := s.client(t)
			if got := again.post("/sign-in", url.Values{"email": {email}, "password": {testPassword}}); got.Location != tt.page {
				t.Errorf("signing in leads to %q, want %q", got.Location, tt.page)
			}
			if got := again.post("/sign-in", url.Values{"email": {email}, "password": {testPassword}, "next": {"/catalog"}}); got.Location != "/catalog" {
				t.Errorf("on the way to the catalog it leads to %q", got.Location)
			}
		})
	}
}
