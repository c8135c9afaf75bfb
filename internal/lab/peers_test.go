package lab

import (
	"slices"
	"testing"

	"slipway/internal/peers"
	"slipway/internal/scim"
	"slipway/internal/secret"
)

// TestPeers keeps what the lab finds on servers that others wrote. Every entry was confirmed by hand against the
// exchange and the RFC; an entry that comes or goes means that a check judges differently, or that a peer has changed.
func TestPeers(t *testing.T) {
	for _, tt := range []struct {
		name     string
		start    func(testing.TB) peers.Peer
		verdict  Verdict
		blocking []string
		others   []string // failed, warned, or unusual: none of them blocks
	}{
		{"better-auth", peers.BetterAuth, Passed, nil, []string{
			"error.404-endpoint", // 404 with an empty body; RFC 7644 §3.12: errors MUST be returned in the body, as JSON
		}},
		{"scimmy", peers.Scimmy, Failed, []string{
			"filter.eq.special", // userName eq "say \"hi\"" is refused; RFC 7644 §3.4.2.2: compValue is a JSON string, escapes and all
			"page.beyond-end",   // startIndex=1005 of 5 shows the first page again, so that a client which pages never ends
		}, []string{
			"auth.www-authenticate",     // absent; RFC 7644 §2 and RFC 9110 §15.5.2: MUST send
			"users.create.201-location", // no Location header; RFC 7644 §3.3: SHALL
			"filter.eq.username-case",   // ADA… does not find ada…; RFC 7643 §4.1 and §8.7.1: userName has caseExact false
			"filter.syntax-error",       // "userName eq" lists everybody; RFC 7644 §3.12 table 9: invalidFilter
			"groups.create.201",         // 201, but no Location header
			"groups.patch.add-existing", // the member is there twice; RFC 7644 §3.5.2.1: no changes SHOULD be made
			"error.invalid-json",        // 400, as it should be; without a scimType, which is optional
			"error.array-body",          // the same
			"media.response-type",       // the body parser's errors come as application/json
		}},
		{"elimity", peers.Elimity, Passed, nil, []string{
			"page.itemsperpage", // 2 on a page without resources; RFC 7644 §3.4.2 table 7: the number of resources returned
			"proj.attributes",   // ignored; RFC 7644 §3.9: the default set SHALL be overridden
			"proj.excluded",     // ignored
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			peer := tt.start(t)
			s := subject(peer.BaseURL)
			s.Auth, s.Patience = scim.Bearer(secret.NewText(peer.Token)), 0
			report := Run(t.Context(), s, Unwatched{})
			want := slices.Concat(tt.blocking, tt.others)
			slices.Sort(want)
			if got := found(report); report.Verdict != tt.verdict || !slices.Equal(got, want) {
				t.Errorf("%s: findings %v; want %s, %v\n%s", report.Verdict, got, tt.verdict, want, explain(report))
			}
			for _, c := range report.Findings() {
				if blocks := c.Blocking && c.Verdict == Failed; blocks != slices.Contains(tt.blocking, c.ID) {
					t.Errorf("%s blocks: %v", c.ID, blocks)
				}
			}
			if len(report.Leftovers) != 0 || len(report.Warnings) != 1 { // the address is a private one
				t.Errorf("leftovers %v, warnings %v", report.Leftovers, report.Warnings)
			}
		})
	}
}
