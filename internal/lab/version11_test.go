package lab

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
	"slipway/internal/require"
	"slipway/scimtest"
)

// verify11 runs a part of the catalogue of SCIM 1.1, or all of it, against scimtest speaking 1.1 with the defects on.
func verify11(t *testing.T, only []string, defects ...string) (report.Report, *scimtest.Server) {
	t.Helper()
	server := scimtest.New(scimtest.Version11(), scimtest.WithToken(token), scimtest.WithDefects(defects...), scimtest.WithSlowness(slowness))
	base, stop := server.Start()
	t.Cleanup(stop)
	s := subject(base)
	s.Version, s.Only = SCIM11, only
	return Run(t.Context(), s, Unwatched{}), server
}

func TestCatalogue11(t *testing.T) {
	seen, defects := map[string]bool{}, map[string]bool{}
	for _, d := range slices.Concat(scimtest.Defects(), scimtest.Defects11()) {
		defects[d.Check()] = true
	}
	for _, c := range Catalogue(SCIM11) {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		for _, need := range append(slices.Clone(c.Needs), c.takes...) {
			if !seen[need] {
				t.Errorf("%s needs %s, which does not run before it", c.ID, need)
			}
		}
		seen[c.ID] = true
		if !defects[c.ID] && c.ID != "conn.base-url.https" && c.ID != "auth.credentials" {
			t.Errorf("%s is proven by no defect", c.ID)
		}
		for _, text := range []string{c.Title, c.Reference, c.Why, c.Fix, c.Severity.String()} {
			for _, word := range []string{"RFC 7643", "RFC 7644", "scimType", "ListResponse", "PatchOp", "ietf:params"} {
				if strings.Contains(text, word) || text == "" {
					t.Errorf("%s speaks of SCIM 2.0 (%s), or says nothing: %q", c.ID, word, text)
				}
			}
		}
		for _, need := range c.Needs {
			if other := checkNamed(Catalogue(SCIM11), need); c.Blocks(report.ProfileNetwork) && !other.Blocks(report.ProfileNetwork) {
				t.Errorf("%s blocks, %s, which it needs, does not", c.ID, need)
			}
		}
	}
	for _, d := range scimtest.Defects11() {
		if !seen[d.Name] {
			t.Errorf("no check looks for the defect %s", d.Name)
		}
	}
}

func checkNamed(all []Check, id string) Check {
	if i := slices.IndexFunc(all, func(c Check) bool { return c.ID == id }); i >= 0 {
		return all[i]
	}
	return Check{}
}

func TestCompliantServerOf11HasNoFinding(t *testing.T) {
	rep, server := verify11(t, nil)
	if got := found(rep); len(got) > 0 || rep.Verdict != report.Passed || rep.SCIM != string(SCIM11) {
		t.Errorf("%s: %s; findings %v\n%s", rep.Verdict, rep.Reason, got, explain(rep))
	}
	for _, c := range rep.Checks {
		if c.Verdict == report.NotRun {
			t.Errorf("%s did not run: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
	if left := len(server.Users()) + len(server.Groups()); left != 0 || len(rep.Leftovers) != 0 {
		t.Errorf("%d objects stay, %v are named", left, rep.Leftovers)
	}
}

// TestEachDefectIsFoundIn11 turns one switch on at a time, as TestEachDefectIsFound does for 2.0.
func TestEachDefectIsFoundIn11(t *testing.T) {
	for i, d := range slices.Concat(scimtest.Defects(), scimtest.Defects11()) {
		if checkNamed(Catalogue(SCIM11), d.Check()).ID == "" || thinned(i) {
			continue // of a check that SCIM 2.0 alone has
		}
		if slices.Contains(foreignTo11, d.Name) {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			rep, _ := verify11(t, around11(d.Name), d.Name)
			if want, got := expected11(d.Name), found(rep); !slices.Equal(got, want) {
				t.Errorf("%s\nfound %v\nwant  %v\n%s", d.Doc, got, want, explain(rep))
			}
		})
	}
}

// foreignTo11 are defects of what SCIM 1.1 does not have, or scimtest not in that version: searches by POST, and bulk.
var foreignTo11 = []string{"auth.all-methods/search-users", "auth.all-methods/search-groups", "auth.all-methods/search", "auth.all-methods/bulk"}

func expected11(defect string) []string {
	return slices.DeleteFunc(expected(defect), func(id string) bool { return checkNamed(Catalogue(SCIM11), id).ID == "" })
}

func around11(defect string) []string {
	if require.Soaking() {
		return nil
	}
	families := []string{users}
	for _, id := range expected11(defect) {
		families = append(families, checkNamed(Catalogue(SCIM11), id).Family)
	}
	return families
}

func TestACheckOf11AloneIsItself(t *testing.T) {
	for _, c := range Catalogue(SCIM11) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			rep, server := verify11(t, []string{c.ID})
			i := slices.IndexFunc(rep.Checks, func(r report.Result) bool { return r.ID == c.ID })
			if i < 0 || rep.Checks[i].Verdict != report.Passed && c.ID != "conn.base-url.https" {
				t.Errorf("alone it does not pass:\n%s", explain(rep))
			}
			if left := len(server.Users()) + len(server.Groups()); left != 0 {
				t.Errorf("%d objects stay", left)
			}
		})
	}
}

