package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/scimtest"
)

// failed and notRun are waivers for checks that failed, and for checks about which nothing was proved.
func failed(ids ...string) []Waiver { return waivers(false, ids) }
func notRun(ids ...string) []Waiver { return waivers(true, ids) }

func waivers(notRun bool, ids []string) []Waiver {
	var out []Waiver
	for _, id := range ids {
		out = append(out, Waiver{CheckID: id, NotRun: notRun, Reason: "Known.", GrantedBy: "Rita", Expires: time.Now().Add(time.Hour)})
	}
	return out
}

func outlived(list []Waiver) []Waiver {
	for i := range list {
		list[i].Expires = time.Now().Add(-time.Second)
	}
	return list
}

// A pass needs every required check to have passed, or a reviewer's word for that very check and for
// what became of it.
func TestWaivers(t *testing.T) {
	const name, shape, password = "users.create.username-not-email", "users.create.okta-shape", "users.password.never-returned"
	for _, tt := range []struct {
		name    string
		defects []string
		waivers []Waiver
		want    Verdict
		rests   string // what the report says about a pass
	}{
		{"without a waiver the run fails", []string{name}, nil, Failed, ""},
		{"a waiver keeps the check from blocking", []string{name}, failed(name), Passed, "failed: " + name + "."},
		{"an expired one does not", []string{name}, outlived(failed(name)), Failed, ""},
		{"one for another check does not", []string{name}, failed("users.create.echo"), Failed, ""},
		{"one for not having run does not let it fail", []string{name}, notRun(name), Failed, ""},
		{"what needs the waived check still has to run", []string{shape}, failed(shape), NotRun, ""},
		{"or to be waived as well", []string{shape}, append(failed(shape), notRun(password, assigned)...), Passed, "did not run: " + password + ", " + assigned + "."},
		{"a waiver for failing lets it not run", []string{shape}, failed(shape, password, assigned), Passed, "did not run: " + password + ", " + assigned + "."},
		{"not by a waiver that has expired", []string{shape}, append(failed(shape, assigned), outlived(notRun(password))...), NotRun, ""},
		{"a blocked check that is waived does not waive what blocks it", []string{shape}, notRun(password), Failed, ""},
		{"a waiver that nothing rests on is not named", nil, append(failed(name), notRun(password)...), Passed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, stop := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(tt.defects...)).Start()
			defer stop()
			s := subject(base)
			s.Waivers = tt.waivers
			report := Run(t.Context(), s, Unwatched{})
			if report.Verdict != tt.want {
				t.Errorf("verdict %s (%s), want %s", report.Verdict, report.Reason, tt.want)
			}
			if said := strings.Join(report.Warnings, " "); strings.Contains(said, "rests on waivers") != (tt.rests != "") || !strings.Contains(said, tt.rests) {
				t.Errorf("warnings %q, want one with %q", said, tt.rests)
			}
		})
	}
}

// A check that did not run stays so in every format, with its waiver beside it: it is not passed and has not failed.
func TestWaivedCheckIsShownAsItEnded(t *testing.T) {
	const shape, password = "users.create.okta-shape", "users.password.never-returned"
	base, stop := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(shape)).Start()
	defer stop()
	s := subject(base)
	s.Waivers = append(failed(shape), notRun(password, assigned)...)
	report := Run(t.Context(), s, Unwatched{})
	a, b := check(t, report, shape), check(t, report, password)
	if a.Outcome != Waived || a.Verdict != Failed || a.Blocking || a.Waiver == nil {
		t.Errorf("the failed one: %s, %s, blocking %v, %v", a.Outcome, a.Verdict, a.Blocking, a.Waiver)
	}
	if b.Outcome != Blocked || b.Verdict != NotRun || b.Blocking || b.Waiver == nil {
		t.Errorf("the blocked one: %s, %s, blocking %v, %v", b.Outcome, b.Verdict, b.Blocking, b.Waiver)
	}
	if report.Counts.NotRun == 0 || report.Counts.Passed+report.Counts.Failed+report.Counts.Warned+report.Counts.NotRun != len(Checks()) {
		t.Errorf("counts %+v: what did not run is counted as that", report.Counts)
	}
	for format := range writers {
		text := written(t, format, report)
		if !strings.Contains(text, "rests on waivers for checks that did not run: "+password) || strings.Count(text, "Rita") < 2 {
			t.Errorf("%s does not show what the pass rests on, and who accepted it", format)
		}
	}
	if text := CheckText(b); !strings.HasPrefix(strings.TrimSpace(text), "not run") || !strings.Contains(text, "Waived by Rita") {
		t.Errorf("the line of a check that did not run: %s", text)
	}
}

// Nobody can accept a run that was broken off, or that proved nothing at all, whatever was waived.
func TestWaiversDoNotReplaceARun(t *testing.T) {
	var every []string
	for _, c := range Checks() {
		every = append(every, c.ID)
	}
	silent := subject("http://127.0.0.1:1/scim")
	refusing, stop := scimtest.New(scimtest.WithToken("another")).Start()
	defer stop()
	for what, s := range map[string]Subject{"a server that is not there": silent, "a run without time": withDeadline(subject(refusing), time.Nanosecond)} {
		s.Waivers = slices.Concat(failed(every...), notRun(every...))
		if report := Run(t.Context(), s, Unwatched{}); report.Verdict == Passed {
			t.Errorf("%s passes: %+v, %v", what, report.Counts, report.Warnings)
		}
	}
}

func withDeadline(s Subject, d time.Duration) Subject {
	s.Deadline = d
	return s
}
