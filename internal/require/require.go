// Package require decides what happens to a test whose machine lacks a part: a database server, a browser, a peer.
//
// Its one rule: nothing is skipped in silence. On a developer's machine such a test skips, and `make test` lists it
// at the end; under SLIPWAY_REQUIRE=all, which CI sets, it fails. How to find the part, and how to start it, is
// left to the package that uses it. Only tests and their support import this one.
package require

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Part stops the test unless the part is there. what names the part, and why says what is amiss and what to do:
// "set SLIPWAY_TEST_POSTGRES, or run `make test`".
//
// The test fails under SLIPWAY_REQUIRE=all and skips otherwise. `go test` prints the skips of a passing package only
// with -v, so each is also a line of the file that SLIPWAY_SKIPPED names, if it names one.
func Part(t testing.TB, what string, there bool, why string) {
	t.Helper()
	if there {
		return
	}
	if os.Getenv("SLIPWAY_REQUIRE") == "all" {
		t.Fatalf("%s is missing, and SLIPWAY_REQUIRE=all forbids to skip: %s", what, why)
	}
	note(t, fmt.Sprintf("%s: %s is missing: %s\n", t.Name(), what, why))
	t.Skipf("SKIPPED, %s is missing: %s", what, why)
}

// Foreign stops the test unless others' material is there, which this repository may not hold. why says how to name it. It
// skips aloud, also under SLIPWAY_REQUIRE=all: no bootstrap can bring it.
func Foreign(t testing.TB, what string, there bool, why string) {
	t.Helper()
	if there {
		return
	}
	note(t, fmt.Sprintf("%s: %s is not here: %s\n", t.Name(), what, why))
	t.Skipf("SKIPPED, %s is not here: %s", what, why)
}

// Slow skips a test that starts a browser, another program or a second process when `make quick` asks for the
// others only (go test -short).
func Slow(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out of `make quick`")
	}
}

// Soaking reports that `make soak` runs: a test that takes a sample otherwise takes everything.
func Soaking() bool { return os.Getenv("SLIPWAY_SOAK") != "" }

// Program returns the path of the first of the named programs that this machine has; without one, see Part.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Part(t, names[0], false, "run `make bootstrap`")
	return ""
}

// File returns the absolute path of a file that `make bootstrap` brings, named from the module's root; without it,
// see Part.
func File(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(t), name)
	_, err := os.Stat(path)
	Part(t, name, err == nil, "run `make bootstrap`")
	return path
}

// Root returns the folder of go.mod: a test runs in its package's folder, somewhere below.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the module's root: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("find the module's root: no go.mod above the test's folder")
		}
		folder = filepath.Dir(folder)
	}
}

func note(t testing.TB, line string) {
	t.Helper()
	path := os.Getenv("SLIPWAY_SKIPPED")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatalf("note a skipped test: %v", err)
	}
	if _, err := file.WriteString(line); err != nil {
		t.Errorf("note a skipped test: %v", err)
	}
	if err := file.Close(); err != nil {
		t.Errorf("note a skipped test: %v", err)
	}
}

// Proof leaves a test to `make proof`, which runs it without the race detector.
func Proof(t testing.TB) {
	t.Helper()
	if Racing && !Soaking() {
		t.Skip("left to `make proof`")
	}
}
