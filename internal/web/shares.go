package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"slipway/internal/report"
)

// shareRun handles POST /submissions/{id}/runs/{run}/share. The link is shown once: only its hash is kept.
func (s *Server) shareRun(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	token, err := s.Runs.Share(r.Context(), actor(r), run.ID)
	if err != nil {
		return err
	}
	s.flash(r, "Whoever has this link can read the report, without requests and answers: "+s.Address+"/shared/"+token+" It is not shown again.")
	return redirect(w, r, "/submissions/"+d.Submission.ID+"/runs/"+run.ID)
}

// unshareRun handles POST /submissions/{id}/runs/{run}/unshare.
func (s *Server) unshareRun(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.dossier(r.Context(), r)
	if err != nil {
		return err
	}
	run, err := s.run(r, d)
	if err != nil {
		return err
	}
	if err := s.Runs.Unshare(r.Context(), actor(r), run.ID); err != nil {
		return err
	}
	s.flash(r, "The links to this report are ended.")
	return redirect(w, r, "/submissions/"+d.Submission.ID+"/runs/"+run.ID)
}

// showShared handles GET /shared/{token}: the report as a page of its own, for whoever has the link.
func (s *Server) showShared(w http.ResponseWriter, r *http.Request) error {
	run, err := s.Runs.Shared(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	var rep report.Report
	if err := json.Unmarshal(run.Report, &rep); err != nil {
		return fmt.Errorf("read report of %s: %w", run.ID, err)
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	return writeReportPage(w, rep.ForStrangers())
}

// writeReportPage writes a report as a page of its own, which runs nothing and loads nothing.
func writeReportPage(w http.ResponseWriter, rep report.Report) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	return report.WriteHTML(w, rep)
}
