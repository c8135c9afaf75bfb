package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// rowOf returns the line of one version in the vendor's list.
func rowOf(t *testing.T, list element, name, version string) element {
	t.Helper()
	var found []element
	for _, row := range list.all("tr", name) {
		if cells := row.all("td", ""); len(cells) > 1 && cells[1].text() == version {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines show %s, %s, want one: %s", len(found), name, version, list.text())
	}
	return found[0]
}

// A vendor's first page names each integration once, each version with its status, and offers what can be done with it
// now; what can not is said.
//
func TestVendorsFirstPage(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	d.draft(whole("Draft Dock"))
	d.submit(d.draft(whole("Review Reef")))
	d.publish(d.draft(whole("Pier One")))
	tide := d.draft(whole("Tide Two"))
	d.publish(tide)
	d.update(tide)
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	list := vera.read("/submissions").only(t, "table", "")

	var names []string
	for _, row := range list.only(t, "tbody", "").all("tr", "") {
		if name := row.all("td", "")[0].text(); name != "" {
			names = append(names, strings.Join(strings.Fields(name)[:2], " "))
		}
	}
	slices.Sort(names)
	if want := []string{"Draft Dock", "Pier One", "Review Reef", "Tide Two"}; !slices.Equal(names, want) {
		t.Errorf("the page names %q, want each integration once: %q", names, want)
	}

	const noDelete = "Only a draft can be deleted"
	for _, tt := range []struct {
		integration, version, status string
		offers                       []string // of View, Edit, Update, Delete
		why                          string   // why it cannot be deleted; "" where no control for that stands there
	}{
		{"Draft Dock", "Version 1", "Draft", []string{"Edit", "Delete"}, ""},
		{"Review Reef", "Version 1", "To be reviewed by the network", []string{"View"}, noDelete},
		{"Pier One", "Version 1", "Published", []string{"View", "Update"}, ""},
		{"Tide Two", "Version 2", "Draft", []string{"Edit", "Delete"}, ""},
		{"Tide Two", "Version 1", "Published", []string{"View"}, ""},
	} {
		t.Run(tt.integration+", "+tt.version, func(t *testing.T) {
			row := rowOf(t, list, tt.integration, tt.version)
			if status := row.all("td", "")[2].text(); !strings.HasPrefix(status, tt.status+" ") {
				t.Errorf("its status reads %q, want %q", status, tt.status)
			}
			for _, control := range []string{"View", "Edit", "Update", "Delete"} {
				if want := slices.Contains(tt.offers, control); row.offers(control) != want {
					t.Errorf("offers %s: %v, want %v; here can be clicked: %q", control, !want, want, row.controls())
				}
			}
			said := row.all("span", noDelete)
			if tt.why != "" && (len(said) == 0 || !strings.HasPrefix(said[0].attr("title"), tt.why)) || tt.why == "" && len(said) > 0 {
				t.Errorf("why it cannot be deleted: %d times, want %q", len(said), tt.why)
			}
		})
	}
}

// The controls of the first page lead where they say.
//
func TestWhereTheFirstPageLeads(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	draft, listed := d.draft(whole("Draft Dock")), d.draft(whole("Pier One"))
	d.publish(listed)
	vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
	list := vera.read("/submissions")

	row := rowOf(t, list, "Draft Dock", "Version 1")
	edit, remove := row.only(t, "a", "Edit"), row.only(t, "a", "Delete")
	if edit.Parent != remove.Parent {
		t.Error("Delete does not stand beside Edit")
	}
	if form := vera.read(edit.attr("href")).all("form", ""); !slices.ContainsFunc(form, func(f element) bool { return f.attr("action") == "/submissions/"+draft+"/draft" }) {
		t.Error("Edit does not open the form")
	}
	question := vera.read(remove.attr("href"))
	if question.only(t, "h1", "").text() != "Delete this draft?" || !question.offers("Delete for good") || !question.offers("Cancel") {
		t.Errorf("Delete does not ask once more: %s", question.text())
	}
	vera.get(question.only(t, "a", "Cancel").attr("href"))
	rowOf(t, vera.read("/submissions"), "Draft Dock", "Version 1")

	update := rowOf(t, list, "Pier One", "Version 1").only(t, "form", "Update").attr("action")
	begun := vera.post(update, url.Values{})
	if begun.Status != http.StatusSeeOther || begun.Location == "/submissions/"+listed {
		t.Fatalf("Update: %d to %q", begun.Status, begun.Location)
	}
	row = rowOf(t, vera.read("/submissions"), "Pier One", "Version 2")
	if went := row.only(t, "a", "Edit").attr("href"); went != begun.Location {
		t.Errorf("Edit of the update leads to %q, want %q", went, begun.Location)
	}
}

// Whatever becomes of a first version, its vendor reads it in the vendor's words.
//
func TestEveryStatusCanBeRead(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	for _, tt := range []struct {
		state  registry.State
		status string
		bring  func(d *desk, id string)
	}{
		{registry.Draft, "Draft", func(*desk, string) {}},
		{registry.Verifying, "Being verified", (*desk).verifying},
		{registry.ToReview, "To be reviewed by the network", (*desk).submit},
		{registry.VendorReview, "You need to review findings", func(d *desk, id string) { d.submit(id); d.giveBack(id) }},
		{registry.ToQA, "To be QA tested", (*desk).toQA},
		{registry.VendorFix, "You need to fix bugs", func(d *desk, id string) { d.toQA(id); d.giveBack(id) }},
		{registry.FinalReview, "Final review", (*desk).toFinalReview},
		{registry.Published, "Published", (*desk).publish},
		{registry.Withdrawn, "Withdrawn", (*desk).withdraw},
		{registry.Rejected, "Rejected", (*desk).reject},
	} {
		t.Run(string(tt.state), func(t *testing.T) {
			d := s.desk(t)
			name := "Ship " + strings.ReplaceAll(string(tt.state), "_", " ")
			id := d.draft(whole(name))
			tt.bring(d, id)
			if now := d.dossier(id).Submission.State; now != tt.state {
				t.Fatalf("it is %s, want %s", now, tt.state)
			}
			vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
			if got := rowOf(t, vera.read("/submissions"), name, "Version 1").all("td", "")[2].text(); !strings.HasPrefix(got, tt.status+" ") {
				t.Errorf("the list reads %q, want %q", got, tt.status)
			}
			if top := vera.read("/submissions/"+id).all("span", tt.status); len(top) == 0 {
				t.Errorf("its own page does not read %q", tt.status)
			}
		})
	}
}

// An update that was rejected is still to be seen beside what is published, until a newer one is.
//
func TestARejectedUpdateCanBeRead(t *testing.T) {
	t.Parallel()
	d := newIdleSite(t).desk(t)
	id := d.draft(whole("Ship"))
	d.publish(id)
	update := d.update(id)
	d.edit(update, manifest.Content{"changeSummary": "A new description."})
	d.reject(update)
	vera := d.as(t, "harbor", "vera@example.com", access.Vendor)
	if got := rowOf(t, vera.read("/submissions"), "Ship", "Version 2").text(); !strings.Contains(got, "Rejected") {
		t.Errorf("the rejected update reads %q", got)
	}
	next := d.update(id)
	d.edit(next, manifest.Content{"changeSummary": "A better description."})
	d.publish(next)
	if strings.Contains(vera.read("/submissions").text(), "Rejected") {
		t.Error("the rejected update is still there after the next one was published")
	}
}

// The team's address, set by the operator, stands where a vendor looks for help and before something is deleted.
//
func TestWhomToAsk(t *testing.T) {
	t.Parallel()
	d := newIdleSite(t).desk(t)
	vera := d.as(t, "harbor", "vera@example.com", access.Vendor)
	draft := d.draft(whole("Ship"))
	for _, path := range []string{"/submissions", "/submissions/" + draft + "/delete", "/submissions/" + draft + "/withdraw"} {
		if got := vera.read(path).all("a", "team@example.com"); len(got) == 0 || got[0].attr("href") != "mailto:team@example.com" {
			t.Errorf("%s has no link to the team's address: %v", path, got)
		}
	}
	under := d.draft(whole("Boat"))
	d.submit(under)
	if got := rowOf(t, vera.read("/submissions"), "Boat", "Version 1").text(); !strings.Contains(got, "team@example.com") {
		t.Errorf("what cannot be deleted does not say whom to ask: %q", got)
	}
}

// Who lists an app a second time is led to the update of the first; the reviewer is told if it is meant.
//
func TestASecondListingOfOneApp(t *testing.T) {
	t.Parallel()
	d := newIdleSite(t).desk(t)
	first := d.draft(whole("Ship"))
	d.publish(first)
	vera := d.as(t, "harbor", "vera@example.com", access.Vendor)
	second := d.draft(whole("SHIP"))
	const hint = "choose Update on My integrations"
	if !strings.Contains(vera.read("/submissions/"+second).text(), hint) {
		t.Error("the form does not propose the update")
	}
	if strings.Contains(vera.read("/submissions/"+d.update(first)).text(), hint) {
		t.Error("an update is told to be an update")
	}
	d.submit(second)
	rex := d.as(t, "network", "rex@example.com", access.Reviewer)
	if got := rex.read("/reviews/"+second).section(t, "Read this first").text(); !strings.Contains(got, "has a listing Ship already") {
		t.Errorf("the reviewer reads first: %q", got)
	}
}

// View of what is under way shows everything that was typed, and nothing there changes it.
//
func TestViewShowsEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	for name, bring := range map[string]func(d *desk, id string){
		"Verify Vale": (*desk).verifying, "Review Reef": (*desk).submit, "Quality Key": (*desk).toQA, "Final Fjord": (*desk).toFinalReview,
	} {
		t.Run(name, func(t *testing.T) {
			d := s.desk(t)
			id := d.draft(whole(name))
			bring(d, id)
			vera := s.as(t, "harbor", "vera@example.com", access.Vendor)
			view := vera.read(rowOf(t, vera.read("/submissions"), name, "Version 1").only(t, "a", "View").attr("href"))
			seesContent(t, view, d.dossier(id).Submission.Content)
			for _, input := range view.all("input textarea select", "") {
				if input.attr("type") != "hidden" {
					t.Errorf("View can change something: %s %q", input.Data, input.attr("name"))
				}
			}
			for _, form := range view.all("form", "") {
				t.Errorf("View sends something: %s", form.attr("action"))
			}
			if got := vera.post("/submissions/"+id+"/draft", url.Values{"tab": {"general"}, "version": {itoa(d.dossier(id).Submission.Version)}, "name": {"Changed"}}); got.Status != http.StatusConflict {
				t.Errorf("an edit all the same: %d, want 409", got.Status)
			}
			if kept := d.dossier(id).Submission.Name(); kept != name {
				t.Errorf("the name is %q now", kept)
			}
		})
	}
}

