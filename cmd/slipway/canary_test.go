package main

import (
	"bytes"
	"encoding/base64"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store/storetest"
	"slipway/scimtest"
)

// canaries are secrets that must show nowhere.
var canaries = map[string]string{
	"test account password": "canary-account-5b1c",
	"token of the draft":    "canary-draft-9e07",
	"token of a customer":   "canary-customer-77aa",
	"sign-in password":      testPassword,
}

// shown reports which canaries a text shows, plainly or in base64.
func shown(text string) []string {
	var found []string
	for name, value := range canaries {
		if strings.Contains(text, value) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(value))) {
			found = append(found, name)
		}
	}
	return found
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.Lock()
	defer b.Unlock()
	return b.String()
}

// Covers H-19, H-24, R-061, R-063: secrets that were planted are on no page, in no report, mail, log
// or database file, for any role.
func TestPlantedSecretsShowNowhere(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	var log lockedBuffer
	s := newSiteOn(t, database, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s.vendor = scimtest.New(scimtest.WithToken(canaries["token of the draft"]))
	target, stop := s.vendor.Start()
	t.Cleanup(stop)
	s.target = target
	sc := s.canaryScene(t)

	clients := map[string]*client{
		"a visitor": s.client(t), "the vendor": s.as(t, "harbor", "v2@example.com", access.Vendor), "the team": s.as(t, "network", "r2@example.com", access.Reviewer, access.QA),
		"the customer": s.as(t, "lighthouse", "c2@example.com", access.CustomerAdmin), "the operator": s.as(t, "network", "o2@example.com", access.Operator),
	}
	for _, submission := range []string{sc.draft, sc.listed} {
		for _, path := range sc.addresses(s.pages.Routes(), submission) {
			for who, c := range clients {
				if found := shown(c.get(path).Body); found != nil {
					t.Errorf("%s shows %s the %v", path, who, found)
				}
			}
		}
	}
	if found := shown(log.text()); found != nil {
		t.Errorf("the log holds the %v", found)
	}
	folder := filepath.Dir(strings.TrimPrefix(database, "sqlite:"))
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if found := shown(string(data)); found != nil {
			t.Errorf("the file %s holds the %v", file.Name(), found)
		}
	}
	if found := shown("x " + canaries["test account password"] + " x"); len(found) != 1 {
		t.Error("this test cannot see a canary")
	}
}

