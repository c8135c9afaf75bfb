package lab

import (
	"net/http"
	"regexp"
	"slices"

	"slipway/internal/report"
	"slipway/internal/scim"
)

const (
	firstByCursor = "cursor.first"
	nextByCursor  = "cursor.next-until-end"
)

// cursorChecks page by cursor (RFC 9865), where ServiceProviderConfig offers that.
var cursorChecks = []Check{
	{
		ID: firstByCursor, Title: "An empty cursor leads to the first page", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{root, created}, Reference: "RFC 9865 §2",
		Why:   "It is how a client begins a walk; without nextCursor it ends there as well.",
		Fix:   `Take GET /Users?cursor=&count=1 for the first page, and add "nextCursor": "…" to the answer where there are more users.`,
		judge: (*run).judgeFirstByCursor,
	},
	{
		ID: nextByCursor, Title: "Every page but the last has a nextCursor", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2",
		Why:   "Its absence is the only sign of the end: what comes after it is taken for gone.",
		Fix:   `Send "nextCursor" with every page but the last. Read one resource more than the page holds, to know whether another page follows.`,
		judge: (*run).judgeNextUntilEnd,
	},
	{
		ID: "cursor.no-previous-first", Title: "The first page has no previousCursor", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2",
		Why: "A client that walks backwards does not see where the list begins.",
		Fix: "Leave previousCursor out of the answer to an empty cursor. On other pages it is optional.",
		judge: func(r *run) Finding {
			r.cite(r.cursors[0].answer)
			if previous := r.cursors[0].answer.object.Get("previousCursor"); previous != nil {
				return fails("The first page has previousCursor %s, though there is no page before it.", shownJSON(previous))
			}
			return passes()
		},
	},
	{
		ID: "cursor.charset", Title: "Cursors need no escaping in a URL", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2; RFC 3986 §2.3",
		Why:   "A plus, a slash or an equals sign is lost or changed on the way back.",
		Fix:   "Encode cursors as base64url without padding: letters, digits, -, ., _ and ~ only.",
		judge: (*run).judgeCursorCharset,
	},
	{
		ID: "cursor.walk-complete", Title: "Walking by cursor yields everybody once, and no more than count at a time", Family: filters, Severity: report.RFC, gate: offersCursor, Since: "2026.11.5",
		Needs: []string{nextByCursor}, Reference: "RFC 9865 §2",
		Why:   "An import is such a walk; what it misses or sees twice becomes wrong data.",
		Fix:   "Keep a unique sort key in the cursor, and continue after it.",
		judge: (*run).judgeCursorWalk,
	},
	{
		ID: "cursor.invalid", Title: "A cursor that the server never made is refused with invalidCursor", Family: filters, Severity: report.Recommended, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2.1 (SHOULD)",
		Why:   "A client whose cursor was cut begins anew without knowing, or never ends; and what can be made up can be abused.",
		Fix:   `Sign cursors, or look them up; where that fails answer 400 with "scimType": "invalidCursor".`,
		judge: (*run).judgeCursorInvalid,
	},
	{
		ID: "cursor.expired", Title: "A cursor is good for as long as cursorTimeout says", Family: filters, Severity: report.Recommended, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2.1 (SHOULD), §4", expensive: true,
		Why:   "A client that takes its time between two pages, as it may, has to begin anew.",
		Fix:   `Keep cursors for cursorTimeout seconds at least; after that answer 400 with "scimType": "expiredCursor".`,
		judge: (*run).judgeCursorExpired,
	},
	{
		ID: "cursor.count-invalid", Title: "No page by cursor holds more than was asked for", Family: filters, Severity: report.Recommended, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2, §2.1",
		Why:   "A client that lowers its count, because the pages were too large, gets them as large as before.",
		Fix:   `Send at most count resources with every page; or answer 400 with "scimType": "invalidCount" where count is another than on the first page.`,
		judge: (*run).judgeCursorCount,
	},
	{
		ID: "cursor.other-query", Title: "A cursor opens nothing that its bearer may not read", Family: filters, Severity: report.RFC, Safety: true, gate: offersCursor,
		Needs: []string{"auth.missing-401", created}, Reference: "RFC 9865 §2, §5",
		Why:   "Cursors lie in logs. Whoever finds one must not read people with it.",
		Fix:   `Check the credentials on every page, as without a cursor. Better still, bind the cursor to its query, and answer 400 with "scimType": "invalidCursor" to another one.`,
		judge: (*run).judgeCursorElsewhere,
	},
	{
		ID: "cursor.total-optional", Title: "totalResults of a page by cursor is an integer, or absent", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2; RFC 7644 §3.4.2",
		Why:   "Parsers stop at a total that is a text.",
		Fix:   "Write totalResults as a number, or leave it out where you cannot know it.",
		judge: (*run).judgeCursorTotal,
	},
	{
		ID: "cursor.default-method", Title: "A list that names no way of paging is paged in the way that is published", Family: filters, Severity: report.RFC, gate: offersCursor,
		Needs: []string{firstByCursor}, Reference: "RFC 9865 §2.4, §4",
		Why:   "A client that goes by defaultPaginationMethod waits for the wrong sign that there is more.",
		Fix:   `Choose one way for requests without cursor and startIndex, and write it into pagination.defaultPaginationMethod: "index" or "cursor".`,
		judge: (*run).judgeDefaultMethod,
	},
	{
		ID: "cursor.only", Title: "Lists can be paged by startIndex", Family: filters, Severity: report.Network | report.Recommended,
		Needs: []string{root}, Reference: "Network rule; RFC 9865 §2.3",
		Why:   "Importing clients page by startIndex, and see the first page only.",
		Fix:   `Support startIndex and count beside cursors, and write "index": true into pagination.`,
		judge: (*run).judgeCursorOnly,
	},
	{
		ID: "cursor.search", Title: "A search by POST can be paged by cursor", Family: filters, Severity: report.Recommended, gate: offersCursor,
		Needs: []string{firstByCursor, searched}, Reference: "RFC 9865 §3",
		Why:   "A search with many matches ends after its first page.",
		Fix:   "Read cursor and count from the body of POST /Users/.search as you read them from the query of GET.",
		judge: (*run).judgeCursorSearch,
	},
	{
		ID: "cursor.not-supported", Title: "A cursor that the server does not know breaks nothing", Family: filters, Severity: report.Recommended,
		Needs: []string{root, created}, Reference: "RFC 7644 §3.4.2; experience",
		Why:   "Clients that prefer cursors try one; an empty list in answer looks like nobody is there.",
		Fix:   "Ignore parameters that you do not know, or answer 400.",
		judge: (*run).judgeCursorUnknown,
	},
}

