package lint_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
	"slipway/internal/connector/suite"
)

var update = flag.Bool("update", false, "write the documents that are drawn from the code")

func TestDocumentShowsTheRules(t *testing.T) {
	const path = "../../../docs/connectors/rules.md"
	rules := append(lint.Rules(), suite.NoSuchAction, suite.Unlisted)
	slices.SortFunc(rules, func(a, b program.Rule) int { return strings.Compare(a.Code, b.Code) })
	want := markdown(rules)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != want {
		t.Errorf("docs/connectors/rules.md is not what the code says (%v): run go test ./internal/connector/lint -run Document -update", err)
	}
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.Code] || r.Says == "" || r.Fix == "" || strings.Contains(r.Says+r.Fix, "|") {
			t.Errorf("the rule %+v is there twice, or lacks a sentence, or breaks the table", r)
		}
		seen[r.Code] = true
	}
}

// markdown is the page of the rules.
func markdown(rules []program.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The rules of connectors

%d rules that a connector is held against without being run. Drawn from the code; change a rule there, then run
`+"`go test ./internal/connector/lint -run Document -update`"+`.

An error stops a connector, a warning does not: somebody should look. Codes with H are those of the network that exported
flows come from, with the same meaning; SW001 to SW006 and SW012 to SW013 are about connector.yaml and suites, SW100 and
more about files of exported flows, all others about both.

| code | level | rule | what to do |
| --- | --- | --- | --- |
`, len(rules))
	for _, r := range rules {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Code, r.Level, r.Says, r.Fix)
	}
	return b.String()
}
