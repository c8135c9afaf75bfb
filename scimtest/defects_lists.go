package scimtest

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/scim"
)

var filterDefects = []Defect{
	{"filter.eq.username", "Finds a user twice, because a join multiplies the rows.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			name, asked := nameAsked(filter)
			if asked && len(found) == 1 && found[0].resource.UserName() == name {
				found = append(slices.Clone(found), found[0])
			}
			return found, err
		})},
	{"filter.eq.username-case", "Compares userName letter by letter.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if name, asked := nameAsked(filter); asked {
				found = slices.DeleteFunc(slices.Clone(found), func(rec *record) bool { return rec.resource.UserName() != name })
			}
			return found, err
		})},
	{"filter.eq.none", "Answers 404 when nobody matches.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if _, asked := nameAsked(filter); err == nil && asked && len(found) == 0 {
				return nil, scim.Refuse(http.StatusNotFound, "", "Nobody matches the filter.")
			}
			return found, err
		})},
	{"filter.eq.really-filters", "Ignores the filter and lists everybody.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			if _, err := sound(filter); err != nil {
				return nil, err
			}
			return all, nil
		})},
	{"filter.attr-name-case", "Knows attributes in one spelling only.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			if hasFold(filter, "userName") && !strings.Contains(filter, "userName") {
				return nil, nil
			}
			return sound(filter)
		})},
	{"filter.eq.special", "Finds nobody whose name has more than letters, digits and the signs of a mail address.",
		finding(userKind, func(_ []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if name, asked := nameAsked(filter); asked && !plainName.MatchString(name) {
				found = nil
			}
			return found, err
		})},
	{"filter.eq.emails-value", "Breaks down, and the connection with it, when a filter compares e-mail addresses.",
		serving(onFilter, func(x *exchange, sound func() answer) answer {
			if filter := x.query.Get("filter"); hasFold(filter, "emails") && !strings.Contains(filter, "[") {
				return answer{hangUp: true}
			}
			return sound()
		})},
	{"filter.injection", "Pastes the value into its query, so that a quote in it changes what is asked.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			if value, _ := nameAsked(filter); injected.MatchString(value) {
				return all, nil
			}
			return sound(filter)
		})},
	{"filter.syntax-error", "Ignores a filter that it cannot read and lists everybody.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if err != nil && !unknownOperator(err) && !strings.Contains(err.Error(), "cannot be asked") {
				return all, nil
			}
			return found, err
		})},
	{"filter.unknown-operator", "Ignores a filter whose operator it does not know and lists everybody.",
		finding(userKind, func(all []*record, filter string, sound finder) ([]*record, error) {
			found, err := sound(filter)
			if unknownOperator(err) {
				return all, nil
			}
			return found, err
		})},
	{"filter.count-interplay", "Counts the page instead of the matches when a filter is there.",
		reshaping(onFilter, func(_ *exchange, body scim.Resource) { body["totalResults"] = len(resourcesOf(body)) })},
}

var pageDefects = []Defect{
	{"page.count", "Ignores count and sends everything.",
		windowing(func(_ *exchange, w window, _ int) (window, error) {
			if w.count > 0 {
				w.count = maxResults
			}
			return w, nil
		})},
	{"page.startindex", "Counts startIndex from 0, so that each further page skips a user.",
		windowing(func(_ *exchange, w window, _ int) (window, error) {
			if w.start > 1 {
				w.start++
			}
			return w, nil
		})},
	{"page.startindex-lt1", "Refuses a startIndex below 1.",
		windowing(func(x *exchange, w window, _ int) (window, error) {
			if n, err := number(x.query, "startIndex", 1); err == nil && n < 1 {
				return w, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "The startIndex must be 1 or more.")
			}
			return w, nil
		})},
	{"page.count-zero", "Takes count=0 for no count.",
		windowing(func(_ *exchange, w window, _ int) (window, error) {
			if w.count == 0 {
				w.count = defaultCount
			}
			return w, nil
		})},
	{"page.beyond-end", "Refuses a startIndex after the last user.",
		windowing(func(_ *exchange, w window, total int) (window, error) {
			if w.start > max(total, 1) {
				return w, scim.Refuse(http.StatusBadRequest, scim.InvalidValue, "There is no such page.")
			}
			return w, nil
		})},
	{"page.itemsperpage", "Repeats in itemsPerPage what was asked for instead of counting the page.",
		reshaping(onPages, func(x *exchange, body scim.Resource) {
			if n, err := number(x.query, "count", defaultCount); err == nil {
				body["itemsPerPage"] = n
			}
		})},
	{"page.total-stable", "Counts in totalResults what is left from this page on.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			page := pageOf(body)
			if page.StartIndex <= page.TotalResults {
				body["totalResults"] = page.TotalResults - page.StartIndex + 1
			}
		})},
	{"page.walk-complete", "Never sends the last user when he is not on the first page.",
		reshaping(onPages, func(_ *exchange, body scim.Resource) {
			page := pageOf(body)
			n := len(page.Resources)
			if page.StartIndex > 1 && n > 0 && page.StartIndex-1+n == page.TotalResults {
				body["Resources"] = body["Resources"].([]any)[:n-1]
				body["itemsPerPage"] = n - 1
			}
		})},
	{"proj.attributes", "Ignores attributes and sends everything.", ignoring("attributes")},
	{"proj.excluded", "Ignores excludedAttributes and sends everything.", ignoring("excludedAttributes")},
}

var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9@._-]*$`)
	injected  = regexp.MustCompile(`(?i)["'] *(or|\|\|) |\*\)\(|["'] *; *(drop|delete)|["'] *(--|#)`)
)

// nameAsked returns the userName that a filter asks for.
func nameAsked(filter string) (string, bool) {
	f, err := scim.ParseFilter(filter)
	if err != nil {
		return "", false
	}
	return f.Equality("userName")
}

func unknownOperator(err error) bool {
	return err != nil && strings.Contains(err.Error(), "is no operator")
}

func hasFold(text, part string) bool { return strings.Contains(scim.Fold(text), scim.Fold(part)) }

func pageOf(body scim.Resource) scim.ListResponse {
	number := func(name string) int { n, _ := strconv.Atoi(body.String(name)); return n } // another defect may have made it a text
	return scim.ListResponse{
		TotalResults: number("totalResults"), StartIndex: number("startIndex"), ItemsPerPage: number("itemsPerPage"),
		Resources: resourcesOf(body),
	}
}

// ignoring takes a parameter out of the reading of users.
func ignoring(parameter string) func(*Server, *steps) {
	return serving(on(userKind, list, get), func(x *exchange, sound func() answer) answer {
		x.query.Del(parameter)
		return sound()
	})
}
