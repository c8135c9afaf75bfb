package egress

import (
	"io"
	"log"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

var silent = log.New(io.Discard, "", 0)

// A create that was applied and whose answer was lost is not sent a second time.
func TestWhatIsRepeated(t *testing.T) {
	for _, tt := range []struct {
		name     string
		method   string
		options  Options
		first    http.HandlerFunc // the first answer; later ones are 200
		requests int64
	}{
		{"a lost GET", http.MethodGet, Options{Retry: true}, drop, 2},
		{"a lost PUT", http.MethodPut, Options{Retry: true}, drop, 2},
		{"a lost DELETE", http.MethodDelete, Options{Retry: true}, drop, 2},
		{"never a lost POST", http.MethodPost, Options{Retry: true}, drop, 1},
		{"never a lost PATCH", http.MethodPatch, Options{Retry: true}, drop, 1},
		{"a GET after 503", http.MethodGet, Options{Retry: true}, status(503, ""), 2},
		{"no GET after 501", http.MethodGet, Options{Retry: true}, status(501, ""), 1},
		{"no POST after 503", http.MethodPost, Options{Retry: true}, status(503, ""), 1},
		{"a POST after 429", http.MethodPost, Options{Retry: true}, status(429, "0"), 2},
		{"a PATCH after 429", http.MethodPatch, Options{Retry: true}, status(429, "0"), 2},
		{"not when 429 asks for an hour", http.MethodGet, Options{Retry: true}, status(429, "3600"), 1},
		{"nothing without Retry: lost", http.MethodGet, Options{}, drop, 1},
		{"nothing without Retry: 429", http.MethodGet, Options{}, status(429, "0"), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var n, whole, recorded atomic.Int64
			s := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); string(body) == "hello" {
					whole.Add(1)
				}
				if n.Add(1) == 1 {
					tt.first(w, r)
				}
			})
			tt.options.Record = func(Exchange) { recorded.Add(1) }
			resp, err := send(t, New(AllowPrivate(), tt.options), tt.method, s.URL, "hello")
			if n.Load() != tt.requests || whole.Load() != tt.requests || recorded.Load() != tt.requests {
				t.Errorf("%d requests, %d with their body, %d recorded; want %d (%v)", n.Load(), whole.Load(), recorded.Load(), tt.requests, err)
			}
			if tt.requests == 2 && (err != nil || resp.StatusCode != 200) {
				t.Errorf("after the repetition: %v", err)
			}
		})
	}
}

func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func status(code int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
	}
}

func TestTargetThatIsDownIsLeftAlone(t *testing.T) {
	var n atomic.Int64
	s := vendor(t, func(w http.ResponseWriter, _ *http.Request) { n.Add(1); w.WriteHeader(500) })
	c := New(AllowPrivate(), Options{Retry: true})
	var last error
	for range 8 {
		_, last = send(t, c, http.MethodPost, s.URL, "")
	}
	if KindOf(last) != Paused || n.Load() >= 8 {
		t.Errorf("after %d requests: %v; want a pause", n.Load(), last)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, value string
		want        time.Duration
		ok          bool
	}{
		{"seconds", "7", 7 * time.Second, true},
		{"a date", now.Add(time.Minute).Format(http.TimeFormat), time.Minute, true},
		{"a date in the past", now.Add(-time.Minute).Format(http.TimeFormat), 0, true},
		{"absent", "", 0, false},
		{"negative", "-1", 0, false},
		{"decimals", "1.5", 0, false},
		{"far beyond the range", "99999999999999999999", 0, false},
	} {
		if got, ok := RetryAfter(http.Header{"Retry-After": {tt.value}}, now); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
