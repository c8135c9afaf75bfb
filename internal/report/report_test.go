package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	blocking := func(v Verdict, o Outcome) Result { return Result{Verdict: v, Outcome: o, Blocking: true} }
	fine := blocking(Passed, Pass)
	for _, tt := range []struct {
		name   string
		checks []Result
		reason string
		want   Verdict
	}{
		{"all passed", []Result{fine, fine}, "", Passed},
		{"a blocking check failed", []Result{fine, blocking(Failed, Fail)}, "", Failed},
		{"a failed check that does not block", []Result{fine, {Verdict: Failed, Outcome: Fail}}, "", Passed},
		{"a blocking check was not proved", []Result{fine, blocking(NotRun, Inconclusive)}, "", NotRun},
		{"a blocking check does not apply", []Result{fine, blocking(NotRun, NotApplicable)}, "", Passed},
		{"failed and not proved", []Result{blocking(NotRun, Blocked), blocking(Failed, Fail)}, "", Failed},
		{"broken off after a failure", []Result{blocking(Failed, Fail)}, "The target stopped answering.", Failed},
		{"broken off", []Result{fine}, "The target stopped answering.", NotRun},
		{"H-53 no checks at all", nil, "", NotRun},
		{"H-53 all were skipped", []Result{{Verdict: NotRun, Outcome: NotApplicable}}, "", NotRun},
	} {
		r := Report{Checks: tt.checks}
		if r.Conclude(tt.reason); r.Verdict != tt.want {
			t.Errorf("%s: %s; want %s", tt.name, r.Verdict, tt.want)
		}
	}
}

func TestSeverityInWords(t *testing.T) {
	for words, s := range map[string]Severity{"RFC, network rule": RFC | Network, "recommended": Recommended, "RFC": RFC, "": 0} {
		var back Severity
		if text, err := s.MarshalText(); err != nil || string(text) != words || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%d reads %q and comes back as %d", s, text, back)
		}
	}
	var s Severity
	if err := json.Unmarshal([]byte(`"urgent"`), &s); err == nil {
		t.Error("an unknown word was accepted")
	}
}

// In a run families take turns; in a report each stands once, where the run came to it.
func TestFamiliesStandOnce(t *testing.T) {
	r := Report{Checks: []Result{{ID: "a", Family: "Connection"}, {ID: "b", Family: "Users"}, {ID: "c", Family: "Connection"}, {ID: "d", Family: "Users"}}}
	var got []string
	for _, f := range r.Families() {
		got = append(got, f.Name)
		for _, c := range f.Checks {
			got = append(got, c.ID)
		}
	}
	if want := []string{"Connection", "a", "c", "Users", "b", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// stored is a report as databases and transcripts hold it, with every key that one may have.
const stored = `{"catalogue_version":"2026.11.3","scim":"1.1","suite":"theirs","origin":"not known","connector":{"key":"acme","hash":"00ff","engine":"v1","mode":"replay"},"only":["Users"],"read_only":true,"profile":"rfc",
"target":"https://vendor.example/scim","verdict":"failed","reason":"No.","counts":{"passed":1,"failed":2,"warned":3,"not_run":4,"does_not_apply":1},
"checks":[{"id":"users.get.200","title":"GET answers 200","family":"Users","verdict":"failed","outcome":"WAIVED","severity":"RFC, network rule",
"blocking":true,"message":"It does not.","why":"Why.","fix":"Fix.","reference":"RFC 7644 §3.4.1","file":"suite.yaml","line":12,
"waiver":{"check_id":"users.get.200","not_run":true,"reason":"Known.","granted_by":"Rita","expires":"2026-12-01T00:00:00Z"},
"assertions":[{"source":"response_json","property":"active","comparison":"equal","target":"true","actual":"false","passed":false}],"exchanges":[]}],
"rest":[{"method":"DELETE","url":"https://vendor.example/scim/Users/7","request_header":{},"status":204,"started":"2026-11-26T10:00:00Z","duration_ns":1}],
"started":"2026-11-26T10:00:00Z","duration_ns":1,"requests":2,"target_time_ns":3,
"measured":{"median_ns":1,"p95_ns":2,"slowest_ns":3,"filters":["eq"],"patch":["with a path"],"members_per_patch":4,"page_limit":5,"deletes":"for good","deactivation_ns":6,"slow_downs":7,
"per_second":8.5,"rate_limit":"RateLimit-Limit: 9","retry_after_ns":10},
"leftovers":[{"resource":"Users","name":"slipway-lab-x","id":"7","why":"DELETE answered 405."}],"errands":[{"cases":"C9345","text":"Compare."}],"warnings":["Slow."],"seed":"8"}`

// A key that is renamed is one that stored reports have and nobody reads any more.
func TestStoredReportsStayReadable(t *testing.T) {
	d := json.NewDecoder(strings.NewReader(stored))
	d.DisallowUnknownFields()
	var r Report
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(r)
	if err != nil || string(again) != strings.ReplaceAll(stored, "\n", "") {
		t.Errorf("it is written again as\n%s (%v)", again, err)
	}
}
