package scimtest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"slipway/internal/scim"
)

// version is the weak entity tag of a resource (RFC 7644 §3.14): the same for as long as a client sees the same.
func (s *Server) version(rec *record) string {
	text, err := json.Marshal(s.render(rec, ""))
	if err != nil {
		panic(fmt.Sprintf("scimtest: tag %s: %v", rec.id(), err)) // it holds decoded JSON only
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf(`W/"%x"`, sum[:8])
}

// shown answers with a record and its entity tag.
func (s *Server) shown(x *exchange, status int, rec *record) answer {
	a := answered(status, s.show(x, rec))
	a.header.Set("ETag", s.version(rec))
	return a
}

// unmet returns the 412 of a write whose precondition does not hold (RFC 9110 §13.1). SCIM's tags may be weak, so
// they are compared weakly, also in If-Match.
func (s *Server) unmet(x *exchange, rec *record) error {
	tag := s.version(rec)
	if wanted := x.r.Header.Get("If-Match"); wanted != "" && !tagIn(wanted, tag) {
		return scim.Refuse(http.StatusPreconditionFailed, "", "The resource has changed: its version is %s.", tag)
	}
	if other := x.r.Header.Get("If-None-Match"); other != "" && tagIn(other, tag) {
		return scim.Refuse(http.StatusPreconditionFailed, "", "The resource still has the version %s.", tag)
	}
	return nil
}

// unchanged reports that the client has already what it asks for, and returns the 304 that says so.
func (s *Server) unchanged(x *exchange, rec *record) (answer, bool) {
	tag := s.version(rec)
	if known := x.r.Header.Get("If-None-Match"); known == "" || !tagIn(known, tag) {
		return answer{}, false
	}
	a := answer{status: http.StatusNotModified, header: http.Header{}}
	a.header.Set("ETag", tag)
	return a, true
}

// tagIn reports whether a list of entity tags, or "*", holds the tag.
func tagIn(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
