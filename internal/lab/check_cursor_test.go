package lab

import (
	"net/http"
	"testing"

	"slipway/internal/report"
)

// TestACursorMayKeepItsOwnQuery: RFC 9865 §2 has the client keep its query from page to page. A server that goes on with
// the list of the cursor, whatever filter comes with it, shows nothing that its bearer may not read.
func TestACursorMayKeepItsOwnQuery(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if query := r.URL.Query(); query.Get("cursor") != "" {
			query.Del("filter")
			r.URL.RawQuery = query.Encode()
		}
		sound.ServeHTTP(w, r)
	})
	s := subject(base)
	s.Only = []string{"cursor.other-query"}
	if got := check(t, Run(t.Context(), s, Unwatched{}), "cursor.other-query"); got.Outcome != report.Deviation {
		t.Errorf("got %s: %s; want a deviation", got.Outcome, got.Message)
	}
}
