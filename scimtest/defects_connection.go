package scimtest

import (
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var connectionDefects = []Defect{
	{"conn.reach", "Accepts the connection and closes it without an HTTP answer.",
		arriving(func(*Server, *exchange) *answer { return &answer{hangUp: true} })},
	{"conn.no-cross-redirect", "Sends the reading of lists to another host.",
		serving(onPages, func(x *exchange, _ func() answer) answer {
			a := plain(http.StatusFound, "text/html; charset=utf-8", htmlPage(http.StatusFound))
			a.header.Set("Location", "https://login.example.com/?next="+x.path)
			return a
		})},
	{"conn.latency.max", "Takes longer for its schemas than a client waits; WithSlowness sets how long.",
		arriving(func(s *Server, x *exchange) *answer {
			if onTopic(schemasPath)(x) {
				x.pause(s.slowness)
			}
			return nil
		})},
	{"auth.missing-401", "Shows its users to requests without credentials.",
		admitting(missing, on(userKind, list), func(*Server, *exchange) *answer { return nil })},
	{"auth.bad-token-401", "Answers a wrong token with 403.",
		admitting(wrong, always, func(*Server, *exchange) *answer { return refused(http.StatusForbidden, "This token may not do that.") })},
	{"auth.malformed-401", "Answers credentials that it cannot read with 400.",
		admitting(malformed, always, func(*Server, *exchange) *answer {
			return refused(http.StatusBadRequest, "The Authorization header cannot be read.")
		})},
	{"auth.www-authenticate", "Leaves WWW-Authenticate out of its 401.",
		refusing(http.StatusUnauthorized, func(_ *exchange, a *answer) { a.header.Del("WWW-Authenticate") })},
	{"auth.error-body", "Lets its gateway answer 401, with JSON that is no SCIM error.",
		refusing(http.StatusUnauthorized, func(_ *exchange, a *answer) { a.body = map[string]any{"message": "Unauthorized"} })},
	{"auth.no-leak", "Shows in its 401 what was sent and where in the code it failed.",
		misstating(http.StatusUnauthorized, func(x *exchange, body scim.Resource) {
			body["detail"] = "Unknown credentials " + x.r.Header.Get("Authorization") +
				"\n\tat com.example.scim.TokenFilter.doFilter(TokenFilter.java:42)"
		})},
	{"auth.all-methods", "Asks for credentials on GET and POST only.",
		admitting(missing, func(x *exchange) bool {
			return x.route.deed == replace || x.route.deed == patch || x.route.deed == remove
		}, func(*Server, *exchange) *answer { return nil })},
	{"auth.no-side-effect", "Creates the user first and answers 401 then.",
		admitting(missing, on(userKind, create), func(s *Server, x *exchange) *answer {
			s.locked(x, s.stepsNow())
			return s.unauthorized("The credentials are missing or not valid.")
		})},
	{"auth.scheme-case", "Knows its scheme in one spelling only, Bearer and not bearer.",
		admitting(welcome, func(x *exchange) bool {
			given := x.r.Header.Get("Authorization")
			return strings.HasPrefix(given, "bearer ") || strings.HasPrefix(given, "basic ")
		}, func(s *Server, _ *exchange) *answer { return s.unauthorized("The scheme is unknown.") })},
}

func always(*exchange) bool { return true }

func arriving(act func(*Server, *exchange) *answer) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		next := st.arrive
		st.arrive = func(x *exchange) *answer {
			if a := act(s, x); a != nil {
				return a
			}
			return next(x)
		}
	}
}

// admitting treats requests of one standing in a way of its own.
func admitting(who standing, concerned when, treat func(*Server, *exchange) *answer) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		next := st.admit
		st.admit = func(x *exchange) *answer {
			if s.authorize(x.r.Header) == who && concerned(x) {
				return treat(s, x)
			}
			return next(x)
		}
	}
}

func refused(status int, detail string) *answer {
	a := refusal(scim.Refuse(status, "", "%s", detail))
	return &a
}
