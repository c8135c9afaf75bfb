package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"slipway/internal/directory"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/web/views"
)

// listInstallations handles GET /installations.
func (s *Server) listInstallations(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Provision.Installations(r.Context(), actor(r))
	if err != nil {
		return err
	}
	former, err := s.Provision.Former(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return s.render(w, r, views.Installations(views.InstallationsPage{Page: s.page(r, "Installed integrations"), Installations: all, Former: former}))
}

// askInstall handles GET /catalog/{slug}/install.
func (s *Server) askInstall(w http.ResponseWriter, r *http.Request) error {
	return s.installPage(w, r, "", nil)
}

func (s *Server) installPage(w http.ResponseWriter, r *http.Request, label string, bad *fault.Error) error {
	listing, err := s.Registry.CatalogEntry(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	page := views.InstallPage{Page: s.page(r, "Install "+listing.Name()), Listing: listing, Label: label, Problem: problemOf(bad)}
	if page.Ending, err = s.ending(r.Context(), listing); err != nil {
		return err
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	} else {
		page.Label = listing.Name()
	}
	s.write(w, r, status, views.Install(page))
	return nil
}

// install handles POST /catalog/{slug}/install.
func (s *Server) install(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	label := r.PostForm.Get("label")
	i, err := s.Provision.Install(r.Context(), actor(r), r.PathValue("slug"), label)
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.Conflict {
		return s.installPage(w, r, label, fault.Show(err))
	}
	if err != nil {
		return err
	}
	s.flash(r, "Installed. Enter your credentials next.")
	return redirect(w, r, "/installations/"+i.ID)
}

// installation is the frame of every page about one installation.
func (s *Server) installation(r *http.Request, tab string, bad *fault.Error) (views.InstallationPage, provision.Version, error) {
	i, err := s.Provision.Installation(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return views.InstallationPage{}, provision.Version{}, err
	}
	version, err := s.Provision.Version(r.Context(), i)
	if err != nil {
		return views.InstallationPage{}, provision.Version{}, err
	}
	counts, err := s.Provision.CountOperations(r.Context(), actor(r), i.ID)
	if err != nil {
		return views.InstallationPage{}, provision.Version{}, err
	}
	page := views.InstallationPage{
		Page: s.page(r, i.Label), Installation: i, Tab: tab, Problem: problemOf(bad), GuideURL: version.Content.Text("scim.guideUrl"),
		Number: "SCIM " + version.Content.Text("scim.version"),
		Tabs:   installationTabs(i, counts),
		Open:   counts[provision.Planned] + counts[provision.Sending],
		Failed: counts[provision.Failed],
	}
	if page.Ending, err = s.endingOf(r.Context(), i.IntegrationID); err != nil {
		return views.InstallationPage{}, provision.Version{}, err
	}
	page.Path = "/installations"
	if bad != nil {
		page.Title = "Error: " + page.Title
	}
	return page, version, nil
}

// installationTabs are the parts that there are to look at: of one that goes there are fewer.
func installationTabs(i provision.Installation, counts map[provision.State]int) []views.TabLink {
	connection := views.TabLink{Key: "", Label: "Connection"}
	ledger := views.TabLink{Key: "/operations", Label: "Ledger", Note: count(counts[provision.Held] + counts[provision.Failed])}
	switch {
	case !i.Gone.IsZero():
		ledger.Note = ""
		return []views.TabLink{ledger}
	case !i.Leaving.IsZero():
		return []views.TabLink{connection, ledger}
	}
	return []views.TabLink{connection, {Key: "/people", Label: "People"}, {Key: "/plan", Label: "Plan"}, ledger}
}

// showInstallation handles GET /installations/{id}: connection and test. Of one that is gone there is the ledger.
func (s *Server) showInstallation(w http.ResponseWriter, r *http.Request) error {
	i, err := s.Provision.Installation(r.Context(), actor(r), r.PathValue("id"))
	if err == nil && !i.Gone.IsZero() {
		return redirect(w, r, "/installations/"+i.ID+"/operations")
	}
	return s.setupPage(w, r, nil)
}

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	frame, version, err := s.installation(r, "", bad)
	if err != nil {
		return err
	}
	form, err := s.Provision.ConnectionForm(r.Context(), actor(r), frame.Installation.ID)
	if err != nil {
		return err
	}
	page := views.SetupPage{
		InstallationPage: frame, OAuth: version.Content.Text("scim.auth.mode") == string(manifest.AuthOAuth),
		CanTest: len(frame.Installation.Stored) > 0,
	}
	for _, f := range form.Fields {
		page.Fields = append(page.Fields, setupField(f, form, r, bad))
	}
	status := http.StatusOK
	if bad != nil {
		status = statuses[bad.Code]
	}
	s.write(w, r, status, views.Setup(page))
	return nil
}

// setupField shows what is stored or, after a refusal, what was typed; of a secret only that it is stored.
func setupField(f manifest.Field, form provision.ConnectionForm, r *http.Request, bad *fault.Error) views.FieldView {
	v := views.FieldView{Field: f, Name: f.Key, Text: form.Values[f.Key], Must: true}
	if f.Type == manifest.TypeSecret && form.Stored[f.Key] {
		v.Stored = "Stored."
	}
	if bad == nil {
		return v
	}
	if f.Type != manifest.TypeSecret {
		v.Text = r.PostForm.Get(f.Key)
	}
	for _, problem := range bad.Fields {
		if problem.Key == f.Key {
			v.Problems = append(v.Problems, manifest.Problem{Key: f.Key, Severity: manifest.SeverityError, Message: problem.Message})
		}
	}
	return v
}

// saveInstallation handles POST /installations/{id}/connection: saves, then tests at once.
func (s *Server) saveInstallation(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	typed := map[string]string{}
	for key, values := range r.PostForm {
		typed[key] = values[len(values)-1]
	}
	i, err := s.Provision.SaveConnection(r.Context(), actor(r), r.PathValue("id"), typed)
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.Conflict {
		return s.setupPage(w, r, fault.Show(err))
	}
	if err != nil {
		return err
	}
	return s.test(w, r, i.ID)
}

// testInstallation handles POST /installations/{id}/test.
func (s *Server) testInstallation(w http.ResponseWriter, r *http.Request) error {
	return s.test(w, r, r.PathValue("id"))
}

func (s *Server) test(w http.ResponseWriter, r *http.Request, id string) error {
	i, err := s.Provision.TestConnection(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	if i.TestError == "" {
		s.flash(r, "The app answered. Assign people next.")
	}
	return redirect(w, r, "/installations/"+id)
}

// showAssignments handles GET /installations/{id}/people.
func (s *Server) showAssignments(w http.ResponseWriter, r *http.Request) error {
	frame, _, err := s.installation(r, "/people", nil)
	if err != nil {
		return err
	}
	q := directory.Query{After: r.URL.Query().Get("after")}
	assigned, err := s.Provision.Assignments(r.Context(), actor(r), frame.Installation.ID, q)
	if err != nil {
		return err
	}
	search := r.URL.Query().Get("search")
	people, err := s.Directory.People(r.Context(), actor(r).OrgID, directory.Query{Prefix: search, ActiveOnly: true})
	if err != nil {
		return err
	}
	page := views.AssignmentsPage{InstallationPage: frame, Assigned: assigned, Search: search}
	has := map[string]bool{}
	for _, a := range assigned {
		has[a.Person.ID] = true
	}
	for _, p := range people {
		if !has[p.ID] {
			page.People = append(page.People, p)
		}
	}
	if len(assigned) == q.Count() {
		page.Next = "/installations/" + frame.Installation.ID + "/people?" + url.Values{"after": {assigned[len(assigned)-1].Person.UserName}}.Encode()
	}
	return s.render(w, r, views.Assignments(page))
}

// choose makes a handler of what is done to the people who were ticked.
func (s *Server) choose(do func(ctx context.Context, r *http.Request, people []string) error, done string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := readForm(w, r); err != nil {
			return err
		}
		people := r.PostForm["person"]
		if len(people) == 0 {
			s.flash(r, "Nobody was chosen. Tick the people first.")
		} else if err := do(r.Context(), r, people); err != nil {
			return err
		} else {
			s.flash(r, done)
		}
		return redirect(w, r, "/installations/"+r.PathValue("id")+"/people")
	}
}

func (s *Server) assign(ctx context.Context, r *http.Request, people []string) error {
	return s.Provision.Assign(ctx, actor(r), r.PathValue("id"), people)
}

func (s *Server) unassign(ctx context.Context, r *http.Request, people []string) error {
	return s.Provision.Unassign(ctx, actor(r), r.PathValue("id"), people)
}

// showPlan handles GET /installations/{id}/plan: computed now, and nothing is sent.
func (s *Server) showPlan(w http.ResponseWriter, r *http.Request) error {
	return s.planPage(w, r, nil)
}

func (s *Server) planPage(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	frame, _, err := s.installation(r, "/plan", bad)
	if err != nil {
		return err
	}
	preview, err := s.Provision.Preview(r.Context(), actor(r), frame.Installation.ID)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if bad != nil {
		status = statuses[bad.Code]
	}
	s.write(w, r, status, views.Plan(views.PlanPage{
		InstallationPage: frame, Preview: preview, Ready: frame.Installation.Tested() && frame.Installation.Stage != provision.Paused, Kinds: provision.Kinds(),
	}))
	return nil
}

// applyPlan handles POST /installations/{id}/apply: exactly the plan that was looked at, or none.
func (s *Server) applyPlan(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	err := s.Provision.Apply(r.Context(), actor(r), r.PathValue("id"), r.PostForm.Get("digest"))
	if fault.CodeOf(err) == fault.Conflict {
		return s.planPage(w, r, fault.Show(err))
	}
	if err != nil {
		return err
	}
	s.flash(r, "The plan is being applied. Every request is on record here.")
	return redirect(w, r, "/installations/"+r.PathValue("id")+"/operations")
}

// ledgerStates is the order of the ledger's filters.
var ledgerStates = []provision.State{provision.Held, provision.Failed, provision.Sending, provision.Planned, provision.Done, provision.Superseded}

// listOperations handles GET /installations/{id}/operations; with part=1 only what changes while work goes on.
func (s *Server) listOperations(w http.ResponseWriter, r *http.Request) error {
	frame, _, err := s.installation(r, "/operations", nil)
	if err != nil {
		return err
	}
	id := frame.Installation.ID
	query := r.URL.Query()
	q := provision.OperationQuery{Before: query.Get("before")}
	page := views.OperationsPage{InstallationPage: frame, States: ledgerStates, State: provision.State(query.Get("state"))}
	if page.State != "" {
		q.States = []provision.State{page.State}
	}
	if page.Operations, err = s.Provision.Operations(r.Context(), actor(r), id, q); err != nil {
		return err
	}
	if page.Counts, err = s.Provision.CountOperations(r.Context(), actor(r), id); err != nil {
		return err
	}
	path := "/installations/" + id + "/operations?state=" + url.QueryEscape(string(page.State))
	if len(page.Operations) == q.Count() {
		page.Next = path + "&before=" + url.QueryEscape(page.Operations[len(page.Operations)-1].Cursor())
	}
	page.CanRetry = page.Counts[provision.Failed] > 0 && frame.Installation.Stage == provision.Active && frame.Installation.Gone.IsZero()
	if page.Counts[provision.Planned]+page.Counts[provision.Sending] > 0 && q.Before == "" && frame.Installation.Stage == provision.Active {
		page.Poll = path + "&part=1"
	}
	if query.Get("part") != "" {
		return s.render(w, r, views.OperationsBody(page))
	}
	return s.render(w, r, views.Operations(page))
}

// showOperation handles GET /installations/{id}/operations/{operation}.
func (s *Server) showOperation(w http.ResponseWriter, r *http.Request) error {
	frame, _, err := s.installation(r, "/operations", nil)
	if err != nil {
		return err
	}
	record, err := s.Provision.Operation(r.Context(), actor(r), frame.Installation.ID, r.PathValue("operation"))
	if err != nil {
		return err
	}
	return s.render(w, r, views.Operation(views.OperationPage{InstallationPage: frame, Record: record}))
}

// order makes a handler of something that is done to an installation, or to one of its operations.
func (s *Server) order(do func(r *http.Request, id string) (sentence string, err error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		sentence, err := do(r, r.PathValue("id"))
		if err != nil {
			return err
		}
		s.flash(r, sentence)
		back := "/installations/" + r.PathValue("id")
		if r.PathValue("operation") != "" {
			back += "/operations"
		}
		return redirect(w, r, back)
	}
}

func (s *Server) pause(r *http.Request, id string) (string, error) {
	_, err := s.Provision.Pause(r.Context(), actor(r), id)
	return "Paused. Nothing is sent until you resume it.", err
}

func (s *Server) resume(r *http.Request, id string) (string, error) {
	_, err := s.Provision.Resume(r.Context(), actor(r), id)
	return "It goes on.", err
}

func (s *Server) retryFailed(r *http.Request, id string) (string, error) {
	n, err := s.Provision.RetryFailed(r.Context(), actor(r), id)
	return "Tried again for " + strconv.Itoa(n) + " people.", err
}

func (s *Server) adopt(r *http.Request, id string) (string, error) {
	return "The account is adopted and follows the person from now on.", s.Provision.Adopt(r.Context(), actor(r), id, r.PathValue("operation"))
}

func (s *Server) skip(r *http.Request, id string) (string, error) {
	return "Left alone. The next change of the person plans anew.", s.Provision.Skip(r.Context(), actor(r), id, r.PathValue("operation"))
}

// showApps handles GET /apps: the apps of whoever is signed in.
func (s *Server) showApps(w http.ResponseWriter, r *http.Request) error {
	who := actor(r)
	page := views.AppsPage{Page: s.page(r, "My apps")}
	person, err := s.Directory.PersonByEmail(r.Context(), who.OrgID, who.Email)
	if fault.CodeOf(err) == fault.NotFound {
		return s.render(w, r, views.Apps(page))
	}
	if err != nil {
		return err
	}
	page.Known = true
	apps, err := s.Provision.AppsOf(r.Context(), who.OrgID, person.ID)
	if err != nil {
		return err
	}
	for _, i := range apps {
		version, err := s.Provision.Version(r.Context(), i)
		if err != nil {
			return err
		}
		page.Apps = append(page.Apps, views.AppTile{
			Label: i.Label, LogoURL: views.ReleaseLogo(version), Website: version.Content.Text("website"),
		})
	}
	return s.render(w, r, views.Apps(page))
}
