package runscope

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/report"
)

// Covers C01–C06, C08–C11, C13, C14, C16–C21. Each fixture says in the titles of its steps how they end. C26, the
// choreography against our own management API, belongs to the room that will offer that API.
func TestFixtures(t *testing.T) {
	for _, tt := range []struct {
		file    string
		vars    map[string]string
		initial string
		script  time.Duration // limit of a script
	}{
		{file: "C01-headers.json"},
		{file: "C02-urls.json", vars: map[string]string{"email": "ada@example.com", "plus": "a+b@example.com"}},
		{file: "C03-comparisons.json"},
		{file: "C06-aliases.json"},
		{file: "C08-variables.json", vars: map[string]string{"SCIM Base URL": "with blanks"}, initial: `if (false) variables.set("conditional", "x")`},
		{file: "C11-builtins.json", vars: map[string]string{"user": "u", "pass": "p", "vault": "kept"}},
		{file: "C13-scripts.json"},
		{file: "C13-limits.json", script: 300 * time.Millisecond},
		{file: "C14-edits.json"},
		{file: "C16-flow.json", vars: map[string]string{"n": "0"}},
		{file: "C18-bodies.json"},
		{file: "C20-auth.json", vars: map[string]string{"user": "u", "pass": "p4ss", "client_secret": "s3cret+&", "api_token": "t0ken"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			f := newFake(t)
			suites := load(t, tt.file)
			o := options(t, f, tt.vars)
			o.InitialScript, o.Subtests, o.ScriptTimeout = tt.initial, suites[1:], tt.script
			verify(t, Run(t.Context(), suites[0], o, nil))
		})
	}
}

// Covers C01: a text, a list of one and a list of several are the same request but for the lines.
func TestHeaders(t *testing.T) {
	f := newFake(t)
	Run(t.Context(), load(t, "C01-headers.json")[0], options(t, f, nil), nil)
	got := f.taken()
	for i, want := range [][]string{{"one"}, {"one"}, {"one", "two"}} {
		if diff := cmp.Diff(want, got[i].Header["X-Case"]); diff != "" {
			t.Errorf("header lines of request %d (-want +got):\n%s", i+1, diff)
		}
	}
	if got[3].Header.Get("Authentication") != "Bearer example" || got[3].Header.Get("Authorization") != "" || got[3].Header.Get("X-P") != "p" {
		t.Errorf("the wrong header name must be sent trimmed and unrepaired, and names are templates: %v", got[3].Header)
	}
}

// Covers C02: one correct encoding.
func TestURLs(t *testing.T) {
	f := newFake(t)
	result := Run(t.Context(), load(t, "C02-urls.json")[0], options(t, f, map[string]string{"email": "ada@example.com", "plus": "a+b@example.com"}), nil)
	var got []string
	for _, s := range f.taken() {
		got = append(got, s.URI)
	}
	want := []string{
		"/doc?filter=userName%20eq%20%22ada@example.com%22",
		"/doc?filter=userName%20eq%20%22ada@example.com%22",
		"/doc?filter=100%25&count=1",
		"/doc/%5B%C3%A9%5D?filter=emails%5Btype%20eq%20%22work%22%5D&x=%7By%7D",
		"/doc?filter=userName%20eq%20%22a+b@example.com%22",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request lines (-want +got):\n%s", diff)
	}
	if last := stepNumbered(t, result, "5"); len(last.Warnings) != 1 || !strings.Contains(last.Warnings[0], "plus sign") {
		t.Errorf("a plus sign in a query needs a warning, got %v", last.Warnings)
	}
}

// Covers C08, C10: a missing variable names its producer, and nothing is sent.
func TestBlockedNamesTheProducer(t *testing.T) {
	f := newFake(t)
	o := options(t, f, map[string]string{"SCIM Base URL": "with blanks"})
	o.InitialScript = `if (false) variables.set("conditional", "x")`
	result := Run(t.Context(), load(t, "C08-variables.json")[0], o, nil)
	for number, want := range map[string]string{
		"4": `The variable wanted was not set: the answer has no "missing".`,
		"6": "It needs the variable wanted, which step 4 should have set.",
		"7": "It needs the variable stranger, which nothing in the suite sets. Give it a value: --var 'stranger=…', or the initial script that goes with the suite.",
		"8": "It needs the variable conditional, which the initial script should have set.",
	} {
		if got := stepNumbered(t, result, number).Message; got != want {
			t.Errorf("step %s says %q, want %q", number, got, want)
		}
	}
	if got := stepNumbered(t, result, "2").Title; got != "passed: a note with {{id}} is text" { // C09
		t.Errorf("a note is no template, got %q", got)
	}
	for _, s := range f.taken() {
		if strings.HasPrefix(s.URI, "/doc/") {
			t.Errorf("a blocked step sent %s", s.URI)
		}
	}
	if result.Verdict != report.Failed {
		t.Errorf("verdict %s (%s), want failed", result.Verdict, result.Reason)
	}
}

