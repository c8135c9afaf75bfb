package runscope

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// undone is a step that should have done something for later ones and has not: what they look for is not there.
type undone struct {
	number string
	sets   []string // variables that it would have set
	names  []string // variables that it would have sent
	why    string
	host   string // that refused it; "" where it was not sent at all
}

// unprepared says which earlier step should have written what q is about, "" if none is missing. The answer to such a
// request would blame the server for what it was never told.
func (r *run) unprepared(q *Request) string {
	about, uses := q.about(), requestStep(q).uses()
	to, known := r.foresee(q.URL)
	for _, u := range r.undone {
		if u.host != "" && known && u.host == to.Host {
			continue // what a server has refused itself, it may be asked about
		}
		for _, name := range u.sets { // it has a value, but one from before
			if _, given := r.options.Vars[name]; !given && slices.Contains(uses, name) {
				return fmt.Sprintf("Nothing was sent: it needs the variable %s, which step %s should have set, and that one %s.", name, u.number, u.why)
			}
		}
		for _, name := range u.names {
			if slices.Contains(about, name) {
				return fmt.Sprintf("Nothing was sent: it follows from step %s, which should have sent %s and %s.", u.number, name, u.why)
			}
		}
	}
	return ""
}

// reckon remembers a step that did not come to its end, and forgets one that did.
func (r *run) reckon(q *Request, out *StepResult) {
	r.undone = slices.DeleteFunc(r.undone, func(u undone) bool { return u.number == out.Number })
	u := undone{number: out.Number, sets: requestStep(q).sets()}
	if !q.reads() {
		u.names = q.writes()
	}
	switch n := len(out.Exchanges); {
	case n == 0:
		u.why = "did not run"
	case out.Exchanges[n-1].Status/100 != 2 && out.Subject.Elsewhere != "" && out.Outcome == Failed:
		u.host, u.why = out.Subject.Elsewhere, "was refused by "+out.Subject.Elsewhere
	default:
		for i := range r.undone { // it has set them instead
			r.undone[i].sets = slices.DeleteFunc(r.undone[i].sets, func(name string) bool { return slices.Contains(u.sets, name) })
		}
		return
	}
	r.undone = append(r.undone, u)
}

func requestStep(q *Request) Step { return Step{Kind: RequestStep, Request: q} }

func (q *Request) reads() bool {
	method := strings.ToUpper(strings.TrimSpace(q.Method))
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// payload are the templates of what a request carries.
func (q *Request) payload() []string {
	out := []string{q.Body}
	for _, f := range slices.Concat(q.Form, q.Multipart) {
		out = append(out, f.Value)
	}
	if q.GraphQL != nil {
		out = append(out, q.GraphQL.Query, q.GraphQL.Variables)
	}
	return out
}

// writes are the variables that a request would store: those that it carries, and the one that ends its path.
func (q *Request) writes() []string {
	path, _, _ := strings.Cut(q.URL, "?")
	last := path[strings.LastIndex(path, "/")+1:]
	return namesIn(append(q.payload(), last))
}

// about are the variables that say what a request is about: all but those of its host, headers and authorization.
func (q *Request) about() []string {
	url := q.URL
	if strings.HasPrefix(strings.TrimSpace(url), "{{") {
		if pieces := splitTemplate(strings.TrimSpace(url)); pieces[0].expression {
			url = strings.Replace(url, "{{"+pieces[0].text+"}}", "", 1)
		}
	}
	texts := append(q.payload(), url)
	for _, f := range q.Query {
		texts = append(texts, f.Value)
	}
	return namesIn(texts)
}

func namesIn(templates []string) (out []string) {
	for _, text := range templates {
		out = append(out, templateNames(text)...)
	}
	return out
}
