package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// listSubmissions handles GET /submissions: a vendor's first page.
func (s *Server) listSubmissions(w http.ResponseWriter, r *http.Request) error {
	subs, err := s.Registry.List(r.Context(), actor(r), registry.Query{})
	if err != nil {
		return err
	}
	used, limit, err := s.Registry.Room(r.Context(), actor(r))
	if err != nil {
		return err
	}
	listings, err := s.Registry.OwnListings(r.Context(), actor(r))
	if err != nil {
		return err
	}
	page := views.SubmissionsPage{Page: s.page(r, "My integrations"), Used: used, Limit: limit, Guides: guides}
	for _, integration := range registry.Group(subs) {
		row := s.integrationRow(integration, actor(r))
		if l, ok := listings[integration.ID]; ok {
			row = withListing(row, l)
		}
		page.Rows = append(page.Rows, row)
	}
	return s.render(w, r, views.Submissions(page))
}

// guides is the support section of the vendor's first page.
var guides = []views.Guide{
	{Title: "Requirements", Text: "Every field of the form and every check of the lab.", Path: "/requirements", Icon: "list-check"},
	{Title: "What SCIM is", Text: "The protocol, in two pages.", Path: "/requirements#scim", Icon: "file-text"},
	{Title: "Run the lab yourself", Text: "The same checks from your shell or your CI.", Path: "/requirements#cli", Icon: "flask"},
	{Title: "The catalog", Text: "How listings look to customers.", Path: "/catalog", Icon: "world"},
}

func (s *Server) integrationRow(i registry.Integration, who access.Actor) views.IntegrationRow {
	row := views.IntegrationRow{Name: i.Name(), Kinds: "No protocol yet"}
	for _, sub := range []*registry.Submission{i.Open, i.Published} {
		if sub == nil {
			continue
		}
		if row.LogoURL == "" {
			row.LogoURL = views.SubmissionLogo(*sub)
		}
		if sub.Content.Yes("scim.enabled") {
			row.Kinds = "SCIM " + sub.Content.Text("scim.version")
		}
		row.Versions = append(row.Versions, s.versionRow(*sub, i, who))
	}
	for _, sub := range i.Past {
		if i.Open == nil && i.Ended(sub) || len(row.Versions) == 0 {
			row.Versions = append(row.Versions, s.versionRow(sub, i, who))
		}
	}
	return row
}

// withListing adds how the integration stands in the catalog, and the two ways out of it.
func withListing(row views.IntegrationRow, l registry.Listing) views.IntegrationRow {
	switch {
	case l.State == registry.Deprecated:
		row.Ending = "Retires on " + views.Day(l.Ending.Date)
	case l.State != registry.Listed:
		row.Ending = l.State.Label()
	}
	if l.Visible() {
		row.Listing, row.Goodbye, row.Retire = "/catalog/"+l.Slug, "/submissions/"+l.SubmissionID, l.State == registry.Listed
	}
	return row
}

func (s *Server) versionRow(sub registry.Submission, i registry.Integration, who access.Actor) views.VersionRow {
	v := views.VersionRow{
		ID: sub.ID, Label: "Version " + strconv.Itoa(sub.Number), State: sub.State.LabelFor(who), Waiting: sub.State.Waiting(),
		Color: views.StateColor(sub.State), Changed: sub.UpdatedAt, ETA: sub.ETA, Version: sub.Version,
		Edit: sub.State.Editable(), Delete: sub.State == registry.Draft,
		Update: sub.State == registry.Published && i.Open == nil,
	}
	if !v.Delete && sub.State.Open() {
		v.NoDelete = "Only a draft can be deleted. Withdraw it first, or ask the network's team" + s.atAddress() + "."
	}
	return v
}

// atAddress is the team's address behind its name, where one is set.
func (s *Server) atAddress() string {
	if s.Contact == "" {
		return ""
	}
	return ", " + s.Contact
}

// startSubmission handles POST /submissions.
func (s *Server) startSubmission(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.Registry.StartSubmission(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return redirect(w, r, "/submissions/"+sub.ID)
}

// startUpdate handles POST /submissions/{id}/update: the next version of what is published.
func (s *Server) startUpdate(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	sub, err := s.Registry.StartUpdate(r.Context(), actor(r), d.Submission.IntegrationID)
	if err != nil {
		return err
	}
	return redirect(w, r, "/submissions/"+sub.ID)
}

// tabs of a submission that are no part of the form.
const (
	tabLab    = "lab"
	tabReview = "review"
)

// showSubmission handles GET /submissions/{id}: the form while the vendor may edit, else the content as it stands.
func (s *Server) showSubmission(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	editable := d.Submission.State.Editable() && actor(r).Has(access.Vendor)
	tab := r.URL.Query().Get("tab")
	if editable {
		if tab, err = s.continueAt(r, d.Submission.ID, tab); err != nil {
			return err
		}
	}
	switch {
	case tab == tabLab:
		return s.showLab(w, r, d, nil)
	case tab == tabReview, !editable:
		return s.showReviewed(w, r, d, nil)
	case tab == string(manifest.TabSCIM), tab == string(manifest.TabConnector):
		return s.showForm(w, r, d, manifest.Tab(tab))
	}
	return s.showForm(w, r, d, manifest.TabGeneral)
}

// continueAt is the tab that was asked for, which is kept; without one it is the tab where this person was.
func (s *Server) continueAt(r *http.Request, id, tab string) (string, error) {
	was, err := s.Places.Place(r.Context(), actor(r).PersonID, id)
	known := tab == tabLab || tab == tabReview || slices.Contains(manifest.Tabs(), manifest.Tab(tab))
	if err != nil || !known || tab == was {
		return was, err
	}
	return tab, s.Places.KeepPlace(r.Context(), actor(r).PersonID, id, tab)
}

// frame is what every page about one submission shows.
func (s *Server) frame(r *http.Request, d registry.Dossier, ready registry.Readiness, tab string) views.SubmissionPage {
	sub := d.Submission
	p := views.SubmissionPage{
		Page: s.page(r, sub.Name()), Submission: sub, StateLabel: sub.State.LabelFor(actor(r)), Tab: tab, Card: card(d, ready, s.Clock()),
	}
	p.Path = "/submissions"
	if actor(r).Has(access.Vendor) {
		p.Behalf = sub.OrgName
	}
	if sub.State.Editable() {
		for _, t := range manifest.Tabs() {
			p.Tabs = append(p.Tabs, views.TabLink{Key: string(t), Label: t.Label()})
		}
	}
	p.Tabs = append(p.Tabs, views.TabLink{Key: tabLab, Label: "Lab"}, views.TabLink{Key: tabReview, Label: "Review", Note: count(len(d.Findings.Unanswered()))})
	return p
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// dossier reads the submission of the path and what its form marks.
func (s *Server) dossier(ctx context.Context, r *http.Request) (registry.Dossier, registry.Readiness, error) {
	d, err := s.Registry.Get(ctx, actor(r), r.PathValue("id"))
	if err != nil {
		return registry.Dossier{}, registry.Readiness{}, err
	}
	ready, err := s.Registry.Readiness(ctx, d)
	return d, ready, err
}
