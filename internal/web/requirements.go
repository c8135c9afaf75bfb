package web

import (
	"net/http"

	"slipway/internal/lab"
	"slipway/internal/manifest"
	"slipway/internal/web/views"
)

// showRequirements handles GET /requirements: drawn from the declarations that the form and the lab use.
func (s *Server) showRequirements(w http.ResponseWriter, r *http.Request) error {
	page := views.RequirementsPage{Page: s.page(r, "Requirements"), Version: lab.CatalogueVersion, Checks: len(lab.Checks())}
	for _, tab := range manifest.Tabs() {
		if tab.Note() == "" {
			page.Tabs = append(page.Tabs, views.RequirementTab{Title: tab.Label(), Fields: manifest.FieldsOf(tab)})
		}
	}
	for _, c := range lab.Checks() {
		if n := len(page.Families); n == 0 || page.Families[n-1].Title != c.Family {
			page.Families = append(page.Families, views.RequirementFamily{Title: c.Family})
		}
		last := &page.Families[len(page.Families)-1]
		last.Checks = append(last.Checks, c)
	}
	return s.render(w, r, views.Requirements(page))
}
