package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/lab/runs"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/report"
	"slipway/internal/web/views"
)

// showReviewed shows the tab with the team's part: to its vendor, and to everybody while nothing can be edited.
func (s *Server) showReviewed(w http.ResponseWriter, r *http.Request, d registry.Dossier, bad *fault.Error) error {
	ready, err := s.Registry.Readiness(r.Context(), d)
	if err != nil {
		return err
	}
	events, err := s.Registry.History(r.Context(), actor(r), d.Submission.ID)
	if err != nil {
		return err
	}
	page := views.ReviewTab{
		SubmissionPage: s.frame(r, d, ready, tabReview), Findings: d.Findings, Waivers: d.Waivers, Events: eventLines(events, actor(r)),
		Actions: actions(d, actor(r)), Problem: problemOf(bad),
	}
	if !d.Submission.State.Editable() {
		page.Content = contentTabs(d)
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Reviewed(page))
	return nil
}

// eventLines is the history as this reader calls its states, the newest first.
func eventLines(events []registry.Event, who access.Actor) []views.EventLine {
	var lines []views.EventLine
	for _, e := range slices.Backward(events) {
		line := views.EventLine{Title: e.Action.Label(), Who: e.ActorName, Note: e.Note, At: e.At}
		if e.From != e.To {
			line.Who += " → " + e.To.LabelFor(who)
		}
		lines = append(lines, line)
	}
	return lines
}

