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
	o := &outcome{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Part(o, "PostgreSQL", there, "start it")
	}()
	<-done
	return o
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
