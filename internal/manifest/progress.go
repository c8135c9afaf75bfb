package manifest

import "slices"

// SectionProgress is how far one tab is.
type SectionProgress struct {
	Tab     Tab    `json:"tab"`
	Label   string `json:"label"`
	Done    int    `json:"done"`    // required fields that are valid
	Total   int    `json:"total"`   // required fields that are shown
	Percent int    `json:"percent"` // rounded down; 100 only if nothing in the tab blocks
}

// Progress returns one entry for each tab that is on. A blocking problem in a field that is not required adds
// that field to the total until it is mended, so 100 % never hides one.
func Progress(c Content, env Env) []SectionProgress { return progress(c, Validate(c, env)) }

// Complete reports whether the content can be submitted as far as the form tells: at least one protocol is
// on, and every tab that is on stands at 100 %.
func Complete(c Content, env Env) bool {
	problems := Validate(c, env)
	return !slices.ContainsFunc(problems, Problem.blocking) &&
		!slices.ContainsFunc(progress(c, problems), func(s SectionProgress) bool { return s.Percent < 100 })
}

func (p Problem) blocking() bool { return p.Severity == SeverityError }

func progress(c Content, problems []Problem) []SectionProgress {
	blocked := map[string]bool{}
	for _, p := range problems {
		if f, ok := Find(p.Key); ok && p.blocking() {
			blocked[f.Key] = true
		}
	}
	var sections []SectionProgress
	for _, tab := range Tabs() {
		if tab.On(c) {
			sections = append(sections, sectionProgress(tab, c, blocked))
		}
	}
	return sections
}

func sectionProgress(tab Tab, c Content, blocked map[string]bool) SectionProgress {
	s := SectionProgress{Tab: tab, Label: tab.Label()}
	for _, f := range fields {
		if f.Tab != tab || !f.Required(c) && !blocked[f.Key] {
			continue
		}
		s.Total++
		if !blocked[f.Key] {
			s.Done++
		}
	}
	s.Percent = 100 * s.Done / s.Total // every tab has required fields
	return s
}
