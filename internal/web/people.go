package web

import (
	"net/http"
	"net/url"
	"strconv"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/web/views"
)

// listPeople handles GET /people: the directory of one's own org.
func (s *Server) listPeople(w http.ResponseWriter, r *http.Request) error {
	q := directory.Query{Prefix: r.URL.Query().Get("search"), After: r.URL.Query().Get("after")}
	people, err := s.Directory.People(r.Context(), actor(r).OrgID, q)
	if err != nil {
		return err
	}
	page := views.PeoplePage{Page: s.page(r, "People"), People: people, Search: q.Prefix}
	if len(people) == q.Count() {
		page.Next = "/people?" + url.Values{"search": {q.Prefix}, "after": {people[len(people)-1].UserName}}.Encode()
	}
	return s.render(w, r, views.People(page))
}

// newPerson handles GET /people/new.
func (s *Server) newPerson(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, views.Person(s.personPage(r, directory.Person{Active: true}, nil)))
}

// showPerson handles GET /people/{id}.
func (s *Server) showPerson(w http.ResponseWriter, r *http.Request) error {
	person, err := s.Directory.Person(r.Context(), actor(r).OrgID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.render(w, r, views.Person(s.personPage(r, person, nil)))
}

// savePerson handles POST /people and POST /people/{id}. What was typed stays in the form when it is refused.
func (s *Server) savePerson(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if id := r.PathValue("id"); id != "" { // whose it is, before what is typed
		if _, err := s.Directory.Person(r.Context(), actor(r).OrgID, id); err != nil {
			return err
		}
	}
	person := directory.Person{ID: r.PathValue("id"), OrgID: actor(r).OrgID, Active: r.PostForm.Get("active") != ""}
	for _, a := range directory.Attributes() {
		a.Set(&person.Profile, r.PostForm.Get(a.Key))
	}
	person.Version, _ = strconv.ParseInt(r.PostForm.Get("version"), 10, 64) // 0 adds, or is refused as outdated
	saved, err := s.Directory.Save(r.Context(), person, s.Clock())
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.Conflict {
		s.write(w, r, statuses[code], views.Person(s.personPage(r, person, fault.Show(err))))
		return nil
	}
	if err != nil {
		return err
	}
	s.flash(r, saved.Name()+" is saved. Their apps follow within seconds.")
	return redirect(w, r, "/people/"+saved.ID)
}

func (s *Server) personPage(r *http.Request, p directory.Person, bad *fault.Error) views.PersonPage {
	page := views.PersonPage{Page: s.page(r, p.Name()), Person: p, Fault: bad}
	if p.ID == "" {
		page.Title = "Add a person"
	}
	if bad != nil {
		page.Title = "Error: " + page.Title
	}
	for _, a := range directory.Attributes() {
		if n := len(page.Sections); n == 0 || page.Sections[n-1].Title != a.Section {
			page.Sections = append(page.Sections, views.PersonSection{Title: a.Section})
		}
		last := &page.Sections[len(page.Sections)-1]
		field := views.PersonField{Attribute: a, Value: a.Get(p.Profile)}
		if bad != nil {
			for _, f := range bad.Fields {
				if f.Key == a.Key {
					field.Problem = f.Message
				}
			}
		}
		last.Fields = append(last.Fields, field)
	}
	return page
}
