package web

import (
	"net/http"

	"slipway/internal/fault"
	"slipway/internal/web/views"
)

// showHome handles GET /: what Slipway is for, for whoever comes.
func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	page := views.HomePage{Page: s.page(r, "Slipway")}
	if s.Tour != nil {
		var err error
		if page.Tour, err = s.Tour(r.Context()); err != nil {
			return err
		}
	}
	return s.render(w, r, views.Home(page))
}

// healthz answers 200 as long as the database can be read; load balancers and scripts ask it.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	if err := s.Healthy(r.Context()); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The database does not answer.")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}

// serveStatic serves the embedded stylesheets and scripts. Their names do not change between versions, so
// browsers ask again after an hour.
func (s *Server) serveStatic(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.FileServerFS(static).ServeHTTP(w, r)
	return nil
}
