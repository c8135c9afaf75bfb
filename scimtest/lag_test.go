package scimtest

import (
	"fmt"
	"testing"
	"time"
)

// What was written shows when its time has come, and not before; writes know it at once.
func TestReadsLagBehindWrites(t *testing.T) {
	now := time.Unix(1000, 0)
	w := start(t, WithLag(5*time.Second), WithClock(func() time.Time { return now }))
	id := jane(w)
	path := "/Users/" + id
	early := fmt.Sprint(w.get(path).status, w.get("/Users").total(), short(w.call("POST", "/Users", userBody("jane", ""))))
	expect(t, "at once", early, "404 0409 409uniqueness")
	now = now.Add(5 * time.Second)
	expect(t, "five seconds later", fmt.Sprint(w.get(path).status, w.get("/Users").total()), "200 1")
	w.call("DELETE", path, "")
	expect(t, "after its deletion", fmt.Sprint(w.get(path).status, short(w.call("DELETE", path, ""))), "200404 404")
	now = now.Add(5 * time.Second)
	expect(t, "at last", fmt.Sprint(w.get(path).status, len(w.s.Users())), "404 0")
}
