package runscope

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/report"
)

// needsNames is a suite of our own under a published name, with the variables that its initial script would set.
const needsNames = `{"name":"Okta SCIM 2.0 SPEC Test","version":"1.0","steps":[{"step_type":"request","note":"passed: names","method":"POST","url":"{{base}}/echo/","headers":{},
	"body":"{{randomGivenName}} {{randomFamilyName}} {{randomEmail}} {{randomUsername}} {{randomUsernameCaps}} {{InvalidUserEmail}} {{UserIdThatDoesNotExist}}"}]}`

var madeUp = regexp.MustCompile(`^(Slipway\d{3}) ([A-Z][a-z]{8}\d{3}) (\S+@example\.com) (\S+) (\S+) (nobody\d{8}@example\.com) ([01]{30})$`)

// A published suite runs without its initial script: what it would set is made up, told, and outweighed by what is given.
func TestInitialScriptIsReplaced(t *testing.T) {
	f := newFake(t)
	body := func(seed uint64, script string, vars map[string]string) (string, Result) {
		o := options(t, f, vars)
		o.Seed, o.InitialScript = seed, script
		result := Run(t.Context(), parse(t, needsNames), o, nil)
		if all := f.taken(); len(all) == 1 {
			return all[0].Body, result
		}
		return "", result
	}
	one, result := body(1, "", nil)
	m := madeUp.FindStringSubmatch(one)
	if m == nil || m[3] != m[1]+m[2]+"@example.com" || m[4] != m[3] || m[5] != strings.ToUpper(m[3]) {
		t.Fatalf("it sent %q", one)
	}
	told := strings.Join(result.Warnings, "\n")
	if !strings.Contains(told, "Values were made in its place: InvalidUserEmail = "+m[6]+", UserIdThatDoesNotExist = "+m[7]+", randomEmail = "+m[3]) {
		t.Errorf("notes: %s", told)
	}
	if again, _ := body(1, "", nil); again != one {
		t.Errorf("the same seed sent %q, then %q", one, again)
	}
	if other, _ := body(2, "", nil); other == one {
		t.Errorf("another seed sent the same names: %q", one)
	}
	given, result := body(1, "", map[string]string{"randomEmail": "Ada@example.org"})
	if m := madeUp.FindStringSubmatch(given); m != nil || !strings.Contains(given, " Ada@example.org Ada@example.org ADA@EXAMPLE.ORG ") {
		t.Errorf("what follows from a given value must fit to it: %q", given)
	}
	if strings.Contains(strings.Join(result.Warnings, "\n"), "randomEmail = ") {
		t.Errorf("a given value was not made up: %v", result.Warnings)
	}
	if half, result := body(1, `variables.set("randomEmail", "x@example.org")`, nil); half != "" || result.Verdict != report.NotRun {
		t.Errorf("a script that sets a part of them stands alone: %q, %s", half, result.Verdict)
	}
	if computed, _ := body(1, `["Email", "Username"].forEach(function (n) { variables.set("random" + n, "x@example.org") })`, nil); !strings.Contains(computed, " x@example.org x@example.org ") {
		t.Errorf("what a script sets wins: %q", computed)
	}
	summary := parse(t, needsNames).Summary("")
	if len(summary.Generated) != 7 || !slices.Equal(summary.Needs, []string{"base"}) {
		t.Errorf("the summary needs %v and makes up %v", summary.Needs, summary.Generated)
	}
}

func TestPublishedSpecSuiteWithoutItsInitialScript(t *testing.T) {
	s := parse(t, string(published(t, "Okta-SCIM-20-SPEC-Test.json")))
	result := Run(t.Context(), s, suiteOptions(t, scimServer(t), ""), nil)
	if result.Verdict != report.Passed || result.Counts[Passed] != 12 {
		t.Errorf("verdict %s (%s), counts %v", result.Verdict, result.Reason, result.Counts)
	}
	crud := parse(t, string(published(t, "Okta-SCIM-20-CRUD-Test.json"))).Summary("")
	if want := []string{"SCIMAuth", "SCIMUrl", "oktaAppId", "oktaOrgUrl", "oktaToken"}; !slices.Equal(crud.Needs, want) {
		t.Errorf("the CRUD suite needs %v, want %v", crud.Needs, want)
	}
}
