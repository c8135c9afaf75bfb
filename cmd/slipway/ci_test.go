package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/require"
	"slipway/scimtest"
)

// The recipes of docs/ci.md do what they say: a sound server passes, a broken one fails the build, one that nobody reached
// fails it too and takes no alert back, and the token is in no list of processes.
func TestRecipesForCI(t *testing.T) {
	t.Parallel()
	require.Slow(t)
	require.Program(t, "curl")
	text, err := os.ReadFile(filepath.Join(require.Root(t), "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`--(bearer|header|basic) `).Match(text) {
		t.Error("a recipe puts a credential where a list of processes shows it")
	}
	if want := "- if: always() && (steps.verify.outputs.status == '0' || steps.verify.outputs.status == '1')\n        uses: github/codeql-action/upload-sarif"; !strings.Contains(string(text), want) {
		t.Errorf("findings are not uploaded exactly where there is a verdict: docs/ci.md lacks\n%s", want)
	}
	for _, recipe := range []struct{ name, lines, report string }{
		{"GitHub Actions", `(?s)run: \|\n(.*?)\n      - if`, "scim.sarif"},
		{"GitLab CI", `(?s)\n  script:\n(.*?)\n  artifacts`, "scim.xml"},
	} {
		script := regexp.MustCompile(recipe.lines).FindStringSubmatch(string(text))
		if script == nil {
			t.Fatalf("docs/ci.md has no recipe for %s", recipe.name)
		}
		commands := regexp.MustCompile(`(?m)^ +(- )?`).ReplaceAllString(script[1], "")
		for _, tt := range []struct {
			name   string
			start  func() (base string, stop func())
			status string
		}{
			{"a sound server", scimtest.New(scimtest.WithToken(demoToken)).Start, "0"},
			{"a server that ignores filters", scimtest.New(scimtest.WithToken(demoToken), scimtest.WithDefects("filter.eq.really-filters")).Start, "1"},
			{"a server that goes away", goingAway, "2"},
		} {
			t.Run(recipe.name+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				base, stop := tt.start()
				defer stop()
				folder := workplace(t)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				outputs := filepath.Join(folder, "outputs")
				build := exec.CommandContext(ctx, "sh", "-ec", commands)
				build.Dir, build.Env = folder, append(os.Environ(), "SCIM_URL="+base, "SLIPWAY_BEARER="+demoToken, "GITHUB_OUTPUT="+outputs)
				if out, _ := build.CombinedOutput(); strconv.Itoa(build.ProcessState.ExitCode()) != tt.status {
					t.Errorf("the build ended with %s, want %s:\n%s", build.ProcessState, tt.status, out)
				}
				if report, err := os.ReadFile(filepath.Join(folder, recipe.report)); err != nil || !strings.Contains(string(report), "slipway verify") {
					t.Errorf("the report %s: %v", recipe.report, err)
				}
				if said, err := os.ReadFile(outputs); recipe.name == "GitHub Actions" && string(said) != "status="+tt.status+"\n" {
					t.Errorf("the step hands on %q, %v; want the status %s", said, err, tt.status)
				}
			})
		}
	}
}

// goingAway answers whoever looks whether it is up, and then nobody.
func goingAway() (base string, stop func()) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { _ = server.Listener.Close() }))
	return server.URL, server.Close
}

// workplace is a checkout as the recipes leave it before they verify: with the program, and a script that starts a server.
func workplace(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(buildProgram(t), filepath.Join(folder, "slipway")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "start-server"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}
