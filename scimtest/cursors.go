package scimtest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"slipway/internal/scim"
)

// cursorTimeout is how long a cursor is good for (RFC 9865 §4), unless WithCursorTimeout says otherwise.
const cursorTimeout = 10 * time.Minute

// cursor is a place in a list (RFC 9865 §2), bound to the query that it continues and to who asked. It goes out sealed, so
// that nobody else can make one; nothing is stored.
type cursor struct {
	After   string `json:"a"` // id of the last resource that was shown
	Seq     int64  `json:"s"` // its place among the resources of its kind
	Offset  int    `json:"o"` // where the next one stood
	Count   int    `json:"n"` // resources of a page
	Query   string `json:"q"`
	Who     int    `json:"w"`
	Expires int64  `json:"e"` // Unix milliseconds
}

func newSealingKey() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key
}

// seal writes a cursor in characters that need no escaping in a URL.
func (s *Server) seal(c cursor) string {
	text, _ := json.Marshal(c) // numbers and a text
	return base64.RawURLEncoding.EncodeToString(append(s.signature(text), text...))
}

func (s *Server) signature(text []byte) []byte {
	mac := hmac.New(sha256.New, s.sealing)
	mac.Write(text)
	return mac.Sum(nil)
}

// open is seal backwards. What we did not seal is a 400 invalidCursor.
func (s *Server) open(sealed string) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < sha256.Size || !hmac.Equal(raw[:sha256.Size], s.signature(raw[sha256.Size:])) {
		return cursor{}, invalidCursor()
	}
	return c, json.Unmarshal(raw[sha256.Size:], &c)
}

func invalidCursor() *scim.Error {
	return scim.Refuse(http.StatusBadRequest, "invalidCursor", "The cursor is not one of this query. Begin with an empty one.")
}

func expiredCursor() *scim.Error {
	return scim.Refuse(http.StatusBadRequest, "expiredCursor", "The cursor has expired. Begin with an empty one.")
}

// resume is the sound way of letting a cursor in: to who got it, for the query that it continues, and in time.
func (s *Server) resume(x *exchange, c cursor) error {
	switch count, err := pageCount(x); {
	case err != nil:
		return err
	case c.Who != s.principal(x.r.Header) || c.Query != fingerprint(x):
		return invalidCursor()
	case s.now().UnixMilli() > c.Expires:
		return expiredCursor()
	case x.query.Has("count") && count != c.Count:
		return scim.Refuse(http.StatusBadRequest, "invalidCount", "The count of a query stays the same on all pages.")
	}
	return nil
}

// fingerprint is what a cursor remembers of its query.
func fingerprint(x *exchange) string {
	parts := []string{strings.ToLower(strings.TrimSuffix(strings.Trim(x.path, "/"), "/.search"))}
	for _, name := range []string{"filter", "sortBy", "sortOrder"} {
		parts = append(parts, x.query.Get(name))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// principal tells apart who may come in.
func (s *Server) principal(header http.Header) int {
	return slices.IndexFunc(s.credentials, func(c credential) bool { return c.judge(header) == welcome })
}

func pageCount(x *exchange) (int, error) {
	count, err := number(x.query, "count", defaultCount)
	return min(max(count, 0), maxResults), err
}

// listFrom shows the page of the found that the cursor leads to; an empty one leads to the first.
func (s *Server) listFrom(x *exchange, found []*record) (answer, error) {
	from, count, err := s.placeIn(x, found)
	if err != nil {
		return answer{}, err
	}
	end := min(from+count, len(found))
	shown := []any{}
	for _, rec := range found[from:end] {
		shown = append(shown, s.show(x, rec))
	}
	page := scim.Resource{"schemas": []any{scim.SchemaListResponse}, "totalResults": len(found), "itemsPerPage": len(shown), "Resources": shown}
	if end < len(found) && end > from {
		page["nextCursor"] = s.seal(cursor{
			After: found[end-1].id(), Seq: found[end-1].seq, Offset: end, Count: count, Query: fingerprint(x),
			Who: s.principal(x.r.Header), Expires: s.now().Add(s.cursorTimeout).UnixMilli(),
		})
	}
	return answered(http.StatusOK, page), nil
}

// placeIn finds where the page begins: after the last one that was shown. If that one is gone, after where it would be in
// the order of creation; in any other order where it stood.
func (s *Server) placeIn(x *exchange, found []*record) (from, count int, err error) {
	if count, err = pageCount(x); err != nil || x.query.Get("cursor") == "" {
		return 0, count, err
	}
	c, err := s.open(x.query.Get("cursor"))
	if err == nil {
		err = s.steps.resume(x, c)
	}
	if err != nil {
		return 0, 0, err
	}
	if at := slices.IndexFunc(found, func(rec *record) bool { return rec.id() == c.After }); at >= 0 {
		return at + 1, c.Count, nil
	}
	if x.route.kind != nil && x.query.Get("sortBy") == "" {
		from, _ = slices.BinarySearchFunc(found, &record{seq: c.Seq}, bySeq)
		return from, c.Count, nil
	}
	return min(max(c.Offset-1, 0), len(found)), c.Count, nil
}
