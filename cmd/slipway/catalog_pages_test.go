package main

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"testing"

	"slipway/internal/manifest"
)

// shelf is a catalog of two listings that differ in protocol version and use case.
func (s *site) shelf(t *testing.T) {
	t.Helper()
	d := s.desk(t)
	d.publish(d.draft(whole("Harbor HR")))
	d.publish(d.draft(whole("Pier One").With("scim.version", "1.1").With("useCases", []string{manifest.LifecycleManagement, "zero_trust"})))
}

// cards returns the names on the catalog's cards.
func cards(page element) []string {
	var names []string
	for _, card := range page.all("article", "") {
		for _, link := range card.all("a", "") {
			names = append(names, link.text())
		}
	}
	slices.Sort(names)
	return names
}

// An address of the catalog carries the search: the box shows the words, the filters stand as they were chosen, and only
// what matches is listed.
//
func TestAnAddressCarriesTheSearch(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	s.shelf(t)
	visitor := s.client(t)
	for _, tt := range []struct {
		name, path, words, useCase string
		found                      []string
	}{
		{"no search", "/catalog", "", "All", []string{"Harbor HR", "Pier One"}},
		{"words", "/catalog?search=SCIM%201.1", "SCIM 1.1", "All", []string{"Pier One"}},
		{"words that both have", "/catalog?search=crew", "crew", "All", []string{"Harbor HR", "Pier One"}},
		{"words that nobody has", "/catalog?search=%22%3Eaccounting", `">accounting`, "All", nil},
		{"a use case", "/catalog?use_case=zero_trust", "", "Zero Trust", []string{"Pier One"}},
		{"a use case that both have", "/catalog?use_case=lifecycle_management", "", "Lifecycle Management", []string{"Harbor HR", "Pier One"}},
		{"words and a use case that do not meet", "/catalog?search=hr&use_case=zero_trust", "hr", "Zero Trust", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := visitor.read(tt.path)
			if shows := page.only(t, "form", "Search").anchor("search").attr("value"); shows != tt.words {
				t.Errorf("the box shows %q, want %q", shows, tt.words)
			}
			chosen := "All"
			for _, option := range page.anchor("use-case").all("option", "") {
				if option.has("selected") {
					chosen = option.text()
				}
			}
			if chosen != tt.useCase {
				t.Errorf("the use case %q is chosen, want %q", chosen, tt.useCase)
			}
			if got := cards(page); !slices.Equal(got, tt.found) {
				t.Errorf("found %q, want %q", got, tt.found)
			}
			if tt.found == nil && !strings.Contains(page.text(), "Nothing matches") {
				t.Errorf("it does not say that nothing matches: %s", page.text())
			}
		})
	}
	badge := visitor.read("/catalog/pier-one").only(t, "a", "Zero Trust")
	if got := cards(visitor.read(badge.attr("href"))); !slices.Equal(got, []string{"Pier One"}) {
		t.Errorf("the listing's own use case leads to %q", got)
	}
}

// The icon stands on the card and on the listing's page, with the app's name as its text, and it can be seen.
//
func TestTheIconStandsBesideItsListing(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	s.shelf(t)
	visitor := s.client(t)
	catalog := visitor.read("/catalog")
	for name, path := range map[string]string{"Harbor HR": "/catalog/harbor-hr", "Pier One": "/catalog/pier-one"} {
		for place, part := range map[string]element{"card": catalog.only(t, "article", name), "page": visitor.read(path)} {
			icon := part.only(t, "img", "")
			if icon.attr("alt") != name {
				t.Errorf("the icon on the %s of %s is called %q", place, name, icon.attr("alt"))
			}
			if !strings.HasPrefix(icon.attr("src"), path+"/logo") {
				t.Errorf("the icon on the %s of %s comes from %q", place, name, icon.attr("src"))
			}
			if _, err := png.Decode(bytes.NewReader([]byte(visitor.get(icon.attr("src")).Body))); err != nil {
				t.Errorf("the icon on the %s of %s: %v", place, name, err)
			}
		}
	}
}
