package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// listListings handles GET /listings: every listing for the team, and what waits for its word.
func (s *Server) listListings(w http.ResponseWriter, r *http.Request) error {
	lines, err := s.Registry.ListingLines(r.Context(), actor(r))
	if err != nil {
		return err
	}
	waiting, err := s.waitingLines(r)
	if err != nil {
		return err
	}
	return s.render(w, r, views.Listings(views.ListingsPage{Page: s.page(r, "Listings"), Lines: lines, Waiting: waiting}))
}

// waitingLines is what vendors ask for, and what waits for a second person.
func (s *Server) waitingLines(r *http.Request) ([]views.RequestLine, error) {
	requests, err := s.Registry.ListingRequests(r.Context(), actor(r))
	var lines []views.RequestLine
	for _, request := range requests {
		l, err := s.Registry.ListingOf(r.Context(), request.IntegrationID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, requestLine(l, request, actor(r)))
	}
	return lines, err
}

// requestTitles is what is asked for, in words.
var requestTitles = map[registry.Action]string{
	registry.RequestRemoval: "Its vendor asks for its removal", registry.AnnounceRetirement: "Its vendor announces its retirement",
	registry.Delist: "Proposed: remove it from the catalog", registry.Relist: "Proposed: put it back into the catalog",
	registry.Revoke: "Proposed: revoke it for security",
}

func requestLine(l registry.Listing, request registry.ListingRequest, who access.Actor) views.RequestLine {
	return views.RequestLine{
		ListingRequest: request, Name: l.Name(), Vendor: l.Vendor, Slug: l.Slug, Title: requestTitles[request.Do],
		Code: registry.RemovalCodes[request.Reason.Code], Mine: request.By.ID == who.PersonID,
		MayConfirm: request.OfTeam() && request.By.ID != who.PersonID && access.Can(who, access.Test),
	}
}

// showManaged handles GET /listings/{slug}: how a listing stands, and what the team can do about it.
func (s *Server) showManaged(w http.ResponseWriter, r *http.Request) error {
	return s.managedPage(w, r, nil)
}

func (s *Server) managedPage(w http.ResponseWriter, r *http.Request, bad *fault.Error) error {
	file, err := s.Registry.ListingFile(r.Context(), actor(r), r.PathValue("slug"))
	if err != nil {
		return err
	}
	l := file.Listing
	page := views.ManagedPage{
		Page: s.page(r, l.Name()), File: file, Events: eventLines(file.Events, actor(r)), Problem: problemOf(bad), Typed: r.PostForm,
		Codes: removalCodes(), Actions: map[registry.Action]bool{},
	}
	page.Path = "/listings"
	for _, do := range registry.ListingActions(l, actor(r)) {
		page.Actions[do] = true
	}
	for _, request := range file.Requests {
		if request.State == registry.Waiting {
			page.Waiting = append(page.Waiting, requestLine(l, request, actor(r)))
		}
	}
	if page.Typed == nil {
		page.Typed = proposedForm(file)
	}
	if page.Ending, err = s.ending(r.Context(), l); err != nil {
		return err
	}
	if page.Successors, err = s.successors(r.Context(), l); err != nil {
		return err
	}
	status := http.StatusOK
	if bad != nil {
		status, page.Title = statuses[bad.Code], "Error: "+page.Title
	}
	s.write(w, r, status, views.Managed(page))
	return nil
}

// proposedForm fills in what the vendor asked for, so that nobody types it again.
func proposedForm(file registry.ListingFile) map[string][]string {
	typed := map[string][]string{}
	if asked, ok := file.Waiting(registry.RequestRemoval); ok {
		typed["code"], typed["reason"] = []string{"owner_request"}, []string{asked.Reason.Text}
	}
	if asked, ok := file.Waiting(registry.AnnounceRetirement); ok {
		typed["date"] = []string{asked.Retirement.Date.Format(time.DateOnly)}
		typed["successor"], typed["text"] = []string{asked.Retirement.Successor}, []string{asked.Reason.Text}
	}
	return typed
}

