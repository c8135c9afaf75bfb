package scimtest

import (
	"encoding/json"
	"net/http"

	"slipway/internal/scim"
)

var searchDefects = []Defect{
	{"search.post", "Does not read the filter of a search, and finds everybody.",
		reading(func(body scim.Resource) { without(body, "filter") })},
	{"search.schema", "Takes whatever is posted for a search.",
		reading(func(body scim.Resource) { body["schemas"] = []any{scim.SchemaSearchRequest} })},
	{"search.sensitive", "Offers no searches by POST.",
		serving(searching, func(*exchange, func() answer) answer {
			return refusal(scim.Refuse(http.StatusNotImplemented, "", "This service searches by GET only."))
		})},
	{"root.query", "Lists everything at the root, whatever the filter says.",
		serving(func(x *exchange) bool { return x.route.deed == list && x.route.kind == nil }, func(x *exchange, sound func() answer) answer {
			x.query.Del("filter")
			return sound()
		})},
}

func searching(x *exchange) bool { return x.route.deed == search }

// reading changes the body of a search before it is looked at.
func reading(change func(body scim.Resource)) func(*Server, *steps) {
	return serving(searching, func(x *exchange, sound func() answer) answer {
		var body scim.Resource
		if json.Unmarshal(x.body, &body) == nil {
			change(body)
			x.body, _ = json.Marshal(body) // it was JSON a line ago
		}
		return sound()
	})
}
