package lab

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/lab/battery"
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
