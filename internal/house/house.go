// Package house holds the plan of the rooms against what the packages really import.
//
// Its one rule: no arrow runs up or sideways. The plan is the table under "## Floors" of ARCHITECTURE.md, and
// nothing else; that only egress may dial is left to the linter (.golangci.yaml).
package house

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// support is the floor of what only tests may use.
const support = -1

// room is a row of the plan: a folder with all that lies below it, unless a deeper folder has a row of its own.
type room struct {
	name  string // the folder, without internal/
	floor int    // 0 is the ground; support for the tests' own rooms
}

// plan is the rooms, in the table's order.
type plan []room

// readPlan reads the table under "## Floors". Its columns are floor, room and owns; the floor starts with its number
// ("3 product"), or is "tests".
func readPlan(markdown string) (plan, error) {
	_, section, found := strings.Cut(markdown, "\n## Floors\n")
	if !found {
		return nil, fmt.Errorf(`read the plan: no section "## Floors"`)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rooms plan
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.Trim(cells[1], " -:") == "" || strings.TrimSpace(cells[1]) == "floor" {
			continue
		}
		floor, err := readFloor(strings.TrimSpace(cells[1]))
		if err != nil {
			return nil, err
		}
		name := strings.Trim(cells[2], " `")
		if slices.ContainsFunc(rooms, func(r room) bool { return r.name == name }) {
			return nil, fmt.Errorf("read the plan: two rows for %s", name)
		}
		if strings.TrimSpace(cells[3]) == "" {
			return nil, fmt.Errorf("read the plan: the row of %s does not say what it owns", name)
		}
		rooms = append(rooms, room{name, floor})
	}
	if len(rooms) == 0 {
		return nil, fmt.Errorf("read the plan: the table is empty")
	}
	return rooms, nil
}

func readFloor(cell string) (int, error) {
	word, _, _ := strings.Cut(cell, " ")
	if word == "tests" {
		return support, nil
	}
	floor, err := strconv.Atoi(word)
	if err != nil || floor < 0 {
		return 0, fmt.Errorf("read the plan: floor %q is neither a number nor tests", cell)
	}
	return floor, nil
}

// pkg is a package as `go list` tells of it. Imports are those of its product code, not of its tests.
type pkg struct {
	ImportPath, Name, Doc string
	Imports               []string
}

// objections lists where the packages differ from the plan, each as a sentence that says what to do.
func (p plan) objections(module string, packages []pkg) []string {
	var found []string
	object := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	inhabited := make(map[string]bool)
	for _, pkg := range packages {
		from, ok := p.roomOf(module, pkg.ImportPath)
		if !ok {
			object("%s has no row in ARCHITECTURE.md: give it a floor, or put it into a room that has one", pkg.ImportPath)
			continue
		}
		inhabited[from.name] = true
		if objection := undocumented(pkg); objection != "" {
			object("%s", objection)
		}
		for _, imported := range pkg.Imports {
			to, ok := p.roomOf(module, imported)
			if ok && !allowed(from, to, pkg.ImportPath, imported) {
				object("%s (%s) imports %s (%s): %s", pkg.ImportPath, from.place(), imported, to.place(), advice(from, to))
			}
		}
	}
	for _, r := range p {
		if !inhabited[r.name] {
			object("ARCHITECTURE.md has a row for %s, where there is no package: remove the row", r.name)
		}
	}
	return found
}

// roomOf returns the row with the deepest folder that the package lies in.
func (p plan) roomOf(module, importPath string) (room, bool) {
	folder, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return room{}, false
	}
	folder = strings.TrimPrefix(folder, "internal/")
	var deepest room
	for _, r := range p {
		if (folder == r.name || strings.HasPrefix(folder, r.name+"/")) && len(r.name) > len(deepest.name) {
			deepest = r
		}
	}
	return deepest, deepest.name != ""
}

// allowed tells whether one package may import the other: within a room, downwards, and the ground by everybody.
// What supports tests may use everything, and nothing else may use it.
func allowed(from, to room, importing, imported string) bool {
	switch {
	case from.floor == support || supportsTests(importing):
		return true
	case to.floor == support || supportsTests(imported):
		return false
	default:
		return from == to || to.floor == 0 || to.floor < from.floor
	}
}

// supportsTests tells whether a package below a room is only there for tests, as internal/store/storetest is.
func supportsTests(importPath string) bool {
	return strings.Contains(importPath, "/internal/") && strings.HasSuffix(importPath, "test")
}

func advice(from, to room) string {
	switch {
	case to.floor == support || to.floor < from.floor:
		return "only tests may use it"
	case to.floor == from.floor:
		return "rooms on one floor do not need each other; the floor above carries things over"
	default:
		return "no arrow runs up; let the lower room declare what it needs, and the upper one hand it in"
	}
}

func (r room) place() string {
	if r.floor == support {
		return "tests"
	}
	return fmt.Sprintf("floor %d", r.floor)
}

// undocumented returns what is missing at a package's door: the sentence that says what the room is for.
func undocumented(pkg pkg) string {
	switch {
	case pkg.Doc == "":
		return fmt.Sprintf("%s has no package comment: say what it owns, its one rule, and what it leaves to others", pkg.ImportPath)
	case pkg.Name != "main" && !strings.HasPrefix(pkg.Doc, "Package "+pkg.Name+" "):
		return fmt.Sprintf("%s: its package comment starts with %q, not with %q", pkg.ImportPath, pkg.Doc, "Package "+pkg.Name)
	}
	return ""
}
