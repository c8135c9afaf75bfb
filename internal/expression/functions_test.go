package expression

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/connectors/expressions.md anew")

const referencePath = "../../docs/connectors/expressions.md"

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
	if *update {
		if err := os.WriteFile(referencePath, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), Markdown()); diff != "" {
		t.Errorf("docs/connectors/expressions.md differs from the declarations; run: go test ./internal/expression -run Reference -update\n%s", diff)
	}
}
