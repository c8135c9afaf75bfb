package lab

import (
	"slices"
	"testing"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

// readOnly lets the lab look at a server with three people in it, who were there before, and returns what it asked for.
func readOnly(t *testing.T, defects ...string) (report.Report, []scimtest.Entry) {
	t.Helper()
	server := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(defects...))
	base, stop := server.Start()
	t.Cleanup(stop)
	client, err := scim.NewClient(base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(token)))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"Ada", "Ben", "Cleo"} {
		if _, err := client.Create(t.Context(), "Users", namesFrom(1).plainUser(who, who, "Sample")); err != nil {
			t.Fatal(err)
		}
	}
	before := len(server.Journal())
	s := subject(base)
	s.ReadOnly = true
	rep := Run(t.Context(), s, Unwatched{})
	return rep, server.Journal()[before:]
}

// TestAReadOnlyRunWritesNothing counts what arrived at the target, not what the report says about it.
func TestAReadOnlyRunWritesNothing(t *testing.T) {
	rep, asked := readOnly(t)
	if rep.Verdict != report.Passed || !rep.ReadOnly || len(rep.Warnings) == 0 {
		t.Errorf("%s: %s, read-only %v, warnings %q", rep.Verdict, rep.Reason, rep.ReadOnly, rep.Warnings)
	}
	if got := found(rep); len(got) > 0 {
		t.Errorf("findings on a sound server: %v\n%s", got, explain(rep))
	}
	for _, e := range asked {
		if (ask{method: e.Method, path: e.Path}).writes() {
			t.Errorf("a run that only reads sent %s %s", e.Method, e.Path)
		}
	}
	if len(asked) < 60 {
		t.Errorf("only %d lines of the journal: that proves little", len(asked))
	}
}

// TestAReadOnlyRunFindsWhatReadingShows asks for defects that show without an account of the lab's own.
func TestAReadOnlyRunFindsWhatReadingShows(t *testing.T) {
	for _, defect := range []string{"filter.eq.really-filters", "filter.eq.none", "page.count", "page.beyond-end", "users.get.404", "auth.bad-token-401"} {
		rep, _ := readOnly(t, defect)
		if !slices.Contains(found(rep), defect) {
			t.Errorf("%s is not found\n%s", defect, explain(rep))
		}
	}
}
