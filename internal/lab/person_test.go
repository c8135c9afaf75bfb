package lab

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/lab/battery"
	"slipway/internal/report"
	"slipway/scimtest"
)

var quotedID = regexp.MustCompile("`([a-z0-9]+(?:\\.[a-z0-9-]+)+)`")

// The plan promises that a case is proved by checks; a check that is renamed must not break that promise silently.
func TestManualPlanNamesChecksThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/lab/manual-plan.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range Checks() {
		known[c.ID] = true
	}
	for _, c := range battery.Checks() {
		known[c.ID] = true
	}
	named := quotedID.FindAllStringSubmatch(string(text), -1)
	if len(named) < 50 {
		t.Errorf("the plan names %d checks; is it still a table?", len(named))
	}
	for _, m := range named {
		if !known[m[1]] {
			t.Errorf("the plan names %s, which no check has", m[1])
		}
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| C") && strings.Count(line, "|") == 4 && !quotedID.MatchString(line) {
			t.Errorf("a case is said to be proved, and by nothing: %s", line)
		}
	}
}

// The checklist belongs to a run of the whole catalogue that came by, and to the features that are declared.
func TestReportLeavesErrandsToAPerson(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	for _, tt := range []struct {
		name   string
		narrow func(*Subject)
		want   int
	}{
		{"the whole catalogue", func(*Subject) {}, len(report.Errands())},
		{"without a password that is synced", func(s *Subject) { s.Features = []string{"create_users", "deactivate_users"} }, len(report.Errands()) - 1},
		{"a part of it", func(s *Subject) { s.Only = []string{root} }, 0},
		{"a look that only reads", func(s *Subject) { s.ReadOnly = true }, 0},
		{"a run that did not come by", func(s *Subject) { s.BaseURL = "http://127.0.0.1:1/scim" }, 0},
	} {
		s := subject(base)
		tt.narrow(&s)
		if rep := Run(t.Context(), s, Unwatched{}); len(rep.Errands) != tt.want {
			t.Errorf("%s (%s): %d errands, want %d", tt.name, rep.Verdict, len(rep.Errands), tt.want)
		}
	}
}
