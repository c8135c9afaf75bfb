package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/access"
)

// routeRoles says who may ask for each route, written down a second time and by hand: a route that is added
// without thinking of its roles fails here. v vendor, c customer admin, e end user, r reviewer, q QA, o operator,
// * everybody, + whoever is signed in.
var routeRoles = map[string]string{
	"GET /{$}":                                "*",
	"GET /static/":                            "*",
	"GET /healthz":                            "*",
	"GET /catalog":                            "*",
	"GET /catalog/{slug}":                     "*",
	"GET /catalog/{slug}/logo":                "*",
	"GET /releases/{id}/logo":                 "*",
	"GET /requirements":                       "*",
	"GET /transcript-key.pem":                 "*",
	"GET /shared/{token}":                     "*",
	"POST /submissions/{id}/runs/{run}/share": "vrq",
	"GET /submissions/{id}/runs/{run}/checks/{check}": "vrq",
	"POST /submissions/{id}/runs/{run}/stop":          "vrq",
	"POST /submissions/{id}/runs/{run}/unshare":       "vrq",
	"GET /sign-in":                                          "*",
	"POST /sign-in":                                         "*",
	"POST /sign-out":                                        "+",
	"GET /join/{token}":                                     "*",
	"POST /join/{token}":                                    "*",
	"GET /submissions":                                      "v",
	"POST /submissions":                                     "v",
	"GET /submissions/{id}":                                 "vrq",
	"POST /submissions/{id}/draft":                          "v",
	"GET /submissions/{id}/logo":                            "vrq",
	"POST /submissions/{id}/logo":                           "v",
	"POST /submissions/{id}/connection":                     "v",
	"GET /submissions/{id}/preview":                         "vrq",
	"POST /submissions/{id}/update":                         "v",
	"GET /submissions/{id}/submit":                          "v",
	"POST /submissions/{id}/submit":                         "v",
	"POST /submissions/{id}/resubmit":                       "v",
	"GET /submissions/{id}/withdraw":                        "v",
	"POST /submissions/{id}/withdraw":                       "v",
	"POST /submissions/{id}/reopen":                         "v",
	"GET /submissions/{id}/delete":                          "v",
	"POST /submissions/{id}/delete":                         "v",
	"POST /submissions/{id}/answers/{finding}":              "v",
	"POST /submissions/{id}/verify":                         "vrq",
	"GET /submissions/{id}/runs/{run}":                      "vrq",
	"GET /submissions/{id}/runs/{run}/{file}":               "vrq",
	"POST /submissions/{id}/waivers":                        "v",
	"GET /submissions/{id}/removal":                         "v",
	"POST /submissions/{id}/removal":                        "v",
	"GET /submissions/{id}/retirement":                      "v",
	"POST /submissions/{id}/retirement":                     "v",
	"GET /listings":                                         "rq",
	"GET /listings/{slug}":                                  "rq",
	"POST /listings/{slug}/deprecate":                       "q",
	"POST /listings/{slug}/propose":                         "rq",
	"POST /listings/{slug}/confirm/{request}":               "q",
	"POST /listings/{slug}/take-back/{request}":             "rq",
	"POST /listings/{slug}/decline/{request}":               "rq",
	"GET /reviews":                                          "rq",
	"GET /reviews/{id}":                                     "rq",
	"POST /reviews/{id}/claim":                              "rq",
	"POST /reviews/{id}/pass":                               "r",
	"POST /reviews/{id}/return":                             "rq",
	"POST /reviews/{id}/publish":                            "q",
	"POST /reviews/{id}/reject":                             "r",
	"POST /reviews/{id}/waivers/{waiver}":                   "r",
	"GET /reviews/{id}/reveal":                              "rq",
	"POST /reviews/{id}/reveal":                             "rq",
	"GET /people":                                           "vc",
	"POST /people":                                          "vc",
	"GET /people/new":                                       "vc",
	"GET /people/{id}":                                      "vc",
	"POST /people/{id}":                                     "vc",
	"GET /catalog/{slug}/install":                           "vc",
	"POST /catalog/{slug}/install":                          "vc",
	"GET /installations":                                    "vc",
	"GET /installations/{id}":                               "vc",
	"POST /installations/{id}/connection":                   "vc",
	"POST /installations/{id}/test":                         "vc",
	"POST /installations/{id}/pause":                        "vc",
	"POST /installations/{id}/resume":                       "vc",
	"GET /installations/{id}/uninstall":                     "vc",
	"POST /installations/{id}/uninstall":                    "vc",
	"GET /installations/{id}/people":                        "vc",
	"POST /installations/{id}/assign":                       "vc",
	"POST /installations/{id}/unassign":                     "vc",
	"GET /installations/{id}/plan":                          "vc",
	"POST /installations/{id}/apply":                        "vc",
	"GET /installations/{id}/operations":                    "vc",
	"GET /installations/{id}/operations/{operation}":        "vc",
	"POST /installations/{id}/operations/{operation}/adopt": "vc",
	"POST /installations/{id}/operations/{operation}/skip":  "vc",
	"POST /installations/{id}/retry":                        "vc",
	"GET /apps":                                             "vce",
	"GET /outbox":                                           "o",
	"GET /orgs":                                             "o",
	"POST /orgs/{id}/open":                                  "o",
}

