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

	aside bool // what it is about is no longer declared or there: that is neither better nor worse
}

// Better reports that what was wrong no longer is.
func (c Change) Better() bool { return wrong(c.Was) && !wrong(c.Is) && c.Is != NotRun }

// Worse reports that something is wrong now that was not, or that what was proved no longer is.
func (c Change) Worse() bool {
	return !wrong(c.Was) && wrong(c.Is) || c.Was == Passed && c.Is == NotRun && !c.aside
}

func wrong(v Verdict) bool { return v == Failed || v == Warned }

// Compare returns the checks that ended otherwise in after than in before: what is worse first, then what is better, then
// the rest, each in the order of the catalogue. Two runs of one target with one catalogue that differ in nothing return
// none. A run that was confined to a part says nothing about the checks that it was not asked for.
func Compare(before, after Report) []Change {
	was, is := resultsOf(before), resultsOf(after)
	var changes []Change
	for _, c := range after.Checks {
		earlier, there := was[c.ID]
		if earlier.Verdict != c.Verdict && before.asked(earlier, there) && after.asked(c, true) {
			changes = append(changes, Change{ID: c.ID, Title: c.Title, Was: earlier.Verdict, Is: c.Verdict, aside: c.Outcome == NotApplicable || c.Outcome == Info})
		}
	}
	for _, c := range before.Checks {
		if _, there := is[c.ID]; !there && after.asked(Result{}, false) {
			changes = append(changes, Change{ID: c.ID, Title: c.Title, Was: c.Verdict})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return a.rank() - b.rank() })
	return changes
}

// asked reports whether the run was asked for a check: one with Only is not asked for what it lacks, one that only reads not
// for what would write, which then does not apply.
func (r Report) asked(c Result, there bool) bool {
	return (there || len(r.Only) == 0) && (!r.ReadOnly || c.Outcome != NotApplicable)
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

func resultsOf(r Report) map[string]Result {
	all := make(map[string]Result, len(r.Checks))
	for _, c := range r.Checks {
		all[c.ID] = c
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
