package views

import (
	"net/url"
	"strconv"
	"time"

	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/report"
)

// QueuePage is what waits for the network's team.
type QueuePage struct {
	Page
	Items   []QueueItem
	Waivers []WaiverItem
	Asked   []RequestLine // removals and retirements
}

// QueueItem is one submission that waits.
type QueueItem struct {
	Submission registry.Submission
	Kind       string // "New" or "Update"
	Overdue    bool
	Assignee   string
}

// WaiverItem is a waiver that waits for a decision.
type WaiverItem struct {
	registry.Waiver
	Name string // of the integration
}

// ReviewPage is a reviewer's workspace for one submission.
type ReviewPage struct {
	Page
	Submission  registry.Submission
	StateLabel  string
	Actions     map[registry.Action]bool // what this reader may do now
	First       []ContentLine            // what the team reads first: existing listing and change summary
	Content     []ContentTab
	Changes     []manifest.Change // against the published version
	Since       []manifest.Change // against what the team last saw
	Evidence    Evidence
	Findings    registry.Findings
	Waivers     registry.Waivers
	Checklist   []registry.ChecklistItem
	Events      []EventLine
	RejectCodes []manifest.Option
	Fields      []manifest.Option // to tie a finding to
	Problem     *Problem
	Drafts      []FindingDraft // one form row each; what was typed and refused stays
	Typed       url.Values     // the other inputs of a decision that was refused
	Preview     string         // path of the listing as it would be
}

// Evidence is what the lab says about exactly this content.
type Evidence struct {
	Verdict registry.Verdict
	NotRun  []NotRunLine
	Has     bool
	RunPath string
	Running bool
	Report  report.Report // the empty one where none is kept
}

// NotRunLine is a required check about which nothing is proved.
type NotRunLine struct {
	registry.OpenCheck
	Waiver string // who accepted that and until when; "" while it blocks
}

// FindingDraft is a finding that was typed and refused; it stays in the form.
type FindingDraft struct{ Key, Severity, Text, Fix string }

// ContentTab is the content of one tab as people read it.
type ContentTab struct {
	Title string
	Lines []ContentLine
}

// ContentLine is one field's value as people read it.
type ContentLine struct {
	Key, Label, Text string
	Link             string
	LogoURL          string
	Secret           bool
	Stored           bool
	Changed          bool
	Findings         []string
}

// SecretsPage shows a test account once, on the record.
type SecretsPage struct {
	Page
	Name    string
	Lines   []ContentLine
	Back    string
	Instruc string
}

// ReviewTab is the vendor's view of the team's part: findings to answer, waivers, what happened.
type ReviewTab struct {
	SubmissionPage
	Findings registry.Findings
	Waivers  registry.Waivers
	Events   []EventLine
	Actions  map[registry.Action]bool
	Problem  *Problem
	Runs     []RunLine
	Content  []ContentTab
}

// EventLine is one line of what happened.
type EventLine struct {
	Title, Who, Note string
	At               time.Time
}

// RunLine is one lab run in a list.
type RunLine struct {
	ID, Path, Verdict, Asked, Purpose string
	At                                time.Time
	Current                           bool   // it is about exactly the present content
	Compare                           string // where another run is held against it; "" where that makes no sense
}

func findingID(i int, part string) string { return fieldID("findings." + strconv.Itoa(i) + "." + part) }

// WaiverText is where a waiver stands, in words.
func WaiverText(s registry.WaiverState) string {
	return map[registry.WaiverState]string{registry.Asked: "Asked for", registry.Granted: "Granted", registry.Refused: "Refused"}[s]
}

// findingTitle names the place by its label, as the form does.
func findingTitle(f registry.Finding) string {
	if field, ok := manifest.Find(f.Key); ok && f.Key != "" {
		return field.Label + ": " + f.Text
	}
	return f.Title()
}
