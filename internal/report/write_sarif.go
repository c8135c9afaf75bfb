package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// WriteSARIF writes the findings as SARIF 2.1.0, which code hosts show beside a change: one rule per finding, with why it
// matters and what to do. An error blocks the run in its profile, a warning is another failure, a note a recommendation;
// a waiver is a suppression, also of a check that did not run. A run that was not run says so as its invocation, and has no result to be taken for a pass.
func WriteSARIF(w io.Writer, r Report) error {
	run := sarif.NewRunWithInformationURI("slipway verify", "https://datatracker.ietf.org/doc/html/rfc7644")
	if r.CatalogueVersion != "" { // a suite has none
		run.Tool.Driver.WithVersion(r.CatalogueVersion)
	}
	invocation := sarif.NewInvocation().WithExecutionSuccessful(r.Verdict != NotRun).WithExitCodeDescription(Summary(r))
	if r.olderSCIM() {
		invocation.AddToolExecutionNotification(sarif.NewNotification().WithLevel(sarif.LevelNote).WithMessage(sarif.NewTextMessage("Verified as SCIM " + r.SCIM + ".")))
	}
	for _, text := range r.Warnings {
		invocation.AddToolExecutionNotification(sarif.NewNotification().WithLevel(sarif.LevelNote).WithMessage(sarif.NewTextMessage(text)))
	}
	run.AddInvocation(invocation)
	for _, c := range r.Checks {
		accepted := c.Waiver != nil && c.Outcome.Open() // it did not run, and a reviewer has accepted that
		if c.Verdict != Failed && c.Verdict != Warned && !accepted {
			continue
		}
		run.AddRule(c.ID).WithName(c.ID).WithDescription(c.Title).WithMarkdownHelp(c.markdown()).
			WithShortDescription(sarif.NewMultiformatMessageString().WithText(c.Title))
		run.AddResult(sarifResult(r, c).WithRuleIndex(run.GetRuleIndex(c.ID)))
	}
	log := sarif.NewReport()
	log.AddRun(run)
	if err := log.PrettyWrite(w); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func sarifResult(r Report, c Result) *sarif.Result {
	result := sarif.NewRuleResult(c.ID).WithLevel(sarifLevel(c)).WithMessage(sarif.NewTextMessage(c.Message))
	result.AddLocation(SARIFLocation(cmp.Or(c.File, serverFile), c.Line).AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(r.Target).WithKind("resource")))
	result.WithPartialFingerprints(map[string]string{"check/v1": c.ID}) // the same finding in the next run is the same
	if c.Verdict == NotRun {
		result.WithKind("open").WithLevel(sarif.LevelNone)
	}
	if c.Waiver != nil {
		result.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(c.waived()))
	}
	if n := len(c.Exchanges); n > 0 {
		e := c.Exchanges[n-1]
		result.WithWebRequest(sarif.NewWebRequest().WithMethod(e.Method).WithTarget(e.URL).WithBody(sarif.NewArtifactContent().WithText(e.RequestBody)))
		result.WithWebResponse(sarif.NewWebResponse().WithStatusCode(e.Status).WithBody(sarif.NewArtifactContent().WithText(e.ResponseBody)))
	}
	return result
}

// serverFile stands for a server's code, which lies nowhere that a report could know.
const serverFile = "scim-server"

// SARIFLocation is a place in the checkout: a line of a file, the first where none is known. Code hosts refuse a result without
// a file and a line, and one whose file is an address.
func SARIFLocation(file string, line int) *sarif.Location {
	line = max(line, 1)
	artifact := sarif.NewSimpleArtifactLocation((&url.URL{Path: filepath.ToSlash(file)}).String()).WithURIBaseID("%SRCROOT%")
	return sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(artifact).WithRegion(sarif.NewSimpleRegion(line, line)))
}

func sarifLevel(c Result) string {
	switch {
	case c.Verdict == Failed && c.Blocking:
		return sarif.LevelError
	case c.Verdict == Failed:
		return sarif.LevelWarning
	}
	return sarif.LevelNote
}

// markdown is a rule's help: what, why, and what to do.
func (c Result) markdown() string {
	return fmt.Sprintf("%s.\n\n**Why it matters:** %s\n\n**What to do:** %s\n\n%s (%s)", c.Title, c.Why, c.Fix, c.Reference, c.Severity)
}
