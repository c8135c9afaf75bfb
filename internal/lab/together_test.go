package lab

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/report"
	"slipway/internal/scim"
)

// The target answers nobody before all have come, and sends one of them away once.
func TestTogether(t *testing.T) {
	var arrived, refused atomic.Int64
	all := make(chan struct{})
	base, sound := target(t, func(w http.ResponseWriter, r *http.Request, sound http.Handler) {
		if arrived.Add(1) == 5 {
			close(all)
		}
		select {
		case <-all:
		case <-r.Context().Done():
			return
		}
		if refused.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		sound.ServeHTTP(w, r)
	})
	r, err := newRun(t.Context(), subject(base).withDefaults(), Unwatched{})
	if err != nil {
		t.Fatal(err)
	}
	var asks []ask
	var want []string
	for _, who := range []string{"a", "b", "c", "d", "e"} {
		user := r.names.plainUser(who, "Together", "Now")
		asks = append(asks, ask{method: http.MethodPost, path: "/Users", body: user, object: &report.Object{Resource: "Users", Name: user.UserName()}})
		want = append(want, user.UserName())
	}
	var got, evidence []string
	for _, a := range r.together(asks...) {
		got = append(got, a.object.UserName())
	}
	for _, a := range r.evidence {
		evidence = append(evidence, a.object.UserName())
	}
	if !slices.Equal(got, want) || !slices.Equal(evidence, want) {
		t.Errorf("answers %v, evidence %v; want %v", got, evidence, want)
	}
	if r.requests != 6 || len(r.answers) != 5 || len(sound.Users()) != 5 {
		t.Errorf("%d requests, %d answers, %d users; want 6, 5, 5", r.requests, len(r.answers), len(sound.Users()))
	}
	if slices.ContainsFunc(r.objects, func(o report.Object) bool { return o.ID == "" }) {
		t.Errorf("not every object has its id: %v", r.objects)
	}
	if left := r.removeAll(t.Context()); len(left) != 0 || len(sound.Users()) != 0 {
		t.Errorf("%v stay", left)
	}
}

// A target that leaves all of them without an answer has fallen silent once.
func TestTogetherIsOneSilence(t *testing.T) {
	base, _ := target(t, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() })
	s := subject(base).withDefaults()
	s.Patience = 50 * time.Millisecond
	r, err := newRun(t.Context(), s, Unwatched{})
	if err != nil {
		t.Fatal(err)
	}
	q := ask{method: http.MethodGet, path: scim.Path("Users", "x")}
	for _, a := range r.together(q, q, q, q) {
		if a.err == nil {
			t.Errorf("an answer came: %s", a.shown())
		}
	}
	if r.stopped != "" {
		t.Errorf("the run is over: %s", r.stopped)
	}
}
