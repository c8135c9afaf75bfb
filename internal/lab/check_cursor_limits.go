package lab

import (
	"net/http"
	"time"

	"slipway/internal/report"
)

// judgeCursorInvalid sends one that is made up, and one of the server's own with a letter changed.
func (r *run) judgeCursorInvalid() Finding {
	made := []string{"slipwayLabMadeThisUp"}
	if next := r.cursors[0].answer.object.String("nextCursor"); next != "" {
		made = append(made, forged(next))
	}
	verdict := passes()
	for i, cursor := range made {
		what := []string{"A cursor that was made up", "A cursor of the server's own with one letter changed"}[i]
		a := r.get("/Users", "cursor", cursor, "count", "1")
		switch {
		case a.err != nil:
			return a.trouble()
		case a.is2xx():
			return fails("%s was answered with %s, as if it were good. 400 with scimType invalidCursor was expected.", what, a.shown())
		case a.status != http.StatusBadRequest:
			return fails("%s was answered with %s instead of 400 and scimType invalidCursor.", what, a.shown())
		case a.object.String("scimType") != "invalidCursor" && verdict.Outcome == report.Pass:
			verdict = deviates("%s was refused with 400 and scimType %s instead of invalidCursor.", what, shownJSON(a.object.Get("scimType")))
		}
	}
	return verdict
}

// forged changes a letter in the middle.
func forged(cursor string) string {
	text := []byte(cursor)
	at := len(text) / 2
	if text[at] == 'A' {
		text[at] = 'B'
	} else {
		text[at] = 'A'
	}
	return string(text)
}

// longestCursor is how long a cursor may last for the lab to wait for its end.
const longestCursor = 2 * time.Minute

// judgeCursorExpired comes back shortly before the end, and shortly after it. That a cursor still works then is allowed.
func (r *run) judgeCursorExpired() Finding {
	seconds, known := r.provider.object.Get("pagination.cursorTimeout").(float64)
	lasts := time.Duration(seconds * float64(time.Second))
	if !known || lasts < 2*time.Second || lasts > longestCursor {
		return notApplicable("The lab waits for cursors that last from 2 s to %s; cursorTimeout is %s.", longestCursor, shownJSON(r.provider.object.Get("pagination.cursorTimeout")))
	}
	_, next, f, bad := r.byCursor("", 1)
	if bad {
		return f
	}
	if next == "" {
		return notApplicable("The server sent no cursor: all users are on one page.")
	}
	if !r.sleep(lasts / 2) {
		return unproved("%s", r.reason())
	}
	if a := r.get("/Users", "cursor", next, "count", "1"); !a.is2xx() {
		return fails("A cursor was used after %s and answered %s; cursorTimeout says that it lasts %s.%s", lasts/2, a.shown(), lasts, a.detail())
	}
	if !r.sleep(lasts + time.Second) {
		return unproved("%s", r.reason())
	}
	a := r.get("/Users", "cursor", next, "count", "1")
	switch {
	case a.err != nil:
		return a.trouble()
	case a.is2xx():
		return passed("It works after that, too.")
	case a.status != http.StatusBadRequest:
		return fails("A cursor that had expired was answered with %s instead of 400 and scimType expiredCursor.", a.shown())
	case a.object.String("scimType") != "expiredCursor":
		return deviates("A cursor that had expired was refused with scimType %s instead of expiredCursor.", shownJSON(a.object.Get("scimType")))
	}
	return passes()
}

// judgeCursorCount lowers the count between two pages, asks for less than nothing, and for more than the server says it gives.
func (r *run) judgeCursorCount() Finding {
	p, next, f, bad := r.byCursor("", 2)
	if bad {
		return f
	}
	asked := []struct {
		cursor      string
		count, most int
	}{{"", -1, 0}}
	if next != "" && len(p.Resources) == 2 {
		asked = append(asked, struct {
			cursor      string
			count, most int
		}{next, 1, 1})
	}
	if most, ok := r.provider.object.Get("pagination.maxPageSize").(float64); ok && most > 0 && most <= mostToRead {
		asked = append(asked, struct {
			cursor      string
			count, most int
		}{"", int(most) + 1, int(most)})
	}
	for _, q := range asked {
		a := r.get("/Users", "cursor", q.cursor, "count", itoa(q.count))
		if a.err == nil && a.status == http.StatusBadRequest {
			continue
		}
		if f, bad := a.want(http.StatusOK); bad {
			f.Message += " The count was " + itoa(q.count) + "; a page was expected, or 400 with scimType invalidCount."
			return f
		}
		if n := len(a.resources()); n > q.most {
			return fails("With a cursor and count=%d GET /Users returned %d users. The most is %d; 400 with scimType invalidCount is right as well.", q.count, n, q.most)
		}
	}
	return passes()
}

// judgeCursorElsewhere takes a cursor to a request without credentials, and to another query.
func (r *run) judgeCursorElsewhere() Finding {
	_, next, _, bad := r.byCursor("", 1)
	if bad || next == "" {
		return notApplicable("The server sent no cursor to try this with.")
	}
	query := values([]string{"cursor", next, "count", "1"})
	open := r.send(ask{method: http.MethodGet, path: "/Users", query: query, header: r.withNoCredentials})
	if open.is2xx() && len(open.resources()) > 0 {
		return fails("A page was shown to a request without credentials, because it had its cursor.")
	}
	query.Set("filter", is(r.ada))
	a := r.send(ask{method: http.MethodGet, path: "/Users", query: query})
	if a.err != nil {
		return a.trouble()
	}
	for _, user := range a.resources() {
		if a.is2xx() && user.ID() != "" && user.ID() != r.ada.id {
			return deviates("The cursor of a list of all users was sent with the filter %s; the answer goes on with that list, and holds %s. RFC 9865 leaves that to you: it is the client that must keep its query from page to page.", is(r.ada), quote(excerpt(user.UserName())))
		}
	}
	if a.is2xx() {
		return deviates("The cursor of another query is answered with %s. A client that mixes up its cursors never learns.", a.shown())
	}
	return expect(a, http.StatusBadRequest)
}
