package lab

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// FuzzAnswers puts a body, with a status and a type, into the place of every answer from the nth on. Whatever it is: the
// lab does not break down, does not hang, and does not pass. `make soak` runs it for longer than its seeds.
func FuzzAnswers(f *testing.F) {
	list := `{"schemas":["` + scim.SchemaListResponse + `"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[` + user(1) + `]}`
	for _, body := range []string{
		"", "null", "[]", "{}", `"x"`, "1e999", "{", `{"a":{"a":{"a":[[[{}]]]}}}`, `{"id":1,"id":2}`, "\ufeff{}", "\x00", list, user(1),
		`{"schemas":null,"id":null,"userName":{},"emails":{},"name":[],"meta":"x","active":"true","members":[null,1,"x"]}`,
		`{"schemas":[{}],"Resources":[null,1,[],"x",{"id":{},"emails":[null,{"value":1}],"meta":[]}],"totalResults":"2","startIndex":-1,"itemsPerPage":1.5}`,
		`{"schemas":["` + scim.SchemaError + `"],"status":200,"detail":[],"scimType":{}}`,
	} {
		f.Add(uint8(1), uint16(200), "application/scim+json", body)
	}
	for _, from := range []uint8{20, 60, 120} { // these cost a whole run each
		f.Add(from, uint16(200), "application/scim+json", list)
		f.Add(from, uint16(200), "application/scim+json", `{"schemas":null,"id":null,"userName":{},"emails":{},"members":[null,1]}`)
	}
	f.Add(uint8(1), uint16(401), "text/html", "<html>")
	f.Add(uint8(30), uint16(503), "", "")
	f.Fuzz(func(t *testing.T, from uint8, status uint16, kind, body string) {
		if status < 200 || status > 599 || status == http.StatusTooManyRequests {
			t.Skip("no final answer, or a wait")
		}
		var n atomic.Int64
		base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			if n.Add(1) < int64(from) {
				sound.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(int(status))
			_, _ = io.WriteString(w, body)
		})
		s := subject(base)
		s.Patience, s.Deadline = time.Second, 30*time.Second
		rep := Run(t.Context(), s, Unwatched{})
		if rep.Verdict == report.Passed && int(from) < rep.Requests/2 {
			t.Errorf("it passed with %d requests, though each from the %dth on was answered %d %q", rep.Requests, from, status, body)
		}
		for _, c := range rep.Checks {
			if c.Outcome == report.Broken {
				t.Errorf("%s broke down: %s", c.ID, c.Message)
			}
		}
	})
}
