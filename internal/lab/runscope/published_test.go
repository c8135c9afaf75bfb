package runscope

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

const bearerToken = "a-token-for-suites"

// scimServer starts a server with one complete account, which suites look at first.
func scimServer(t *testing.T, defects ...string) string {
	t.Helper()
	base, stop := scimtest.New(scimtest.WithToken(bearerToken), scimtest.WithDefects(defects...)).Start()
	t.Cleanup(stop)
	client, err := scim.NewClient(base, loopback(t), scim.Bearer(secret.NewText(bearerToken)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Create(t.Context(), "Users", scim.Resource{
		"schemas": []any{scim.SchemaUser}, "userName": "first@example.com", "active": true,
		"name": map[string]any{"givenName": "First", "familyName": "Account"}, "emails": []any{map[string]any{"value": "first@example.com", "primary": true}},
	})
	if err != nil && len(defects) == 0 {
		t.Fatal(err)
	}
	return base
}

func suiteOptions(t *testing.T, base, script string) Options {
	t.Helper()
	return Options{Client: loopback(t), InitialScript: script, Vars: CustomaryVars(base, "Bearer "+bearerToken), Seed: 7}
}

// A suite of our own in the published form: every request step is a check, and each defect turns its step red.
func TestPeopleSuite(t *testing.T) {
	s, script := load(t, "people.json")[0], string(fixture(t, "people.js"))
	if got := s.Summary(script).Needs; !cmp.Equal(got, []string{"SCIMBaseURL", "auth"}) {
		t.Errorf("needs %v", got)
	}
	for _, tt := range []struct {
		defect  string // "": none
		verdict report.Verdict
		red     []string // checks that failed or warned
		blocked []string
	}{
		{"", report.Passed, nil, nil},
		{"filter.eq.really-filters", report.Failed, []string{"step-4"}, nil},
		{"users.create.201", report.Failed, []string{"step-5"}, nil},
		{"users.create.duplicate-409", report.Failed, []string{"step-6"}, nil},
		{"groups.list.200", report.Passed, []string{"step-7"}, nil},
		{"auth.malformed-401", report.Failed, []string{"step-8"}, nil},
		{"users.get.404", report.Failed, []string{"step-9"}, nil},
		{"users.list.resources-key", report.Failed, []string{"step-1"}, []string{"step-3"}},
	} {
		t.Run("defect "+tt.defect, func(t *testing.T) {
			var defects []string
			if tt.defect != "" {
				defects = []string{tt.defect}
			}
			base := scimServer(t, defects...)
			result := Run(t.Context(), s, suiteOptions(t, base, script), nil)
			rep := result.Report(base, report.ProfileNetwork)
			var red, blocked []string
			for _, c := range rep.Checks {
				switch {
				case c.Outcome == report.Blocked:
					blocked = append(blocked, c.ID)
				case c.Verdict != report.Passed:
					red = append(red, c.ID)
					if c.Message == "" || c.Fix == "" || len(c.Exchanges) != 1 || c.Exchanges[0].Status == 0 {
						t.Errorf("%s must say what is wrong, what to do, and show the exchange: %+v", c.ID, c)
					}
				}
			}
			if rep.Verdict != tt.verdict || len(rep.Checks) != 8 || !cmp.Equal(red, tt.red) || !cmp.Equal(blocked, tt.blocked) {
				t.Errorf("verdict %s (%s) of %d checks, red %v, blocked %v; want %s, red %v, blocked %v",
					rep.Verdict, rep.Reason, len(rep.Checks), red, blocked, tt.verdict, tt.red, tt.blocked)
			}
		})
	}
}

// The lab's own rule for a verdict and ours agree on every fixture.
func TestReportAgreesWithTheLab(t *testing.T) {
	f := newFake(t)
	for _, file := range []string{"C01-headers.json", "C06-aliases.json", "C08-variables.json", "C14-edits.json", "C16-flow.json", "C18-bodies.json", "C20-auth.json"} {
		result := Run(t.Context(), load(t, file)[0], options(t, f, nil), nil)
		rep := result.Report(f.URL, report.ProfileRFC)
		verdict := rep.Verdict
		rep.Conclude("")
		if rep.Verdict != verdict {
			t.Errorf("%s: the lab concludes %s (%s) from the checks, the run %s (%s)", file, rep.Verdict, rep.Reason, verdict, result.Reason)
		}
		requests := 0
		for _, s := range result.Steps {
			if s.Kind == RequestStep && s.Iteration < 2 {
				requests++
			}
		}
		if len(rep.Checks) < requests {
			t.Errorf("%s: %d checks for %d request steps", file, len(rep.Checks), requests)
		}
		for _, c := range rep.Checks {
			if c.Verdict == report.Passed && (strings.HasPrefix(c.Title, "unsupported:") || strings.HasPrefix(c.Title, "blocked:")) {
				t.Errorf("%s: %s «%s» passed", file, c.ID, c.Title)
			}
		}
	}
}

func TestCustomaryVars(t *testing.T) {
	got := CustomaryVars("https://scim.example.com/v2/", "")
	if diff := cmp.Diff(map[string]string{"SCIMBaseURL": "https://scim.example.com/v2", "SCIMUrl": "https://scim.example.com/v2"}, got); diff != "" {
		t.Errorf("without an Authorization header a suite that needs one must be blocked (-want +got):\n%s", diff)
	}
}

// An edited copy may not look like the published suite.
func TestEditedCopyIsCalledOne(t *testing.T) {
	s := parse(t, `{"name":"Okta SCIM 2.0 SPEC Test","version":"1.0","steps":[{"step_type":"pause","duration":1}]}`)
	result := Run(t.Context(), s, Options{}, nil)
	if result.Origin != Modified || !strings.Contains(strings.Join(result.Warnings, "\n"), "edited copy") {
		t.Errorf("origin %s, warnings %v", result.Origin, result.Warnings)
	}
}

// published returns a file of the folder that SLIPWAY_SUITES names. The files are others' and no part of this project.
func published(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("SLIPWAY_SUITES")
	if folder == "" {
		t.Skip("set SLIPWAY_SUITES to the folder with the published suites to run them")
	}
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The published SPEC suite runs unmodified, but for its pauses, and every one of its request steps passes.
func TestPublishedSpecSuite(t *testing.T) {
	suites, err := Import(published(t, "Okta-SCIM-20-SPEC-Test.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{Name: "Okta SCIM 2.0 SPEC Test", Steps: map[Kind]int{RequestStep: 12, PauseStep: 11}, Assertions: 52, Extractors: 3, Scripts: 1,
		Pauses: time.Minute, Hosts: []string{"{{SCIMBaseURL}}"}, Needs: []string{"SCIMBaseURL", "auth"}}
	script := string(published(t, "Initial_Script_Spec.txt"))
	if diff := cmp.Diff(want, suites[0].Summary(script)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if origin, _ := Recognise(suites[0], Published); origin != Original {
		t.Errorf("recognised as %s", origin)
	}
	base := scimServer(t)
	result := Run(t.Context(), suites[0], suiteOptions(t, base, script), nil)
	checks := result.Report(base, report.ProfileNetwork)
	for _, c := range checks.Checks {
		t.Logf("%-8s %-7s %s %s: %s", c.ID, c.Verdict, c.Severity, c.Title, c.Message)
		if c.Verdict != report.Passed {
			t.Errorf("%s did not pass: %s", c.ID, c.Message)
		}
	}
	stored, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests in %s, of which the target took %s; result of %d bytes; left behind: %v", result.Requests, result.Duration, result.TargetTime, len(stored), result.Leftovers)
	if result.Verdict != report.Passed || checks.Counts != (report.Counts{Passed: 12}) || len(result.Leftovers) != 1 {
		t.Errorf("verdict %s (%s), counts %+v", result.Verdict, result.Reason, checks.Counts)
	}
}

// The published CRUD suite imports; to run it takes the management API that it calls on one side (C26).
func TestPublishedCRUDSuiteImports(t *testing.T) {
	suites, err := Import(published(t, "Okta-SCIM-20-CRUD-Test.json"))
	if err != nil {
		t.Fatal(err)
	}
	if origin, _ := Recognise(suites[0], Published); origin != Original {
		t.Errorf("recognised as %s", origin)
	}
	want := Summary{Name: "Okta SCIM 2.0 CRUD Test", Steps: map[Kind]int{RequestStep: 13, PauseStep: 6}, Assertions: 21, Extractors: 2,
		Pauses: 160 * time.Second, Hosts: []string{"{{SCIMUrl}}", "{{oktaOrgUrl}}"}, Needs: []string{"SCIMAuth", "SCIMUrl", "oktaAppId", "oktaOrgUrl", "oktaToken"}}
	if diff := cmp.Diff(want, suites[0].Summary(string(published(t, "Initial_Script_CRUD.txt")))); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// Covers C27: every report says where the suite comes from.
func TestOriginIsAFactOfTheReport(t *testing.T) {
	const steps = `","version":"1.0","steps":[{"step_type":"pause","duration":1}]}`
	for name, want := range map[string]string{
		"Okta SCIM 2.0 SPEC Test": "modified copy of Okta SCIM 2.0 SPEC Test",
		"Okta SCIM 1.1 CRUD Test": "name known, content not recognised",
		"Ours":                    "not known",
	} {
		result := Run(t.Context(), parse(t, `{"name":"`+name+steps), Options{}, nil)
		if got := result.Report("https://scim.example.com", report.ProfileNetwork).Origin; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if noted := len(result.Warnings) == 2; noted != (want != "not known") { // beside that of the pauses
			t.Errorf("%s: notes %q", name, result.Warnings)
		}
	}
}

// The published file, the same file after an export, and an edited copy.
func TestOriginOfPublishedSuite(t *testing.T) {
	file := published(t, "Okta-SCIM-20-CRUD-Test.json")
	var members map[string]json.RawMessage
	if err := json.Unmarshal(file, &members); err != nil {
		t.Fatal(err)
	}
	members["exported_at"] = json.RawMessage("99")
	exported, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	for want, data := range map[string]string{
		"published and unmodified":                 string(file),
		"published; re-exported, same content":     string(exported),
		"modified copy of Okta SCIM 2.0 CRUD Test": strings.Replace(string(file), `"204"`, `"200"`, 1),
	} {
		result := Run(t.Context(), parse(t, data), Options{Client: loopback(t)}, nil)
		if got := result.Report("https://scim.example.com", report.ProfileNetwork).Origin; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
