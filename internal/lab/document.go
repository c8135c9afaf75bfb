package lab

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/report"
)

// Markdown is the catalogue as docs/checks.md shows it, a part for each version; a test compares the two.
func Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The checks of the lab

Catalogue %s: %d checks for SCIM 2.0, then [%d for SCIM 1.1](#scim-11). Drawn from the code; change a check there, then run
`+"`go test ./internal/lab -run Document -update`"+`.

"Must pass" is for the profile *network*, which is what provisioning needs to run, and to run safely. The profile *rfc*
also asks for everything that is marked RFC. Each check is proven by a switch of the same name in `+"`scimtest`"+`: one on,
exactly its findings; all off, none. What no switch can show, such as TLS and addresses, has tests of its own.
`, CatalogueVersion, len(Catalogue(SCIM20)), len(Catalogue(SCIM11)))
	tabulate(&b, "##", Catalogue(SCIM20))
	b.WriteString(`
## SCIM 1.1

For a server that is verified with ` + "`--scim 1.1`" + `, or whose submission says so. SCIM 1.1 never became an RFC: "RFC" stands
here for its two texts, *core schema* (draft-scim-core-schema-01) and *protocol* (draft-scim-api-01), of July 2012.
A check with the id of one above asks for the same in the words of 1.1; ` + "`v11.*`" + ` are those that 2.0 does not have.
`)
	tabulate(&b, "###", byFamily(Catalogue(SCIM11)))
	return b.String()
}

func byFamily(checks []Check) []Check {
	slices.SortStableFunc(checks, func(a, b Check) int { return slices.Index(families, a.Family) - slices.Index(families, b.Family) })
	return checks
}

// tabulate writes a table for each run of checks of one family.
func tabulate(b *strings.Builder, heading string, checks []Check) {
	family := ""
	for _, c := range checks {
		if c.Family != family {
			family = c.Family
			fmt.Fprintf(b, "\n%s %s\n\n| check | rule | asked by | reference | must pass |\n| --- | --- | --- | --- | --- |\n", heading, family)
		}
		must := "no"
		if c.Blocks(report.ProfileNetwork) {
			must = "yes"
		} else if c.Promise != "" {
			must = "where `" + c.Promise + "` is declared"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", c.ID, c.Title, c.Severity, c.Reference, must)
	}
}
