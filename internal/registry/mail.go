package registry

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"
	"unicode"

	"slipway/internal/manifest"
)

// MailID names a kind of mail, as in manager §4.5. Those from M-17 on, and M-02b, are ours.
type MailID string

const (
	M01  MailID = "M-01"  // submitted
	M01b MailID = "M-01b" // resubmitted
	M02  MailID = "M-02"  // verification failed
	M02b MailID = "M-02b" // verification could not be run
	M03  MailID = "M-03"  // findings
	M04  MailID = "M-04"  // initial review passed
	M05  MailID = "M-05"  // bugs
	M06  MailID = "M-06"  // published
	M07  MailID = "M-07"  // withdrawn
	M08  MailID = "M-08"  // rejected
	M09  MailID = "M-09"  // delisted or revoked
	M10  MailID = "M-10"  // the test account's secrets are purged
	M11  MailID = "M-11"  // to the team: something to review
	M12  MailID = "M-12"  // to customers: a new version
	M13  MailID = "M-13"  // to customers: delisted or revoked
	M14  MailID = "M-14"  // to customers: retirement
	M15  MailID = "M-15"  // the vendor has not moved
	M16  MailID = "M-16"  // the expected date has moved
	M17  MailID = "M-17"  // to the team: the lab breaks down
	M18  MailID = "M-18"  // to the team: removal or retirement asked for
	M19  MailID = "M-19"  // to the vendor: what was asked for about a listing is declined
	M20  MailID = "M-20"  // the daily look has failed three times in a row
	M21  MailID = "M-21"  // to customers: the same
	M22  MailID = "M-22"  // the daily look could not be taken three times in a row
)

// Mail is one letter in the outbox.
type Mail struct {
	ID           string // "mail_…"
	Kind         MailID
	To           []string
	Subject      string
	Body         string // plain text
	SubmissionID string
	OrgID        string // the vendor's
	CreatedAt    time.Time
}

// reader is who gets a kind of mail.
type reader string

const (
	theSubmitter reader = "submitter"
	theVendor    reader = "submitter and the org's admins"
	theVendorAnd reader = "submitter, the org's admins and the escalation contact"
	theParties   reader = "submitter, the org's admins and the assigned reviewer"
	theTeam      reader = "the network's team"
	theCustomers reader = "admins of orgs that installed it, a mail each"
)

// letter is the declaration of one kind of mail.
type letter struct {
	to      reader
	subject string
	body    string
}

// status ends every letter to a vendor: where it stands, what is expected when, and what is open.
const status = `

Status: {{.Status}}
Expected: {{.Expected}}
Open issues: {{.Issues}}
{{.Link}}
`

const findingList = `{{range .Findings}}
- {{.Title}}{{if .Fix}}
  What to do: {{.Fix}}{{end}}{{end}}`

