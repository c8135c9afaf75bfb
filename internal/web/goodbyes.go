package web

import (
	"net/http"

	"slipway/internal/fault"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// A vendor's two wishes about a listing: that it be removed, and that customers hear of its end.

// askRemoval handles GET /submissions/{id}/removal: org, app and link are filled in.
func (s *Server) askRemoval(w http.ResponseWriter, r *http.Request) error {
	return s.goodbyePage(w, r, false, nil)
}

// askRetirement handles GET /submissions/{id}/retirement.
func (s *Server) askRetirement(w http.ResponseWriter, r *http.Request) error {
	return s.goodbyePage(w, r, true, nil)
}

func (s *Server) goodbyePage(w http.ResponseWriter, r *http.Request, retire bool, bad *fault.Error) error {
	l, err := s.ownListing(r)
	if err != nil {
		return err
	}
	page := views.GoodbyePage{
		Page: s.page(r, "Ask for removal of "+l.Name()), Listing: l, Action: r.URL.Path, Retire: retire,
		Link: s.Registry.Address + "/catalog/" + l.Slug, Typed: r.PostForm, Problem: problemOf(bad),
	}
	page.Path = "/submissions"
	if retire {
		page.Title = "Announce the retirement of " + l.Name()
		if page.Successors, err = s.successors(r.Context(), l); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Goodbye(page))
	return nil
}

// ownListing finds the listing of the submission in the path.
func (s *Server) ownListing(r *http.Request) (registry.Listing, error) {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return registry.Listing{}, err
	}
	if d.Listing == nil || !d.Listing.Visible() {
		return registry.Listing{}, fault.New(fault.Conflict, "This integration is not in the catalog, so there is nothing to remove or retire.")
	}
	return *d.Listing, nil
}

// requestRemoval handles POST /submissions/{id}/removal.
func (s *Server) requestRemoval(w http.ResponseWriter, r *http.Request) error {
	return s.goodbye(w, r, false, "The network's team has been asked. You get a mail with its decision.", func(slug string) error {
		_, err := s.Registry.RequestRemoval(r.Context(), actor(r), slug, r.PostForm.Get("reason"))
		return err
	})
}

// announceRetirement handles POST /submissions/{id}/retirement.
func (s *Server) announceRetirement(w http.ResponseWriter, r *http.Request) error {
	return s.goodbye(w, r, true, "The network's team has been told. Once it has confirmed the date, your customers' admins are mailed.", func(slug string) error {
		_, err := s.Registry.AnnounceRetirement(r.Context(), actor(r), slug, typedEnding(r))
		return err
	})
}

func (s *Server) goodbye(w http.ResponseWriter, r *http.Request, retire bool, done string, say func(slug string) error) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	l, err := s.ownListing(r)
	if err != nil {
		return err
	}
	err = say(l.Slug)
	switch fault.CodeOf(err) {
	case "":
		s.flash(r, done)
		return redirect(w, r, "/submissions")
	case fault.Invalid, fault.Conflict:
		return s.goodbyePage(w, r, retire, fault.Show(err))
	}
	return err
}
