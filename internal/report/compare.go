package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Change is a check that ended otherwise than in an earlier run.
type Change struct {
	ID    string
	Title string
	Was   Verdict // "" where the earlier run did not have the check
	Is    Verdict // "" where this run does not
}

// Better reports that what was wrong no longer is.
func (c Change) Better() bool { return wrong(c.Was) && !wrong(c.Is) && c.Is != NotRun }

// Worse reports that something is wrong now that was not.
func (c Change) Worse() bool { return !wrong(c.Was) && wrong(c.Is) }

func wrong(v Verdict) bool { return v == Failed || v == Warned }

// Compare returns the checks that ended otherwise in after than in before: what is worse first, then what is better, then
// the rest, each in the order of the catalogue. Two runs of one target with one catalogue that differ in nothing return
// none.
func Compare(before, after Report) []Change {
	was := verdicts(before)
	var changes []Change
	for _, c := range after.Checks {
		if was[c.ID] != c.Verdict {
			changes = append(changes, Change{ID: c.ID, Title: c.Title, Was: was[c.ID], Is: c.Verdict})
		}
	}
	is := verdicts(after)
	for _, c := range before.Checks {
		if _, there := is[c.ID]; !there {
			changes = append(changes, Change{ID: c.ID, Title: c.Title, Was: c.Verdict})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return a.rank() - b.rank() })
	return changes
}

func (c Change) rank() int {
	switch {
	case c.Worse():
		return 0
	case c.Better():
		return 1
	}
	return 2
}

func verdicts(r Report) map[string]Verdict {
	all := make(map[string]Verdict, len(r.Checks))
	for _, c := range r.Checks {
		all[c.ID] = c.Verdict
	}
	return all
}

// WriteChanges writes the comparison as lines: "worse", "better" or "changed", then the check.
func WriteChanges(w io.Writer, before, after Report) error {
	var b strings.Builder
	changes := Compare(before, after)
	fmt.Fprintf(&b, "Since the run of %s, %d checks ended otherwise.\n", before.Started.UTC().Format("2006-01-02 15:04 MST"), len(changes))
	for _, c := range changes {
		word := "changed"
		switch {
		case c.Worse():
			word = "worse"
		case c.Better():
			word = "better"
		}
		fmt.Fprintf(&b, "  %-8s %-32s %s, was %s\n", word, Printable(c.ID), cmp.Or(c.Is, "not there"), cmp.Or(c.Was, "not there"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
