package runscope

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slipway/internal/egress"
	"slipway/internal/report"
)

// provider is a little identity provider beside the SCIM server of a suite.
func provider(t *testing.T, token string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "SSWS "+token {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = io.WriteString(w, `{"id":"u1"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// viaProvider has its account made by an identity provider, and then looks for it on the SCIM server.
const viaProvider = `{"name":"via a provider","version":"1.0","steps":[
	{"step_type":"request","note":"make","method":"POST","url":"{{idpUrl}}/users","headers":{"Authorization":"SSWS {{idpToken}}"},"body":"{\"login\":\"{{email}}\"}",
	 "variables":[{"source":"response_json","property":"id","name":"made"}],"assertions":[{"source":"response_status","comparison":"equal_number","value":200}]},
	{"step_type":"request","note":"look","url":"{{SCIMUrl}}/Users?filter=userName eq \"{{email}}\"","headers":{"Authorization":"{{SCIMAuth}}"},
	 "assertions":[{"source":"response_status","comparison":"equal_number","value":200},{"source":"response_json","property":"Resources[0].userName","comparison":"equal","value":"{{email}}"}],
	 "variables":[{"source":"response_json","property":"Resources[0].id","name":"found"}]},
	{"step_type":"request","note":"read","url":"{{SCIMUrl}}/Users/{{found}}","headers":{"Authorization":"{{SCIMAuth}}"},"assertions":[{"source":"response_status","comparison":"equal_number","value":200}]},
	{"step_type":"request","note":"list","url":"{{SCIMUrl}}/Users","headers":{"Authorization":"{{SCIMAuth}}"},"assertions":[{"source":"response_status","comparison":"equal_number","value":200}]},
	{"step_type":"request","note":"remove","method":"DELETE","url":"{{idpUrl}}/users/{{made}}","headers":{"Authorization":"SSWS {{idpToken}}"},"assertions":[{"source":"response_status","comparison":"equal_number","value":200}]}]}`

// What an earlier step should have made and did not is looked for by nobody: the server would be blamed for it.
func TestStepsFollowFromOthers(t *testing.T) {
	base, idp := scimServer(t), provider(t, "idp-token")
	const follows = "Nothing was sent: it follows from step 1, which should have sent email and "
	for _, tt := range []struct {
		name    string
		vars    map[string]string
		want    []Outcome
		verdict report.Verdict
		says    map[string]string // the message of a step
	}{
		{"the provider's address is missing", map[string]string{"idpToken": "idp-token"},
			[]Outcome{Blocked, Blocked, Blocked, Passed, Blocked}, report.NotRun, map[string]string{"2": follows + "did not run."}},
		{"the provider refuses its token", map[string]string{"idpUrl": idp, "idpToken": "wrong"},
			[]Outcome{Failed, Blocked, Blocked, Passed, Failed}, report.Failed, map[string]string{"2": follows + "was refused by " + strings.TrimPrefix(idp, "http://") + "."}},
		{"the provider makes the account and it does not arrive", map[string]string{"idpUrl": idp, "idpToken": "idp-token"},
			[]Outcome{Passed, Failed, Blocked, Passed, Passed}, report.Failed, nil},
		{"a value from before is none", map[string]string{"idpToken": "idp-token", "email": "first@example.com"},
			[]Outcome{Blocked, Blocked, Blocked, Passed, Blocked}, report.NotRun, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := suiteOptions(t, base, `variables.set("email", variables.get("email") || "nobody@example.com")`)
			for name, value := range tt.vars {
				o.Vars[name] = value
			}
			result := Run(t.Context(), parse(t, viaProvider), o, nil)
			for i, s := range result.Steps {
				if s.Outcome != tt.want[i] {
					t.Errorf("step %s ended %s, want %s: %s", s.Number, s.Outcome, tt.want[i], s.Message)
				}
				if want := tt.says[s.Number]; want != "" && s.Message != want {
					t.Errorf("step %s says %q, want %q", s.Number, s.Message, want)
				}
			}
			if result.Verdict != tt.verdict {
				t.Errorf("verdict %s (%s), want %s", result.Verdict, result.Reason, tt.verdict)
			}
		})
	}
}

// A variable that a step would have set anew keeps a value from before; the steps after it are not sent with that.
func TestStaleVariableBlocks(t *testing.T) {
	f := newFake(t)
	const steps = `{"name":"x","version":"1.0","environments":[{"name":"e","initial_variables":{"id":"old"}}],"steps":[
		{"step_type":"request","note":"blocked: sets it","url":"{{base}}/doc?{{nobody}}","headers":{},"variables":[{"source":"response_json","property":"text","name":"id"}]},
		{"step_type":"request","note":"%s: needs it","url":"{{base}}/doc/{{id}}","headers":{},"assertions":[{"source":"response_status","comparison":"equal_number","value":"200"}]}]}`
	result := Run(t.Context(), parse(t, fmt.Sprintf(steps, "blocked")), options(t, f, nil), nil)
	verify(t, result)
	if got, want := stepNumbered(t, result, "2").Message, "Nothing was sent: it needs the variable id, which step 1 should have set, and that one did not run."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	verify(t, Run(t.Context(), parse(t, fmt.Sprintf(steps, "passed")), options(t, f, map[string]string{"id": "given outright"}), nil))
}

// Advice speaks of the server that was asked, and of the variable that its credentials stand in.
func TestHintDependsOnWhomTheStepAsks(t *testing.T) {
	base, idp := scimServer(t), provider(t, "idp-token")
	host := strings.TrimPrefix(idp, "http://")
	o := suiteOptions(t, base, `variables.set("email", "nobody@example.com")`)
	o.Vars["idpUrl"], o.Vars["idpToken"] = idp, "wrong"
	result := Run(t.Context(), parse(t, viaProvider), o, nil)
	if got, want := stepNumbered(t, result, "1").Hint(), (Hint{
		Why: host + " did not accept the Authorization header. It is not the server that is verified: this says nothing about that one.",
		Fix: "Give the value alone: --var 'idpToken=…'. The suite itself writes SSWS before it. Check that it is valid there and has the rights that the step needs.",
	}); got != want {
		t.Errorf("the provider's 401:\ngot  %+v\nwant %+v", got, want)
	}
	o.Vars["idpToken"] = "idp-token"
	result = Run(t.Context(), parse(t, viaProvider), o, nil)
	if got := stepNumbered(t, result, "2").Hint(); !strings.HasPrefix(got.Why, "The suite asked for one account by a filter, and the server found nobody.") {
		t.Errorf("a filter that finds nobody: %+v", got)
	}
	o.Vars["SCIMAuth"] = "Bearer wrong"
	result = Run(t.Context(), parse(t, viaProvider), o, nil)
	if got := stepNumbered(t, result, "4").Hint(); !strings.Contains(got.Fix, "--var 'SCIMAuth=Bearer …'") || got.Reference != "RFC 7644 §2" {
		t.Errorf("the SCIM server's own 401: %+v", got)
	}
	o.Vars["idpUrl"] += "/nowhere?"
	elsewhere := stepNumbered(t, Run(t.Context(), parse(t, strings.Replace(viaProvider, `"value":200`, `"value":201`, 1)), o, nil), "1").Hint()
	if !strings.Contains(elsewhere.Why, host+", which is not the server that is verified") || !strings.HasSuffix(elsewhere.Fix, "idpUrl, email, idpToken.") || elsewhere.Reference != "" {
		t.Errorf("another refusal of the provider's: %+v", elsewhere)
	}
}

// A suite for SCIM 1.1 is explained by the texts of that version.
func TestHintsOfSCIM11(t *testing.T) {
	for i, h := range hints {
		s := StepResult{Outcome: Failed, Subject: &Subject{SCIM: "1.1"}, Exchanges: exchanges(http.StatusOK, `{}`)}
		got := h.advice(s)
		s.Subject.SCIM = ""
		now := h.advice(s)
		text := got.Why + got.Fix + got.Reference
		if strings.Contains(text, "RFC 76") || strings.Contains(text, "scimType") || strings.Contains(text, "scim+json") {
			t.Errorf("row %d speaks of SCIM 2.0: %+v", i, got)
		}
		if now.Reference != "" && !strings.HasPrefix(got.Reference, "SCIM 1.1 ") {
			t.Errorf("row %d has no reference for 1.1: %+v", i, got)
		}
	}
	for text, want := range map[string]string{
		`{"name":"Okta SCIM 1.1 SPEC Test","steps":[{"step_type":"pause","duration":1}]}`:                                                     "1.1",
		`{"name":"ours","steps":[{"step_type":"request","url":"x","body":"{\"schemas\":[\"urn:scim:schemas:core:1.0\"]}"}]}`:                  "1.1",
		`{"name":"ours","steps":[{"step_type":"request","url":"x","body":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]}"}]}`: "",
	} {
		if got := parse(t, text).olderSCIM(); got != want {
			t.Errorf("%s speaks %q, want %q", text, got, want)
		}
	}
}

// The faults of published suites, in suites of our own that ask the same.
func TestSuiteDefects(t *testing.T) {
	answers := map[string]struct {
		status int
		body   string
	}{
		"GET /ResourceTypes":             {404, `{"Errors":[{"code":"404"}]}`},
		"POST /ResourceTypes":            {404, `{}`},
		"POST /ServiceProviderConfigs":   {400, `{}`},
		"GET /Schemas":                   {200, `{"schemas":["urn:scim:schemas:core:1.0"],"Resources":[{}]}`},
		"GET /Users/0101":                {404, `{"Errors":[{"code":"404","description":"Nobody."}]}`},
		"GET /Groups":                    {200, `{"totalResults":0,"Resources":[]}`},
		"GET /Users":                     {406, ``},
		"POST /governance/api/v1/grants": {201, `{}`},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.Method+" "+r.URL.Path]
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(server.Close)
	assert := func(source, property, comparison, value string) map[string]any {
		return map[string]any{"source": source, "property": property, "comparison": comparison, "value": value}
	}
	status := func(value string) map[string]any { return assert("response_status", "", "equal_number", value) }
	for _, tt := range []struct {
		name, suite, method, path string
		assertions                []map[string]any
		script                    string
		says                      string // "": the server's own failure
	}{
		{"no resource types in 1.1", spec11, "GET", "/ResourceTypes", []map[string]any{status("200")}, "", "SCIM 1.1 has no /ResourceTypes."},
		{"nor to write", spec11, "POST", "/ResourceTypes", []map[string]any{status("405")}, "", "SCIM 1.1 has no /ResourceTypes"},
		{"405 is not asked for", spec11, "POST", "/ServiceProviderConfigs", []map[string]any{status("405")}, "", "SCIM 1.1 does not ask for 405 there"},
		{"a URN that does not exist", spec11, "GET", "/Schemas", []map[string]any{status("200"), assert("response_json", "schemas", "has_value", "urn:scim:schemas:core:1.0:ListResponse")}, "", "the URN that the suite wants does not exist"},
		{"and something else is missing as well", spec11, "GET", "/Schemas", []map[string]any{assert("response_json", "schemas", "has_value", "x"), assert("response_json", "Resources[0].id", "not_empty", "")}, "", ""},
		{"detail", spec11, "GET", "/Users/0101", []map[string]any{status("404"), assert("response_json", "detail", "not_empty", "")}, "", "to pass, a server must send both."},
		{"detail, and a wrong status", spec11, "GET", "/Users/0101", []map[string]any{status("400"), assert("response_json", "detail", "not_empty", "")}, "", ""},
		{"no groups", spec11, "GET", "/Groups", []map[string]any{status("200")}, "assert(JSON.parse(response.body).totalResults >= 1)", "to pass, create a group."},
		{"not acceptable", crud11, "GET", "/Users", []map[string]any{status("200")}, "", "which SCIM 1.1 does not have."},
		{"a grant is created", grants, "POST", "/governance/api/v1/grants", []map[string]any{status("200")}, "", "201 is the documented answer"},
		{"the same in another suite", "ours", "GET", "/ResourceTypes", []map[string]any{status("200")}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			scripts := []string{tt.script}
			text, err := json.Marshal(map[string]any{"name": tt.suite, "version": "1.0", "steps": []any{map[string]any{
				"step_type": "request", "method": tt.method, "url": "{{base}}" + tt.path, "headers": map[string]any{}, "assertions": tt.assertions, "scripts": scripts}}})
			if err != nil {
				t.Fatal(err)
			}
			s := Run(t.Context(), parse(t, string(text)), Options{Client: loopback(t), Vars: map[string]string{"base": server.URL}}, nil).Steps[0]
			_, says, known := strings.Cut(s.Message, "This is a fault of the suite: ")
			if s.Outcome != Failed || known != (tt.says != "") || s.SuiteDefect != known || !strings.Contains(says, tt.says) {
				t.Errorf("%s, defect %t: %s", s.Outcome, s.SuiteDefect, s.Message)
			}
			if known && !strings.HasPrefix(s.Hint().Why, "The published suite is known to be wrong here.") {
				t.Errorf("advice %+v", s.Hint())
			}
		})
	}
}

// Without what the identity provider needs, the published CRUD suite is not run and blames nobody.
func TestPublishedCRUDSuiteWithoutItsProvider(t *testing.T) {
	s := parse(t, string(published(t, "Okta-SCIM-20-CRUD-Test.json")))
	result := Run(t.Context(), s, suiteOptions(t, scimServer(t), string(published(t, "Initial_Script_CRUD.txt"))), nil)
	for _, step := range result.Steps {
		if step.Kind == RequestStep && step.Outcome != Blocked {
			t.Errorf("step %s ended %s: %s", step.Number, step.Outcome, step.Message)
		}
	}
	if result.Verdict != report.NotRun || result.Requests != 0 {
		t.Errorf("verdict %s (%s), %d requests", result.Verdict, result.Reason, result.Requests)
	}
}

func exchanges(status int, body string) []egress.Exchange {
	return []egress.Exchange{{Method: "GET", URL: "https://scim.example.com/Users", Status: status, ResponseBody: body}}
}

// What a condition that cannot be evaluated leaves out is missing as well.
func TestStepsFollowFromWhatIsLeftOut(t *testing.T) {
	f := newFake(t)
	verify(t, Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[
		{"step_type":"condition","note":"blocked: nobody knows","left_value":"{{nobody}}","comparison":"equal","right_value":"1","steps":[
			{"step_type":"request","note":"blocked: writes","method":"PUT","url":"{{base}}/echo/{{part}}","headers":{}}]},
		{"step_type":"request","note":"blocked: reads it","url":"{{base}}/doc/{{part}}","headers":{}},
		{"step_type":"request","note":"passed: reads something else","url":"{{base}}/doc","headers":{},"assertions":[{"source":"response_status","comparison":"equal_number","value":"200"}]}]}`), options(t, f, nil), nil))
	if n := len(f.taken()); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}
