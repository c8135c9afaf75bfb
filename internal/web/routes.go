package web

import (
	"net/http"

	"slipway/internal/access"
)

// handler serves one route; its error is rendered by fail.
type handler func(http.ResponseWriter, *http.Request) error

// route is one line of the list: its fields are positional, so that a route without an action does not compile.
type route struct {
	pattern string
	action  access.Action
	serve   handler
}

// Route is a route as a reader of the list sees it.
type Route struct {
	Pattern string
	Action  access.Action
}

// Routes returns the list, for the document and the test that walk it.
func (s *Server) Routes() []Route {
	var list []Route
	for _, r := range s.routes() {
		list = append(list, Route{r.pattern, r.action})
	}
	return list
}

// routes is everything that is served. The action says who may ask at all; whose data it is, the rooms decide.
func (s *Server) routes() []route {
	return []route{
		// for everybody
		{"GET /{$}", access.Anyone, s.showHome},
		{"GET /static/", access.Anyone, s.serveStatic},
		{"GET /healthz", access.Anyone, s.healthz},
		{"GET /transcript-key.pem", access.Anyone, s.showTranscriptKey},
		{"GET /requirements", access.Anyone, s.showRequirements},
		{"GET /catalog", access.Anyone, s.listCatalog},
		{"GET /catalog/{slug}", access.Anyone, s.showListing},
		{"GET /catalog/{slug}/logo", access.Anyone, s.showListingLogo},
		{"GET /releases/{id}/logo", access.Anyone, s.showReleaseLogo},

		// signing in
		{"GET /sign-in", access.Anyone, s.showSignIn},
		{"POST /sign-in", access.Anyone, s.signIn},
		{"POST /sign-out", access.UseAccount, s.signOut},
		{"GET /join/{token}", access.Anyone, s.showJoin},
		{"POST /join/{token}", access.Anyone, s.join},

		// a vendor's submissions
		{"GET /submissions", access.EditSubmissions, s.listSubmissions},
		{"POST /submissions", access.EditSubmissions, s.startSubmission},
		{"GET /submissions/{id}", access.ReadSubmissions, s.showSubmission},
		{"POST /submissions/{id}/draft", access.EditSubmissions, s.saveDraft},
		{"GET /submissions/{id}/logo", access.ReadSubmissions, s.showSubmissionLogo},
		{"POST /submissions/{id}/logo", access.EditSubmissions, s.uploadLogo},
		{"POST /submissions/{id}/connection", access.EditSubmissions, s.saveConnection},
		{"GET /submissions/{id}/preview", access.ReadSubmissions, s.previewListing},
		{"POST /submissions/{id}/update", access.EditSubmissions, s.startUpdate},
		{"GET /submissions/{id}/submit", access.EditSubmissions, s.askConfirm("submit")},
		{"POST /submissions/{id}/submit", access.EditSubmissions, s.submit},
		{"POST /submissions/{id}/resubmit", access.EditSubmissions, s.resubmit},
		{"GET /submissions/{id}/withdraw", access.EditSubmissions, s.askConfirm("withdraw")},
		{"POST /submissions/{id}/withdraw", access.EditSubmissions, s.withdraw},
		{"POST /submissions/{id}/reopen", access.EditSubmissions, s.reopen},
		{"GET /submissions/{id}/delete", access.EditSubmissions, s.askConfirm("delete")},
		{"POST /submissions/{id}/delete", access.EditSubmissions, s.deleteDraft},
		{"GET /submissions/{id}/removal", access.EditSubmissions, s.askRemoval},
		{"POST /submissions/{id}/removal", access.EditSubmissions, s.requestRemoval},
		{"GET /submissions/{id}/retirement", access.EditSubmissions, s.askRetirement},
		{"POST /submissions/{id}/retirement", access.EditSubmissions, s.announceRetirement},
		{"POST /submissions/{id}/answers/{finding}", access.EditSubmissions, s.answerFinding},

		// the lab
		{"POST /submissions/{id}/verify", access.ReadSubmissions, s.verify},
		{"GET /submissions/{id}/runs/{run}", access.ReadSubmissions, s.showRun},
		{"GET /submissions/{id}/runs/{run}/{file}", access.ReadSubmissions, s.downloadReport},
		{"GET /submissions/{id}/runs/{run}/checks/{check}", access.ReadSubmissions, s.showCheck},
		{"POST /submissions/{id}/runs/{run}/stop", access.ReadSubmissions, s.stopRun},
		{"POST /submissions/{id}/runs/{run}/share", access.ReadSubmissions, s.shareRun},
		{"POST /submissions/{id}/runs/{run}/unshare", access.ReadSubmissions, s.unshareRun},
		{"GET /shared/{token}", access.Anyone, s.showShared},
		{"POST /submissions/{id}/waivers", access.EditSubmissions, s.askWaiver},

		// the network's team
		{"GET /reviews", access.ReadQueue, s.listReviews},
		{"GET /reviews/{id}", access.ReadQueue, s.showReview},
		{"POST /reviews/{id}/claim", access.ReadQueue, s.decide("It is yours now.", s.claim)},
		{"POST /reviews/{id}/pass", access.Review, s.decide("Passed to QA. The vendor is mailed.", s.passInitial)},
		{"POST /reviews/{id}/return", access.ReadQueue, s.returnFindings},
		{"POST /reviews/{id}/publish", access.Test, s.decide("Published. The catalog shows this version now.", s.passQA)},
		{"POST /reviews/{id}/reject", access.Review, s.decide("Rejected. The vendor is mailed.", s.reject)},
		{"POST /reviews/{id}/waivers/{waiver}", access.Review, s.decideWaiver},
		{"GET /reviews/{id}/reveal", access.RevealTestSecret, s.askReveal},
		{"POST /reviews/{id}/reveal", access.RevealTestSecret, s.reveal},

		// what becomes of a listing
		{"GET /listings", access.ReadQueue, s.listListings},
		{"GET /listings/{slug}", access.ReadQueue, s.showManaged},
		{"POST /listings/{slug}/deprecate", access.Test, s.decideListing("The catalog shows the date, and customers are mailed.", s.deprecate)},
		{"POST /listings/{slug}/propose", access.ReadQueue, s.decideListing("Proposed. A second person of the team must confirm it.", s.propose)},
		{"POST /listings/{slug}/confirm/{request}", access.Test, s.decideListing("Done. Everybody concerned is mailed.", s.confirmProposal)},
		{"POST /listings/{slug}/take-back/{request}", access.ReadQueue, s.decideListing("Taken back.", s.takeBack)},
		{"POST /listings/{slug}/decline/{request}", access.ReadQueue, s.decideListing("Declined. The vendor is mailed.", s.decline)},

		// a customer's directory
		{"GET /people", access.Install, s.listPeople},
		{"POST /people", access.Install, s.savePerson},
		{"GET /people/new", access.Install, s.newPerson},
		{"GET /people/{id}", access.Install, s.showPerson},
		{"POST /people/{id}", access.Install, s.savePerson},

		// a customer's installations
		{"GET /catalog/{slug}/install", access.Install, s.askInstall},
		{"POST /catalog/{slug}/install", access.Install, s.install},
		{"GET /installations", access.Install, s.listInstallations},
		{"GET /installations/{id}", access.Install, s.showInstallation},
		{"POST /installations/{id}/connection", access.Install, s.saveInstallation},
		{"POST /installations/{id}/test", access.Install, s.testInstallation},
		{"POST /installations/{id}/pause", access.Install, s.order(s.pause)},
		{"POST /installations/{id}/resume", access.Install, s.order(s.resume)},
		{"GET /installations/{id}/uninstall", access.Install, s.askUninstall},
		{"POST /installations/{id}/uninstall", access.Install, s.uninstall},
		{"GET /installations/{id}/people", access.Install, s.showAssignments},
		{"POST /installations/{id}/assign", access.Install, s.choose(s.assign, "Assigned. Look at the plan; an active installation follows by itself.")},
		{"POST /installations/{id}/unassign", access.Install, s.choose(s.unassign, "Unassigned. An active installation deactivates their accounts by itself.")},
		{"GET /installations/{id}/plan", access.Install, s.showPlan},
		{"POST /installations/{id}/apply", access.Install, s.applyPlan},
		{"GET /installations/{id}/operations", access.Install, s.listOperations},
		{"GET /installations/{id}/operations/{operation}", access.Install, s.showOperation},
		{"POST /installations/{id}/operations/{operation}/adopt", access.Install, s.order(s.adopt)},
		{"POST /installations/{id}/operations/{operation}/skip", access.Install, s.order(s.skip)},
		{"POST /installations/{id}/retry", access.Install, s.order(s.retryFailed)},

		// whoever has apps
		{"GET /apps", access.UseApps, s.showApps},

		// operators
		{"GET /outbox", access.Operate, s.listOutbox},
		{"GET /orgs", access.Operate, s.listOrgs},
		{"POST /orgs/{id}/open", access.Operate, s.openFeature},
	}
}