// Covers C18, C19: what goes over the wire.
func TestBodies(t *testing.T) {
	f := newFake(t)
	result := Run(t.Context(), load(t, "C18-bodies.json")[0], options(t, f, nil), nil)
	got := f.taken()
	for i, want := range []sent{
		{Method: "POST", Body: "", Header: contentType("application/json"), URI: "/echo"},
		{Method: "DELETE", Body: "", Header: contentType("application/json"), URI: "/echo"},
		{Method: "GET", Body: "", Header: contentType("application/scim+json; charset=utf-8"), URI: "/echo"},
		{Method: "POST", Body: "test", Header: contentType("application/json"), URI: "/echo"},
		{Method: "POST", Body: "a=1+2&b=p&b=3%264", Header: contentType("application/x-www-form-urlencoded"), URI: "/echo"},
		{Method: "POST", Body: "raw", Header: contentType(""), URI: "/echo"},
		{Method: "POST", Body: "--slipway-boundary-7e3fb1c2\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\np\r\n--slipway-boundary-7e3fb1c2--\r\n",
			Header: contentType("multipart/form-data; boundary=slipway-boundary-7e3fb1c2"), URI: "/echo"},
		{Method: "POST", Body: `{"query":"query { user(id: \"p\") { id } }","variables":{"n":1}}`, Header: contentType("application/json"), URI: "/echo"},
		{Method: "POST", Body: "legacy", Header: contentType(""), URI: "/echo?x=0&a=1+%2B&b=p"},
	} {
		g := got[i]
		if g.Method != want.Method || g.Body != want.Body || g.URI != want.URI || g.Header.Get("Content-Type") != want.Header.Get("Content-Type") || g.Length != int64(len(want.Body)) {
			t.Errorf("request %d was %+v\nwant %+v", i+1, g, want)
		}
	}
	// C21: a clean message, whatever came instead of JSON.
	if got, want := stepNumbered(t, result, "16").Assertions[0].Message, `id must not be empty: the body is not JSON; it begins with "<!doctype html><title>Sign in</title><p>…"`; got != want {
		t.Errorf("HTML instead of JSON: %q, want %q", got, want)
	}
	if got, want := stepNumbered(t, result, "18").Message, "The document must not be empty: the body is empty, not JSON."; got != want {
		t.Errorf("nothing instead of JSON: %q, want %q", got, want)
	}
}

func contentType(value string) map[string][]string {
	return map[string][]string{"Content-Type": {value}}
}

// Covers C20: the token is asked for once, with the credentials encoded as RFC 6749 §2.3.1 says.
func TestClientCredentials(t *testing.T) {
	f := newFake(t)
	Run(t.Context(), load(t, "C20-auth.json")[0], options(t, f, map[string]string{"user": "u", "pass": "p4ss", "client_secret": "s3cret+&", "api_token": "t0ken"}), nil)
	asked := 0
	for _, s := range f.taken() {
		if s.URI == "/token" {
			asked++
		} else if s.Header.Get("Authorization") == "" {
			t.Errorf("%s %s went without authorization", s.Method, s.URI)
		}
	}
	if asked != 2 { // one that is granted, one that is refused
		t.Errorf("the token endpoint was asked %d times, want 2", asked)
	}
}

// Covers C12.
func TestPrecedence(t *testing.T) {
	f := newFake(t)
	environment, err := ImportEnvironment(fixture(t, "C12-environment.json"))
	if err != nil {
		t.Fatal(err)
	}
	environment.Parent = &Environment{Variables: map[string]string{"lowest": "from parent", "shared": "from parent"}, Script: `variables.set("scripted", "from parent script")`}
	o := options(t, f, map[string]string{"given": "from caller", "mine": "from caller"})
	o.Environment = &environment
	o.InitialScript = `assert.equal(1, 2, "ignored here"); variables.set("mine", "from initial script")`
	result := Run(t.Context(), load(t, "C12-precedence.json")[0], o, nil)
	verify(t, result)
	if len(result.Initial) != 3 || result.Initial[2].Outcome != Passed || result.Initial[2].Failed != 1 {
		t.Errorf("an assertion in an initial script is counted and ignored: %+v", result.Initial)
	}
	header := f.taken()[0].Header
	if header.Get("X-Environment") != "yes" || header.Get("X-Both") != "step" || header.Get("X-Pre") != "pre" {
		t.Errorf("the environment's headers and scripts apply to each request, and a step's own header wins: %v", header)
	}
	for _, want := range []string{"retry_on_failure is not applied", "check of certificates", "not known here are not applied: environment.colour. A pass says nothing"} {
		if !strings.Contains(strings.Join(result.Warnings, "\n"), want) {
			t.Errorf("no warning that tells %q: %v", want, result.Warnings)
		}
	}
}

func TestStopOnFailure(t *testing.T) {
	f := newFake(t)
	o := options(t, f, nil)
	o.Environment = &Environment{StopOnFailure: true}
	s := parse(t, `{"name":"stops","version":"1.0","steps":[
		{"step_type":"request","note":"failed: first","url":"{{base}}/doc","headers":{},"assertions":[{"source":"response_status","comparison":"equal","value":"500"}]},
		{"step_type":"request","note":"blocked: second","url":"{{base}}/doc","headers":{}}]}`)
	verify(t, Run(t.Context(), s, o, nil))
	if n := len(f.taken()); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}

// Covers C16: what a flow leaves out is listed, and a loop stops at its bound.
func TestFlow(t *testing.T) {
	f := newFake(t)
	suites := load(t, "C16-flow.json")
	o := options(t, f, map[string]string{"n": "0"})
	o.Subtests = suites[1:]
	result := Run(t.Context(), suites[0], o, nil)
	if got := stepNumbered(t, result, "5").Message; got != "The loop ended after 3 iterations." {
		t.Errorf("loop: %s", got)
	}
	if got := stepNumbered(t, result, "6").Message; got != "The loop did not end: its condition still held after 100 iterations." {
		t.Errorf("endless loop: %s", got)
	}
	if got := stepNumbered(t, result, "8.1").Kind; got != RequestStep {
		t.Errorf("the steps of a subtest belong to the result, got %q", got)
	}
	if !strings.Contains(strings.Join(result.Warnings, "\n"), "had switched this suite off") { // C17
		t.Errorf("no warning about the switch: %v", result.Warnings)
	}
	if result.Verdict != report.Failed {
		t.Errorf("verdict %s, want failed: an endless loop and a failing subtest are in it", result.Verdict)
	}
}
