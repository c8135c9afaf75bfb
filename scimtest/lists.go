package scimtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/scim"
)

const (
	defaultCount = 100  // resources of a page when the client names no count
	maxResults   = 1000 // resources of a page at most; filter.maxResults says so
)

// window is the part of a list that a page shows.
type window struct {
	start int // 1-based
	count int
}

func (s *Server) list(x *exchange) (answer, error) {
	found, err := s.steps.find(x, x.query.Get("filter"))
	if err != nil {
		return answer{}, err
	}
	found = sorted(found, x.query.Get("sortBy"), x.query.Get("sortOrder"))
	if x.query.Has("cursor") {
		return s.listFrom(x, found)
	}
	w, err := s.steps.window(x, len(found))
	if err != nil {
		return answer{}, err
	}
	page := scim.ListResponse{TotalResults: len(found), StartIndex: w.start, Resources: []scim.Resource{}}
	from := min(w.start-1, len(found))
	for _, rec := range found[from:min(from+w.count, len(found))] {
		page.Resources = append(page.Resources, s.show(x, rec))
	}
	page.ItemsPerPage = len(page.Resources)
	return answered(http.StatusOK, page), nil
}

// search takes the parameters from the body (RFC 7644 §3.4.3); without a kind it looks at everything.
func (s *Server) search(x *exchange) (answer, error) {
	body, err := objectOf(x)
	if err != nil {
		return answer{}, err
	}
	if !body.HasSchema(scim.SchemaSearchRequest) {
		return answer{}, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The attribute schemas must hold %s.", scim.SchemaSearchRequest)
	}
	x.query = url.Values{}
	for _, name := range []string{"filter", "sortBy", "sortOrder", "startIndex", "count", "cursor"} {
		if _, told := keyOf(body, name); told {
			x.query.Set(name, body.String(name))
		}
	}
	for _, name := range []string{"attributes", "excludedAttributes"} {
		var texts []string
		list, _ := body.Get(name).([]any)
		for _, element := range list {
			if text, ok := element.(string); ok {
				texts = append(texts, text)
			}
		}
		x.query.Set(name, strings.Join(texts, ","))
	}
	return s.list(x)
}

// find is the sound way of filtering. Its result belongs to the store and is not to be changed.
func (s *Server) find(x *exchange, text string) ([]*record, error) {
	var filter scim.Filter
	if text != "" || x.query.Has("filter") {
		var err error
		if filter, err = scim.ParseFilter(text); err != nil {
			return nil, err
		}
		if filter, err = s.spelled(filter); err != nil {
			return nil, err
		}
	}
	return s.matching(x, filter, filter.Match), nil
}

// matching returns the records that match, in the order of their creation. They are looked at as a client sees
// them, so that a filter may ask for a user's groups.
func (s *Server) matching(x *exchange, filter scim.Filter, match func(scim.Resource) bool) []*record {
	if filter.String() == "" && x.route.kind != nil {
		return s.collection(x.route.kind).order
	}
	var found []*record
	for _, k := range kinds {
		if x.route.kind != nil && x.route.kind != k {
			continue
		}
		for _, rec := range s.collection(k).candidates(filter) {
			if match(s.render(rec, x.base)) {
				found = append(found, rec)
			}
		}
	}
	return found
}

// pageWindow is the sound reading of startIndex and count (RFC 7644 table 6): too small counts as the smallest,
// too large as the largest.
func pageWindow(x *exchange, _ int) (window, error) {
	start, err := number(x.query, "startIndex", 1)
	if err != nil {
		return window{}, err
	}
	count, err := number(x.query, "count", defaultCount)
	if err != nil {
		return window{}, err
	}
	return window{max(start, 1), min(max(count, 0), maxResults)}, nil
}

func number(query url.Values, name string, otherwise int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The parameter %s must be an integer.", name)
	}
	return n, nil
}

// sorted orders by an attribute (RFC 7644 §3.4.2.3): texts without case unless the attribute is caseExact, who has no
// value last, and of a list by the primary value. Equal ones stay in the order of their creation.
func sorted(found []*record, by, order string) []*record {
	if by == "" {
		return found
	}
	found = slices.Clone(found)
	sign := 1
	if strings.EqualFold(order, "descending") {
		sign = -1
	}
	key := func(rec *record) string { return scim.Fold(sortText(rec.resource, by)) }
	if scim.AttributeAt(by).CaseExact {
		key = func(rec *record) string { return sortText(rec.resource, by) }
	}
	slices.SortStableFunc(found, func(a, b *record) int {
		x, y := key(a), key(b)
		switch {
		case x == y:
			return 0
		case x == "":
			return sign
		case y == "":
			return -sign
		}
		return sign * strings.Compare(x, y)
	})
	return found
}

// sortText is the attribute's text; a complex attribute is sorted by its "value".
func sortText(r scim.Resource, by string) string {
	if text := r.String(by); text != "" {
		return text
	}
	return r.String(by + ".value")
}
