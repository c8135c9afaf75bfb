package lint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"slipway/internal/connector"
	"slipway/internal/connector/program"
	"slipway/internal/report"
)

// Formats are the forms in which findings are written, by name.
var Formats = map[string]func(io.Writer, program.Findings) error{"text": WriteText, "json": WriteJSON, "sarif": WriteSARIF}

// WriteText writes a line for each finding, and one for all.
func WriteText(w io.Writer, found program.Findings) error {
	for _, f := range found {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
	}
	errors := found.Errors()
	if _, err := fmt.Fprintf(w, "%s, %s\n", count(errors, "error"), count(len(found)-errors, "warning")); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// WriteJSON writes the findings with how many there are of each level.
func WriteJSON(w io.Writer, found program.Findings) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	out := struct {
		Errors   int              `json:"errors"`
		Warnings int              `json:"warnings"`
		Findings program.Findings `json:"findings"`
	}{found.Errors(), len(found) - found.Errors(), found}
	if out.Findings == nil {
		out.Findings = program.Findings{}
	}
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// WriteSARIF writes the findings as SARIF 2.1.0, which code hosts show beside a change. In a file of exported flows a line
// means nothing; there the place is flow and card.
func WriteSARIF(w io.Writer, found program.Findings) error {
	run := sarif.NewRunWithInformationURI("slipway connector lint", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html")
	rules := Rules()
	for _, f := range found {
		level := sarif.LevelWarning
		if f.Level == program.Error {
			level = sarif.LevelError
		}
		if i := slices.IndexFunc(rules, func(r program.Rule) bool { return r.Code == f.Code }); i >= 0 {
			r := rules[i]
			run.AddRule(r.Code).WithName(r.Code).WithDescription(r.Says).WithMarkdownHelp(r.Says + "\n\n**What to do:** " + r.Fix).
				WithShortDescription(sarif.NewMultiformatMessageString().WithText(r.Says))
		} else {
			run.AddRule(f.Code).WithName(f.Code)
		}
		result := sarif.NewRuleResult(f.Code).WithLevel(level).WithMessage(sarif.NewTextMessage(f.Message)).WithRuleIndex(run.GetRuleIndex(f.Code))
		result.AddLocation(location(f.Src))
		result.WithPartialFingerprints(map[string]string{"finding/v1": f.Code + " " + f.Src.String()})
		run.AddResult(result)
	}
	log := sarif.NewReport()
	log.AddRun(run)
	if err := log.PrettyWrite(w); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

func location(s program.Src) *sarif.Location {
	at := report.SARIFLocation(cmp.Or(s.File, connector.File), s.Line)
	name := s
	name.File, name.Line = "", 0
	if text := name.String(); text != "" {
		at.AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(text).WithKind("function"))
	}
	return at
}
