package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"slipway/internal/fault"
	"slipway/internal/web/views"
)

// statuses joins a fault's code to HTTP; nothing else does.
var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.TooMany: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusBadGateway, fault.Internal: http.StatusInternalServerError,
}

// fail turns an error into an answer: a page, or a small alert where a part of a page was asked for.
// Only the fault's sentence and fields leave; the cause goes to the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader went away, and nobody would see the answer
	}
	shown := fault.Show(err)
	if shown.Code == fault.Internal {
		s.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	status := statuses[shown.Code]
	switch {
	case r.Header.Get("HX-Request") != "":
		if r.URL.Query().Has("auto") { // a save that failed must not take the card away, with the version in it
			w.Header().Set("HX-Retarget", "#trouble")
			w.Header().Set("HX-Reswap", "innerHTML")
		}
		s.write(w, r, status, views.Alert(shown))
	case shown.Code == fault.Unauthenticated:
		s.askToSignIn(w, r, status)
	default:
		s.write(w, r, status, views.Fault(views.FaultPage{Page: s.plainPage(r, views.FaultTitle(shown)), Fault: shown, Status: status}))
	}
}

// render writes a page with status 200.
func (s *Server) render(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	s.write(w, r, http.StatusOK, page)
	return nil
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := page.Render(r.Context(), w); err != nil {
		s.Log.Warn("write page", "path", r.URL.Path, "error", err) // the reader went away
	}
}
