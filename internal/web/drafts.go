package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/secret"
	"slipway/internal/web/views"
)

// card is the progress of each section and the button that submits.
func card(d registry.Dossier, ready registry.Readiness, now time.Time) views.ProgressCard {
	sub := d.Submission
	c := views.ProgressCard{ID: sub.ID, Version: sub.Version, Sections: ready.Sections, SavedAt: sub.UpdatedAt}
	if sub.State.Editable() {
		c.SavedAgo = "Saved " + views.When(sub.UpdatedAt)
		if now.Sub(sub.UpdatedAt) < 5*time.Second {
			c.SavedAgo = "Saved just now"
		}
	}
	verdict, pass := d.Verdicts.Pass(sub.Hash)
	switch {
	case sub.State == registry.Draft:
		c.Submit, c.SubmitTo = "Submit for review", "/submissions/"+sub.ID+"/submit"
	case sub.State.Editable():
		c.Submit, c.SubmitTo = "Send back for review", "/submissions/"+sub.ID+"/resubmit"
	}
	fresh := pass && verdict.IsFresh(now)
	c.Ready = ready.Complete() && fresh
	switch {
	case c.Submit == "":
	case !ready.Complete():
		c.Next = "Fields with a star are required."
	case fresh:
		c.Next = "The lab has passed this content."
	default:
		c.Next, c.NextTo = "Run the lab on it next.", "/submissions/"+sub.ID+"?tab="+tabLab
	}
	return c
}

// showForm shows one tab of a draft.
func (s *Server) showForm(w http.ResponseWriter, r *http.Request, d registry.Dossier, tab manifest.Tab) error {
	ready, err := s.Registry.Readiness(r.Context(), d)
	if err != nil {
		return err
	}
	page := views.FormPage{
		SubmissionPage: s.frame(r, d, ready, string(tab)), Sections: formSections(d, ready, tab), Note: tab.Note(),
	}
	if tab == manifest.TabSCIM && d.Submission.Content.Yes("scim.enabled") {
		connection, err := s.Registry.Connection(r.Context(), actor(r), d)
		if err != nil {
			return err
		}
		page.Connection = connectionForm(d, connection)
	}
	if r.URL.Query().Get("check") != "" {
		page.Problem = tabProblems(ready, tab)
		if page.Problem != nil {
			page.Title = "Error: " + page.Title
		}
	}
	return s.render(w, r, views.Form(page))
}

// tabProblems is the summary of what was typed wrong in a tab; nil when there is nothing.
func tabProblems(ready registry.Readiness, tab manifest.Tab) *views.Problem {
	problem := views.Problem{Title: "There is a problem"}
	for _, p := range ready.Problems {
		f, ok := manifest.Find(p.Key)
		if ok && f.Tab == tab && p.Severity == manifest.SeverityError && !p.Missing {
			problem.Lines = append(problem.Lines, views.ProblemLine{Key: p.Key, Text: f.Label + ": " + p.Message})
		}
	}
	if problem.Lines == nil {
		return nil
	}
	return &problem
}

// saveDraft handles POST /submissions/{id}/draft: the button, and with auto=1 the form that saves itself.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	tab := manifest.Tab(r.PostForm.Get("tab"))
	base, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "This form is not complete. Reload the page.")
	}
	before, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	dropTheirs(r.PostForm)
	saved, err := s.Registry.SaveDraft(r.Context(), actor(r), before.Submission.ID, base, manifest.ParseForm(tab, r.PostForm))
	if clash, ok := errors.AsType[*registry.MergeConflict](err); ok {
		return s.askWhichToKeep(w, r, tab, base, clash)
	}
	if err != nil {
		return err
	}
	changed, err := s.saveSecrets(r, before, tab)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("auto") != "" {
		return s.autosaved(w, r, before, tab, changed)
	}
	if len(saved.Cleared) > 0 {
		s.flash(r, "Saved. The address changed, so what was stored for it was removed: "+strings.Join(saved.Cleared, ", ")+". Enter it again.")
	}
	return s.continueForm(w, r, tab)
}

// dropTheirs obeys the choice of a conflict: a field whose other text is kept is not sent.
func dropTheirs(form url.Values) {
	for name, values := range form {
		key, ok := strings.CutPrefix(name, "keep.")
		if !ok || !slices.Contains(values, "theirs") {
			continue
		}
		for field := range form {
			if field == key || strings.HasPrefix(field, key+".") {
				delete(form, field)
			}
		}
	}
}

