package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"slipway/internal/lab"
	"slipway/internal/scim"
	"slipway/scimtest"
)

const verifyToken = "canary-verify-5b20"

// verify parses the arguments as the program does, runs the command, and returns its exit status and output.
func verify(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var cli struct {
		Verify verifyCmd `cmd:""`
	}
	parser, err := kong.New(&cli, kong.Exit(func(int) { t.Fatal("kong exits by itself") }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"verify"}, args...)); err != nil {
		return exitUsage, "", err.Error()
	}
	var out, errOut bytes.Buffer
	cli.Verify.stdout, cli.Verify.stderr = &out, &errOut
	err = cli.Verify.Run(t.Context())
	if s, ok := errors.AsType[exitStatus](err); ok {
		status = int(s)
	} else if err != nil {
		t.Fatalf("%v: %v is no exit status", args, err)
	}
	if text := out.String() + errOut.String(); strings.Contains(text, "canary") {
		t.Errorf("%v shows the token:\n%s", args, text)
	}
	return status, out.String(), errOut.String()
}

func TestVerifyExitStatus(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	broken, stopBroken := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithDefects("users.create.201")).Start()
	defer stopBroken()
	soft, stopSoft := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithDefects("error.status-string")).Start()
	defer stopSoft()
	old, stopOld := scimtest.New(scimtest.Version11(), scimtest.WithToken(verifyToken)).Start()
	defer stopOld()
	missing := filepath.Join(t.TempDir(), "missing.json")
	for _, tt := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"a compliant server passes", []string{base, "--bearer", verifyToken, "--allow-private"}, 0, "PASSED"},
		{"the whole header works too", []string{base, "--header", "Authorization: Bearer " + verifyToken, "--allow-private"}, 0, "PASSED"},
		{"a defect fails", []string{broken, "--bearer", verifyToken, "--allow-private"}, exitFailed, "FAILED   users.create.201"},
		{"what the engine tolerates does not fail", []string{soft, "--bearer", verifyToken, "--allow-private"}, 0, "failed   error.status-string"},
		{"but it does by the letter of the RFC", []string{soft, "--bearer", verifyToken, "--allow-private", "--profile", "rfc"}, exitFailed, "FAILED   error.status-string"},
		{"people of another domain, with an attribute", []string{base, "--bearer", verifyToken, "--allow-private", "--only", "users.create.201", "--format", "json",
			"--email-domain", "acme.test", "--user-attribute", scim.SchemaEnterpriseUser + `={"costCenter": "4130"}`}, 0,
			`enterprise:2.0:User\":{\"costCenter\":\"4130\"},\"userName\":\"slipway-lab-`},
		{"a wrong token fails", []string{base, "--bearer", "canary-wrong", "--allow-private"}, exitFailed, "refused the credentials"},
		{"wrong basic credentials fail", []string{base, "--basic", "ada:canary", "--allow-private"}, exitFailed, "refused the credentials"},
		{"no credentials fail", []string{base, "--allow-private"}, exitFailed, "refused the credentials"},
		{"a private address is not run", []string{base, "--bearer", verifyToken}, exitNotRun, "--allow-private"},
		{"a refused connection is not run", []string{"http://127.0.0.1:1/scim", "--allow-private"}, exitNotRun, "refused the connection"},
		{"a name that does not exist is not run", []string{"https://scim.invalid/v2"}, exitNotRun, "DNS"},
		{"no URL", nil, exitUsage, "url"},
		{"a URL that is none", []string{"scim.example.com"}, exitUsage, "full address"},
		{"a URL with a query", []string{base + "?token=canary", "--allow-private"}, exitUsage, "end before the question mark"},
		{"a URL with a bare question mark", []string{base + "?", "--allow-private"}, exitUsage, "end before the question mark"},
		{"a URL with a query, for a suite", []string{base + "?token=canary", "--suite", missing}, exitUsage, "end before the question mark"},
		{"a URL with a password", []string{"https://ada:canary@example.com/scim"}, exitUsage, "--basic USER:PASS"},
		{"a seed that is no number", []string{base, "--seed", "x"}, exitUsage, "--seed"},
		{"two kinds of credentials", []string{base, "--bearer", "a", "--basic", "b:c"}, exitUsage, "--bearer"},
		{"basic without a colon", []string{base, "--basic", "canary"}, exitUsage, "USER:PASS"},
		{"a header without a colon", []string{base, "--header", "canary"}, exitUsage, "Name: value"},
		{"a server of SCIM 1.1 passes as such", []string{old, "--scim", "1.1", "--bearer", verifyToken, "--allow-private"}, 0, "SCIM 1.1 · catalogue"},
		{"and not as SCIM 2.0", []string{old, "--bearer", verifyToken, "--allow-private"}, exitFailed, "The server speaks SCIM 1.1, and this run verifies SCIM 2.0"},
		{"nor does one of SCIM 2.0 as 1.1", []string{base, "--scim", "1.1", "--bearer", verifyToken, "--allow-private"}, exitFailed, "The server speaks SCIM 2.0, and this run verifies SCIM 1.1"},
		{"an unknown version", []string{base, "--scim", "3.0"}, exitUsage, "--scim"},
		{"people of a domain, for a suite", []string{base, "--email-domain", "acme.example", "--suite", missing}, exitUsage, "--email-domain"},
		{"a check of the other version", []string{base, "--scim", "1.1", "--only", "patch.op-case"}, exitUsage, "of SCIM 1.1"},
		{"a suite of the other version", []string{base, "--scim", "1.1", "--suite", missing}, exitUsage, "--scim"},
		{"an unknown profile", []string{base, "--profile", "okta"}, exitUsage, "--profile"},
		{"an unknown format", []string{base, "--format", "yaml"}, exitUsage, "--format"},
		{"an unknown flag", []string{base, "--fast"}, exitUsage, "--fast"},
		{"a suite that is not there", []string{base, "--suite", missing}, exitUsage, "cannot be read"},
		{"an environment without a suite", []string{base, "--environment", missing}, exitUsage, "--suite"},
		{"a host without a suite", []string{base, "--host", "example.com"}, exitUsage, "--suite"},
		{"variables without a suite", []string{base, "--var", "a=b"}, exitUsage, "--suite"},
		{"a courteous pace is said", []string{base, "--bearer", verifyToken, "--allow-private", "--only", "auth.credentials", "--rate", "50"}, 0, "Note: This run sent at most 50 requests a second"},
		{"a pace of nothing", []string{base, "--rate", "0"}, exitUsage, "such as 20 or 0.5"},
		{"a pace for a suite", []string{base, "--rate", "5", "--suite", missing}, exitUsage, "built-in catalogue"},
		{"a negative pause", []string{base, "--pause-scale=-1"}, exitUsage, "0 or more"},
		{"a report that cannot be written", []string{base, "--bearer", verifyToken, "--allow-private", "--out", filepath.Join(missing, "x")}, exitUsage, "cannot be written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errOut := verify(t, tt.args...)
			if status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

// A second pair of credentials may come from the environment, where a list of processes does not show it.
func TestVerifyWithASecondTenant(t *testing.T) {
	const tenant, reader = "canary-tenant-77aa", "canary-reader-31cd"
	sound, open := []string{}, []string{"auth.tenant-isolation", "auth.forbidden-403"}
	second := []string{"--other-bearer", tenant, "--read-only-bearer", reader}
	for _, tt := range []struct {
		name    string
		defects []string
		extra   []string
		environ bool
		want    int
		says    string
	}{
		{"tenants that are apart", sound, second, false, 0, "PASSED"},
		{"tenants that are not", open, second, false, exitFailed, "FAILED   auth.tenant-isolation"},
		{"a reader who is told to sign in", open, second, false, exitFailed, "failed   auth.forbidden-403"},
		{"the same from the environment", open, nil, true, exitFailed, "FAILED   auth.tenant-isolation"},
		{"without it, nothing is claimed", open, nil, false, 0, "PASSED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.environ {
				t.Setenv("SLIPWAY_OTHER_BEARER", tenant) // the others run once this row has ended
			} else {
				t.Parallel()
			}
			base, stop := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithTenant(tenant), scimtest.WithReader(reader), scimtest.WithDefects(tt.defects...)).Start()
			defer stop()
			args := append([]string{base, "--bearer", verifyToken, "--allow-private"}, tt.extra...)
			if status, out, errOut := verify(t, args...); status != tt.want || !strings.Contains(out+errOut, tt.says) {
				t.Errorf("exit %d; want %d and %q in\n%s%s", status, tt.want, tt.says, out, errOut)
			}
		})
	}
}

