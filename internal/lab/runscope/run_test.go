package runscope

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/egress"
	"slipway/internal/report"
	"slipway/internal/secret"
)

// Covers C15: honoured by the clock, scaled, left out.
func TestPause(t *testing.T) {
	s := parse(t, `{"name":"pauses","version":"1.0","steps":[{"step_type":"pause","duration":5},{"step_type":"pause","duration":40,"skipped":false},{"step_type":"pause","duration":1.5,"skipped":true}]}`)
	for _, tt := range []struct {
		name  string
		scale float64
		want  time.Duration
	}{
		{"as written", 1, 45 * time.Second},
		{"a tenth", 0.1, 4500 * time.Millisecond},
		{"longer, where somebody asks for it", 2, 90 * time.Second},
		{"left out", 0, 0},
		{"a nonsensical scale leaves out too", -1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				result := Run(t.Context(), s, Options{PauseScale: tt.scale}, nil)
				if got := time.Since(started); got != tt.want || result.Duration != tt.want {
					t.Errorf("it took %s, and says %s; want %s", got, result.Duration, tt.want)
				}
				if result.Steps[1].Nominal != 40*time.Second || result.Steps[2].Outcome != Skipped {
					t.Errorf("nominal %s, the skipped one %s", result.Steps[1].Nominal, result.Steps[2].Outcome)
				}
				if told := len(result.Warnings) == 1; told != (tt.scale != 1) {
					t.Errorf("warnings: %v", result.Warnings)
				}
				if result.Verdict != report.NotRun {
					t.Errorf("pauses alone prove nothing, verdict %s", result.Verdict)
				}
			})
		})
	}
}

// Covers C15: cancelled in the middle of a pause; the steps after it are listed.
func TestPauseIsCancelled(t *testing.T) {
	f := newFake(t)
	s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/doc"},{"step_type":"pause","duration":60},{"step_type":"request","url":"{{base}}/doc"}]}`)
	o := options(t, f, nil)
	o.PauseScale = 1
	ctx, cancel := context.WithCancel(t.Context())
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		cancel()
		return sleep(ctx, d)
	}
	result := Run(ctx, s, o, nil)
	got := []Outcome{result.Steps[0].Outcome, result.Steps[1].Outcome, result.Steps[2].Outcome}
	if diff := cmp.Diff([]Outcome{Passed, Error, Error}, got); diff != "" || result.Verdict != report.NotRun {
		t.Errorf("verdict %s, outcomes (-want +got):\n%s", result.Verdict, diff)
	}
}

func TestProgress(t *testing.T) {
	f := newFake(t)
	suites := load(t, "C16-flow.json")
	o := options(t, f, map[string]string{"n": "0"})
	o.Subtests = suites[1:]
	last, total := 0, 0
	Run(t.Context(), suites[0], o, func(step StepResult, done, of int) {
		if done < last || done > of || step.Outcome == "" {
			t.Errorf("step %s (%q): %d of %d after %d", step.Number, step.Outcome, done, of, last)
		}
		last, total = done, of
	})
	if last != total || total != countSteps(suites[0].Steps) {
		t.Errorf("ended at %d of %d", last, total)
	}
}

// Covers C23: what egress refuses is refused here, with its sentence; nobody is asked twice.
func TestClosedAddresses(t *testing.T) {
	inside := newFake(t)
	s := load(t, "C23-addresses.json")[0]
	closed := egress.New(egress.Closed(), egress.Options{Timeout: 2 * time.Second})
	defer closed.CloseIdle()
	for _, address := range []string{inside.URL, "https://127.0.0.1", "https://[::1]", "https://169.254.169.254/latest", "https://10.0.0.1", "https://metadata.google.internal", "https://2130706433", "https://0x7f.1"} {
		o := options(t, inside, map[string]string{"address": address, "token": "t0p-secret"})
		o.Client, o.PauseScale = closed, 1
		o.Sleep = func(context.Context, time.Duration) error { t.Error("it waited for nobody"); return nil }
		result := Run(t.Context(), s, o, nil)
		verify(t, result)
		if result.Verdict != report.NotRun || !strings.Contains(result.Reason, "Nothing was sent") {
			t.Errorf("%s: verdict %s, %s", address, result.Verdict, result.Reason)
		}
	}
	if got := inside.taken(); len(got) != 0 {
		t.Errorf("the inner server was reached: %v", got)
	}
}

