package scimtest

import (
	"net/http"
	"strings"
)

// guardDefects are doors that somebody has forgotten to guard.
var guardDefects = []Defect{
	{"auth.all-methods/groups", "Guards its users, and lets anybody create, change and delete groups.",
		admitting(missing, on(groupKind, create, replace, patch, remove), letsIn)},
	{"auth.all-methods/group-changes", "Lets anybody change and delete a group whose id they know.",
		admitting(missing, on(groupKind, replace, patch, remove), letsIn)},
	{"auth.all-methods/group", "Shows a group to anybody who knows its id.",
		admitting(missing, on(groupKind, get), letsIn)},
	{"auth.all-methods/search-users", "Lets anybody search for users by POST.",
		admitting(missing, on(userKind, search), letsIn)},
	{"auth.all-methods/search-groups", "Lets anybody search for groups by POST.",
		admitting(missing, on(groupKind, search), letsIn)},
	{"auth.all-methods/search", "Lets anybody search for everything at once.",
		admitting(missing, on(nil, search), letsIn)},
	{"auth.all-methods/bulk", "Asks for no credentials where requests come in bulk.",
		admitting(missing, on(nil, bulk), letsIn)},
	{"auth.all-methods/made-up", "Looks at the token when it reads, and takes any when it writes.",
		admitting(wrong, writesOne, letsIn)},
	{"auth.all-methods/empty", "Takes an empty token for a good one when it writes.",
		admitting(malformed, func(x *exchange) bool { return writesOne(x) && isEmptyBearer(x.r.Header) }, letsIn)},
	{"auth.malformed-401/empty", "Takes an empty token for a good one, as a server does that was never given its secret.",
		admitting(malformed, func(x *exchange) bool { return isEmptyBearer(x.r.Header) }, letsIn)},
	{"auth.all-methods/late", "Creates what a made-up token asks for, and answers 401 then.",
		admitting(wrong, func(x *exchange) bool { return x.route.deed == create }, func(s *Server, x *exchange) *answer {
			s.locked(x, s.stepsNow())
			return s.unauthorized("The credentials are missing or not valid.")
		})},
}

func letsIn(*Server, *exchange) *answer { return nil }

// writesOne is a request that writes one user or group.
func writesOne(x *exchange) bool { return x.route.kind != nil && x.route.writes() }

// isEmptyBearer holds for the scheme alone: what follows it was cut off with the blank.
func isEmptyBearer(header http.Header) bool {
	return strings.EqualFold(strings.TrimSpace(header.Get("Authorization")), "Bearer")
}
