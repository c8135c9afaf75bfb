package scimtest

import (
	"slices"
	"strings"
	"sync/atomic"

	"slipway/internal/scim"
)

var limitDefects = []Defect{
	{"page.count-negative", "Takes a negative count for no count.",
		windowing(func(x *exchange, w window, _ int) (window, error) {
			if n, err := number(x.query, "count", 0); err == nil && n < 0 {
				w.count = defaultCount
			}
			return w, nil
		})},
	{"page.count-huge", "Repeats a huge count in itemsPerPage.",
		reshaping(onPages, func(x *exchange, body scim.Resource) {
			if n, err := number(x.query, "count", 0); err == nil && n > maxResults {
				body["itemsPerPage"] = n
			}
		})},
	{"page.non-numeric", "Takes a count that is no number for 0.",
		serving(onPages, func(x *exchange, sound func() answer) answer {
			if _, err := number(x.query, "count", 0); err != nil {
				x.query.Set("count", "0")
			}
			return sound()
		})},
	{"page.startindex-echo", "Writes startIndex 1 on every page.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) { body["startIndex"] = 1 })},
	{"page.default-size", "Without a count sends two users, from the first on.",
		windowing(func(x *exchange, w window, _ int) (window, error) {
			if !x.query.Has("count") {
				w = window{1, 2}
			}
			return w, nil
		})},
	{"page.order-stable", "Lists a page that holds everybody in the order in which they happen to be found.", shuffling()},
	{"page.filter+page", "Cuts the page before it filters, so that only the first has anybody.",
		reshaping(onFilter, func(_ *exchange, body scim.Resource) {
			if pageOf(body).StartIndex > 1 {
				body["Resources"], body["itemsPerPage"] = []any{}, 0
			}
		})},
	{"page.under-change", "Loses its place when somebody is deleted, and lists nobody any more.", losingItsPlace()},
}

// shuffling turns every second such page around.
func shuffling() func(*Server, *steps) {
	var asked atomic.Int64
	return reshaping(onPages, func(x *exchange, body scim.Resource) {
		page := pageOf(body)
		if n, err := number(x.query, "count", 0); err == nil && n == 10 && !x.query.Has("sortBy") && page.StartIndex == 1 && asked.Add(1)%2 == 0 {
			list := slices.Clone(body["Resources"].([]any))
			slices.Reverse(list)
			body["Resources"] = list
		}
	})
}

// losingItsPlace remembers how many there were on the first page.
func losingItsPlace() func(*Server, *steps) {
	var before atomic.Int64
	return reshaping(onPages, func(_ *exchange, body scim.Resource) {
		page := pageOf(body)
		if page.StartIndex <= 1 {
			before.Store(int64(page.TotalResults))
		} else if int64(page.TotalResults) < before.Load() {
			body["Resources"], body["itemsPerPage"] = []any{}, 0
		}
	})
}

var projectionDefects = []Defect{
	{"proj.sub", "Knows no sub-attributes in attributes, and leaves them out.",
		asking(on(userKind, list, get), func(name string) bool { return strings.Contains(name, ".") && !strings.Contains(name, ":") })},
	{"proj.excluded-members", "Sends the members of a group also where they are excluded.",
		serving(on(groupKind, list, get), func(x *exchange, sound func() answer) answer {
			x.query.Del("excludedAttributes")
			return sound()
		})},
	{"proj.both", "Drops attributes and excludedAttributes where both are there.",
		serving(on(userKind, list, get), func(x *exchange, sound func() answer) answer {
			if x.query.Has("attributes") && x.query.Has("excludedAttributes") {
				x.query.Del("attributes")
				x.query.Del("excludedAttributes")
			}
			return sound()
		})},
	{"proj.urn", "Knows no names with a schema in front, and leaves them out.",
		asking(on(userKind, list, get), func(name string) bool { return strings.Contains(name, ":") })},
	{"proj.on-writes", "Answers PUT and PATCH with everything, whatever attributes says.",
		serving(on(userKind, replace, patch), func(x *exchange, sound func() answer) answer {
			x.query.Del("attributes")
			return sound()
		})},
}

// asking takes some of the names out of attributes.
func asking(concerned when, drop func(name string) bool) func(*Server, *steps) {
	return serving(concerned, func(x *exchange, sound func() answer) answer {
		if asked := names(x.query.Get("attributes")); slices.ContainsFunc(asked, drop) {
			x.query.Set("attributes", strings.Join(append(slices.DeleteFunc(asked, drop), "id"), ","))
		}
		return sound()
	})
}
