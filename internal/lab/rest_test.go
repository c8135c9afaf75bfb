package lab

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/scimtest"
)

// Every request of a run is in its report: with the check that it proves something for, or among the rest.
func TestEveryRequestIsInTheReport(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	rep := Run(t.Context(), subject(base), Unwatched{})
	all := map[string]bool{}
	for _, e := range rep.Rest {
		all[nameOf(e)] = true
	}
	deletes := 0
	for _, e := range rep.Rest {
		if e.Method == http.MethodDelete {
			deletes++
		}
	}
	for _, c := range rep.Checks {
		for _, e := range c.Exchanges {
			all[nameOf(e)] = true
		}
	}
	if len(all) != rep.Requests || deletes == 0 {
		t.Errorf("%d of %d requests are in the report, %d of the cleaning up", len(all), rep.Requests, deletes)
	}
	if text := written(t, "html", rep); !strings.Contains(text, "The rest of the run") {
		t.Error("the page does not show the rest")
	}
	if text := written(t, "json", rep); strings.Contains(text, token) {
		t.Error("the rest shows the token")
	}
}

// A server that answers at length fills no database.
func TestTheRestIsBounded(t *testing.T) {
	var s sent
	long := strings.Repeat("x", 64<<10)
	for range 200 {
		s.add(egress.Exchange{Method: "GET", URL: "https://vendor.example/Users", Status: 200, ResponseBody: long})
	}
	rest, size := s.rest([]report.Result{}), 0
	for _, e := range rest {
		size += sizeOf(e)
	}
	if last := rest[len(rest)-1]; len(rest) != 200 || size > maxRest+1<<20 || last.Status != 200 || !last.Truncated {
		t.Errorf("%d exchanges of %d bytes, the last one %+v", len(rest), size, last)
	}
}
