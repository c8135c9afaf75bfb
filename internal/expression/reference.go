package expression

import (
	"fmt"
	"strings"
)

// Markdown returns the reference of the language, docs/connectors/expressions.md. The functions are drawn from their
// declarations.
func Markdown() string {
	var b strings.Builder
	b.WriteString(strings.NewReplacer(
		"MAXSOURCE", fmt.Sprint(MaxSource>>10), "MAXNODES", fmt.Sprint(MaxNodes), "MAXTEXT", fmt.Sprint(MaxText>>20),
		"MAXWORK", fmt.Sprint(MaxWork>>20), "MAXDEPTH", fmt.Sprint(MaxDepth), "MAXPATTERN", fmt.Sprint(maxPattern),
		"~", "`").Replace(introduction))
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n", g.title)
		if g.sentence != "" {
			fmt.Fprintf(&b, "%s\n\n", g.sentence)
		}
		b.WriteString("| function | what comes back | example | gives |\n| --- | --- | --- | --- |\n")
		for _, f := range g.functions {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(f.Signature), f.Sentence, code(f.Example), code(f.Result))
		}
	}
	return b.String()
}

// code is source in a cell of a table.
func code(source string) string { return "`" + strings.ReplaceAll(source, "|", `\|`) + "`" }

const introduction = `# Expressions

Drawn from ~internal/expression~ by its test; do not edit by hand.

An expression computes a value from other values: ~input.user.name?.givenName ?? 'nobody'~. It changes nothing, calls
nobody, and has no loops. In a template it stands between ~${~ and ~}~. Alone in its text it gives the value as it is;
inside other text it is written as text: null is nothing, a time is RFC 3339 in UTC, a list or an object is JSON.
~$${~ writes ~${~ itself.

Which names there are depends on the place; an unknown name or member is an error when the definition is read.

| written | means |
| --- | --- |
| ~'text'~ ~"text"~ ~7~ ~1.5~ ~true~ ~null~ ~[1, 2]~ ~{a: 1, 'b c': 2}~ | values |
| ~a.b~ ~a['b']~ ~a[0]~ ~a[-1]~ ~a[1:3]~ | a member (null where the object has none), an entry or a character (an error beyond the end), some of them |
| ~a?.b~ | the member, or null where ~a~ is null |
| ~a ?? b~ | ~b~ where ~a~ is null; beside other operators in parentheses |
| ~a ?: b~ | ~b~ where ~a~ is null, false or an empty text |
| ~a ? b : c~ | ~b~ where ~a~ is true, else ~c~ |
| ~+~ ~-~ ~*~ ~/~ ~%~ ~**~ | numbers; ~+~ also joins a text with a text, a number, a time, true or false |
| ~==~ ~!=~ | the same value of the same kind; lists and objects by what they hold |
| ~<~ ~<=~ ~>~ ~>=~ | two numbers, two texts or two times |
| ~!~ ~not~ ~&&~ ~and~ ~\|\|~ ~or~ | true and false; null counts as false |
| ~a in list~ ~text contains part~ ~text startsWith part~ ~text endsWith part~ ~text matches pattern~ | as the functions of these names; with ~not~ before the word, the opposite |
| ~value \| lower()~ | ~lower(value)~ |

Numbers are those of JavaScript, but integers up to ±9223372036854775807 are exact.

An expression has at most MAXSOURCE KiB and MAXNODES parts. A text that it makes has at most MAXTEXT MiB, and one evaluation reads and
makes at most MAXWORK MiB; passing a value on costs nothing. Values nest at most MAXDEPTH deep, and a regular expression has at
most MAXPATTERN bytes.

In a signature, ~?~ marks a parameter that may be left out, ~...~ one that may be repeated.
`
