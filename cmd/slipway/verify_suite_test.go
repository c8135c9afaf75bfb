package main

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/internal/secret"
	"slipway/scimtest"
)

func TestVerifySuite(t *testing.T) {
	t.Parallel()
	suite := filepath.Join("..", "..", "internal", "lab", "runscope", "testdata", "people.json")
	script := strings.TrimSuffix(suite, "json") + "js"
	for _, tt := range []struct {
		name   string
		defect []string
		want   int
	}{
		{"passes", nil, 0},
		{"fails", []string{"users.create.duplicate-409"}, exitFailed},
	} {
		server := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithDefects(tt.defect...))
		base, stop := server.Start()
		defer stop()
		seedPerson(t, base)
		status, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--suite", suite, "--initial-script", script, "--pause-scale", "0", "--var", "x=y", "--format", "json")
		if status != tt.want || !strings.Contains(out, `"suite"`) {
			t.Errorf("%s: exit %d; want %d\n%.1500s%s", tt.name, status, tt.want, out, errOut)
		}
	}
}

// seedPerson creates the complete account that suites look at first.
func seedPerson(t *testing.T, base string) {
	t.Helper()
	client, err := scim.NewClient(base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(verifyToken)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), "Users", scim.Resource{
		"schemas": []any{scim.SchemaUser}, "userName": "first@example.com", "active": true, "name": map[string]any{"givenName": "First", "familyName": "Account"},
		"emails": []any{map[string]any{"value": "first@example.com", "type": "work", "primary": true}},
	}); err != nil {
		t.Fatal(err)
	}
}

// file writes a file of the test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// oddSuite reads the list of accounts, and then asks for something that nobody knows.
const oddSuite = `{"name":"Odd","version":"1.0","step_count":9,"steps":[
	{"step_type":"request","note":"Required: list","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}"},"assertions":[{"source":"response_status","comparison":"equal","value":"200"}]},
	{"step_type":"request","note":"Required: odd","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}"},"assertions":[{"source":"response_status","comparison":"rhymes_with","value":"200"}]}]}`

