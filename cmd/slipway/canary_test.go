package main

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/internal/access"
	"slipway/internal/manifest"
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

// Covers H-19, H-24, R-061, R-063, R-054: secrets that were planted are on no page, in no report, mail, log
// or database file, for any role.
func TestPlantedSecretsShowNowhere(t *testing.T) {
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
	for _, route := range s.pages.Routes() {
		for who, c := range clients {
			for _, submission := range []string{sc.draft, sc.listed} {
				method, path, _ := sc.path(strings.ReplaceAll(route.Pattern, "{$}", ""), submission)
				path = strings.NewReplacer("{slug}", sc.slug, "{token}", "none").Replace(path)
				if method != "GET" {
					continue
				}
				queries := []string{""}
				if strings.HasSuffix(route.Pattern, "{id}") || strings.HasSuffix(route.Pattern, "{run}") {
					queries = []string{"", "?tab=scim", "?tab=lab", "?tab=review", "?part=1"}
				}
				for _, query := range queries {
					if found := shown(c.get(path + query).Body); found != nil {
						t.Errorf("%s%s shows %s the %v", path, query, who, found)
					}
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
