package battery_test

import (
	"slices"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/lab/battery"
	"slipway/internal/report"
	"slipway/internal/require"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/internal/target"
	"slipway/scimtest"
)

// A SCIM server offers all but entitlements and logout, for which SCIM has no words.
var (
	_ battery.Accounts   = (*target.SCIM)(nil)
	_ battery.Removal    = (*target.SCIM)(nil)
	_ battery.Passwords  = (*target.SCIM)(nil)
	_ battery.Groups     = (*target.SCIM)(nil)
	_ battery.Membership = (*target.SCIM)(nil)
	_ battery.Schemas    = (*target.SCIM)(nil)
)

// overSCIM runs the battery against a SCIM server with the defects on.
func overSCIM(t *testing.T, dialect target.Dialect, defects ...string) (battery.Outcome, *scimtest.Server) {
	t.Helper()
	const token = "battery-token-31f0c2"
	server := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(defects...))
	base, stop := server.Start()
	t.Cleanup(stop)
	clock := &clock{}
	var wire []egress.Exchange
	over := func(token string) target.Target {
		http := egress.New(egress.AllowPrivate(), egress.Options{Timeout: 5 * time.Second, Record: func(e egress.Exchange) { wire = append(wire, e) }})
		client, err := scim.NewClient(base, http, scim.Bearer(secret.NewText(token)))
		if err != nil {
			t.Fatal(err)
		}
		return target.NewSCIM(client, dialect, clock.Now)
	}
	out := battery.Run(t.Context(), battery.Subject{
		Target: over(token), Junk: over("junk-0c5e11"), Changes: true, Seed: 7, Clock: clock,
		Wire: func() []egress.Exchange { taken := wire; wire = nil; return taken },
	})
	return out, server
}

func TestASoundSCIMServerHasNoFinding(t *testing.T) {
	for name, dialect := range map[string]target.Dialect{"PATCH": target.ByPatch, "PUT": {}} {
		t.Run(name, func(t *testing.T) {
			out, server := overSCIM(t, dialect)
			for _, c := range out.Results {
				beyond := slices.Contains([]string{
					"contract.entitlement.schema", "contract.entitlement.values", "contract.entitlement.assign", "contract.entitlement.change",
					"contract.entitlement.remove", "contract.logout", "contract.logout.unknown",
				}, c.ID)
				if want := map[bool]report.Outcome{false: report.Pass, true: report.NotApplicable}[beyond]; c.Outcome != want {
					t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Message)
				}
			}
			if left := len(server.Users()) + len(server.Groups()); left != 0 || len(out.Leftovers) != 0 {
				t.Errorf("%d objects stay, %v are named", left, out.Leftovers)
			}
		})
	}
}

// scimDefects says for some defects of SCIM servers which checks find them, and nothing else does.
var scimDefects = []struct {
	defect  string
	dialect target.Dialect
	want    []string
}{
	{"auth.bad-token-401", target.ByPatch, nil}, // 403 is a refusal too
	{"users.get.404", target.ByPatch, []string{"contract.get.unknown"}},
	{"users.create.echo", target.ByPatch, []string{"contract.create.readback", "contract.create.full"}},
	{"users.create.unique", target.ByPatch, []string{"contract.create.duplicate"}},
	{"users.create.duplicate-409", target.ByPatch, []string{"contract.create.duplicate"}},
	{"users.list.includes-inactive", target.ByPatch, nil}, // a list may leave out who is inactive
	{"users.active.deactivate-patch", target.ByPatch, []string{"contract.deactivate"}},
	{"users.active.deactivate-put", target.Dialect{}, []string{"contract.deactivate"}},
	{"users.active.reactivate", target.ByPatch, []string{"contract.activate"}},
	{"users.put.removes", target.Dialect{}, []string{"contract.update.clear"}},
	{"users.password.change", target.Dialect{}, []string{"contract.password"}},
	{"okta.import.deactivated", target.ByPatch, []string{"contract.deactivate.list"}},
	{"page.count", target.ByPatch, []string{"contract.page.limit"}},
	{"page.startindex", target.ByPatch, []string{"contract.page.walk"}},
	{"page.walk-complete", target.ByPatch, []string{"contract.page.walk"}},
	{"groups.get.404", target.ByPatch, []string{"contract.group.unknown"}},
	{"groups.filter.displayname", target.ByPatch, []string{"contract.group.find"}},
	{"groups.patch.add-member", target.ByPatch, []string{"contract.members.add"}},
	{"groups.patch.filter-honoured", target.ByPatch, []string{"contract.members.remove"}},
	{"groups.patch.remove-valuepath", target.ByPatch, []string{"contract.members.remove"}},
	{"okta.push.remove-member", target.ByPatch, []string{"contract.members.empty"}},
	{"discovery.schemas.present", target.ByPatch, []string{"contract.schema"}},
	{"error.missing-required", target.ByPatch, []string{"contract.create.empty"}},
}

func TestDefectsOfSCIMServersAreFound(t *testing.T) {
	require.Proof(t)
	for _, tt := range scimDefects {
		t.Run(tt.defect, func(t *testing.T) {
			t.Parallel()
			out, _ := overSCIM(t, tt.dialect, tt.defect)
			if got := found(out); !slices.Equal(got, tt.want) {
				t.Errorf("found %v\nwant  %v\n%s", got, tt.want, explain(out))
			}
		})
	}
}
