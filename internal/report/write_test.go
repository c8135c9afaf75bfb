package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/secret"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"golang.org/x/net/html"
)

var writers = map[string]func(io.Writer, Report) error{"text": WriteText, "json": WriteJSON, "junit": WriteJUnit, "html": WriteHTML, "sarif": WriteSARIF}

func written(t *testing.T, format string, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := writers[format](&b, r); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// sample is a report with everything in it that a writer has to show.
func sample() Report {
	nasty := "\x1b[2J<script>alert(1)</script>\u202e]]>&"
	exchange := egress.Exchange{Method: "POST", URL: "https://vendor.example/Users?x=" + "1", Status: 500, ResponseBody: nasty,
		RequestHeader: http.Header{"Authorization": {"Bearer " + secret.Redacted}}, Duration: time.Millisecond}
	r := Report{
		CatalogueVersion: "2026.1", Profile: ProfileNetwork, Target: "https://vendor.example/scim", Started: time.Unix(0, 0), Duration: time.Second,
		Leftovers: []Object{{Resource: "Users", Name: "slipway-lab-x", ID: "7", Why: "DELETE answered 405."}}, Warnings: []string{"The target asked to slow down."},
		Checks: []Result{
			{ID: "a.pass", Title: "One", Family: "Users", Verdict: Passed, Outcome: Pass, Blocking: true},
			{ID: "b.fail", Title: "Two", Family: "Users", Verdict: Failed, Outcome: Fail, Blocking: true, Message: nasty, Why: "Why.", Fix: "Fix.", Reference: "RFC 7644 §3.3", Severity: RFC, Exchanges: []egress.Exchange{exchange}},
			{ID: "c.soft", Title: "Three", Family: "Groups", Verdict: Failed, Outcome: Fail, Message: "soft"},
			{ID: "d.warn", Title: "Four", Family: "Groups", Verdict: Warned, Outcome: Warn, Message: "warned"},
			{ID: "e.none", Title: "Five", Family: "Errors", Verdict: NotRun, Outcome: Blocked, Message: "Needs b.fail."},
			{ID: "f.waived", Title: "Six", Family: "Errors", Verdict: Failed, Outcome: Waived, Message: "waived", Waiver: &Waiver{Reason: "Known.", GrantedBy: "Rita", Expires: time.Unix(0, 0)}},
		},
	}
	r.Conclude("")
	return r
}

func TestTextForTerminals(t *testing.T) {
	text := written(t, "text", sample())
	for _, want := range []string{"FAILED   b.fail", "failed   c.soft", "warned   d.warn", "not run  e.none", "waived   f.waived", "ok       a.pass", "Why: Why.", "Left behind: Users", "FAILED: 1 passed, 3 failed, 1 warned, 1 not run"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("the target's control characters reach the terminal")
	}
}

func TestJSONKeepsEverything(t *testing.T) {
	var back Report
	if err := json.Unmarshal([]byte(written(t, "json", sample())), &back); err != nil {
		t.Fatal(err)
	}
	if back.Verdict != Failed || back.Counts != (Counts{1, 3, 1, 1, 0}) || len(back.Checks) != 6 || back.Checks[1].Severity != RFC || len(back.Checks[1].Exchanges) != 1 {
		t.Errorf("read back: %s %+v, %d checks", back.Verdict, back.Counts, len(back.Checks))
	}
	for _, key := range []string{`"verdict"`, `"profile"`, `"not_run"`, `"checks"`, `"id"`, `"title"`, `"severity"`, `"message"`, `"fix"`, `"reference"`, `"exchanges"`} {
		if !strings.Contains(written(t, "json", sample()), key) {
			t.Errorf("%s is missing", key)
		}
	}
}

// A build fails exactly when the run does.
func TestJUnitFailsForWhatBlocks(t *testing.T) {
	var back junitSuites
	if err := xml.Unmarshal([]byte(written(t, "junit", sample())), &back); err != nil {
		t.Fatal(err)
	}
	if back.Tests != 6 || back.Failures != 1 || back.Skipped != 1 {
		t.Errorf("%d tests, %d failures, %d skipped; want 6, 1, 1", back.Tests, back.Failures, back.Skipped)
	}
}

// A run that was not run is an error with its reason, and so is a check that broke down: no CI shows them as a pass.
func TestJUnitIsNotGreenWhereNothingIsProved(t *testing.T) {
	stopped := Report{Checks: []Result{{ID: "a", Family: "Users", Verdict: NotRun, Outcome: Skipped, Blocking: true}}}
	stopped.Conclude("The target stopped answering.")
	unreached := Report{}
	unreached.Conclude("Nobody answered.")
	broke := sample()
	broke.Checks = append(broke.Checks, Result{ID: "g.broke", Family: "Errors", Verdict: NotRun, Outcome: Broken, Message: "This check itself broke down."})
	for _, tt := range []struct {
		name    string
		report  Report
		tests   int
		errors  int
		skipped int
		says    string
	}{
		{"a run that was stopped", stopped, 2, 1, 1, "Not run. The target stopped answering."},
		{"a run that never began", unreached, 1, 1, 0, "Not run. Nobody answered."},
		{"a check that broke down", broke, 7, 1, 1, "This check itself broke down."},
		{"a run with a verdict", sample(), 6, 0, 1, ""},
	} {
		var back junitSuites
		if err := xml.Unmarshal([]byte(written(t, "junit", tt.report)), &back); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, suite := range back.Suites {
			for _, one := range suite.Cases {
				if one.Error != nil {
					said += one.Error.Message
				}
			}
		}
		if back.Tests != tt.tests || back.Errors != tt.errors || back.Skipped != tt.skipped || said != tt.says {
			t.Errorf("%s: %d tests, %d errors, %d skipped, %q; want %d, %d, %d, %q", tt.name, back.Tests, back.Errors, back.Skipped, said, tt.tests, tt.errors, tt.skipped, tt.says)
		}
	}
}

// The page stands alone: nothing is loaded, nothing runs, and what a target sent stays text.
func TestHTMLIsOnePage(t *testing.T) {
	page := written(t, "html", sample())
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "link", "img", "iframe", "object":
			t.Errorf("there is a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, want := range []string{`lang="en"`, "prefers-color-scheme:dark", "What to look at", "Waived by Rita", "Left behind", "<code>POST /Users?x=1</code>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// A request is named as its server's developers know it, whatever the target's base URL and whatever the protocol.
func TestRequestsAreNamedBelowTheBaseURL(t *testing.T) {
	for _, tt := range []struct{ name, target, url, want string }{
		{"below the base", "https://vendor.example/scim/v2", "https://vendor.example/scim/v2/Users/7", "/Users/7"},
		{"a base with a slash at its end", "https://vendor.example/scim/", "https://vendor.example/scim/Users", "/Users"},
		{"a base without a path", "https://vendor.example", "https://vendor.example/api/people/7", "/api/people/7"},
		{"a query in plain text", "https://vendor.example/scim", "https://vendor.example/scim/Users?filter=userName+eq+%22a%22", `/Users?filter=userName eq "a"`},
		{"beside the base", "https://vendor.example/scim", "https://vendor.example/scimulated/Users", "/scimulated/Users"},
		{"on another host", "https://vendor.example/scim", "https://other.example/scim/Users", "/scim/Users"},
	} {
		if got := (Report{Target: tt.target}).pathAndQuery(tt.url); got != tt.want {
			t.Errorf("%s: %s is shown as %s, want %s", tt.name, tt.url, got, tt.want)
		}
	}
}

// Code hosts take what fits the standard's schema; what blocks is an error, what was waived is suppressed, and a run that
// was not run has nothing to be taken for a pass.
func TestSARIFFitsTheStandard(t *testing.T) {
	back, err := sarif.FromString(written(t, "sarif", sample()))
	if err != nil {
		t.Fatal(err)
	}
	if err := back.Validate(); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	got := map[string]string{}
	for _, result := range back.Runs[0].Results {
		got[*result.RuleID] = fmt.Sprintf("%s, %d suppressions", result.Level, len(result.Suppressions))
	}
	want := map[string]string{
		"b.fail": "error, 0 suppressions", "c.soft": "warning, 0 suppressions", "d.warn": "note, 0 suppressions", "f.waived": "warning, 1 suppressions",
	}
	if !maps.Equal(got, want) {
		t.Errorf("results are %v, want %v", got, want)
	}
	for _, result := range back.Runs[0].Results {
		place := result.Locations[0].PhysicalLocation
		if u, err := url.Parse(*place.ArtifactLocation.URI); err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/") || *place.ArtifactLocation.URIBaseID != "%SRCROOT%" || *place.Region.StartLine < 1 {
			t.Errorf("%s lies at %s, which no checkout holds", *result.RuleID, *place.ArtifactLocation.URI)
		}
		if got := *result.Locations[0].LogicalLocations[0].FullyQualifiedName; got != "https://vendor.example/scim" {
			t.Errorf("%s is about %s, and not about the server", *result.RuleID, got)
		}
	}
	suite := sample()
	suite.Suite, suite.CatalogueVersion = "theirs", ""
	suite.Checks[1].File, suite.Checks[1].Line = "suite.yaml", 12
	if back, err = sarif.FromString(written(t, "sarif", suite)); err != nil || back.Runs[0].Tool.Driver.Version != nil {
		t.Errorf("a suite has a version of nothing: %v", err)
	} else if place := back.Runs[0].Results[0].Locations[0].PhysicalLocation; *place.ArtifactLocation.URI != "suite.yaml" || *place.Region.StartLine != 12 {
		t.Errorf("a case of suite.yaml lies at %s:%d", *place.ArtifactLocation.URI, *place.Region.StartLine)
	}
	var unreached Report
	unreached.Conclude("Nobody answered.")
	if back, err = sarif.FromString(written(t, "sarif", unreached)); err != nil || *back.Runs[0].Invocations[0].ExecutionSuccessful {
		t.Errorf("a run that was not run looks like a success: %v", err)
	}
}

// Where a suite comes from stands in each form that people read whole.
func TestOriginIsShown(t *testing.T) {
	r := sample()
	r.Suite, r.Origin = "theirs", "modified copy of theirs"
	for format, want := range map[string]string{
		"text": "Origin of the suite: modified copy of theirs\n", "json": `"origin": "modified copy of theirs"`, "html": "<dd>modified copy of theirs</dd>",
	} {
		if got := written(t, format, r); !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%.600s", format, want, got)
		}
	}
}

// Which connector it was, and how it was tested, stands in every report of one.
func TestTheConnectorIsNamed(t *testing.T) {
	r := sample()
	r.Connector = &Connector{Key: "acme", Hash: strings.Repeat("0f", 32), Mode: "replay"}
	for _, format := range []string{"text", "html"} {
		if text := written(t, format, r); !strings.Contains(text, "acme · content 0f0f0f0f0f0f0f0f · replay") {
			t.Errorf("%s does not name it:\n%s", format, text)
		}
	}
}

// What does not apply is told apart from what did not run.
func TestAsideIsCounted(t *testing.T) {
	r := Report{Checks: []Result{{Verdict: Passed, Outcome: Pass}, {Verdict: NotRun, Outcome: NotApplicable}, {Verdict: NotRun, Outcome: Skipped}}}
	r.Conclude("")
	if text := written(t, "json", r); r.Counts != (Counts{1, 0, 0, 2, 1}) || !strings.Contains(text, `"does_not_apply": 1`) {
		t.Errorf("counts are %+v in\n%s", r.Counts, text)
	}
}
