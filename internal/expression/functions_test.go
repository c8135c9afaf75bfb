package expression

import (
	"bytes"
	"testing"
	"time"

	"slipway/internal/require"
)

// still is an environment in which neither clock nor chance moves.
func still(values map[string]any) Env {
	return Env{
		Values: values,
		Now:    time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("", 3600)),
		Random: bytes.NewReader(bytes.Repeat([]byte{7}, 1<<10)),
	}
}

// asJSON is the value as the tables write it.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	s, err := new(run).json(v)
	if err != nil {
		t.Fatalf("write %T: %v", v, err)
	}
	return s
}

func TestEveryExampleGivesWhatItSays(t *testing.T) {
	for _, g := range groups {
		for _, f := range g.functions {
			t.Run(f.Name(), func(t *testing.T) {
				e, err := Compile(f.Example, Names{})
				if err != nil {
					t.Fatalf("%s: %v", f.Example, err)
				}
				got, err := e.Eval(still(nil))
				if err != nil || asJSON(t, got) != f.Result {
					t.Errorf("%s: got %v, %v; want %s", f.Example, got, err, f.Result)
				}
			})
		}
	}
}

func TestTheReferenceIsUpToDate(t *testing.T) {
	require.Drawn(t, "docs/connectors/expressions.md", Markdown())
}
