package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/connector/program"
	"slipway/internal/connector/value"
)

// kinds are what fields may be declared to hold.
var kinds = []value.Type{value.Any, value.String, value.Num, value.Boolean, value.Instant, value.Object, value.List, value.Binary}

// FuzzCard gives a card any JSON as its inputs, under declared types that come from declared. No card panics, and each ends
// within the run's limits or says why not.
//
// Covers H-33, H-37.
func FuzzCard(f *testing.F) {
	for _, r := range slices.Concat(rows...) {
		inputs := map[string]any{}
		for _, in := range r.in {
			name := in.Key.Name
			if in.Key.Group != "" {
				name = in.Key.Group + "|" + name
			}
			inputs[name] = in.Const
		}
		f.Add(r.op, value.Encode(inputs), []byte{0})
		f.Add(r.op, value.Encode(inputs), []byte{2, 1, 4, 6})
	}
	f.Add("math/round", []byte(`{"a":1e308,"decimals":-15}`), []byte{0})
	f.Add("date/add", []byte(`{"start":-8.64e15,"scale":9e15,"unit":"milliseconds"}`), []byte{0})
	f.Add("list/flatten", []byte(`{"lists":[[[[[[]]]]]]}`), []byte{6})
	limits := Limits{Time: 2 * time.Second, Steps: 500, Depth: 10, Items: 1000, Pages: 20, Requests: 5, Memory: 4 << 20, Text: 1 << 20}
	f.Fuzz(func(t *testing.T, op string, inputs, declared []byte) {
		read, err := value.Decode(inputs)
		members, is := read.(map[string]any)
		if err != nil || !is || !known(op) || len(declared) == 0 {
			return
		}
		n := node(op, nil, outs("output", "Response|Body")...)
		for i, name := range slices.Sorted(maps.Keys(members)) {
			kind := kinds[int(declared[i%len(declared)])%len(kinds)]
			n.In = append(n.In, program.Input{Key: parseKey(name), Type: kind, List: declared[i%len(declared)] > 127, Const: members[name]})
		}
		n.In = append(n.In, program.Input{Key: key("flo"), Type: value.Flow, Flow: "doubled"})
		main := flow("main", n)
		m := machine(main, doubled)
		m.Limits = limits
		started := time.Now()
		result, err := m.Run(context.Background(), main, nil)
		if took := time.Since(started); took > 2*limits.Time {
			t.Errorf("%s took %s, where a run has %s", op, took, limits.Time)
		}
		if err != nil {
			e, is := errors.AsType[*Error](err)
			if !is || e.Message == "" || !utf8.ValidString(e.Message) {
				t.Errorf("%s ends with %#v, which is no sentence", op, err)
			}
			return
		}
		for k, v := range result.Outputs {
			if value.Size(v, limits.Memory) > limits.Memory {
				t.Errorf("%s gives more in %s than a run may hold", op, k)
			}
		}
	})
}

func known(op string) bool { _, is := cards[op]; return is }
