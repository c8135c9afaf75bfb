package lab

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"slipway/internal/scim"
	"slipway/scimtest"
)

// A second account, a wrong status and a name in another case are three findings: each server here has one of them.
func TestSecondUserOfOneName(t *testing.T) {
	all := []string{"users.create.unique", "users.create.duplicate-409", "users.create.duplicate-case"}
	// again answers the second POST of a user by itself; first is the answer to the first one.
	again := func(answer func(w http.ResponseWriter, first string)) func(http.ResponseWriter, *http.Request, http.Handler) {
		var mu sync.Mutex
		seen := map[string]string{}
		return func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			var sent scim.Resource
			if r.Method != http.MethodPost || json.Unmarshal(body, &sent) != nil || sent.UserName() == "" || !authorized(r) {
				sound.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if first, known := seen[sent.UserName()]; known {
				w.Header().Set("Content-Type", scim.MediaType)
				answer(w, first)
				return
			}
			record := &recorder{ResponseWriter: w}
			sound.ServeHTTP(record, r)
			seen[sent.UserName()] = record.body.String()
			w.WriteHeader(record.status)
			_, _ = w.Write(record.body.Bytes())
		}
	}
	for _, tt := range []struct {
		name   string
		defect string
		handle func(http.ResponseWriter, *http.Request, http.Handler)
		want   []string
	}{
		{"a sound server", "", nil, nil},
		{"lets in exactly the same", "users.create.unique", nil, all[:1]},
		{"refuses with 400", "users.create.duplicate-409", nil, all[1:2]},
		{"lets in another case", "users.create.duplicate-case", nil, all[2:]},
		{"answers 200 with the first user", "", again(func(w http.ResponseWriter, first string) { _, _ = io.WriteString(w, first) }), all[1:2]},
		{"answers 201 without a word, and does nothing", "", again(func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusCreated) }), all[1:2]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handle := tt.handle
			if handle == nil {
				handle = func(w http.ResponseWriter, r *http.Request, sound http.Handler) { sound.ServeHTTP(w, r) }
			}
			base, _ := target(t, handle)
			if tt.defect != "" {
				var stop func()
				base, stop = scimtest.New(scimtest.WithToken(token), scimtest.WithDefects(tt.defect)).Start()
				defer stop()
			}
			report := Run(t.Context(), subject(base), Unwatched{})
			if got := found(report); !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v\n%s", got, tt.want, explain(report))
			}
			if len(report.Leftovers) > 0 {
				t.Errorf("left behind: %v", report.Leftovers)
			}
		})
	}
}
