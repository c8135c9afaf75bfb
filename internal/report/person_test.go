package report

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

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
		{"a part of the catalogue", Report{Verdict: Passed, Only: []string{"Users"}}, false},
		{"an imported suite", Report{Verdict: Passed, Suite: "theirs"}, false},
	} {
		text := written(t, "html", tt.report)
		if got := strings.Contains(text, "Left for a person") && strings.Contains(text, Errands()[0].Cases); got != tt.want {
			t.Errorf("%s: the errands are shown: %v", tt.name, got)
		}
	}
}
