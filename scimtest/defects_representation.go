package scimtest

import (
	"mime"
	"net/http"
	"strconv"

	"slipway/internal/scim"
)

var representationDefects = []Defect{
	{"repr.id-string", "Writes ids as numbers.", numericIDs},
	{"repr.booleans", "Writes booleans as the texts True and False.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if active, known := r.Active(); known {
				r["active"] = map[bool]string{true: "True", false: "False"}[active]
			}
		})},
	{"repr.multi-array", "Writes a list of one mail address as an object.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			for _, user := range resourcesOf(body) {
				if emails, ok := user["emails"].([]any); ok && len(emails) == 1 {
					user["emails"] = emails[0]
				}
			}
		})},
	{"repr.meta", "Says in meta neither when a resource was created nor when it was changed.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if meta, ok := r["meta"].(map[string]any); ok {
				without(meta, "created", "lastModified")
			}
		})},
	{"media.response-type", "Sends JSON under the name of text/html.",
		lastly(func(_ *exchange, a *answer) { a.contentType = "text/html; charset=utf-8" })},
	{"media.content-json", "Refuses bodies that come as application/json.",
		serving(func(x *exchange) bool { return x.route.writes() }, func(x *exchange, sound func() answer) answer {
			media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
			if media == "application/json" {
				return *refused(http.StatusUnsupportedMediaType, "The media type must be application/scim+json.")
			}
			return sound()
		})},
}

// numericIDs gives users numbers for ids, as a table's primary key would be.
func numericIDs(_ *Server, st *steps) {
	next, last := st.newID, 1000 // under the server's lock
	st.newID = func(x *exchange) string {
		if x.route.kind != userKind {
			return next(x)
		}
		last++
		return strconv.Itoa(last)
	}
	showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
		if n, err := strconv.Atoi(r.ID()); err == nil {
			r["id"] = n
		}
	})(nil, st)
}