// letters declares each mail once.
var letters = map[MailID]letter{
	M01: {theVendor, "{{.Title}} is in the queue",
		`{{.Title}} passed its checks and is in the queue for initial review.
Initial review is expected to be finished by {{.ETA}}.` + status},
	M01b: {theVendor, "{{.Title}} is in the queue again",
		`{{.Title}} was sent back to the network's team and keeps its place in the queue.
The next decision is expected by {{.ETA}}.` + status},
	M02: {theSubmitter, "{{.Title}}: verification failed",
		`The lab found problems that stand in the way, so {{.Title}} is a draft again. Nothing was put into the queue.
{{range .Failed}}
- {{.Title}} ({{.ID}}): {{.Message}}{{if .Fix}}
  What to do: {{.Fix}}{{end}}{{end}}` + status},
	M02b: {theSubmitter, "{{.Title}}: verification could not be carried out",
		`The lab tried several times and could not finish its run, so {{.Title}} is a draft again. This says nothing about your integration.
Why: {{.Reason}}
Run the lab again later; the network's team has been told.` + status},
	M03: {theVendor, "{{.Title}}: the initial review has findings",
		`The initial review is finished. Before {{.Title}} can go on, please look at the following:
` + findingList + `

Change what is asked for, or answer each finding on its page, and press Resubmit. It keeps its place in the queue.` + status},
	M04: {theVendor, "{{.Title}} passed the initial review",
		`{{.Title}} passed the initial review. QA has started and is expected to be finished by {{.ETA}}.` + status},
	M05: {theVendor, "{{.Title}}: QA found bugs",
		`QA found the following in {{.Title}}:
` + findingList + `{{if .Reason}}
{{.Reason}}{{end}}

Fix them in this same submission, run the lab again, and press Resubmit. No new submission is needed.` + status},
	M06: {theVendorAnd, "{{.Title}} is published",
		`{{.Title}} is in the catalog: {{.CatalogLink}}
What changed: {{.Changes}}` + status},
	M07: {theParties, "{{.Title}} was withdrawn",
		`{{.Title}} was withdrawn by {{.By}} and is out of the queue. It can be opened again as a draft, with its content and its findings.` + status},
	M08: {theVendor, "{{.Title}} was rejected",
		`{{.Title}} was rejected.
Reason ({{.Code}}): {{.Reason}}
If you think that this is wrong, answer this mail or write to {{.Contact}}; another member of the team will look at it.` + status},
	M09: {theVendor, "{{.Name}} was removed from the catalog",
		`{{.Name}} is no longer in the catalog.
Reason ({{.Code}}): {{.Reason}}
{{if .Revoked}}It was removed for security: installations are warned or stopped.{{else}}Existing installations keep working until their admins remove them. Nobody can install it anew.{{end}}` + status},
	M10: {theVendor, "{{.Title}}: stored secrets are purged",
		`The secrets of the test account of {{.Title}} {{if .Purged}}were purged today{{else}}will be purged on {{.PurgeOn}}{{end}}, 30 days after publication.
Keep the account itself. The next update will ask for its secrets again.
The test connection stays sealed as long as the catalog shows this version: the network looks every day whether it still works. You can remove it on the page Lab.` + status},
	M11: {theTeam, "To review: {{.Title}}",
		`{{.Title}} of {{.Org}} waits for you: {{.Kind}}, {{.State}}.
Changed fields: {{.Changes}}
Due: {{.ETA}}
{{.Link}}
`},
	M12: {theCustomers, "{{.Title}} is available",
		`{{.Title}} of {{.Org}} is in the catalog: {{.CatalogLink}}
{{if .Breaking}}This update has breaking changes. Your installation stays on its version until you move it.
{{end}}What changed: {{.Changes}}
`},
	M13: {theCustomers, "{{.Name}} was removed from the catalog",
		`{{.Name}} of {{.Org}} is no longer in the catalog.
{{if .Revoked}}It was removed for security. Look at your installation now.{{else}}Your installation keeps working until you remove it.{{end}}
Reason: {{.Reason}}
Questions: {{.Contact}}
`},
	M14: {theCustomers, "{{.Name}} will be retired",
		`{{.Org}} retires {{.Name}} on {{.Date}}. It does not work any more after that day.
{{if .Successor}}What replaces it: {{.Successor}}, {{.SuccessorLink}}
{{end}}{{if .Reason}}{{.Reason}}
{{end}}Your installation stays as it is until you uninstall it.
Questions: {{.Contact}}
`},
	M15: {theVendor, "{{.Title}} waits for you",
		`{{.Title}} has waited for you for two weeks. These are open:
` + findingList + `

If nothing happens, it is withdrawn on {{.WithdrawOn}}. It can be opened again afterwards.` + status},
	M16: {theVendor, "{{.Title}}: new expected date",
		`{{.Title}} was expected to be decided by {{.OldETA}}. That date has passed without a decision, because the queue is slower than it was.
The new date is {{.ETA}}. The network's team has been told that it is late.` + status},
	M17: {theTeam, "The lab cannot verify {{.Title}}",
		`Four runs of {{.Title}} of {{.Org}} could not be carried out. It is a draft again.
Why: {{.Reason}}
{{.Link}}
`},
	M18: {theTeam, "{{.Name}}: removal or retirement asked for",
		`{{.Org}} asks you to remove or retire {{.Name}}: {{.CatalogLink}}
{{.Reason}}{{if .Date}}
Date: {{.Date}}{{end}}{{if .Successor}}
What replaces it: {{.Successor}}, {{.SuccessorLink}}{{end}}
Decide: {{.TeamLink}}
`},
	M19: {theVendor, "{{.Name}} stays in the catalog as it is",
		`The network's team declined what you asked for about {{.Name}}: {{.CatalogLink}}
Why: {{.Reason}}
If you think that this is wrong, answer this mail or write to {{.Contact}}.` + status},
	M20: {theVendorAnd, "{{.Title}} does not pass its daily check any more",
		`The network looks every day whether {{.Title}} still works, by requests that change nothing. The last three looks in a row have failed.
{{range .Failed}}
- {{.Title}} ({{.ID}}): {{.Message}}{{if .Fix}}
  What to do: {{.Fix}}{{end}}{{end}}

Nothing is switched off. The catalog says since when it was not proven, and the admins of orgs that have installed it are told.
If the token of the test connection has expired, enter a new one on the page Lab.` + status},
	M21: {theCustomers, "{{.Name}} does not pass its daily check any more",
		`The network looks every day whether {{.Name}} of {{.Org}} still works. The last three looks in a row have failed, and the vendor has been told.
Your installation goes on, and nothing was changed in it. If operations fail, its ledger shows which, and why.
The listing: {{.CatalogLink}}
Questions: {{.Contact}}
`},
	M22: {theVendor, "{{.Title}} could not be looked at",
		`The network looks every day whether {{.Title}} still works. The last three looks in a row could not be taken, so nothing is known either way.
Why: {{.Reason}}

Look whether the test connection still holds; it can be changed on the page Lab. The catalog goes on to show the day on which it was last proven.` + status},
}