// byCursor reads a page of users. next is where the page after it begins, "" where there is none.
func (r *run) byCursor(cursor string, count int) (p page, next string, f Finding, bad bool) {
	a := r.get("/Users", "cursor", cursor, "count", itoa(count))
	if f, bad := a.wantObject(http.StatusOK); bad {
		return page{}, "", f, true
	}
	list, ok := a.list()
	if !ok {
		return page{}, "", fails("%s with a cursor answered with an object that is no list: it has neither Resources nor totalResults.", a.request()), true
	}
	return page{a, list}, a.object.String("nextCursor"), Finding{}, false
}

// judgeFirstByCursor knows by the plain list that there is more than one.
func (r *run) judgeFirstByCursor() Finding {
	p, next, f, bad := r.byCursor("", 1)
	if bad {
		return f
	}
	if n := len(p.Resources); n > 1 {
		return fails("GET /Users with an empty cursor and count=1 returned %d users.", n)
	}
	if len(p.Resources) == 0 {
		return fails("There are users, but GET /Users with an empty cursor returned none.")
	}
	if plain, _, bad := r.page(1, 1); next == "" && !bad && plain.TotalResults > 1 {
		return fails("There are %d users; the first page by cursor, with count=1, has no nextCursor.", plain.TotalResults)
	}
	r.cursors = []page{p}
	return passes()
}

// judgeNextUntilEnd walks, in pages small enough for several. A server may end with an empty page, which costs a request.
func (r *run) judgeNextUntilEnd() Finding {
	plain, f, bad := r.page(1, 1)
	if bad {
		return f
	}
	r.cursorCount = min(max(2, (plain.TotalResults+3)/4), 100)
	var walk []page
	cursors, seen := []string{""}, map[string]bool{}
	for len(walk) < maxPages {
		p, next, f, bad := r.byCursor(cursors[len(cursors)-1], r.cursorCount)
		if bad {
			return f
		}
		walk = append(walk, p)
		for _, id := range p.ids() {
			seen[id] = true
		}
		if next == "" {
			r.cursorWalk = walk
			return r.judgeCursorEnd(p, len(walk), len(seen), plain.TotalResults)
		}
		if slices.Contains(cursors, next) {
			return fails("nextCursor of page %d leads back to a page before it.", len(walk))
		}
		cursors = append(cursors, next)
	}
	r.cursorWalk = walk
	if last := walk[len(walk)-1]; len(last.Resources) == 0 {
		return r.judgeEndless(walk, len(seen), plain.TotalResults)
	}
	return passed("The first %d pages have a nextCursor each; the walk ended there.", len(walk))
}

// judgeEndless looks at a walk that ended because the lab had enough of it. A server may show an empty page on its way, for
// example where it filters what it has read; once everybody was shown, there is nothing on the way.
func (r *run) judgeEndless(walk []page, seen, total int) Finding {
	from := len(walk)
	for from > 1 && len(walk[from-2].Resources) == 0 {
		from--
	}
	if seen < total {
		return unproved("Pages %d to %d are empty, and each has a nextCursor; %d of %d users were on the pages before. The walk ended there.", from, len(walk), seen, total)
	}
	return fails("All %d users were on the first %d pages. Pages %d to %d are empty, and each has a nextCursor: the walk never ends.", total, from-1, from, len(walk))
}