// Covers C23: a redirect is not followed, wherever it leads.
func TestRedirects(t *testing.T) {
	inside := newFake(t)
	for _, location := range []string{inside.URL + "/doc", "http://169.254.169.254/latest", "https://elsewhere.example.com/Users"} {
		outer := httptest.NewServer(http.RedirectHandler(location, http.StatusFound))
		s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","note":"failed: a redirect","url":"{{outer}}/Users","assertions":[{"source":"response_status","comparison":"equal_number","value":200}]}]}`)
		result := Run(t.Context(), s, options(t, inside, map[string]string{"outer": outer.URL}), nil)
		verify(t, result)
		if got := result.Steps[0]; !strings.Contains(got.Message, "redirect") || len(got.Exchanges) != 1 {
			t.Errorf("%s: %s", location, got.Message)
		}
		outer.Close()
	}
	if got := inside.taken(); len(got) != 0 {
		t.Errorf("the redirect was followed: %v", got)
	}
}

// A suite is foreign content: it may send the caller's token only where the caller said.
func TestConsent(t *testing.T) {
	f, other := newFake(t), newFake(t)
	text := `{"name":"x","version":"1.0","default_environment_id":"e","environments":[{"id":"e","name":"theirs","initial_variables":{"theirs":"OTHER"}}],"steps":[
		{"step_type":"request","note":"blocked: written into the suite","url":"OTHER/doc","headers":{"Authorization":"{{token}}"}},
		{"step_type":"request","note":"blocked: in the environment that the suite brings","url":"{{theirs}}/doc","headers":{"Authorization":"{{token}}"}},
		{"step_type":"request","note":"passed: named by the caller","url":"{{base}}/doc","headers":{"Authorization":"{{token}}"}}]}`
	s := parse(t, strings.ReplaceAll(text, "OTHER", other.URL))
	result := Run(t.Context(), s, options(t, f, map[string]string{"token": "t0p-secret"}), nil)
	verify(t, result)
	if len(other.taken()) != 0 || len(f.taken()) != 1 {
		t.Error("a host that nobody named was called")
	}
	o := options(t, f, map[string]string{"token": "t0p-secret"})
	o.Hosts = []string{strings.TrimPrefix(other.URL, "http://")}
	if result := Run(t.Context(), s, o, nil); result.Verdict != report.Passed {
		t.Errorf("with consent: %s, %s", result.Verdict, result.Reason)
	}
}

func TestWhoseFaultSilenceIs(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	refusing.Close()
	f := newFake(t)
	s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{a}}/doc"},{"step_type":"request","url":"{{b}}/doc"}]}`)
	for _, tt := range []struct {
		name, a, b string
		want       []Outcome
		verdict    report.Verdict
	}{
		{"nobody was ever there", refusing.URL, refusing.URL, []Outcome{Blocked, Blocked}, report.NotRun},
		{"one of two was never there", f.URL, refusing.URL, []Outcome{Passed, Blocked}, report.NotRun},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result := Run(t.Context(), s, options(t, f, map[string]string{"a": tt.a, "b": tt.b}), nil)
			if got := []Outcome{result.Steps[0].Outcome, result.Steps[1].Outcome}; !cmp.Equal(got, tt.want) || result.Verdict != tt.verdict {
				t.Errorf("%v, verdict %s (%s)", got, result.Verdict, result.Reason)
			}
			if tt.a == tt.b && len(result.Steps[1].Exchanges) > 0 {
				t.Error("a host that does not answer was asked twice")
			}
		})
	}
	var asked atomic.Int32
	moody := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	defer moody.Close()
	result := Run(t.Context(), s, options(t, f, map[string]string{"a": moody.URL, "b": moody.URL}), nil)
	if result.Steps[1].Outcome != Failed || result.Verdict != report.Failed {
		t.Errorf("a server that falls silent has failed: %s, %s", result.Steps[1].Outcome, result.Steps[1].Message)
	}
}

func TestOptionalStepsDecideNothing(t *testing.T) {
	f := newFake(t)
	step := `{"step_type":"request","note":%q,"url":"{{base}}/doc","assertions":[{"source":"response_status","comparison":"equal_number","value":%d}]}`
	for _, tt := range []struct {
		name  string
		steps []any
		want  report.Verdict
	}{
		{"an optional step fails", []any{"Required Test: a", 200, "Optional Test: b", 404}, report.Passed},
		{"a required step fails", []any{"Required Test: a", 404, "Optional Test: b", 200}, report.Failed},
		{"nothing passes", []any{"Optional Test: a", 404, "optional", 404}, report.NotRun},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse(t, `{"name":"x","version":"1.0","steps":[`+fmt.Sprintf(step+","+step, tt.steps...)+`]}`)
			if result := Run(t.Context(), s, options(t, f, nil), nil); result.Verdict != tt.want {
				t.Errorf("verdict %s (%s), want %s", result.Verdict, result.Reason, tt.want)
			}
		})
	}
}

