package views

import (
	"slipway/internal/manifest"
	"slipway/internal/provision"
	"slipway/internal/registry"
)

// CatalogPage is the public catalog, searched and filtered.
type CatalogPage struct {
	Page
	Query    registry.CatalogQuery
	UseCases []manifest.Option
	Features []manifest.Option
	Listings []registry.Listing
	Searched bool // a word or a filter narrowed the list
}

// ListingPage is one integration as everybody sees it.
type ListingPage struct {
	Page
	Listing   registry.Listing
	LogoURL   string
	Preview   bool   // it is not published: the vendor sees what customers would
	InstallTo string // where "Install" leads; "" where this reader cannot install
	Back      string
	BackText  string
	Contacts  []Contact
	AuthLabel string
	GuideURL  string
	Ending    *Ending // that it is being retired
}

// Contact is one public support contact.
type Contact struct{ Kind, Text, Link string }

// ListingLogo is where a published icon is served from; "" where there is none. The version in it lets browsers keep
// an icon for as long as it is the same.
func ListingLogo(l registry.Listing) string {
	return logoURL("/catalog/"+l.Slug, l.LogoHash())
}

// ReleaseLogo is where the icon of a version that is or was published is served from.
func ReleaseLogo(v provision.Version) string {
	return logoURL("/releases/"+v.SubmissionID, v.Content.Text("logo"))
}

// SubmissionLogo is where a submission's icon is served from, to those who may see the submission.
func SubmissionLogo(s registry.Submission) string {
	return logoURL("/submissions/"+s.ID, s.LogoHash())
}

func logoURL(path, hash string) string {
	if hash == "" {
		return ""
	}
	return path + "/logo?v=" + hash[:min(len(hash), 12)]
}
