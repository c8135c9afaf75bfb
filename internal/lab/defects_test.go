package lab

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/require"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

const (
	token       = "canary-token-9c1e77"
	otherToken  = "canary-tenant-51b0d2" // of another tenant
	readerToken = "canary-reader-e07a34" // of somebody who may only read
)

// subject is a target on this machine, judged with little patience.
func subject(base string) Subject {
	return Subject{
		BaseURL: base, Auth: scim.Bearer(secret.NewText(token)), Policy: egress.AllowPrivate(), Seed: 7,
		Patience: slowness / 2, Settle: time.Millisecond, Sustain: 400 * time.Millisecond, Rate: 10_000,
	}
}

// slowness is what the defect conn.latency.max takes; every sound answer takes far less.
const slowness = 6 * time.Second

// verify runs the catalogue against scimtest with the defects on.
func verify(t *testing.T, defects ...string) (report.Report, *scimtest.Server) {
	t.Helper()
	return verifyOnly(t, nil, defects...)
}

// verifyOnly runs a part of it. What is expensive runs only where it is what the test is about.
func verifyOnly(t *testing.T, only []string, defects ...string) (report.Report, *scimtest.Server) {
	t.Helper()
	patient := len(defects) == 0 || slices.Contains(append(defects, only...), "cursor.expired") // the one check that takes its time
	options := []scimtest.Option{
		scimtest.WithToken(token), scimtest.WithEntitlements(), scimtest.WithDefects(defects...), scimtest.WithSlowness(slowness),
		scimtest.WithTenant(otherToken), scimtest.WithReader(readerToken),
	}
	if patient {
		options = append(options, scimtest.WithCursorTimeout(3*time.Second))
	}
	server := scimtest.New(options...)
	base, stop := server.Start()
	t.Cleanup(stop)
	s := subject(base)
	s.Only, s.Expensive = only, patient || slices.ContainsFunc(slices.Concat(only, defects), isExpensive)
	s.Other, s.Reader = scim.Bearer(secret.NewText(otherToken)), scim.Bearer(secret.NewText(readerToken))
	return Run(t.Context(), s, Unwatched{}), server
}

func isExpensive(id string) bool {
	return slices.ContainsFunc(Checks(), func(c Check) bool { return c.ID == checkOf(id) && c.expensive })
}

// found are the checks that are not as they should be. Plain http is how scimtest is reached, not a defect of it.
func found(r report.Report) []string {
	var ids []string
	for _, c := range r.Checks {
		if (c.Verdict == report.Failed || c.Verdict == report.Warned || c.Outcome == report.Deviation) && c.ID != "conn.base-url.https" {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestCompliantServerHasNoFinding(t *testing.T) {
	rep, server := verify(t)
	if got := found(rep); len(got) > 0 || rep.Verdict != report.Passed {
		t.Errorf("%s: %s; findings %v", rep.Verdict, rep.Reason, got)
	}
	for _, c := range rep.Checks {
		if c.Verdict == report.NotRun && !shownByTLS(c.ID) && !isExpensive(c.ID) {
			t.Errorf("%s did not run: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
	if left := len(server.Users()) + len(server.Groups()); left != 0 || len(rep.Leftovers) != 0 {
		t.Errorf("%d objects stay, %v are named", left, rep.Leftovers)
	}
}

// TestEachDefectIsFound turns one switch on at a time: exactly its findings, in its family and in the families that
// these lie in. `make soak RUN=TestEachDefectIsFound N=1` runs the whole catalogue for each; TestTwoDefectsAreFoundTogether
// always does.
func TestEachDefectIsFound(t *testing.T) {
	for i, d := range scimtest.Defects() {
		if thinned(i) {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			rep, _ := verifyOnly(t, around(d.Name), d.Name)
			got := slices.DeleteFunc(found(rep), func(id string) bool { return slices.Contains(blurs[d.Name], id) })
			if want := expected(d.Name); !slices.Equal(got, want) {
				t.Errorf("%s\nfound %v\nwant  %v\n%s", d.Doc, got, want, explain(rep))
			}
		})
	}
}

// thinned leaves out most under the race detector.
func thinned(i int) bool { return require.Racing && !require.Soaking() && i%25 != 0 }

// around are the families in which a defect shows; nil, which is everything, where there is time for it.
func around(defect string) []string {
	if require.Soaking() {
		return nil
	}
	families := []string{users} // whose accounts many defects show in
	for _, c := range Checks() {
		if slices.Contains(expected(defect), c.ID) {
			families = append(families, c.Family)
		}
	}
	return families
}

// TestACheckAloneIsItself asks for one check at a time: with what it needs, and without what it does not, it comes to
// the same end.
func TestACheckAloneIsItself(t *testing.T) {
	for i, c := range Checks() {
		if thinned(i) {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			rep, server := verifyOnly(t, []string{c.ID})
			i := slices.IndexFunc(rep.Checks, func(r report.Result) bool { return r.ID == c.ID })
			if i < 0 || rep.Checks[i].Verdict != report.Passed && c.ID != "conn.base-url.https" && !shownByTLS(c.ID) {
				t.Errorf("alone it does not pass:\n%s", explain(rep))
			}
			if left := len(server.Users()) + len(server.Groups()); left != 0 {
				t.Errorf("%d objects stay", left)
			}
		})
	}
}

func explain(r report.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if c.Outcome != report.Pass && c.Outcome != report.Blocked {
			fmt.Fprintf(&b, "%-14s %-32s %s\n", c.Outcome, c.ID, c.Message)
		}
	}
	return b.String()
}

// checkOf is the check that looks for the defect: see scimtest.Defect.
func checkOf(defect string) string {
	id, _, _ := strings.Cut(defect, "/")
	return id
}

func expected(defects ...string) []string {
	var ids []string
	for _, d := range defects {
		ids = append(append(ids, checkOf(d)), follows[d]...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestTwoDefectsAreFoundTogether draws pairs by a seed. What one defect keeps from being checked is not found, but
// then it must be blocked by what the other broke.
func TestTwoDefectsAreFoundTogether(t *testing.T) {
	all, pairs := slices.DeleteFunc(scimtest.Defects(), func(d scimtest.Defect) bool { return isExpensive(d.Name) }), 100
	random := rand.New(rand.NewPCG(1, 2))
	for i := range pairs {
		a, b := all[random.IntN(len(all))].Name, all[random.IntN(len(all))].Name
		if a == b || thinned(i) {
			continue
		}
		t.Run(a+" and "+b, func(t *testing.T) {
			t.Parallel()
			rep, _ := verify(t, a, b)
			got := found(rep)
			for _, id := range got {
				if !slices.Contains(slices.Concat(expected(a, b), blurs[a], blurs[b]), id) {
					t.Errorf("%s is found, but neither defect explains it\n%s", id, explain(rep))
				}
			}
			for _, id := range expected(a, b) {
				if !slices.Contains(got, id) && !isBlockedBy(rep, id, got) && !slices.Contains(append(hides[a], hides[b]...), id) {
					t.Errorf("%s is not found\n%s", id, explain(rep))
				}
			}
		})
	}
}

// isBlockedBy reports whether id did not run because of one of the findings, directly or through others.
func isBlockedBy(r report.Report, id string, findings []string) bool {
	for _, c := range Checks() {
		if c.ID != id {
			continue
		}
		for _, need := range c.Needs {
			if slices.Contains(findings, need) || isBlockedBy(r, need, findings) {
				return true
			}
		}
	}
	return false
}
