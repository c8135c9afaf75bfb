package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/web/views"
)

// verify handles POST /submissions/{id}/verify: one click runs the lab.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	runID, err := s.Registry.Verify(r.Context(), actor(r), id)
	if code := fault.CodeOf(err); code == fault.Conflict || code == fault.Invalid {
		d, _, readErr := s.dossier(r.Context(), r)
		if readErr != nil {
			return readErr
		}
		return s.showLab(w, r, d, fault.Show(err))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/submissions/"+id+"/runs/"+runID)
}

// showLab shows the tab from which the lab is started; bad is why it was not.
func (s *Server) showLab(w http.ResponseWriter, r *http.Request, d registry.Dossier, bad *fault.Error) error {
	ready, err := s.Registry.Readiness(r.Context(), d)
	if err != nil {
		return err
	}
	lines, err := s.runLines(r, d)
	if err != nil {
		return err
	}
	page := views.LabPage{
		SubmissionPage: s.frame(r, d, ready, tabLab), Runs: lines, CanVerify: may(d, registry.Verify, actor(r)), Problem: problemOf(bad),
	}
	if d.Submission.State == registry.Published {
		if page.Watch, err = s.watchCard(r, d); err != nil {
			return err
		}
	}
	if page.CanVerify {
		page.Missing = d.ConnectionGaps()
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Lab(page))
	return nil
}

// watchCard is the daily look at a published version; its vendor can change what it looks with.
func (s *Server) watchCard(r *http.Request, d registry.Dossier) (*views.WatchCard, error) {
	c := &views.WatchCard{Ended: true, Missing: d.ConnectionGaps()}
	if l := d.Listing; l != nil && l.SubmissionID == d.Submission.ID {
		c.Watch, c.Ended = l.Watch, !l.Visible()
	}
	if c.Ended || !may(d, registry.Reconnect, actor(r)) {
		return c, nil
	}
	stored, err := s.Registry.Connection(r.Context(), actor(r), d)
	if err == nil {
		c.Connection = connectionForm(d, stored)
	}
	return c, err
}

func (s *Server) runLines(r *http.Request, d registry.Dossier) ([]views.RunLine, error) {
	list, err := s.Runs.Of(r.Context(), d.Submission.ID)
	if err != nil {
		return nil, err
	}
	lines := make([]views.RunLine, len(list))
	for i, run := range list {
		lines[i] = views.RunLine{
			ID: run.ID, Path: "/submissions/" + d.Submission.ID + "/runs/" + run.ID, Verdict: run.Verdict, Asked: run.AskedBy,
			Purpose: string(run.Purpose), At: run.Created, Current: run.Hash == d.Submission.Hash,
		}
		if run.Purpose == runs.ForReviewer && !actor(r).OfTeam() {
			lines[i].Asked = "Network team"
		}
	}
	return lines, nil
}

// showRun handles GET /submissions/{id}/runs/{run}; with part=1 only what changes while the run goes on.
func (s *Server) showRun(w http.ResponseWriter, r *http.Request) error {
	d, ready, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	page := views.RunPage{
		SubmissionPage: s.frame(r, d, ready, tabLab), Run: run, Current: run.Hash == d.Submission.Hash,
		CanVerify: may(d, registry.Verify, actor(r)), Waiting: map[string]string{}, Contest: map[string]bool{},
	}
	if run.Going() || s.unheard(d, run) {
		page.Poll = "/submissions/" + d.Submission.ID + "/runs/" + run.ID + "?part=1"
	} else if err := s.fillReport(r, d, &page); err != nil {
		return err
	}
	if r.URL.Query().Get("part") != "" {
		return s.render(w, r, views.RunPart(page))
	}
	return s.render(w, r, views.Run(page))
}

// showCheck handles GET /submissions/{id}/runs/{run}/checks/{check}; with part=1 only its requests and answers. "rest" in
// the place of a check is what no check shows.
func (s *Server) showCheck(w http.ResponseWriter, r *http.Request) error {
	d, ready, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	page := views.RunPage{SubmissionPage: s.frame(r, d, ready, tabLab), Run: run}
	if !run.Going() {
		if err := json.Unmarshal(run.Report, &page.Report); err != nil {
			return fmt.Errorf("read report of %s: %w", run.ID, err)
		}
	}
	for _, c := range append(page.Report.Checks, page.Rest()) {
		switch {
		case c.ID != r.PathValue("check"):
		case r.URL.Query().Get("part") != "":
			return s.render(w, r, views.Exchanges(c))
		case c.ID == views.RestID:
			return s.render(w, r, views.RunRest(page))
		default:
			return s.render(w, r, views.RunCheck(page, c))
		}
	}
	return fault.New(fault.NotFound, "This run has no such check.")
}

// unheard reports whether the run has ended just now and its verdict is still on its way to the submission: a page that
// showed the end already would say beside it that no run has passed, and would not look again.
func (s *Server) unheard(d registry.Dossier, run runs.Run) bool {
	known := slices.ContainsFunc(d.Verdicts, func(v registry.Verdict) bool { return v.RunID == run.ID })
	return !known && run.EndedAt != nil && s.Clock().Sub(*run.EndedAt) < time.Minute
}

