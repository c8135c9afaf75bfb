package lab

import (
	"fmt"
	"strings"
)

// Markdown is the catalogue as docs/checks.md shows it; a test compares the two.
func Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The checks of the lab

Catalogue %s, %d checks. Drawn from the code; change a check there, then run
`+"`go test ./internal/lab -run Document -update`"+`.

"Must pass" is for the profile *network*, which is what provisioning needs to run, and to run safely. The profile *rfc*
also asks for everything that is marked RFC. Each check is proven by a switch of the same name in `+"`scimtest`"+`: one on,
exactly its findings; all off, none. What no switch can show, such as TLS and addresses, has tests of its own.
`, CatalogueVersion, len(Checks()))
	family := ""
	for _, c := range Checks() {
		if c.Family != family {
			family = c.Family
			fmt.Fprintf(&b, "\n## %s\n\n| check | rule | asked by | reference | must pass |\n| --- | --- | --- | --- | --- |\n", family)
		}
		must := "no"
		if c.Blocks(ProfileNetwork) {
			must = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.ID, c.Title, c.Severity, c.Reference, must)
	}
	return b.String()
}
