package web

import (
	"net/http"
	"slices"

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
	page.Families = families(lab.Checks())
	return s.render(w, r, views.Requirements(page))
}

// families gathers checks by family; the lab runs them in an order in which families take turns.
func families(checks []lab.Check) []views.RequirementFamily {
	var all []views.RequirementFamily
	for _, c := range checks {
		i := slices.IndexFunc(all, func(f views.RequirementFamily) bool { return f.Title == c.Family })
		if i < 0 {
			i = len(all)
			all = append(all, views.RequirementFamily{Title: c.Family})
		}
		all[i].Checks = append(all[i].Checks, c)
	}
	return all
}
