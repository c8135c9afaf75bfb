package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/browser"
	"slipway/internal/directory"
	"slipway/internal/egress"
	"slipway/internal/peers"
	"slipway/internal/registry"
	"slipway/internal/require"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/store"
)

// walk takes a SCIM server from its base URL to people who are provisioned into it, in a browser, as the people do
// whose parts these are.
type walk struct {
	*site
	t                        *testing.T
	vendor, reviewer, custom *browser.Tab
	enduser                  *browser.Tab
	chromium                 *browser.Browser
	base, token              string
	submission               string // path of the submission's pages
	shots                    bool
}

func startWalk(t *testing.T, base, token string, shots bool) *walk {
	w := &walk{site: newSite(t), t: t, base: base, token: token, shots: shots}
	w.chromium = browser.Start(t)
	join := func(org, email string, roles ...access.Role) *browser.Tab {
		w.actor(t, org, email, roles...)
		tab := w.chromium.Open(w.url)
		tab.Join("/join/"+w.link(t, email), testPassword)
		return tab
	}
	w.vendor = join("acme", "vera@example.com", access.Vendor)
	w.reviewer = join("network", "rex@example.com", access.Reviewer, access.QA, access.Operator)
	w.custom = join("lighthouse", "cara@example.com", access.CustomerAdmin)
	w.enduser = join("lighthouse", "ada.anchor@example.com", access.EndUser)
	w.people()
	return w
}

