package suite

import (
	"io/fs"

	"slipway/internal/connector/definition"
	"slipway/internal/connector/document"
	"slipway/internal/connector/flopack"
	"slipway/internal/connector/program"
)

// Unlisted is the rule of a suite that names a file of flows.
var Unlisted = program.Rule{
	Code: "SW006", Level: program.Warning, Says: "A suite lists the flows that its file holds, and no other.",
	Fix: "List each flow that is a case under flopack.cases, by its name, and say how it shall end.",
}

// CheckFlows returns what is wrong with the exported test flows that a suite names: the file itself, and whether its flows are
// those that are listed. file and text are the suite's, dir is its folder.
func CheckFlows(file string, text []byte, s *Suite, dir fs.FS) program.Findings {
	if s == nil || s.FlowFile == "" {
		return nil
	}
	doc, found := document.Read(file, text)
	if doc == nil {
		return found
	}
	content, err := fs.ReadFile(dir, s.FlowFile)
	if err != nil {
		found.Add(definition.BrokenName, doc.Src("/flopack/file"), "There is no file %q that can be read.", s.FlowFile)
		return found
	}
	f := flopack.Read(s.FlowFile, content)
	tests, linked := flopack.Link(f)
	found = append(append(found, f.Findings...), linked...)
	for i, c := range (&Runner{Suite: s}).flowCases(tests) {
		switch listed := i < len(s.Flows); {
		case listed && c.of == nil:
			found.Add(Unlisted, doc.Src(document.Join("/flopack/cases", i)), "There is no flow %q in %s.", c.Flow, s.FlowFile)
		case !listed && len(s.Flows) > 0: // a suite that lists none takes them as they come
			found.Add(Unlisted, doc.Src("/flopack/cases"), "The flow %q of %s is not listed.", c.Flow, s.FlowFile)
		}
	}
	return found
}
