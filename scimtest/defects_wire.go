package scimtest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
)

// wireDefects are those of the connection, of addresses, and of credentials in odd places.
var wireDefects = []Defect{
	{"conn.base-url.version", "Answers under every version in the path as under its own.",
		arriving(func(_ *Server, x *exchange) *answer {
			root, version, _ := strings.Cut(strings.TrimPrefix(BasePath, "/"), "/")
			segments := strings.SplitN(strings.TrimPrefix(x.r.URL.Path, "/"), "/", 3)
			if len(segments) == 3 && segments[0] == root && segments[1] != version {
				x.r.URL.Path, x.path = BasePath+"/"+segments[2], "/"+segments[2]
				x.route = routeOf(x)
			}
			return nil
		})},
	{"conn.keepalive", "Closes the connection after every answer.",
		lastly(func(_ *exchange, a *answer) { a.header.Set("Connection", "close") })},
	{"conn.compression", "Compresses its answers, whether or not the client can read that.",
		finishing(func(x *exchange) bool { return !strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") }, func(_ *exchange, a *answer) {
			if body, err := json.Marshal(a.body); err == nil && a.body != nil {
				a.body, a.text = nil, gzipped(body)
				a.header.Set("Content-Encoding", "gzip")
			}
		})},
	{"conn.head-options", "Breaks down over OPTIONS.",
		serving(func(x *exchange) bool { return x.r.Method == http.MethodOptions }, func(*exchange, func() answer) answer {
			return *refused(http.StatusInternalServerError, "Something went wrong.")
		})},
	{"auth.token-in-query", "Takes its token from the address too.",
		arriving(func(_ *Server, x *exchange) *answer {
			if given := x.query.Get("access_token"); given != "" {
				x.r.Header.Set("Authorization", "Bearer "+given)
			}
			return nil
		})},
	{"auth.rate-of-failures", "Locks everybody out for a while after ten wrong tokens.", lockout()},
}

func gzipped(body []byte) string {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return packed.String()
}

// lockout forgives after a few refusals of the right token.
func lockout() func(*Server, *steps) {
	return func(s *Server, st *steps) {
		next := st.admit
		var failures atomic.Int32
		st.admit = func(x *exchange) *answer {
			standing := s.authorize(x.r.Header)
			if standing == wrong {
				failures.Add(1)
			}
			if standing == welcome && failures.Load() >= 10 {
				failures.Add(-4)
				return refused(http.StatusTooManyRequests, "Too many attempts.")
			}
			return next(x)
		}
	}
}
