package api

import (
	"net/http"

	"slipway/internal/access"
)

// operations is everything that the API can do. The action says who may ask at all; whose data it is, the rooms
// decide.
func (s *Server) operations() []operation {
	const (
		ok       = http.StatusOK
		made     = http.StatusCreated
		accepted = http.StatusAccepted
		done     = http.StatusNoContent
	)
	return []operation{
		// for everybody
		{"listCatalog", "GET /catalog", access.Anyone, ok, "Search what is published", call(s.listCatalog)},
		{"getListing", "GET /catalog/{slug}", access.Anyone, ok, "Read a listing", call(s.getListing)},
		{"getListingLogo", "GET /catalog/{slug}/logo", access.Anyone, ok, "Read a listing's icon", call(s.getListingLogo).described(answersFile("image/png"))},

		// oneself
		{"getMe", "GET /me", access.UseAccount, ok, "Read as whom the token acts", call(s.getMe)},
		{"listTokens", "GET /tokens", access.UseAccount, ok, "List your own tokens", call(s.listTokens)},
		{"revokeToken", "DELETE /tokens/{token}", access.UseAccount, done, "Revoke one of your own tokens", call(s.revokeToken)},

		// a vendor's submissions
		{"listSubmissions", "GET /submissions", access.ReadSubmissions, ok, "List submissions: your org's, or all for the network's team", call(s.listSubmissions)},
		{"startSubmission", "POST /submissions", access.EditSubmissions, made, "Start a new integration with an empty draft", call(s.startSubmission)},
		{"getSubmission", "GET /submissions/{id}", access.ReadSubmissions, ok, "Read a submission with findings, waivers and verdict", call(s.getSubmission)},
		{"deleteSubmission", "DELETE /submissions/{id}", access.EditSubmissions, done, "Delete a draft for good", call(s.deleteDraft)},
		{"startUpdate", "POST /submissions/{id}/update", access.EditSubmissions, made, "Start the next version of what is published, or return the one under way", call(s.startUpdate)},
		{"getContent", "GET /submissions/{id}/content", access.ReadSubmissions, ok, "Read the content", call(s.getContent)},
		{"putContent", "PUT /submissions/{id}/content", access.EditSubmissions, ok, "Replace the content; a field that is not sent is emptied", call(s.putContent).described(takesContent(typeJSON))},
		{"patchContent", "PATCH /submissions/{id}/content", access.EditSubmissions, ok, "Change the fields that are sent; null empties a field", call(s.patchContent).described(takesContent(typeMergePatch, typeJSON))},
		{"getProgress", "GET /submissions/{id}/progress", access.ReadSubmissions, ok, "Read how complete the content is, and what is wrong with it", call(s.getProgress)},
		{"getLogo", "GET /submissions/{id}/logo", access.ReadSubmissions, ok, "Read the icon", call(s.getLogo).described(answersFile("image/png"))},
		{"putLogo", "PUT /submissions/{id}/logo", access.EditSubmissions, ok, "Upload the icon: a PNG, JPEG or GIF of less than 1,000,000 bytes", call(s.putLogo).upTo(logoLimit).described(takesImage)},
		{"removeLogo", "DELETE /submissions/{id}/logo", access.EditSubmissions, done, "Remove the icon", call(s.removeLogo)},
		{"putSecret", "PUT /submissions/{id}/secrets/{key}", access.EditSubmissions, done, "Store a secret, which cannot be read back", call(s.putSecret)},
		{"removeSecret", "DELETE /submissions/{id}/secrets/{key}", access.EditSubmissions, done, "Forget a stored secret", call(s.removeSecret)},
		{"getConnection", "GET /submissions/{id}/connection", access.ReadSubmissions, ok, "Read what the test connection asks for and what is stored", call(s.getConnection)},
		{"putConnection", "PUT /submissions/{id}/connection", access.EditSubmissions, ok, "Store values of the test connection, which the lab uses", call(s.putConnection)},
		{"submit", "POST /submissions/{id}/submit", access.EditSubmissions, ok, "Submit a draft for review", call(s.submit)},
		{"resubmit", "POST /submissions/{id}/resubmit", access.EditSubmissions, ok, "Send a returned submission back for review", step(s.Registry.Resubmit)},
		{"withdraw", "POST /submissions/{id}/withdraw", access.EditSubmissions, ok, "Take a submission out of the queue", step(s.Registry.Withdraw)},
		{"reopen", "POST /submissions/{id}/reopen", access.EditSubmissions, ok, "Make a withdrawn submission a draft again", step(s.Registry.Reopen)},
		{"answerFinding", "POST /submissions/{id}/findings/{finding}", access.EditSubmissions, ok, "Answer a finding", call(s.answerFinding)},
		{"askWaiver", "POST /submissions/{id}/waivers", access.EditSubmissions, made, "Ask that a check need not pass", call(s.askWaiver)},

		// the lab
		{"verify", "POST /submissions/{id}/runs", access.ReadSubmissions, accepted, "Run the lab against the vendor's live system", call(s.verify)},
		{"listRuns", "GET /submissions/{id}/runs", access.ReadSubmissions, ok, "List the newest lab runs", call(s.listRuns)},
		{"getRun", "GET /submissions/{id}/runs/{run}", access.ReadSubmissions, ok, "Read how far a run is, and its verdict", call(s.getRun)},
		{"getReport", "GET /submissions/{id}/runs/{run}/report", access.ReadSubmissions, ok, "Read the report of a run that has ended", call(s.getReport).described(describeReport)},
		{"getJUnit", "GET /submissions/{id}/runs/{run}/junit", access.ReadSubmissions, ok, "Read the report in JUnit's format", call(s.getJUnit).described(answersFile("application/xml"))},

		// the network's team
		{"listReviews", "GET /reviews", access.ReadQueue, ok, "List what waits for the team", call(s.listReviews)},
		{"claim", "POST /reviews/{id}/claim", access.ReadQueue, ok, "Take care of a submission", call(s.claim)},
		{"returnFindings", "POST /reviews/{id}/return", access.ReadQueue, ok, "Return a submission to its vendor with findings", call(s.returnFindings)},
		{"passReview", "POST /reviews/{id}/pass", access.Review, ok, "Pass the initial review", call(s.passReview)},
		{"publish", "POST /reviews/{id}/publish", access.Test, ok, "Pass QA and publish", step(s.Registry.PassQA)},
		{"reject", "POST /reviews/{id}/reject", access.Review, ok, "Reject a submission", call(s.reject)},
		{"decideWaiver", "POST /reviews/{id}/waivers/{waiver}", access.Review, ok, "Grant or refuse a waiver", call(s.decideWaiver)},

		// a customer's installations
		{"listPeople", "GET /people", access.Install, ok, "List the people of your org", call(s.listPeople)},
		{"listInstallations", "GET /installations", access.Install, ok, "List your org's installations", call(s.listInstallations)},
		{"getInstallation", "GET /installations/{id}", access.Install, ok, "Read an installation", call(s.getInstallation)},
		{"uninstall", "DELETE /installations/{id}", access.Install, accepted, "Uninstall it; its ledger stays", call(s.uninstall)},
		{"listAssignments", "GET /installations/{id}/assignments", access.Install, ok, "List who shall have it", call(s.listAssignments)},
		{"assign", "PUT /installations/{id}/assignments/{person}", access.Install, done, "Assign it to a person", call(s.assign)},
		{"unassign", "DELETE /installations/{id}/assignments/{person}", access.Install, done, "Take it away from a person", call(s.unassign)},
		{"getPlan", "GET /installations/{id}/plan", access.Install, ok, "Compute what would be sent; nothing is", call(s.getPlan)},
		{"applyPlan", "POST /installations/{id}/apply", access.Install, accepted, "Apply exactly the plan that you have seen", call(s.applyPlan)},
		{"listOperations", "GET /installations/{id}/operations", access.Install, ok, "Read the ledger", call(s.listOperations)},
		{"getOperation", "GET /installations/{id}/operations/{operation}", access.Install, ok, "Read an operation with all that was exchanged for it", call(s.getOperation)},
	}
}
