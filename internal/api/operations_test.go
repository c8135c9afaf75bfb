package api_test

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/access"
)

// operationRoles says who may ask for each operation, written down a second time and by hand: one that is added
// without thinking of its roles fails here. v vendor, c customer admin, e end user, r reviewer, q QA, o operator,
// * everybody, + whoever has a token. The body is one that is read well, so that the id is looked at.
var operationRoles = map[string]struct{ who, body string }{
	"listCatalog":    {"*", ""},
	"getListing":     {"*", ""},
	"getListingLogo": {"*", ""},

	"getMe":       {"+", ""},
	"listTokens":  {"+", ""},
	"revokeToken": {"+", ""},

	"listSubmissions":  {"vrq", ""},
	"startSubmission":  {"v", ""},
	"getSubmission":    {"vrq", ""},
	"deleteSubmission": {"v", ""},
	"startUpdate":      {"v", ""},
	"getContent":       {"vrq", ""},
	"putContent":       {"v", `{}`},
	"patchContent":     {"v", `{}`},
	"getProgress":      {"vrq", ""},
	"getLogo":          {"vrq", ""},
	"putLogo":          {"v", "icon"},
	"removeLogo":       {"v", ""},
	"putSecret":        {"v", `{"value": "x"}`},
	"removeSecret":     {"v", ""},
	"getConnection":    {"vrq", ""},
	"putConnection":    {"v", `{"values": {}}`},
	"submit":           {"v", `{"certified": true}`},
	"resubmit":         {"v", ""},
	"withdraw":         {"v", ""},
	"reopen":           {"v", ""},
	"answerFinding":    {"v", `{"answer": "fixed"}`},
	"askWaiver":        {"v", `{"check": "users.get.404", "reason": "It is right."}`},

	"verify":    {"vrq", ""},
	"listRuns":  {"vrq", ""},
	"getRun":    {"vrq", ""},
	"getReport": {"vrq", ""},
	"getJUnit":  {"vrq", ""},

	"listReviews":    {"rq", ""},
	"claim":          {"rq", ""},
	"returnFindings": {"rq", `{"findings": [{"severity": "advice", "text": "Shorter."}]}`},
	"passReview":     {"r", `{"checked": []}`},
	"publish":        {"q", ""},
	"reject":         {"r", `{"code": "policy", "reason": "No."}`},
	"decideWaiver":   {"r", `{"grant": false, "reason": "No."}`},

	"listPeople":        {"vc", ""},
	"listInstallations": {"vc", ""},
	"getInstallation":   {"vc", ""},
	"uninstall":         {"vc", ""},
	"listAssignments":   {"vc", ""},
	"assign":            {"vc", ""},
	"unassign":          {"vc", ""},
	"getPlan":           {"vc", ""},
	"applyPlan":         {"vc", `{"digest": "x"}`},
	"listOperations":    {"vc", ""},
	"getOperation":      {"vc", ""},
}

var letters = map[access.Role]string{
	access.Vendor: "v", access.CustomerAdmin: "c", access.EndUser: "e", access.Reviewer: "r", access.QA: "q", access.Operator: "o",
}

// everybody is a caller of each role; vendor, customer admin and end user are of the org acme.
func everybody(s *site) map[access.Role]*caller {
	callers := map[access.Role]*caller{}
	for _, role := range access.Roles() {
		org := "acme"
		if role.OfTeam() {
			org = "network"
		}
		callers[role] = s.as(org, role)
	}
	return callers
}

