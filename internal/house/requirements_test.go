package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/require"
)

const requirements = 147 // how many there are, numbered from 1

// Where a requirement stands.
const (
	met    = "met"    // the tests of its row prove it
	partly = "partly" // the row says what is missing
	open   = "open"   // the row says why
)

// requirement is a row of docs/requirements.md.
type requirement struct {
	id, holds, state, why string
	proof                 []string // tests, such as internal/house.TestNoArrowRunsUp
}

// tests maps each test of the module, named as in a proof, to the requirements that it cites.
type tests map[string][]string

// docs/requirements.md as it stands.
func TestRequirementsAreWhatTheTestsProve(t *testing.T) {
	root := require.Root(t)
	markdown, err := os.ReadFile(filepath.Join(root, "docs", "requirements.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, objection := range requirementObjections(string(markdown), readTests(t, root)) {
		t.Error(objection)
	}
}

// requirementObjections lists where the page is incomplete or claims what the tests do not bear out.
func requirementObjections(markdown string, all tests) []string {
	rows := readRequirements(markdown)
	found := misnumbered(rows)
	cited := slices.Concat(slices.Collect(maps.Values(all))...)
	count := map[string]int{}
	for _, row := range rows {
		count[row.state]++
		found = append(found, row.objections(all, slices.Contains(cited, row.id))...)
	}
	if line := fmt.Sprintf("met %d, partly %d, open %d", count[met], count[partly], count[open]); !strings.Contains(markdown, "\n"+line+"\n") {
		found = append(found, fmt.Sprintf("the page lacks the line %q", line))
	}
	return found
}

// readRequirements reads the rows of all tables. The state is one word; a colon and what is missing may follow it.
func readRequirements(markdown string) []requirement {
	var rows []requirement
	for line := range strings.Lines(markdown) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !strings.HasPrefix(cells[0], "R-") {
			continue
		}
		cells = append(cells, make([]string, 4)...)
		state, why, _ := strings.Cut(cells[2], ": ")
		row := requirement{id: cells[0], holds: cells[1], state: state, why: why}
		if cells[3] != "–" {
			row.proof = strings.Split(strings.ReplaceAll(cells[3], "`", ""), ", ")
		}
		rows = append(rows, row)
	}
	return rows
}

func misnumbered(rows []requirement) []string {
	var got, want []string
	for _, row := range rows {
		got = append(got, row.id)
	}
	for i := range requirements {
		want = append(want, idOf(i+1))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return []string{"each id once and in order (-want +got):\n" + diff}
	}
	return nil
}

func idOf(number int) string { return fmt.Sprintf("R-%03d", number) }

// objections says what is wrong with one row; cited tells whether any test names it.
func (r requirement) objections(all tests, cited bool) []string {
	var found []string
	object := func(format string, args ...any) { found = append(found, r.id+" "+fmt.Sprintf(format, args...)) }
	for _, test := range r.proof {
		if _, there := all[test]; !there {
			object("names %s, and there is no such test", test)
		}
	}
	citing := slices.ContainsFunc(r.proof, func(test string) bool { return slices.Contains(all[test], r.id) })
	switch {
	case r.holds == "":
		object("does not say what must hold")
	case r.state != met && r.state != partly && r.state != open:
		object("is %q: write met, partly or open", r.state)
	case (r.state == met) != (r.why == ""):
		object("is %s: a row that is met needs no reason, any other does", r.state)
	case r.state == met && !citing:
		object("is met, and none of its tests cites it: add `// Covers %s.` to the one that proves it", r.id)
	case r.state == open && cited:
		object("is open, and a test cites it: say what is met by now, or take the citation back")
	}
	return found
}

var requirementID = regexp.MustCompile(`\bR-\d{3}\b`)