// A seed repeats a run to the letter: the same names are sent.
func TestVerifyWithASeed(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	names := regexp.MustCompile(`slipway-lab-[a-z0-9]+-`)
	var first string
	for range 2 {
		status, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--only", "users.create.201", "--seed", "18446744073709551615", "--format", "json")
		if status != 0 || !strings.Contains(out, `"seed": "18446744073709551615"`) {
			t.Fatalf("exit %d\n%.500s%s", status, out, errOut)
		}
		if name := names.FindString(out); first != "" && name != first {
			t.Errorf("the second run sends %s, the first %s", name, first)
		} else {
			first = name
		}
	}
}

// The token may come from the environment; what is given in the call outweighs it.
func TestVerifyWithATokenOfTheEnvironment(t *testing.T) {
	base, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	t.Setenv("SLIPWAY_BEARER", verifyToken)
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"from the environment", nil, 0},
		{"another token in the call", []string{"--bearer", "canary-wrong"}, exitFailed},
		{"other credentials in the call", []string{"--basic", "ada:canary"}, exitFailed},
		{"a header in the call", []string{"--header", "X-Key: canary"}, exitFailed},
	} {
		if status, out, errOut := verify(t, append([]string{base, "--allow-private", "--only", "auth.credentials"}, tt.args...)...); status != tt.want {
			t.Errorf("%s: exit %d, want %d\n%s%s", tt.name, status, tt.want, out, errOut)
		}
	}
}

