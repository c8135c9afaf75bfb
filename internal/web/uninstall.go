package web

import (
	"net/http"

	"slipway/internal/fault"
	"slipway/internal/provision"
	"slipway/internal/web/views"
)

// askUninstall handles GET /installations/{id}/uninstall: asks once more, and what becomes of the accounts.
func (s *Server) askUninstall(w http.ResponseWriter, r *http.Request) error {
	return s.uninstallPage(w, r, nil)
}

func (s *Server) uninstallPage(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	i, err := s.Provision.Installation(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	parting, err := s.Provision.Parting(r.Context(), actor(r), i.ID)
	if err != nil {
		return err
	}
	page := views.UninstallPage{Page: s.page(r, "Uninstall "+i.Label), Installation: i, Parting: parting, Problem: problemOf(bad)}
	page.Path = "/installations"
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Uninstall(page))
	return nil
}

// uninstall handles POST /installations/{id}/uninstall.
func (s *Server) uninstall(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	i, err := s.Provision.Uninstall(r.Context(), actor(r), r.PathValue("id"), provision.Farewell(r.PostForm.Get("accounts")))
	switch {
	case fault.CodeOf(err) == fault.Invalid:
		return s.uninstallPage(w, r, fault.Show(err))
	case err != nil:
		return err
	case i.Gone.IsZero():
		s.flash(r, "Nobody has the app any more. It is gone as soon as the accounts are deactivated.")
		return redirect(w, r, "/installations/"+i.ID+"/operations")
	}
	s.flash(r, i.Label+" is uninstalled. Its credentials are gone, its ledger is kept.")
	return redirect(w, r, "/installations")
}
