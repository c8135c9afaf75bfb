package views

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// SubmissionPage is the frame of every page about one submission: name, version, state, the tabs and the card.
type SubmissionPage struct {
	Page
	Submission registry.Submission
	StateLabel string // the state's name for this reader
	Tab        string // which tab is open
	Tabs       []TabLink
	Card       ProgressCard
	Behalf     string // for which org one is working; "" for the team
}

// TabLink is one tab of a submission.
type TabLink struct {
	Key, Label, Note string // Note is a small count or percentage behind the label
}

// ProgressCard stays in view beside the form.
type ProgressCard struct {
	ID       string // of the submission
	Version  int64  // the version that this reader's form is based on
	Sections []manifest.SectionProgress
	SavedAt  time.Time
	SavedAgo string // "Saved just now"
	Ready    bool   // nothing is missing: submit will be accepted
	Submit   string // label of the button; "" where there is none
	SubmitTo string // where the button sends
	Next     string // a sentence on what is next, "" for none
	NextTo   string // where one does that
}

// FormPage is the form of one tab.
type FormPage struct {
	SubmissionPage
	Sections   []FormSection
	Problem    *Problem // the summary on top, after an explicit save
	Note       string   // what the page says about a tab that cannot be filled in
	Connection *ConnectionForm
}

// Problem is the error summary: each line links to its field.
type Problem struct {
	Title string
	Lines []ProblemLine
}

// ProblemLine is one line of a summary.
type ProblemLine struct{ Key, Text string }

// FormSection is a heading with its fields.
type FormSection struct {
	Title  string
	Fields []FieldView
}

// FieldView is one field as the form shows it: the declaration, and what was typed.
type FieldView struct {
	manifest.Field
	Name      string   // of the input: the key, or a cell's "scim.variables.0.label"
	Text      string   // what was typed
	List      []string // of choices, blank entries included
	Left      [][]manifest.Option
	Rows      [][]FieldView // cells, row by row
	CanAdd    bool
	Must      bool
	Problems  []manifest.Problem // of this input; what is only missing is not among them
	Findings  []string           // what the team said about it
	Stored    string             // for a secret: "Stored on 3 May 2026.", "" if it is not
	Removable bool               // the secret can be removed without a new one
	Closed    []string           // values of options that cannot be chosen
	Preview   string             // what an address becomes with sample values, "" for none
	Reference string             // how other fields refer to this one, "" for no way
	LogoURL   string
	Run       *RunLine // of evidence: the newest run of this content; nil for none
}

// Bad reports whether something was typed that counts as wrong.
func (f FieldView) Bad() bool {
	for _, p := range f.Problems {
		if p.Severity == manifest.SeverityError {
			return true
		}
	}
	return len(f.Findings) > 0
}

// ID is the input's id, which error summaries link to.
func (f FieldView) ID() string { return fieldID(f.Name) }

// DescribedBy names what a screen reader reads with the input.
func (f FieldView) DescribedBy() string { return f.ID() + "-help " + f.ID() + "-say" }

// Repeats reports whether the choices are picked one by one, because not all may be taken.
func (f FieldView) Repeats() bool {
	return f.Type == manifest.TypeChoices && f.Max < len(f.Options)
}

// Chosen reports whether an option is taken.
func (f FieldView) Chosen(value string) bool {
	for _, v := range f.List {
		if v == value {
			return true
		}
	}
	return f.Text == value
}

// Radio reports whether the options are few enough to stand side by side.
func (f FieldView) Radio() bool {
	return f.Type == manifest.TypeYesNo || f.Type == manifest.TypeChoice && len(f.Options) <= 4 && !strings.Contains(f.Name, ".0") && strings.Count(f.Name, ".") < 3
}

// InputType is the HTML type of a one-line input. Addresses are "text": browsers must not refuse what the form keeps.
func (f FieldView) InputType() string {
	if f.Type == manifest.TypeSecret {
		return "password"
	}
	return "text"
}

// InputMode lets a phone show the right keys.
func (f FieldView) InputMode() string {
	switch f.Type {
	case manifest.TypeURL, manifest.TypeTemplate:
		return "url"
	case manifest.TypeEmail:
		return "email"
	case manifest.TypePhone:
		return "tel"
	case manifest.TypeInteger:
		return "numeric"
	}
	return "text"
}

func (f FieldView) entry(i int) string { return f.Name + "." + strconv.Itoa(i) }

// ConnectionForm is the test connection: one input for each value that is kept sealed.
type ConnectionForm struct {
	Fields []FieldView
	About  string // what the values are for
	Note   string // why it is empty or what happened to it
	Action string
}

// SavedPart answers an autosave.
type SavedPart struct {
	Card     ProgressCard
	Sections []FormSection // nil while the same fields are shown
	Say      []FieldView
}

// ConflictPage asks to choose between two people's texts.
type ConflictPage struct {
	SubmissionPage
	Choice ConflictChoice
}

// ConflictChoice is the choice itself, as a part of a page.
type ConflictChoice struct {
	ID, Tab string
	Version int64
	Clashes []Clash
}

// Clash is one field with both texts, and the inputs that send one's own again.
type Clash struct {
	Key, Label, Mine, Theirs, By string
	Inputs                       []Input
}

// Input is a name and a value of a form.
type Input struct{ Name, Value string }

func percent(n int) string { return strconv.Itoa(n) + "%" }

// invalid marks an input whose value counts as wrong.
func invalid(f FieldView) templ.Attributes {
	if !f.Bad() {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true"}
}

func severityClass(s manifest.Severity) string {
	switch s {
	case manifest.SeverityError:
		return "text-danger"
	case manifest.SeverityWarning:
		return "text-warning"
	}
	return "text-secondary"
}

func severityIcon(s manifest.Severity) string {
	if s == manifest.SeverityHint {
		return "info-circle"
	}
	return "alert-triangle"
}

// stateColor is a badge's colour; the words beside it say the same.
// StateColor is a state's colour; the words beside it say the same.
func StateColor(s registry.State) string { return stateColor(s) }

func stateColor(s registry.State) string {
	switch s.Turn() {
	case registry.TurnVendor:
		return "bg-orange-lt"
	case registry.TurnTeam:
		return "bg-azure-lt"
	case registry.TurnSlipway:
		return "bg-azure-lt"
	}
	if s == registry.Published || s == registry.Listed {
		return "bg-green-lt"
	}
	return "bg-secondary-lt"
}
