package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes the report for people who read terminals and logs: a line per check, more where something is
// wrong. What qualifies the verdict stands before the first check. Characters that a terminal would obey are left out.
func WriteText(w io.Writer, r Report) error {
	b := bufio.NewWriter(w)
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(b, format, args...) } // Flush reports the first error
	p("%s\n", Printable(headline(r)))
	if r.Origin != "" {
		p("Origin of the suite: %s\n", Printable(r.Origin))
	}
	if r.Connector != nil {
		p("connector %s\n", Printable(r.Connector.Line()))
	}
	for _, warning := range r.Warnings {
		p("Note: %s\n", Printable(warning))
	}
	for _, f := range r.Families() {
		if !r.ran() {
			break // one reason for all of them says more than a line for each
		}
		p("\n%s\n", Printable(f.Name))
		for _, c := range f.Checks {
			p("%s", CheckText(c))
		}
	}
	if r.Measured != nil {
		p("\nMeasured\n")
		for _, line := range r.Measured.Lines() {
			p("  %-24s %s\n", line[0], Printable(line[1]))
		}
	}
	if len(r.Errands) > 0 {
		p("\nLeft for a person, of the usual manual test plan\n")
		for _, e := range r.Errands {
			short, _, _ := strings.Cut(e.Text, ". ")
			p("  %-24s %s.\n", e.Cases, strings.TrimSuffix(short, "."))
		}
	}
	p("\n")
	for _, o := range r.Leftovers {
		p("Left behind: %s %s %s. %s\n", Printable(o.Resource), Printable(o.Name), Printable(o.ID), Printable(o.Why))
	}
	p("%s\n", Printable(Summary(r)))
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func headline(r Report) string {
	what := "catalogue " + r.CatalogueVersion
	if r.SCIM != "" {
		what = "SCIM " + r.SCIM + " · " + what
	}
	if r.Suite != "" {
		what = "suite " + r.Suite
	}
	return fmt.Sprintf("%s · profile %s · %s", r.Target, r.Profile, what)
}

// CheckText is one check in text: a line, and for findings what to do, ending in a line break.
func CheckText(c Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-8s %-32s %s\n", mark(c), Printable(c.ID), Printable(c.Title))
	switch {
	case c.Verdict == Passed && c.Outcome != Deviation:
		return b.String()
	case c.Verdict == Passed, c.Verdict == NotRun:
		fmt.Fprintf(&b, "           %s\n", Printable(c.Message))
		if text := c.waived(); text != "" {
			fmt.Fprintf(&b, "           %s\n", Printable(text))
		}
		return b.String()
	}
	fmt.Fprintf(&b, "           %s\n", Printable(c.Message))
	for _, line := range c.advice()[1:] {
		fmt.Fprintf(&b, "           %s\n", Printable(line))
	}
	for _, e := range c.Exchanges {
		fmt.Fprintf(&b, "           %s %s -> %d in %s\n", e.Method, Printable(e.URL), e.Status, e.Duration.Round(time.Millisecond))
	}
	if len(c.Exchanges) > 0 {
		fmt.Fprintf(&b, "           %s\n", Printable(c.Exchanges[len(c.Exchanges)-1].Curl()))
	}
	return b.String()
}

// mark is the word at the beginning of a check's line. Capitals are for what blocks.
func mark(c Result) string {
	switch {
	case c.Outcome == Waived:
		return "waived"
	case c.Outcome == Deviation:
		return "ok, but"
	case c.Verdict == Failed && c.Blocking:
		return "FAILED"
	case c.Verdict == Failed:
		return "failed"
	case c.Verdict == Warned:
		return "warned"
	case c.Outcome == NotApplicable:
		return "n/a"
	case c.Outcome == Info:
		return "info"
	case c.Verdict == NotRun:
		return "not run"
	}
	return "ok"
}

// Summary is the report in one line.
func Summary(r Report) string {
	verdict := map[Verdict]string{Passed: "PASSED", Failed: "FAILED", NotRun: "NOT RUN"}[r.Verdict]
	line := fmt.Sprintf("%s: %d passed, %d failed, %d warned, %d not run, %d do not apply; %d requests in %s, of which the target took %s.",
		verdict, r.Counts.Passed, r.Counts.Failed, r.Counts.Warned, r.Missed(), r.Aside(),
		r.Requests, r.Duration.Round(time.Millisecond), r.TargetTime.Round(time.Millisecond))
	if r.Verdict == NotRun {
		line += " " + r.Reason
	}
	return line
}

// Printable takes out what a terminal would obey: a target must not move the cursor of whoever reads about it.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case c < ' ', c >= 0x7f && c < 0xa0, c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
			return -1
		}
		return c
	}, s)
}
