package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/manifest"
	"slipway/internal/registry"
	"slipway/internal/web/views"
)

// listCatalog handles GET /catalog: everybody's search over what is published.
func (s *Server) listCatalog(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	query := registry.CatalogQuery{Text: strings.TrimSpace(q.Get("search")), UseCase: q.Get("use_case"), Feature: q.Get("feature")}
	listings, err := s.Registry.Catalog(r.Context(), query)
	if err != nil {
		return err
	}
	useCases, _ := manifest.Find("useCases")
	features, _ := manifest.Find("scim.features")
	return s.render(w, r, views.Catalog(views.CatalogPage{
		Page: s.page(r, "Catalog"), Query: query, Listings: listings, UseCases: useCases.Options, Features: features.Options,
		Searched: query != registry.CatalogQuery{},
	}))
}

// showListing handles GET /catalog/{slug}.
func (s *Server) showListing(w http.ResponseWriter, r *http.Request) error {
	listing, err := s.Registry.CatalogEntry(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	page := listingPage(listing)
	page.Page, page.Back, page.BackText = s.page(r, listing.Name()), "/catalog", "Catalog"
	if who := actor(r); !who.SignedIn() || access.Can(who, access.Install) {
		page.InstallTo = "/catalog/" + listing.Slug + "/install"
	}
	if page.Ending, err = s.ending(r.Context(), listing); err != nil {
		return err
	}
	return s.render(w, r, views.Listing(page))
}

// listingPage gathers what a listing's page shows from its public part.
func listingPage(l registry.Listing) views.ListingPage {
	page := views.ListingPage{Listing: l, LogoURL: views.ListingLogo(l), GuideURL: l.Public.Text("scim.guideUrl")}
	if field, ok := manifest.Find("scim.auth.mode"); ok {
		option, _ := field.Option(l.Public.Text("scim.auth.mode"))
		page.AuthLabel = option.Label
	}
	for _, row := range l.Public.Rows("supportContacts") {
		page.Contacts = append(page.Contacts, contact(row["type"], row["value"]))
	}
	return page
}

// contact makes a link of a support contact; the view lets no dangerous scheme through.
func contact(kind, value string) views.Contact {
	switch kind {
	case "email":
		return views.Contact{Kind: "E-mail", Text: value, Link: "mailto:" + value}
	case "phone":
		return views.Contact{Kind: "Phone", Text: value, Link: "tel:" + strings.ReplaceAll(value, " ", "")}
	}
	return views.Contact{Kind: "Web", Text: value, Link: value}
}

// showListingLogo handles GET /catalog/{slug}/logo.
func (s *Server) showListingLogo(w http.ResponseWriter, r *http.Request) error {
	logo, err := s.Registry.ListingLogo(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return serveLogo(w, r, logo)
}

// showReleaseLogo handles GET /releases/{id}/logo: the icon of the version that an installation uses.
func (s *Server) showReleaseLogo(w http.ResponseWriter, r *http.Request) error {
	logo, err := s.Registry.ReleaseLogo(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return serveLogo(w, r, logo)
}

// showSubmissionLogo handles GET /submissions/{id}/logo.
func (s *Server) showSubmissionLogo(w http.ResponseWriter, r *http.Request) error {
	logo, err := s.Registry.Logo(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return serveLogo(w, r, logo)
}

// serveLogo writes an image that was decoded and encoded again when it was uploaded. The policy makes it an image
// to the browser, whatever its bytes say.
func serveLogo(w http.ResponseWriter, r *http.Request, logo manifest.Logo) error {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(logo.Served))
	return nil
}
