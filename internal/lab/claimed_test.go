package lab

import (
	"testing"

	"slipway/internal/report"
	"slipway/scimtest"
)

// What is claimed blocks, and what nobody claims does not: passwords by the manifest, the enterprise extension by /Schemas.
func TestWhatIsClaimedBlocks(t *testing.T) {
	synced, unsynced := []string{"create_users", "update_users", syncsPassword}, []string{"create_users", "update_users"}
	for _, tt := range []struct {
		name, check string
		besides     []string // other defects
		features    []string
		outcome     report.Outcome
		severity    report.Severity
		blocks      bool
	}{
		{"PUT, declared", "users.password.change", nil, synced, report.Fail, report.RFC | report.Network, true},
		{"PUT, nobody declared anything", "users.password.change", nil, nil, report.Fail, report.RFC | report.Network, true},
		{"PUT, not declared", "users.password.change", nil, unsynced, report.Fail, report.RFC, false},
		{"PATCH, declared", "patch.password", nil, synced, report.Fail, report.RFC | report.Network, true},
		{"PATCH, not declared", "patch.password", nil, unsynced, report.Fail, report.RFC, false},
		{"declared, though the server says that it does not", "users.password.change", []string{"discovery.spc.required"}, synced, report.Fail, report.RFC | report.Network, true},
		{"not declared, and the server says that it does not", "users.password.change", []string{"discovery.spc.required"}, unsynced, report.NotApplicable, report.RFC | report.Network, true},
		{"the extension, published nowhere", "users.create.enterprise", []string{"discovery.schemas.present"}, nil, report.Warn, report.Recommended, false},
		{"the extension, published", "users.create.enterprise", nil, nil, report.Fail, report.Network | report.Recommended, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, stop := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(append(tt.besides, tt.check)...)).Start()
			t.Cleanup(stop)
			s := subject(base)
			s.Features, s.Only = tt.features, []string{tt.check}
			if c := check(t, Run(t.Context(), s, Unwatched{}), tt.check); c.Outcome != tt.outcome || c.Severity != tt.severity || c.Blocking != tt.blocks {
				t.Errorf("%s, %s, blocks %v: %s; want %s, %s, %v", c.Outcome, c.Severity, c.Blocking, c.Message, tt.outcome, tt.severity, tt.blocks)
			}
		})
	}
}