// Covers C24: the canaries are nowhere, in no spelling.
func TestSecrets(t *testing.T) {
	f := newFake(t)
	vars := map[string]string{
		"auth": "Bearer canary-bearer/1", "api_token": "canary-token+&2", "password": `canary-"password"-3`, "vault": "canary-vault-4",
		"basic_header": "Basic " + "dXNlcjpjYW5hcnktYmFzaWMtNQ==", // user:canary-basic-5
	}
	o := options(t, f, vars)
	o.Redact = []secret.Text{secret.NewText("application/json")} // not among the variables
	o.InitialScript = `log("started with", variables.get("password"))`
	var told []StepResult
	s := load(t, "C24-secrets.json")[0]
	result := Run(t.Context(), s, o, func(step StepResult, _, _ int) { told = append(told, step) })
	stored, err := json.Marshal([]any{result, told})
	if err != nil {
		t.Fatal(err)
	}
	text := string(stored) + string(s.Export()) + fmt.Sprintf("%+v", result)
	for _, canary := range []string{
		"canary", "Y2FuYXJ5", issuedToken, "dXNlcjpjYW5hcnk", "Sample-Pass-2", "Sample-Pass-1",
	} {
		where := string(stored)
		if !strings.HasPrefix(canary, "Sample") { // a password that its author wrote into the suite stays in the suite
			where = text
		}
		if at := strings.Index(where, canary); at >= 0 {
			t.Errorf("%q is in the result: …%s…", canary, where[max(0, at-120):min(len(where), at+60)])
		}
	}
	if strings.Contains(string(stored), "application/json") {
		t.Error("a secret given by Redact is in the result")
	}
	verify(t, result)
	if got := result.Steps[0].Exchanges[0].RequestHeader.Get("Authorization"); got != "Bearer "+secret.Redacted {
		t.Errorf("the header must tell its scheme and nothing more: %q", got)
	}
	if sent := f.taken()[0].Header.Get("Authorization"); sent != "Bearer canary-bearer/1" {
		t.Errorf("what is sent is not redacted: %q", sent)
	}
}

// A secret that lies across the edge of what is kept leaves neither half.
func TestHalfASecretIsCutOff(t *testing.T) {
	const canary = "canary-of-some-length-0123456789"
	r := newRedactor([]secret.Text{secret.NewText(canary)})
	for before := range 4000 {
		text := strings.Repeat(".", before) + canary + strings.Repeat(".", 4000)
		if got := r.head(text, 100); strings.Contains(got, "cana") || len(got) > 103 {
			t.Fatalf("after %d bytes: %q", before, got)
		}
	}
	many := strings.Repeat(canary, 1000)
	if got := r.head(many, 5000); strings.Contains(got, "cana") {
		t.Errorf("a text of nothing but secrets: …%q", got[len(got)-60:])
	}
}

// Covers C28: 79 steps of all kinds, with long answers, in a result of a set size.
func TestResultIsBounded(t *testing.T) {
	f := newFake(t)
	var steps []string
	for i := range 79 {
		switch i % 4 {
		case 0:
			steps = append(steps, `{"step_type":"pause","duration":1}`)
		case 1:
			steps = append(steps, `{"step_type":"condition","left_value":"a","comparison":"equal","right_value":"a","steps":[{"step_type":"request","url":"{{base}}/doc"}]}`)
		case 2:
			steps = append(steps, `{"step_type":"request","url":"{{base}}/big","assertions":[{"source":"response_text","comparison":"equal","value":"x"}]}`)
		default:
			steps = append(steps, `{"step_type":"request","url":"{{base}}/doc","scripts":["for (var i = 0; i < 50; i++) log(response.body)"]}`)
		}
	}
	s := parse(t, `{"name":"x","version":"1.0","steps":[`+strings.Join(steps, ",")+`]}`)
	for _, limit := range []int{300 << 10, 0} {
		o := options(t, f, nil)
		o.MaxResult = limit
		result := Run(t.Context(), s, o, nil)
		stored, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		if limit == 0 {
			limit = defaultResult
		}
		if len(stored) > limit || len(result.Steps) != 79+20 {
			t.Errorf("%d steps in %d bytes, limit %d", len(result.Steps), len(stored), limit)
		}
		big := stepNumbered(t, result, "3")
		if len(big.Exchanges) == 0 || !big.Exchanges[0].Truncated || len(big.Exchanges[0].ResponseBody) > keptBody {
			t.Errorf("within %d bytes, a body of 100 kB must be marked as cut: %+v", limit, big.Cut)
		}
		if len(big.Assertions) > 0 && len(big.Assertions[0].Actual) > maxActual+3 {
			t.Errorf("an actual value of %d bytes was kept", len(big.Assertions[0].Actual))
		}
	}
}

