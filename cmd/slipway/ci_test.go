package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/internal/require"
	"slipway/scimtest"
)

// The recipes of docs/ci.md do what they say: a sound server passes, a broken one fails the build, and the report is there
// either way.
func TestRecipesForCI(t *testing.T) {
	t.Parallel()
	require.Slow(t)
	require.Program(t, "curl")
	text, err := os.ReadFile(filepath.Join(require.Root(t), "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
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
			name    string
			defects []string
			passes  bool
		}{
			{"a sound server", nil, true},
			{"a server that ignores filters", []string{"filter.eq.really-filters"}, false},
		} {
			t.Run(recipe.name+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				base, stop := scimtest.New(scimtest.WithToken(demoToken), scimtest.WithDefects(tt.defects...)).Start()
				defer stop()
				folder := workplace(t)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				build := exec.CommandContext(ctx, "sh", "-ec", commands)
				build.Dir, build.Env = folder, append(os.Environ(), "SCIM_URL="+base, "SCIM_TOKEN="+demoToken)
				if out, err := build.CombinedOutput(); (err == nil) != tt.passes {
					t.Errorf("the build ended with %v:\n%s", err, out)
				}
				if report, err := os.ReadFile(filepath.Join(folder, recipe.report)); err != nil || !strings.Contains(string(report), "slipway verify") {
					t.Errorf("the report %s: %v", recipe.report, err)
				}
			})
		}
	}
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