// seesContent looks for every field that can be read, beside its label.
func seesContent(t *testing.T, view element, content manifest.Content) {
	t.Helper()
	seen := 0
	for _, f := range manifest.Fields() {
		typed := strings.Join(strings.Fields(f.Display(content)), " ")
		if !f.Tab.On(content) || !f.Shown(content) || typed == "" || f.Type == manifest.TypeLogo || f.Type == manifest.TypeSecret || f.Type == manifest.TypeConnection {
			continue
		}
		seen++
		if !slices.ContainsFunc(view.all("dd", typed), func(value element) bool { return labelOf(value) == f.Label }) {
			t.Errorf("%s: %q does not stand there", f.Label, typed)
		}
	}
	if seen < 15 {
		t.Errorf("only %d fields were filled in: this test sees too little", seen)
	}
}

// labelOf is the term before a value in a list of terms and values.
func labelOf(value element) string {
	for n := value.PrevSibling; n != nil; n = n.PrevSibling {
		if n.Data == "dt" {
			return element{n}.text()
		}
	}
	return ""
}

// A colleague goes on with a draft, and the form says for whom.
//
func TestAColleagueGoesOnWithADraft(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	ann, bob := s.as(t, "acme", "ann@example.com", access.Vendor), s.as(t, "acme", "bob@example.com", access.Vendor)
	stranger := s.as(t, "rival", "rita@example.com", access.Vendor)
	draft := ann.post("/submissions", nil).Location
	ann.post(draft+"/draft", url.Values{"tab": {"general"}, "version": {"1"}, "name": {"Acme Rota"}})

	href := rowOf(t, bob.read("/submissions"), "Acme Rota", "Version 1").only(t, "a", "Edit").attr("href")
	for _, tab := range []string{"", "?tab=scim", "?tab=lab", "?tab=review"} {
		if form := bob.read(href + tab); !strings.Contains(form.text(), "You are working for Org acme.") {
			t.Errorf("%s does not say for whom: %s", href+tab, form.text())
		}
	}
	name := bob.read(href + "?tab=general").anchor("f-name")
	if name == nil || name.attr("value") != "Acme Rota" {
		t.Errorf("the colleague does not see what was typed: %+v", name)
	}
	if got := bob.post(draft+"/draft", url.Values{"tab": {"general"}, "version": {"2"}, "name": {"Acme Roster"}}); got.Status != http.StatusSeeOther {
		t.Errorf("the colleague's save: %d", got.Status)
	}
	rowOf(t, ann.read("/submissions"), "Acme Roster", "Version 1")
	if own := stranger.post("/submissions", nil).Location; !strings.Contains(stranger.read(own).text(), "You are working for Org rival.") {
		t.Error("another org's form does not name that org")
	}
}