// saveSecrets stores the secrets that were typed, and removes those that were ticked. The one that is being typed
// is left for the next save.
func (s *Server) saveSecrets(r *http.Request, d registry.Dossier, tab manifest.Tab) (changed bool, err error) {
	for key, value := range manifest.ParseSecrets(manifest.FieldsOf(tab), r.PostForm) {
		if key == r.Header.Get("Slipway-Typing") {
			continue
		}
		if _, err := s.Registry.SaveSecret(r.Context(), actor(r), d.Submission.ID, key, value); err != nil {
			return changed, err
		}
		changed = true
	}
	for _, key := range manifest.SecretKeys() {
		if r.PostForm.Get("forget."+key) != "" {
			if _, err := s.Registry.RemoveSecret(r.Context(), actor(r), d.Submission.ID, key); err != nil {
				return changed, err
			}
			changed = true
		}
	}
	return changed, nil
}

// autosaved answers with the card and, beside each field, what is now to be said. The fields are drawn anew when
// other ones are shown, or when somebody else's change was merged in.
func (s *Server) autosaved(w http.ResponseWriter, r *http.Request, before registry.Dossier, tab manifest.Tab, redraw bool) error {
	d, ready, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	part := views.SavedPart{Card: card(d, ready, s.Clock())}
	sections := formSections(d, ready, tab)
	sent := before.Submission.Content.Overlay(manifest.ParseForm(tab, r.PostForm))
	if redraw || !sameFields(before, d, tab) || !sameText(sent, d.Submission.Content, tab) {
		part.Sections = sections
	} else {
		typing := r.Header.Get("Slipway-Typing")
		for _, section := range sections {
			for _, f := range section.Fields {
				part.Say = append(part.Say, say(f, typing)...)
			}
		}
	}
	return s.render(w, r, views.Saved(part))
}

// say returns the inputs of a field about which something may be said now: not the one that is being typed in.
func say(f views.FieldView, typing string) []views.FieldView {
	all := []views.FieldView{f}
	for _, row := range f.Rows {
		all = append(all, row...)
	}
	return slices.DeleteFunc(all, func(f views.FieldView) bool { return f.Name == typing })
}

func sameFields(was, is registry.Dossier, tab manifest.Tab) bool {
	for _, f := range manifest.FieldsOf(tab) {
		if f.Shown(was.Submission.Content) != f.Shown(is.Submission.Content) || f.Required(was.Submission.Content) != f.Required(is.Submission.Content) {
			return false
		}
	}
	return true
}

func sameText(sent, stored manifest.Content, tab manifest.Tab) bool {
	for _, f := range manifest.FieldsOf(tab) {
		if f.Display(sent) != f.Display(stored) {
			return false
		}
	}
	return true
}

// continueForm leads on: to what is wrong, to the same tab where a row was added, else to the next part.
func (s *Server) continueForm(w http.ResponseWriter, r *http.Request, tab manifest.Tab) error {
	path := "/submissions/" + r.PathValue("id")
	_, ready, err := s.dossier(r.Context(), r)
	switch {
	case err != nil:
		return err
	case r.PostForm.Has(manifest.AddEntry), r.PostForm.Has(manifest.RemoveEntry):
		return redirect(w, r, path+"?tab="+string(tab)+"#fields")
	case tabProblems(ready, tab) != nil:
		return redirect(w, r, path+"?tab="+string(tab)+"&check=1")
	case tab == manifest.TabGeneral:
		return redirect(w, r, path+"?tab="+string(manifest.TabSCIM))
	case tab == manifest.TabSCIM && slices.ContainsFunc(ready.Sections, func(p manifest.SectionProgress) bool { return p.Tab == tab && p.Percent < 100 }):
		return redirect(w, r, path+"?tab="+string(tab)+"&check=1#connection")
	}
	return redirect(w, r, path+"?tab="+tabLab)
}

