package web

import (
	"slices"
	"strconv"

	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// formSections builds a tab of the form: each declared field that is shown, with what was typed, what is wrong
// with it, and what the team said about it.
func formSections(d registry.Dossier, ready registry.Readiness, tab manifest.Tab) []views.FormSection {
	b := fieldBuilder{content: d.Submission.Content, logo: views.SubmissionLogo(d.Submission), run: newestRun(d), problems: ready.Problems, opened: ready.Opened, findings: d.Findings, secrets: d.Secrets}
	var sections []views.FormSection
	for _, f := range manifest.FieldsOf(tab) {
		if !f.Shown(b.content) || f.Type == manifest.TypeConnection {
			continue
		}
		if len(sections) == 0 || sections[len(sections)-1].Title != f.Section {
			sections = append(sections, views.FormSection{Title: f.Section})
		}
		last := &sections[len(sections)-1]
		last.Fields = append(last.Fields, b.field(f))
	}
	return sections
}

// newestRun is the newest lab run of exactly the draft's present content; nil where there is none.
func newestRun(d registry.Dossier) *views.RunLine {
	verdict, ok := d.Verdicts.Of(d.Submission.Hash)
	if !ok {
		return nil
	}
	return &views.RunLine{
		Path: "/submissions/" + d.Submission.ID + "/runs/" + verdict.RunID, Verdict: string(verdict.Outcome), At: verdict.At, Current: true,
	}
}

// fieldBuilder makes views of declared fields.
type fieldBuilder struct {
	content  manifest.Content
	logo     string
	run      *views.RunLine
	problems []manifest.Problem
	opened   []string // values of gated options
	findings registry.Findings
	secrets  []registry.SecretMark
}

func (b fieldBuilder) field(f manifest.Field) views.FieldView {
	v := views.FieldView{
		Field: f, Name: f.Key, Text: b.content.Text(f.Key), List: b.content.List(f.Key),
		CanAdd: f.CanAdd(b.content), Must: f.Required(b.content), Problems: b.wrong(f.Key), Stored: b.stored(f.Key), Removable: true, Preview: f.Preview(b.content),
	}
	for _, o := range f.Options {
		// What is chosen can always be taken back.
		if o.Gated && !slices.Contains(b.opened, o.Value) && !v.Chosen(o.Value) {
			v.Closed = append(v.Closed, o.Value)
		}
	}
	for _, finding := range b.findings.For(f.Key) {
		v.Findings = append(v.Findings, finding.Text)
	}
	switch f.Type {
	case manifest.TypeLogo:
		v.LogoURL = b.logo
	case manifest.TypeEvidence:
		v.Run = b.run
	case manifest.TypeRows:
		v.Rows = b.rows(f)
	case manifest.TypeChoices:
		if v.Repeats() && len(v.List) == 0 {
			v.List = []string{""} // the first one stands open
		}
		for i := range v.List {
			v.Left = append(v.Left, f.OptionsLeft(b.content, i))
		}
	}
	return v
}

func (b fieldBuilder) rows(f manifest.Field) [][]views.FieldView {
	rows := b.content.Rows(f.Key)
	if len(rows) == 0 && f.Required(b.content) {
		rows = []map[string]string{{}}
	}
	var all [][]views.FieldView
	for i, row := range rows {
		var cells []views.FieldView
		for _, column := range f.Columns {
			name := f.Key + "." + strconv.Itoa(i) + "." + column.Key
			cells = append(cells, views.FieldView{
				Field: column, Name: name, Text: row[column.Key], Must: column.Required(b.content), Problems: b.wrong(name),
				Reference: column.Reference(row[column.Key]),
			})
		}
		all = append(all, cells)
	}
	return all
}

// wrong returns what is wrong with exactly this input. What is only missing is told by the percentage and on
// submitting: a form that nobody has filled in yet is not full of errors.
func (b fieldBuilder) wrong(key string) []manifest.Problem {
	return slices.DeleteFunc(slices.Clone(b.problems), func(p manifest.Problem) bool { return p.Key != key || p.Missing })
}

func (b fieldBuilder) stored(key string) string {
	for _, mark := range b.secrets {
		if mark.Key == key {
			return "Stored on " + views.Day(mark.SetAt) + "."
		}
	}
	return ""
}

// connectionForm is the test connection: of a secret the page shows only since when it is stored.
func connectionForm(d registry.Dossier, c registry.Connection) *views.ConnectionForm {
	b := fieldBuilder{content: d.Submission.Content, problems: c.Problems, secrets: d.Secrets}
	form := &views.ConnectionForm{
		Action: "/submissions/" + d.Submission.ID + "/connection",
		About:  "The lab makes accounts there and removes them again; reviewers test with it.",
	}
	if d.Submission.State == registry.Published {
		form.About = "The daily check reads it. Without its credentials the check ends."
	}
	for _, f := range manifest.ConnectionFields(d.Submission.Content) {
		v := b.field(f)
		v.Text = c.Shown[f.Key]
		form.Fields = append(form.Fields, v)
	}
	if len(form.Fields) == 0 {
		form.Note = "Choose an authentication mode above and save. Then the fields for your test tenant appear here. OAuth 2.0 comes with a later version: until then the lab cannot sign in with it."
	}
	return form
}
