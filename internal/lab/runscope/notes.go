package runscope

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

const maxNotes = 50 // before the first step: a suite could ask for thousands

// note keeps a warning once. What it says of a suite that another one calls names that suite.
func (r *run) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.depth > 0 {
		text = fmt.Sprintf("%s: %s", r.suite.Name, text)
	}
	text = r.redactor.head(text, maxMessage)
	if slices.Contains(r.result.Warnings, text) || len(r.result.Warnings) > maxNotes {
		return
	}
	if len(r.result.Warnings) == maxNotes {
		text = "There are more notes than a report keeps."
	}
	r.result.Warnings = append(r.result.Warnings, text)
}

// announce tells before the first step what cannot be run as written, and what that means for the verdict.
func (r *run) announce() {
	for _, warning := range r.suite.Warnings {
		r.note("%s", warning)
	}
	r.announceEnvironment()
	if missing := r.libraries().Missing; len(missing) > 0 {
		r.note("The script library (%s) is only named in the file. A script that needs it proves nothing, and its step does not pass. Put its code there: a list of texts, or of objects with a name and a script.", strings.Join(missing, ", "))
	}
	r.announceUnsupported()
	r.announceNeeds()
	r.announceHosts()
	r.announceOthers()
}

func (r *run) announceEnvironment() {
	for _, e := range r.environment.chain() {
		for _, warning := range e.Warnings {
			r.note("%s", warning)
		}
		if e.parentID != "" && e.Parent == nil {
			r.note("The environment %q inherits from another one, which was not given. What only that one holds is missing: a step that needs it is not sent or fails.", e.Name)
		}
	}
	certificate := r.environment.wantsCertificate()
	walk(r.suite.Steps, func(s Step) { certificate = certificate || s.Request != nil && s.Request.Auth.Type == certificateAuth })
	if certificate && !r.options.Certificate {
		r.note("The suite wants to show a client certificate, and none was given. What wants it is not sent. Give it with --client-cert FILE and --client-key FILE.")
	}
	for _, problem := range r.environment.problems() {
		r.note("%s. No request of the suite can be sent as it is written, so the suite does not pass.", problem)
	}
}

// announceUnsupported groups the steps by what is wrong with them.
func (r *run) announceUnsupported() {
	var order []string
	where := map[string][]string{}
	walk(r.suite.Steps, func(s Step) {
		if s.Skipped {
			return
		}
		for _, u := range append(s.unsupported(), r.unresolved(s)...) {
			text := u.why + ". Such a step does not pass, and neither does the suite if its run comes there."
			if isOptional(s.Title()) {
				text = u.why + ". Such a step does not pass; it is optional and does not decide the verdict."
			}
			if _, seen := where[text]; !seen {
				order = append(order, text)
			}
			where[text] = append(where[text], u.where)
		}
	})
	for _, text := range order {
		r.note("Not supported, %s: %s", strings.Join(where[text], "; "), text)
	}
}

// unresolved is a subtest step whose suite is not at hand.
func (r *run) unresolved(s Step) []unsupported {
	if s.Subtest == nil {
		return nil
	}
	if _, ok := r.suiteNamed(s.Subtest.UUID); ok {
		return nil
	}
	return []unsupported{{"step " + s.Number, fmt.Sprintf("the suite with the id %q was not imported", s.Subtest.UUID)}}
}

func (r *run) announceNeeds() {
	if needs := r.lacks(); len(needs) > 0 {
		r.note("Nothing was found that sets %s. A step that needs it is not sent, and unless it is optional the verdict is not run. Give it with --var NAME=VALUE, an environment or the initial script.",
			strings.Join(needs, ", "))
	}
}

// lacks are the variables that steps need and nothing sets, as far as it can be told before the first step.
func (r *run) lacks() []string {
	set := maps.Clone(r.values)
	for _, code := range slices.Concat(r.environment.scripts(), r.environment.before(), r.environment.after(), r.libraries().code(), []string{r.options.InitialScript}) {
		for _, name := range scriptSets(code) {
			set[name] = ""
		}
	}
	return slices.DeleteFunc(r.suite.needs(), func(name string) bool { _, ok := set[name]; return ok })
}

// announceHosts names the hosts that nobody consented to, as far as they are known before the first answer.
func (r *run) announceHosts() {
	foreign := map[string]bool{}
	walk(r.suite.Steps, func(s Step) {
		if s.Request == nil || s.Skipped {
			return
		}
		if u, ok := r.foresee(s.Request.URL); ok && !r.gate.allows(u) {
			foreign[u.Host] = true
		}
	})
	for _, host := range slices.Sorted(maps.Keys(foreign)) {
		r.note("The suite wants to call %s, which nobody has named. Such a step is not sent, and unless it is optional the verdict is not run. If the host is right, name it: --host %s.", host, host)
	}
}

// foresee returns where a request goes if that stands in its text, or in a variable at its beginning.
func (r *run) foresee(text string) (*url.URL, bool) {
	if host := hostOf(text); strings.HasPrefix(host, "{{") {
		value, ok := r.lookup(strings.TrimSpace(strings.Trim(host, "{}")))
		if !ok {
			return nil, false
		}
		text = value
	}
	u, err := url.Parse(encodeURL(text))
	return u, err == nil && u.Host != "" && !strings.Contains(hostOf(text), "{{")
}

// announceOthers tells of suites that came along and are never called: nobody may take this verdict for theirs.
func (r *run) announceOthers() {
	if r.depth > 0 {
		return
	}
	called := map[string]bool{r.suite.UUID: true}
	for _, s := range append([]Suite{r.suite}, r.options.Subtests...) {
		walk(s.Steps, func(step Step) {
			if step.Subtest != nil {
				called[step.Subtest.UUID] = true
			}
		})
	}
	for _, s := range r.options.Subtests {
		if !called[s.UUID] && string(s.original) != string(r.suite.original) {
			r.note("The suite %q came along and is not run: the verdict is that of %q alone.", s.Name, r.suite.Name)
		}
	}
}
