package runscope

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"modernc.org/quickjs"
)

// Library is the author's own code that the format puts before each script of a suite.
type Library struct {
	Snippets []Snippet
	Missing  []string // names of snippets whose code is not in the file
}

// Snippet is one part of a script library.
type Snippet struct{ Name, Code string }

// library reads a script library: a list or an object of snippets. The vendor's own export names them only; other tools
// put their code there, as a text or as a member of an object.
func (m *members) library(key string) Library {
	raw, ok := m.get(key)
	if !ok {
		return Library{}
	}
	var l Library
	if bytes.TrimSpace(raw)[0] == '{' {
		for _, f := range m.fields(key) {
			l.Snippets = append(l.Snippets, Snippet{f.Name, f.Value})
		}
		return l
	}
	for _, element := range m.list(key) {
		s, whole := readSnippet(element)
		switch {
		case whole:
			l.Snippets = append(l.Snippets, s)
		case s.Name != "":
			l.Missing = append(l.Missing, s.Name)
		}
	}
	return l
}

// readSnippet reports false for a snippet that is only named.
func readSnippet(raw json.RawMessage) (Snippet, bool) {
	if text, ok := scalar(raw); ok {
		if strings.ContainsAny(text, "(){};=\n") {
			return Snippet{Code: text}, true
		}
		return Snippet{Name: strings.TrimSpace(text)}, false
	}
	m, ok := readMembers(raw)
	s := Snippet{m.text("name", "title", "id", "uuid"), m.text("script", "code", "content", "source", "body")}
	if !ok || s.Name == "" && s.Code == "" {
		s.Name = "without a name"
	}
	return s, strings.TrimSpace(s.Code) != ""
}

// libraries are what stands before each script of a run, the suite's before the environment's.
func (r *run) libraries() (out Library) {
	all := []Library{r.suite.Library}
	for _, e := range r.environment.chain() {
		all = append(all, e.Library)
	}
	for _, l := range all {
		out.Snippets = append(out.Snippets, l.Snippets...)
		out.Missing = append(out.Missing, l.Missing...)
	}
	return out
}

func (l Library) code() (out []string) {
	for _, s := range l.Snippets {
		out = append(out, s.Code)
	}
	return out
}

// loadLibraries evaluates what stands before the script. A snippet that does not load has ended the script.
func (s *script) loadLibraries(ctx context.Context, vm *quickjs.VM, l Library) (loaded bool) {
	s.missing = l.Missing
	for i, snippet := range l.Snippets {
		what := cmp.Or(snippet.Name, fmt.Sprint("number ", i+1))
		if asynchronous.MatchString(snippet.Code) {
			s.end(Unsupported, fmt.Sprintf("The suite's script library %q runs asynchronous code, which the format does not know.", what))
			return false
		}
		if err := s.evaluateIn(vm, snippet.Code); err != nil {
			if s.explain(ctx, err); s.result.Outcome == Failed {
				s.result.Outcome = Unsupported // it runs before anything is asserted of the answer
			}
			s.end(s.result.Outcome, fmt.Sprintf("The suite's script library %q cannot be loaded. %s", what, s.result.Message))
			return false
		}
	}
	return true
}
