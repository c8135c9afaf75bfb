package expression

import "strings"

// Part is a stretch of a template's text, a template itself: an expression with its ${ and }, or what stands between two.
type Part struct {
	Source     string
	Expression bool
}

// Parts takes a text apart as CompileTemplate does, for callers that treat the values inside of a text in their own way, as
// a path escapes them. Its error is an *Error.
func Parts(text string) ([]Part, error) {
	pieces, err := scan(text)
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(pieces))
	for i, p := range pieces {
		if p.expression {
			parts[i] = Part{"${" + p.text + "}", true}
		} else {
			parts[i] = Part{Source: strings.ReplaceAll(p.text, "${", "$${")}
		}
	}
	return parts, nil
}
