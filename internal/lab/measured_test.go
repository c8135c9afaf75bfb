package lab

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/scimtest"
)

// What is measured is what the target does: the forms it takes, how it deletes, and how slowly it deactivates.
func TestMeasured(t *testing.T) {
	server := scimtest.New(scimtest.WithToken(token), scimtest.WithLatency(5*time.Millisecond), scimtest.WithDefects("patch.replace.valuepath", "users.delete.recreate", "filter.eq.username-case"))
	base, stop := server.Start()
	t.Cleanup(stop)
	large := subject(base)
	large.Seed, large.Expensive, large.Only = 8, true, []string{"groups.patch.add-many"}
	if m := Run(t.Context(), large, Unwatched{}).Measured; m == nil || m.MembersPerPatch != manyMembers {
		t.Errorf("members in one PATCH: %+v, want %d", m, manyMembers)
	}
	rep := Run(t.Context(), subject(base), Unwatched{})
	m := rep.Measured
	if m == nil {
		t.Fatal("nothing was measured")
	}
	if m.Median < 5*time.Millisecond || m.P95 < m.Median || m.Slowest < m.P95 || m.Deactivation < 10*time.Millisecond {
		t.Errorf("times: %+v", *m)
	}
	if !slices.Contains(m.Filters, "eq") || !slices.Contains(m.Patch, "without a path") || slices.Contains(m.Patch, "with a filter in the path") {
		t.Errorf("filters %v, forms of PATCH %v", m.Filters, m.Patch)
	}
	if m.Deletes != "for good; the userName stays taken" || m.SlowDowns != 0 {
		t.Errorf("deletes %q, slowed down %d times", m.Deletes, m.SlowDowns)
	}
	var text, page bytes.Buffer
	if err := report.WriteText(&text, rep); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteHTML(&page, rep); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), page.String()} {
		if !strings.Contains(out, "Forms of PATCH proven") || !strings.Contains(out, "the userName stays taken") {
			t.Errorf("a report does not say what was measured:\n%.2000s", out)
		}
	}
}

// Of a target that never answered there is nothing to tell.
func TestNothingMeasured(t *testing.T) {
	s := subject("http://127.0.0.1:1/scim")
	if rep := Run(t.Context(), s, Unwatched{}); rep.Measured != nil {
		t.Errorf("measured: %+v", rep.Measured)
	}
}
