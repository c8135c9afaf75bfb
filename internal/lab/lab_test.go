package lab

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/scimtest"
)

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		for _, need := range append(slices.Clone(c.Needs), c.takes...) {
			if !seen[need] {
				t.Errorf("%s needs %s, which does not run before it", c.ID, need)
			}
		}
		seen[c.ID] = true
		for name, text := range map[string]string{"title": c.Title, "family": c.Family, "reference": c.Reference, "why": c.Why, "fix": c.Fix, "severity": c.Severity.String()} {
			if text == "" {
				t.Errorf("%s has no %s", c.ID, name)
			}
		}
		if strings.HasSuffix(c.Title, ".") || c.judge == nil {
			t.Errorf("%s: the title is a statement without a full stop, and somebody has to judge", c.ID)
		}
	}
	for _, d := range scimtest.Defects() {
		if !seen[d.Check()] {
			t.Errorf("no check looks for the defect %s", d.Name)
		}
	}
}

// A check without a switch in scimtest has a test of its own, which is named here.
func TestEveryCheckIsProven(t *testing.T) {
	elsewhere := map[string]string{
		"conn.base-url.https": "TestPlainHTTPIsAFindingBeforeAnythingIsSent", "auth.credentials": "TestWrongTokenIsOneFinding",
		"conn.base-url.no-underscore": "TestAnUnderscoreIsFound", "conn.latency.p95": "TestSlowReadsAreCounted",
	}
	switches := map[string]bool{}
	for _, d := range scimtest.Defects() {
		switches[d.Check()] = true
	}
	for _, c := range Checks() {
		if !switches[c.ID] && elsewhere[c.ID] == "" && !shownByTLS(c.ID) {
			t.Errorf("nothing proves %s", c.ID)
		}
	}
}

// What a blocking check needs must block as well: else a run would end in not_run where something is broken.
func TestABlockingCheckStandsOnBlockingOnes(t *testing.T) {
	checks := map[string]Check{}
	for _, c := range Checks() {
		checks[c.ID] = c
		for _, need := range c.Needs {
			if p := report.ProfileNetwork; c.Blocks(p) && !checks[need].Blocks(p) {
				t.Errorf("%s blocks in profile %s, %s, which it needs, does not", c.ID, p, need)
			}
		}
	}
}

func TestProfiles(t *testing.T) {
	for _, tt := range []struct {
		name         string
		check        Check
		network, rfc bool
	}{
		{"a network rule blocks in both", Check{Severity: report.Network}, true, true},
		{"a rule of the RFC that the engine tolerates", Check{Severity: report.RFC}, false, true},
		{"a rule of the RFC for safety", Check{Severity: report.RFC, Safety: true}, true, true},
		{"a recommendation", Check{Severity: report.Recommended}, false, false},
		{"a recommendation for safety", Check{Severity: report.Recommended, Safety: true}, true, false},
	} {
		if n, r := tt.check.Blocks(report.ProfileNetwork), tt.check.Blocks(report.ProfileRFC); n != tt.network || r != tt.rfc {
			t.Errorf("%s: network %v, rfc %v; want %v, %v", tt.name, n, r, tt.network, tt.rfc)
		}
	}
}

func TestOneSeedOneRun(t *testing.T) {
	first, again, other := namesFrom(1), namesFrom(1), namesFrom(2)
	if first.userName("a") != again.userName("a") || first.unknown != again.unknown || first.password != again.password {
		t.Error("the same seed gives other values")
	}
	if first.prefix == other.prefix || first.unknown == other.unknown {
		t.Error("two seeds give the same values")
	}
	if !strings.HasPrefix(first.userName("a"), Prefix) || first.userName("a") != strings.ToLower(first.userName("a")) {
		t.Errorf("userName %q", first.userName("a"))
	}
}
