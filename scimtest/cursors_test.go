package scimtest

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"slipway/internal/scim"
)

// people starts a server with n users.
func people(t *testing.T, n int, opts ...Option) *wire {
	w := start(t, opts...)
	for i := range n {
		w.user(fmt.Sprintf("u%02d", i), "")
	}
	return w
}

func TestCursorsObeyRFC9865(t *testing.T) {
	w := people(t, 5)
	var seen []string
	cursor := ""
	for page := 1; ; page++ {
		r := w.get("/Users?count=2&cursor=" + url.QueryEscape(cursor))
		expect(t, "status", r.status, 200)
		for _, user := range r.resources() {
			seen = append(seen, user.UserName())
		}
		if cursor = r.object.String("nextCursor"); cursor == "" {
			expect(t, "pages", page, 3)
			break
		}
		expect(t, "needs no escaping", url.QueryEscape(cursor), cursor)
	}
	expect(t, "everybody once", fmt.Sprint(seen), "[u00 u01 u02 u03 u04]")

	first := w.get("/Users?count=2&cursor=").object
	next := first.String("nextCursor")
	expect(t, "no page before the first", first.Get("previousCursor"), nil)
	for what, query := range map[string]string{
		"made up": "count=2&cursor=nonsense", "cut": "count=2&cursor=" + next[:len(next)-1], "with another filter": "count=2&filter=title%20pr&cursor=" + next,
		"in another order": "count=2&sortBy=userName&cursor=" + next,
	} {
		expectError(t, what, w.get("/Users?"+query), 400, "invalidCursor")
	}
	expectError(t, "of another list", w.get("/Groups?count=2&cursor="+next), 400, "invalidCursor")
	expectError(t, "with another count", w.get("/Users?count=3&cursor="+next), 400, "invalidCount")
	expect(t, "count -1 counts as 0", len(w.get("/Users?count=-1&cursor=").resources()), 0)

	search := `{"schemas":["` + scim.SchemaSearchRequest + `"],"count":2,"cursor":"` + next + `"}`
	expect(t, "in a search", w.call("POST", "/Users/.search", search).resources()[0].UserName(), "u02")
}

func TestCursorsSurviveADeletion(t *testing.T) {
	w := people(t, 4)
	first := w.get("/Users?count=2&cursor=")
	next := first.object.String("nextCursor")
	w.call("DELETE", "/Users/"+first.resources()[0].ID(), "")
	expect(t, "before the place", w.get("/Users?count=2&cursor=" + next).resources()[0].UserName(), "u02")
	w.call("DELETE", "/Users/"+first.resources()[1].ID(), "")
	expect(t, "the place itself", len(w.get("/Users?count=2&cursor="+next).resources()), 2)
}

func TestCursorsBelongToWhoGotThem(t *testing.T) {
	w := people(t, 3, WithToken("second"))
	next := w.get("/Users?count=2&cursor=").object.String("nextCursor")
	expectError(t, "somebody else", w.call("GET", "/Users?count=2&cursor="+next, "", "Authorization", "Bearer second"), 400, "invalidCursor")
}

func TestCursorsExpire(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	w := people(t, 3, WithClock(func() time.Time { return now }), WithCursorTimeout(time.Minute))
	next := w.get("/Users?count=2&cursor=").object.String("nextCursor")
	now = now.Add(time.Minute)
	expect(t, "in time", w.get("/Users?count=2&cursor="+next).status, 200)
	now = now.Add(time.Second)
	expectError(t, "late", w.get("/Users?count=2&cursor="+next), 400, "expiredCursor")
}

func TestTheRootIsQueried(t *testing.T) {
	w := people(t, 2)
	w.group("Crew")
	expect(t, "everything", w.get("/").total(), 3)
	expect(t, "users", w.get("/?filter=userName%20pr").total(), 2)
	expect(t, "groups", w.get("/?filter=meta.resourceType%20eq%20%22Group%22").total(), 1)
}
