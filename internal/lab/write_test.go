package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/egress"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"

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

// Covers H-22: a target that throws our credentials back, in errors, headers, names and ids.
func TestSecretsAppearInNoFormat(t *testing.T) {
	base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		record := &recorder{ResponseWriter: w}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		sound.ServeHTTP(record, r)
		text := record.body.String()
		if strings.Contains(text, scim.SchemaError) { // the error repeats all it was sent
			echo, _ := json.Marshal(r.Header.Get("Authorization") + " " + string(body))
			text = strings.Replace(text, `"detail":"`, `"detail":`+strings.TrimSuffix(string(echo), `"`)+" ", 1)
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(record.status)
		_, _ = io.WriteString(w, strings.ReplaceAll(text, `"Lovelace"`, `"`+token+`"`))
	})
	report := Run(t.Context(), subject(base), Unwatched{})
	if c := check(t, report, "users.create.echo"); c.Outcome != Fail {
		t.Fatalf("the target was meant to return the token as a name: %s %s", c.Outcome, c.Message)
	}
	password := namesFrom(subject(base).Seed).password
	leaks := []string{token, "canary", password, base64.StdEncoding.EncodeToString([]byte(token)), base64.RawStdEncoding.EncodeToString([]byte(password))}
	for format := range writers {
		text := written(t, format, report)
		for _, leak := range leaks {
			if at := strings.Index(text, leak); at >= 0 {
				t.Errorf("%s shows a secret: …%s…", format, text[max(0, at-80):min(len(text), at+80)])
			}
		}
	}
}

type recorder struct {
	http.ResponseWriter
	body   bytes.Buffer
	status int
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// sample is a report with everything in it that a writer has to show.
func sample() Report {
	nasty := "\x1b[2J<script>alert(1)</script>\u202e]]>&"
	exchange := egress.Exchange{Method: "POST", URL: "https://vendor.example/Users?x=" + "1", Status: 500, ResponseBody: nasty,
		RequestHeader: http.Header{"Authorization": {"Bearer " + secret.Redacted}}, Duration: time.Millisecond}
	r := Report{
		CatalogueVersion: CatalogueVersion, Profile: ProfileNetwork, Target: "https://vendor.example/scim", Started: time.Unix(0, 0), Duration: time.Second,
		Leftovers: []Object{{Resource: "Users", Name: Prefix + "x", ID: "7", Why: "DELETE answered 405."}}, Warnings: []string{"The target asked to slow down."},
		Checks: []Result{
			{ID: "a.pass", Title: "One", Family: users, Verdict: Passed, Outcome: Pass, Blocking: true},
			{ID: "b.fail", Title: "Two", Family: users, Verdict: Failed, Outcome: Fail, Blocking: true, Message: nasty, Why: "Why.", Fix: "Fix.", Reference: "RFC 7644 §3.3", Severity: RFC, Exchanges: []egress.Exchange{exchange}},
			{ID: "c.soft", Title: "Three", Family: groups, Verdict: Failed, Outcome: Fail, Message: "soft"},
			{ID: "d.warn", Title: "Four", Family: groups, Verdict: Warned, Outcome: Warn, Message: "warned"},
			{ID: "e.none", Title: "Five", Family: errorsFam, Verdict: NotRun, Outcome: Blocked, Message: "Needs b.fail."},
			{ID: "f.waived", Title: "Six", Family: errorsFam, Verdict: Failed, Outcome: Waived, Message: "waived", Waiver: &Waiver{Reason: "Known.", GrantedBy: "Rita", Expires: time.Unix(0, 0)}},
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
	if back.Verdict != Failed || back.Counts != (Counts{1, 3, 1, 1}) || len(back.Checks) != 6 || back.Checks[1].Severity != RFC || len(back.Checks[1].Exchanges) != 1 {
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
	for _, want := range []string{`lang="en"`, "prefers-color-scheme:dark", "What to look at", "Waived by Rita", "Left behind"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestHTMLOfARealRun(t *testing.T) {
	base, stop := scimtest.New(scimtest.WithToken(token)).Start()
	defer stop()
	report := Run(t.Context(), subject(base), Unwatched{})
	if page := written(t, "html", report); strings.Contains(page, "What to look at") || !strings.Contains(page, "filter.injection") {
		t.Error("a passed run shows findings, or not all checks")
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
	var unreached Report
	unreached.Conclude("Nobody answered.")
	if back, err = sarif.FromString(written(t, "sarif", unreached)); err != nil || *back.Runs[0].Invocations[0].ExecutionSuccessful {
		t.Errorf("a run that was not run looks like a success: %v", err)
	}
}