// send asks for an operation with ids that are looked at.
func (c *caller) send(id, method, path string, ids map[string]string) answer {
	c.Helper()
	for name, value := range ids {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	body := any(operationRoles[id].body)
	switch body {
	case "":
		body = nil
	case "icon":
		body = icon(c.T)
	}
	return c.do(method, path, body, "If-Match", `"1"`)
}

var noIDs = map[string]string{
	"id": "none_1", "slug": "none", "token": "none_2", "run": "none_3", "finding": "none_4", "waiver": "none_5", "person": "none_6",
	"operation": "none_7", "key": "testAccount.password",
}

// Covers, H-25, H-50: every operation for every role, and for nobody. Who may not ask is
// told so before the body is read, and who may gets 404 for an id that does not exist.
func TestOperationsTimesRoles(t *testing.T) {
	s := newSite(t)
	callers, seen := everybody(s), map[string]bool{}
	for _, op := range s.api.Operations() {
		row, listed := operationRoles[op.ID]
		if !listed || seen[op.ID] {
			t.Errorf("%s has no entry of its own in operationRoles", op.ID)
			continue
		}
		seen[op.ID] = true
		open := row.who == "*"
		if got := s.visitor().send(op.ID, op.Method, op.Path, noIDs); !open && (got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != `Bearer realm="Slipway"`) {
			t.Errorf("%s without a token: %d %q, want 401 and how to ask", op.ID, got.Status, got.Header.Get("WWW-Authenticate"))
		}
		for role, c := range callers {
			got := c.send(op.ID, op.Method, op.Path, noIDs)
			allowed := open || row.who == "+" || strings.Contains(row.who, letters[role])
			if refused := got.Status == http.StatusForbidden; refused == allowed || got.Status >= 500 || got.Status == http.StatusUnauthorized {
				t.Errorf("%s as %s: %d, allowed is %v: %s", op.ID, role, got.Status, allowed, got.Body)
			}
			if allowed && strings.Contains(op.Path, "{") && got.Status != http.StatusNotFound {
				t.Errorf("%s as %s with an id that does not exist: %d, want 404: %s", op.ID, role, got.Status, got.Body)
			}
			if got.Status >= 400 {
				got.problem(t)
			}
		}
	}
	for id := range operationRoles {
		if !seen[id] {
			t.Errorf("%s is in operationRoles and is not served", id)
		}
	}
}

// Covers H-25, H-27, H-36: what belongs to another org is not there, in the same words as what never was, and nothing
// of it is changed.
func TestOtherOrgsAreNotThere(t *testing.T) {
	s := newSite(t)
	owner, other := s.as("acme", access.Vendor), s.as("evil", access.Vendor)
	path := owner.filled(base, "canary-token", "canary-password")
	before, version := s.stored(path)
	ids := map[string]string{"id": strings.TrimPrefix(path, "/v1/submissions/")}
	for name, id := range noIDs {
		if ids[name] == "" {
			ids[name] = id
		}
	}
	for _, op := range s.api.Operations() {
		if !strings.HasPrefix(op.Path, "/v1/submissions/{id}") {
			continue
		}
		theirs, never := other.send(op.ID, op.Method, op.Path, ids), other.send(op.ID, op.Method, op.Path, noIDs)
		if theirs.Status != http.StatusNotFound || theirs.Body != never.Body {
			t.Errorf("%s on another org's submission: %d %s\nan id that never was: %s", op.ID, theirs.Status, theirs.Body, never.Body)
		}
	}
	if got := other.do("GET", "/v1/submissions", nil); !strings.Contains(got.Body, `"submissions":[]`) {
		t.Errorf("the other org lists %s", got.Body)
	}
	if after, now := s.stored(path); after != before || now != version {
		t.Errorf("the other org changed it: version %d, was %d", now, version)
	}
}

// Covers H-32: no way of writing an address leads around the roles.
func TestPathTricks(t *testing.T) {
	s := newSite(t)
	vendor := s.as("acme", access.Vendor)
	for _, path := range []string{"/v1//reviews", "/v1/./reviews", "/v1/%72eviews", "/v1/submissions/../reviews", "/v1/reviews/", "/v1/reviews;a=b", "/v1/REVIEWS"} {
		if got := vendor.do("GET", path, nil); got.Status < 300 {
			t.Errorf("GET %s: %d %s", path, got.Status, got.Body)
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL"} {
		if got := vendor.do("GET", "/v1/reviews", nil, header, "POST"); got.Status != http.StatusForbidden {
			t.Errorf("with %s: %d", header, got.Status)
		}
	}
	got := vendor.do("PUT", "/v1/submissions", `{}`)
	if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, POST" {
		t.Errorf("a method that is not taken: %d, Allow %q", got.Status, got.Header.Get("Allow"))
	}
	got.problem(t)
	vendor.do("GET", "/v1/nothing", nil).problem(t)
}
