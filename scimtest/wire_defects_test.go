package scimtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
)

const (
	tenantToken = "tenant-two"
	readerToken = "may-read"
)

func init() {
	wireRows = append(wireRows, []row{
		{"conn.base-url.version", func(w *wire) string {
			return short((&wire{w.t, w.s, strings.Replace(w.base, "/v2", "/v99", 1)}).get("/Users"))
		}, "404 404", "200 "},
		{"conn.keepalive", func(w *wire) string { return fmt.Sprint(reused(w)) }, "true", "false"},
		{"conn.compression", func(w *wire) string {
			r := w.call("GET", "/Users", "", "Accept-Encoding", "identity")
			return r.header.Get("Content-Encoding") + r.text[:1]
		}, "{", "gzip\x1f"},
		{"conn.head-options", func(w *wire) string { return short(w.call("OPTIONS", "/Users", "")) }, "405 405", "500 500"},
		{"auth.token-in-query", func(w *wire) string {
			return short(w.call("GET", "/Users?access_token="+token, "", "Authorization", ""))
		}, "401 401", "200 "},
		{"auth.rate-of-failures", func(w *wire) string {
			for range 10 {
				w.call("GET", "/Users", "", "Authorization", "Bearer x")
			}
			return short(w.get("/Users")) + short(w.get("/Users"))
		}, "200 200 ", "429 429200 "},
	}...)
}

// reused reports whether a second request goes over the connection of the first.
func reused(w *wire) (again bool) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range 2 {
		trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { again = c.Reused }}
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(w.t.Context(), trace), http.MethodDelete, w.base+"/Users", nil)
		if err != nil {
			w.t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			w.t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	return again
}

// Two tenants and a reader under one address: each sees what is its own, and may do what it may.
func TestTenantsAndReaders(t *testing.T) {
	for _, tt := range []struct {
		name, defect string
		theirs       string // Jane's record, as the other tenant sees it
		writing      string // as the reader does it
	}{
		{"a sound server", "", "404 404", "403 403"},
		{"ids that lead to anybody", "auth.tenant-isolation", "200 ", "403 403"},
		{"readers who are told to sign in", "auth.forbidden-403", "404 404", "401 401"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := []Option{WithTenant(tenantToken), WithReader(readerToken)}
			if tt.defect != "" {
				opts = append(opts, WithDefects(tt.defect))
			}
			w := start(t, opts...)
			id := jane(w)
			other, reader := []string{"Authorization", "Bearer " + tenantToken}, []string{"Authorization", "Bearer " + readerToken}
			if got := short(w.call("GET", "/Users/"+id, "", other...)); got != tt.theirs {
				t.Errorf("the other tenant reads Jane: %s; want %s", got, tt.theirs)
			}
			if got := short(w.call("POST", "/Users", userBody("kim", ""), reader...)); got != tt.writing {
				t.Errorf("the reader writes: %s; want %s", got, tt.writing)
			}
			w.call("POST", "/Users", userBody("jane", ""), other...)
			ours, theirs, read := w.get("/Users").total(), w.call("GET", "/Users", "", other...).total(), w.call("GET", "/Users", "", reader...).total()
			if ours != 1 || theirs != 1 || read != 1 || len(w.s.Users()) != 1 {
				t.Errorf("lists of %d, %d and %d; want one Jane each", ours, theirs, read)
			}
			w.s.Reset()
			if n := w.call("GET", "/Users", "", other...).total(); n != 0 {
				t.Errorf("after Reset the other tenant has %d users", n)
			}
		})
	}
}