func (r *run) judgeCursorEnd(last page, pages, seen, total int) Finding {
	switch {
	case seen < total-1: // somebody else may have removed a user meanwhile
		return fails("Page %d has no nextCursor, which means that it is the last; %d of %d users were on the pages up to it.", pages, seen, total)
	case len(last.Resources) == 0:
		return deviates("The last page, which has no nextCursor, is empty: the page before it need not have had one.")
	}
	return passes()
}

var unescaped = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

func (r *run) judgeCursorCharset() Finding {
	r.cite(r.cursors[0].answer)
	next := r.cursors[0].answer.object.String("nextCursor")
	if next == "" {
		return notApplicable("The server sent no cursor: all users are on one page.")
	}
	if !unescaped.MatchString(next) {
		return fails("nextCursor is %s, which has to be escaped in a URL. Only letters, digits, “-”, “.”, “_” and “~” may be in it.", quote(excerpt(next)))
	}
	return passes()
}

func (r *run) judgeCursorWalk() Finding {
	seen := map[string]int{}
	for n, p := range r.cursorWalk {
		r.cite(p.answer)
		for _, id := range p.ids() {
			if at, twice := seen[id]; twice {
				return fails("The user %s is on page %d and again on page %d.", quote(excerpt(id)), at, 1+n)
			}
			seen[id] = 1 + n
		}
		if len(p.Resources) > r.cursorCount {
			return fails("Page %d holds %d users; %d were asked for.", 1+n, len(p.Resources), r.cursorCount)
		}
	}
	last := r.cursorWalk[len(r.cursorWalk)-1]
	if last.answer.object.String("nextCursor") == "" && seen[r.ada.id] == 0 {
		return fails("Read page by page, the list does not hold the user %s, who is there.", quote(r.ada.name))
	}
	return passes()
}

func (r *run) judgeCursorTotal() Finding {
	r.cite(r.cursors[0].answer)
	if total := r.cursors[0].answer.object.Get("totalResults"); total != nil && !isInteger(total) {
		return fails("totalResults of a page by cursor is %s, not an integer.", shownJSON(total))
	}
	return passes()
}

func (r *run) judgeDefaultMethod() Finding {
	published, method := r.provider.object.String("pagination.defaultPaginationMethod"), ""
	for range 2 {
		a := r.get("/Users", "count", "1")
		if f, bad := a.wantObject(http.StatusOK); bad {
			return f
		}
		now := "index"
		if a.object.String("nextCursor") != "" {
			now = "cursor"
		}
		list, _ := a.list()
		switch {
		case list.TotalResults == len(list.Resources):
			return notApplicable("All users are on one page.")
		case published != "" && now != published:
			return fails("defaultPaginationMethod is %s; a list that names no method is paged by %s.", quote(published), now)
		case published == "" && method != "" && now != method:
			return deviates("The same request was paged by %s once and by %s the next time.", method, now)
		}
		method = now
	}
	return passes()
}

// judgeCursorOnly warns: what breaks for importing clients is page.startindex's finding.
func (r *run) judgeCursorOnly() Finding {
	if r.advertised(offersIndex) {
		return passes()
	}
	a := r.get("/Users", "startIndex", "1", "count", "1")
	if a.err == nil && a.status >= 500 {
		return expect(a, http.StatusOK, http.StatusBadRequest)
	}
	return Finding{Outcome: report.Warn, Message: "ServiceProviderConfig says that lists are not paged by index. Importing clients, this network's too, send startIndex."}
}

func (r *run) judgeCursorSearch() Finding {
	body := map[string]any{"schemas": []string{scim.SchemaSearchRequest}, "cursor": "", "count": 1}
	first := r.search("/Users/.search", body)
	if notOffered(first) {
		return fails("POST /Users/.search with a cursor answered %s.", first.shown())
	}
	if f, bad := first.wantObject(http.StatusOK); bad {
		return f
	}
	next := first.object.String("nextCursor")
	if next == "" && r.cursors[0].answer.object.String("nextCursor") != "" {
		return fails("POST /Users/.search with an empty cursor and count 1 has no nextCursor; GET with the same has one.")
	}
	if next == "" {
		return notApplicable("All users are on one page.")
	}
	body["cursor"] = next
	second := r.search("/Users/.search", body)
	if f, bad := second.wantObject(http.StatusOK); bad {
		return f
	}
	was, is := first.resources(), second.resources()
	if len(was) == 1 && len(is) == 1 && was[0].ID() == is[0].ID() {
		return fails("The second page of the search holds the same user as the first.")
	}
	return passes()
}

func (r *run) judgeCursorUnknown() Finding {
	if r.advertised(offersCursor) {
		return passed("The server knows cursors.")
	}
	a := r.get("/Users", "cursor", "", "count", "2")
	if a.err == nil && (a.status == http.StatusBadRequest || a.status == http.StatusNotImplemented || a.status == http.StatusForbidden) {
		return passed("The server refuses cursors (%s).", a.shown())
	}
	if f, bad := a.wantObject(http.StatusOK); bad {
		f.Message += " The query had an empty cursor, which is not offered."
		return f
	}
	if len(a.resources()) == 0 {
		return fails("An empty cursor, which the server does not offer, was answered with 200 and nobody, though there are users.")
	}
	return passes()
}
