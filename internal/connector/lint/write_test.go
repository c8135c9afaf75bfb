package lint_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/connector/lint"
	"slipway/internal/connector/program"
)

func findings() program.Findings {
	var found program.Findings
	found.Add(lint.Credential, program.Src{File: "a.flow", Flow: "Get User", Card: `"Compose" (x1)`}, "text holds what looks like %s.", "a JSON Web Token")
	found.Add(lint.BadWords, program.Src{File: "connector.yaml", Line: 12}, "The action has no description.")
	found.Add(program.Rule{Code: "SW999", Level: program.Warning}, program.Src{}, "Something else.")
	return found
}

func TestWriteText(t *testing.T) {
	var b strings.Builder
	if err := lint.WriteText(&b, findings()); err != nil {
		t.Fatal(err)
	}
	want := `a.flow: "Get User", card "Compose" (x1): error SW015: text holds what looks like a JSON Web Token.
connector.yaml:12: warning SW023: The action has no description.
warning SW999: Something else.
1 error, 2 warnings
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	if err := lint.WriteJSON(&b, findings()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Errors, Warnings int
		Findings         program.Findings
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Errors != 1 || got.Warnings != 2 {
		t.Errorf("%d errors and %d warnings, want 1 and 2", got.Errors, got.Warnings)
	}
	if diff := cmp.Diff(findings(), got.Findings); diff != "" {
		t.Errorf("findings read back (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := lint.WriteJSON(&b, nil); err != nil || !strings.Contains(b.String(), `"findings": []`) {
		t.Errorf("without findings: %v, %s", err, b.String())
	}
}

func TestWriteSARIF(t *testing.T) {
	var b strings.Builder
	if err := lint.WriteSARIF(&b, findings()); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID   string
						Help struct{ Markdown string }
					}
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI, URIBaseID string }
						Region           struct{ StartLine int }
					}
					LogicalLocations []struct{ FullyQualifiedName string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Results) != 3 || len(run.Tool.Driver.Rules) != 3 {
		t.Fatalf("version %s, %d results, %d rules", log.Version, len(run.Results), len(run.Tool.Driver.Rules))
	}
	first, second := run.Results[0], run.Results[1]
	if first.RuleID != "SW015" || first.Level != "error" || run.Tool.Driver.Rules[first.RuleIndex].ID != "SW015" || !strings.Contains(run.Tool.Driver.Rules[0].Help.Markdown, lint.Credential.Fix) {
		t.Errorf("the first result is %+v with the rule %+v", first, run.Tool.Driver.Rules[first.RuleIndex])
	}
	at := first.Locations[0]
	if at.PhysicalLocation.ArtifactLocation.URI != "a.flow" || at.LogicalLocations[0].FullyQualifiedName != `"Get User", card "Compose" (x1)` {
		t.Errorf("the first result lies at %+v", at)
	}
	if second.Level != "warning" || second.Locations[0].PhysicalLocation.Region.StartLine != 12 {
		t.Errorf("the second result is %+v, want a warning in line 12", second)
	}
	for _, result := range run.Results { // a code host refuses one without a file and a line
		if place := result.Locations[0].PhysicalLocation; place.Region.StartLine < 1 || place.ArtifactLocation.URI == "" || place.ArtifactLocation.URIBaseID != "%SRCROOT%" {
			t.Errorf("%s lies at %+v", result.RuleID, place)
		}
	}
}
