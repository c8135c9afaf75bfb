package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
	"slipway/internal/connector/suite"
	"slipway/internal/require"
)

func TestDocumentShowsTheRules(t *testing.T) {
	rules := append(lint.Rules(), suite.NoSuchAction, suite.Unlisted)
	slices.SortFunc(rules, func(a, b program.Rule) int { return strings.Compare(a.Code, b.Code) })
	require.Drawn(t, "docs/connectors/rules.md", markdown(rules))
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
