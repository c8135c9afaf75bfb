package scimtest

import (
	"net/http"
	"strings"

	"slipway/internal/scim"
)

var etagDefects = []Defect{
	{"etag.header", "Tells the version of a user in meta only.",
		finishing(on(userKind, get), func(_ *exchange, a *answer) { a.header.Del("ETag") })},
	{"etag.weak-prefix", "Writes its tags without quotes.", unquoted},
	{"etag.meta-version", "Counts revisions in meta.version, and sends other tags.",
		showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
			if meta, ok := r["meta"].(map[string]any); ok && meta["version"] != nil {
				meta["version"] = "1"
			}
		})},
	{"etag.changes", "Derives the tag of a user from its id.", constant},
	{"etag.if-none-match-304", "Does not know If-None-Match.", deafTo("If-None-Match", get)},
	{"etag.if-match-412", "Does not know If-Match.", deafTo("If-Match", replace, patch)},
	{"etag.if-match-ok", "Compares tags strongly, so that no weak one ever matches.",
		conditional("If-Match", func(tag string) bool { return strings.HasPrefix(tag, "W/") })},
	{"etag.if-match-star", "Takes * in If-Match for a tag.",
		conditional("If-Match", func(tag string) bool { return tag == "*" })},
	{"etag.absent-tolerated", "Wants If-Match of everybody once somebody has sent it.", demanding},
	{"etag.delete", "Deletes without a look at If-Match.", deafTo("If-Match", remove)},
	{"etag.unadvertised-consistent", "Sends tags that it does not advertise.",
		reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) { body["etag"] = map[string]any{"supported": false} })},
}

// deafTo takes a header away before anybody looks at it.
func deafTo(header string, deeds ...deed) func(*Server, *steps) {
	return serving(on(userKind, deeds...), func(x *exchange, sound func() answer) answer {
		x.r.Header.Del(header)
		return sound()
	})
}

// conditional refuses writes of users under such a precondition.
func conditional(header string, refuses func(tag string) bool) func(*Server, *steps) {
	return serving(on(userKind, replace, patch), func(x *exchange, sound func() answer) answer {
		if refuses(x.r.Header.Get(header)) {
			return *refused(http.StatusPreconditionFailed, "The resource has changed.")
		}
		return sound()
	})
}

func unquoted(s *Server, st *steps) {
	bare := func(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }
	serving(always, func(x *exchange, sound func() answer) answer {
		for _, header := range []string{"If-Match", "If-None-Match"} {
			if tag := x.r.Header.Get(header); tag != "" && tag != "*" && !strings.Contains(tag, `"`) {
				x.r.Header.Set(header, `W/"`+tag+`"`)
			}
		}
		return sound()
	})(s, st)
	lastly(func(_ *exchange, a *answer) {
		if tag := a.header.Get("ETag"); tag != "" {
			a.header.Set("ETag", bare(tag))
		}
	})(s, st)
	showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
		if meta, ok := r["meta"].(map[string]any); ok && meta["version"] != nil {
			meta["version"] = bare(scim.Resource(meta).String("version"))
		}
	})(s, st)
}

// constant gives a user one tag for life, and still knows by it whether a precondition is its own.
func constant(s *Server, st *steps) {
	tag := func(id string) string { return `W/"` + id + `"` }
	serving(on(userKind, get, replace, patch, remove), func(x *exchange, sound func() answer) answer {
		rec := s.users.byID[x.route.id]
		for _, header := range []string{"If-Match", "If-None-Match"} {
			if rec != nil && x.r.Header.Get(header) == tag(x.route.id) {
				x.r.Header.Set(header, s.version(rec))
			}
		}
		return sound()
	})(s, st)
	lastly(func(x *exchange, a *answer) {
		if a.header.Get("ETag") != "" && x.route.is(userKind, get, replace, patch) {
			a.header.Set("ETag", tag(x.route.id))
		}
	})(s, st)
	showing(userKind, func(_ *exchange, _ *record, r scim.Resource) {
		if meta, ok := r["meta"].(map[string]any); ok && meta["version"] != nil {
			meta["version"] = tag(r.ID())
		}
	})(s, st)
}

func demanding(_ *Server, st *steps) {
	asked := map[string]bool{} // by id; under the server's lock
	serving(on(userKind, replace), func(x *exchange, sound func() answer) answer {
		if x.r.Header.Get("If-Match") != "" {
			asked[x.route.id] = true
		} else if asked[x.route.id] {
			return *refused(http.StatusPreconditionRequired, "If-Match is required.")
		}
		return sound()
	})(nil, st)
}