// contentTabs is the content as people read it, tab by tab.
func contentTabs(d registry.Dossier) []views.ContentTab {
	var tabs []views.ContentTab
	for _, t := range manifest.Tabs() {
		if !t.On(d.Submission.Content) {
			continue
		}
		tab := views.ContentTab{Title: t.Label()}
		for _, f := range manifest.FieldsOf(t) {
			if f.Shown(d.Submission.Content) && f.Type != manifest.TypeConnection {
				tab.Lines = append(tab.Lines, contentLine(d, f))
			}
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

func contentLine(d registry.Dossier, f manifest.Field) views.ContentLine {
	line := views.ContentLine{
		Key: f.Key, Label: f.Label, Text: f.Display(d.Submission.Content), Secret: f.Type == manifest.TypeSecret, Stored: d.Has(f.Key),
	}
	switch f.Type {
	case manifest.TypeLogo:
		line.LogoURL = views.SubmissionLogo(d.Submission)
	case manifest.TypeURL, manifest.TypeEvidence:
		line.Link = line.Text
	}
	if run := newestRun(d); f.Type == manifest.TypeEvidence && line.Text == "" && run != nil {
		line.Text, line.Link = "Lab run of "+views.When(run.At), run.Path
	}
	for _, finding := range d.Findings.For(f.Key) {
		line.Findings = append(line.Findings, finding.Text)
	}
	return line
}

// listReviews handles GET /reviews: the queue of the team.
func (s *Server) listReviews(w http.ResponseWriter, r *http.Request) error {
	subs, err := s.Registry.Queue(r.Context(), actor(r))
	if err != nil {
		return err
	}
	waivers, err := s.Registry.PendingWaivers(r.Context(), actor(r))
	if err != nil {
		return err
	}
	asked, err := s.waitingLines(r)
	if err != nil {
		return err
	}
	page := views.QueuePage{Page: s.page(r, "Review queue"), Asked: asked}
	for _, sub := range subs {
		kind := "New"
		if sub.IsUpdate() {
			kind = "Update"
		}
		page.Items = append(page.Items, views.QueueItem{Submission: sub, Kind: kind, Overdue: s.Clock().After(sub.ETA), Assignee: sub.Assignee.Name})
	}
	for _, waiver := range waivers {
		page.Waivers = append(page.Waivers, views.WaiverItem{Waiver: waiver, Name: waiver.AskedBy.Name})
	}
	return s.render(w, r, views.Queue(page))
}

// showReview handles GET /reviews/{id}: the workspace of one submission.
func (s *Server) showReview(w http.ResponseWriter, r *http.Request) error {
	return s.reviewPage(w, r, nil, nil)
}

// reviewPage shows the workspace; bad is why a decision was refused, and what was typed stays.
func (s *Server) reviewPage(w http.ResponseWriter, r *http.Request, bad *fault.Error, drafts []views.FindingDraft) error {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	flags, err := s.Registry.Flags(r.Context(), actor(r), d)
	if err != nil {
		return err
	}
	events, err := s.Registry.History(r.Context(), actor(r), d.Submission.ID)
	if err != nil {
		return err
	}
	evidence, err := s.evidence(r, d)
	if err != nil {
		return err
	}
	page := views.ReviewPage{
		Page: s.page(r, d.Submission.Name()), Submission: d.Submission, StateLabel: d.Submission.State.TeamLabel(), Actions: actions(d, actor(r)),
		First: firstLines(d, flags), Content: contentTabs(d), Changes: d.ChangesSincePublished(), Since: d.ChangesSinceReviewed(),
		Evidence: evidence, Findings: d.Findings, Waivers: d.Waivers, Checklist: registry.InitialChecklist, Events: eventLines(events, actor(r)),
		RejectCodes: rejectCodes(), Fields: fieldOptions(), Problem: problemOf(bad), Drafts: drafts, Typed: r.PostForm, Preview: "/submissions/" + d.Submission.ID + "/preview",
	}
	page.Path = "/reviews"
	if page.Drafts == nil {
		page.Drafts = []views.FindingDraft{{}}
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Review(page))
	return nil
}

// firstLines is what a reviewer reads before anything else: which listing is meant, or that there is none, and what
// the vendor says about it.
func firstLines(d registry.Dossier, flags []registry.Flag) []views.ContentLine {
	lines := listingLines(d)
	for _, flag := range flags {
		line := views.ContentLine{Key: "first.flag-" + flag.Code, Label: "Look at this", Text: flag.Text}
		if flag.Slug != "" {
			line.Link = "/catalog/" + flag.Slug
		}
		lines = append(lines, line)
	}
	for _, key := range []string{"existingName", "changeSummary"} {
		if f, ok := manifest.Find(key); ok && f.Shown(d.Submission.Content) {
			line := contentLine(d, f)
			line.Key = "first." + key // the same field stands once more in the content below
			lines = append(lines, line)
		}
	}
	return lines
}

// listingLines names the integration's own listing. Of one that its vendor merely claims, the flags speak.
func listingLines(d registry.Dossier) []views.ContentLine {
	line := views.ContentLine{Key: "first.listing", Label: "Listing"}
	switch {
	case d.Listing != nil:
		line.Text = d.Listing.Name()
		if d.Listing.Visible() {
			line.Link = "/catalog/" + d.Listing.Slug
		}
	case !d.Submission.Content.Yes("existing"):
		line.Text = "None. Its vendor says that the app is new to the catalog."
	default:
		return nil
	}
	return []views.ContentLine{line}
}

func (s *Server) evidence(r *http.Request, d registry.Dossier) (views.Evidence, error) {
	verdict, has := d.Verdicts.Of(d.Submission.Hash)
	latest, known, err := s.Runs.Latest(r.Context(), d.Submission.ID)
	if err != nil {
		return views.Evidence{}, err
	}
	e := views.Evidence{
		Verdict: verdict, NotRun: notRunLines(verdict, d.Waivers), Has: has, RunPath: "/submissions/" + d.Submission.ID + "/runs/" + verdict.RunID,
		Running: known && latest.State != runs.Ended,
	}
	if has {
		e.Report, err = s.reportOf(r, verdict.RunID)
	}
	return e, err
}

// reportOf reads the report of a run; the empty one where the run is not kept any more.
func (s *Server) reportOf(r *http.Request, runID string) (rep report.Report, err error) {
	run, err := s.Runs.Get(r.Context(), actor(r), runID)
	if fault.CodeOf(err) == fault.NotFound {
		return rep, nil
	}
	if err == nil {
		err = json.Unmarshal(run.Report, &rep)
	}
	return rep, err
}

// notRunLines is what the verdict proves nothing about, and on whose word it passes all the same.
func notRunLines(v registry.Verdict, waivers registry.Waivers) []views.NotRunLine {
	var lines []views.NotRunLine
	for _, check := range v.Open {
		line := views.NotRunLine{OpenCheck: check}
		if w, ok := waivers.Granted(check.ID); ok && check.Waived {
			line.Waiver = "Waived by " + w.DecidedBy.Name + " until " + views.Day(w.Expires) + "."
		}
		lines = append(lines, line)
	}
	return lines
}

func rejectCodes() []manifest.Option {
	var options []manifest.Option
	for code, label := range registry.RejectCodes {
		options = append(options, manifest.Option{Value: code, Label: label})
	}
	slices.SortFunc(options, func(a, b manifest.Option) int { return strings.Compare(a.Value, b.Value) })
	return options
}

func fieldOptions() []manifest.Option {
	var options []manifest.Option
	for _, f := range manifest.Fields() {
		options = append(options, manifest.Option{Value: f.Key, Label: f.Tab.Label() + ": " + f.Label})
	}
	return options
}

// decide makes a handler of a reviewer's decision. What is refused is shown on the workspace, with what was typed.
func (s *Server) decide(done string, do func(r *http.Request, id string, version int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.readVersion(w, r)
		if err != nil {
			return err
		}
		err = do(r, r.PathValue("id"), v)
		switch fault.CodeOf(err) {
		case "":
			s.flash(r, done)
			return redirect(w, r, "/reviews/"+r.PathValue("id"))
		case fault.Invalid, fault.Conflict:
			return s.reviewPage(w, r, fault.Show(err), findingDrafts(r))
		}
		return err
	}
}

func (s *Server) claim(r *http.Request, id string, _ int64) error {
	_, err := s.Registry.Claim(r.Context(), actor(r), id)
	return err
}

func (s *Server) passInitial(r *http.Request, id string, v int64) error {
	_, err := s.Registry.PassInitial(r.Context(), actor(r), id, v, r.PostForm["checked"])
	return err
}

func (s *Server) passQA(r *http.Request, id string, v int64) error {
	_, err := s.Registry.PassQA(r.Context(), actor(r), id, v)
	return err
}

func (s *Server) reject(r *http.Request, id string, v int64) error {
	_, err := s.Registry.Reject(r.Context(), actor(r), id, v, registry.Reason{Code: r.PostForm.Get("code"), Text: r.PostForm.Get("reason")})
	return err
}

// giveBack returns a submission with findings: to the vendor's review, or as bugs from QA.
func (s *Server) giveBack(r *http.Request, id string, v int64) error {
	found := newFindings(r)
	d, err := s.Registry.Get(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	if d.Submission.State == registry.ToReview {
		_, err = s.Registry.Return(r.Context(), actor(r), id, v, found, r.PostForm["keep"])
	} else {
		_, err = s.Registry.ReturnBugs(r.Context(), actor(r), id, v, found, r.PostForm["keep"])
	}
	return err
}

// returnFindings handles POST /reviews/{id}/return; its second button only asks for room for one more finding.
func (s *Server) returnFindings(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if r.PostForm.Has("more") {
		return s.reviewPage(w, r, nil, append(findingDrafts(r), views.FindingDraft{}))
	}
	return s.decide("Returned to the vendor with your findings.", s.giveBack)(w, r)
}

// findingDrafts is what was typed into the finding form, as it was typed.
func findingDrafts(r *http.Request) []views.FindingDraft {
	f := r.PostForm
	var drafts []views.FindingDraft
	for i := range min(len(f["key"]), len(f["text"]), len(f["fix"]), len(f["severity"])) {
		drafts = append(drafts, views.FindingDraft{Key: f["key"][i], Severity: f["severity"][i], Text: f["text"][i], Fix: f["fix"][i]})
	}
	return drafts
}

// newFindings reads the findings of the form: its inputs come once for each finding. A row of which nothing was
// typed is none.
func newFindings(r *http.Request) []registry.NewFinding {
	var found []registry.NewFinding
	for _, d := range findingDrafts(r) {
		if strings.TrimSpace(d.Text+d.Fix+d.Key) != "" {
			found = append(found, registry.NewFinding{Key: d.Key, Severity: registry.Severity(d.Severity), Text: d.Text, Fix: d.Fix})
		}
	}
	return found
}

// decideWaiver handles POST /reviews/{id}/waivers/{waiver}.
func (s *Server) decideWaiver(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	decision := registry.WaiverDecision{Grant: r.PostForm.Get("decision") == "grant", Reason: r.PostForm.Get("reason")}
	if days, err := strconv.Atoi(strings.TrimSpace(r.PostForm.Get("days"))); err == nil && days > 0 && days <= 366 {
		decision.Expires = s.Clock().Add(time.Duration(days) * 24 * time.Hour)
	}
	_, err := s.Registry.DecideWaiver(r.Context(), actor(r), r.PathValue("id"), r.PathValue("waiver"), decision)
	switch fault.CodeOf(err) {
	case "":
		s.flash(r, "The vendor sees your decision with the reason.")
		return redirect(w, r, "/reviews/"+r.PathValue("id")+"#waivers")
	case fault.Invalid, fault.Conflict:
		return s.reviewPage(w, r, fault.Show(err), nil)
	}
	return err
}

// askReveal handles GET /reviews/{id}/reveal: looking is on the record, so it takes a click of its own.
func (s *Server) askReveal(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	path := "/reviews/" + d.Submission.ID
	return s.render(w, r, views.Confirm(views.ConfirmPage{
		Page: s.page(r, "Show the test account?"), Question: "Show the test account?", Action: path + "/reveal", Button: "Show it", Back: path,
		Text: "The password appears once. That you looked is on the record.", Version: d.Submission.Version,
	}))
}

// reveal handles POST /reviews/{id}/reveal.
func (s *Server) reveal(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	password, err := s.Registry.Reveal(r.Context(), actor(r), id, "testAccount.password")
	if err != nil {
		return err
	}
	d, err := s.Registry.Get(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	page := views.SecretsPage{Page: s.page(r, "Test account"), Name: d.Submission.Name(), Back: "/reviews/" + id}
	for _, key := range []string{"testAccount.url", "testAccount.username", "testAccount.password", "testAccount.instructions"} {
		f, _ := manifest.Find(key)
		line := contentLine(d, f)
		if line.Secret {
			line.Text = password.Reveal()
		}
		page.Lines = append(page.Lines, line)
	}
	return s.render(w, r, views.Secrets(page))
}

// previewListing handles GET /submissions/{id}/preview: the listing as customers would see it.
func (s *Server) previewListing(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Registry.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := listingPage(d.Preview())
	page.Page, page.Preview, page.LogoURL = s.page(r, "Preview of "+d.Submission.Name()), true, views.SubmissionLogo(d.Submission)
	page.Back, page.BackText = "/submissions/"+d.Submission.ID, "Back"
	if actor(r).OfTeam() {
		page.Back = "/reviews/" + d.Submission.ID
	}
	return s.render(w, r, views.Listing(page))
}
