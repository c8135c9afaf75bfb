package runscope

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/fault"
	"slipway/internal/report"
)

// Covers C22, and rule I1 of the importer: unknown keys are listed and refuse nothing.
func TestImportWarns(t *testing.T) {
	data := append([]byte("\xef\xbb\xbf"), fixture(t, "C22-bucket.json")...)
	suites, err := Import(data)
	if err != nil || len(suites) != 2 || suites[0].Name != "First" || suites[1].Name != "Second" {
		t.Fatalf("suites: %+v, %v", suites, err)
	}
	for i, want := range [][]string{
		{
			"The file announces 3 steps and holds 1. A pass proves only what is there.",
			"Settings that are not known here are not applied: request step.shape, suite.colour. A pass says nothing about them.",
		},
		{
			"Step 1: a pause of 9999 s is above the format's limit. It was cut to 3m0s; a server that needs longer may fail the next step.",
			`The format's version is "2.0", not 1.x. It was read as 1.0: a pass holds only as far as the two are alike.`,
			"Settings that are not known here are not applied: assertion.id. A pass says nothing about them.",
		},
	} {
		if diff := cmp.Diff(want, suites[i].Warnings); diff != "" {
			t.Errorf("warnings of %s (-want +got):\n%s", suites[i].Name, diff)
		}
	}
	second := Summary{Name: "Second", Steps: map[Kind]int{PauseStep: 1, RequestStep: 1}, Assertions: 1, Pauses: 180 * time.Second,
		Hosts: []string{"people.example.com"}, Needs: []string{"part"}, Warnings: suites[1].Warnings}
	if diff := cmp.Diff(second, suites[1].Summary("")); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestSummaryKnowsWhoSetsWhat(t *testing.T) {
	s := load(t, "C08-variables.json")[0]
	got := s.Summary(`variables.set("conditional", 1); variables . set ('part', 2)`)
	if diff := cmp.Diff([]string{"SCIM Base URL", "base", "stranger"}, got.Needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"{{base}}"}, got.Hosts); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
	if got := load(t, "C06-aliases.json")[0].Summary("").Unsupported; len(got) != 4 || got[0] != `step 2, assertion 1: the comparison "rhymes_with" is not known` {
		t.Errorf("unsupported: %q", got)
	}
}

func TestImportRefuses(t *testing.T) {
	step := `{"step_type":"pause","duration":1}`
	nested := step
	for range 400 {
		nested = `{"step_type":"condition","left_value":"a","comparison":"equal","right_value":"a","steps":[` + nested + `]}`
	}
	for _, tt := range []struct {
		name, text string
		code       fault.Code // "": it is imported
		says       string
	}{
		{"nothing", "", fault.Invalid, "not valid JSON"},
		{"no JSON", "<html>", fault.Invalid, "not valid JSON"},
		{"two documents", "{} {}", fault.Invalid, "not valid JSON"},
		{"a number", "7", fault.Invalid, `no "steps"`},
		{"an object without steps", `{"name":"x"}`, fault.Invalid, `no "steps"`},
		{"steps that are no list", `{"name":"x","steps":{}}`, fault.Invalid, `no "steps"`},
		{"no step", `{"name":"x","steps":[]}`, fault.Invalid, "has no steps"},
		{"an empty list", `[]`, fault.Invalid, "holds no suite"},
		{"one of two is no suite", `[{"name":"x","steps":[` + step + `]}, 7]`, fault.Invalid, `no "steps"`},
		{"an environment", `{"name":"staging","initial_variables":{}}`, fault.Invalid, "This is an environment"},
		{"500 steps", `{"name":"x","steps":[` + step + strings.Repeat(","+step, 499) + `]}`, "", ""},
		{"501 steps", `{"name":"x","steps":[` + step + strings.Repeat(","+step, 500) + `]}`, fault.TooLarge, "more than 500 steps"},
		{"conditions nested 400 deep", `{"name":"x","steps":[` + nested + `]}`, "", ""},
		{"6 MB", `{"name":"x","steps":[` + step + `],"description":"` + strings.Repeat("x", 6<<20) + `"}`, fault.TooLarge, "5 MB"},
		{"wrong types everywhere", `{"name":7,"version":1.0,"steps":[{"step_type":"request","method":null,"url":["u"],"headers":"h","body":{},"assertions":{"a":1},"variables":[7],"scripts":{}},null,{"step_type":"pause","duration":"soon"}]}`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			suites, err := Import([]byte(tt.text))
			if fault.CodeOf(err) != tt.code || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want code %q with %q", err, tt.code, tt.says)
			}
			if tt.code == "" && len(suites) != 1 {
				t.Errorf("%d suites were imported, want 1", len(suites))
			}
		})
	}
}

