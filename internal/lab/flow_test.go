package lab

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/scimtest"
)

// A server that reads no single user in the words of one client fails that client's flows, each with the step and the
// event, and nothing is sent after the failure.
func TestFlowEndsWithItsFirstFailure(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		inWords := r.Method == http.MethodGet && r.Header.Get("Content-Type") != ""
		if inWords && strings.HasPrefix(r.URL.Path, scimtest.BasePath+"/Users/") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		sound.ServeHTTP(w, r)
	})
	s := subject(base)
	s.Only = []string{"okta.flow.link-existing", "okta.flow.update", "okta.flow.assign"}
	rep := Run(t.Context(), s, Unwatched{})
	for id, want := range map[string]string{
		"okta.flow.assign":        "Step 3, the reading of the new user. GET /Users/{id}: the answer is 503 Service Unavailable instead of 200. When an admin assigns somebody",
		"okta.flow.link-existing": "Step 2, the reading of the account. GET /Users/{id}: ",
		"okta.flow.update":        "Step 1, the reading before the update. GET /Users/{id}: ",
	} {
		c := check(t, rep, id)
		if c.Outcome != report.Fail || !strings.HasPrefix(c.Message, want) {
			t.Errorf("%s: %s %q, want it to begin %q", id, c.Outcome, c.Message, want)
		}
		if last := c.Exchanges[len(c.Exchanges)-1]; last.Method == http.MethodPut {
			t.Errorf("%s goes on after its failure: %s %s", id, last.Method, last.URL)
		}
	}
	if len(rep.Leftovers) != 0 {
		t.Errorf("%v stay", rep.Leftovers)
	}
}

// An account of the lab is given what speaks of power only where there is nothing else.
func TestHarmlessValuesComeFirst(t *testing.T) {
	item := func(id, name string) scim.Resource { return scim.Resource{"id": id, "displayName": name} }
	var got []string
	for _, one := range harmlessFirst([]scim.Resource{item("1", "Administrator"), item("2", "Reader"), item("owner", "Three"), item("4", "Writer")}) {
		got = append(got, one.ID())
	}
	if want := []string{"2", "4", "1", "owner"}; !slices.Equal(got, want) {
		t.Errorf("in the order %v, want %v", got, want)
	}
}
