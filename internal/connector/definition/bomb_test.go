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

// The parser's memory grows with the square of how deep a file is: of a few hundred kilobytes it would make tens of gigabytes.
func TestWhatLiesTooDeepIsNotParsed(t *testing.T) {
	const n = 200_000
	for _, text := range []string{
		strings.Repeat("[", n), strings.Repeat("{a: ", n), strings.Repeat("- ", n), strings.Repeat("[a,", n), strings.Repeat("? ", n),
		"a:\n  b: " + strings.Repeat("[{c: ", n/2), sound + "x: " + strings.Repeat("[", n) + strings.Repeat("]", n),
	} {
		started := time.Now()
		_, found := definition.Read("connector.yaml", []byte(text))
		if found.Errors() != 1 || !strings.Contains(found[0].String(), "lie in each other") {
			t.Errorf("%.20s…: found %.200v", text, found)
		}
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("%.20s…: it took %s", text, took)
		}
	}
	var keys strings.Builder
	for i := range 80_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	for _, text := range []string{keys.String(), "a:\n  " + strings.ReplaceAll(keys.String(), "\n", "\n  "), "a: {" + strings.ReplaceAll(keys.String(), "\n", ", ") + "}"} {
		started := time.Now()
		_, found := definition.Read("connector.yaml", []byte(text))
		if found.Errors() != 1 || !strings.Contains(found[0].String(), "more than 4000 members") {
			t.Errorf("%.20s…: found %.200v", text, found)
		}
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("%.20s…: it took %s", text, took)
		}
	}
	many := "a:\n" + strings.Repeat("  - b: 1\n    c: 2\n", 5_000) // many objects, none of which is large
	if _, found := definition.Read("connector.yaml", []byte(many)); len(found) == 0 || strings.Contains(found[0].String(), "members") {
		t.Errorf("many are not large: %.200v", found)
	}
	wide := "apiVersion: [" + strings.Repeat("[a], ", 20_000) + "[a]]\n" + strings.Repeat("- - - a\n", 3)
	if _, found := definition.Read("connector.yaml", []byte(wide)); len(found) == 0 || strings.Contains(found[0].String(), "lie in each other") {
		t.Errorf("wide is not deep: %.200v", found)
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
