package flopack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/flopack/flopacktest"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/outline"
	"slipway/internal/connector/program"
)

// seeds are sound files and broken ones, for fuzzing to begin with; more come from the folder of a corpus, if one is named.
func seeds(f *testing.F) {
	f.Helper()
	for _, file := range []*flopacktest.File{sound().file, customAction(), ping()} {
		f.Add(file.Bytes())
	}
	for _, text := range []string{text(let(`"a"`)), nested(3), text(let(`"\ud83d\ude00"`)), `{"type":"flopack"}`, text(let(`{"methods":[null]}`))} {
		f.Add([]byte(text))
	}
	if folder := os.Getenv("SLIPWAY_FLOPACK_CORPUS"); folder != "" {
		names, _ := filepath.Glob(filepath.Join(folder, "*.fl*"))
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil && len(text) < 100_000 {
				f.Add(text)
			}
		}
	}
}

// Whatever the bytes are: they are read or refused, and what was read can be shown and linted.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		file := flopack.Read("x.flow", text)
		if len(file.Flows) == 0 && len(file.Findings) == 0 && len(text) < 10 {
			t.Error("nothing was read, and nothing said")
		}
		p, linked := flopack.Link(file)
		for _, found := range append(append(file.Findings, linked...), lint.Check(p, lint.Options{})...) {
			if found.Code == "" || found.Message == "" || len(found.String()) > 5000 {
				t.Errorf("a finding of %d bytes: %.300s", len(found.String()), found)
			}
		}
		if err := outline.Print(io.Discard, p); err != nil {
			t.Error(err)
		}
		flopack.Credentials(text)
		if found := lint.Compare(p, p); len(found) > 0 && unique(p) {
			t.Errorf("it breaks with itself: %v", found)
		}
	})
}

// unique holds where no two actions share a name, and no field a key: otherwise no version is like another.
func unique(p *program.Program) bool {
	names := map[string]bool{}
	for _, f := range p.OfKind(program.Action) {
		keys := map[program.Key]bool{}
		for _, in := range f.Inputs {
			if keys[in.Key] {
				return false
			}
			keys[in.Key] = true
		}
		if names[f.Name] {
			return false
		}
		names[f.Name] = true
	}
	return true
}

// Whatever can be imported can be run: it ends, with a result or an error, and never by a panic.
func FuzzRun(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, _ := flopack.Link(flopack.Read("x.flow", text))
		m := machine(p, func(engine.Request) engine.Response {
			return engine.Response{Status: 200, Header: http.Header{}, Body: []byte(`{"a":[1,"b",null,{"c":true}]}`)}
		})
		m.Clock = still{}
		m.Limits = engine.Limits{Steps: 300, Depth: 10, Items: 50, Pages: 5, Memory: 1 << 20, Text: 100_000, Time: 10 * time.Second}
		for i, flow := range p.Flows() {
			if i == 5 {
				break
			}
			in := engine.Values{{Group: "auth", Name: "blob"}: map[string]any{"token": "t"}}
			for _, p := range flow.Inputs {
				in[p.Key] = "1"
			}
			result, err := m.Run(t.Context(), flow, in)
			if failed, is := errors.AsType[*engine.Error](err); err != nil && (!is || failed == nil || failed.Message == "") {
				t.Errorf("it ended with %#v", err)
			}
			if result.Steps > m.Limits.Steps+1 {
				t.Errorf("%d cards ran, more than %d", result.Steps, m.Limits.Steps)
			}
		}
	})
}

// still is a clock that stands, and on which nobody waits.
type still struct{}

func (still) Now() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }

func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
