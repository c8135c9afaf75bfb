package flopack_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"slipway/internal/connector"
	"slipway/internal/connector/engine"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/lint"
	"slipway/internal/connector/outline"
	"slipway/internal/connector/program"
	"slipway/internal/require"
)

// Files of others never come into this repository; whoever has some names their folder. Each is taken, or refused with a
// reason, and what of it can be run is counted.
func TestCorpus(t *testing.T) {
	folder := os.Getenv("SLIPWAY_FLOPACK_CORPUS")
	require.Foreign(t, "a folder of exported flows", folder != "", "set SLIPWAY_FLOPACK_CORPUS to one with .flow, .folder and .flopack files")
	folders := corpus(t, folder)
	total := tally{unknown: map[string]int{}, rules: map[string]int{}}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		total.folder(t, folders[name])
	}
	if total.files == 0 {
		t.Fatalf("there is no .flow, .folder or .flopack file below %s", folder)
	}
	t.Log("\n" + total.table())
}

// corpus are the files by their folders: such as lie beside each other may call each other.
func corpus(t *testing.T, root string) map[string][]string {
	t.Helper()
	folders := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".flow", ".folder", ".flopack"}, filepath.Ext(name)) {
			folders[filepath.Dir(name)] = append(folders[filepath.Dir(name)], name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// tally counts what a corpus holds.
type tally struct {
	files, refused, flows, stubs, known, cards int
	unknown, rules                             map[string]int
}

func (c *tally) folder(t *testing.T, names []string) {
	var files []*flopack.File
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := flopack.Read(filepath.Base(name), text)
		c.files++
		if len(f.Flows) == 0 || f.Findings.Errors() > 0 {
			c.refused++
			t.Logf("refused: %s", f.Findings.Sorted())
		}
		c.count(f)
		files = append(files, f)
	}
	p, linked := flopack.Link(files...)
	c.found(t, linked)
	for _, f := range files {
		c.found(t, f.Findings)
	}
	var b strings.Builder
	if err := outline.Print(&b, &connector.Connector{Program: p}); err != nil {
		t.Errorf("print %s: %v", names, err)
	}
	lint.Check(&connector.Connector{Program: p}, lint.Options{})
}

func (c *tally) found(t *testing.T, findings program.Findings) {
	for _, f := range findings {
		c.rules[f.Code]++
		t.Log(f)
	}
}

func (c *tally) count(f *flopack.File) {
	for _, flow := range f.Flows {
		if flow.Body == nil {
			c.stubs++
			continue
		}
		c.flows++
		if c.scope(flow.Body) {
			c.known++
		}
	}
}

// scope reports whether all cards are known. Cards of apps are not, unless the engine has them itself.
func (c *tally) scope(s *program.Scope) bool {
	all := true
	for _, n := range s.Nodes {
		c.cards++
		if !engine.Known(n.Op) {
			c.unknown[n.Op]++
			all = false
		}
		for _, sub := range n.Sub {
			all = c.scope(sub.Scope) && all
		}
	}
	return all
}

func (c *tally) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	row := func(what string, v any) { _, _ = fmt.Fprintf(w, "%s\t%v\n", what, v) }
	row("files", c.files)
	row("refused", c.refused)
	row("flows with cards", c.flows)
	row("stubs", c.stubs)
	row("cards", c.cards)
	row("flows whose cards are all known", fmt.Sprintf("%d (%.0f %%)", c.known, 100*float64(c.known)/float64(max(c.flows, 1))))
	for _, counts := range []map[string]int{c.rules, c.unknown} {
		for _, name := range slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
			return 2*(counts[y]-counts[x]) + strings.Compare(x, y)
		}) {
			what := "unknown card "
			if strings.HasPrefix(name, "SW") {
				what = "finding "
			}
			row(what+name, counts[name])
		}
	}
	_ = w.Flush()
	return b.String()
}

// What is a connector in the corpus runs: its actions against an API that grants everything, and a ping in which the import
// found a value that nobody gives says so when it runs, too.
func TestCorpusConnectors(t *testing.T) {
	folder := os.Getenv("SLIPWAY_FLOPACK_CORPUS")
	require.Foreign(t, "a folder of exported flows", folder != "", "set SLIPWAY_FLOPACK_CORPUS to one with .flow, .folder and .flopack files")
	for name, files := range corpus(t, folder) {
		var all []*flopack.File
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, flopack.Read(filepath.Base(file), text))
		}
		p, found := flopack.Link(all...)
		m := machine(p, func(q engine.Request) engine.Response {
			return engine.Response{Status: 200, Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(`{"access_token":"at-1","ok":true}`)}
		})
		for _, f := range p.OfKind(program.Action) {
			in := engine.Values{}
			for _, input := range f.Inputs {
				switch {
				case len(input.Choices) > 0:
					in[input.Key] = input.Choices[0]
				case strings.Contains(strings.ToLower(input.Label), "url"):
					in[input.Key] = "https://api.example.com/things"
				}
			}
			result, err := m.Run(t.Context(), f, in)
			if err != nil {
				t.Errorf("%s: %q ended with %v", name, f.Name, err)
			}
			t.Logf("%s: %q ran %d cards and sent %d requests", filepath.Base(name), f.Name, result.Steps, result.Requests)
		}
		for _, f := range p.OfKind(program.Ping) {
			result, err := m.Run(t.Context(), f, nil)
			works := result.Outputs[program.Key{Group: "output", Name: "working"}]
			broken := slices.ContainsFunc(found, func(x program.Finding) bool { return x.Code == program.NeverReturned.Code && x.Src.Flow == f.Name })
			if err != nil || broken && works != false {
				t.Errorf("%s: the ping says working %v, %v; the import found %v", name, works, err, found)
			}
			t.Logf("%s: the ping says working %v; a value that nobody gives was found: %t", filepath.Base(name), works, broken)
		}
	}
}
