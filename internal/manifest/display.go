package manifest

import (
	"slices"
	"strings"
)

// Display returns a field's value as a person reads it: labels of choices, one line for each entry of a list or
// table, "" for what is not there. What a Content does not hold (secrets) is never shown.
func (f Field) Display(c Content) string {
	switch f.Type {
	case TypeYesNo, TypeSwitch, TypeChoice:
		return optionLabel(f.Options, c.Text(f.Key))
	case TypeChoices:
		labels := withoutBlankTexts(c.List(f.Key))
		for i, value := range labels {
			labels[i] = optionLabel(f.Options, value)
		}
		return strings.Join(labels, "\n")
	case TypeRows:
		return f.displayRows(c)
	}
	return c.Text(f.Key)
}

func (f Field) displayRows(c Content) string {
	var lines []string
	for _, row := range c.Rows(f.Key) {
		var cells []string
		for _, column := range f.Columns {
			if cell := column.Display(rowContent(row)); cell != "" {
				cells = append(cells, cell)
			}
		}
		if cells != nil {
			lines = append(lines, strings.Join(cells, " · "))
		}
	}
	return strings.Join(lines, "\n")
}

// optionLabel returns the label of a value, or the value itself where it is not among the options.
func optionLabel(options []Option, value string) string {
	if at := slices.IndexFunc(options, func(o Option) bool { return o.Value == value }); at >= 0 {
		return options[at].Label
	}
	return value
}
