package report

import (
	"fmt"
	"slices"
	"testing"
)

// Two runs are compared check by check; what broke is read first.
func TestCompare(t *testing.T) {
	ended := func(verdicts ...any) (r Report) {
		for i := 0; i < len(verdicts); i += 2 {
			r.Checks = append(r.Checks, Result{ID: verdicts[i].(string), Verdict: verdicts[i+1].(Verdict)})
		}
		return r
	}
	before := ended("same", Passed, "fixed", Failed, "broke", Passed, "milder", Failed, "gone", Passed, "blocked", Failed, "unproved", Passed)
	after := ended("same", Passed, "fixed", Passed, "new", Failed, "broke", Warned, "milder", Warned, "blocked", NotRun, "unproved", NotRun)
	var got []string
	for _, c := range Compare(before, after) {
		word := "other"
		if c.Worse() {
			word = "worse"
		} else if c.Better() {
			word = "better"
		}
		got = append(got, fmt.Sprintf("%s %s %s>%s", word, c.ID, c.Was, c.Is))
	}
	want := []string{
		"worse new >failed", "worse broke passed>warned", "worse unproved passed>not_run", "better fixed failed>passed",
		"other milder failed>warned", "other blocked failed>not_run", "other gone passed>",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if same := Compare(before, before); len(same) != 0 {
		t.Errorf("a run differs from itself: %v", same)
	}
	part := ended("broke", Warned)
	part.Only = []string{"broke"}
	for _, tt := range []struct {
		name          string
		before, after Report
	}{{"a part after the whole", before, part}, {"the whole after a part", part, ended("broke", Passed, "same", Passed)}} {
		if got := Compare(tt.before, tt.after); len(got) != 1 || got[0].ID != "broke" {
			t.Errorf("%s: %v; what was not asked for has not changed", tt.name, got)
		}
	}
	aside := ended("same", NotRun)
	aside.Checks[0].Outcome = NotApplicable
	if got := Compare(ended("same", Passed), aside); len(got) != 1 || got[0].Worse() {
		t.Errorf("what no longer applies is worse: %v", got)
	}
	aside.ReadOnly = true
	if got := Compare(ended("same", Passed), aside); len(got) != 0 {
		t.Errorf("a run that only reads was not asked to write: %v", got)
	}
}
