package battery_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/connector/contract"
	"slipway/internal/connector/value"
	"slipway/internal/lab/battery"
	"slipway/internal/require"
)

// blocks say what a block of contracts is wanted for, in the order of the page.
var blocks = []struct {
	block      contract.Block
	name, rule string
}{
	{contract.Basic, "Reading", "Wanted of every connector that implements any contract."},
	{contract.Users, "Keeping people", "Each for itself."},
	{contract.Groups, "Groups", "All four, where there is one."},
	{contract.Membership, "Members of groups", "All three, where there is one."},
	{contract.Entitlements, "Entitlements", "Both, where there is one."},
	{contract.Logout, "Logout", "For itself."},
}

// document is the page of contracts. It is put together here because neither the lab nor connectors may know the other.
func document() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The action contracts, and who looks at them

%d contracts and %d checks, drawn from the code; change either there, then run `+"`go test ./internal/lab/battery -run Document -update`"+`.

An action that says `+"`implements:`"+` with one of these ids is called by the network itself. Its answer also has
`+"`executionStatus`"+`, which Slipway adds: what an action returns, and the error with which it ends, are all that it needs to say.
An answer that lacks what stands here under *gives* is a failure, never an empty success. What it takes and cannot do without is
marked •. The types of errors are %s.

The checks run with `+"`slipway connector test`"+`; those that change data, only with `+"`--changes`"+`. They make people and groups of
their own, whose names begin with `+"`%s`"+`, read each change back, and deactivate or remove all of it in the end.
`, len(contract.All), len(battery.Checks()), strings.Join(contract.ErrorTypes, ", "), battery.Prefix)
	for _, block := range blocks {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| contract | id | takes | gives | looked at by |\n| --- | --- | --- | --- | --- |\n", block.name, block.rule)
		for _, c := range contract.All {
			if c.Block == block.block {
				fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", c.Name, c.ID, takes(c), c.Returns.Members(), lookers(c.ID))
			}
		}
	}
	b.WriteString("\n## The checks\n\nIn running order. A check whose contracts the target does not offer does not apply; one that needs another is blocked where that did not pass.\n\n" +
		"| check | rule | needs | changes data | must pass | manual plan |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, c := range battery.Checks() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", c.ID, c.Title, quoted(c.Needs), yes(c.Changes), yes(c.Blocks()), strings.Join(c.Plan, ", "))
	}
	return b.String()
}

func takes(c contract.Contract) string {
	var all []string
	for _, p := range c.Inputs {
		text := "`" + p.Key.Name + "`"
		if p.List {
			text += " list"
		}
		if p.Type == value.Secret {
			text += " secret"
		}
		if p.Required {
			text += " •"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func lookers(id string) string {
	var all []string
	for _, c := range battery.Checks() {
		if slices.Contains(c.Contracts, id) {
			all = append(all, c.ID)
		}
	}
	return quoted(all)
}

func quoted(ids []string) string {
	var all []string
	for _, id := range ids {
		all = append(all, "`"+id+"`")
	}
	return strings.Join(all, ", ")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func TestDocumentShowsTheContracts(t *testing.T) {
	require.Drawn(t, "docs/connectors/contracts.md", document())
	for _, c := range contract.All {
		if c.Returns.Members() == "" || !strings.Contains(document(), "`"+c.ID+"`") {
			t.Errorf("the page lacks %s, or what it gives", c.ID)
		}
	}
}

// The plan says which cases the battery takes over for connectors, and each check says it too.
func TestManualPlanAndBatteryAgree(t *testing.T) {
	text, err := os.ReadFile("../../../docs/lab/manual-plan.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Proved for connectors\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("the plan has no section for connectors")
	}
	var written, declared []string
	cases, id := regexp.MustCompile(`C[0-9]+`), regexp.MustCompile("`(contract[a-z.-]+)`")
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		for _, name := range cases.FindAllString(cells[1], -1) {
			for _, check := range id.FindAllStringSubmatch(cells[3], -1) {
				written = append(written, name+" "+check[1])
			}
		}
	}
	for _, c := range battery.Checks() {
		for _, name := range c.Plan {
			declared = append(declared, name+" "+c.ID)
		}
	}
	slices.Sort(written)
	slices.Sort(declared)
	for _, pair := range declared {
		if !slices.Contains(written, pair) {
			t.Errorf("the plan does not say %s", pair)
		}
	}
	for _, pair := range written {
		if !slices.Contains(declared, pair) {
			t.Errorf("the plan says %s, and the check does not", pair)
		}
	}
}
