package web

import (
	"net/http"

	"slipway/internal/web/views"
)

// outboxLength is how many mails the page shows, newest first.
const outboxLength = 200

// listOutbox handles GET /outbox: the mails that were written, for operators.
func (s *Server) listOutbox(w http.ResponseWriter, r *http.Request) error {
	mails, err := s.Registry.Outbox(r.Context(), actor(r), outboxLength)
	if err != nil {
		return err
	}
	return s.render(w, r, views.Outbox(views.OutboxPage{Page: s.page(r, "Outbox"), Mails: mails}))
}
