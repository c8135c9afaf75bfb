package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Markdown is the table of cards as docs/connectors/cards.md shows it; a test compares the two.
func Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The cards that flows may have

Drawn from the code; change a card there, then run `+"`go test ./internal/connector/engine -run Document -update`"+`.

Names are those of exported files: `+"`group.name`"+` for a field in a group, … for fields that the author adds. A flow with a card
that is not here is imported and shown, and a run ends where it meets the card: as not supported, not as failed.

- **Limits.** A list has at most 100,000 items, a text 10 MiB, all values of a run 64 MiB; a regular expression has 1,000 bytes, searches
  at most %d MiB and takes at most %s, all of a card together %s. What a flow cannot handle with If Error: a limit, a refused request, a card that is
  not supported.
- **Numbers.** Whole numbers beyond 2^53, such as ids, keep their digits where they are passed on, added, subtracted or multiplied.
- **Time and chance.** Dates are those of the run's clock, random values come from the run's seed: a recorded run repeats both.
- **Formats of dates** are Moment's (`+"`YYYY-MM-DD HH:mm:ss.SSS Z`, `dddd, MMMM Do`, `x`, `X`, `[text]`"+`). With `+"`yyyy`"+` in it, a format is one of Unicode,
  where `+"`dd`"+` is the day of the month. A zone is a name of the tz database; one that does not exist, such as America/Pacific, is UTC, as
  it is for Moment.
- **Tables** begin empty: a file brings no rows.
`, longestSought>>20, patternTime, patternsTime)
	family := ""
	for _, c := range Cards() {
		if name := c.Op[:strings.LastIndexByte(c.Op, '/')]; name != family {
			family = name
			fmt.Fprintf(&b, "\n## %s\n\n| card | title | takes | gives | what to know |\n| --- | --- | --- | --- | --- |\n", cmp.Or(headings[family], family))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Op, c.Title, cell(c.Takes), cell(c.Gives), cell(c.Says))
	}
	b.WriteString("\n## Known, and refused\n\n| card | why |\n| --- | --- |\n")
	for _, op := range slices.Sorted(maps.Keys(refusals)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", op, refusals[op])
	}
	for _, f := range beyond {
		fmt.Fprintf(&b, "| %s | %s |\n", f.what, f.why)
	}
	return b.String()
}

// headings of families whose key is not what people call them.
var headings = map[string]string{"app/httpfunctions": "HTTP functions", "app/stash": "tables", "step": "steps of connector.yaml"}

// cell is a text that ends no cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "·") }