// Covers rule I6 of the importer: what the import warns of is in every format, before the first step, and what is
// not understood does not pass.
func TestVerifySuiteWarns(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	const count = "The file announces 9 steps and holds 2. A pass proves only what is there."
	const odd = `Not supported, step 2, assertion 1: the comparison "rhymes_with" is not known.`
	reports := map[string]string{}
	for format := range formats {
		status, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--suite", file(t, "odd.json", oddSuite), "--format", format)
		if status != exitNotRun {
			t.Errorf("%s: exit %d, want %d: a step that is not understood must not pass\n%s%s", format, status, exitNotRun, out, errOut)
		}
		reports[format] = out
	}
	if text := reports["text"]; !strings.Contains(text, "Note: "+count) || strings.Index(text, odd) > strings.Index(text, "step-1") || strings.Count(text, count) != 1 {
		t.Errorf("the notes belong before the first step, once:\n%s", text)
	}
	var asJSON struct{ Warnings []string }
	if err := json.Unmarshal([]byte(reports["json"]), &asJSON); err != nil || len(asJSON.Warnings) != 2 || asJSON.Warnings[0] != count || !strings.HasPrefix(asJSON.Warnings[1], odd) {
		t.Errorf("JSON: %v, %q", err, asJSON.Warnings)
	}
	var asXML struct {
		Suites []struct {
			Out string `xml:"system-out"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(reports["junit"]), &asXML); err != nil || len(asXML.Suites) == 0 || !strings.HasPrefix(asXML.Suites[0].Out, count+"\n"+odd) {
		t.Errorf("JUnit: %v, %+v", err, asXML)
	}
	if !strings.Contains(reports["html"], "<li>"+count+"</li>") {
		t.Errorf("the page does not show %q", count)
	}
}

// A suite gets from the call what its export cannot hold: an environment and hosts.
func TestVerifySuiteInItsEnvironment(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	other, stopOther := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stopOther()
	host := strings.TrimSuffix(strings.TrimPrefix(other, "http://"), "/scim/v2")
	suite := file(t, "suite.json", strings.ReplaceAll(`{"name":"x","version":"1.0","steps":[
		{"step_type":"request","note":"Required: from the environment","url":"{{home}}/Users?{{scripted}}","headers":{},"assertions":[{"source":"response_status","comparison":"equal","value":"200"}]},
		{"step_type":"request","note":"Required: another host","url":"OTHER/Users","headers":{},"assertions":[{"source":"response_status","comparison":"equal","value":"200"}]}]}`, "OTHER", other))
	environment := file(t, "environment.json", `{"name":"staging","initial_variables":{"home":"`+base+`","SCIMBaseURL":"https://wrong.example.com"},
		"headers":{"Authorization":["Bearer `+verifyToken+`"]},"script":"variables.set('scripted', 'count=1')","regions":["us1"]}`)
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"both given", []string{"--environment", environment, "--host", host}, 0, "PASSED"},
		{"the host as an address", []string{"--environment", environment, "--host", other}, 0, "PASSED"},
		{"the host not named", []string{"--environment", environment}, exitNotRun, "name it: --host " + host},
		{"no environment", []string{"--host", host}, exitFailed, "Nothing was found that sets home, scripted."},
		{"--var outweighs the environment", []string{"--environment", environment, "--host", host, "--var", "home=" + base + "/nowhere"}, exitFailed, "FAILED   step-1"},
		{"an environment that is not there", []string{"--environment", environment + "x"}, exitUsage, "cannot be read"},
		{"a suite as environment", []string{"--environment", suite}, exitUsage, "This is a suite"},
		{"an environment as suite", []string{"--suite", environment}, exitUsage, "This is an environment"},
		{"a host that is none", []string{"--host", "people example"}, exitUsage, "--host takes one host"},
		{"a pattern as host", []string{"--host", "*.example.com"}, exitUsage, "--host takes one host"},
		{"a path as host", []string{"--host", "example.com/scim"}, exitUsage, "--host takes one host"},
		{"a certificate without its key", []string{"--client-cert", environment}, exitUsage, "go together"},
		{"a certificate that is not there", []string{"--client-cert", environment + "x", "--client-key", environment}, exitUsage, "cannot be read"},
		{"a certificate that is none", []string{"--client-cert", environment, "--client-key", environment}, exitUsage, "in PEM form"},
		{"two hosts in one", []string{"--host", "a.example.com,b.example.com"}, exitUsage, "--host takes one host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errOut := verify(t, append([]string{base, "--allow-private", "--suite", suite}, tt.args...)...)
			if status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

// What we advise stays readable, though it names a variable that sounds like a secret.
func TestVerifySuiteSaysHowToGiveAToken(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	suite := file(t, "suite.json", `{"name":"x","version":"1.0","steps":[
		{"step_type":"request","note":"Required: list","url":"{{SCIMBaseURL}}/Users?api_token=canary","headers":{"Authorization":"SSWS {{oktaToken}}"},"assertions":[]}]}`)
	_, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--suite", suite)
	if want := "Give it a value: --var 'oktaToken=…', or the initial script that goes with the suite."; !strings.Contains(out+errOut, want) {
		t.Errorf("%q is missing in\n%s%s", want, out, errOut)
	}
}

// The report of a suite says what each assertion wanted and got.
func TestVerifySuiteTellsItsAssertions(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	suite := file(t, "suite.json", `{"name":"x","version":"1.0","steps":[{"step_type":"request","note":"Required: list","url":"{{SCIMBaseURL}}/Users","headers":{"Authorization":"{{auth}}"},
		"assertions":[{"source":"response_status","comparison":"equal","value":"201"},{"source":"response_headers","property":"Content-Type","comparison":"contains","value":"json"}]}]}`)
	_, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--suite", suite, "--format", "json")
	var got report.Report
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Checks) != 1 || len(got.Checks[0].Assertions) != 2 {
		t.Fatalf("%v: %s%s", err, out, errOut)
	}
	want := report.Assertion{Source: "response_status", Comparison: "equal", Target: "201", Actual: "200"}
	if all := got.Checks[0].Assertions; all[0] != want || !all[1].Passed {
		t.Errorf("the assertions are %+v", all)
	}
}

// A dry run says what a suite asks and needs, and sends nothing.
func TestVerifySuiteDryRun(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	suite := file(t, "suite.json", `{"name":"\u001b[2Jx","version":"1.0","steps":[{"step_type":"pause","duration":90},
		{"step_type":"request","url":"{{SCIMBaseURL}}/Users/{{who}}","headers":{"Authorization":"{{auth}}"}},{"step_type":"request","url":"https://elsewhere.example.com","headers":{}},
		{"step_type":"request","url":"{{later}}/x","headers":{},"assertions":[{"source":"response_status","comparison":"rhymes_with","value":"200"}]}]}`)
	status, out, errOut := verify(t, server.URL, "--bearer", verifyToken, "--allow-private", "--suite", suite, "--dry-run", "--pause-scale", "2")
	for _, want := range []string{"Suite: [2Jx\n", "Origin of the suite: not known\n", "Steps: request 3, pause 1; assertions 1, scripts 0\n", "Takes: 3m0s of pauses, and the answers to 3 requests\n",
		"Asks: " + host + ", once\n", "Asks: elsewhere.example.com, once: nobody has named it, so it is not asked\n", "Asks: {{later}}, once: which host that is shows once",
		"Note: Nothing was found that sets later, who.", "rhymes_with", "Nothing was sent.\n"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, %q is missing in\n%s%s", status, want, out, errOut)
		}
	}
	status, out, _ = verify(t, server.URL, "--suite", suite, "--dry-run", "--format", "json")
	var preview struct {
		Suite, Origin string
		Needs         []string
		Hosts         []struct {
			Host     string
			Requests int
			Named    bool
		}
	}
	if err := json.Unmarshal([]byte(out), &preview); err != nil || status != 0 || strings.Join(preview.Needs, " ") != "auth later who" || len(preview.Hosts) != 3 || !preview.Hosts[0].Named {
		t.Errorf("exit %d, %v: %s", status, err, out)
	}
	for _, args := range [][]string{{"--dry-run"}, {"--dry-run", "--suite", suite, "--format", "html"}, {"--dry-run", "--suite", suite, "--out", "x"}, {"--clean-up"}} {
		if status, out, errOut := verify(t, append([]string{server.URL}, args...)...); status != exitUsage {
			t.Errorf("%v: exit %d\n%s%s", args, status, out, errOut)
		}
	}
}

// What a suite leaves behind is named, and removed only where that was asked for.
func TestVerifySuiteCleansUp(t *testing.T) {
	t.Parallel()
	suite := filepath.Join("..", "..", "internal", "lab", "runscope", "testdata", "people.json")
	for _, tt := range []struct {
		args  []string
		says  string
		users int
	}{
		{nil, "With --clean-up, a run removes it at its end.", 2},
		{[]string{"--clean-up"}, "Note: Removed at the end, as --clean-up asks: ", 1},
	} {
		base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
		defer stop()
		seedPerson(t, base)
		status, out, errOut := verify(t, append(tt.args, base, "--bearer", verifyToken, "--allow-private", "--suite", suite, "--initial-script", strings.TrimSuffix(suite, "json")+"js", "--pause-scale", "0")...)
		if status != 0 || !strings.Contains(out, tt.says) || strings.Contains(out, "Left behind: ") != (tt.args == nil) {
			t.Errorf("%v: exit %d, want %q in\n%s%s", tt.args, status, tt.says, out, errOut)
		}
		client, err := scim.NewClient(base, egress.New(egress.AllowPrivate(), egress.Options{}), scim.Bearer(secret.NewText(verifyToken)))
		if err != nil {
			t.Fatal(err)
		}
		if page, err := client.List(t.Context(), "Users", scim.Query{}); err != nil || page.TotalResults != tt.users {
			t.Errorf("%v: %v, %d users are left, want %d", tt.args, err, page.TotalResults, tt.users)
		}
	}
}