// A run of one version against a server of the other says which one that speaks, and nothing else.
func TestAServerOfTheOtherVersion(t *testing.T) {
	for _, tt := range []struct {
		run, speaks Version
		options     []scimtest.Option
	}{
		{SCIM11, SCIM20, nil},
		{SCIM20, SCIM11, []scimtest.Option{scimtest.Version11()}},
	} {
		server := scimtest.New(append(tt.options, scimtest.WithToken(token))...)
		base, stop := server.Start()
		s := subject(base)
		s.Version = tt.run
		rep := Run(t.Context(), s, Unwatched{})
		stop()
		if got := found(rep); rep.Verdict != report.Failed || !slices.Equal(got, []string{root}) ||
			!strings.HasPrefix(rep.Reason, "The server speaks SCIM "+string(tt.speaks)+", and this run verifies SCIM "+string(tt.run)) ||
			!slices.ContainsFunc(rep.Warnings, func(w string) bool { return strings.HasPrefix(w, "The server speaks SCIM "+string(tt.speaks)) }) {
			t.Errorf("%s: %s %s\nfound %v", tt.run, rep.Verdict, rep.Reason, got)
		}
	}
}

func TestAVersionThatIsNone(t *testing.T) {
	s := subject("http://127.0.0.1:1/scim")
	s.Version = "3.0"
	if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict != report.NotRun || !strings.Contains(rep.Reason, "3.0") {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
}

// PATCH and the description of the service are optional in SCIM 1.1: who has neither passes, and is told what is missing.
func TestALeanServerOf11Passes(t *testing.T) {
	server := scimtest.New(scimtest.Version11(), scimtest.WithToken(token))
	base, stop := server.Start()
	defer stop()
	server.On(scimtest.Rule{Method: "GET", PathPrefix: "/ServiceProviderConfigs", Effect: scimtest.Status(404)})
	server.On(scimtest.Rule{Method: "GET", PathPrefix: "/Schemas", Effect: scimtest.Status(404)})
	server.On(scimtest.Rule{Method: "PATCH", Effect: scimtest.Status(501)})
	s := subject(base)
	s.Version, s.Profile = SCIM11, report.ProfileRFC
	rep := Run(t.Context(), s, Unwatched{})
	if got := found(rep); rep.Verdict != report.Passed || !slices.Equal(got, []string{"v11.schemas", "v11.spc"}) {
		t.Errorf("%s %s\nfound %v\n%s", rep.Verdict, rep.Reason, got, explain(rep))
	}
	for _, c := range rep.Checks {
		if c.ID == "v11.spc" && c.Verdict != report.Warned || c.ID == "v11.patch.partial-active" && c.Outcome != report.NotApplicable {
			t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Message)
		}
	}
}