func TestEndlessRunIsStopped(t *testing.T) {
	s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"conditional-loop","left_value":"a","comparison":"equal","right_value":"a","steps":[
		{"step_type":"conditional-loop","left_value":"a","comparison":"equal","right_value":"a","steps":[{"step_type":"pause","duration":1}]}]}]}`)
	result := Run(t.Context(), s, Options{Now: func() time.Time { return noon }}, nil)
	if len(result.Steps) > maxExecuted+maxSteps+10 || result.Verdict == report.Passed {
		t.Errorf("%d steps, verdict %s", len(result.Steps), result.Verdict)
	}
}

func TestLeftovers(t *testing.T) {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; r.Method == http.MethodPost {
			switch n {
			case 1:
				w.Header().Set("Location", "/scim/v2/Users/first")
			case 2:
				w.Header().Set("Location", "https://elsewhere.example.com/Users/2")
			}
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprintf(w, `{"id":"id %d"}`, n)
		}
	}))
	defer server.Close()
	s := parse(t, `{"name":"x","version":"1.0","steps":[
		{"step_type":"request","method":"POST","url":"{{base}}/scim/v2/Users"},{"step_type":"request","method":"POST","url":"{{base}}/scim/v2/Users?x=1"},
		{"step_type":"request","method":"POST","url":"{{base}}/scim/v2/Users"},{"step_type":"request","method":"DELETE","url":"{{base}}/scim/v2/Users/id%203"}]}`)
	result := Run(t.Context(), s, Options{Client: loopback(t), Vars: map[string]string{"base": server.URL}}, nil)
	want := []Leftover{{Step: "1", URL: server.URL + "/scim/v2/Users/first"}, {Step: "2", URL: server.URL + "/scim/v2/Users/id%202"}}
	if diff := cmp.Diff(want, result.Leftovers); diff != "" {
		t.Errorf("leftovers (-want +got):\n%s", diff)
	}
}

// Advice about a variable whose name sounds secret is no secret.
func TestMissingVariablesAreNamedTogether(t *testing.T) {
	s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/{{apiToken}}?{{other}}","headers":{}}]}`)
	result := Run(t.Context(), s, options(t, newFake(t), nil), nil)
	want := "It needs the variables apiToken, other, which nothing in the suite sets. Give each a value, as in --var 'apiToken=…', or the initial script that goes with the suite."
	if got := result.Steps[0].Message; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// After a wrong status the rest follows from it, and a reader needs the root.
func TestMessageTellsTheRoot(t *testing.T) {
	f := newFake(t)
	missing := `{"source":"response_json","property":"p%d","comparison":"not_empty"}`
	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprintf(missing, i))
	}
	for _, tt := range []struct{ name, assertions, want string }{
		{"a wrong status", strings.Join(many, ",") + `,{"source":"response_status","comparison":"equal_number","value":"201"}`, "The status must be the number 201, and is 200. (And 9 more.)"},
		{"many others", strings.Join(many[:6], ","), "p0 must not be empty: no such property. p1 must not be empty: no such property. p2 must not be empty: no such property. p3 must not be empty: no such property. p4 must not be empty: no such property. (And 1 more.)"},
		{"a target that is a text", `{"source":"response_json","property":"text","comparison":"equal","value":"bye"}`, `text must be equal to "bye", and is "hello".`},
		{"a missing property with a target", `{"source":"response_json","property":"absent","comparison":"equal","value":"0"}`, "absent must be equal to 0: no such property."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/doc","assertions":[`+tt.assertions+`]}]}`)
			if got := Run(t.Context(), s, options(t, f, nil), nil).Steps[0].Message; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	request := func(outcomes ...Outcome) Result {
		var r Result
		for _, o := range outcomes {
			r.Steps = append(r.Steps, StepResult{Kind: RequestStep, Outcome: o})
		}
		r.judge()
		return r
	}
	for _, tt := range []struct {
		name string
		got  Result
		want report.Verdict
	}{
		{"all passed", request(Passed, Passed), report.Passed},
		{"one left out by its author", request(Passed, Skipped), report.Passed},
		{"all left out", request(Skipped, Skipped), report.NotRun},
		{"none", request(), report.NotRun},
		{"one failed", request(Passed, Failed, Blocked), report.Failed},
		{"one is not understood", request(Passed, Unsupported), report.NotRun},
		{"one had no variable", request(Passed, Blocked), report.NotRun},
		{"one broke on our side", request(Error, Passed), report.NotRun},
	} {
		if tt.got.Verdict != tt.want || (tt.want == report.Passed) != (tt.got.Reason == "") {
			t.Errorf("%s: %s (%s), want %s", tt.name, tt.got.Verdict, tt.got.Reason, tt.want)
		}
	}
}
