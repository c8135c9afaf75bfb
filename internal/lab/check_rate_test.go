package lab

import (
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/scimtest"
)

// underRule runs a part of the catalogue against a sound server with one scripted fault.
func underRule(t *testing.T, rule scimtest.Rule, ids ...string) map[string]report.Result {
	t.Helper()
	server := scimtest.New(scimtest.WithToken(token))
	base, stop := server.Start()
	t.Cleanup(stop)
	server.On(rule)
	s := subject(base)
	s.Only, s.Expensive = ids, true
	results := map[string]report.Result{}
	for _, c := range Run(t.Context(), s, Unwatched{}).Checks {
		results[c.ID] = c
	}
	return results
}

func TestAServerMayRefuseLoad(t *testing.T) {
	got := underRule(t, scimtest.Rule{PathPrefix: "/Users", Every: 9, Effect: scimtest.Status(429, "Retry-After", "0")}, load)
	for _, c := range Checks() {
		if c.Family == load && got[c.ID].Outcome != report.Pass {
			t.Errorf("%s: %s %s", c.ID, got[c.ID].Outcome, got[c.ID].Message)
		}
	}
	if said := got[sustained].Message; !strings.Contains(said, "429") {
		t.Errorf("of the refusals it says %q", said)
	}
}