// A member of a wrong type makes its step unsupported, and only that.
func TestWrongTypesNeverPass(t *testing.T) {
	f := newFake(t)
	for _, step := range []string{
		`{"step_type":"request","url":"{{base}}/doc","headers":"h"}`,
		`{"step_type":"request","url":["{{base}}/doc"],"headers":{}}`,
		`{"step_type":"request","url":"{{base}}/doc","headers":{"A":{"b":1}}}`,
		`{"step_type":"request","url":"{{base}}/doc","assertions":{"a":1}}`,
		`{"step_type":"request","url":"{{base}}/doc","assertions":[7]}`,
		`{"step_type":"request","url":"{{base}}/doc","scripts":{"a":1}}`,
		`{"step_type":"request","url":"{{base}}/doc","auth":"basic"}`,
		`{"step_type":"request","url":"{{base}}/doc","graphql_body":"q"}`,
		`{"step_type":"request","url":"{{base}}/doc","skipped":"no"}`,
		`{"step_type":"request","url":"{{base}}/doc","assertions":[{"source":"response_json","property":{"a":1},"comparison":"not_empty"}]}`,
		`{"step_type":"request","url":"{{base}}/doc","variables":[7]}`,
		`{"step_type":"request","url":"{{base}}/doc","variables":[{"source":"response_json","property":["yes"],"name":"x"}]}`,
		`{"step_type":"request","url":"{{base}}/doc","auth":{"auth_type":"basic","username":["u"],"password":"p"}}`,
		`{"step_type":"request","url":"{{base}}/doc","auth":{"auth_type":"oauth1"}}`,
		`{"step_type":"request","url":"{{base}}/doc","multipart_form":[{"key":"a","value":{"b":1}}]}`,
		`{"step_type":"request","url":"{{base}}/doc","graphql_body":{"query":["q"]}}`,
		`{"step_type":"request"}`,
		`{"step_type":"pause","duration":-1}`,
		`{"step_type":"pause"}`,
		`{"url":"{{base}}/doc"}`,
		`7`,
	} {
		result := Run(t.Context(), parse(t, `{"name":"x","version":"1.0","steps":[`+step+`]}`), options(t, f, nil), nil)
		if got := result.Steps[0]; got.Outcome != Unsupported || result.Verdict != report.NotRun {
			t.Errorf("%s ended %s (%s), verdict %s; want unsupported, not_run", step, got.Outcome, got.Message, result.Verdict)
		}
	}
}

// Covers C25, for every fixture there is.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/C*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("fixtures: %v, %v", files, err)
	}
	for _, file := range files {
		if strings.Contains(file, "environment") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		suites, err := Import(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		originals := []json.RawMessage{data}
		if len(suites) > 1 {
			if err := json.Unmarshal(data, &originals); err != nil {
				t.Fatal(err)
			}
		}
		for i, s := range suites {
			again, err := Import(s.Export())
			if err != nil || again[0].CanonicalHash() != s.CanonicalHash() || !bytes.Equal(canonical(t, s.Export()), canonical(t, originals[i])) {
				t.Errorf("%s: the export of %q differs from what was imported (%v)", file, s.Name, err)
			}
		}
	}
}

func canonical(t *testing.T, data []byte) []byte {
	t.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Covers C27.
func TestRecognise(t *testing.T) {
	const text = `{"name":"Published","version":"1.0","exported_at":1,"trigger_url":"https://x.example.com/t","steps":[
		{"step_type":"request","method":"GET","url":"{{base}}/doc","headers":{},"assertions":[{"source":"response_status","comparison":"equal","value":"200"}]}]}`
	original := parse(t, text)
	published := []Known{
		{Name: "Other", File: strings.Repeat("0", 16), Canonical: strings.Repeat("0", 64)},
		{Name: "Published", File: hexHash([]byte(text))[:16], Canonical: original.CanonicalHash()},
		{Name: "Half known", File: strings.Repeat("1", 16)},
	}
	for _, tt := range []struct {
		name, text string
		want       Origin
	}{
		{"the published file", text, Original},
		{"keys in another order, exported later", `{"steps":[{"headers":{},"url":"{{base}}/doc","assertions":[{"value":"200","comparison":"equal","source":"response_status"}],"method":"GET","step_type":"request"}],"exported_at":99,"trigger_url":"https://y.example.com/t","test_usage_90_days":5,"version":"1.0","name":"Published"}`, ReExported},
		{"another assertion", strings.Replace(text, `"200"`, `"404"`, 1), Modified},
		{"a name of which only the file is known", strings.Replace(text, "Published", "Half known", 1), NameOnly},
		{"another name", strings.Replace(text, "Published", "Ours", 1), Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, source := Recognise(parse(t, tt.text), published)
			if got != tt.want || got != Unknown && source.Name == "Other" {
				t.Errorf("recognised as %q of %q, want %q", got, source.Name, tt.want)
			}
		})
	}
}

func TestTriggerURLIsNotKept(t *testing.T) {
	s := parse(t, `{"name":"x","version":"1.0","trigger_url":"https://api.example.com/radar/37D9f10e-e250-4071-9cec-1fa30e56b42b/trigger?k=1","steps":[{"step_type":"pause","duration":1}]}`)
	if s.UUID != "37d9f10e-e250-4071-9cec-1fa30e56b42b" {
		t.Errorf("UUID %q", s.UUID)
	}
	data, err := json.Marshal(Run(t.Context(), s, Options{PauseScale: 0}, nil))
	if err != nil || bytes.Contains(data, []byte("trigger")) {
		t.Errorf("the trigger URL lets anybody start the test and must not be in a result (%v)", err)
	}
}

func FuzzImport(f *testing.F) {
	files, _ := filepath.Glob("testdata/C*.json")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		suites, err := Import(data)
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Errorf("not a fault: %v", err)
			}
			return
		}
		for _, s := range suites {
			s.CanonicalHash()
			s.Summary("")
			if _, err := Import(s.Export()); err != nil {
				t.Errorf("the export of an imported suite is refused: %v", err)
			}
		}
	})
}
