package runscope

import (
	"net/url"
	"slices"
	"strings"
)

// Subject is what advice about a step depends on besides how it ended: whom it asks, with what, and in which version.
type Subject struct {
	Elsewhere  string   `json:"elsewhere,omitempty"`  // the host that it asks, where that is not the server that is verified
	Credential string   `json:"credential,omitempty"` // the variable in its Authorization header
	Scheme     string   `json:"scheme,omitempty"`     // what the suite itself writes before that variable
	Inputs     []string `json:"inputs,omitempty"`     // the variables that it needs and no step sets
	SCIM       string   `json:"scim,omitempty"`       // "1.1" where the suite speaks that version
}

func (r *run) subject(q *Request) *Subject {
	out := &Subject{SCIM: r.scim}
	if u, ok := r.foresee(q.URL); ok {
		out.Elsewhere = r.elsewhere(u)
	}
	for _, h := range slices.Concat(q.Headers, r.environment.headers()) {
		if !strings.EqualFold(h.Name, "Authorization") {
			continue
		}
		for i, p := range splitTemplate(h.Value) {
			if p.expression {
				out.Credential = strings.TrimSpace(p.text)
			} else if i == 0 {
				out.Scheme = strings.TrimSpace(p.text)
			}
		}
		break // a step's own header comes first, and outweighs the environment's
	}
	if out.Credential == "" {
		out.Scheme = "" // then the suite writes the whole header, and that is a secret
	}
	for _, name := range requestStep(q).uses() {
		if !slices.Contains(out.Inputs, name) && producer(r.suite.Steps, name) == "" {
			out.Inputs = append(out.Inputs, name)
		}
	}
	return out
}

// elsewhere is the host of u where that is not the server that is verified, as far as the caller has named it.
func (r *run) elsewhere(u *url.URL) string {
	bases := r.bases()
	if len(bases) == 0 || slices.ContainsFunc(bases, func(base *url.URL) bool { return within(base, u) }) {
		return ""
	}
	return u.Host
}

// bases are the addresses at which the caller has the server, never those that a suite gives itself.
func (r *run) bases() []*url.URL {
	var out []*url.URL
	for _, text := range []string{r.options.Target, r.options.Vars["SCIMBaseURL"], r.options.Vars["SCIMUrl"]} {
		if u, err := url.Parse(strings.TrimSpace(text)); err == nil && u.Host != "" {
			out = append(out, u)
		}
	}
	return out
}

func within(base, u *url.URL) bool {
	root := strings.TrimRight(base.Path, "/") + "/"
	return strings.EqualFold(base.Scheme, u.Scheme) && strings.EqualFold(base.Host, u.Host) && strings.HasPrefix(u.Path+"/", root)
}

const (
	older     = "urn:scim:schemas:core:1.0"
	olderName = "SCIM 1.1"
)

// olderSCIM is "1.1" of a suite that speaks that version, by its name or else by the schemas that it names.
func (s Suite) olderSCIM() string {
	if strings.Contains(s.Name, olderName) {
		return "1.1"
	}
	names, newer := false, strings.Contains(s.Name, "SCIM 2")
	walk(s.Steps, func(step Step) {
		for _, text := range step.templates() {
			names = names || strings.Contains(text, older)
			newer = newer || strings.Contains(text, "urn:ietf:params:scim:")
		}
	})
	if names && !newer {
		return "1.1"
	}
	return ""
}
