package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"slipway/internal/fault"
)

// Answer is what the vendor says to a finding.
type AnswerKind string

const (
	Unanswered    AnswerKind = ""
	Fixed         AnswerKind = "fixed"           // the content was changed
	Disputed      AnswerKind = "disputed"        // the vendor holds it to be wrong; the note says why
	FixedOnServer AnswerKind = "fixed_on_server" // nothing to change in the form: please test again
)

// Label is the answer's name on pages.
func (a AnswerKind) Label() string {
	return map[AnswerKind]string{Unanswered: "Open", Fixed: "Fixed", Disputed: "Disputed", FixedOnServer: "Fixed on our server"}[a]
}

// Severity says how much a finding weighs.
type Severity string

const (
	Blocking Severity = "blocking" // it is not published like this
	Advice   Severity = "advice"   // should be better; does not hold it up by itself
)

// Finding is one thing the team asks to be changed, tied to a field or to a check of the lab.
type Finding struct {
	ID           string // "fnd_…"
	SubmissionID string
	Round        int    // in which return it was given, from 1
	Phase        State  // ToReview, ToQA or FinalReview
	Key          string // the field's key; "" when it is about a check or the whole
	CheckID      string // the lab's check, such as "users.create.201"; "" otherwise
	Severity     Severity
	Text         string // what is wrong
	Fix          string // what to do about it
	By           Person
	At           time.Time

	Answer     AnswerKind
	AnswerNote string
	AnsweredBy Person
	AnsweredAt time.Time
	ResolvedAt time.Time // zero while open: the team has not confirmed the answer
}

// Open reports whether the team still waits for this to be settled.
func (f Finding) Open() bool { return f.ResolvedAt.IsZero() }

// Title is one line that names the place and the text, for lists and mails.
func (f Finding) Title() string {
	place := f.Key
	if place == "" {
		place = f.CheckID
	}
	if place == "" {
		return f.Text
	}
	return place + ": " + f.Text
}

// Findings are those of one submission, oldest first.
type Findings []Finding

// Open returns the findings that are not resolved.
func (all Findings) Open() Findings {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return !f.Open() })
}

// Unanswered returns the open findings that the vendor has not answered.
func (all Findings) Unanswered() Findings {
	return slices.DeleteFunc(all.Open(), func(f Finding) bool { return f.Answer != Unanswered })
}

// For returns the open findings of one field.
func (all Findings) For(key string) Findings {
	return slices.DeleteFunc(all.Open(), func(f Finding) bool { return f.Key != key })
}

// resolve closes every open finding, save those the reviewer keeps: these lose their answer and wait anew.
func (all Findings) resolve(now time.Time, keep []string) (changed Findings) {
	for _, f := range all.Open() {
		if slices.Contains(keep, f.ID) {
			f.Answer, f.AnswerNote, f.AnsweredBy, f.AnsweredAt = Unanswered, "", Person{}, time.Time{}
		} else {
			f.ResolvedAt = now
		}
		changed = append(changed, f)
	}
	return changed
}

// NewFinding is what a reviewer writes.
type NewFinding struct {
	Key      string
	CheckID  string
	Severity Severity
	Text     string
	Fix      string
}

const maxFindingText = 5000

// check refuses a finding that a vendor could not act upon. n is its place in the list, from 0.
func (f NewFinding) check(n int, known func(key string) bool) []fault.Field {
	var bad []fault.Field
	add := func(part, message string) {
		bad = append(bad, fault.Field{Key: fmt.Sprintf("findings.%d.%s", n, part), Message: message})
	}
	if plain(f.Text) == "" {
		add("text", "Say what is wrong.")
	}
	if len(f.Text) > maxFindingText || len(f.Fix) > maxFindingText {
		add("text", "Use at most 5,000 bytes.")
	}
	if f.Key != "" && !known(f.Key) {
		add("key", "There is no such field.")
	}
	if f.Severity != Blocking && f.Severity != Advice {
		add("severity", "Choose blocking or advice.")
	}
	return bad
}

// plain is what a person wrote, without characters that cannot be seen and blanks around it. Lines stay lines.
func plain(text string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\ufffd"))
	return strings.TrimSpace(visible)
}
