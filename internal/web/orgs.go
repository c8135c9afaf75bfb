package web

import (
	"net/http"
	"time"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/web/views"
)

// openFor is how long a feature is offered to be opened.
const openFor = 30 * 24 * time.Hour

// listOrgs handles GET /orgs: every org, and what is open for it beyond what is open for all.
func (s *Server) listOrgs(w http.ResponseWriter, r *http.Request) error { return s.orgsPage(w, r, nil) }

func (s *Server) orgsPage(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	orgs, err := s.Operators.Orgs(r.Context(), actor(r))
	if err != nil {
		return err
	}
	page := views.OrgsPage{Page: s.page(r, "Orgs"), Problem: problemOf(bad), Until: s.Clock().Add(openFor).Format(time.DateOnly)}
	for _, org := range orgs {
		line := views.OrgItem{OrgLine: org}
		for _, o := range manifest.GatedOptions() {
			feature := views.OrgFeature{Value: o.Value, Label: o.Label}
			for _, opening := range org.Openings {
				if opening.Feature == o.Value {
					feature.Until, feature.By = opening.Until, opening.OpenedBy
				}
			}
			line.Features = append(line.Features, feature)
		}
		page.Orgs = append(page.Orgs, line)
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Orgs(page))
	return nil
}

// openFeature handles POST /orgs/{id}/open: until the end of the day that was typed, or not at all.
func (s *Server) openFeature(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	option, ok := manifest.GatedOption(r.PostForm.Get("feature"))
	if !ok {
		return fault.New(fault.Invalid, "There is no such feature to open. Reload the page.")
	}
	until, sentence := s.Clock(), option.Label+" is closed."
	if r.PostForm.Get("close") == "" {
		day, err := time.Parse(time.DateOnly, r.PostForm.Get("until"))
		if until = day.Add(24 * time.Hour); err != nil || !until.After(s.Clock()) {
			return s.orgsPage(w, r, fault.New(fault.Invalid, "Give the last day, today or later, as 2026-12-31.").
				With(fault.Field{Key: "until." + r.PathValue("id") + "." + option.Value, Message: "Give the last day, today or later, as 2026-12-31."}))
		}
		sentence = option.Label + " is open until the end of " + views.Day(day) + "."
	}
	if err := s.Operators.Open(r.Context(), actor(r), r.PathValue("id"), option.Value, until); err != nil {
		return err
	}
	s.flash(r, sentence)
	return redirect(w, r, "/orgs")
}