func TestVerifyFormats(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithDefects("auth.no-leak")).Start()
	defer stop()
	for format, want := range map[string]string{"json": `"verdict": "failed"`, "junit": `<testsuites name=`, "html": "<!doctype html>", "text": "FAILED   auth.no-leak"} {
		file := filepath.Join(t.TempDir(), "report")
		status, out, errOut := verify(t, base, "--bearer", verifyToken, "--allow-private", "--format", format, "--out", file)
		text, err := os.ReadFile(file)
		if err != nil || status != exitFailed || out != "" || !strings.Contains(errOut, "FAILED: ") {
			t.Errorf("%s: exit %d, %v, standard output %q, standard error %q", format, status, err, out, errOut)
		}
		if !strings.Contains(string(text), want) || strings.Contains(string(text), "canary") {
			t.Errorf("%s: %q is missing, or the token is there:\n%.500s", format, want, text)
		}
	}
}

// The shape that scripts rely on.
func TestVerifyJSON(t *testing.T) {
	t.Parallel()
	base, stop := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithEntitlements()).Start()
	defer stop()
	_, out, _ := verify(t, base, "--bearer", verifyToken, "--allow-private", "--format", "json")
	var report struct {
		Verdict, Profile string
		Counts           map[string]int
		Checks           []struct {
			ID, Title, Verdict, Severity, Message, Fix, Reference string
			Exchanges                                             []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if report.Verdict != "passed" || report.Profile != "network" || report.Counts["passed"]+report.Counts["not_run"] != len(lab.Checks()) ||
		report.Counts["does_not_apply"] != report.Counts["not_run"] || len(report.Counts) != 5 {
		t.Errorf("%s %s %v", report.Verdict, report.Profile, report.Counts)
	}
	for _, c := range report.Checks {
		if c.ID == "" || c.Title == "" || c.Severity == "" || c.Fix == "" || c.Reference == "" || c.Exchanges == nil {
			t.Errorf("%+v lacks something", c)
		}
	}
}

// A run is held against an earlier report; a file that is none is told before the run.
func TestVerifyCompares(t *testing.T) {
	t.Parallel()
	sound, stop := scimtest.New(scimtest.WithToken(verifyToken)).Start()
	defer stop()
	broken, stopBroken := scimtest.New(scimtest.WithToken(verifyToken), scimtest.WithDefects("users.put.readback")).Start()
	defer stopBroken()
	earlier := filepath.Join(t.TempDir(), "earlier.json")
	only := []string{"--bearer", verifyToken, "--allow-private", "--only", "users.put.readback"}
	if status, _, stderr := verify(t, append(only, broken, "--format", "json", "--out", earlier)...); status != exitFailed {
		t.Fatalf("status %d: %s", status, stderr)
	}
	status, stdout, stderr := verify(t, append(only, sound, "--compare", earlier)...)
	if status != 0 || !strings.Contains(stdout, "1 checks ended otherwise") || !strings.Contains(stdout, "better   users.put.readback               passed, was failed") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	for _, file := range []string{earlier + ".missing", os.DevNull} {
		if status, stdout, stderr := verify(t, append(only, sound, "--compare", file)...); status != exitUsage || stdout != "" || !strings.Contains(stderr, file) {
			t.Errorf("%s: status %d, %q, %q", file, status, stdout, stderr)
		}
	}
}
