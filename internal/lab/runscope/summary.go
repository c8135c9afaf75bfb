package runscope

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Summary tells what a suite holds and needs before it is run.
type Summary struct {
	Name        string        `json:"name"`
	Steps       map[Kind]int  `json:"steps"` // nested ones included
	Assertions  int           `json:"assertions"`
	Extractors  int           `json:"extractors"`
	Scripts     int           `json:"scripts"`
	Pauses      time.Duration `json:"pauses_ns"` // together, as written, outside loops
	Hosts       []string      `json:"hosts"`     // that would be contacted; a host may be a variable: {{SCIMBaseURL}}
	Needs       []string      `json:"needs,omitempty"`
	Generated   []string      `json:"generated,omitempty"`   // variables that get made-up values unless somebody gives them
	Unsupported []string      `json:"unsupported,omitempty"` // what cannot be run, with its step
	Warnings    []string      `json:"warnings,omitempty"`    // what else could not be taken as it is written
}

// Summary describes s. Needs are the variables that somebody must give, considering what the initial script sets.
func (s Suite) Summary(initialScript string) Summary {
	out := Summary{Name: s.Name, Steps: map[Kind]int{}, Warnings: s.Warnings}
	hosts, set := map[string]bool{}, map[string]bool{}
	scripts := slices.Concat(s.Environment().scripts(), s.Library.code(), []string{initialScript})
	for name := range s.Environment().initial() {
		set[name] = true
	}
	for _, code := range scripts {
		mark(set, scriptSets(code))
	}
	out.Generated = slices.Sorted(maps.Keys(s.generated(s.Environment().initial(), scripts, 0)))
	mark(set, out.Generated)
	walk(s.Steps, func(step Step) {
		out.add(step)
		if step.Request != nil {
			hosts[hostOf(step.Request.URL)] = true
		}
	})
	out.Hosts = slices.Sorted(maps.Keys(hosts))
	out.Needs = slices.DeleteFunc(s.needs(), func(name string) bool { return set[name] })
	return out
}

// needs are the variables that the steps to be run use and none of them sets.
func (s Suite) needs() []string {
	used, set := map[string]bool{}, map[string]bool{}
	walk(s.Steps, func(step Step) {
		if step.Skipped {
			return
		}
		mark(used, step.uses())
		mark(set, step.sets())
	})
	for name := range set {
		delete(used, name)
	}
	return slices.Sorted(maps.Keys(used))
}

func mark(set map[string]bool, names []string) {
	for _, name := range names {
		set[name] = true
	}
}

func walk(steps []Step, visit func(Step)) {
	for _, s := range steps {
		visit(s)
		walk(s.Steps, visit)
	}
}

func (out *Summary) add(s Step) {
	out.Steps[s.Kind]++
	out.Pauses += s.Pause
	e := s.expect()
	out.Assertions += len(e.Assertions)
	out.Extractors += len(e.Extractors)
	out.Scripts += len(e.After)
	if s.Request != nil {
		out.Scripts += len(s.Request.Before)
	}
	for _, u := range s.unsupported() {
		out.Unsupported = append(out.Unsupported, u.where+": "+u.why)
	}
}

// unsupported is a part of a step that cannot be run as it is written.
type unsupported struct{ where, why string }

func (s Step) unsupported() []unsupported {
	var out []unsupported
	for _, problem := range s.Problems {
		out = append(out, unsupported{"step " + s.Number, problem})
	}
	e := s.expect()
	for i, a := range e.Assertions {
		if why := a.unsupported(); why != "" {
			out = append(out, unsupported{fmt.Sprintf("step %s, assertion %d", s.Number, i+1), why})
		}
	}
	for _, x := range e.Extractors {
		if f := new(reply).find(x.Source, x.Property); f.unsupported {
			out = append(out, unsupported{fmt.Sprintf("step %s, variable %s", s.Number, x.Name), f.problem})
		}
	}
	return out
}

// unsupported says why an assertion can never be judged, "" if it can.
func (a Assertion) unsupported() string {
	if _, ok := comparisonOf(a.Comparison); !ok {
		return fmt.Sprintf("the comparison %q is not known", a.Comparison)
	}
	if f := new(reply).find(a.Source, a.Property); f.unsupported {
		return f.problem
	}
	return ""
}

func (s Step) expect() Expect {
	switch {
	case s.Request != nil:
		return s.Request.Expect
	case s.Subtest != nil:
		return s.Subtest.Expect
	}
	return Expect{}
}

// templates are the texts of a step into which variables are put. Its note is none of them.
func (s Step) templates() []string {
	var out []string
	fields := func(list []Field) {
		for _, f := range list {
			out = append(out, f.Name, f.Value)
		}
	}
	if q := s.Request; q != nil {
		out = append(out, q.Method, q.URL, q.Body)
		fields(q.Headers)
		fields(q.Query)
		fields(q.Form)
		fields(q.Multipart)
		if q.GraphQL != nil {
			out = append(out, q.GraphQL.Query, q.GraphQL.Variables)
		}
		a := q.Auth
		out = append(out, a.User, a.Password, a.ClientID, a.Secret, a.TokenURL, a.Audience, a.Scope)
	}
	if c := s.Condition; c != nil {
		out = append(out, c.Left, c.Right)
	}
	if s.Subtest != nil {
		fields(s.Subtest.Params)
	}
	for _, a := range s.expect().Assertions {
		out = append(out, a.Target)
	}
	return out
}

// uses and sets are the variables that a step reads and writes.
func (s Step) uses() []string {
	var out []string
	for _, text := range s.templates() {
		out = append(out, templateNames(text)...)
	}
	return out
}

func (s Step) sets() []string {
	var out []string
	e := s.expect()
	for _, x := range e.Extractors {
		out = append(out, x.Name)
	}
	for _, code := range e.After {
		out = append(out, scriptSets(code)...)
	}
	if s.Request != nil {
		for _, code := range s.Request.Before {
			out = append(out, scriptSets(code)...)
		}
	}
	return out
}

// hostOf returns the host of a URL that may be a template, or the template that stands for it.
func hostOf(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{{") {
		if pieces := splitTemplate(text); pieces[0].expression {
			return "{{" + strings.TrimSpace(pieces[0].text) + "}}"
		}
	}
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	host, _, _ := strings.Cut(text, "/")
	host, _, _ = strings.Cut(host, "?")
	return host
}