// The support section is on a vendor's first page, and every link in it leads somewhere.
//
func TestSupportLeadsSomewhere(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	vera := s.as(t, "acme", "vera@example.com", access.Vendor)
	support := vera.read("/submissions").section(t, "Get support")
	followed := 0
	for _, link := range support.all("a", "") {
		path, anchor, _ := strings.Cut(link.attr("href"), "#")
		if !strings.HasPrefix(path, "/") { // a mail address
			continue
		}
		followed++
		page := vera.read(path)
		if anchor != "" && page.anchor(anchor) == nil {
			t.Errorf("%s: %s has nothing called %q", link.text(), path, anchor)
		}
	}
	if followed < 4 {
		t.Errorf("%d guides, want at least four", followed)
	}
	if got := s.client(t).get("/submissions"); got.Status != http.StatusSeeOther || strings.Contains(got.Body, "Get support") {
		t.Errorf("a visitor gets the section: %d", got.Status)
	}
}

// Deleting the draft of an update leaves the published version and the catalog as they were, and another update can be
// started.
//
func TestDeletingAnUpdateLeavesWhatIsPublished(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	d := s.desk(t)
	listed := d.draft(whole("Tide Two"))
	d.publish(listed)
	vera, visitor := s.as(t, "harbor", "vera@example.com", access.Vendor), s.client(t)
	was := d.dossier(listed)
	card, entry := visitor.get("/catalog").Body, visitor.get("/catalog/tide-two").Body
	same := func(when string) {
		t.Helper()
		if visitor.get("/catalog").Body != card || visitor.get("/catalog/tide-two").Body != entry {
			t.Errorf("the catalog is another %s", when)
		}
	}

	update := d.update(listed)
	d.edit(update, manifest.Content{}.With("name", "Tide Three").With("description", "Something else.").With("scim.features", []string{"import_users"}))
	same("while an update is edited")
	version := vera.read("/submissions/"+update+"/delete").only(t, "form", "Delete for good")
	form := url.Values{}
	for _, input := range version.all("input", "") {
		form.Set(input.attr("name"), input.attr("value"))
	}
	if got := vera.post(version.attr("action"), form); got.Status != http.StatusSeeOther {
		t.Fatalf("delete: %d %s", got.Status, got.Body)
	}
	same("after the update was deleted")
	if got := vera.get("/submissions/" + update); got.Status != http.StatusNotFound {
		t.Errorf("the deleted draft: %d", got.Status)
	}
	if now := d.dossier(listed); now.Submission.Version != was.Submission.Version || now.Submission.State != registry.Published || len(now.Secrets) != len(was.Secrets) {
		t.Errorf("the published version changed: %+v", now.Submission)
	}
	list := vera.read("/submissions")
	if strings.Contains(list.text(), "Tide Three") || !rowOf(t, list, "Tide Two", "Version 1").offers("Update") {
		t.Errorf("the list after the deletion: %s", list.text())
	}
}
