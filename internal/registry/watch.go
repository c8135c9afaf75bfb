package registry

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/secret"
)

// alarmAfter is how many looks in a row must end badly before anybody is told: a server may have a bad night.
const alarmAfter = 3

// Watch is what the daily looks at a published integration have shown. A look is a lab run that only reads.
type Watch struct {
	At      time.Time `json:"at,omitzero"`        // when the last look ended; zero before the first
	Outcome Outcome   `json:"outcome,omitempty"`  // how
	InARow  int       `json:"in_a_row,omitempty"` // how many looks have ended like this without another in between
	RunID   string    `json:"run_id,omitempty"`   // of the last look
}

// after is the watch with one more look.
func (w Watch) after(v Verdict) Watch {
	next := Watch{At: v.At, Outcome: v.Outcome, InARow: 1, RunID: v.RunID}
	if v.Outcome == w.Outcome {
		next.InARow += w.InARow
	}
	return next
}

// alarm is what the last look leads to: once when the third in a row has failed, or could not be taken.
func (w Watch) alarm() Action {
	switch {
	case w.InARow != alarmAfter:
		return ""
	case w.Outcome == Failed:
		return Doubt
	case w.Outcome == NotRun:
		return Miss
	}
	return ""
}

// Text says how the looks stand: "Passed", "Failed 3 times in a row".
func (w Watch) Text() string {
	text := map[Outcome]string{Passed: "Passed", Failed: "Failed", NotRun: "Not run"}[w.Outcome]
	if w.Outcome != Passed && w.InARow > 1 {
		text += fmt.Sprintf(" %d times in a row", w.InARow)
	}
	return text
}

// Doubtful reports whether so many looks in a row have failed that customers were told.
func (w Watch) Doubtful() bool { return w.Outcome == Failed && w.InARow >= alarmAfter }

// look puts into the change what a verdict means for the listing that shows this content. A pass renews the day on which
// it was last proven.
func (t *turn) look(v Verdict) error {
	l := t.dossier.Listing
	if l == nil || l.SubmissionID != v.SubmissionID || l.Hash != v.Hash {
		return nil
	}
	next := *l
	if v.Outcome == Passed {
		next.ProvenAt = v.At
	}
	next.Watch = l.Watch.after(v)
	if do := next.Watch.alarm(); do != "" && l.Visible() {
		_, event, err := AdvanceListing(next, do, access.System, Facts{}, t.now)
		if err != nil {
			return err
		}
		t.do = do
		t.setReason("", "%s", v.Reason)
		t.record(event)
	}
	next.Version++
	t.change.Listing = &next
	return nil
}

// lookAgain starts the daily look. Where there is nothing to look at, or nothing to look with, it lets the day pass: the
// timer that called it is set again by the table.
func (t *turn) lookAgain() {
	t.change.Events = nil // the run itself is on record
	l := t.dossier.Listing
	switch {
	case l == nil || l.SubmissionID != t.before.ID:
	case !l.Visible():
		t.forget(isConnection) // nobody installs it any more
	case len(t.facts.Connection) == 0 && labIdle.holds(attempt{sub: t.before, facts: t.facts, now: t.now}) == nil:
		t.startRun(ForWatch)
	}
}

func isConnection(key string) bool  { return strings.HasPrefix(key, connectionPrefix) }
func isTestAccount(key string) bool { return !isConnection(key) }

// forget removes the stored secrets whose keys are meant.
func (t *turn) forget(meant func(key string) bool) {
	for _, m := range t.dossier.Secrets {
		if meant(m.Key) {
			t.setSecret(m.Key, secret.Text{})
		}
	}
}

// replacedConnection removes the test connection of the version that a newer one replaces: that one is looked at from now on.
func (t *turn) replacedConnection(ctx context.Context, old Submission) ([]Secret, error) {
	d, err := t.s.Store.Dossier(ctx, Scope{All: true}, old.ID)
	if err != nil {
		return nil, err
	}
	gone := &turn{s: t.s, actor: access.System, now: t.now, dossier: d}
	gone.forget(isConnection)
	return gone.change.Secrets, nil
}
