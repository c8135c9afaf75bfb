package lab

import (
	"testing"

	"slipway/internal/report"
	"slipway/scimtest"
)

func TestMeIsTheUserItNames(t *testing.T) {
	for _, tt := range []struct {
		name    string
		effect  scimtest.Effect
		outcome report.Outcome
	}{
		{"a redirect to the user", scimtest.Status(308, "Location", "/scim/v2/Users/1"), report.Pass},
		{"another redirect", scimtest.Status(302, "Location", "/scim/v2/Users/1"), report.Deviation},
		{"not there", scimtest.Status(404), report.Deviation},
		{"broken", scimtest.Status(500), report.Warn},
		{"a user without an address", scimtest.Text(200, "application/scim+json", `{"id":"1"}`), report.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := underRule(t, scimtest.Rule{PathPrefix: "/Me", Effect: tt.effect}, "me.supported-or-501")["me.supported-or-501"]
			if got.Outcome != tt.outcome {
				t.Errorf("got %s: %s; want %s", got.Outcome, got.Message, tt.outcome)
			}
		})
	}
}
