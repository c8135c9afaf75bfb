package runscope

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
	"slipway/internal/report"
)

// Covers rules I4, I6 and I8 of the importer: what cannot be run as written is told before the first step, once,
// with what it means for the verdict, and no such step passes.
func TestNotes(t *testing.T) {
	const get = `{"step_type":"request","url":"{{base}}/doc","headers":{},`
	const ok = get + `"assertions":[{"source":"response_status","comparison":"equal","value":"200"}]}`
	const odd = `"assertions":[{"source":"response_status","comparison":"rhymes_with","value":"200"}]}`
	for _, tt := range []struct {
		name, steps string
		want        []string
		verdict     report.Verdict
	}{
		{"nothing to tell", ok, nil, report.Passed},
		{"the same trouble in two steps is one note", ok + "," + get + odd + "," + get + odd, []string{
			`Not supported, step 2, assertion 1; step 3, assertion 1: the comparison "rhymes_with" is not known. Such a step does not pass, and neither does the suite if its run comes there.`,
		}, report.NotRun},
		{"an optional step decides nothing", ok + "," + get + `"note":"Optional: odd",` + odd, []string{
			`Not supported, step 2, assertion 1: the comparison "rhymes_with" is not known. Such a step does not pass; it is optional and does not decide the verdict.`,
		}, report.Passed},
		{"a step that is skipped is no trouble", ok + "," + get + `"skipped":true,"body":"{{nobody}}",` + odd, nil, report.Passed},
		{"a step of another product", ok + `,{"step_type":"ghost-inspector"}`, []string{
			`Not supported, step 2: steps of type "ghost-inspector" are not supported. Such a step does not pass, and neither does the suite if its run comes there.`,
		}, report.NotRun},
		{"a suite that was not imported", ok + `,{"step_type":"subtest","test_uuid":"X"}`, []string{
			`Not supported, step 2: the suite with the id "x" was not imported. Such a step does not pass, and neither does the suite if its run comes there.`,
		}, report.NotRun},
		{"a variable that nobody sets", ok + "," + get + `"body":"{{nobody}} {{nothing}} {{part}}"}`, []string{
			"Nothing was found that sets nobody, nothing. A step that needs it is not sent, and unless it is optional the verdict is not run. Give it with --var NAME=VALUE, an environment or the initial script.",
		}, report.NotRun},
		{"a host that nobody named", ok + `,{"step_type":"request","url":"https://elsewhere.example.com/{{part}}","headers":{}},{"step_type":"request","url":"https://elsewhere.example.com","headers":{}}`, []string{
			"The suite wants to call elsewhere.example.com, which nobody has named. Such a step is not sent, and unless it is optional the verdict is not run. If the host is right, name it: --host elsewhere.example.com.",
		}, report.NotRun},
		{"unknown settings", get + `"colour":"red","auth":{"auth_type":"none","realm":"r"}}`, []string{
			"Settings that are not known here are not applied: authorization.realm, request step.colour. A pass says nothing about them.",
		}, report.Passed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result := Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[`+tt.steps+`]}`), options(t, newFake(t), nil), nil)
			if diff := cmp.Diff(tt.want, result.Warnings); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if result.Verdict != tt.verdict {
				t.Errorf("verdict %s (%s), want %s", result.Verdict, result.Reason, tt.verdict)
			}
		})
	}
}

// A file of several suites: the verdict is that of the first, and of those that it calls.
func TestNotesNameOtherSuites(t *testing.T) {
	const uuid = "33333333-3333-4333-8333-333333333333"
	suite := func(name, steps string) Suite {
		return parse(t, fmt.Sprintf(`{"name":%q,"version":"1.0","trigger_url":"https://x.example.com/%s/trigger","steps":[%s]}`, name, strings.Replace(uuid, "3", name, 1), steps))
	}
	first := suite("1", `{"step_type":"request","url":"{{base}}/doc","headers":{}},{"step_type":"subtest","test_uuid":"`+strings.Replace(uuid, "3", "2", 1)+`"}`)
	called := suite("2", `{"step_type":"request","url":"{{base}}/doc","headers":{},"shape":"round"}`)
	idle := suite("4", `{"step_type":"pause","duration":1}`)
	o := options(t, newFake(t), nil)
	o.Subtests, o.PauseScale = []Suite{first, called, idle}, 1
	result := Run(t.Context(), first, o, nil)
	want := []string{
		`The suite "4" came along and is not run: the verdict is that of "1" alone.`,
		"2: Settings that are not known here are not applied: request step.shape. A pass says nothing about them.",
	}
	if diff := cmp.Diff(want, result.Warnings); diff != "" || result.Verdict != report.Passed {
		t.Errorf("verdict %s, notes (-want +got):\n%s", result.Verdict, diff)
	}
}

func TestNotesAreBounded(t *testing.T) {
	var steps []string
	for i := range 200 {
		steps = append(steps, fmt.Sprintf(`{"step_type":"kind %d"}`, i))
	}
	result := Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[`+strings.Join(steps, ",")+`]}`), options(t, newFake(t), nil), nil)
	if n := len(result.Warnings); n != maxNotes+1 || result.Warnings[maxNotes-1] == result.Warnings[maxNotes] {
		t.Errorf("%d notes, the last is %q", n, result.Warnings[n-1])
	}
}

// What an environment asks for and cannot have makes no request pass.
func TestEnvironmentThatCannotBeUsed(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"an unknown authorization", `{"auth":{"auth_type":"oauth1"}}`, `authorization of type "oauth1" is not supported`},
		{"an authorization that cannot be read", `{"auth":{"auth_type":"basic","username":{}}}`, `of its authorization, "username" is not a text`},
		{"headers that cannot be read", `{"headers":{"A":{"b":1}}}`, `"headers.A" is neither a text nor a list`},
		{"a script that cannot be read", `{"pre_request_scripts":{"a":1}}`, `"pre_request_scripts" is neither a text nor a list`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			e, err := ImportEnvironment([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			o := options(t, f, nil)
			o.Environment = &e
			result := Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/doc","headers":{}}]}`), o, nil)
			if s := result.Steps[0]; s.Outcome != Unsupported || result.Verdict != report.NotRun || len(f.taken()) != 0 {
				t.Errorf("the step ended %s, the verdict is %s", s.Outcome, result.Verdict)
			}
			if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], tt.says) || !strings.Contains(result.Warnings[0], "the suite does not pass") {
				t.Errorf("notes %q, want one that says %q", result.Warnings, tt.says)
			}
		})
	}
}

func TestImportEnvironmentRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"no JSON", "<html>", "not a JSON object"},
		{"a list", "[]", "not a JSON object"},
		{"a suite", `{"name":"x","steps":[]}`, "This is a suite"},
	} {
		if _, err := ImportEnvironment([]byte(tt.text)); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
	}
	e, err := ImportEnvironment([]byte(`{"name":"child","parent_environment_id":"p"}`))
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, newFake(t), nil)
	o.Environment = &e
	result := Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[{"step_type":"request","url":"{{base}}/doc","headers":{}}]}`), o, nil)
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], `"child" inherits from another one`) {
		t.Errorf("an environment without its parent: %q", result.Warnings)
	}
}

// A warning that many steps give stands once in a report, with their numbers.
func TestStepWarningsAreGrouped(t *testing.T) {
	r := Result{Steps: []StepResult{
		{Number: "1", Warnings: []string{"a"}}, {Number: "2", Warnings: []string{"b", "a"}}, {Number: "2", Iteration: 2, Warnings: []string{"a"}},
	}}
	if diff := cmp.Diff([]string{"Step 1, 2: a", "Step 2: b"}, r.stepWarnings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