// canaryScene is a scene whose every credential is a canary; its target tells credentials back in its errors.
func (s *site) canaryScene(t *testing.T) scene {
	t.Helper()
	ctx := t.Context()
	sc := scene{vendor: s.actor(t, "harbor", "vendor@example.com", access.Vendor), team: s.actor(t, "network", "team@example.com", access.Reviewer, access.QA),
		admin: s.actor(t, "lighthouse", "admin@example.com", access.CustomerAdmin)}
	base := strings.TrimSuffix(s.target, "/scim/v2")
	fill := func(id string) {
		if _, err := s.registry.SaveSecret(ctx, sc.vendor, id, "testAccount.password", secret.NewText(canaries["test account password"])); err != nil {
			t.Fatal(err)
		}
		if _, err := s.registry.SaveConnection(ctx, sc.vendor, id, manifest.Connection{
			manifest.VariablePrefix + "address": secret.NewText(base), manifest.ConnectionToken: secret.NewText(canaries["token of the draft"]),
		}); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for _, content := range []manifest.Content{harborHR(), pierDesk()} {
		sc.draft, err = s.seedDraft(ctx, sc.vendor, content, base)
		if err != nil {
			t.Fatal(err)
		}
		fill(sc.draft)
		if sc.listed == "" {
			sc.listed = sc.draft
		}
	}
	if err := s.seedListing(ctx, sc.listed, sc.vendor, sc.team); err != nil {
		t.Fatal(err)
	}
	runs, err := s.runs.Of(ctx, sc.listed)
	if err != nil {
		t.Fatal(err)
	}
	sc.run, sc.slug = runs[0].ID, "harbor-hr"
	sc.installation, err = s.provision.Install(ctx, sc.admin, sc.slug, "")
	if err != nil {
		t.Fatal(err)
	}
	c := s.as(t, "lighthouse", "admin@example.com", access.CustomerAdmin)
	got := c.post("/installations/"+sc.installation.ID+"/connection", url.Values{
		manifest.VariablePrefix + "address": {base}, manifest.ConnectionToken: {canaries["token of a customer"]},
	})
	if got.Status != 303 {
		t.Fatalf("save connection: %d", got.Status)
	}
	sc.people = append(sc.people, samplePerson(t, s, sc.admin.OrgID))
	sc.operation = "op_none"
	return sc
}

// teamOnly is what a vendor tells the network's team alone.
var teamOnly = map[string]string{
	"escalation contact":        "canary-escalations-40aa@harbor-hr.example.com",
	"escalation phone":          "+12025550187",
	"test account address":      "https://harbor-hr.example.com/canary-login-8d20",
	"test account user name":    "canary-reviewer-31fe",
	"test account instructions": "Turn the canary-key-66ab before each test.",
}

// told reports what of it a text tells.
func told(text string) []string {
	var found []string
	for what, value := range teamOnly {
		if strings.Contains(text, value) || strings.Contains(text, html.EscapeString(value)) || strings.Contains(text, url.QueryEscape(value)) {
			found = append(found, what)
		}
	}
	return found
}

// Covers: what a vendor tells the team alone is in nothing that customers, end users, other vendors and
// visitors can read: no page, no answer of the API, no mail; before an update is published, and after.
func TestWhatIsForTheTeamStaysWithTheTeam(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.desk(t)
	sc := scene{vendor: d.vendor, team: d.team, admin: s.actor(t, "lighthouse", "admin@example.com", access.CustomerAdmin), slug: "harbor-hr", run: "run_none"}
	sc.listed = d.draft(harborHR().
		With("escalationContact", teamOnly["escalation contact"]).With("escalationPhone", teamOnly["escalation phone"]).
		With("testAccount.url", teamOnly["test account address"]).With("testAccount.username", teamOnly["test account user name"]).
		With("testAccount.instructions", teamOnly["test account instructions"]))
	d.publish(sc.listed)
	sc = s.installed(t, sc, "ada", "ben")
	outsiders := map[string]outsider{
		"a visitor": {client: s.client(t)}, "the customer": s.outsider(t, "lighthouse", "admin@example.com", access.CustomerAdmin),
		"an end user": s.outsider(t, "lighthouse", "ada@example.com", access.EndUser), "another vendor": s.outsider(t, "rival", "rita@example.com", access.Vendor),
	}
	s.tellsNobody(t, sc, outsiders)

	sc.draft = d.update(sc.listed)
	d.edit(sc.draft, manifest.Content{}.With("changeSummary", "It says more.").With("description", harborHR().Text("description")+" It keeps a log."))
	d.publish(sc.draft)
	s.tellsNobody(t, sc, outsiders)
	s.mailsTellNobody(t, "admin@example.com")

	team := s.as(t, "network", "rex@example.com", access.Reviewer)
	if found := told(team.get("/reviews/" + sc.draft).Body); len(found) != len(teamOnly) {
		t.Errorf("the team reads only the %v: this test sees too little", found)
	}
}

// outsider is somebody who reads pages and asks the API, and belongs neither to the vendor nor to the team.
type outsider struct {
	*client
	token []string // the header for the API; a visitor has none
}

func (s *site) outsider(t *testing.T, org, email string, role access.Role) outsider {
	t.Helper()
	o := outsider{client: s.as(t, org, email, role)}
	user, err := s.store.UserByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	tokens := access.Tokens{Store: s.store, People: s.access}
	_, text, err := tokens.Issue(t.Context(), user, "canary", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	o.token = []string{"Authorization", "Bearer " + text.Reveal()}
	return o
}

// tellsNobody reads every page and every answer of the API as each of the outsiders.
func (s *site) tellsNobody(t *testing.T, sc scene, outsiders map[string]outsider) {
	t.Helper()
	addresses := slices.Concat(sc.addresses(s.pages.Routes(), sc.listed), sc.calls(s.api.Operations(), sc.listed))
	for who, o := range outsiders {
		read := 0
		for _, address := range addresses {
			got := o.do("GET", address, nil, o.token...)
			if got.Status == http.StatusOK {
				read++
			}
			if found := told(got.Body); found != nil {
				t.Errorf("%s tells %s the %v", address, who, found)
			}
		}
		if read < 8 || who == "the customer" && read < 25 {
			t.Errorf("only %d of %d answers could be read as %s: the ids do not fit", read, len(addresses), who)
		}
	}
}

// mailsTellNobody reads what was mailed to a customer.
func (s *site) mailsTellNobody(t *testing.T, customer string) {
	t.Helper()
	mails, err := s.registry.Outbox(t.Context(), s.actor(t, "network", "ole@example.com", access.Operator), 1000)
	if err != nil {
		t.Fatal(err)
	}
	mails = slices.DeleteFunc(mails, func(m registry.Mail) bool { return !slices.Contains(m.To, customer) })
	if len(mails) == 0 {
		t.Error("the customer was not mailed at all")
	}
	for _, m := range mails {
		if found := told(m.Subject + m.Body + strings.Join(m.To, " ")); found != nil {
			t.Errorf("the mail %q tells the customer the %v", m.Subject, found)
		}
	}
}
