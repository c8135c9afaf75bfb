package lab

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
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

func TestManualPlanListsEveryErrand(t *testing.T) {
	text, err := os.ReadFile("../../docs/lab/manual-plan.md")
	if err != nil {
		t.Fatal(err)
	}
	_, left, _ := strings.Cut(string(text), "## Left for a person")
	for _, e := range Errands() {
		if row := fmt.Sprintf("| %s | %s |\n", e.Cases, e.Text); !strings.Contains(left, row) {
			t.Errorf("the plan lacks the row\n%s", row)
		}
	}
	if rows := strings.Count(left, "\n| C"); rows != len(Errands()) {
		t.Errorf("the plan leaves %d rows to a person, the report %d", rows, len(Errands()))
	}
}

func TestReportLeavesErrandsToAPerson(t *testing.T) {
	for _, tt := range []struct {
		name   string
		report Report
		want   bool
	}{
		{"a whole run that came by", Report{Verdict: Failed}, true},
		{"a run that did not come by", Report{Verdict: NotRun}, false},
		{"a part of the catalogue", Report{Verdict: Passed, Only: []string{users}}, false},
		{"an imported suite", Report{Verdict: Passed, Suite: "theirs"}, false},
	} {
		text := written(t, "html", tt.report)
		if got := strings.Contains(text, "Left for a person") && strings.Contains(text, Errands()[0].Cases); got != tt.want {
			t.Errorf("%s: the errands are shown: %v", tt.name, got)
		}
	}
}
