package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var errorDefects = []Defect{
	{"error.json-body", "Answers 404 with an HTML page.",
		refusing(http.StatusNotFound, func(_ *exchange, a *answer) {
			*a = plain(a.status, "text/html; charset=utf-8", htmlPage(a.status))
		})},
	{"error.schema", "Leaves the schema out of its errors.",
		misstating(0, func(_ *exchange, body scim.Resource) { without(body, "schemas") })},
	{"error.status-string", "Writes the status of an error as a number.",
		lastly(func(_ *exchange, a *answer) {
			if body, ok := a.object(); ok && a.status >= 400 && a.status != http.StatusUnauthorized {
				body["status"] = a.status
				a.body = body
			}
		})},
	{"error.detail", "Does not say in its errors what is wrong.",
		misstating(0, func(_ *exchange, body scim.Resource) { without(body, "detail") })},
	{"error.not-200", "Sends errors with the HTTP status 200.",
		refusing(0, func(_ *exchange, a *answer) { a.status = http.StatusOK })},
	{"error.invalid-json", "Answers broken JSON with 422.",
		serving(writing, func(x *exchange, sound func() answer) answer {
			if !json.Valid(x.body) && strings.Contains(x.r.Header.Get("Content-Type"), "json") {
				return *refused(http.StatusUnprocessableEntity, "The body cannot be parsed.")
			}
			return sound()
		})},
	{"error.array-body", "Answers a body that is no object with 422.",
		serving(writing, func(x *exchange, sound func() answer) answer {
			var object map[string]any
			if json.Valid(x.body) && (json.Unmarshal(x.body, &object) != nil || object == nil) {
				return *refused(http.StatusUnprocessableEntity, "The body cannot be bound.")
			}
			return sound()
		})},
	{"error.missing-required", "Makes up a userName where none is sent.",
		func(_ *Server, st *steps) {
			next := st.accept
			st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
				if x.route.is(userKind, create) && body.UserName() == "" {
					body["userName"] = "user-" + newID()
				}
				return next(x, body)
			}
		}},
	{"error.404-endpoint", "Lets its gateway answer 403 for endpoints that do not exist.",
		serving(func(x *exchange) bool { return x.route.deed == reject }, func(_ *exchange, sound func() answer) answer {
			if a := sound(); a.status != http.StatusNotFound {
				return a
			}
			return *refused(http.StatusForbidden, "Missing authentication token.")
		})},
	{"error.5xx-none", "Breaks down over an operator that it does not know.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if unknownOperator(err) {
				return nil, scim.Refuse(http.StatusInternalServerError, "", "Something went wrong.")
			}
			return found, err
		})},
}

// writing is a request with a body of its own to read.
func writing(x *exchange) bool {
	return x.route.deed == create || x.route.deed == replace || x.route.deed == patch
}