// readTests reads every test of the module with what its comment, name and body cite.
func readTests(t *testing.T, root string) tests {
	t.Helper()
	all := tests{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		return all.add(filepath.ToSlash(folder), source)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// add reads one file of tests. What stands outside of them, in their helpers, is cited by the file's every test.
func (all tests) add(folder string, source []byte) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, folder, source, parser.ParseComments)
	if err != nil {
		return fmt.Errorf("read the tests of %s: %w", folder, err)
	}
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	var names, own []string
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Recv != nil || !isTest(function.Name.Name) {
			continue
		}
		start := function.Pos()
		if function.Doc != nil {
			start = function.Doc.Pos()
		}
		text := string(source[offset(start):offset(function.End())])
		name := folder + "." + function.Name.Name
		all[name] = requirementID.FindAllString(text, -1)
		names, own = append(names, name), append(own, all[name]...)
	}
	for _, id := range requirementID.FindAllString(string(source), -1) {
		if !slices.Contains(own, id) {
			for _, name := range names {
				all[name] = append(all[name], id)
			}
		}
	}
	return nil
}

func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz")
}

func TestRequirementObjections(t *testing.T) {
	third := idOf(3)
	row := func(state, proof string) string {
		return fmt.Sprintf("| %s | Something holds. | %s | %s |\n", third, state, proof)
	}
	proven := row(met, "`internal/ship.TestSails`")
	for _, tt := range []struct {
		name      string
		was, is   string
		objection string // "" for none
	}{
		{"a page that is true", "", "", ""},
		{"an id is missing", proven, "", `"` + third + `"`},
		{"an id comes twice", proven, proven + proven, `"` + third + `"`},
		{"an id comes too late", "| " + idOf(2) + " |", "| " + idOf(5) + " |", `"` + idOf(5) + `"`},
		{"a test that does not exist", "TestSails", "TestFlies", "there is no such test"},
		{"a test of another folder", "internal/ship", "internal/boat", "there is no such test"},
		{"met, and its test does not say so", "TestSails", "TestFloats", "none of its tests cites it"},
		{"met, and no test is named", "`internal/ship.TestSails`", "–", "none of its tests cites it"},
		{"met, but", proven, row("met: mostly", "`internal/ship.TestSails`"), "needs no reason"},
		{"partly, without a reason", proven, row(partly, "–"), "any other does"},
		{"open, without a reason", proven, row(open, "–"), "any other does"},
		{"open, and a test cites it", proven, row("open: no sails yet", "–"), "a test cites it"},
		{"another word", proven, row("done", "`internal/ship.TestSails`"), `"done"`},
		{"a row that says nothing", "Something holds.", "", "does not say what must hold"},
		{"a wrong count", "met 1,", "met 2,", `lacks the line "met 1, partly 1, open 145"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := tests{"internal/ship.TestSails": {third}, "internal/ship.TestFloats": nil}
			got := strings.Join(requirementObjections(strings.Replace(page(proven), tt.was, tt.is, 1), all), "\n")
			if (tt.objection == "") != (got == "") || !strings.Contains(got, tt.objection) {
				t.Errorf("objections %q, want %q", got, tt.objection)
			}
		})
	}
}

// page is a page whose third row is given, whose fourth is met in part, and all others are open.
func page(third string) string {
	var b strings.Builder
	b.WriteString("# Requirements\n\nmet 1, partly 1, open 145\n\n| id | what must hold | state | proof |\n| --- | --- | --- | --- |\n")
	for i := range requirements {
		switch number := i + 1; number {
		case 3:
			b.WriteString(third)
		case 4:
			fmt.Fprintf(&b, "| %s | It floats. | partly: in fresh water | `internal/ship.TestFloats` |\n", idOf(number))
		default:
			fmt.Fprintf(&b, "| %s | It flies. | open: no wings yet | – |\n", idOf(number))
		}
	}
	return b.String()
}

func TestWhatATestCites(t *testing.T) {
	first, second, third := idOf(1), idOf(2), idOf(3)
	source := strings.NewReplacer("$1", first, "$2", second, "$3", third).Replace(`package ship

// Covers $1.
func TestSails(t *testing.T) {
	check(t) // $2
}

func FuzzCargo(f *testing.F) {}

// check looks at $3.
func check(t *testing.T) {}
`)
	all := tests{}
	if err := all.add("internal/ship", []byte(source)); err != nil {
		t.Fatal(err)
	}
	want := tests{"internal/ship.TestSails": {first, second, third}, "internal/ship.FuzzCargo": {third}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("cited (-want +got):\n%s", diff)
	}
}
