package lab

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
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
	if m.PerSecond != 0 {
		t.Errorf("%.1f look-ups a second were measured without a load", m.PerSecond)
	}
	var text, page bytes.Buffer
	if err := report.WriteText(&text, rep); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteHTML(&page, rep); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), page.String()} {
		if !strings.Contains(out, "Forms of PATCH proven") || !strings.Contains(out, "the userName stays taken") || !strings.Contains(out, "not measured") {
			t.Errorf("a report does not say what was measured:\n%.2000s", out)
		}
	}
}

// What DELETE has left behind decides what is said of it, not that it was answered with success.
func TestMeasuredDeletes(t *testing.T) {
	for defect, want := range map[string]string{
		"users.delete.then-404": "only deactivates; the user stays, and is shown",
		"users.delete.recreate": "for good; the userName stays taken",
		"users.delete.204":      "",
		"users.get.404":         "for good; the userName is free again",
	} {
		rep, _ := verifyOnly(t, []string{users}, defect)
		if m := rep.Measured; m == nil || m.Deletes != want {
			t.Errorf("%s: deletes %q, want %q", defect, m.Deletes, want)
		}
	}
}

// The profile names the limit that was met, and what was served below it.
func TestMeasuredRateLimit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		limited bool
		only    []string
		want    [2]string // look-ups a second, and the limit
	}{
		{"nobody looked", false, []string{"users.get.200"}, [2]string{"not measured", "not measured"}},
		{"none was met", false, []string{sustained}, [2]string{"at least ", "none was met"}},
		{"one was met", true, []string{sustained}, [2]string{" served", "asked to slow down 3 times (429); it names RateLimit-Limit: 20; it wants a wait of 7s"}},
	} {
		var n atomic.Int64
		base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			if tt.limited && r.URL.Query().Get("count") == "1" && strings.Contains(r.URL.Query().Get("filter"), "ada") && n.Add(1) > 3 && n.Load() <= 6 {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("RateLimit-Limit", "20")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			sound.ServeHTTP(w, r)
		})
		s := subject(base)
		s.Only, s.Expensive = tt.only, true
		lines := map[string]string{}
		for _, line := range Run(t.Context(), s, Unwatched{}).Measured.Lines() {
			lines[line[0]] = line[1]
		}
		if got := [2]string{lines["Look-ups a second"], lines["Rate limit"]}; !strings.Contains(got[0], tt.want[0]) || got[1] != tt.want[1] {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
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