func removalCodes() []manifest.Option {
	var options []manifest.Option
	for code, label := range registry.RemovalCodes {
		options = append(options, manifest.Option{Value: code, Label: label})
	}
	slices.SortFunc(options, func(a, b manifest.Option) int { return cmp.Compare(a.Value, b.Value) })
	return options
}

// successors is what can replace a listing: every other one that customers can install.
func (s *Server) successors(ctx context.Context, l registry.Listing) ([]manifest.Option, error) {
	all, err := s.Registry.Catalog(ctx, registry.CatalogQuery{})
	var options []manifest.Option
	for _, other := range all {
		if other.IntegrationID != l.IntegrationID {
			options = append(options, manifest.Option{Value: other.Slug, Label: other.Name() + " of " + other.Vendor})
		}
	}
	return options, err
}

// ending is what everybody who meets the listing should know of its end; nil where there is none.
func (s *Server) ending(ctx context.Context, l registry.Listing) (*views.Ending, error) {
	if l.State == registry.Listed || l.State == registry.Unlisted {
		return nil, nil
	}
	e := &views.Ending{State: l.State, Vendor: l.Vendor, Date: l.Ending.Date, Reason: l.Ending.Text, SuccessorSlug: l.Ending.Successor}
	if e.SuccessorSlug == "" {
		return e, nil
	}
	successor, err := s.Registry.CatalogEntry(ctx, e.SuccessorSlug)
	if fault.CodeOf(err) == fault.NotFound { // it was removed itself
		e.SuccessorSlug = ""
		return e, nil
	}
	e.SuccessorName = successor.Name()
	return e, err
}

// endingOf is the same for an integration that is installed.
func (s *Server) endingOf(ctx context.Context, integrationID string) (*views.Ending, error) {
	l, err := s.Registry.ListingOf(ctx, integrationID)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.ending(ctx, l)
}

// decideListing makes a handler of what the team does about a listing. What is refused is shown, with what was typed.
func (s *Server) decideListing(done string, do func(r *http.Request, slug string, version int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.readVersion(w, r)
		if err != nil {
			return err
		}
		slug := r.PathValue("slug")
		err = do(r, slug, v)
		switch fault.CodeOf(err) {
		case "":
			s.flash(r, done)
			return redirect(w, r, "/listings/"+slug)
		case fault.Invalid, fault.Conflict:
			return s.managedPage(w, r, fault.Show(err))
		}
		return err
	}
}

func (s *Server) propose(r *http.Request, slug string, v int64) error {
	why := registry.Reason{Code: r.PostForm.Get("code"), Text: r.PostForm.Get("reason")}
	_, err := s.Registry.Propose(r.Context(), actor(r), slug, v, registry.Action(r.PostForm.Get("action")), why)
	return err
}

func (s *Server) confirmProposal(r *http.Request, slug string, v int64) error {
	_, err := s.Registry.Confirm(r.Context(), actor(r), slug, v, r.PathValue("request"))
	return err
}

func (s *Server) takeBack(r *http.Request, slug string, _ int64) error {
	_, err := s.Registry.TakeBack(r.Context(), actor(r), slug, r.PathValue("request"))
	return err
}

func (s *Server) decline(r *http.Request, slug string, _ int64) error {
	_, err := s.Registry.Decline(r.Context(), actor(r), slug, r.PathValue("request"), r.PostForm.Get("answer"))
	return err
}

func (s *Server) deprecate(r *http.Request, slug string, v int64) error {
	_, err := s.Registry.Deprecate(r.Context(), actor(r), slug, v, typedEnding(r))
	return err
}

// typedEnding reads a retirement. A date that is none stays zero, and is refused as such.
func typedEnding(r *http.Request) registry.Ending {
	f := r.PostForm
	date, _ := time.Parse(time.DateOnly, strings.TrimSpace(f.Get("date")))
	return registry.Ending{
		Retirement: registry.Retirement{Date: date, Successor: f.Get("successor")}, Reason: registry.Reason{Text: strings.TrimSpace(f.Get("text"))},
	}
}