var letters = map[access.Role]string{
	access.Vendor: "v", access.CustomerAdmin: "c", access.EndUser: "e", access.Reviewer: "r", access.QA: "q", access.Operator: "o",
}

// Covers, H-25: every route for every role, and for nobody. Who may not ask is told so, and
// who may gets 404 for an id that does not exist.
func TestRoutesTimesRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clients := map[access.Role]*client{}
	for _, role := range access.Roles() {
		org := "acme"
		if role.OfTeam() {
			org = "network"
		}
		clients[role] = s.as(t, org, string(role)+"@example.com", role)
	}
	visitor := s.client(t)
	seen := map[string]bool{}
	for _, route := range s.pages.Routes() {
		seen[route.Pattern] = true
		who, listed := routeRoles[route.Pattern]
		if !listed {
			t.Errorf("%s has no entry in routeRoles", route.Pattern)
			continue
		}
		method, path := fill(route.Pattern)
		if path == "/sign-out" || path == "/static/" {
			continue
		}
		open := who == "*"
		if got := visitor.do(method, path, emptyForm(method)); !open && !asksToSignIn(got, method) {
			t.Errorf("%s as a visitor: %d to %q, want to be asked to sign in", route.Pattern, got.Status, got.Location)
		}
		for role, c := range clients {
			got := c.do(method, path, emptyForm(method))
			allowed := open || who == "+" || strings.Contains(who, letters[role])
			if refused := got.Status == http.StatusForbidden; refused == allowed {
				t.Errorf("%s as %s: %d, allowed is %v", route.Pattern, role, got.Status, allowed)
			}
			if got.Status >= 500 {
				t.Errorf("%s as %s: %d", route.Pattern, role, got.Status)
			}
			if allowed && strings.Contains(path, "/none_") && got.Status != http.StatusNotFound && got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s as %s with an unknown id: %d, want 404", route.Pattern, role, got.Status)
			}
		}
	}
	for pattern := range routeRoles {
		if !seen[pattern] {
			t.Errorf("%s is in routeRoles and is not served", pattern)
		}
	}
}

// fill puts ids that do not exist into a pattern.
func fill(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.ReplaceAll(path, "{$}", "")
	for _, name := range []string{"id", "slug", "token", "run", "finding", "waiver", "operation", "request"} {
		path = strings.ReplaceAll(path, "{"+name+"}", "none_"+name)
	}
	return method, strings.ReplaceAll(path, "{file}", "report.json")
}

// emptyForm is a form that names a version, so that ids are looked at.
func emptyForm(method string) url.Values {
	if method == http.MethodGet {
		return nil
	}
	return url.Values{"version": {"1"}, "tab": {"general"}, "person": {"per_none"}, "answer": {"fixed"}}
}

func asksToSignIn(got answer, method string) bool {
	if method == http.MethodGet {
		return got.Status == http.StatusSeeOther && strings.HasPrefix(got.Location, "/sign-in")
	}
	return got.Status == http.StatusUnauthorized
}
