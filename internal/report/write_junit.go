package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes one test case per check, one suite per family. A failure is what blocks the run in its profile, so that a
// build fails exactly when the run does; what else is broken stands in the case's output. An error is a check that broke down,
// and before all others a run that was not run: without it, hundreds of skipped cases would look like a pass. The run's
// warnings are the output of the first suite.
func WriteJUnit(w io.Writer, r Report) error {
	all := junitSuites{Name: "slipway verify " + r.subject(), Time: seconds(r.Duration)}
	if r.Verdict == NotRun {
		all.add(junitSuite{Name: "Verdict", Time: seconds(0), Cases: []junitCase{{
			Class: "Verdict", Name: "verdict", Time: seconds(0), Error: &junitMessage{Message: "Not run. " + r.Reason, Type: "NOT_RUN", Text: "\n" + Summary(r) + "\n"},
		}}})
	}
	for _, f := range r.Families() {
		suite := junitSuite{Name: f.Name}
		var took time.Duration
		for _, c := range f.Checks {
			took += c.took()
			suite.Cases = append(suite.Cases, caseOf(c))
		}
		suite.Time = seconds(took)
		all.add(suite)
	}
	if len(all.Suites) > 0 {
		all.Suites[0].Out = strings.Join(r.Warnings, "\n")
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add counts the cases of a suite, for itself and for all.
func (all *junitSuites) add(s junitSuite) {
	for _, one := range s.Cases {
		s.Tests++
		s.Failures += count01(one.Failure)
		s.Errors += count01(one.Error)
		s.Skipped += count01(one.Skipped)
	}
	all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	all.Suites = append(all.Suites, s)
}

func caseOf(c Result) junitCase {
	one := junitCase{Class: c.Family, Name: c.ID, Time: seconds(c.took())}
	message := &junitMessage{Message: c.Message, Type: string(c.Outcome), Text: "\n" + strings.Join(c.advice(), "\n") + "\n"}
	switch {
	case c.Verdict == Failed && c.Blocking:
		one.Failure = message
	case c.Outcome == Broken:
		one.Error = message
	case c.Verdict == NotRun:
		one.Skipped = &junitMessage{Message: c.Message, Text: c.waived()}
	case c.Verdict == Failed || c.Verdict == Warned:
		one.Out = strings.TrimSpace(string(c.Outcome) + " (does not block): " + c.Message + "\n" + c.waived())
	}
	return one
}

func count01(m *junitMessage) int {
	if m == nil {
		return 0
	}
	return 1
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// took is the time that the target spent on the check.
func (c Result) took() (sum time.Duration) {
	for _, e := range c.Exchanges {
		sum += e.Duration
	}
	return sum
}

// advice is what a reader needs beside the message, a line each.
func (c Result) advice() []string {
	var lines []string
	for _, part := range []struct{ label, text string }{
		{"Rule", c.Title}, {"Why", c.Why}, {"Fix", c.Fix}, {"Reference", c.Reference}, {"Severity", c.Severity.String()},
	} {
		if part.text != "" {
			lines = append(lines, part.label+": "+part.text)
		}
	}
	if text := c.waived(); text != "" {
		lines = append(lines, text)
	}
	return lines
}
