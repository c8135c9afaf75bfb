package web

import (
	"net/http"
	"strconv"

	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// version reads which version the sender of a form was looking at.
func version(r *http.Request) (int64, error) {
	v, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil || v < 1 {
		return 0, fault.New(fault.Invalid, "This form is not complete. Reload the page and try again.")
	}
	return v, nil
}

// confirm describes a page that asks once more.
type confirm struct {
	question, text, button, reason string
	danger                         bool
}

var confirms = map[string]confirm{
	"submit": {question: "Submit for review?", button: "Yes, it works and was tested. Submit",
		text: "The content is frozen while the network's team reviews it. You confirm that the integration works and that you have tested it. You get a mail with the date by which the review is expected to finish."},
	"delete": {question: "Delete this draft?", button: "Delete for good", danger: true,
		text: "Everything in it is gone: fields, secrets, runs. It cannot be brought back, and nobody is mailed. A published version stays as it is."},
	"withdraw": {question: "Withdraw this submission?", button: "Withdraw",
		text: "It leaves the queue, and stored credentials are removed. You can open it again as a draft later."},
}

// askConfirm handles GET /submissions/{id}/{verb} for the verbs of confirms.
func (s *Server) askConfirm(verb string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, _, err := s.dossier(r.Context(), r)
		if err != nil {
			return err
		}
		return s.render(w, r, views.Confirm(s.confirmPage(r, d, verb, "")))
	}
}

func (s *Server) confirmPage(r *http.Request, d registry.Dossier, verb, bad string) views.ConfirmPage {
	c := confirms[verb]
	path := "/submissions/" + d.Submission.ID
	return views.ConfirmPage{
		Page: s.page(r, c.question), Pretitle: d.Submission.Name(), Question: c.question, Text: c.text, Action: path + "/" + verb,
		Button: c.button, Back: path, Danger: c.danger, Version: d.Submission.Version, Reason: c.reason, Fault: bad,
	}
}

// submit handles POST /submissions/{id}/submit. The first click, on the card, asks to certify; when something is
// missing it names all of it instead.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readVersion(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	_, err = s.Registry.Submit(r.Context(), actor(r), id, v, r.PostForm.Get("confirm") != "")
	switch {
	case err == nil:
		s.flash(r, "Sent to the network's team. A mail tells the date by which the review is expected to finish.")
		return redirect(w, r, "/submissions/"+id+"?tab=review")
	case onlyCertification(err):
		return redirect(w, r, "/submissions/"+id+"/submit")
	}
	return s.refused(w, r, err)
}

// onlyCertification reports whether nothing else is missing than the word that it was tested.
func onlyCertification(err error) bool {
	shown := fault.Show(err)
	return shown.Code == fault.Conflict && len(shown.Fields) == 1 && shown.Fields[0].Key == "certified"
}

// refused shows the submission with everything that a move lacks.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, err error) error {
	bad := fault.Show(err)
	if bad.Code != fault.Conflict && bad.Code != fault.Invalid {
		return err
	}
	d, ready, readErr := s.dossier(r.Context(), r)
	if readErr != nil {
		return readErr
	}
	if !d.Submission.State.Editable() {
		return s.showReviewed(w, r, d, bad)
	}
	tab := manifest.TabGeneral
	for _, f := range bad.Fields {
		if field, ok := manifest.Find(f.Key); ok {
			tab = field.Tab
			break
		}
	}
	page := views.FormPage{SubmissionPage: s.frame(r, d, ready, string(tab)), Sections: formSections(d, ready, tab), Problem: problemOf(bad)}
	for i, line := range page.Problem.Lines {
		if f, ok := manifest.Find(line.Key); ok {
			page.Problem.Lines[i].Text = f.Tab.Label() + ", " + f.Label + ": " + line.Text
		}
	}
	page.Title = "Error: " + page.Title
	if tab == manifest.TabSCIM {
		connection, err := s.Registry.Connection(r.Context(), actor(r), d)
		if err != nil {
			return err
		}
		page.Connection = connectionForm(d, connection)
	}
	s.write(w, r, statuses[bad.Code], views.Form(page))
	return nil
}

// readVersion reads a form and the version in it.
func (s *Server) readVersion(w http.ResponseWriter, r *http.Request) (int64, error) {
	if err := readForm(w, r); err != nil {
		return 0, err
	}
	return version(r)
}

// resubmit handles POST /submissions/{id}/resubmit.
func (s *Server) resubmit(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readVersion(w, r)
	if err != nil {
		return err
	}
	if _, err := s.Registry.Resubmit(r.Context(), actor(r), r.PathValue("id"), v); err != nil {
		return s.refused(w, r, err)
	}
	s.flash(r, "Sent back to the network's team. It kept its place in the queue.")
	return redirect(w, r, "/submissions/"+r.PathValue("id")+"?tab=review")
}

// withdraw handles POST /submissions/{id}/withdraw.
func (s *Server) withdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readVersion(w, r)
	if err != nil {
		return err
	}
	if _, err := s.Registry.Withdraw(r.Context(), actor(r), r.PathValue("id"), v); err != nil {
		return s.refused(w, r, err)
	}
	s.flash(r, "The submission is withdrawn.")
	return redirect(w, r, "/submissions")
}

// reopen handles POST /submissions/{id}/reopen.
func (s *Server) reopen(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readVersion(w, r)
	if err != nil {
		return err
	}
	if _, err := s.Registry.Reopen(r.Context(), actor(r), r.PathValue("id"), v); err != nil {
		return s.refused(w, r, err)
	}
	return redirect(w, r, "/submissions/"+r.PathValue("id"))
}

// deleteDraft handles POST /submissions/{id}/delete.
func (s *Server) deleteDraft(w http.ResponseWriter, r *http.Request) error {
	v, err := s.readVersion(w, r)
	if err != nil {
		return err
	}
	if err := s.Registry.DeleteDraft(r.Context(), actor(r), r.PathValue("id"), v, r.PostForm.Get("confirm") != ""); err != nil {
		return s.refused(w, r, err)
	}
	s.flash(r, "The draft is deleted.")
	return redirect(w, r, "/submissions")
}

// answerFinding handles POST /submissions/{id}/answers/{finding}.
func (s *Server) answerFinding(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	id := r.PathValue("id")
	_, err := s.Registry.Answer(r.Context(), actor(r), id, r.PathValue("finding"), registry.AnswerKind(r.PostForm.Get("answer")), r.PostForm.Get("note"))
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.Conflict {
		d, _, readErr := s.dossier(r.Context(), r)
		if readErr != nil {
			return readErr
		}
		return s.showReviewed(w, r, d, fault.Show(err))
	}
	if err != nil {
		return err
	}
	s.flash(r, "Your answer is saved. Send the submission back when all findings are answered.")
	return redirect(w, r, "/submissions/"+id+"?tab=review")
}
