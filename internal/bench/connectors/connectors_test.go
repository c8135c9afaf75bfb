package connectors_test

import (
	"testing"

	"slipway/internal/bench/connectors"
)

func TestMeasure(t *testing.T) {
	figures, err := connectors.Measure(t.Context(), "../../../examples/acmehr")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f.Value <= 0 {
			t.Errorf("%s is %g %s", f.Name, f.Value, f.Unit)
		}
		t.Logf("%s: %.2f %s, ratio %.2f (limit %.2f)", f.Name, f.Value, f.Unit, f.Ratio, f.Limit)
	}
}
