package definition_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/connector/definition"
	"slipway/internal/expression"
)

// Each map applies the next one twice: written out, they would be more than any reader has time for.
func TestMapsWithinMapsAreRefusedBeforeTheyFillMemory(t *testing.T) {
	var b strings.Builder
	for i := range 24 {
		fmt.Fprintf(&b, "  m%d: { a: { $map: m%d, $value: \"${ it }\" }, b: { $map: m%d, $value: \"${ it }\" } }\n", i, i+1, i+1)
	}
	b.WriteString("  m24: { a: x }\n")
	text := strings.Replace(sound, "maps:\n", "maps:\n"+b.String(), 1)
	text = strings.Replace(text, `id: "${ it.id }"`, `id: { $map: m0, $value: "${ it.id }" }`, 1)
	text = strings.Replace(text, `return: { id: "7" }`, `return: { $map: person, $value: "${ input }" }`, 1)
	started := time.Now()
	_, found := definition.Read("connector.yaml", []byte(text))
	if found.Errors() != 1 || !strings.Contains(found[0].String(), "Maps are applied more than") {
		t.Errorf("found %v", found)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A list within each item of a list: no expression is long, and the result would be.
func TestListsWithinListsCountTogether(t *testing.T) {
	text := strings.Replace(sound, "maps:\n", "maps:\n  outer: { all: { $map: person, $each: \"${ it.all }\" } }\n", 1)
	text = strings.Replace(text, "schema: { required: [name] }", "", 1)
	text = strings.Replace(text, `return: { text: "Hello ${ vars.name }, ${ steps.found.id }" }`, `return: { text: { $map: outer, $each: "${ input.who.items }" } }`, 1)
	text = strings.ReplaceAll(text, "required: true, ", "required: true")
	d, found := definition.Read("connector.yaml", []byte(text))
	if d == nil || found.Errors() > 0 {
		t.Fatalf("found %v", found)
	}
	inner := make([]any, 400)
	for i := range inner {
		inner[i] = map[string]any{"id": "7"}
	}
	items := make([]any, 400)
	for i := range items {
		items[i] = map[string]any{"all": inner}
	}
	for _, f := range d.Flows {
		if f.Name == "Greet" {
			last := f.Body.Nodes[len(f.Body.Nodes)-1]
			_, err := last.In[0].Formula.Eval(expression.Env{Values: map[string]any{"input": map[string]any{"who": map[string]any{"items": items}}}})
			if err == nil || !strings.Contains(err.Error(), "with the lists within") {
				t.Errorf("got %v", err)
			}
		}
	}
}
