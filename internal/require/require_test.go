package require

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// outcome records what a test would have come to. Fatalf and Skipf end its goroutine, as testing.T does.
type outcome struct {
	testing.TB
	failed, skipped string
}

func (o *outcome) Helper()      {}
func (o *outcome) Name() string { return "TestOnPostgres" }
func (o *outcome) Fatalf(format string, args ...any) {
	o.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (o *outcome) Skipf(format string, args ...any) {
	o.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func run(t *testing.T, there bool) *outcome {
	return ended(t, func(o *outcome) { Part(o, "PostgreSQL", there, "start it") })
}

func ended(t *testing.T, test func(*outcome)) *outcome {
	o := &outcome{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(o)
	}()
	<-done
	return o
}

func TestForeignSkipsAloudEverywhere(t *testing.T) {
	for _, require := range []string{"", "all"} {
		list := filepath.Join(t.TempDir(), "skipped")
		t.Setenv("SLIPWAY_REQUIRE", require)
		t.Setenv("SLIPWAY_SKIPPED", list)
		got := ended(t, func(o *outcome) { Foreign(o, "a folder", false, "name it") })
		listed, _ := os.ReadFile(list)
		if got.failed != "" || got.skipped == "" || !strings.Contains(string(listed), "a folder is not here: name it") {
			t.Errorf("SLIPWAY_REQUIRE=%s: failed %q, skipped %q, listed %q", require, got.failed, got.skipped, listed)
		}
	}
	if got := ended(t, func(o *outcome) { Foreign(o, "a folder", true, "name it") }); got.failed+got.skipped != "" {
		t.Errorf("with the folder there: failed %q, skipped %q", got.failed, got.skipped)
	}
}

func TestPart(t *testing.T) {
	for _, tt := range []struct {
		name, require string
		there         bool
		failed        bool
		skipped       bool
	}{
		{"a part that is there lets the test go on", "", true, false, false},
		{"a part that is there lets the test go on in CI", "all", true, false, false},
		{"a missing part skips on a developer's machine", "", false, false, true},
		{"a missing part fails where nothing may be skipped", "all", false, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := filepath.Join(t.TempDir(), "skipped")
			t.Setenv("SLIPWAY_REQUIRE", tt.require)
			t.Setenv("SLIPWAY_SKIPPED", list)
			got := run(t, tt.there)
			if (got.failed != "") != tt.failed || (got.skipped != "") != tt.skipped {
				t.Errorf("failed %q, skipped %q; want failed %v, skipped %v", got.failed, got.skipped, tt.failed, tt.skipped)
			}
			listed, _ := os.ReadFile(list)
			if line := "TestOnPostgres: PostgreSQL is missing: start it\n"; (string(listed) == line) != tt.skipped {
				t.Errorf("the list of skipped tests holds %q, want it exactly when the test skips", listed)
			}
			if tt.failed && !strings.Contains(got.failed, "start it") {
				t.Errorf("failure %q does not say what to do", got.failed)
			}
		})
	}
}