// link is a fresh one-time link for somebody who exists.
func (s *site) link(t *testing.T, email string) string {
	t.Helper()
	user, err := s.store.UserByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	org, err := s.store.OrgByID(t.Context(), user.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := s.access.Invite(t.Context(), email, "", org)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// people fills the customer's directory.
func (w *walk) people() {
	org, err := w.store.OrgBySlug(w.t.Context(), "lighthouse")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"Ada Anchor", "Ben Buoy", "Cleo Compass"} {
		given, family, _ := strings.Cut(name, " ")
		mail := strings.ToLower(given+"."+family) + "@example.com"
		if _, err := w.directory.Save(w.t.Context(), directory.Person{OrgID: org.ID, Active: true, Profile: directory.Profile{
			UserName: mail, GivenName: given, FamilyName: family, Email: mail,
		}}, store.Now()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *walk) shot(tab *browser.Tab, name string) {
	if w.shots {
		tab.Shot(name)
	}
}

// fillForm fills in General settings and SCIM.
func (w *walk) fillForm() {
	v := w.vendor
	v.Go("/submissions")
	w.shot(v, "submissions-empty")
	v.Click("Add new submission")
	v.See("General settings")
	w.submission = strings.Split(v.Path(), "?")[0]
	w.shot(v, "form-general-empty")
	v.Near("Does your app exist in the network?").Click("No")
	v.Fill("App name", "Acme Rota")
	v.Fill("App website", "https://rota.example.com")
	v.Fill("Use cases 1", "Lifecycle Management")
	v.Fill("App description", "Acme Rota plans shifts for crews. This integration creates an account for everybody who is assigned and deactivates it when they leave.")
	v.Upload("Choose a file", w.logo())
	v.See("The icon is saved")
	v.Fill("Type", "E-mail")
	v.Fill("Contact", "help@rota.example.com")
	v.Fill("Escalation support contact", "network-escalations@rota.example.com")
	v.Fill("Test account URL", "https://rota.example.com/login")
	v.Fill("Test account username or e-mail", "network-review@rota.example.com")
	v.Fill("Test account password", "canary-test-account")
	v.Fill("Additional instructions", "The SCIM base URL and a token stand under Settings, Provisioning.")
	w.shot(v, "form-general")
	v.Click("Save and continue")
	v.See("SCIM support")
	v.Fill("SCIM support", "On")
	v.See("SCIM version")
	v.Near("SCIM version").Click("2.0")
	v.Fill("Link to configuration guide", "https://rota.example.com/guide")
	for _, feature := range []string{"Create users", "Update user attributes", "Deactivate users"} {
		v.Tick(feature, true)
	}
	v.Near("Does your base URL vary per tenant?").Click("No")
	v.See("The address under which /Users lies")
	v.Fill("Base URL", w.base)
	v.Near("Authentication mode").Click("Bearer token")
	v.Near("Does your server support PATCH?").Click("Yes")
	v.Near("Is userName an e-mail address?").Click("Yes")
	v.Near("Have you deleted all unused attributes?").Click("Yes")
	w.shot(v, "form-scim")
	v.Click("Save and continue")
	v.Fill("Token", w.token)
	v.Click("Save test connection")
	v.See("The test connection is saved and sealed")
	v.See("100%")
}

func (w *walk) logo() string {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if (x-100)*(x-100)+(y-100)*(y-100) < 90*90 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(x), 92, uint8(y), 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(w.t.TempDir(), "logo.png")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// verify runs the lab and waits for its verdict.
func (w *walk) verify(want string) {
	v := w.vendor
	v.Go(w.submission + "?tab=lab")
	w.shot(v, "lab-start")
	v.Click("Run the lab")
	v.SeeWithin(2*time.Minute, "Report as JSON")
	v.See(want)
	if want == "Passed" {
		v.See("The lab has passed this content") // the card follows without a reload
		v.Hurry(`for (let d = document.getElementById("users.create.201"); d; d = d.parentElement.closest("details")) d.open = true`)
		v.See("POST " + w.base + "/Users") // fetched now that somebody wants to see it
	}
	w.shot(v, "lab-run")
}

// submit sends the draft; the first try is refused where something is missing.
func (w *walk) submit() {
	v := w.vendor
	v.Go(w.submission)
	v.Click("Submit for review")
	v.See("You confirm that the integration works")
	w.shot(v, "submit-confirm")
	v.Click("Yes, it works and was tested. Submit")
	v.See("Sent to the network's team")
	w.shot(v, "submitted")
	v.Click("Withdraw this submission")
	v.See("It leaves the queue")
	w.shot(v, "withdraw-confirm")
	v.Click("Cancel")
}

// review passes the submission through initial review and QA; it is returned once on the way.
func (w *walk) review() {
	r := w.reviewer
	r.Go("/reviews")
	w.shot(r, "queue")
	r.Click("Acme Rota")
	r.See("Evidence")
	w.shot(r, "review")
	r.Click("Take it")
	r.See("It is yours now")
	r.Click("Test account")
	r.Click("Show it")
	r.See("canary-test-account")
	r.Click("Back to the review")
	r.Fill("About the field", "General settings: App description")
	r.Fill("What is wrong", "Say which roles people get.")
	r.Fill("What to do about it", "Add one sentence about roles.")
	r.Click("Return to the vendor")
	r.See("Returned to the vendor")

	v := w.vendor
	v.Go(w.submission + "?tab=review")
	v.See("Say which roles people get")
	w.shot(v, "findings")
	v.Fill("Your answer", "Everybody gets the same role; the text is right.")
	v.Click("Disputed")
	v.See("Your answer is saved")
	v.Click("Send back for review")
	v.See("Sent back to the network's team")

	r.Go("/reviews")
	r.Click("Acme Rota")
	for _, item := range registry.InitialChecklist {
		r.Tick(item.Text, true)
	}
	r.Click("Pass to QA")
	r.See("Passed to QA")
	w.shot(r, "qa")
	r.Click("Pass and publish")
	r.See("Published. The catalog shows this version now")
	r.Go("/outbox")
	r.See("M-06")
	w.shot(r, "outbox")
	v.Go(w.submission + "?tab=lab")
	v.See("The first one runs a day after publication")
	w.shot(v, "lab-published")
}

// install finds the listing, installs it and connects it.
func (w *walk) install() {
	c := w.custom
	c.Go("/catalog")
	c.Fill("Search", "rota")
	c.Click("Search")
	w.shot(c, "catalog")
	c.Click("Acme Rota")
	c.See("What it can do")
	w.shot(c, "listing")
	c.Click("Install")
	w.shot(c, "install")
	c.Click("Install")
	c.See("Enter your credentials next")
	c.Fill("Token", "wrong-token")
	c.Click("Save and test")
	c.See("refused the credentials")
	w.shot(c, "installation-refused")
	c.Fill("Token", w.token)
	c.Click("Save and test")
	c.See("The app answered")
	w.shot(c, "installation")
}

// provision assigns two people, looks at the plan, applies it, renames one and takes the app away from the other.
func (w *walk) provisionPeople() {
	c := w.custom
	c.Click("Assign people")
	c.Tick("Ada Anchor ada.anchor@example.com", true)
	c.Tick("Ben Buoy ben.buoy@example.com", true)
	c.Click("Assign the chosen")
	c.See("Assigned. Look at the plan")
	w.shot(c, "assignments")
	c.Near("Ledger").Click("Plan")
	c.See("name.givenName")
	w.shot(c, "plan")
	c.Click("Apply this plan")
	c.SeeWithin(30*time.Second, "Done 2")
	w.shot(c, "ledger")
	c.Click("Ada Anchor")
	c.See("Requests and answers")
	w.shot(c, "operation")

	c.Go("/people")
	w.shot(c, "people")
	c.Click("Ada Anchor")
	c.Fill("Family name", "Anchorage")
	w.shot(c, "person")
	c.Click("Save")
	c.See("is saved")
	w.await("ada.anchor@example.com", "renamed", func(r scim.Resource) bool { return r.String("name.familyName") == "Anchorage" })
	w.enduser.Go("/apps")
	w.enduser.See("Acme Rota")
	w.shot(w.enduser, "apps")

	c.Go("/installations")
	w.shot(c, "installations")
	c.Click("Acme Rota")
	c.Click("Assign people")
	c.Tick("Choose Ben Buoy", true)
	c.Click("Unassign the chosen")
	c.See("Unassigned.")
	w.await("ben.buoy@example.com", "deactivated", func(r scim.Resource) bool { active, known := r.Active(); return known && !active })
}

// waive contests the checks that block, has them waived by the reviewer, and runs the lab again.
func (w *walk) waive(checks ...string) {
	v, r := w.vendor, w.reviewer
	w.verify("Failed")
	run := v.Path()
	for _, check := range checks {
		v.Go(run + "#" + check)
		v.Near(check).Click("Contest this check")
		v.Near(check).Fill("Why should this be accepted?", "Our engine never asks for this; it is on the list for our next release.")
		v.Near(check).Click("Ask for a waiver")
		v.See("The waiver is asked for")
		r.Go("/reviews")
		r.See(check)
		r.Click("vera")
		r.Fill("Your reason", "The engine does not depend on it. Fix it within a quarter.")
		w.shot(r, "waiver")
		r.Click("Grant")
		r.See("The vendor sees your decision")
	}
	w.verify("Passed")
	v.See("Failed, waived")
}

// TestWalkOnBetterAuth walks the whole path on a SCIM server that somebody else wrote, with a picture of every page
// in two widths and two schemes, none of which axe objects to.
//
func TestWalkOnBetterAuth(t *testing.T) {
	t.Parallel() // a browser is waited for most of the time
	require.Proof(t)
	require.Slow(t)
	peer := peers.BetterAuth(t)
	w := startWalk(t, peer.BaseURL, peer.Token, true)
	w.firstPages()
	w.fillForm()
	w.verify("Passed")
	w.submit()
	w.review()
	w.install()
	w.provisionPeople()
}

// TestWalkOnScimmy walks the path on a server that breaks three network rules, which a reviewer waives.
//
func TestWalkOnScimmy(t *testing.T) {
	t.Parallel() // a browser is waited for most of the time
	require.Proof(t)
	require.Slow(t)
	peer := peers.Scimmy(t)
	w := startWalk(t, peer.BaseURL, peer.Token, false)
	w.fillForm()
	w.waive("filter.eq.special", "page.beyond-end", "error.5xx-none")
	w.submit()
	w.review()
	w.install()
	w.provisionPeople()
}

// firstPages looks at what everybody sees.
func (w *walk) firstPages() {
	visitor := w.chromium.Open(w.url)
	for name, path := range map[string]string{"home": "/", "requirements": "/requirements", "sign-in": "/sign-in", "catalog-empty": "/catalog", "not-found": "/nope"} {
		visitor.Go(path)
		w.shot(visitor, name)
	}
	w.reviewer.Go("/reviews")
	w.shot(w.reviewer, "queue-empty")
	w.custom.Go("/installations")
	w.shot(w.custom, "installations-empty")
	w.enduser.Go("/apps")
	w.shot(w.enduser, "apps-empty")
	w.enduser.Go("/people")
	w.enduser.See("Access denied")
	w.shot(w.enduser, "no-permission")
}

// account asks the vendor's own server, not us, about a person.
func (w *walk) account(userName string) scim.Resource {
	w.t.Helper()
	c, err := scim.NewClient(w.base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(w.token)))
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := c.List(w.t.Context(), "Users", scim.Query{Filter: `userName eq "` + userName + `"`})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(list.Resources) != 1 {
		w.t.Fatalf("%d accounts of %s at the vendor, want 1", len(list.Resources), userName)
	}
	return list.Resources[0]
}

// await waits until the account at the vendor is as it should be.
func (w *walk) await(userName, what string, holds func(scim.Resource) bool) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(w.account(userName)); {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s at the vendor is not %s: %v", userName, what, w.account(userName))
		}
		<-time.After(200 * time.Millisecond)
	}
}
