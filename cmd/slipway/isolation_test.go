package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/api"
	"slipway/internal/directory"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/store"
	"slipway/internal/web"
)

// scene is a vendor's published integration and draft, and a customer's installation of it.
type scene struct {
	vendor, team, admin access.Actor
	listed, draft       string // submissions
	run                 string
	slug                string
	installation        provision.Installation
	people              []directory.Person
	operation           string
}

// stage brings a scene about by the calls that pages make.
func (s *site) stage(t *testing.T) scene {
	t.Helper()
	ctx := t.Context()
	sc := scene{
		vendor: s.actor(t, "harbor", "vendor@example.com", access.Vendor),
		team:   s.actor(t, "network", "team@example.com", access.Reviewer, access.QA),
		admin:  s.actor(t, "lighthouse", "admin@example.com", access.CustomerAdmin),
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	base := strings.TrimSuffix(s.target, "/scim/v2")
	sc.listed, err = s.seedDraft(ctx, sc.vendor, harborHR(), base)
	must(err)
	must(s.seedListing(ctx, sc.listed, sc.vendor, sc.team))
	sc.draft, err = s.seedDraft(ctx, sc.vendor, pierDesk(), base)
	must(err)
	runs, err := s.runs.Of(ctx, sc.listed)
	must(err)
	sc.run = runs[0].ID
	listings, err := s.registry.Catalog(ctx, registry.CatalogQuery{})
	must(err)
	sc.slug = listings[0].Slug
	return s.installed(t, sc, "ada", "ben")
}

// installed lets the customer install the listing, connect it, and have these people provisioned.
func (s *site) installed(t *testing.T, sc scene, names ...string) scene {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	sc.installation, err = s.provision.Install(ctx, sc.admin, sc.slug, "")
	must(err)
	_, err = s.provision.SaveConnection(ctx, sc.admin, sc.installation.ID, map[string]string{
		manifest.VariablePrefix + "address": strings.TrimSuffix(s.target, "/scim/v2"), manifest.ConnectionToken: demoToken,
	})
	must(err)
	sc.installation, err = s.provision.TestConnection(ctx, sc.admin, sc.installation.ID)
	must(err)
	for _, name := range names {
		person, err := s.directory.Save(ctx, directory.Person{OrgID: sc.admin.OrgID, Active: true, Profile: directory.Profile{
			UserName: name + "@example.com", GivenName: name, FamilyName: "Sample", Email: name + "@example.com",
		}}, store.Now())
		must(err)
		sc.people = append(sc.people, person)
		must(s.provision.Assign(ctx, sc.admin, sc.installation.ID, []string{person.ID}))
	}
	preview, err := s.provision.Preview(ctx, sc.admin, sc.installation.ID)
	must(err)
	must(s.provision.Apply(ctx, sc.admin, sc.installation.ID, preview.Digest))
	operations, err := s.provision.Operations(ctx, sc.admin, sc.installation.ID, provision.OperationQuery{})
	must(err)
	sc.operation = operations[0].ID
	return sc
}

// addresses returns every page that the scene's ids lead to; a page with parts comes once for each.
func (sc scene) addresses(routes []web.Route, submission string) []string {
	var all []string
	for _, route := range routes {
		method, path, _ := sc.path(strings.ReplaceAll(route.Pattern, "{$}", ""), submission)
		if method != http.MethodGet {
			continue
		}
		path = strings.NewReplacer("{slug}", sc.slug, "{token}", "none").Replace(path)
		all = append(all, path)
		if strings.HasSuffix(route.Pattern, "{id}") || strings.HasSuffix(route.Pattern, "{run}") {
			all = append(all, path+"?tab=scim", path+"?tab=lab", path+"?tab=review", path+"?part=1")
		}
	}
	return all
}

// path puts the scene's ids into a route's pattern; ok is false for a route without ids.
func (sc scene) path(pattern string, submission string) (method, path string, ok bool) {
	method, path, _ = strings.Cut(pattern, " ")
	if !strings.Contains(path, "{id}") {
		return method, path, false
	}
	id := submission
	switch {
	case strings.HasPrefix(path, "/installations/"):
		id = sc.installation.ID
	case strings.HasPrefix(path, "/people/"):
		id = sc.people[0].ID
	}
	for name, value := range map[string]string{
		"id": id, "run": sc.run, "operation": sc.operation, "file": "report.json", "finding": "fnd_none", "waiver": "wvr_none",
	} {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return method, path, true
}

// calls returns every address of the API that the scene's ids lead to.
func (sc scene) calls(operations []api.Operation, submission string) []string {
	var all []string
	for _, op := range operations {
		id := submission
		if strings.HasPrefix(op.Path, "/v1/installations/") {
			id = sc.installation.ID
		}
		if op.Method == http.MethodGet {
			all = append(all, strings.NewReplacer("{id}", id, "{slug}", sc.slug, "{run}", sc.run, "{operation}", sc.operation).Replace(op.Path))
		}
	}
	return all
}

// Covers R-025, H-25, H-26, H-27: for each route with an id, another org's id answers like one that does not exist, and
// nothing of the other org shows or changes.
func TestAnotherOrgsIDsDoNotExist(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	strangers := map[access.Role]*client{
		access.Vendor:        s.as(t, "rival", "rival@example.com", access.Vendor),
		access.CustomerAdmin: s.as(t, "other", "other@example.com", access.CustomerAdmin),
		access.EndUser:       s.as(t, "other", "somebody@example.com", access.EndUser),
	}
	before, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range s.pages.Routes() {
		for role, c := range strangers {
			if !strings.Contains(routeRoles[route.Pattern], letters[role]) {
				continue
			}
			for _, submission := range []string{sc.draft, sc.listed} {
				method, path, has := sc.path(route.Pattern, submission)
				if !has {
					continue
				}
				form := url.Values(nil)
				if method == http.MethodPost {
					form = url.Values{"version": {"1"}, "tab": {"general"}, "name": {"Taken over"}, "confirm": {"yes"}, "person": {sc.people[0].ID},
						"digest": {"x"}, "accounts": {"leave"}, "answer": {"fixed"}, "userName": {"x"}, "givenName": {"x"}, "familyName": {"x"}, "email": {"x@example.com"}}
				}
				got := c.do(method, path, form)
				if got.Status != http.StatusNotFound {
					t.Errorf("%s as another org's %s: %d, want 404", path, role, got.Status)
				}
				if strings.Contains(got.Body, "Harbor") || strings.Contains(got.Body, "ada@example.com") {
					t.Errorf("%s as another org's %s shows what is not theirs", path, role)
				}
			}
		}
	}
	for _, path := range []string{"/submissions", "/installations", "/people"} {
		got := strangers[access.Vendor].get(path)
		if strings.Contains(got.Body, "Pier Desk") || strings.Contains(got.Body, "ada@example.com") {
			t.Errorf("%s of another org lists what is not theirs", path)
		}
	}
	after, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil || after.Submission.Version != before.Submission.Version {
		t.Errorf("the draft changed: version %d to %d, %v", before.Submission.Version, after.Submission.Version, err)
	}
}

// Covers H-29: what a form may not set, it does not set, whatever it sends.
func TestFormsSetOnlyTheirFields(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	c := s.as(t, "harbor", "second@example.com", access.Vendor)
	before, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil {
		t.Fatal(err)
	}
	got := c.post("/submissions/"+sc.draft+"/draft", url.Values{
		"tab": {"general"}, "version": {itoa(before.Submission.Version)}, "name": {"Pier Desk 2"}, "state": {"published"}, "status": {"published"}, "org_id": {"org_x"},
		"id": {"sub_x"}, "hash": {"x"}, "created_by": {"x"}, "role": {"reviewer"}, "logo": {"0000"}, "scim.baseUrl": {"https://evil.example"}, "__proto__": {"x"},
	})
	if got.Status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", got.Status, got.Body)
	}
	after, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil {
		t.Fatal(err)
	}
	sub, was := after.Submission, before.Submission
	if sub.Name() != "Pier Desk 2" {
		t.Errorf("the name was not saved: %q", sub.Name())
	}
	if sub.State != was.State || sub.OrgID != was.OrgID || sub.CreatedBy != was.CreatedBy || sub.LogoHash() != was.LogoHash() ||
		sub.Content.Text("scim.baseUrl") != was.Content.Text("scim.baseUrl") {
		t.Errorf("a form set what it may not: %+v", sub)
	}
}

// Covers R-009: two people edit one draft: other fields merge, the same field asks which text to keep, and nothing is lost.
func TestTwoPeopleEditOneDraft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	ann, bob := s.as(t, "harbor", "ann@example.com", access.Vendor), s.as(t, "harbor", "bob@example.com", access.Vendor)
	d, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil {
		t.Fatal(err)
	}
	opened := d.Submission.Version
	form := func(name, website, description string) url.Values {
		return url.Values{"tab": {"general"}, "version": {itoa(opened)}, "name": {name}, "website": {website}, "description": {description}}
	}
	path, old := "/submissions/"+sc.draft+"/draft", d.Submission.Content
	if got := ann.post(path, form("Ann's name", old.Text("website"), "")); got.Status != http.StatusSeeOther {
		t.Fatalf("the first save: %d", got.Status)
	}
	got := bob.post(path, form("Bob's name", "https://bob.example.com", "Bob's words"))
	if got.Status != http.StatusConflict || !strings.Contains(got.Body, "Ann&#39;s name") || !strings.Contains(got.Body, "Bob&#39;s name") || !strings.Contains(got.Body, "ann") {
		t.Fatalf("the second save names the field with both texts: %d %s", got.Status, got.Body)
	}
	d, err = s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil {
		t.Fatal(err)
	}
	c := d.Submission.Content
	if c.Text("name") != "Ann's name" || c.Text("website") != "https://bob.example.com" || c.Text("description") != "Bob's words" {
		t.Errorf("after the conflict: name %q, website %q, description %q", c.Text("name"), c.Text("website"), c.Text("description"))
	}
	got = bob.post(path, url.Values{"tab": {"general"}, "version": {itoa(d.Submission.Version)}, "name": {"Bob's name"}, "keep.name": {"mine"}})
	if got.Status != http.StatusSeeOther {
		t.Fatalf("the choice: %d", got.Status)
	}
	d, err = s.registry.Get(t.Context(), sc.vendor, sc.draft)
	if err != nil || d.Submission.Content.Text("name") != "Bob's name" {
		t.Errorf("after the choice: %q, %v", d.Submission.Content.Text("name"), err)
	}
}

