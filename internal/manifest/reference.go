package manifest

import (
	"fmt"
	"strings"
)

// Markdown returns the field reference, docs/fields.md. It is drawn from the declaration alone.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# The fields of a submission\n\n" +
		"Drawn from `internal/manifest/fields.go` by its test; do not edit by hand.\n\n" +
		"Who sees a field: **pub** everybody, in the catalog · **inst** customer admins who install the integration · " +
		"**int** the vendor and the network's team · **sec** nobody: sealed, write-only, revealed to reviewers on the record. " +
		"A required field is asked for where the form shows it: while its section is on, and an earlier answer does not make it pointless.\n")
	for _, tab := range Tabs() {
		fmt.Fprintf(&b, "\n## %s\n", tab.Label())
		if note := tab.Note(); note != "" {
			fmt.Fprintf(&b, "\n%s\n", note)
		}
		section := ""
		for _, f := range FieldsOf(tab) {
			if f.Section != section {
				section = f.Section
				fmt.Fprintf(&b, "\n### %s\n\n| | Field | Key | Type | Asked for | Limits | Seen by | What it is |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", section)
			}
			writeRow(&b, f, "")
		}
	}
	return b.String()
}

func writeRow(b *strings.Builder, f Field, prefix string) {
	asked := "optional"
	if f.needed {
		asked = "required"
	}
	fmt.Fprintf(b, "| %s | %s | `%s` | %s | %s | %s | %s | %s |\n", f.Ref, f.Label, prefix+f.Key, f.Type, asked, f.limits(), f.Visibility, f.Help)
	for _, column := range f.Columns {
		column.Label = "– " + column.Label
		writeRow(b, column, f.Key+"[].")
	}
}

// limits says in words what form a value must have.
func (f Field) limits() string {
	switch f.Type {
	case TypeYesNo, TypeSwitch:
		return "yes or no"
	case TypeChoice:
		return "one of: " + f.optionNames()
	case TypeChoices:
		return fmt.Sprintf("at most %d of: %s", f.Max, f.optionNames())
	case TypeInteger:
		return fmt.Sprintf("%d to %d, %s if empty", f.Min, f.Max, f.Default)
	case TypeRows:
		return fmt.Sprintf("at most %d rows", f.Max)
	case TypeLogo:
		return fmt.Sprintf("at most %d bytes", f.Max)
	case TypeConnection:
		return "one value for each variable, and the credentials"
	}
	return fmt.Sprintf("at most %d characters", f.Max)
}

func (f Field) optionNames() string {
	names := make([]string, len(f.Options))
	for i, o := range f.Options {
		names[i] = "`" + o.Value + "`"
	}
	return strings.Join(names, ", ")
}
