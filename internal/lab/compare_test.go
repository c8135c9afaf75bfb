package lab

import (
	"testing"

	"slipway/internal/report"
)

// A defect that is mended, and on which no other check stands, shows as exactly that.
func TestCompareRealRuns(t *testing.T) {
	broken, _ := verifyOnly(t, []string{users}, "users.create.duplicate-scimtype")
	sound, _ := verifyOnly(t, []string{users})
	changes := report.Compare(broken, sound)
	if len(changes) != 1 || changes[0].ID != "users.create.duplicate-scimtype" || !changes[0].Better() {
		t.Errorf("mending it changed %v", changes)
	}
	if again := report.Compare(sound, broken); len(again) != 1 || !again[0].Worse() {
		t.Errorf("breaking it changed %v", again)
	}
}
