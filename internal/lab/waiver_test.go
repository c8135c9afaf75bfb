package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/scimtest"
)

// failed and notRun are waivers for checks that failed, and for checks about which nothing was proved.
func failed(ids ...string) []report.Waiver { return waivers(false, ids) }
func notRun(ids ...string) []report.Waiver { return waivers(true, ids) }

func waivers(notRun bool, ids []string) []report.Waiver {
	var out []report.Waiver
	for _, id := range ids {
		out = append(out, report.Waiver{CheckID: id, NotRun: notRun, Reason: "Known.", GrantedBy: "Rita", Expires: time.Now().Add(time.Hour)})
	}
	return out
}

func outlived(list []report.Waiver) []report.Waiver {
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
		waivers []report.Waiver
		want    report.Verdict
		rests   string // what the report says about a pass
	}{
		{"without a waiver the run fails", []string{name}, nil, report.Failed, ""},
		{"a waiver keeps the check from blocking", []string{name}, failed(name), report.Passed, "failed: " + name + "."},
		{"an expired one does not", []string{name}, outlived(failed(name)), report.Failed, ""},
		{"one for another check does not", []string{name}, failed("users.create.echo"), report.Failed, ""},
		{"one for not having run does not let it fail", []string{name}, notRun(name), report.Failed, ""},
		{"what needs the waived check still has to run", []string{shape}, failed(shape), report.NotRun, ""},
		{"or to be waived as well", []string{shape}, append(failed(shape), notRun(password, assigned)...), report.Passed, "did not run: " + password + ", " + assigned + "."},
		{"a waiver for failing lets it not run", []string{shape}, failed(shape, password, assigned), report.Passed, "did not run: " + password + ", " + assigned + "."},
		{"not by a waiver that has expired", []string{shape}, append(failed(shape, assigned), outlived(notRun(password))...), report.NotRun, ""},
		{"a blocked check that is waived does not waive what blocks it", []string{shape}, notRun(password), report.Failed, ""},
		{"a waiver that nothing rests on is not named", nil, append(failed(name), notRun(password)...), report.Passed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, stop := scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(tt.defects...)).Start()
			defer stop()
			s := subject(base)
			s.Waivers = tt.waivers
			rep := Run(t.Context(), s, Unwatched{})
			if rep.Verdict != tt.want {
				t.Errorf("verdict %s (%s), want %s", rep.Verdict, rep.Reason, tt.want)
			}
			if said := strings.Join(rep.Warnings, " "); strings.Contains(said, "rests on waivers") != (tt.rests != "") || !strings.Contains(said, tt.rests) {
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
	rep := Run(t.Context(), s, Unwatched{})
	a, b := check(t, rep, shape), check(t, rep, password)
	if a.Outcome != report.Waived || a.Verdict != report.Failed || a.Blocking || a.Waiver == nil {
		t.Errorf("the failed one: %s, %s, blocking %v, %v", a.Outcome, a.Verdict, a.Blocking, a.Waiver)
	}
	if b.Outcome != report.Blocked || b.Verdict != report.NotRun || b.Blocking || b.Waiver == nil {
		t.Errorf("the blocked one: %s, %s, blocking %v, %v", b.Outcome, b.Verdict, b.Blocking, b.Waiver)
	}
	if rep.Counts.NotRun == 0 || rep.Counts.Passed+rep.Counts.Failed+rep.Counts.Warned+rep.Counts.NotRun != len(Checks()) {
		t.Errorf("counts %+v: what did not run is counted as that", rep.Counts)
	}
	for format := range writers {
		text := written(t, format, rep)
		if !strings.Contains(text, "rests on waivers for checks that did not run: "+password) || strings.Count(text, "Rita") < 2 {
			t.Errorf("%s does not show what the pass rests on, and who accepted it", format)
		}
	}
	if text := report.CheckText(b); !strings.HasPrefix(strings.TrimSpace(text), "not run") || !strings.Contains(text, "Waived by Rita") {
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
		if rep := Run(t.Context(), s, Unwatched{}); rep.Verdict == report.Passed {
			t.Errorf("%s passes: %+v, %v", what, rep.Counts, rep.Warnings)
		}
	}
}

func withDeadline(s Subject, d time.Duration) Subject {
	s.Deadline = d
	return s
}
