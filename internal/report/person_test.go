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

// What a report leaves to a person stands in each form for people, and in JSON.
func TestErrandsAreShown(t *testing.T) {
	r := sample()
	for format := range writers {
		if strings.Contains(written(t, format, r), "erson") {
			t.Errorf("%s shows errands of a report that has none", format)
		}
	}
	r.Errands = ErrandsOf(nil)
	for _, format := range []string{"text", "json", "html"} {
		if text := written(t, format, r); !strings.Contains(text, "C9342, C9343") || !strings.Contains(text, "Compare the attribute mappings") {
			t.Errorf("%s does not show what is left for a person", format)
		}
	}
}

// What an app does not offer is nobody's errand.
func TestErrandsOfFeatures(t *testing.T) {
	cases := func(features []string) (all string) {
		for _, e := range ErrandsOf(features) {
			all += e.Cases + "; "
		}
		return all
	}
	if all := cases(nil); strings.Count(all, ";") != len(Errands()) {
		t.Errorf("where nobody said what there is: %s", all)
	}
	if got := cases([]string{"create_users"}); strings.Contains(got, "C9301") || strings.Contains(got, "C9292") || !strings.Contains(got, "C9342") || !strings.Contains(got, "C9345") {
		t.Errorf("of an app that only creates users: %s", got)
	}
}
