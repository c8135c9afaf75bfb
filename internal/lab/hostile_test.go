package lab

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
	"slipway/scimtest"
)

// hostile answers in the place of a sound server, which it may call. n counts the requests from 1.
type hostile func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler)

// TestHostileTargets turns the fault tests of targets on the lab: each ends within bounded time, requests and memory, in
// a clear finding or in a run that was not run, never in a crash and never in a pass.
// Covers, H-53.
func TestHostileTargets(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   string
		h       hostile
		finding string // one of those that there must be; "" where nothing is proved
		verdict report.Verdict
		only    bool // no other finding
	}{
		{"each answer takes longer than the patience", "R-16", slowly(2 * time.Second), "", report.NotRun, true},
		{"takes the connection and never answers", "R-17", slowly(time.Hour), "", report.NotRun, true},
		{"falls silent after a while", "R-17", after(40, slowly(time.Hour)), "conn.latency.max", report.Failed, false},
		{"one byte of the body at a time", "R-18", drip(false), "", report.NotRun, true},
		{"one byte of the headers at a time", "R-18", drip(true), "", report.NotRun, true},
		{"429 for ever, in seconds", "R-19", tooMany("3600"), root, report.Failed, true},
		{"429 for ever, until a date", "R-19", tooMany("Fri, 01 Jan 2100 00:00:00 GMT"), root, report.Failed, true},
		{"429 for ever, at once", "R-19", tooMany("0"), root, report.Failed, true},
		{"429 for ever, in the past", "R-19", tooMany("-5"), root, report.Failed, true},
		{"429 for ever, in a billion seconds", "R-19", tooMany("1000000000"), root, report.Failed, true},
		{"429 for ever, without a word on when", "R-19", tooMany(""), root, report.Failed, true},
		{"429 for ever, until nobody knows when", "R-19", tooMany("soon"), root, report.Failed, true},
		{"429 for ever, in parts of a second", "R-19", tooMany("0.5"), root, report.Failed, true},
		{"429 after a while, for an hour", "R-19", after(60, tooMany("3600")), "", report.Failed, false},
		{"503 on every third request", "R-20", func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
			if n%3 == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			sound.ServeHTTP(w, r)
		}, "error.5xx-none", report.Failed, false},
		{"a sign-in page with 200, after a while", "R-21", after(110, replies(200, "text/html", "<html><body>Sign in</body></html>")), "error.404-endpoint", report.Failed, false},
		{"200 and nothing", "R-21", replies(200, "application/scim+json", ""), root, report.Failed, true},
		{"204 where a list belongs", "R-21", replies(204, "", ""), root, report.Failed, true},
		{"a gzip bomb", "R-21", func(w http.ResponseWriter, _ *http.Request, _ int64, _ http.Handler) {
			w.Header().Set("Content-Type", "application/scim+json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}, root, report.Failed, true},
		{"JSON that is cut off", "R-21", replies(200, "application/scim+json", `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":1,"Resources":[{"id":"1"`), root, report.Failed, true},
		{"NaN", "R-21", replies(200, "application/scim+json", `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":NaN,"Resources":[]}`), root, report.Failed, true},
		{"a hundred thousand brackets", "R-21", replies(200, "application/scim+json", strings.Repeat("[", 100_000)), root, report.Failed, true},
		{"a full server lists nobody", "R-22", func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
			if r.Method == http.MethodGet && r.URL.Path == scimtest.BasePath+"/Users" && authorized(r) {
				replies(200, "application/scim+json", `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":2000,"startIndex":1,"itemsPerPage":0,"Resources":[]}`)(w, r, n, sound)
				return
			}
			sound.ServeHTTP(w, r)
		}, "page.count", report.Failed, false},
		{"redirects to itself", "R-23", func(w http.ResponseWriter, r *http.Request, _ int64, _ http.Handler) {
			http.Redirect(w, r, r.URL.String(), http.StatusTemporaryRedirect)
		}, "conn.no-cross-redirect", report.Failed, true},
		{"redirects to a metadata service", "R-23", func(w http.ResponseWriter, r *http.Request, _ int64, _ http.Handler) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		}, "conn.no-cross-redirect", report.Failed, true},
		{"a body without end", "R-24", func(w http.ResponseWriter, r *http.Request, _ int64, _ http.Handler) {
			w.Header().Set("Content-Type", "application/scim+json")
			_, _ = io.WriteString(w, `{"x":"`)
			for chunk := bytes.Repeat([]byte("x"), 1<<20); r.Context().Err() == nil; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, root, report.Failed, true},
		{"a header of a megabyte", "R-24", func(w http.ResponseWriter, _ *http.Request, _ int64, _ http.Handler) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}, root, report.Failed, true},
		{"ten thousand headers", "R-24", func(w http.ResponseWriter, _ *http.Request, _ int64, _ http.Handler) {
			for i := range 10_000 {
				w.Header().Set(fmt.Sprintf("X-Header-Number-%d", i), strings.Repeat("y", 30))
			}
		}, root, report.Failed, true},
		{"the same page for ever", "R-25", listing(func(int64) (string, int) { return user(1) + "," + user(2), 1_000_000 }), "page.walk-complete", report.Failed, false},
		{"two pages in a circle", "R-25", listing(func(n int64) (string, int) { return user(n%2*2) + "," + user(n%2*2+1), 1_000_000 }), "page.startindex", report.Failed, false},
		{"a total that grows with each page", "R-25", listing(func(n int64) (string, int) { return user(2*n) + "," + user(2*n+1), int(n) * 100 }), "page.startindex", report.Failed, false},
		{"an empty page, and a total that says there is more", "R-25", emptyFrom(2), "page.startindex", report.Failed, false},
		{"an empty page in the middle, and a total that says there is more", "R-25", emptyFrom(5), "page.walk-complete", report.Failed, false},
		{"an empty page that names the next one, for ever", "R-25", func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
			if r.Method == http.MethodGet && r.URL.Path == scimtest.BasePath+"/Users" && authorized(r) && !r.URL.Query().Has("filter") {
				replies(200, scim.MediaType, fmt.Sprintf(`{"schemas":[%q],"totalResults":1000,"startIndex":1,"itemsPerPage":0,"nextCursor":"p%d","Resources":[]}`, scim.SchemaListResponse, n))(w, r, n, sound)
				return
			}
			sound.ServeHTTP(w, r)
		}, "page.count", report.Failed, false},
		{"pages in a new order each time", "R-26", func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
			if r.Method != http.MethodGet || r.URL.Path != scimtest.BasePath+"/Users" || r.URL.Query().Has("filter") || !authorized(r) {
				sound.ServeHTTP(w, r)
				return
			}
			shuffled(w, n)
		}, "page.startindex", report.Failed, false},
		{"the token is refused after a while", "R-27", after(40, replies(401, "application/scim+json", `{"schemas":["`+scim.SchemaError+`"],"status":"401","detail":"The token has expired."}`)), "", report.Failed, false},
		{"the same list with 200 to everything", "H-53", replies(200, "application/scim+json", `{"schemas":["`+scim.SchemaListResponse+`"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[`+user(1)+`]}`), "auth.missing-401", report.Failed, false},
		{"every token is refused", "R-28", replies(401, "application/scim+json", `{"schemas":["`+scim.SchemaError+`"],"status":"401","detail":"Revoked."}`), "auth.credentials", report.Failed, true},
	} {
		t.Run(tt.fault+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			var n, fired atomic.Int64
			base, _ := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
				fired.Add(1)
				tt.h(w, r, n.Add(1), sound)
			})
			s := subject(base)
			s.Patience, s.Reach, s.Deadline = 20*time.Second, 20*time.Second, time.Minute
			if tt.fault == "R-16" || tt.fault == "R-17" || tt.fault == "R-18" { // slowness is the fault
				s.Patience, s.Reach = 500*time.Millisecond, 500*time.Millisecond
			}
			rep := Run(t.Context(), s, Unwatched{})
			if rep.Verdict != tt.verdict || rep.Verdict == report.Passed {
				t.Errorf("%s: %s; want %s\n%s", rep.Verdict, rep.Reason, tt.verdict, explain(rep))
			}
			got := found(rep)
			if tt.finding != "" && !slices.Contains(got, tt.finding) || tt.only && len(got) > 1 || tt.only && tt.finding == "" && len(got) != 0 {
				t.Errorf("findings %v; want %s, alone: %v\n%s", got, tt.finding, tt.only, explain(rep))
			}
			if rep.Reason == "" || fired.Load() == 0 {
				t.Errorf("the reason is %q after %d requests", rep.Reason, fired.Load())
			}
			if rep.Duration > 2*time.Minute || rep.Requests > 1500 {
				t.Errorf("took %s and %d requests", rep.Duration, rep.Requests)
			}
			for _, c := range rep.Checks {
				if c.Outcome == report.Broken {
					t.Errorf("%s is our own breakdown: %s", c.ID, c.Message)
				}
			}
		})
	}
}

