package registry

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/require"
)

// docs/lifecycle.md is drawn from the table: go test ./internal/registry -run Document -update
func TestDocumentIsDrawnFromTheTable(t *testing.T) {
	require.Drawn(t, "docs/lifecycle.md", document())
}

func document() string {
	var b strings.Builder
	b.WriteString(`# The lifecycle of a submission and of a listing

Drawn from the table in ` + "`internal/registry/lifecycle.go`" + ` by its test; do not edit by hand. What is not a row is
refused. T-numbers are those of the specification (manager §4.3), M-numbers those of its mails (§4.5); rows and mails
without a number in the specification are ours.

`)
	writeDiagram(&b, "The submission", States(), Draft)
	writeDiagram(&b, "The listing", []State{Unlisted, Listed, Deprecated, Delisted, Revoked}, Unlisted)
	writeStates(&b)
	writeMoves(&b)
	writeMails(&b)
	return b.String()
}

// writeDiagram draws the moves that lead from one state to another.
func writeDiagram(b *strings.Builder, title string, states []State, first State) {
	fmt.Fprintf(b, "## %s\n\n```mermaid\nstateDiagram-v2\n    [*] --> %s\n", title, first)
	for _, from := range states {
		for _, row := range lifecycle {
			if row.from != from || row.to == from {
				continue
			}
			to := string(row.to)
			if row.to == Deleted {
				to = "[*]"
			}
			fmt.Fprintf(b, "    %s --> %s: %s (%s)\n", from, to, row.do.Label(), row.who.name)
		}
	}
	b.WriteString("```\n\n")
}

func writeStates(b *strings.Builder) {
	b.WriteString("## States\n\n| State | The vendor reads | The team reads | Whose turn | What happens next |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range append(States(), Unlisted, Listed, Deprecated, Delisted, Revoked) {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", s, s.Label(), s.TeamLabel(), s.Turn(), s.Waiting())
	}
	b.WriteString("\n")
}

func writeMoves(b *strings.Builder) {
	b.WriteString("## Moves\n\nA row that stays in its state is a right: it says when this may be done.\n\n" +
		"| T | From | Action | To | Who | Must hold | Mail | Then |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, row := range lifecycle {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n",
			dash(row.id), dash(string(row.from)), row.do.Label(), row.to, row.who.name, guardNames(row), mailNames(row), followUps(row))
	}
	b.WriteString("\n")
}

func guardNames(row move) string {
	names := make([]string, len(row.guards))
	for i, g := range row.guards {
		names[i] = g.name
	}
	return dash(strings.Join(names, "; "))
}

func mailNames(row move) string {
	names := make([]string, len(row.mails))
	for i, m := range row.mails {
		names[i] = string(m)
	}
	return dash(strings.Join(names, " "))
}

func followUps(row move) string {
	var parts []string
	for _, f := range row.then {
		switch {
		case f.do == Verify && row.do == Submit:
			parts = append(parts, "a lab run, where the fresh pass does not cover everything")
		case f.do == Verify:
			parts = append(parts, "a lab run")
		case f.after == atETA:
			parts = append(parts, f.do.Label()+" when that date is over")
		default:
			parts = append(parts, fmt.Sprintf("%s after %d days", f.do.Label(), f.after/day))
		}
	}
	return dash(strings.Join(parts, "; "))
}

func writeMails(b *strings.Builder) {
	b.WriteString("## Mails\n\n| M | To | Subject |\n| --- | --- | --- |\n")
	for _, id := range []MailID{M01, M01b, M02, M02b, M03, M04, M05, M06, M07, M08, M09, M10, M11, M12, M13, M14, M15, M16, M17, M18, M19} {
		subject := strings.NewReplacer("{{.Title}}", "Acme, version 2", "{{.Name}}", "Acme").Replace(letters[id].subject)
		fmt.Fprintf(b, "| %s | %s | %s |\n", id, letters[id].to, subject)
	}
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