// askWhichToKeep saves what does not clash, and shows both texts of what does.
func (s *Server) askWhichToKeep(w http.ResponseWriter, r *http.Request, tab manifest.Tab, base int64, clash *registry.MergeConflict) error {
	choice := views.ConflictChoice{ID: r.PathValue("id"), Tab: string(tab)}
	for _, c := range clash.Clashes {
		choice.Clashes = append(choice.Clashes, views.Clash{
			Key: c.Key, Label: c.Label, Mine: c.Mine, Theirs: c.Theirs, By: c.By.Name, Inputs: takeInputs(r.PostForm, c.Key),
		})
	}
	if _, err := s.Registry.SaveDraft(r.Context(), actor(r), choice.ID, base, manifest.ParseForm(tab, r.PostForm)); err != nil {
		return err
	}
	d, ready, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	choice.Version = d.Submission.Version
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Retarget", "#conflict")
		w.Header().Set("HX-Reswap", "innerHTML")
		s.write(w, r, http.StatusConflict, views.ConflictForm(choice))
		return nil
	}
	s.write(w, r, http.StatusConflict, views.Conflict(views.ConflictPage{SubmissionPage: s.frame(r, d, ready, string(tab)), Choice: choice}))
	return nil
}

// takeInputs moves a field's inputs out of the form.
func takeInputs(form url.Values, key string) []views.Input {
	var inputs []views.Input
	for name, values := range form {
		if name != key && !strings.HasPrefix(name, key+".") {
			continue
		}
		for _, value := range values {
			inputs = append(inputs, views.Input{Name: name, Value: value})
		}
		delete(form, name)
	}
	return inputs
}

// maxUpload is a little above the largest logo, so that one that is too large is told so by its own rule.
const maxUpload = 2 << 20

// uploadLogo handles POST /submissions/{id}/logo. A file that is refused leaves the earlier one in place.
func (s *Server) uploadLogo(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	file, _, err := r.FormFile("logo")
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return s.refuseLogo(w, r, fault.New(fault.TooLarge, "The icon must be smaller than 1,000,000 bytes. The earlier one stays."))
		}
		return s.refuseLogo(w, r, fault.New(fault.Invalid, "Choose a file first: a PNG, JPEG or GIF."))
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		return s.refuseLogo(w, r, fault.New(fault.TooLarge, "The file could not be read to its end. Try again."))
	}
	if _, err := s.Registry.UploadLogo(r.Context(), actor(r), r.PathValue("id"), data); err != nil {
		if fault.CodeOf(err) == fault.Invalid {
			return s.refuseLogo(w, r, fault.Show(err))
		}
		return err
	}
	s.flash(r, "The icon is saved.")
	return redirect(w, r, "/submissions/"+r.PathValue("id")+"?tab=general#f-logo-field")
}

func (s *Server) refuseLogo(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	d, ready, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	problem := views.Problem{Title: "The icon was not taken over"}
	for _, f := range bad.Fields {
		problem.Lines = append(problem.Lines, views.ProblemLine{Key: "logo", Text: f.Message})
	}
	if problem.Lines == nil {
		problem.Lines = []views.ProblemLine{{Key: "logo", Text: bad.Message}}
	}
	page := views.FormPage{SubmissionPage: s.frame(r, d, ready, string(manifest.TabGeneral)), Sections: formSections(d, ready, manifest.TabGeneral), Problem: &problem}
	page.Title = "Error: " + page.Title
	s.write(w, r, statuses[bad.Code], views.Form(page))
	return nil
}

// saveConnection handles POST /submissions/{id}/connection.
func (s *Server) saveConnection(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	fields := manifest.ConnectionFields(d.Submission.Content)
	values := manifest.Connection(manifest.ParseSecrets(fields, r.PostForm))
	for _, f := range fields {
		if r.PostForm.Get("forget."+f.Key) != "" {
			if _, err := s.Registry.RemoveSecret(r.Context(), actor(r), d.Submission.ID, f.Key); err != nil {
				return err
			}
			values[f.Key] = secret.Text{}
		}
	}
	saved, err := s.Registry.SaveConnection(r.Context(), actor(r), d.Submission.ID, values)
	if err != nil {
		return err
	}
	if len(saved.Cleared) > 0 {
		s.flash(r, "Saved. The address changed, so this was removed: "+strings.Join(saved.Cleared, ", ")+". Enter it again.")
	} else {
		s.flash(r, "The test connection is saved and sealed.")
	}
	tab := string(manifest.TabSCIM)
	if d.Submission.State == registry.Published {
		tab = tabLab
	}
	return redirect(w, r, "/submissions/"+d.Submission.ID+"?tab="+tab+"#connection")
}
