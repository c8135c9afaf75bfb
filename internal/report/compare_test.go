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
	before := ended("same", Passed, "fixed", Failed, "broke", Passed, "milder", Failed, "gone", Passed, "blocked", Failed)
	after := ended("same", Passed, "fixed", Passed, "new", Failed, "broke", Warned, "milder", Warned, "blocked", NotRun)
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
		"worse new >failed", "worse broke passed>warned", "better fixed failed>passed",
		"other milder failed>warned", "other blocked failed>not_run", "other gone passed>",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if same := Compare(before, before); len(same) != 0 {
		t.Errorf("a run differs from itself: %v", same)
	}
}
