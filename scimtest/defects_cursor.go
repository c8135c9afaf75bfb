package scimtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"slipway/internal/scim"
)

var cursorDefects = []Defect{
	{"cursor.first", "Takes an empty cursor for one that is not valid.",
		serving(atCursor(func(c string) bool { return c == "" }), func(*exchange, func() answer) answer { return refusal(invalidCursor()) })},
	{"cursor.next-until-end", "Leaves nextCursor out of every page but the first.",
		reshaping(atCursor(func(c string) bool { return c != "" }), func(_ *exchange, body scim.Resource) { without(body, "nextCursor") })},
	{"cursor.next-until-end/endless", "Sends a nextCursor with the last page, and with the empty ones that it leads to.", endless},
	{"cursor.no-previous-first", "Sends a previousCursor with the first page.",
		reshaping(atCursor(func(c string) bool { return c == "" }), func(_ *exchange, body scim.Resource) { body["previousCursor"] = "start" })},
	{"cursor.charset", "Pads its cursors with equals signs.", padded("==")},
	{"cursor.walk-complete", "Begins each page with the last one of the page before.", overlapping()},
	{"cursor.invalid", "Takes a cursor that it does not know for an empty one.",
		serving(atCursor(func(c string) bool { return c != "" }), func(x *exchange, sound func() answer) answer {
			a := sound()
			if e, refused := a.body.(*scim.Error); !refused || e.ScimType != "invalidCursor" || x.query.Has("filter") {
				return a
			}
			x.query.Set("cursor", "")
			return sound()
		})},
	{"cursor.expired", "Forgets its cursors after a second, whatever cursorTimeout says.",
		resuming(func(x *exchange, c cursor, sound func() error) error {
			if left := c.Expires - x.s.now().UnixMilli(); left < (x.s.cursorTimeout - time.Second).Milliseconds() {
				return expiredCursor()
			}
			return sound()
		})},
	{"cursor.count-invalid", "Goes on with the count of the first page, whatever is asked for.",
		resuming(func(x *exchange, c cursor, sound func() error) error {
			x.query.Del("count")
			return sound()
		})},
	{"cursor.other-query", "Shows a page to whoever has its cursor.",
		func(_ *Server, st *steps) {
			next := st.admit
			st.admit = func(x *exchange) *answer {
				if x.query.Get("cursor") != "" {
					return nil
				}
				return next(x)
			}
			resuming(func(x *exchange, _ cursor, sound func() error) error {
				if x.s.principal(x.r.Header) < 0 {
					return nil
				}
				return sound()
			})(nil, st)
		}},
	{"cursor.total-optional", "Sends totalResults as a text along with a cursor.",
		reshaping(atCursor(func(string) bool { return true }), func(_ *exchange, body scim.Resource) { body["totalResults"] = body.String("totalResults") })},
	{"cursor.default-method", "Pages by cursor where nobody asked for it, and says that it pages by index.",
		reshaping(func(x *exchange) bool { return onPages(x) && !x.query.Has("cursor") && !x.query.Has("startIndex") },
			func(_ *exchange, body scim.Resource) {
				without(body, "startIndex")
				body["nextCursor"] = "somewhere"
			})},
	{"cursor.only", "Says that it does not page by index.", paging(func(pagination map[string]any) { pagination["index"] = false })},
	{"cursor.search", "Does not read the cursor of a search.",
		reading(func(body scim.Resource) { without(body, "cursor") })},
	{"cursor.not-supported", "Does not offer cursors, and lists nobody where it is sent one.",
		func(s *Server, st *steps) {
			reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) { without(body, "pagination") })(s, st)
			reshaping(atCursor(func(string) bool { return true }), func(_ *exchange, body scim.Resource) {
				without(body, "nextCursor")
				body["Resources"], body["totalResults"] = []any{}, 0
			})(s, st)
		}},
}

// endless adds empty pages after the last.
func endless(s *Server, st *steps) {
	const beyond = "beyond-"
	reshaping(atCursor(func(c string) bool { return c != "" }), func(_ *exchange, body scim.Resource) {
		if body.String("nextCursor") == "" {
			body["nextCursor"] = beyond + "1"
		}
	})(s, st)
	serving(atCursor(func(c string) bool { return strings.HasPrefix(c, beyond) }), func(x *exchange, _ func() answer) answer {
		n, _ := strconv.Atoi(strings.TrimPrefix(x.query.Get("cursor"), beyond))
		return answered(http.StatusOK, scim.Resource{
			"schemas": []any{scim.SchemaListResponse}, "totalResults": len(x.s.users.order), "itemsPerPage": 0, "Resources": []any{},
			"nextCursor": beyond + strconv.Itoa(n+1),
		})
	})(s, st)
}

// atCursor is a list of users with a cursor like that.
func atCursor(like func(cursor string) bool) when {
	return func(x *exchange) bool {
		return x.route.is(userKind, list) && x.query.Has("cursor") && like(x.query.Get("cursor"))
	}
}

// resuming puts something in the place of the rule that says which cursors lead anywhere.
func resuming(rule func(x *exchange, c cursor, sound func() error) error) func(*Server, *steps) {
	return func(_ *Server, st *steps) {
		next := st.resume
		st.resume = func(x *exchange, c cursor) error { return rule(x, c, func() error { return next(x, c) }) }
	}
}

// paging changes what the service says about its paging.
func paging(change func(pagination map[string]any)) func(*Server, *steps) {
	return reshaping(onTopic(providerPath), func(_ *exchange, body scim.Resource) {
		if pagination, ok := body["pagination"].(map[string]any); ok { // another defect may have taken it out
			change(pagination)
		}
	})
}

// padded adds to the cursors that go out, and takes it off those that come in.
func padded(padding string) func(*Server, *steps) {
	return func(s *Server, st *steps) {
		serving(atCursor(func(c string) bool { return strings.HasSuffix(c, padding) }), func(x *exchange, sound func() answer) answer {
			x.query.Set("cursor", strings.TrimSuffix(x.query.Get("cursor"), padding))
			return sound()
		})(s, st)
		reshaping(atCursor(func(string) bool { return true }), func(_ *exchange, body scim.Resource) {
			if next := body.String("nextCursor"); next != "" {
				body["nextCursor"] = next + padding
			}
		})(s, st)
	}
}

// overlapping shows the last resource of the page before in front of the others.
func overlapping() func(*Server, *steps) {
	return serving(atCursor(func(c string) bool { return c != "" }), func(x *exchange, sound func() answer) answer {
		a := sound()
		body, ok := a.object()
		c, err := x.s.open(x.query.Get("cursor"))
		if !ok || err != nil || a.status >= 300 {
			return a
		}
		if last := x.s.users.byID[c.After]; last != nil {
			body["Resources"] = append([]any{map[string]any(x.s.show(x, last))}, body["Resources"].([]any)...)
		}
		a.body = body
		return a
	})
}