func (s *Server) fillReport(r *http.Request, d registry.Dossier, page *views.RunPage) (err error) {
	if err := json.Unmarshal(page.Run.Report, &page.Report); err != nil {
		return fmt.Errorf("read report of %s: %w", page.Run.ID, err)
	}
	if page.Report.Requests > 0 { // else the one reason on top says more than a line for each check
		page.Families = views.FamiliesOf(page.Report)
	}
	for _, waiver := range d.Waivers {
		if _, newer := page.Waiting[waiver.CheckID]; !newer {
			page.Waiting[waiver.CheckID] = views.WaiverText(waiver.State)
		}
	}
	if may(d, registry.AskWaiver, actor(r)) {
		for _, c := range page.Report.Checks {
			page.Contest[c.ID] = c.Blocking && d.Contestable(c.ID, s.Clock())
		}
	}
	if page.Others, err = s.runLines(r, d); err != nil {
		return err
	}
	if page.Shares, err = s.Runs.Shares(r.Context(), actor(r), page.Run.ID); err != nil {
		return err
	}
	return s.compare(r, d, page)
}

// compare holds the run against the one that was chosen with with=, else against the one before it. Of runs that did not
// come to an end there is nothing to compare.
func (s *Server) compare(r *http.Request, d registry.Dossier, page *views.RunPage) error {
	own := "/submissions/" + d.Submission.ID + "/runs/" + page.Run.ID
	with, chosen := r.URL.Query().Get("with"), false
	for i := range page.Others {
		line := &page.Others[i]
		if line.ID == page.Run.ID || line.Verdict == "" {
			continue
		}
		line.Compare = own + "?with=" + line.ID + "#changes"
		earlier := line.At.Before(page.Run.Created)
		if line.ID == with || with == "" && earlier && !chosen {
			page.Before, chosen = line, true // the newest comes first
		}
	}
	if page.Before == nil || page.Run.Verdict == "" {
		page.Before = nil
		return nil
	}
	run, err := s.Runs.Get(r.Context(), actor(r), page.Before.ID)
	if err != nil {
		return err
	}
	var before report.Report
	if err := json.Unmarshal(run.Report, &before); err != nil {
		return fmt.Errorf("read report of %s: %w", run.ID, err)
	}
	page.Changes = report.Compare(before, page.Report)
	return nil
}

// run finds the run of the path. One that no worker has taken up yet has no row; its page waits.
func (s *Server) run(r *http.Request, d registry.Dossier) (run runs.Run, err error) {
	id := r.PathValue("run")
	run, err = s.Runs.Get(r.Context(), actor(r), id)
	if fault.CodeOf(err) == fault.NotFound && id == d.Submission.RunID {
		return runs.Run{ID: id, SubmissionID: d.Submission.ID, Hash: d.Submission.Hash, State: runs.Queued}, nil
	}
	if err == nil && run.SubmissionID != d.Submission.ID {
		err = fault.New(fault.NotFound, "There is no such run.")
	}
	return run, err
}

// stopRun handles POST /submissions/{id}/runs/{run}/stop.
func (s *Server) stopRun(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	if err := s.Runs.Stop(r.Context(), actor(r), run.ID); err != nil {
		return err
	}
	s.flash(r, "The run is being stopped. What it has made is removed first.")
	return redirect(w, r, "/submissions/"+d.Submission.ID+"/runs/"+run.ID)
}

// downloadReport handles GET /submissions/{id}/runs/{run}/{file}: the report as the command line writes it.
func (s *Server) downloadReport(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	if run.Going() {
		return fault.New(fault.Conflict, "This run has not ended yet. Wait for it, then download the report.")
	}
	var rep report.Report
	if err := json.Unmarshal(run.Report, &rep); err != nil {
		return fmt.Errorf("read report of %s: %w", run.ID, err)
	}
	switch r.PathValue("file") {
	case "report.json":
		w.Header().Set("Content-Type", "application/json")
		return report.WriteJSON(w, rep)
	case "report.html":
		return writeReportPage(w, rep)
	case "transcript.json":
		return s.signTranscript(w, r, d, run, rep)
	}
	return fault.New(fault.NotFound, "Reports come as report.json and report.html, signed as transcript.json.")
}

// askWaiver handles POST /submissions/{id}/waivers.
func (s *Server) askWaiver(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	id := r.PathValue("id")
	if _, err := s.Registry.AskWaiver(r.Context(), actor(r), id, r.PostForm.Get("check"), r.PostForm.Get("reason")); err != nil {
		return err
	}
	s.flash(r, "The waiver is asked for. A reviewer decides; you find the answer under Review.")
	return redirect(w, r, "/submissions/"+id+"/runs/"+r.PostForm.Get("run")+"#"+r.PostForm.Get("check"))
}

// may reports whether the actor may take the action now, as far as state and role tell.
func may(d registry.Dossier, do registry.Action, who access.Actor) bool {
	return actions(d, who)[do]
}

func actions(d registry.Dossier, who access.Actor) map[registry.Action]bool {
	all := map[registry.Action]bool{}
	for _, a := range registry.Actions(d.Submission, who) {
		all[a] = true
	}
	return all
}

// problemOf is a fault as the summary on top of a page; nil for none.
func problemOf(bad *fault.Error) *views.Problem {
	if bad == nil {
		return nil
	}
	problem := &views.Problem{Title: bad.Message}
	for _, f := range bad.Fields {
		problem.Lines = append(problem.Lines, views.ProblemLine{Key: f.Key, Text: f.Message})
	}
	return problem
}
