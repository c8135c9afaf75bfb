package provisioning

import (
	"os"
	"strconv"
	"testing"
)

// TestMeasure keeps the measurement working; SLIPWAY_BENCH_PEOPLE=5000 makes it the real one.
func TestMeasure(t *testing.T) {
	people := 200
	if n, err := strconv.Atoi(os.Getenv("SLIPWAY_BENCH_PEOPLE")); err == nil {
		people = n
	}
	figures, err := Measure(t.Context(), t.TempDir(), people)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		t.Logf("%-30s %10.2f %-10s ratio %.2f (limit %.2f)", f.Name, f.Value, f.Unit, f.Ratio, f.Limit)
	}
	if last := figures[len(figures)-1]; last.Value != 0 {
		t.Errorf("a second synchronisation with nothing changed sent %v requests, want none", last.Value)
	}
}