// TestAHugeAnswerTakesLittleMemory reads how much is in use, not how long it takes.
//
func TestAHugeAnswerTakesLittleMemory(t *testing.T) {
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 1 << 10 {
			n, err := w.Write(chunk)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rep := Run(t.Context(), subject(server.URL), Unwatched{})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if rep.Verdict != report.Failed || sent.Load() == 0 {
		t.Errorf("%s after %d bytes: %s", rep.Verdict, sent.Load(), rep.Reason)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 || after.TotalAlloc-before.TotalAlloc > 256<<20 {
		t.Errorf("the heap has grown by %d bytes; %d were allocated on the way", grown, after.TotalAlloc-before.TotalAlloc)
	}
}

func authorized(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token }

func slowly(d time.Duration) hostile {
	return func(w http.ResponseWriter, r *http.Request, _ int64, sound http.Handler) {
		body, _ := io.ReadAll(r.Body) // only then the server notices that the client has gone
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-time.After(d):
			sound.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}
}

// after lets the first requests through to the sound server.
func after(sound int64, h hostile) hostile {
	return func(w http.ResponseWriter, r *http.Request, n int64, server http.Handler) {
		if n <= sound {
			server.ServeHTTP(w, r)
			return
		}
		h(w, r, n, server)
	}
}

func replies(status int, kind, body string) hostile {
	return func(w http.ResponseWriter, _ *http.Request, _ int64, _ http.Handler) {
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func tooMany(retryAfter string) hostile {
	return func(w http.ResponseWriter, _ *http.Request, _ int64, _ http.Handler) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// drip sends a byte every now and then, so that something always comes.
func drip(headers bool) hostile {
	return func(w http.ResponseWriter, r *http.Request, _ int64, _ http.Handler) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		text := "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat(" ", 100_000)
		if !headers {
			head, rest, _ := strings.Cut(text, "\r\n\r\n")
			_, _ = io.WriteString(conn, head+"\r\n\r\n")
			text = rest
		}
		for i := range len(text) {
			if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
				return
			}
			<-time.After(50 * time.Millisecond)
		}
	}
}

// listing shows its own users on each page and leaves everything else to the sound server.
func listing(page func(n int64) (resources string, total int)) hostile {
	return func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
		if r.Method != http.MethodGet || r.URL.Path != scimtest.BasePath+"/Users" || r.URL.Query().Has("filter") || !authorized(r) {
			sound.ServeHTTP(w, r)
			return
		}
		resources, total := page(n)
		w.Header().Set("Content-Type", scim.MediaType)
		_, _ = fmt.Fprintf(w, `{"schemas":[%q],"totalResults":%d,"startIndex":1,"itemsPerPage":2,"Resources":[%s]}`, scim.SchemaListResponse, total, resources)
	}
}

// emptyFrom lists nobody from that position on, of a thousand users as it says.
func emptyFrom(position int) hostile {
	return func(w http.ResponseWriter, r *http.Request, n int64, sound http.Handler) {
		start, err := strconv.Atoi(r.URL.Query().Get("startIndex"))
		count, _ := strconv.Atoi(r.URL.Query().Get("count"))
		if r.Method != http.MethodGet || r.URL.Path != scimtest.BasePath+"/Users" || r.URL.Query().Has("filter") || err != nil || !authorized(r) {
			sound.ServeHTTP(w, r)
			return
		}
		var shown []string
		for at := max(start, 1); at < position && len(shown) < count; at++ {
			shown = append(shown, user(int64(at)))
		}
		replies(200, scim.MediaType, fmt.Sprintf(`{"schemas":[%q],"totalResults":1000,"startIndex":%d,"itemsPerPage":%d,"Resources":[%s]}`,
			scim.SchemaListResponse, max(start, 1), len(shown), strings.Join(shown, ",")))(w, r, n, sound)
	}
}

// shuffled lists five users, in another order each time.
func shuffled(w http.ResponseWriter, n int64) {
	var all []string
	for _, i := range rand.New(rand.NewPCG(uint64(n), 3)).Perm(5) {
		all = append(all, user(int64(i)))
	}
	w.Header().Set("Content-Type", scim.MediaType)
	_, _ = fmt.Fprintf(w, `{"schemas":[%q],"totalResults":5,"startIndex":1,"itemsPerPage":2,"Resources":[%s]}`, scim.SchemaListResponse, strings.Join(all[:2], ","))
}

// bomb unpacks to sixty-four megabytes of blanks.
var bomb = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		_, _ = z.Write(blanks)
	}
	_ = z.Close()
	return b.Bytes()
}()