// Covers H-20, H-21: a blank or masked secret keeps what is stored; a changed address does not get it.
func TestStoredTokenStaysWithItsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sc := s.stage(t)
	c := s.as(t, "harbor", "ann@example.com", access.Vendor)
	stored := func() bool {
		d, err := s.registry.Get(t.Context(), sc.vendor, sc.draft)
		if err != nil {
			t.Fatal(err)
		}
		return d.Has(manifest.ConnectionToken)
	}
	path, base := "/submissions/"+sc.draft+"/connection", strings.TrimSuffix(s.target, "/scim/v2")
	for _, typed := range []string{"", "••••••••", secret.Redacted} {
		c.post(path, url.Values{manifest.VariablePrefix + "address": {base}, manifest.ConnectionToken: {typed}})
		if !stored() {
			t.Fatalf("a token typed as %q removed what was stored", typed)
		}
	}
	got := c.post(path, url.Values{manifest.VariablePrefix + "address": {"https://elsewhere.example.com"}, manifest.ConnectionToken: {""}})
	if got.Status != http.StatusSeeOther || stored() {
		t.Errorf("after the address changed: %d, the token is still stored: %v", got.Status, stored())
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func samplePerson(t *testing.T, s *site, orgID string) directory.Person {
	t.Helper()
	person, err := s.directory.Save(t.Context(), directory.Person{OrgID: orgID, Active: true, Profile: directory.Profile{
		UserName: "cleo@example.com", GivenName: "Cleo", FamilyName: "Sample", Email: "cleo@example.com",
	}}, store.Now())
	if err != nil {
		t.Fatal(err)
	}
	return person
}
