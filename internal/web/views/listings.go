package views

import (
	"net/url"
	"time"

	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// ListingsPage is every listing, for the network's team.
type ListingsPage struct {
	Page
	Lines   []registry.ListingLine
	Waiting []RequestLine
}

// RequestLine is something about a listing that waits for somebody's word.
type RequestLine struct {
	registry.ListingRequest
	Name, Vendor, Slug string // of the listing
	Title              string
	Code               string // the reason's code in words, "" for none
	Mine               bool   // this reader asked for it
	MayConfirm         bool   // this reader may be the second person
}

// ManagedPage is one listing with what the team can do about it.
type ManagedPage struct {
	Page
	File       registry.ListingFile
	Ending     *Ending
	Waiting    []RequestLine
	Actions    map[registry.Action]bool // what this reader may do now
	Codes      []manifest.Option        // reasons for a removal
	Successors []manifest.Option        // what can replace it
	Events     []EventLine
	Typed      url.Values // what was typed and refused, or what the vendor asked for
	Problem    *Problem
}

// Ending is what everybody who meets a listing should know of its end.
type Ending struct {
	State                        registry.State
	Vendor, Reason               string
	Date                         time.Time // of its retirement
	SuccessorName, SuccessorSlug string    // what replaces it, "" for nothing
}

// GoodbyePage is where a vendor asks for a removal, or announces a retirement.
type GoodbyePage struct {
	Page
	Listing    registry.Listing
	Action     string // where the form goes
	Retire     bool
	Link       string // of the listing in the catalog
	Successors []manifest.Option
	Typed      url.Values
	Problem    *Problem
}

func goodbyeTitle(p GoodbyePage) string {
	if p.Retire {
		return "Announce the retirement of " + p.Listing.Name()
	}
	return "Ask for removal of " + p.Listing.Name()
}

func listingColor(s registry.State) string {
	switch s {
	case registry.Listed:
		return "bg-green-lt"
	case registry.Deprecated:
		return "bg-orange-lt"
	case registry.Revoked:
		return "bg-red-lt"
	}
	return "bg-secondary-lt"
}
