package scimtest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"slipway/internal/scim"
)

var securityDefects = []Defect{
	{"sec.headers", "Lets its answers be cached.",
		lastly(func(_ *exchange, a *answer) { a.header.Set("Cache-Control", "public, max-age=60") })},
	{"sec.cors", "Lets every page read with the credentials of whoever has it open.",
		lastly(func(x *exchange, a *answer) {
			if origin := x.r.Header.Get("Origin"); origin != "" {
				a.header.Set("Access-Control-Allow-Origin", origin)
				a.header.Set("Access-Control-Allow-Credentials", "true")
			}
		})},
	{"sec.mass-assignment", "Takes isAdmin from a body, which no schema has.",
		func(_ *Server, st *steps) {
			next := st.accept
			st.accept = func(x *exchange, body scim.Resource) (scim.Resource, error) {
				r, err := next(x, body)
				if value, told := body["isAdmin"]; err == nil && told {
					r["isAdmin"] = value
				}
				return r, err
			}
		}},
	{"sec.method-override", "Believes X-HTTP-Method-Override.",
		arriving(func(_ *Server, x *exchange) *answer {
			if method := x.r.Header.Get("X-HTTP-Method-Override"); method != "" {
				x.r.Method = method
				x.route = routeOf(x)
			}
			return nil
		})},
	{"sec.json-bomb", "Breaks down over a body that is nested deep.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			if strings.Contains(string(x.body), strings.Repeat("[", 1000)) {
				return *refused(http.StatusInternalServerError, "Stack overflow.")
			}
			return sound()
		})},
	{"sec.externalid", "Takes an externalId that is an id of its own for that user, whom it overwrites.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			body, err := objectOf(x)
			if err != nil || x.s.users.byID[body.ExternalID()] == nil {
				return sound()
			}
			x.route.deed, x.route.id = replace, body.ExternalID()
			a := orRefused(x.s.replace(x))
			if a.status == http.StatusOK {
				a.status = http.StatusCreated
			}
			return a
		})},
	{"sec.externalid/path", "Looks for the user of a path by externalId first.",
		serving(on(userKind, get, replace, patch, remove), func(x *exchange, sound func() answer) answer {
			if other := x.s.users.byExternal[x.route.id]; len(other) > 0 {
				x.route.id = other[0].id()
			}
			return sound()
		})},
	{"sec.externalid/conflict", "Refuses an externalId that is an id of its own.",
		serving(on(userKind, create), func(x *exchange, sound func() answer) answer {
			if body, err := objectOf(x); err == nil && x.s.users.byID[body.ExternalID()] != nil {
				return *refused(http.StatusConflict, "There is a user with this id.")
			}
			return sound()
		})},
	{"sec.no-pii-in-url", "Makes ids of names.", tellingIDs},
	{"sec.idor", "Counts its ids up.",
		func(_ *Server, st *steps) {
			next, last := st.newID, 1000 // under the server's lock
			st.newID = func(x *exchange) string {
				if x.route.kind != userKind {
					return next(x)
				}
				last++
				return "user-" + strconv.Itoa(last)
			}
		}},
	{"sec.cookie", "Opens a session for every client.",
		finishing(always, func(_ *exchange, a *answer) { a.header.Set("Set-Cookie", "SESSIONID=1; Path=/; HttpOnly") })},
	{"sec.error-no-stack", "Shows the debug page of its framework for a method that it does not know.",
		refusing(http.StatusMethodNotAllowed, func(_ *exchange, a *answer) {
			*a = plain(a.status, "text/html; charset=utf-8", "<html><body><pre>HttpRequestMethodNotSupportedException\n\tat java.lang.Thread.run(Thread.java:840)</pre></body></html>")
		})},
}

var needsNoEscape = regexp.MustCompile(`^[A-Za-z0-9.@-]+$`)

// tellingIDs ends the id of a user with the userName, where that needs no escapes.
func tellingIDs(_ *Server, st *steps) {
	next := st.newID
	st.newID = func(x *exchange) string {
		id := next(x)
		var body scim.Resource
		if x.route.kind == userKind && json.Unmarshal(x.body, &body) == nil && needsNoEscape.MatchString(body.UserName()) {
			id += "." + body.UserName()
		}
		return id
	}
}