// mailFacts is all that a letter may tell.
type mailFacts struct {
	Name, Title, Org, Kind    string // Title is "Acme, version 2"
	State                     string // as the team calls it
	Status, Expected, Issues  string // the three parts of R-146
	ETA, OldETA               string // dates
	Link, CatalogLink         string
	Findings                  Findings
	Failed                    []FailedCheck
	Reason, Code, By, Changes string
	Contact                   string
	Breaking, Revoked, Purged bool
	Date, PurgeOn, WithdrawOn string
	Successor, SuccessorLink  string // of a listing that is retired
	TeamLink                  string // the team's page about the listing
}

var letterTemplates = parseLetters()

func parseLetters() map[MailID]*template.Template {
	parsed := map[MailID]*template.Template{}
	for id, l := range letters {
		t := template.Must(template.New("subject").Parse(l.subject))
		template.Must(t.New("body").Parse(l.body))
		parsed[id] = t
	}
	return parsed
}

// write renders one kind of mail. What vendors typed stays on its line in the subject: no header can be smuggled in.
func (f mailFacts) write(id MailID) (subject, body string, err error) {
	var s, b bytes.Buffer
	if err := letterTemplates[id].ExecuteTemplate(&s, "subject", f); err != nil {
		return "", "", fmt.Errorf("write mail %s: %w", id, err)
	}
	if err := letterTemplates[id].ExecuteTemplate(&b, "body", f); err != nil {
		return "", "", fmt.Errorf("write mail %s: %w", id, err)
	}
	return oneLine(s.String()), b.String(), nil
}

// oneLine replaces control characters by blanks.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// dateText is a date as every mail and every page writes it.
func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("Monday, 2 January 2006")
}

// factsOf gathers what letters tell about a submission as it now stands.
func factsOf(s Submission, open Findings, changes []manifest.Change) mailFacts {
	f := mailFacts{
		Name: oneLine(s.Name()), Org: oneLine(s.OrgName), Kind: "a new integration", State: s.State.TeamLabel(),
		Title: fmt.Sprintf("%s, version %d", oneLine(s.Name()), s.Number), Status: s.State.Label(),
		ETA: dateText(s.ETA), Findings: open, Changes: changeText(s, changes),
		Breaking: manifest.ClassOf(changes) == manifest.Breaking,
	}
	if s.IsUpdate() {
		f.Kind = "an update"
	}
	f.Expected = f.expected(s)
	f.Issues = "none"
	if len(open) > 0 {
		f.Issues = fmt.Sprint(len(open))
	}
	return f
}

func (f mailFacts) expected(s Submission) string {
	switch {
	case f.ETA != "":
		return "a decision by " + f.ETA
	case s.State.Turn() == TurnVendor:
		return "it is your turn; the clock stands still"
	}
	return "nothing more"
}

func changeText(s Submission, changes []manifest.Change) string {
	if len(changes) == 0 {
		if s.IsUpdate() {
			return "nothing that customers see"
		}
		return "everything is new"
	}
	labels := make([]string, len(changes))
	for i, c := range changes {
		labels[i] = c.Label
	}
	return fmt.Sprintf("%d (%s)", len(changes), strings.Join(labels, ", "))
}

// distinct returns the addresses without blanks and repetitions, in order.
func distinct(addresses ...string) []string {
	var all []string
	for _, a := range addresses {
		if a != "" && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}
